%% @doc `info': this system, a package, or a release.
-module(hexide_cmd_info).

-export([run/2]).

%% @doc Answers `#{system, repositories, commands}', `#{package}' or `#{release}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(#{system := System, repositories := Repositories} = Context, #{args := []}) ->
    Copies = case Context of
                 #{registry_copies := Read} -> Read();
                 #{} -> #{}
             end,
    {ok, #{system => System,
           repositories => [Each#{updated_at => maps:get(Name, Copies, undefined)}
                            || #{name := Name} = Each <- Repositories],
           commands => [maps:with([name, summary], Command)
                        || Command <- maps:get(commands, Context, hexide_command:all())]}};
run(Context, #{args := [Name]}) ->
    case get(Context, Name) of
        {ok, Package} -> {ok, #{package => package(Package)}};
        {error, _} = Error -> Error
    end;
run(#{config := Config} = Context, #{args := [Name, Version]}) ->
    case hexide_session:visit(Context, fun(Signed) -> hexide_release:get(Signed, Name, Version) end) of
        {ok, Release} -> {ok, #{release => release(Name, Release, hexide_origin:read(Config, Name, Version))}};
        {error, {Code, _} = Reason} when Code =:= not_found; Code =:= bad_version; Code =:= invalid ->
            instead(Context, Name, Version, Reason);
        {error, _} = Error -> Error
    end;
run(_, _) ->
    {error, hexide_failure:usage(<<"info">>, "info takes a package and a version, no more")}.

get(#{repository := Repository} = Context, Name) ->
    case hexide_session:visit(Context, fun(Config) -> hexide_package:get(Config, Name) end) of
        {error, {not_found, Details}} ->
            Message = ["there is no package `", Name, "` in ", Repository, ", or none that you may see; look for it "
                       "with `rebar3 hex search ", Name, "`"],
            {error, {not_found, Details#{message => unicode:characters_to_binary(Message)}}};
        Outcome -> Outcome
    end.

package(#{releases := Releases, retirements := Retirements} = Package) ->
    Known = maps:with([name, repository, meta, latest_version, latest_stable_version, owners, downloads, configs,
                       docs_html_url, html_url, url, inserted_at, updated_at, security_advisories], Package),
    Known#{releases => [Release#{retirement => maps:get(Version, Retirements, undefined)}
                        || #{version := Version} = Release <- hexide_releases:newest_first(Releases)]}.

release(Name, #{requirements := Requirements} = Release, #{source := Source, repositories := From}) ->
    Known = maps:with([version, checksum, has_docs, meta, retirement, publisher, url, html_url, docs_html_url,
                       configs, downloads, security_advisories, inserted_at, updated_at], Release),
    Known#{name => Name, source => Source,
           requirements => [Requirement#{package => Package, repository => maps:get(Package, From, undefined)}
                            || {Package, Requirement} <- lists:sort(maps:to_list(Requirements))]}.

%% There is no such release: what may have been meant?
instead(Context, Name, Version, Reason) ->
    case get(Context, Name) of
        {ok, #{releases := Releases}} ->
            Said = case hexide_version:parse(Version) of
                       {ok, _} -> ["there is no release ", Version, " of ", Name];
                       {error, _} -> ["there is no release `", Version, "` of ", Name,
                                      ": a version has three numbers, such as 1.2.3"]
                   end,
            Nearest = case hexide_releases:nearest(Version, [Each || #{version := Each} <- Releases]) of
                          [] -> [];
                          [Near] -> ["; did you mean ", Near, "?"];
                          Several -> ["; did you mean ", lists:join(", ", lists:droplast(Several)), " or ",
                                      lists:last(Several), "?"]
                      end,
            {error, {not_found, #{reason => <<"no_release">>,
                                  message => unicode:characters_to_binary([Said, Nearest])}}};
        {error, {not_found, _}} = Error -> Error;
        {error, _} -> {error, Reason}
    end.
