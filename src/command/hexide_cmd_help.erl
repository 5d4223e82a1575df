%% @doc `help': the table of commands, or one of them.
-module(hexide_cmd_help).

-export([run/2]).

%% @doc Answers `#{commands => [#{name, summary}], exit_codes => [#{code, means}]}' or `#{command => #{name, summary, forms,
%% options, notes, examples}}'.
-spec run(hexide_context:context() | #{}, hexide_command:options()) -> hexide_command:outcome().
run(_, #{args := []}) ->
    {ok, #{commands => [maps:with([name, summary], Command) || Command <- hexide_command:all()],
           exit_codes => hexide_failure:exit_codes()}};
run(_, #{args := [Name | _]}) ->
    case hexide_command:find(Name) of
        {ok, Command} -> {ok, #{command => described(Command)}};
        error ->
            {error, hexide_failure:usage(undefined, case hexide_text:nearest(Name, hexide_command:names()) of
                                                        {ok, Near} ->
                                                            ["there is no command `", Name, "`; did you mean `", Near,
                                                             "`?"];
                                                        error -> ["there is no command `", Name, "`"]
                                                    end)}
    end.

described(#{forms := Forms, examples := Examples} = Command) ->
    Options = [option(Option) || Option <- hexide_command:options(Command)],
    (maps:with([name, summary], Command))#{forms => Forms, examples => Examples, options => Options,
                                           notes => maps:get(notes, Command, [])}.

option(#{long := Long, help := Help} = Option) ->
    #{long => Long, help => Help, value => maps:get(value, Option, undefined),
      short => case Option of
                   #{short := Short} -> <<Short/utf8>>;
                   #{} -> undefined
               end}.
