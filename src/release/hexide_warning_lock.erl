%% @doc Whether what is locked is what the project asks for. Silent where nothing is locked.
-module(hexide_warning_lock).

-export([about/1]).

%% @doc Dependencies that are not locked, or locked to what they do not allow.
-spec about(hexide_context:app()) -> [hexide_warning:warning()].
about(#{dir := Dir, dependencies := Dependencies, locks := Locks} = App) ->
    #{lock := Lock} = Words = words(App),
    case Locks =/= [] orelse filelib:is_regular(filename:join(Dir, Lock)) of
        true -> lists:append([mismatch(Dependency, Locks, Words) || Dependency <- Dependencies]);
        false -> []
    end.

words(#{mix_exs := _}) ->
    #{lock => "mix.lock", config => "mix.exs", relock => "mix deps.get", upgrade => "mix deps.update "};
words(_) ->
    #{lock => "rebar.lock", config => "rebar.config", relock => "rebar3 lock", upgrade => "rebar3 upgrade "}.

mismatch(#{app := App} = Dependency, Locks, #{lock := File, config := Config, relock := Relock, upgrade := Upgrade}) ->
    case {Dependency, [Lock || #{app := Each} = Lock <- Locks, Each =:= App]} of
        {_, []} -> warn(File, [File, " lacks ", App, ", which ", Config, " lists; run `", Relock, "`"]);
        {#{source := hex}, [#{source := Source} | _]} when Source =/= hex ->
            warn(File, [File, " has ", App, " from ", Source, ", ", Config, " from Hex; run `", Upgrade, App, "`"]);
        {#{source := hex, requirement := <<_/binary>> = Requirement}, [#{version := Version} | _]} ->
            case hexide_version:match(Version, Requirement, #{allow_pre => true}) of
                {ok, false} ->
                    warn(File, [File, " has ", App, " ", Version, ", which `", Requirement, "` in ", Config,
                                " does not allow; run `", Upgrade, App, "`"]);
                _ -> []
            end;
        _ -> []
    end.

warn(File, Message) ->
    [#{kind => lock, path => list_to_binary(File), message => unicode:characters_to_binary(Message)}].
