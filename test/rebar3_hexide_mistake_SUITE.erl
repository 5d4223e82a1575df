%% @doc What people get wrong, by real rebar3: each mistake has its exit code, a sentence that names it and says
%% what to do, and changes nothing.
%%
%% amy, who signs in by HEX_API_KEY, owns shared_lib; zoe owns other_lib and the private one of zoo.
-module(rebar3_hexide_mistake_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([words/1, options/1, finding/1, publishing/1, cutting/1, owners/1, retiring/1, accounts/1, keys/1,
         organizations/1, repositories/1, settings/1, packages/1, serving/1, outside_of_a_project/1, a_library_that_does_not_load/1,
         nothing_was_changed/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, run/4, has/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [atom()].
all() ->
    [words, options, finding, publishing, cutting, owners, retiring, accounts, keys, organizations, repositories,
     settings, packages, serving, outside_of_a_project, a_library_that_does_not_load, nothing_was_changed].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "mistake") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
            [Amy, Zoe] = [begin
                              User = #{username => Name, email => Name ++ "@example.com"},
                              {ok, #{key := Key}} = hexide_server:add_user(Server, User),
                              Key
                          end || Name <- ["amy", "zoe"]],
            ok = hexide_server:add_organization(Server, "zoo", "zoe"),
            Settings = #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => <<"local">>},
            [ok = published(Settings#{api_key => Key}, Name)
             || {Key, Name} <- [{Amy, <<"shared_lib">>}, {Zoe, <<"other_lib">>}]],
            ok = published(Settings#{api_key => Zoe, api_repository => <<"zoo">>}, <<"hidden_lib">>),
            Ready = [{server, Server}, {api, Settings#{api_key => Amy}}, {key, binary_to_list(Amy)} | Started],
            project(Ready, Api, Repo, Public);
        {skip, _} = Skip -> Skip
    end.

published(Settings, Name) ->
    Metadata = #{<<"name">> => Name, <<"app">> => Name, <<"version">> => <<"1.0.0">>,
                 <<"description">> => <<"A package">>, <<"licenses">> => [<<"MIT">>],
                 <<"build_tools">> => [<<"rebar3">>], <<"files">> => [<<"src/it.erl">>], <<"requirements">> => #{},
                 <<"links">> => #{}},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"src/it.erl", <<"-module(it).\n">>}]),
    {ok, _} = hexide_release:publish(Settings, Tarball, #{replace => false}),
    ok.

project(Config, Api, Repo, Public) ->
    Base = proplists:get_value(base, Config),
    [Sample, Outside] = [filename:join(Base, Name) || Name <- ["sample", "outside"]],
    Pem = string:replace(string:trim(Public), "\n", "\\n", all),
    Repos = ["{project_plugins, [hexide]}.\n{hex, [{repos, replace, [#{name => <<\"local\">>, repo_url => <<\"", Repo,
             "\">>, api_url => <<\"", Api, "\">>, repo_public_key => <<\"", Pem, "\">>}]}]}.\n"],
    ok = app(Sample, "sample", "0.1.0", []),
    ok = write(Sample, "a_file", "It is one.\n"),
    ok = write(Sample, "key.pem", Public),
    ok = write(Sample, ".gitignore", "_build\n_checkouts\ndoc\n"),
    [begin
         ok = write(Dir, "rebar.config", Repos),
         ok = plugin(Config, Dir)
     end || Dir <- [Sample, Outside]],
    [{0, _, _} = run(Config, Sample, "git", Args)
     || Args <- [["init", "-q"], ["config", "user.name", "Amy"], ["config", "user.email", "amy@example.com"],
                 ["add", "."], ["commit", "-q", "-m", "first"], ["tag", "v0.2.0"]]],
    ok = write(Sample, "src/sample.erl", "-module(sample). % changed\n"),
    [{sample, Sample}, {outside, Outside} | Config].

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

-spec words([tuple()]) -> term().
words(Config) ->
    mistakes(Config, [{["Publish"], 2, ["did you mean `publish`?"]},
                      {["publsh"], 1, ["publsh", "did you mean the command `publish`?"]},
                      {["help", "serach"], 2, ["did you mean `search`?"]},
                      {["größe"], 2, ["`größe` is no command"]},
                      {["http_proxi", "http://localhost:3128"], 1, ["http_proxi"]},
                      {["--repo"], 2, ["--repo needs a value"]}]).

-spec options([tuple()]) -> term().
options(Config) ->
    mistakes(Config, [{["publish", "--dryrun"], 2, ["nknown option --dryrun; did you mean --dry-run?"]},
                      {["search", "lib", "-x"], 2, ["nknown option -x"]},
                      {["search", "lib", "--repo", "locl"], 2, ["repository `locl`", "did you mean `local`?"]},
                      {["search", "lib", "--repo", "local:nowhere"], 1, ["nowhere"]},
                      {["search", "lib", "--json=yes"], 2, ["--json takes no value"]},
                      {["search", "lib", "--limit", "ten"], 2, ["--limit needs a number, not `ten`"]},
                      {["search", "lib", "--limit", "-1"], 2, ["--limit needs a number, not `-1`"]},
                      {["search", "lib", "--sort", "size"], 2, ["--sort must be one of", "not `size`"]}]).

-spec finding([tuple()]) -> term().
finding(Config) ->
    mistakes(Config, [{["search"], 2, ["what to search for"]},
                      {["info", "a", "1.0.0", "b"], 2, ["a package and a version"]},
                      {["info", "no_such_lib"], 1, ["no_such_lib"]},
                      {["info", "../etc"], 1, ["../etc"]},
                      {["info", "größe"], 1, ["größe"]},
                      {["info", "hidden_lib"], 1, ["hidden_lib", "private"]},
                      {["info", "shared_lib", "9.9.9"], 1, ["9.9.9"]},
                      {["info", "shared_lib", "1.0"], 1, ["1.0.0"]},
                      {["info", "shared_lib", "latest"], 1, ["latest"]},
                      {["outdated", "shared_lib"], 2, ["shared_lib"]}]).

-spec publishing([tuple()]) -> term().
publishing(Config) ->
    mistakes(Config, [{["publish", "everything", "--yes"], 2, ["`everything`", "package or docs"]},
                      {["publish", "--app", "simple", "--yes"], 2, ["no app `simple`", "sample"]},
                      {["publish"], 2, ["--yes"]},
                      {["publish", "--doc-dir", "nowhere", "--yes"], 1, ["index.html", "--doc-dir"]},
                      {["publish", "--revert", "9.9.9", "--yes"], 1, ["9.9.9"]},
                      {["publish", "--revert", "9.9", "--yes"], 2, ["9.9.0"]},
                      {["docs", "--revert", "9.9.9", "--yes"], 1, ["9.9.9"]},
                      {["docs", "everything"], 2, ["`everything`"]},
                      {["build", "everything"], 2, ["`everything`"]},
                      {["build", "package", "--output", "a_file"], 1, ["a_file"]}]).

-spec cutting([tuple()]) -> term().
cutting(Config) ->
    mistakes(Config, [{["cut"], 2, ["-i major|minor|patch"]},
                      {["cut", "-i", "huge"], 2, ["major, minor, patch", "`huge`"]},
                      {["cut", "1.2.3"], 2, ["`1.2.3`"]},
                      {["cut", "-i", "minor", "--yes"], 1, ["v0.2.0", "exists already"]},
                      {["cut", "-i", "patch"], 2, ["--yes"]}]).

-spec owners([tuple()]) -> term().
owners(Config) ->
    mistakes(Config, [{["owner"], 2, ["list", "transfer"]},
                      {["owner", "lsit", "shared_lib"], 2, ["`lsit`", "list"]},
                      {["owner", "list"], 2, ["needs a package"]},
                      {["owner", "add", "shared_lib"], 2, ["a username or an e-mail address"]},
                      {["owner", "list", "no_such_lib"], 1, ["no_such_lib"]},
                      {["owner", "add", "shared_lib", "nobody@example.com"], 1, ["nobody@example.com", "shared_lib"]},
                      {["owner", "add", "no_such_lib", "zoe"], 1, ["no_such_lib"]},
                      {["owner", "add", "shared_lib", "zoe", "--level", "boss"], 2, ["full, maintainer"]},
                      {["owner", "add", "other_lib", "amy"], 1, ["other_lib"]},
                      {["owner", "remove", "shared_lib", "amy", "--yes"], 1, ["last owner"]},
                      {["owner", "remove", "shared_lib", "zoe", "--yes"], 1, ["zoe"]},
                      {["owner", "remove", "shared_lib", "amy"], 2, ["--yes"]},
                      {["owner", "transfer", "shared_lib", "nobody", "--yes"], 1, ["nobody"]}]).

-spec retiring([tuple()]) -> term().
retiring(Config) ->
    mistakes(Config, [{["retire"], 2, ["PACKAGE"]},
                      {["retire", "shared_lib", "1.0.0"], 2, ["REASON"]},
                      {["retire", "shared_lib", "1.0.0", "tired", "--message", "Enough"], 2, ["security", "`tired`"]},
                      {["retire", "shared_lib", "1.0.0", "other", "--message", "ab"], 2, ["message"]},
                      {["retire", "shared_lib", "1.0.0", "other", "--message", lists:duplicate(141, $x)], 2,
                       ["message"]},
                      {["retire", "shared_lib", "1.0", "other", "--message", "Enough"], 2, ["1.0.0"]},
                      {["retire", "shared_lib", "9.9.9", "other", "--message", "Enough"], 1, ["9.9.9"]},
                      {["retire", "other_lib", "1.0.0", "other", "--message", "Enough"], 1, ["other_lib"]}]).

-spec accounts([tuple()]) -> term().
accounts(Config) ->
    Register = fun(Name, Address) ->
                   ["user", "register", "--username", Name, "--email", Address]
               end,
    Password = [{"HEX_PASSWORD", "correct horse battery"}],
    mistakes(Config, [{["user"], 2, ["whoami"]},
                      {["user", "whom"], 2, ["`whom`", "whoami"]},
                      {["user", "whoami"], 1, ["key"], [{"HEX_API_KEY", "0000"}]},
                      {["user", "whoami"], 1, ["rebar3 hex user auth"], [{"HEX_API_KEY", false}]},
                      {["user", "register"], 2, ["--username"]},
                      {Register("joe", "joe@example.com"), 2, ["HEX_PASSWORD"]},
                      {Register("joe", "joe"), 1, ["email"], Password},
                      {Register("amy", "joe@example.com"), 1, ["username", "taken"], Password},
                      {Register("joe", "joe@example.com"), 1, ["password"], [{"HEX_PASSWORD", "abc"}]}]).

-spec keys([tuple()]) -> term().
keys(Config) ->
    mistakes(Config, [{["key"], 2, ["generate"]},
                      {["key", "lits"], 2, ["`lits`", "list"]},
                      {["key", "get", "nothing"], 1, ["nothing"]},
                      {["key", "remove", "nothing"], 1, ["nothing"]},
                      {["key", "remove"], 2, ["--all"]},
                      {["key", "remove", "--all"], 2, ["--yes"]},
                      {["key", "generate", "--permission", "everything"], 1, ["everything"]},
                      {["key", "generate", "--expires", "soon"], 2, ["soon"]},
                      {["key", "generate", "--expires", "2020-01-01"], 2, ["2020-01-01"]}]).

-spec organizations([tuple()]) -> term().
organizations(Config) ->
    mistakes(Config, [{["organization"], 2, ["members"]},
                      {["organization", "auth"], 2, ["ORG"]},
                      {["organization", "members", "list", "nowhere"], 1, ["nowhere"]},
                      {["organization", "members", "list", "zoo"], 1, ["zoo"]},
                      {["organization", "members", "add", "zoo", "amy", "--role", "king"], 2, ["admin, write, read"]},
                      {["organization", "members", "add", "zoo"], 2, ["USER"]},
                      {["organization", "key", "zoo", "lose"], 2, ["`lose`"]}]).

-spec repositories([tuple()]) -> term().
repositories(Config) ->
    mistakes(Config, [{["repo"], 2, ["list"]},
                      {["repo", "add", "mine"], 2, ["--url"]},
                      {["repo", "add", "mine", "--url", "nowhere", "--public-key", "key.pem"], 2, ["nowhere"]},
                      {["repo", "add", "mine", "--url", "http://127.0.0.1:1", "--public-key", "missing.pem"], 1,
                       ["missing.pem"]},
                      {["repo", "add", "mine", "--url", "http://127.0.0.1:1", "--public-key", "a_file"], 1, ["a_file"]},
                      {["repo", "add", "mine", "--url", "http://127.0.0.1:1", "--fetch-public-key", "SHA256:abc"], 3,
                       ["127.0.0.1:1"]},
                      {["repo", "show", "locl"], 1, ["did you mean `local`?"]},
                      {["repo", "remove", "nowhere"], 1, ["nowhere"]}]).

-spec settings([tuple()]) -> term().
settings(Config) ->
    mistakes(Config, [{["config", "http_proxi"], 2, ["did you mean `http_proxy`?"]},
                      {["config", "timeout", "soon"], 2, ["timeout"]},
                      {["config", "offline", "perhaps"], 2, ["offline"]},
                      {["config", "api_url", "not a url"], 2, ["api_url"]},
                      {["config", "timeout", "1", "2"], 2, ["config"]},
                      {["config", "--delete"], 2, ["--delete"]},
                      {["config", "--delete", "tiemout"], 2, ["did you mean `timeout`?"]}]).

-spec packages([tuple()]) -> term().
packages(Config) ->
    mistakes(Config, [{["package"], 2, ["fetch", "diff"]},
                      {["package", "fecth", "shared_lib"], 2, ["`fecth`", "fetch"]},
                      {["package", "fetch", "no_such_lib"], 1, ["no_such_lib"]},
                      {["package", "fetch", "shared_lib", "9.9.9"], 1, ["9.9.9"]},
                      {["package", "fetch", "shared_lib", "1.0"], 2, ["1.0.0"]},
                      {["package", "fetch", "shared_lib", "--output", "a_file"], 1, ["a_file"]},
                      {["package", "diff", "shared_lib", "1.0.0"], 2, ["diff"]}]).

-spec serving([tuple()]) -> term().
serving(Config) ->
    #{api_url := Api} = proplists:get_value(api, Config),
    #{port := Port} = uri_string:parse(Api),
    mistakes(Config, [{["server", "--port", "many"], 2, ["--port needs a number"]},
                      {["server", "--port", "70000"], 2, ["no port 70000"]},
                      {["server", "--port", integer_to_list(Port)], 3, [integer_to_list(Port), "in use"]},
                      {["server", "--data", "a_file"], 1, ["a_file"]},
                      {["server", "--address", "nowhere"], 2, ["nowhere"]},
                      {["server", "now"], 2, ["`now`"]},
                      %% Where only the client is installed.
                      {["server"], 1, ["{plugins, [hexide, hexide_server]}"], [{"ERL_FLAGS", false}]}]).

-spec outside_of_a_project([tuple()]) -> term().
outside_of_a_project(Config) ->
    ?assertEqual([], lists:append([mistake(Config, outside, Args, 1, ["project"], [])
                                   || Args <- [["publish", "--yes"], ["build"], ["docs", "--yes"],
                                               ["cut", "-i", "patch", "--yes"]]])).

-spec a_library_that_does_not_load([tuple()]) -> term().
a_library_that_does_not_load(Config) ->
    Dir = filename:join(proplists:get_value(base, Config), "broken"),
    {ok, _} = file:copy(filename:join(proplists:get_value(outside, Config), "rebar.config"),
                        begin ok = filelib:ensure_dir(filename:join(Dir, "x")), filename:join(Dir, "rebar.config") end),
    Plugin = filename:join(Dir, "_checkouts/hexide"),
    ok = write(Plugin, "priv/hexide_nif.so", "no library\n"),
    ok = file:make_symlink(filename:dirname(code:which(hexide_command)), filename:join(Plugin, "ebin")),
    [begin
         {1, Out, Said} = real_rebar3:run(Config, Dir, "rebar3", Args),
         ?assertEqual({Args, <<>>}, {Args, Out}),
         [has(Said, Part) || Part <- ["hexide_nif.so", "cannot be loaded"]]
     end || Args <- [["hex", "search", "lib"], ["hex", "search", "lib", "--json"]]].

-spec nothing_was_changed([tuple()]) -> term().
nothing_was_changed(Config) ->
    Api = proplists:get_value(api, Config),
    ?assertMatch({ok, [#{name := <<"other_lib">>}, #{name := <<"shared_lib">>}]}, hexide_package:search(Api, "lib")),
    ?assertMatch({ok, [#{username := <<"amy">>}]}, hexide_owner:list(Api, "shared_lib")),
    {ok, Keys} = hexide_key:list(Api),
    ?assertEqual(1, length(Keys)),
    ?assertMatch({ok, #{retirements := Retired}} when Retired =:= #{}, hexide_package:get(Api, "shared_lib")),
    ?assertNot(filelib:is_file(real_rebar3:hex_config(Config))),
    Sample = proplists:get_value(sample, Config),
    {0, <<" M src/sample.erl\n">>, _} = run(Config, Sample, "git", ["status", "--porcelain"]),
    {0, <<"v0.2.0\n">>, _} = run(Config, Sample, "git", ["tag"]).

%% All that differs of a table, at once.
mistakes(Config, Table) ->
    ?assertEqual([], lists:append([case Row of
                                       {Args, Status, Parts} -> mistake(Config, sample, Args, Status, Parts, []);
                                       {Args, Status, Parts, Set} -> mistake(Config, sample, Args, Status, Parts, Set)
                                   end || Row <- Table])).

mistake(Config, Project, Args, Status, Parts, Environment) ->
    {Ended, Out, Said} = real_rebar3:hex(Config, Project, Args,
                                         [{"HEX_API_KEY", proplists:get_value(key, Config)} | Environment]),
    Missing = [Part || Part <- Parts, string:find(Said, unicode:characters_to_binary(Part)) =:= nomatch],
    [{Args, Ended, Out, Said, Missing} || {Status, <<>>, []} =/= {Ended, Out, Missing}].
