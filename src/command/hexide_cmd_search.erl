%% @doc `search': packages by name and description.
-module(hexide_cmd_search).

-export([run/2]).

-define(LIMIT, 30).

%% @doc Answers `#{repository, packages => [#{name, latest_version, description, downloads, html_url}],
%% more => boolean()}'; `more' says that the limit cut the list. Needs no login.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(_, #{args := []}) ->
    {error, hexide_failure:usage(<<"search">>, "say what to search for")};
run(#{repository := Repository} = Context, #{args := Terms} = Options) ->
    Limit = limit(Options),
    Bounds = case Limit of
                 infinity -> #{all => true};
                 %% One more than is shown tells whether there are more.
                 _ -> #{all => true, limit => Limit + 1}
             end,
    Query = iolist_to_binary(lists:join(" ", Terms)),
    Wanted = maps:merge(maps:with([sort], Options), Bounds),
    case hexide_session:visit(Context, fun(Config) -> hexide_package:search(Config, Query, Wanted) end) of
        {ok, Found} ->
            {ok, #{repository => Repository, more => length(Found) > Limit,
                   packages => [package(Each) || Each <- first(Limit, Found)]}};
        {error, _} = Error -> Error
    end.

limit(#{all := true}) -> infinity;
limit(Options) -> maps:get(limit, Options, ?LIMIT).

first(infinity, Found) -> Found;
first(Limit, Found) -> lists:sublist(Found, Limit).

package(#{name := Name, meta := Meta} = Package) ->
    #{name => Name, latest_version => latest(Package), description => maps:get(description, Meta, undefined),
      downloads => downloads(Package), html_url => maps:get(html_url, Package, undefined)}.

%% The newest stable release; where there is none, the newest.
latest(#{latest_stable_version := Version}) when is_binary(Version) -> Version;
latest(#{latest_version := Version}) when is_binary(Version) -> Version;
latest(#{releases := Releases}) ->
    case hexide_version:sort([Version || #{version := Version} <- Releases]) of
        {ok, [_ | _] = Sorted} -> lists:last(Sorted);
        _ -> undefined
    end.

downloads(#{downloads := #{<<"all">> := All}}) -> All;
downloads(_) -> undefined.
