%% @doc `help': the table of commands, or one of them.
-module(hexide_cmd_help).

-export([run/2]).

%% @doc Answers `#{commands => [#{name, summary}], exit_codes => [#{code, means}]}' or `#{command => #{name, summary, forms,
%% options, notes, examples}}'.
-spec run(hexide_context:context() | #{}, hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := []}) ->
    {ok, #{commands => [maps:with([name, summary], Command) || Command <- commands(Context)],
           exit_codes => hexide_failure:exit_codes()}};
run(Context, #{args := [Name | _]}) ->
    Commands = commands(Context),
    case [Command || #{name := Each} = Command <- Commands, Each =:= Name] of
        [Command] -> {ok, #{command => described(Command)}};
        [] ->
            Names = [Each || #{name := Each} <- Commands],
            {error, hexide_failure:usage(undefined, case hexide_text:nearest(Name, Names) of
                                                        {ok, Near} ->
                                                            ["there is no command `", Name, "`; did you mean `", Near,
                                                             "`?"];
                                                        error -> ["there is no command `", Name, "`"]
                                                    end)}
    end.

%% The door may have fewer, and say other things of them.
commands(#{commands := Commands}) -> Commands;
commands(_) -> hexide_command:all().

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
