%% @doc `retire': marks a release as one that nobody should use.
-module(hexide_cmd_retire).

-export([run/2]).

-define(REASONS, [<<"other">>, <<"invalid">>, <<"security">>, <<"deprecated">>, <<"renamed">>]).

%% @doc Answers `#{name, version, retired => boolean(), reason, message}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{unretire := true, args := [Name, Version]}) ->
    change(Context, fun(Config) -> hexide_release:unretire(Config, Name, Version) end,
           #{name => Name, version => Version, retired => false, reason => undefined, message => undefined});
run(Context, #{args := [Name, Version, Reason]} = Options) ->
    Message = maps:get(message, Options, undefined),
    case {lists:member(Reason, ?REASONS), fitting(Message)} of
        {true, true} ->
            change(Context, fun(Config) -> hexide_release:retire(Config, Name, Version, Reason, Message) end,
                   #{name => Name, version => Version, retired => true, reason => Reason, message => Message});
        {false, _} ->
            Hint = case hexide_text:nearest(Reason, ?REASONS) of
                       {ok, Near} -> ["; did you mean `", Near, "`?"];
                       error -> ["; use one of ", lists:join(", ", ?REASONS)]
                   end,
            {error, hexide_failure:usage(<<"retire">>, ["`", Reason, "` is no reason", Hint])};
        {_, false} ->
            {error, hexide_failure:usage(<<"retire">>, "the message must have 3 to 140 characters")}
    end;
run(_, _) ->
    {error, hexide_failure:usage(<<"retire">>, "retire needs a package, a version and a reason; or a package, a "
                                               "version and --unretire")}.

fitting(undefined) -> true;
fitting(Message) ->
    Length = string:length(Message),
    Length >= 3 andalso Length =< 140.

change(Context, Change, Answer) ->
    case hexide_session:call(Context, Change) of
        ok -> {ok, Answer};
        {error, _} = Error -> Error
    end.
