%% @doc `outdated': which locked dependencies have newer releases.
-module(hexide_cmd_outdated).

-export([run/2]).

%% What is known of one dependency: `requirements' as written, `found' the first repository that has the
%% package, and what its index says.
-type subject() :: #{app := binary(), package := binary(), version := binary() | undefined,
                     checksum := binary() | undefined, direct := boolean(), source := hex | binary(),
                     requirements := [binary()], found := {binary(), hexide_registry:package()} | undefined}.

%% @doc Answers `#{dependencies => [#{app, package, source, direct, state, outdated, version, newest,
%% newest_allowed, requirements, allowed, retired, advisories, repository}], outdated => how many, hidden => how
%% many transitive ones were not looked at}'. `state': `current', `outdated', `held_back' (newer ones exist,
%% none of them allowed), `not_locked', `not_found' or `not_hex'. `allowed': whether the requirements allow the
%% newest. What counts as newer is what the options say.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(#{project := #{dependencies := Listed, locks := Locks} = Project} = Context, #{args := []} = Options) ->
    All = maps:get(all, Options, false),
    Direct = directly(Project),
    Subjects = [subject(Lock, Direct) || Lock <- Locks] ++ unlocked(Listed, Locks),
    Wanted = [Subject || #{direct := Each} = Subject <- Subjects, All orelse Each],
    case swept(Context, Wanted) of
        {ok, Found} -> answered(Found, length(Subjects) - length(Wanted), Options);
        {error, _} = Error -> Error
    end;
run(_, #{args := [Arg | _]}) ->
    {error, hexide_failure:usage(<<"outdated">>, ["`", Arg, "` means nothing here"])}.

%% --- what is asked

%% An umbrella's apps may have dependencies of their own.
directly(#{dependencies := Listed, apps := Apps}) ->
    lists:usort(Listed ++ lists:append([Own || #{dependencies := Own} <- Apps])).

subject(#{app := App, package := Package, version := Version, source := Source, level := Level} = Lock, Direct) ->
    Own = [Dependency || #{app := Each} = Dependency <- Direct, Each =:= App],
    #{app => App, package => Package, source => Source, direct => Level =:= 0 orelse Own =/= [], found => undefined,
      version => case Source of
                     hex -> Version;
                     _ -> undefined
                 end,
      checksum => maps:get(checksum, Lock, undefined),
      requirements => lists:usort([Requirement || #{requirement := Requirement} <- Own, is_binary(Requirement)])}.

unlocked(Listed, Locks) ->
    Locked = [App || #{app := App} <- Locks],
    [#{app => App, package => Package, source => Source, direct => true, found => undefined, version => undefined,
       checksum => undefined, requirements => [Requirement || is_binary(Requirement)]}
     || #{app := App, package := Package, source := Source, requirement := Requirement} <- Listed,
        not lists:member(App, Locked)].

%% --- asking

%% Many packages at once, in as many processes as there may be requests.
swept(#{config := Config, interruptible := Interruptible, repositories := Repositories, settings := Settings},
      Subjects) ->
    case configured([Name || #{name := Name} <- Repositories], Settings) of
        {ok, Configs} ->
            Width = max(1, maps:get(http_concurrency, Config, 1)),
            LookUp = fun(Subject) -> look_up(Subject, Configs) end,
            Sweep = fun() -> {ok, hexide_parallel:map(LookUp, Subjects, Width)} end,
            case Interruptible(Sweep) of
                {ok, Found} -> complete(Found);
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

configured(Names, Settings) ->
    lists:foldr(fun(_, {error, _} = Error) -> Error;
                   (Name, {ok, Configs}) ->
                       case Settings(Name) of
                           {ok, Config} -> {ok, [{Name, Config} | Configs]};
                           {error, Reason} -> {error, Reason}
                       end
                end, {ok, []}, Names).

complete(Found) ->
    case [Reason || {error, Reason} <- Found] of
        [Reason | _] -> {error, Reason};
        [] -> {ok, [Subject || {ok, Subject} <- Found]}
    end.

-spec look_up(subject(), [{binary(), hexide_config:config()}]) -> {ok, subject()} | {error, hexide_failure:failure()}.
look_up(#{source := hex} = Subject, Configs) -> look_up(Subject, Configs, undefined, []);
look_up(Subject, _) -> {ok, Subject}.

%% As rebar3: the first repository that has the locked release, of the checksum that the lock has. Where none
%% has it, the first that has the package.
look_up(_, [], undefined, [Reason | _]) ->
    {error, Reason};
look_up(Subject, [], Other, _) ->
    {ok, Subject#{found := Other}};
look_up(#{package := Package} = Subject, [{Name, Config} | Configs], Other, Missed) ->
    case hexide_repo:package(Config, Package) of
        {ok, Index} ->
            case is_locked(Subject, Index) of
                true -> {ok, Subject#{found := {Name, Index}}};
                false when Other =:= undefined -> look_up(Subject, Configs, {Name, Index}, Missed);
                false -> look_up(Subject, Configs, Other, Missed)
            end;
        %% Not there, or not to be seen.
        {error, {Code, _}} when Code =:= not_found; Code =:= forbidden; Code =:= unauthorized ->
            look_up(Subject, Configs, Other, Missed);
        {error, {Code, _} = Reason} ->
            Why = hexide_failure:about(["cannot look up ", Package, " in ", Name], Reason),
            case Code of
                %% What another repository has, this one never had to answer.
                offline -> look_up(Subject, Configs, Other, Missed ++ [Why]);
                _ -> {error, Why}
            end
    end.

is_locked(#{version := undefined}, _) ->
    true;
is_locked(#{version := Version, checksum := Checksum}, #{releases := Releases}) ->
    lists:any(fun(#{version := Each, outer_checksum := Outer}) ->
                  Each =:= Version andalso (Checksum =:= undefined orelse Outer =:= undefined orelse Outer =:= Checksum)
              end, Releases).

%% --- judging

answered(Subjects, Hidden, Options) ->
    try
        Dependencies = [judged(with_parents(Subject, Subjects), Options) || Subject <- Subjects],
        Count = length([Each || #{outdated := true} = Each <- Dependencies]),
        Answer = #{dependencies => lists:sort(fun(#{app := One}, #{app := Two}) -> One =< Two end, Dependencies),
                   outdated => Count, hidden => Hidden},
        case maps:get(exit_code, Options, false) andalso Count > 0 of
            true -> {negative, Answer, hexide_failure:failed([counted(Count), " outdated"])};
            false -> {ok, Answer}
        end
    catch
        throw:{unreadable, Reason} -> {error, Reason}
    end.

counted(1) -> "1 dependency is";
counted(Count) -> [integer_to_list(Count), " dependencies are"].

%% What nobody wrote down for the project is bound by the locked releases that need it.
with_parents(#{direct := true} = Subject, _) ->
    Subject;
with_parents(#{package := Package} = Subject, Subjects) ->
    Needed = [Requirement
              || #{version := Version, found := {_, #{releases := Releases}}} <- Subjects,
                 #{version := Each, dependencies := Dependencies} <- Releases, Each =:= Version,
                 #{package := Needs, requirement := Requirement} <- Dependencies, Needs =:= Package],
    Subject#{requirements := lists:usort(Needed)}.

judged(#{source := Source} = Subject, _) when Source =/= hex ->
    answer(Subject, not_hex, #{});
judged(#{found := undefined} = Subject, _) ->
    answer(Subject, not_found, #{});
judged(#{version := Version, requirements := Requirements, found := {Repository, Index}} = Subject, Options) ->
    #{releases := Releases, advisories := Advisories} = Index,
    Pre = maps:get(pre, Options, false) orelse is_pre(Version),
    Offered = offered(Releases, Pre),
    Newest = newest(Offered),
    Allowed = newest([Each || Each <- Offered, allows(Requirements, Each, Pre, Subject)]),
    {Newer, NewerAllowed} = {newer(Newest, Version), newer(Allowed, Version)},
    Outdated = case Options of
                   #{within_requirements := true} -> NewerAllowed;
                   #{} -> Newer
               end,
    State = case {Version, Newer, NewerAllowed} of
                {undefined, _, _} -> not_locked;
                {_, _, true} -> outdated;
                {_, true, false} -> held_back;
                {_, false, false} -> current
            end,
    Locked = [Release || #{version := Each} = Release <- Releases, Each =:= Version],
    answer(Subject, State, #{outdated => Outdated, newest => Newest, newest_allowed => Allowed,
                             allowed => Newest =/= undefined andalso Newest =:= Allowed, repository => Repository,
                             retired => first([Retired || #{retired := #{} = Retired} <- Locked]),
                             advisories => advisories(Locked, Advisories)}).

answer(Subject, State, Facts) ->
    maps:merge((maps:with([app, package, source, direct, version, requirements], Subject))#{state => State},
               maps:merge(#{outdated => false, newest => undefined, newest_allowed => undefined,
                            allowed => undefined, repository => undefined, retired => undefined, advisories => []},
                          Facts)).

first([First | _]) -> First;
first([]) -> undefined.

%% Those that one may propose, oldest first. A version that is none is not one of them.
offered(Releases, Pre) ->
    Versions = [Version || #{version := Version, retired := undefined} <- Releases, Stable <- [not is_pre(Version)],
                           Pre orelse Stable, element(1, hexide_version:parse(Version)) =:= ok],
    case hexide_version:sort(Versions) of
        {ok, Sorted} -> Sorted;
        {error, Reason} -> throw({unreadable, Reason})
    end.

is_pre(undefined) -> false;
is_pre(Version) ->
    case hexide_version:parse(Version) of
        {ok, #{pre := Pre}} -> Pre =/= <<>>;
        {error, _} -> false
    end.

newest([]) -> undefined;
newest(Versions) -> lists:last(Versions).

newer(undefined, _) -> false;
newer(_, undefined) -> false;
newer(Version, Locked) ->
    case hexide_version:compare(Version, Locked) of
        {ok, Order} -> Order =:= gt;
        {error, Reason} -> throw({unreadable, Reason})
    end.

allows(Requirements, Version, Pre, #{app := App}) ->
    lists:all(fun(Requirement) ->
                  case hexide_version:match(Version, Requirement, #{allow_pre => Pre}) of
                      {ok, Matches} -> Matches;
                      {error, Reason} ->
                          throw({unreadable, hexide_failure:about(["cannot read the requirement of ", App], Reason)})
                  end
              end, Requirements).

advisories(Locked, Advisories) ->
    Indexes = lists:append([Each || #{advisory_indexes := Each} <- Locked]),
    [maps:with([id, summary, html_url, severity], lists:nth(Index + 1, Advisories))
     || Index <- Indexes, Index < length(Advisories)].
