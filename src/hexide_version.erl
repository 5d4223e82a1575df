%% @doc Versions (Semantic Versioning 2.0) and requirements (Elixir's language).
-module(hexide_version).

-export([parse/1, compare/2, match/2, match/3, bump/2, bump/3, sort/1]).

-export_type([version/0, requirement/0, parsed/0]).

-type version() :: unicode:chardata().
%% For example `<<"1.2.3-rc.1">>'.

-type requirement() :: unicode:chardata().
%% For example `<<"~> 1.2 and != 1.2.5">>'.

-type parsed() :: #{major := non_neg_integer(), minor := non_neg_integer(), patch := non_neg_integer(),
                    pre := binary(), build := binary()}.
%% The parts; `pre' and `build' are empty where there is none.

%% @doc The parts of a version.
-spec parse(version()) -> hexide_job:outcome(parsed()).
parse(Version) ->
    hexide_nif:version_parse(hexide_text:binary(Version)).

%% @doc Compares by precedence: build metadata does not count.
-spec compare(version(), version()) -> hexide_job:outcome(lt | eq | gt).
compare(Left, Right) ->
    hexide_nif:version_compare(hexide_text:binary(Left), hexide_text:binary(Right)).

%% @equiv match(Version, Requirement, #{})
-spec match(version(), requirement()) -> hexide_job:outcome(boolean()).
match(Version, Requirement) ->
    match(Version, Requirement, #{}).

%% @doc Whether a version satisfies a requirement. A pre-release does so only where the requirement
%% itself names one, or with `allow_pre'.
-spec match(version(), requirement(), #{allow_pre => boolean()}) -> hexide_job:outcome(boolean()).
match(Version, Requirement, Options) ->
    hexide_nif:version_match(hexide_text:binary(Version), hexide_text:binary(Requirement),
                             maps:get(allow_pre, Options, false)).

%% @equiv bump(Version, Part, #{})
-spec bump(version(), major | minor | patch) -> hexide_job:outcome(binary()).
bump(Version, Part) ->
    bump(Version, Part, #{}).

%% @doc The next version; with `pre', its next pre-release of that name.
-spec bump(version(), major | minor | patch, #{pre => unicode:chardata()}) -> hexide_job:outcome(binary()).
bump(Version, Part, Options) ->
    hexide_nif:version_bump(hexide_text:binary(Version), Part,
                            hexide_text:optional(maps:get(pre, Options, undefined))).

%% @doc Sorts versions, oldest first.
-spec sort([version()]) -> hexide_job:outcome([binary()]).
sort(Versions) ->
    hexide_nif:version_sort([hexide_text:binary(Version) || Version <- Versions]).
