%% @doc Which of a package's releases is meant. Pure.
-module(hexide_releases).

-export([latest/1, newest_first/1, nearest/2]).

%% So many are proposed.
-define(MOST, 3).

%% @doc The latest version of a package as the API shows it: the newest stable one; where there is none, the newest.
-spec latest(map()) -> binary() | undefined.
latest(#{latest_stable_version := Version}) when is_binary(Version) -> Version;
latest(#{latest_version := Version}) when is_binary(Version) -> Version;
latest(#{releases := Releases}) ->
    case hexide_version:sort([Version || #{version := Version} <- Releases]) of
        {ok, [_ | _] = Sorted} -> lists:last(Sorted);
        _ -> undefined
    end.

%% @doc Releases by precedence of their versions: a registry that sorts as text must not mislead.
-spec newest_first([Release]) -> [Release] when Release :: #{version := binary(), atom() => term()}.
newest_first(Releases) ->
    case hexide_version:sort([Version || #{version := Version} <- Releases]) of
        {ok, Sorted} ->
            ByVersion = maps:from_list([{Version, Release} || #{version := Version} = Release <- Releases]),
            [maps:get(Version, ByVersion) || Version <- lists:reverse(Sorted), is_map_key(Version, ByVersion)];
        {error, _} -> Releases
    end.

%% @doc Those of these versions that somebody may have meant who wrote one that is not among them: those that it
%% begins, those beside it, those that are written nearly so, or else the newest; newest first.
-spec nearest(binary(), [binary()]) -> [binary()].
nearest(Written, Versions) ->
    Newest = [Version || #{version := Version} <- newest_first([#{version => Version} || Version <- Versions])],
    Begun = [Version || Version <- Newest, begins(Written, Version)],
    Near = case hexide_text:nearest(Written, Newest) of
               {ok, Version1} -> [Version1];
               error -> []
           end,
    [Found | _] = [Each || Each <- [Begun, beside(Written, Newest), Near, Newest, [none]], Each =/= []],
    [Version || Version <- lists:sublist(Found, ?MOST), Version =/= none].

is_stable(Version) ->
    case hexide_version:parse(Version) of
        {ok, #{pre := Pre}} -> Pre =:= <<>>;
        {error, _} -> false
    end.

begins(Written, Version) ->
    lists:any(fun(Mark) -> string:prefix(Version, [Written, Mark]) =/= nomatch end, [".", "-"]).

%% The next one after it and the last one before it, where it is a version; also the last one that is stable.
beside(Written, Newest) ->
    IsNewer = fun(Version) -> hexide_version:compare(Version, Written) =:= {ok, gt} end,
    {After, Before} = lists:splitwith(IsNewer, Newest),
    case hexide_version:parse(Written) of
        {ok, _} ->
            Last = lists:sublist(Before, 1),
            Stable = lists:sublist([Version || Version <- Before, is_stable(Version)], 1),
            lists:nthtail(max(0, length(After) - 1), After) ++ Last ++ (Stable -- Last);
        {error, _} -> []
    end.
