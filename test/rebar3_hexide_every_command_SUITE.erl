%% @doc Every command by real rebar3, each in the same four ways: in a terminal and without one, as text and as
%% JSON; once when it does what it is asked and once when it cannot.
%%
%% The registry runs in the node of the tests. amy signs in by HEX_API_KEY; what a run changes is made anew
%% before each.
-module(rebar3_hexide_every_command_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([every_command_has_its_case/1, publish/1, docs/1, build/1, cut/1, search/1, info/1, package/1, outdated/1,
         owner/1, retire/1, user/1, key/1, organization/1, repo/1, config/1, server/1, help/1, short_forms/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/4, run/4, environment/1, has/2, hasnt/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [atom()].
all() ->
    [every_command_has_its_case, publish, docs, build, cut, search, info, package, outdated, owner, retire, user, key,
     organization, repo, config, server, help, short_forms].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "every_command") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
            [{ok, #{key := Key}}, {ok, _}] = [hexide_server:add_user(Server, #{username => Name, email => Email})
                                              || {Name, Email} <- [{"amy", "amy@example.com"},
                                                                   {"bob", "bob@example.com"}]],
            ok = hexide_server:add_organization(Server, "acme", "amy"),
            Ready = [{server, Server}, {key, binary_to_list(Key)}, {count, counters:new(1, [])},
                     {api, #{api_url => Api, repo_url => Repo, repo_public_key => Public, api_key => Key,
                             repo_name => <<"local">>}} | Started],
            [{ok, _} = published(Ready, Name, Version)
             || {Name, Version} <- [{"shared_lib", "1.0.0"}, {"shared_lib", "1.1.0"}, {"private_lib", "1.0.0"}]],
            project(Ready, Api, Repo, Public);
        {skip, _} = Skip -> Skip
    end.

project(Config, Api, Repo, Public) ->
    Dir = filename:join(proplists:get_value(base, Config), "sample"),
    Pem = string:replace(string:trim(Public), "\n", "\\n", all),
    ok = app(Dir, "sample", "0.0.0", []),
    ok = write(Dir, "README.md", "A sample.\n"),
    ok = write(Dir, "LICENSE", "MIT\n"),
    ok = write(Dir, "CHANGELOG.md", "All of it.\n"),
    ok = write(Dir, ".gitignore", "_build\n_checkouts\ndoc\nout\n"),
    ok = write(Dir, "rebar.config",
               ["{project_plugins, [hexide]}.\n{deps, [{shared_lib, \"~> 1.0\"}]}.\n",
                "{hex, [{repos, replace, [#{name => <<\"local\">>, repo_url => <<\"", Repo, "\">>, api_url => <<\"", Api,
                "\">>, repo_public_key => <<\"", Pem, "\">>}]}]}.\n"]),
    ok = write(Dir, "rebar.lock",
               ["{\"1.2.0\",\n[{<<\"shared_lib\">>,{pkg,<<\"shared_lib\">>,<<\"1.0.0\">>},0}]}.\n[].\n"]),
    [{0, _, _} = run(Config, Dir, "git", Args)
     || Args <- [["init", "-q"], ["config", "user.name", "Amy"], ["config", "user.email", "amy@example.com"],
                 ["add", "."], ["commit", "-q", "-m", "first"]]],
    ok = plugin(Config, Dir),
    [{sample, Dir} | Config].

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

-spec every_command_has_its_case([tuple()]) -> term().
every_command_has_its_case(_) ->
    ?assertEqual([], [Name || Name <- hexide_command:names(), not lists:member(binary_to_atom(Name), all())]).

-spec publish([tuple()]) -> term().
publish(Config) ->
    %% Each run publishes another version; a person is asked first.
    Fresh = fun(Number) -> app(sample(Config), "sample", "0.1." ++ integer_to_list(Number), []) end,
    works(Config, ["publish"], #{before => Fresh, unasked => ["--yes"], answers => [{"[y/N]", "y"}],
                                 text => ["Published sample 0.1.", "found the same"], json => ["\"verified\": true"]}),
    fails(Config, ["publish", "package"], #{before => Fresh, status => 2, flag => "--yes"}),
    fails(Config, ["publish", "--app", "simple", "--yes"], #{status => 2, text => "no app `simple`", code => "usage"}).

-spec docs([tuple()]) -> term().
docs(Config) ->
    ok = app(sample(Config), "sample", "0.0.1", []),
    {ok, _} = published(Config, "sample", "0.0.1"),
    works(Config, ["docs"], #{unasked => ["--yes"], answers => [{"[y/N]", "y"}],
                              text => ["Published the documentation of sample 0.0.1"], json => ["\"location\":"]}),
    fails(Config, ["docs", "--doc-dir", "nowhere", "--yes"], #{status => 1, text => "index.html", code => "failed"}).

-spec build([tuple()]) -> term().
build(Config) ->
    works(Config, ["build", "package", "--output", "out"],
          #{before => fun(_) -> empty(Config, "out") end, text => ["src/sample.erl", "checksum"],
            json => ["\"files\":", "\"checksum\":"]}),
    fails(Config, ["build", "everything"], #{status => 2, text => "`everything`", code => "usage"}).

-spec cut([tuple()]) -> term().
cut(Config) ->
    Fresh = fun(_) ->
                {0, _, _} = run(Config, sample(Config), "git", ["checkout", "-q", "--", "."]),
                ok
            end,
    works(Config, ["cut", "-i", "minor"], #{before => Fresh, unasked => ["--yes"], answers => [{"[y/N]", "y"}],
                                            text => ["Raised sample from 0.", "tagged v0."],
                                            json => ["\"tag\": \"v0."]}),
    Fresh(0),
    fails(Config, ["cut", "-i", "huge"], #{status => 2, text => "major, minor, patch", code => "usage"}).

-spec search([tuple()]) -> term().
search(Config) ->
    works(Config, ["search", "shared"], #{text => ["shared_lib", "1.1.0"], json => ["\"name\": \"shared_lib\""]}),
    fails(Config, ["search", "shared"], #{environment => [{"HEX_API_URL", "http://127.0.0.1:1/api"}], status => 3,
                                          text => "127.0.0.1:1", code => "connect"}).

-spec info([tuple()]) -> term().
info(Config) ->
    works(Config, ["info", "shared_lib", "1.0.0"], #{text => ["shared_lib 1.0.0", "Checksum:"],
                                                     json => ["\"checksum\": \""]}),
    works(Config, ["info"], #{text => ["hexide ", "local"], json => ["\"repositories\":"]}),
    fails(Config, ["info", "no_such_lib"], #{status => 1, text => "no_such_lib", code => "not_found"}).

-spec package([tuple()]) -> term().
package(Config) ->
    works(Config, ["package", "fetch", "shared_lib", "--output", "out"],
          #{before => fun(_) -> empty(Config, "out") end, text => ["shared_lib 1.1.0", "checksum"],
            json => ["\"checksum\": \""]}),
    works(Config, ["package", "diff", "shared_lib", "1.0.0", "1.1.0"], #{text => ["+", "-"], json => ["\"files\":"]}),
    fails(Config, ["package", "diff", "shared_lib", "1.0.0", "9.9.9"], #{status => 1, text => "9.9.9",
                                                                         code => "not_found"}).

-spec outdated([tuple()]) -> term().
outdated(Config) ->
    works(Config, ["outdated"], #{text => ["shared_lib", "1.0.0", "1.1.0"], json => ["\"newest\": \"1.1.0\""]}),
    fails(Config, ["outdated"], #{environment => [{"HEX_OFFLINE", "1"}, {"HEX_CACHE_DIR", "/nonexistent"}],
                                  status => 3, text => "ffline", code => "offline"}).

-spec owner([tuple()]) -> term().
owner(Config) ->
    works(Config, ["owner", "list", "shared_lib"], #{text => ["amy", "full"], json => ["\"username\": \"amy\""]}),
    works(Config, ["owner", "add", "shared_lib", "bob"], #{text => ["bob is now an owner"], json => ["\"added\""]}),
    works(Config, ["owner", "remove", "shared_lib", "bob"],
          #{before => fun(_) -> hexide_owner:add(api(Config), "shared_lib", "bob", #{}) end, unasked => ["--yes"],
            answers => [{"[y/N]", "y"}], text => ["bob is no owner"], json => ["\"removed\""]}),
    fails(Config, ["owner", "add", "shared_lib", "nobody@example.com"],
          #{status => 1, text => "nobody@example.com", code => "not_found"}).

-spec retire([tuple()]) -> term().
retire(Config) ->
    works(Config, ["retire", "shared_lib", "1.0.0", "other", "--message", "Use 1.1, it is better"],
          #{text => ["1.0.0 is retired (other): Use 1.1, it is better"], json => ["\"reason\": \"other\""]}),
    works(Config, ["retire", "shared_lib", "1.0.0", "--unretire"], #{text => ["not retired any more"],
                                                                     json => ["\"retired\": false"]}),
    fails(Config, ["retire", "shared_lib", "1.0.0", "tired", "--message", "Enough"],
          #{status => 2, text => "other, invalid, security, deprecated, renamed", code => "usage"}).

-spec user([tuple()]) -> term().
user(Config) ->
    works(Config, ["user", "whoami"], #{text => ["amy"], json => ["\"username\": \"amy\""]}),
    fails(Config, ["user", "whoami"], #{environment => [{"HEX_API_KEY", "ffffffffffffffffffffffffffffffff"}],
                                        status => 1, text => "key", code => "unauthorized"}).

-spec key([tuple()]) -> term().
key(Config) ->
    works(Config, ["key", "generate", "--key-name", "ci", "--permission", "api:read"],
          #{text => ["shown"], json => ["\"secret\": \""]}),
    works(Config, ["key", "list"], #{text => ["ci", "api:read"], json => ["\"name\": \"ci\""]}),
    fails(Config, ["key", "get", "nothing"], #{status => 1, text => "nothing", code => "not_found"}).

-spec organization([tuple()]) -> term().
organization(Config) ->
    works(Config, ["organization", "members", "list", "acme"], #{text => ["amy", "admin"],
                                                                 json => ["\"username\": \"amy\""]}),
    fails(Config, ["organization", "members", "list", "nowhere"], #{status => 1, text => "nowhere",
                                                                    code => "not_found"}).

-spec repo([tuple()]) -> term().
repo(Config) ->
    works(Config, ["repo", "list"], #{text => ["local"], json => ["\"name\": \"local\""]}),
    fails(Config, ["repo", "add", "mine"], #{status => 2, text => "--url", code => "usage"}).

-spec config([tuple()]) -> term().
config(Config) ->
    works(Config, ["config", "timeout", "20000"], #{text => ["timeout is now 20000"], json => ["\"set\""]}),
    works(Config, ["config"], #{text => ["timeout", "20000", "user"], json => ["\"settings\":"]}),
    works(Config, ["config", "--delete", "timeout"],
          #{before => fun(_) -> hex(Config, sample, ["config", "timeout", "20000"], []) end, text => ["is removed"],
            json => ["\"deleted\""]}),
    fails(Config, ["config", "timeout", "soon"], #{status => 2, text => "timeout", code => "usage"}).

-spec server([tuple()]) -> term().
server(Config) ->
    %% Where nobody is at its input it ends at once; a person ends it.
    works(Config, ["server"], #{answers => [{"It ends when", interrupt}], json_answers => [{"data_dir", interrupt}],
                                text => ["is running", "Public key"], json => ["\"api_url\":"]}),
    fails(Config, ["server", "--port", "many"], #{status => 2, text => "--port needs a number", code => "usage"}).

-spec help([tuple()]) -> term().
help(Config) ->
    works(Config, ["help", "retire"], #{text => ["rebar3 hex retire PACKAGE VERSION", "--unretire"],
                                        json => ["\"forms\":"]}),
    fails(Config, ["help", "serach"], #{status => 2, text => "did you mean `search`", code => "usage"}).

-spec short_forms([tuple()]) -> term().
short_forms(Config) ->
    works(Config, [], #{text => ["hexide ", "Commands"], json => ["\"commands\":"]}),
    works(Config, ["shared_lib", "1.1.0"], #{text => ["shared_lib 1.1.0"], json => ["\"version\": \"1.1.0\""]}),
    works(Config, ["username", "amy"], #{text => ["username is now amy"], json => ["\"set\""]}),
    fails(Config, ["Serach"], #{status => 2, text => "did you mean `search`", code => "usage"}).

%% --- the four ways

works(Config, Args, Row) ->
    Texts = maps:get(text, Row),
    {0, Text, _} = unattended(Config, Args ++ maps:get(unasked, Row, []), Row),
    [has(Text, Part) || Part <- Texts],
    {0, Document, _} = unattended(Config, Args ++ maps:get(unasked, Row, []) ++ ["--json"], Row),
    one_document(Document),
    [has(Document, Part) || Part <- maps:get(json, Row)],
    Answers = maps:get(answers, Row, []),
    {0, Shown} = attended(Config, Args, Answers, Row),
    [has(Shown, Part) || Part <- Texts],
    {0, Both} = attended(Config, Args ++ ["--json"], maps:get(json_answers, Row, Answers), Row),
    [has(Both, Part) || Part <- maps:get(json, Row)].

%% A question that nobody answers names the flag; so does its JSON.
fails(Config, Args, #{status := Status, flag := Flag} = Row) ->
    {Status, <<>>, Said} = unattended(Config, Args, Row),
    has(Said, Flag),
    {Status, Document, _} = unattended(Config, Args ++ ["--json"], Row),
    one_document(Document),
    has(Document, Flag);
fails(Config, Args, #{status := Status, text := Text, code := Code} = Row) ->
    {Status, <<>>, Said} = unattended(Config, Args, Row),
    has(Said, Text),
    {Status, Document, _} = unattended(Config, Args ++ ["--json"], Row),
    one_document(Document),
    has(Document, ["\"code\": \"", Code, "\""]),
    {Status, Shown} = attended(Config, Args, [], Row),
    has(Shown, Text),
    {Status, Both} = attended(Config, Args ++ ["--json"], [], Row),
    has(Both, ["\"code\": \"", Code, "\""]).

unattended(Config, Args, Row) ->
    prepared(Config, Row),
    hex(Config, sample, Args, signed_in(Config, Row)).

attended(Config, Args, Answers, Row) ->
    prepared(Config, Row),
    Terminal = terminal:start(sample(Config), "rebar3", ["hex" | Args], environment(Config) ++ signed_in(Config, Row)),
    Seen = [begin
                Shown = terminal:see(Terminal, Prompt),
                case Answer of
                    interrupt -> terminal:interrupt(Terminal);
                    _ -> terminal:say(Terminal, Answer)
                end,
                Shown
            end || {Prompt, Answer} <- Answers],
    {Status, Rest} = terminal:ended(Terminal),
    {Status, iolist_to_binary([Seen, Rest])}.

%% Whatever the run is to find there: told how many there have been.
prepared(Config, Row) ->
    Count = proplists:get_value(count, Config),
    ok = counters:add(Count, 1, 1),
    (maps:get(before, Row, fun(_) -> ok end))(counters:get(Count, 1)).

signed_in(Config, Row) ->
    [{"HEX_API_KEY", proplists:get_value(key, Config)} | maps:get(environment, Row, [])].

one_document(Document) ->
    <<"{\n", _/binary>> = Document,
    ?assertEqual(<<"\n}\n">>, binary:part(Document, byte_size(Document), -3)).

published(Config, Name, Version) ->
    Metadata = #{<<"name">> => list_to_binary(Name), <<"app">> => list_to_binary(Name),
                 <<"version">> => list_to_binary(Version), <<"description">> => <<"A package">>,
                 <<"licenses">> => [<<"MIT">>], <<"build_tools">> => [<<"rebar3">>],
                 <<"files">> => [<<"src/it.erl">>], <<"requirements">> => #{}, <<"links">> => #{}},
    Source = list_to_binary(["-module(it).\n%% ", Version, "\n"]),
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"src/it.erl", Source}]),
    hexide_release:publish(api(Config), Tarball, #{replace => true}).

empty(Config, Folder) ->
    case file:del_dir_r(filename:join(sample(Config), Folder)) of
        ok -> ok;
        {error, enoent} -> ok
    end.

api(Config) ->
    proplists:get_value(api, Config).

sample(Config) ->
    proplists:get_value(sample, Config).
