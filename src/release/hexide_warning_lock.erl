%% @doc Whether rebar.lock is that of rebar.config. Silent where nothing is locked.
-module(hexide_warning_lock).

-export([about/1]).

%% @doc Dependencies that are not locked, or locked to what they do not allow.
-spec about(hexide_context:app()) -> [hexide_warning:warning()].
about(#{dir := Dir, dependencies := Dependencies, locks := Locks}) ->
    case Locks =/= [] orelse filelib:is_regular(filename:join(Dir, "rebar.lock")) of
        true -> lists:append([mismatch(Dependency, Locks) || Dependency <- Dependencies]);
        false -> []
    end.

mismatch(#{app := App} = Dependency, Locks) ->
    case {Dependency, [Lock || #{app := Each} = Lock <- Locks, Each =:= App]} of
        {_, []} -> warn(["rebar.lock lacks ", App, ", which rebar.config lists; run `rebar3 lock`"]);
        {#{source := hex}, [#{source := Source} | _]} when Source =/= hex ->
            warn(["rebar.lock has ", App, " from ", Source, ", rebar.config from Hex; run `rebar3 upgrade ", App, "`"]);
        {#{source := hex, requirement := <<_/binary>> = Requirement}, [#{version := Version} | _]} ->
            case hexide_version:match(Version, Requirement, #{allow_pre => true}) of
                {ok, false} ->
                    warn(["rebar.lock has ", App, " ", Version, ", which `", Requirement, "` in rebar.config does not ",
                          "allow; run `rebar3 upgrade ", App, "`"]);
                _ -> []
            end;
        _ -> []
    end.

warn(Message) ->
    [#{kind => lock, path => <<"rebar.lock">>, message => unicode:characters_to_binary(Message)}].
