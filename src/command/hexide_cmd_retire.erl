%% @doc `retire': marks a release as one that nobody should use.
-module(hexide_cmd_retire).

-export([run/2]).

-define(REASONS, [<<"other">>, <<"invalid">>, <<"security">>, <<"deprecated">>, <<"renamed">>]).

%% @doc Answers `#{name, version, retired => boolean(), reason, message}'; `version' is `all' where every
%% release of the package was retired.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(_, #{unretire := true, all := true}) ->
    {error, hexide_failure:usage(<<"retire">>, "--unretire takes the mark from one version, not from --all")};
run(Context, #{unretire := true, args := [Name, Version]}) ->
    change(Context, fun(Config) -> hexide_release:unretire(Config, Name, Version) end,
           #{name => Name, version => Version, retired => false, reason => undefined, message => undefined});
run(Context, #{all := true, args := [Name, Reason]} = Options) ->
    retire(Context, Options, Name, all, Reason);
run(_, #{all := true}) ->
    {error, hexide_failure:usage(<<"retire">>, "retire --all needs a package and a reason, and no version")};
run(Context, #{args := [Name, Version, Reason]} = Options) ->
    retire(Context, Options, Name, Version, Reason);
run(_, _) ->
    {error, hexide_failure:usage(<<"retire">>, "retire needs PACKAGE VERSION REASON; or PACKAGE VERSION --unretire")}.

retire(Context, Options, Name, Version, Reason) ->
    Message = maps:get(message, Options, undefined),
    case {lists:member(Reason, ?REASONS), fitting(Message)} of
        {true, true} ->
            Retire = case Version of
                         all -> fun(Config) -> hexide_release:retire_all(Config, Name, Reason, Message) end;
                         _ -> fun(Config) -> hexide_release:retire(Config, Name, Version, Reason, Message) end
                     end,
            change(Context, Retire,
                   #{name => Name, version => Version, retired => true, reason => Reason, message => Message});
        {false, _} ->
            Hint = case hexide_text:nearest(Reason, ?REASONS) of
                       {ok, Near} -> ["; did you mean `", Near, "`?"];
                       error -> ["; use one of ", lists:join(", ", ?REASONS)]
                   end,
            {error, hexide_failure:usage(<<"retire">>, ["`", Reason, "` is no reason", Hint])};
        {_, false} ->
            {error, hexide_failure:usage(<<"retire">>, "the message must have 3 to 140 characters")}
    end.

fitting(undefined) -> true;
fitting(Message) ->
    Length = string:length(Message),
    Length >= 3 andalso Length =< 140.

change(Context, Change, #{version := all} = Answer) ->
    changed(hexide_session:call(Context, Change), Context, Answer);
change(Context, Change, #{version := Version} = Answer) ->
    case hexide_argument:version(<<"retire">>, Version) of
        ok -> changed(hexide_session:call(Context, Change), Context, Answer);
        {error, _} = Error -> Error
    end.

changed(ok, _, Answer) ->
    {ok, Answer};
changed({error, Reason}, #{repository := Repository}, #{name := Name, version := Version}) ->
    What = case Version of
               all -> ["package ", Name, " at ", Repository];
               _ -> ["release ", Name, " ", Version, " at ", Repository]
           end,
    {error, hexide_failure:about(["cannot retire ", Name], hexide_failure:missing(What, Reason))}.
