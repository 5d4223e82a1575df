%% @doc Packages, releases and what is published, as text for people. Pure.
-module(hexide_package_text).

-export([package/1, release/1, about/1, built/1, published/1]).

%% Longer lists of files are cut here; `build --unpack' shows all.
-define(MOST_FILES, 200).

%% @doc `info PACKAGE'.
-spec package(map()) -> hexide_layout:document().
package(#{name := Name, meta := Meta, releases := Releases} = Package) ->
    Latest = hexide_releases:latest(Package),
    [Name, [[" (", Repository, ")"] || #{repository := Repository} <- [Package], is_binary(Repository)], "\n",
     [[hexide_table:wrap(Description), "\n"] || #{description := Description} <- [Meta], is_binary(Description)],
     "\n",
     hexide_table:rows(
       facts([{"Latest", Latest}, {"Pre-release", newer(maps:get(latest_version, Package, undefined), Latest)},
              {"Licences", joined(maps:get(licenses, Meta, []))},
              {"Owners", joined([User || #{username := User} <- listed(owners, Package)])},
              {"Downloads", downloads(maps:get(downloads, Package, undefined))},
              {"Docs", maps:get(docs_html_url, Package, undefined)},
              {"Page", maps:get(html_url, Package, undefined)}])
       ++ [[[Label, ":"], Url] || {Label, Url} <- lists:sort(maps:to_list(maps:get(links, Meta, #{})))]),
     configs(Package),
     heading("Releases"),
     hexide_table:rows([[["  ", Version], hexide_table:day(maps:get(inserted_at, Release, undefined)),
                                retirement(maps:get(retirement, Release, undefined))]
                               || #{version := Version} = Release <- Releases]),
     advisories(listed(security_advisories, Package))].

%% What the registry calls the latest may be a pre-release.
newer(Latest, Latest) -> undefined;
newer(Version, _) -> Version.

%% @doc `info PACKAGE VERSION'.
-spec release(map()) -> hexide_layout:document().
release(#{name := Name, version := Version, requirements := Requirements} = Release) ->
    [Name, " ", Version, "\n\n",
     hexide_table:rows(
       facts([{"Published", hexide_table:day(maps:get(inserted_at, Release, undefined))},
              {"Publisher", case Release of
                         #{publisher := #{username := User}} -> User;
                         #{} -> undefined
                            end},
              {"Checksum", maps:get(checksum, Release, undefined)} | built_from(Release)] ++
             [{"Built with", joined(listed(build_tools, maps:get(meta, Release, undefined)))},
              {"Downloads", downloads(maps:get(downloads, Release, undefined))},
              {"Retired", retirement(maps:get(retirement, Release, undefined))},
              {"Docs", maps:get(docs_html_url, Release, undefined)},
              {"Page", maps:get(html_url, Release, undefined)}])),
     configs(Release),
     requirements(Requirements),
     advisories(listed(security_advisories, Release))].

built_from(#{source := #{type := Type, url := Url, ref := Ref}}) ->
    [{"Source", case {Type, Url} of
                    {_, undefined} -> undefined;
                    {<<"git">>, _} -> ["Git ", Url];
                    _ -> [Type, " ", Url]
                end}, {"Source ref", Ref}];
built_from(_) -> [].

%% @doc What is about to be published.
-spec about(map()) -> hexide_layout:document().
about(#{packages := Packages, docs := Docs}) ->
    [[[summary(Summary), "\n"] || Summary <- Packages], [docs(Each) || Each <- Docs]].

%% @doc The answer of `build'.
-spec built(map()) -> hexide_layout:document().
built(#{packages := Packages, docs := Docs}) ->
    [[[summary(Summary), "Written to ", Path, "\n"] || #{path := Path} = Summary <- Packages],
     [[docs(Summary), "Written to ", Path, "\n"] || #{path := Path} = Summary <- Docs]].

%% @doc The answer of `publish'.
-spec published(map()) -> hexide_layout:document().
published(#{dry_run := true, repository := Repository, packages := _} = Published) ->
    [about(Published), "This was a dry run: nothing was sent to ", Repository, ".\n"];
published(#{repository := Repository, packages := Packages, docs := Docs}) ->
    [[sent(Package, Repository) || Package <- Packages],
     [["Published the documentation of ", Name, " ", Version, ".\n", [["  ", Location, "\n"] || is_binary(Location)]]
      || #{name := Name, version := Version, location := Location} <- Docs]].

sent(#{name := Name, version := Version, checksum := Checksum, status := already_published}, Repository) ->
    [Name, " ", Version, " is already published to ", Repository, ", the same.\n  checksum ", Checksum, "\n"];
sent(#{name := Name, version := Version, url := Url, checksum := Checksum, verification := Verification}, Repository) ->
    ["Published ", Name, " ", Version, " to ", Repository, ".\n", "  ", Url, "\n  checksum ", Checksum,
     case Verification of
         compared -> ", fetched back and found the same\n";
         skipped -> ", not fetched back to compare\n";
         unavailable -> "; the repository does not serve it yet, so it could not be compared\n"
     end].

summary(#{name := Name, version := Version, app := App, description := Description, licenses := Licenses,
          links := Links, requirements := Requirements, files := Files, files_size := FilesSize, size := Size,
          checksum := Checksum, warnings := Warnings} = Summary) ->
    [Name, " ", Version, [[" (app ", App, ")"] || App =/= Name], "\n",
     hexide_table:rows(facts([{"Description", Description}, {"Licences", joined(Licenses)},
                              {"Links", joined([[Label, " ", Url] || {Label, Url} <- maps:to_list(Links)])},
                              {"Source", source(Summary)}, {"Registry", standing(Summary)}])),
     requirements(Requirements),
     heading("Files"), files(Files),
     "  ", integer_to_list(length(Files)), " files, ", hexide_table:size(FilesSize), "; tarball ",
     hexide_table:size(Size), "\n  checksum ", Checksum, "\n",
     [[{yellow, ["Warning: ", Warning]}, "\n"] || #{message := Warning} <- Warnings]].

source(#{source := #{url := Url, ref := Ref}}) -> [Url, " at ", Ref];
source(_) -> undefined.

standing(#{registry := #{state := new, latest := undefined}}) -> "a new package";
standing(#{registry := #{state := new, latest := Latest}}) -> ["a new version; the latest is ", Latest];
standing(#{registry := #{state := same}}) -> "has this version already, the same";
standing(#{registry := #{state := other}}) -> "has this version already, with other contents";
standing(_) -> undefined.

files(Files) ->
    Shown = lists:sublist(Files, ?MOST_FILES),
    [hexide_table:rows([[["  ", Path], hexide_table:size(Size)]
                               || #{path := Path, size := Size} <- Shown]),
     [["  ... and ", integer_to_list(length(Files) - ?MOST_FILES), " more\n"] || length(Files) > ?MOST_FILES]].

docs(#{name := Name, version := Version, files := Files, files_size := FilesSize, size := Size}) ->
    ["Documentation of ", Name, " ", Version, ": ", integer_to_list(Files), " files, ",
     hexide_table:size(FilesSize), "; tarball ", hexide_table:size(Size), "\n"].

requirements([]) ->
    "\nNo dependencies\n";
requirements(Requirements) ->
    [heading("Dependencies"),
     hexide_table:rows([[["  ", Package], maps:get(requirement, Each, undefined),
                         [["app ", App] || #{app := App} <- [Each], is_binary(App), App =/= Package],
                         ["optional" || #{optional := true} <- [Each]],
                         [["from ", From] || #{repository := From} <- [Each], is_binary(From)]]
                        || #{package := Package} = Each <- Requirements])].

configs(#{configs := #{} = Configs}) when map_size(Configs) > 0 ->
    [heading("To depend on it"),
     hexide_table:rows([[["  ", File], Line] || {File, Line} <- lists:sort(maps:to_list(Configs))])];
configs(_) ->
    [].

advisories([]) -> [];
advisories(Advisories) ->
    [heading("Security advisories"),
     hexide_table:rows([[["  ", value(id, Advisory)], value(summary, Advisory)] || Advisory <- Advisories])].

%% What the server sends of an advisory has text keys or atoms, by its age.
value(Key, Advisory) ->
    case Advisory of
        #{Key := Value} when is_binary(Value) -> Value;
        #{} ->
            case maps:get(atom_to_binary(Key), Advisory, <<>>) of
                Value when is_binary(Value) -> Value;
                _ -> <<>>
            end
    end.

retirement(#{reason := Reason} = Retirement) ->
    {red, ["retired, ", Reason, [[": ", Message] || #{message := Message} <- [Retirement], is_binary(Message)]]};
retirement(_) ->
    undefined.

heading(Text) ->
    ["\n", {bold, Text}, "\n"].

downloads(#{<<"all">> := All} = Downloads) ->
    [integer_to_list(All), " in all",
     [[", ", integer_to_list(Recent), " lately"] || #{<<"recent">> := Recent} <- [Downloads]]];
downloads(Count) when is_integer(Count) -> integer_to_list(Count);
downloads(_) -> undefined.

facts(Facts) ->
    [[[Label, ":"], Value] || {Label, Value} <- Facts, Value =/= undefined, Value =/= <<>>, Value =/= []].

joined(Texts) ->
    lists:join(", ", Texts).

listed(Key, Map) ->
    case Map of
        #{Key := List} when is_list(List) -> List;
        _ -> []
    end.
