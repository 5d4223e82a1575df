%% @doc `docs' with real rebar3: whatever generates them, and reading those of others.
-module(rebar3_hexide_docs_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([a_command_generates/1, a_failing_command_stops_it/1, an_alias_generates_as_ever/1,
         a_task_of_any_namespace_generates/1, nothing_generates_what_is_there/1,
         what_cannot_generate_is_told/1, a_generator_that_would_never_end_is_stopped/1,
         a_folder_that_was_written_wins_over_one_that_was_there/1, documentation_is_fetched_without_a_project/1,
         the_newest_release_that_has_any_is_meant/1, opening_keeps_it_for_when_there_is_no_network/1,
         a_browser_opens_it/1, names_cannot_lead_out_of_the_cache/1, what_unpacks_badly_leaves_nothing/1,
         private_documentation_names_the_key/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/3, hex/4, environment/1, has/2, hasnt/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [atom()].
all() ->
    [a_command_generates, a_failing_command_stops_it, an_alias_generates_as_ever, a_task_of_any_namespace_generates,
     nothing_generates_what_is_there, what_cannot_generate_is_told, a_generator_that_would_never_end_is_stopped,
     a_folder_that_was_written_wins_over_one_that_was_there, documentation_is_fetched_without_a_project,
     the_newest_release_that_has_any_is_meant, opening_keeps_it_for_when_there_is_no_network, a_browser_opens_it,
     names_cannot_lead_out_of_the_cache, what_unpacks_badly_leaves_nothing, private_documentation_names_the_key].

%% Of `read' the release 1.0.0 has documentation, 1.1.0 has none, and the pre-release 2.0.0-rc.1 has some.
-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "docs") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
            {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
            ok = hexide_server:add_organization(Server, "acme", "amy"),
            Settings = #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => <<"local">>},
            Signed = Settings#{api_key => Key},
            [ok = publish(Signed, "read", Version, Pages)
             || {Version, Pages} <- [{"1.0.0", [{"index.html", <<"one">>}, {"deep/page.html", <<"deep">>}]},
                                     {"1.1.0", none}, {"2.0.0-rc.1", [{"index.html", <<"two">>}]}]],
            ok = publish(Signed#{api_repository => <<"acme">>}, "sauce", "1.0.0", [{"index.html", <<"secret">>}]),
            Pem = string:replace(string:trim(Public), "\n", "\\n", all),
            Repos = ["{repos, replace, [#{name => <<\"local\">>, repo_url => <<\"", Repo, "\">>, api_url => <<\"", Api,
                     "\">>, repo_public_key => <<\"", Pem, "\">>}]}"],
            Outside = filename:join(proplists:get_value(base, Started), "outside"),
            %% The project is broken: what needs none does not look at it.
            ok = write(Outside, "src/broken.app.src", "{application, broken, "),
            ok = write(Outside, "rebar.config", ["{project_plugins, [hexide]}.\n{hex, [", Repos, "]}.\n"]),
            ok = plugin(Started, Outside),
            [{server, Server}, {settings, Settings}, {signed, Signed}, {repos, Repos}, {outside, Outside} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

%% Each case has a package of its own name, which is published.
-spec init_per_testcase(atom(), [tuple()]) -> [tuple()].
init_per_testcase(Case, Config) ->
    Dir = filename:join(proplists:get_value(base, Config), Case),
    ok = app(Dir, atom_to_list(Case), "1.0.0", []),
    ok = plugin(Config, Dir),
    ok = publish(proplists:get_value(signed, Config), atom_to_list(Case), "1.0.0", none),
    [{dir, Dir}, {name, atom_to_list(Case)} | Config].

publish(Signed, Name, Version, Pages) ->
    Metadata = #{<<"name">> => list_to_binary(Name), <<"app">> => list_to_binary(Name),
                 <<"version">> => list_to_binary(Version), <<"description">> => <<"A package">>,
                 <<"licenses">> => [<<"MIT">>], <<"build_tools">> => [<<"rebar3">>], <<"files">> => [<<"a">>]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"a", <<"a">>}]),
    {ok, _} = hexide_release:publish(Signed, Tarball),
    _ = [begin
             {ok, Docs} = hexide_tarball:create_docs(Pages),
             {ok, _} = hexide_docs:publish(Signed, Name, Version, Docs)
         end || Pages =/= none],
    ok.

%% --- generating

-spec a_command_generates([tuple()]) -> term().
a_command_generates(Config) ->
    ok = configured(Config, "{doc, \"echo at work; cat; mkdir docs && echo 'by größe' >docs/index.html\"}", ""),
    {0, Out, Err} = docs(Config, ["--json"]),
    [has(Out, Part) || Part <- ["\"docs\"", "\"version\": \"1.0.0\""]],
    hasnt(Out, "at work"),
    has(Err, "at work\n"),
    ?assertEqual([{"index.html", <<"by größe\n"/utf8>>}], published(Config)).

-spec a_failing_command_stops_it([tuple()]) -> term().
a_failing_command_stops_it(Config) ->
    %% What was there before does not go out in place of what could not be generated.
    ok = write(dir(Config), "doc/index.html", "stale"),
    ok = configured(Config, "{doc, {command, <<\"for i in 1 2 3 4 5 6 7; do echo line $i; done; exit 3\">>}}", ""),
    {1, <<>>, Err} = docs(Config, []),
    has(Err, "ended with exit code 3; the last that it said:\nline 3\nline 4\nline 5\nline 6\nline 7"),
    none_published(Config).

-spec an_alias_generates_as_ever([tuple()]) -> term().
an_alias_generates_as_ever(Config) ->
    ok = write(dir(Config), "doc/index.html", "stale"),
    ok = configured(Config, "{source_ref, false}", "{edoc_opts, [{dir, \"docs\"}]}.\n{alias, [{docs, [edoc]}]}.\n"),
    {0, _, _} = docs(Config, []),
    {_, Page} = lists:keyfind("index.html", 1, published(Config)),
    hasnt(Page, "stale"),
    %% By name, too.
    ok = configured(Config, "{doc, pages}", "{alias, [{pages, [edoc]}]}.\n"),
    {0, _, _} = docs(Config, []).

-spec a_task_of_any_namespace_generates([tuple()]) -> term().
a_task_of_any_namespace_generates(Config) ->
    Plugin = filename:join(dir(Config), "_checkouts/scribe"),
    ok = write(Plugin, "src/scribe.app.src",
               "{application, scribe, [{vsn, \"1.0.0\"}, {applications, [kernel, stdlib]}]}.\n"),
    ok = write(Plugin, "src/scribe.erl",
               "-module(scribe).\n-export([init/1, do/1, format_error/1]).\n"
               "init(State) -> {ok, rebar_state:add_provider(State, providers:create([{name, pages}, "
               "{namespace, scribe}, {module, ?MODULE}, {bare, true}, {deps, [{default, app_discovery}]}, "
               "{example, \"\"}, {opts, []}, {short_desc, \"\"}, {desc, \"\"}]))}.\n"
               "do(State) -> case filelib:is_regular(\"blocked\") of true -> {error, {?MODULE, blocked}}; false -> "
               "ok = filelib:ensure_dir(\"doc/index.html\"), ok = file:write_file(\"doc/index.html\", \"scribe\"), "
               "{ok, State} end.\nformat_error(Reason) -> io_lib:format(\"the scribe is ~p\", [Reason]).\n"),
    [begin
         _ = file:del_dir_r(filename:join(dir(Config), "doc")),
         ok = configured(Config, Doc, "{project_plugins, [hexide, scribe]}.\n"),
         {0, _, _} = docs(Config, []),
         ?assertEqual([{"index.html", <<"scribe">>}], published(Config))
     end || Doc <- ["{doc, pages}", "{doc, #{provider => pages}}", "{doc, {scribe, pages}}"]],
    ok = write(dir(Config), "blocked", ""),
    {1, <<>>, Err} = docs(Config, []),
    has(Err, "The documentation could not be generated with pages: the scribe is blocked").

-spec nothing_generates_what_is_there([tuple()]) -> term().
nothing_generates_what_is_there(Config) ->
    ok = configured(Config, "{doc, none}", ""),
    {1, <<>>, Missing} = docs(Config, []),
    [has(Missing, Part) || Part <- ["no index.html in", "/doc, ", "/docs; generate", "--doc-dir"]],
    ok = write(dir(Config), "docs/index.html", "by hand"),
    {0, _, Err} = docs(Config, []),
    hasnt(Err, "Generating"),
    ?assertEqual([{"index.html", <<"by hand">>}], published(Config)),
    ok = write(dir(Config), "site/index.html", "elsewhere"),
    {0, _, _} = docs(Config, ["--doc-dir", "site"]),
    ?assertEqual([{"index.html", <<"elsewhere">>}], published(Config)),
    {0, _, _} = docs(Config, ["--revert", "1.0.0"]),
    none_published(Config).

-spec what_cannot_generate_is_told([tuple()]) -> term().
what_cannot_generate_is_told(Config) ->
    [begin
         ok = configured(Config, Doc, ""),
         {1, <<>>, Err} = docs(Config, []),
         has(Err, Part)
     end || {Doc, Part} <- [{"{doc, no_such_task}", "rebar3 has no task `no_such_task`"},
                            {"{doc, {hex, docs}}", "rebar3 has no task `hex docs`"},
                            {"{doc, 7}", "{hex, [{doc, 7}]} in rebar.config names no generator"}]],
    none_published(Config).

-spec a_generator_that_would_never_end_is_stopped([tuple()]) -> term().
a_generator_that_would_never_end_is_stopped(Config) ->
    ok = configured(Config, "{source_ref, false}", "{alias, [{docs, [{hex, docs, \"--yes\"}]}]}.\n"),
    {1, <<>>, Err} = docs(Config, []),
    has(Err, "generator runs hex itself").

-spec a_folder_that_was_written_wins_over_one_that_was_there(term()) -> term().
a_folder_that_was_written_wins_over_one_that_was_there(Config) ->
    Dir = filename:join(proplists:get_value(priv_dir, Config), "folders"),
    App = #{dir => Dir, doc_dir => "doc"},
    Context = #{project => #{root => Dir, apps => [App]}},
    Folder = fun(Name) -> filename:absname(Name, Dir) end,
    Index = fun(Name) -> filename:join(Folder(Name), "index.html") end,
    [ok = write(Dir, filename:join(Name, "index.html"), Name) || Name <- ["doc", "docs"]],
    %% The one of long ago was written, the other has a date to come.
    Now = calendar:local_time(),
    {{Year, Month, Day}, Time} = Now,
    ok = file:change_time(Index("docs"), {{Year - 1, Month, min(Day, 28)}, Time}),
    ok = file:change_time(Index("doc"), {{Year + 1, Month, min(Day, 28)}, Time}),
    Seen = hexide_doc_folder:look(App, Context),
    ?assertEqual({ok, Folder("doc")}, hexide_doc_folder:find(Seen)),
    ok = write(Dir, "docs/index.html", "written anew"),
    ?assertEqual({ok, Folder("docs")}, hexide_doc_folder:find(Seen)),
    %% Where neither was, the newer.
    ?assertEqual({ok, Folder("doc")}, hexide_doc_folder:find(hexide_doc_folder:look(App, Context))),
    ok = file:change_time(Index("doc"), file_time(Index("docs"))),
    ?assertEqual({ok, Folder("doc")}, hexide_doc_folder:find(hexide_doc_folder:look(App, Context))).

file_time(Path) ->
    filelib:last_modified(Path).

%% --- reading

-spec documentation_is_fetched_without_a_project([tuple()]) -> term().
documentation_is_fetched_without_a_project(Config) ->
    Outside = proplists:get_value(outside, Config),
    {1, <<>>, _} = hex(Config, outside, ["docs"]),
    {0, Out, _} = hex(Config, outside, ["docs", "fetch", "read", "1.0.0"]),
    has(Out, "Fetched the documentation of read 1.0.0"),
    ?assertEqual({ok, <<"deep">>}, file:read_file(filename:join(Outside, "read-1.0.0-docs/deep/page.html"))),
    ok = write(Outside, "read-1.0.0-docs/index.html", "mine"),
    {1, <<>>, Err} = hex(Config, outside, ["docs", "fetch", "read", "1.0.0"]),
    has(Err, "read-1.0.0-docs"),
    ?assertEqual({ok, <<"mine">>}, file:read_file(filename:join(Outside, "read-1.0.0-docs/index.html"))),
    {0, Json, _} = hex(Config, outside, ["docs", "fetch", "read", "2.0.0-rc.1", "--output", "into", "--json"]),
    has(Json, "\"path\": \"into/read-2.0.0-rc.1-docs\""),
    [{2, <<>>, _} = hex(Config, outside, ["docs" | Args])
     || Args <- [["fetch"], ["open"], ["open", "read", "1.0"], ["fetch", "read", "1.0.0", "more"]]],
    {error, {usage, #{message := Slip}}} = read(Config, [<<"fetsch">>, <<"read">>], #{}),
    has(Slip, "did you mean `docs fetch`?").

-spec the_newest_release_that_has_any_is_meant([tuple()]) -> term().
the_newest_release_that_has_any_is_meant(Config) ->
    %% Neither 1.1.0, which has none, nor the pre-release.
    {ok, #{fetched := #{version := <<"1.0.0">>}}} = read(Config, [<<"fetch">>, <<"read">>], #{}),
    {error, {not_found, #{message := Message}}} = read(Config, [<<"fetch">>, list_to_binary(name(Config))], #{}),
    has(Message, "there is no documentation of " ++ name(Config) ++ " to be had from local"),
    ?assertMatch({error, {not_found, _}}, read(Config, [<<"open">>, <<"no_such_package">>], #{})).

-spec opening_keeps_it_for_when_there_is_no_network([tuple()]) -> term().
opening_keeps_it_for_when_there_is_no_network(Config) ->
    {0, Out, _} = hex(Config, outside, ["docs", "open", "read"], [{"CI", "1"}]),
    {match, [Index]} = re:run(Out, "^Documentation of read 1.0.0\n  (/.*/cache/hexide/docs/local/read/1.0.0/index.html)\n"
                              "  file:///.*/index.html\nThere is no browser to open it in.\n$",
                              [{capture, all_but_first, list}]),
    ?assertEqual({ok, <<"one">>}, file:read_file(Index)),
    Offline = [{"CI", "1"}, {"HEX_OFFLINE", "1"}],
    {0, Cached, _} = hex(Config, outside, ["docs", "open", "read"], Offline),
    has(Cached, "Documentation of read 1.0.0, as it was on 20"),
    {0, Json, _} = hex(Config, outside, ["docs", "open", "read", "1.0.0", "--json"], Offline),
    [has(Json, Part) || Part <- ["\"cached\": true", "\"browser\": false"]],
    %% What is asked for anew is not what was kept.
    {3, <<>>, _} = hex(Config, outside, ["docs", "open", "read", "--refresh"], Offline),
    ok = file:write_file(Index, "old"),
    {0, _, _} = hex(Config, outside, ["docs", "open", "read", "1.0.0", "--refresh"], [{"CI", "1"}]),
    ?assertEqual({ok, <<"one">>}, file:read_file(Index)),
    ?assertEqual({ok, ["1.0.0"]}, file:list_dir(filename:dirname(filename:dirname(Index)))).

-spec a_browser_opens_it([tuple()]) -> term().
a_browser_opens_it(Config) ->
    Self = self(),
    {ok, #{opened := #{url := Url, browser := true, cached := false}}} =
        read(Config, [<<"open">>, <<"read">>], #{}, #{browse => fun(Address) -> Self ! {browsed, Address}, true end,
                                                      cache_dir => filename:join(dir(Config), "with space & größe")}),
    receive {browsed, Address} -> ?assertEqual(Url, Address) end,
    <<"file://", Path/binary>> = Url,
    has(Path, "with%20space%20%26%20gr"),
    ?assertEqual({ok, <<"one">>}, file:read_file(uri_string:percent_decode(Path))).

-spec names_cannot_lead_out_of_the_cache([tuple()]) -> term().
names_cannot_lead_out_of_the_cache(Config) ->
    ok = write(dir(Config), "outside/index.html", "no documentation"),
    [?assertMatch({error, {usage, _}}, read(Config, [What, Name | Version], #{}))
     || What <- [<<"fetch">>, <<"open">>],
        [Name | Version] <- [[<<"../outside">>], [<<"..">>, <<"1.0.0">>], [<<"read">>, <<"..">>], [<<"Read">>],
                             [<<"read\n">>], [<<"read">>, <<"../../../outside">>], [<<>>], [<<"read">>, <<>>]]].

-spec what_unpacks_badly_leaves_nothing([tuple()]) -> term().
what_unpacks_badly_leaves_nothing(Config) ->
    Cache = filename:join(dir(Config), "cache"),
    Context = #{config => #{}, repository => <<"local:acme">>, cache_dir => Cache},
    {ok, Docs} = hexide_tarball:create_docs([{"index.html", <<"one">>}, {"page.html", binary:copy(<<"x">>, 100_000)}]),
    {ok, #{folder := Folder}} = hexide_docs_cache:keep(Context, <<"read">>, <<"1.0.0">>, Docs),
    [?assertMatch({error, _}, hexide_docs_cache:keep(Context#{config := Limits}, <<"read">>, <<"1.0.0">>, Tarball))
     || {Limits, Tarball} <- [{#{}, <<"no tarball">>}, {#{docs_tarball_max_uncompressed_size => 10_000}, Docs}]],
    %% What was there before is there.
    ?assertEqual({ok, <<"one">>}, file:read_file(filename:join(Folder, "index.html"))),
    ?assertEqual({ok, ["1.0.0"]}, file:list_dir(filename:dirname(Folder))),
    ?assertEqual({ok, <<"1.0.0">>}, hexide_docs_cache:newest(Context, <<"read">>)).

-spec private_documentation_names_the_key([tuple()]) -> term().
private_documentation_names_the_key(Config) ->
    {ok, #{secret := Reads}} = hexide_key:add(proplists:get_value(signed, Config), "reads",
                                              [#{domain => repository, resource => acme}]),
    Acme = #{repo_organization => <<"acme">>, repository => <<"local:acme">>},
    [begin
         {error, {_, #{message := Message}}} = read(Config, [What, <<"sauce">> | Version], Acme),
         [has(Message, Part)
          || Part <- ["needs the repository's key", "rebar3 hex organization auth acme", "HEX_REPO_KEY"]]
     end || What <- [<<"fetch">>, <<"open">>], Version <- [[], [<<"1.0.0">>]]],
    {ok, #{opened := #{path := Path}}} = read(Config, [<<"open">>, <<"sauce">>], Acme#{repo_key => Reads}),
    ?assertEqual({ok, <<"secret">>}, file:read_file(filename:join(Path, "index.html"))),
    %% A repository of the same package is another.
    has(Path, "/local@acme/sauce/").

%% --- what the cases share

read(Config, Args, Settings) ->
    read(Config, Args, Settings, #{}).

read(Config, Args, Settings, Facts) ->
    Project = maps:merge(proplists:get_value(settings, Config), maps:remove(repository, Settings)),
    {ok, #{config := Resolved}} = hexide_config:resolve(#{environment => [], project => Project}),
    Context = #{config => Resolved, repository => maps:get(repository, Settings, <<"local">>),
                cache_dir => filename:join(dir(Config), "cache"), browse => fun(_) -> false end},
    hexide_cmd_docs:run(maps:merge(Context, Facts), #{args => Args, output => list_to_binary(dir(Config))}).

configured(Config, Hex, More) ->
    Text = ["{hex, [", Hex, ", ", proplists:get_value(repos, Config), "]}.\n", More,
            ["{project_plugins, [hexide]}.\n" || string:find(More, "project_plugins") =:= nomatch]],
    write(dir(Config), "rebar.config", unicode:characters_to_binary(Text)).

docs(Config, Args) ->
    #{api_key := Key} = proplists:get_value(signed, Config),
    hex(Config, dir, ["docs", "--yes" | Args], [{"HEX_API_KEY", binary_to_list(Key)}]).

published(Config) ->
    {ok, Docs} = hexide_docs:fetch(proplists:get_value(settings, Config), name(Config), "1.0.0"),
    {ok, Files} = erl_tar:extract({binary, Docs}, [compressed, memory]),
    Files.

none_published(Config) ->
    Settings = proplists:get_value(settings, Config),
    ?assertMatch({error, {not_found, _}}, hexide_docs:fetch(Settings, name(Config), "1.0.0")).

dir(Config) -> proplists:get_value(dir, Config).
name(Config) -> proplists:get_value(name, Config).
