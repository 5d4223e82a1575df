%% @doc `info': this system, a package, or a release.
-module(hexide_cmd_info).

-export([run/2]).

%% @doc Answers `#{system, repositories, commands}', `#{package}' or `#{release}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(#{system := System, repositories := Repositories}, #{args := []}) ->
    {ok, #{system => System, repositories => Repositories,
           commands => [maps:with([name, summary], Command) || Command <- hexide_command:all()]}};
run(Context, #{args := [Name]}) ->
    case hexide_session:visit(Context, fun(Config) -> hexide_package:get(Config, Name) end) of
        {ok, Package} -> {ok, #{package => package(Package)}};
        {error, _} = Error -> Error
    end;
run(Context, #{args := [Name, Version]}) ->
    case hexide_session:visit(Context, fun(Config) -> hexide_release:get(Config, Name, Version) end) of
        {ok, #{requirements := Requirements} = Release} ->
            Known = maps:with([version, checksum, has_docs, meta, retirement, publisher, url, html_url, docs_html_url,
                               configs, inserted_at, updated_at], Release),
            Required = [Requirement#{package => Package}
                        || {Package, Requirement} <- lists:sort(maps:to_list(Requirements))],
            {ok, #{release => Known#{name => Name, requirements => Required}}};
        {error, _} = Error -> Error
    end;
run(_, _) ->
    {error, hexide_failure:usage(<<"info">>, "info takes a package and a version, no more")}.

package(#{releases := Releases, retirements := Retirements} = Package) ->
    Known = maps:with([name, repository, meta, latest_version, latest_stable_version, owners, downloads, configs,
                       docs_html_url, html_url, url, inserted_at, updated_at, security_advisories], Package),
    Known#{releases => [Release#{retirement => maps:get(Version, Retirements, undefined)}
                        || #{version := Version} = Release <- newest_first(Releases)]}.

%% The library says newest first; a registry that sorts as text must not mislead.
newest_first(Releases) ->
    case hexide_version:sort([Version || #{version := Version} <- Releases]) of
        {ok, Sorted} ->
            ByVersion = maps:from_list([{Version, Release} || #{version := Version} = Release <- Releases]),
            [maps:get(Version, ByVersion) || Version <- lists:reverse(Sorted), is_map_key(Version, ByVersion)];
        {error, _} -> Releases
    end.
