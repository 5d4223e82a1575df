%% @doc What state things are in after Ctrl-C.
-module(hexide_interruption).

-export([failure/0, unchanged/1, explained/3]).

-define(REASON, <<"interrupted">>).
-define(BARE, <<"interrupted">>).
-define(UNCHANGED, <<"interrupted; nothing was changed">>).

%% @doc The failure of what Ctrl-C stopped.
-spec failure() -> hexide_failure:failure().
failure() ->
    {cancelled, #{reason => ?REASON, message => ?BARE}}.

%% @doc The same failure, from one who knows that nothing had been changed so far. Others stay as they are.
-spec unchanged(hexide_failure:failure()) -> hexide_failure:failure().
unchanged({cancelled, #{reason := ?REASON, message := ?BARE} = Details}) ->
    {cancelled, Details#{message := ?UNCHANGED}};
unchanged(Failure) ->
    Failure.

%% @doc The outcome of a command. Where it was interrupted and does not say itself what state things are in, that is
%% told by what it was about to do: a request that was stopped on its way may have been carried out.
-spec explained(hexide_command:outcome(), binary(), hexide_command:options()) -> hexide_command:outcome().
explained({error, {cancelled, #{reason := ?REASON, message := ?BARE} = Details}}, Name, #{args := Args} = Options) ->
    Message = case look(Name, Args, Options) of
                  unchanged -> ?UNCHANGED;
                  {local, Where} -> <<"interrupted; nothing was changed at the registry, ", Where/binary>>;
                  unknown -> <<"the request was stopped; whether the registry carried it out is not known">>;
                  {unknown, Look} ->
                      <<"the request was stopped; whether the registry carried it out is not known: look with "
                        "`rebar3 hex ", Look/binary, "`">>
              end,
    {error, {cancelled, Details#{message := Message}}};
explained(Outcome, _, _) ->
    Outcome.

%% What shows whether it was carried out. A command that is not here may have changed something.
look(_, _, #{dry_run := true}) -> unchanged;
look(<<"search">>, _, _) -> unchanged;
look(<<"info">>, _, _) -> unchanged;
look(<<"outdated">>, _, _) -> unchanged;
look(<<"build">>, _, _) -> {local, <<"but what was to be written may be incomplete">>};
look(<<"package">>, [<<"fetch">> | _], _) -> {local, <<"but what was to be written may be incomplete">>};
look(<<"package">>, _, _) -> unchanged;
look(<<"docs">>, [Local | _], _) when Local =:= <<"fetch">>; Local =:= <<"open">> ->
    {local, <<"but what was to be written may be incomplete">>};
look(<<"cut">>, _, _) -> {unknown, <<"info PACKAGE` and at what was committed and tagged with `git log --decorate">>};
look(Publishes, _, _) when Publishes =:= <<"publish">>; Publishes =:= <<"docs">> -> {unknown, <<"info PACKAGE">>};
look(<<"retire">>, [Package | _], _) -> {unknown, <<"info ", Package/binary>>};
look(<<"owner">>, [Change, Package | _], _)
  when Change =:= <<"add">>; Change =:= <<"remove">>; Change =:= <<"transfer">> ->
    {unknown, <<"owner list ", Package/binary>>};
look(<<"owner">>, _, _) -> unchanged;
look(<<"repo">>, [Reading | _], _) when Reading =:= <<"list">>; Reading =:= <<"show">> -> unchanged;
look(<<"repo">>, _, _) -> {local, <<"see what is kept here with `rebar3 hex repo list`">>};
look(<<"config">>, _, _) -> {local, <<"see what is kept here with `rebar3 hex config`">>};
look(<<"key">>, [Reading | _], _) when Reading =:= <<"list">>; Reading =:= <<"get">> -> unchanged;
look(<<"key">>, _, _) -> {unknown, <<"key list">>};
look(<<"user">>, [<<"key">> | Args], Options) -> look(<<"key">>, Args, Options);
look(<<"user">>, [<<"whoami">>], _) -> unchanged;
look(<<"user">>, [Session], _) when Session =:= <<"auth">>; Session =:= <<"deauth">> -> {unknown, <<"user whoami">>};
look(<<"user">>, [<<"register">>], _) -> {unknown, <<"user auth">>};
look(<<"organization">>, [<<"list">> | _], _) -> unchanged;
look(<<"organization">>, [<<"audit-log">> | _], _) -> unchanged;
look(<<"organization">>, [<<"members">>, <<"list">> | _], _) -> unchanged;
look(<<"organization">>, [<<"members">>, _, Organization | _], _) ->
    {unknown, <<"organization members list ", Organization/binary>>};
look(<<"organization">>, [<<"key">>, Organization | Args], Options) ->
    case look(<<"key">>, Args, Options) of
        {unknown, _} -> {unknown, <<"organization key ", Organization/binary, " list">>};
        Known -> Known
    end;
look(<<"organization">>, [_, _], _) -> {unknown, <<"organization list">>};
look(_, _, _) -> unknown.
