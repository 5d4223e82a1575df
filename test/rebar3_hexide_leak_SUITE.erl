%% After `rebar3 hex' runs that succeed, fail and crash, no secret stands where somebody may read it: in what
%% they print, in the words of a command line, in a crash dump or another file, save hex.config, which is for
%% its owner alone. All of it with the umask that hides nothing, and also where rebar3 tells all it does.
%%
%% Not looked at: what a person writes on a command line (`--key'), what a command is asked to show (`key
%% generate', `server'), and `erl_crash.dump', which is the memory of the node. `hexide_leak_SUITE' does the
%% same within a node.
-module(rebar3_hexide_leak_SUITE).

-include_lib("stdlib/include/assert.hrl").
-include_lib("kernel/include/file.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([what_is_planted_is_found/1, what_succeeds_shows_none/1, a_sealed_key_does_not_show/1,
         a_session_does_not_show/1, what_is_refused_shows_none/1, what_nobody_answers_shows_none/1,
         an_account_is_made_without_showing_its_password/1, what_crashes_shows_none/1,
         no_damaged_file_shows/1, what_rebar3_itself_does_shows_no_more/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, has/2, hex_config/1]).

-define(DEADLINE, 60_000).
-define(LOUD, [{"QUIET", false}, {"DEBUG", "1"}]).
-define(LOUDEST, [{"QUIET", false}, {"DIAGNOSTIC", "1"}]).

suite() ->
    [{timetrap, {minutes, 3}}].

all() ->
    [what_is_planted_is_found, what_succeeds_shows_none, a_sealed_key_does_not_show, a_session_does_not_show,
     what_is_refused_shows_none, what_nobody_answers_shows_none, an_account_is_made_without_showing_its_password,
     what_crashes_shows_none, no_damaged_file_shows, what_rebar3_itself_does_shows_no_more].

%% The process that sets the suite up ends before its cases begin.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "leak") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>, oauth_interval => 0}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo}} = Info = hexide_server:info(Server),
            {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
            ok = hexide_server:add_organization(Server, "acme", "amy"),
            {ok, #{secret := Reads}} = hexide_key:add(#{api_url => Api, api_key => Key}, "reads",
                                                      [#{domain => repository, resource => acme}]),
            Random = secret_marks:make([wrong_key, otp, proxy_password, password, local_password, other_password,
                                        repo_key]),
            Marks = Random#{key => Key, reads => Reads},
            Peers = [{Name, peer(Answer)}
                     || {Name, Answer} <- [{echo, hostile_registry:echo(401, message)},
                                           {fields, hostile_registry:echo(422, fields)},
                                           {garbage, fun hostile_registry:garbage/1},
                                           {page, fun hostile_registry:page/1},
                                           {tokens, hostile_registry:tokens(maps:get(other_password, Marks))}]],
            Urls = [{"local", Api, Repo}, {"nowhere", <<"http://127.0.0.1:1">>, <<"http://127.0.0.1:1">>}]
                ++ [{atom_to_list(Name), Url, Url} || {Name, {_, Url}} <- Peers],
            Ready = [{marks, Marks}, {server, Server}, {api, Api}, {peers, Peers} | Started],
            Project = filename:join(proplists:get_value(base, Ready), "project"),
            ok = app(Project, "sauce", "0.1.0", []),
            ok = write(Project, "rebar.config", ["{project_plugins, [hexide, clumsy]}.\n", repositories(Urls, Info)]),
            ok = plugin(Ready, Project),
            ok = clumsy(Project),
            ok = filelib:ensure_dir(filename:join([proplists:get_value(base, Ready), "tmp", "x"])),
            ok = keep(Ready, fun(Content) ->
                                 Repo1 = #{repo_key => maps:get(repo_key, Marks)},
                                 Content#{<<"echo">> => Repo1, <<"page">> => Repo1,
                                          <<"local:acme">> => #{name => <<"local:acme">>, repo_key => Reads}}
                             end),
            [{project, Project} | Ready];
        {skip, _} = Skip -> Skip
    end.

end_per_suite(Config) ->
    [exit(Owner, kill) || {_, {Owner, _}} <- proplists:get_value(peers, Config)],
    hexide_server:stop(proplists:get_value(server, Config)).

%% One that lives as long as the suite.
peer(Answer) ->
    Parent = self(),
    Owner = spawn(fun() ->
                      Parent ! {self(), hostile_registry:url(hostile_registry:start(Answer))},
                      receive stop -> ok end
                  end),
    receive {Owner, Url} -> {Owner, Url} end.

repositories(Urls, {ok, #{public_key := Public}}) ->
    Key = string:replace(string:trim(Public), "\n", "\\n", all),
    Maps = [["#{name => <<\"", Name, "\">>, api_url => <<\"", Api, "\">>, repo_url => <<\"", Repo,
             "\">>, repo_public_key => <<\"", Key, "\">>}"] || {Name, Api, Repo} <- Urls],
    Acme = "#{name => <<\"local:acme\">>}",
    ["{hex, [{doc, clumsy}, {repos, replace, [", lists:join(",\n ", Maps ++ [Acme]), "]}]}.\n"].

%% A generator of documentation that crashes over the secret that it takes from the environment. Where it is told to,
%% it has `search' crash likewise.
clumsy(Project) ->
    Dir = filename:join(Project, "_checkouts/clumsy"),
    ok = write(Dir, "src/clumsy.app.src",
               "{application, clumsy, [{vsn, \"1.0.0\"}, {applications, [kernel, stdlib]}]}.\n"),
    write(Dir, "src/clumsy.erl",
          "-module(clumsy).\n-export([init/1, do/1, format_error/1]).\n"
          "init(State) ->\n"
          "    Forms = [{attribute, 1, module, hexide_cmd_search}, {attribute, 1, export, [{run, 2}]},\n"
          "             {function, 1, run, 2, [{clause, 1, [{var, 1, '_'}, {var, 1, '_'}], [],\n"
          "              [{call, 1, {remote, 1, {atom, 1, ?MODULE}, {atom, 1, do}}, [{atom, 1, now}]}]}]}],\n"
          "    [begin {ok, Name, Code} = compile:forms(Forms), {module, _} = code:load_binary(Name, \"\", Code) end\n"
          "     || os:getenv(\"CLUMSY_SEARCH\") =/= false],\n"
          "    {ok, rebar_state:add_provider(State, providers:create([{name, clumsy}, {module, ?MODULE},\n"
          "    {bare, true}, {deps, []}, {example, \"\"}, {short_desc, \"\"}, {desc, \"\"}, {opts, []}]))}.\n"
          "do(_) -> error({cannot, os:getenv(\"HEX_API_KEY\")}, [os:getenv(\"HEX_API_KEY\")]).\n"
          "format_error(Reason) -> io_lib:format(\"~p\", [Reason]).\n").

%% --- the test of the tests

what_is_planted_is_found(Config) ->
    Found = fun(Script) ->
                {_, Leaks} = spied(Config, "sh", ["-c", Script], [mark("HEX_API_KEY", wrong_key, Config)]),
                lists:usort([{Where, Name} || {Where, {Name, _}} <- Leaks, Where =/= open])
            end,
    ?assertEqual([{stdout, wrong_key}], Found("echo \"$HEX_API_KEY\"")),
    ?assertEqual([{stderr, wrong_key}], Found("printf x:%s \"$HEX_API_KEY\" | base64 >&2")),
    [begin
         Leaks = Found("printf %s \"$HEX_API_KEY\" >\"" ++ Path ++ "\""),
         ok = file:delete(filename:join(Root, File)),
         ?assertEqual([{File, wrong_key}], Leaks)
     end || {Root, File, Path} <- [{proplists:get_value(project, Config), "rebar3.crashdump", "rebar3.crashdump"},
                                   {filename:dirname(hex_config(Config)), "hex.config.new",
                                    "$HOME/.config/rebar3/hex.config.new"},
                                   {tmp(Config), "x", "$TMPDIR/x"}]],
    %% The command line of one that runs until it was seen.
    Go = filename:join(tmp(Config), "go"),
    Spy = spy(Config),
    Waits = "until [ -e \"$0\" ]; do :; done",
    Child = "sh -c '" ++ Waits ++ "' \"$1\" \"$HEX_API_KEY\"",
    Started = real_rebar3:start(Config, tmp(Config), "sh", ["-c", Child, "sh", Go],
                                [mark("HEX_API_KEY", wrong_key, Config)]),
    ok = until(fun() -> leaks(argv, lines(process_spy:seen(Spy)), Config) =/= [] end),
    ok = file:write_file(Go, ""),
    {0, _, _} = real_rebar3:ended(Started),
    ?assertMatch([{argv, {wrong_key, text}}], leaks(argv, lines(process_spy:stop(Spy)), Config)),
    %% A file beside hex.config that others may read.
    {_, Open} = spied(Config, "sh", ["-c", "touch \"$HOME/.config/rebar3/hex.config.x\""], []),
    ok = file:delete(hex_config(Config) ++ ".x"),
    ?assertEqual([{open, {"hex.config.x", 8#666}}], Open).

%% --- what goes well

what_succeeds_shows_none(Config) ->
    Given = [mark("HEX_API_KEY", key, Config), mark("HEX_OTP", otp, Config),
             mark("HEX_LOCAL_PASSWORD", local_password, Config)],
    Tasks = ["do", "hex", "user", "whoami,", "hex", "key", "list,", "hex", "organization", "list,", "hex", "search",
             "sauce,", "hex", "config,", "hex", "config", "api_key,", "hex", "config", "repo_key,", "hex", "publish",
             "package", "--yes", "--replace,", "hex", "info", "sauce"],
    [{0, _, _} = none(Config, Tasks, Given ++ Loud) || Loud <- [[], ?LOUDEST]].

a_sealed_key_does_not_show(Config) ->
    Home = home("sealed", Config),
    Local = mark("HEX_LOCAL_PASSWORD", local_password, Config),
    {0, _, _} = none(Home, ["hex", "user", "auth"], [mark("HEX_API_KEY", key, Config), Local | ?LOUD]),
    #{<<"$hexide:local">> := #{api_key := #{}}} = kept(Home),
    {0, _, _} = none(Home, ["hex", "user", "whoami"], [Local]),
    {1, _, _} = none(Home, ["hex", "user", "whoami"], [mark("HEX_LOCAL_PASSWORD", other_password, Config) | ?LOUD]),
    {0, _, _} = none(Home, ["hex", "user", "deauth", "--local"], []).

a_session_does_not_show(Config) ->
    Settings = #{api_url => proplists:get_value(api, Config)},
    {ok, #{user_code := Code, device_code := DeviceCode} = Device} = hexide_auth:device_start(Settings),
    ok = hexide_server:approve_device(proplists:get_value(server, Config), Code, "amy"),
    {ok, #{access_token := Access, refresh_token := Refresh}} = hexide_auth:device_wait(Settings, Device),
    Marked = marked(#{access => Access, refresh => Refresh, device => DeviceCode}, home("session", Config)),
    Expired = #{access_token => Access, refresh_token => Refresh, expires_at => 0},
    Owner = #{api_url => proplists:get_value(api, Config), username => <<"amy">>},
    ok = keep(Marked, fun(Content) -> hexide_credentials:keep_session(Content, <<"local">>, Expired, Owner) end),
    %% It is renewed and what comes of that kept.
    {0, _, _} = none(Marked, ["hex", "user", "whoami"], ?LOUDEST),
    #{<<"$hexide:local">> := #{session := #{access_token := Next, refresh_token := Last}}} = kept(Marked),
    ?assertNotEqual(Access, Next),
    %% One that nobody renews any more, at a registry that repeats it.
    #{echo := {_, Echo}} = maps:from_list(proplists:get_value(peers, Config)),
    Again = marked(#{next => Next, last => Last}, Marked),
    ok = keep(Again, fun(Content) ->
                         hexide_credentials:keep_session(Content, <<"echo">>, Expired, Owner#{api_url := Echo})
                     end),
    {1, _, _} = none(Again, ["hex", "user", "whoami", "--repo", "echo"], ?LOUDEST),
    {0, _, _} = none(Again, ["hex", "user", "deauth"], ?LOUD).

%% --- what fails

what_is_refused_shows_none(Config) ->
    Given = [mark("HEX_API_KEY", wrong_key, Config), mark("HEX_OTP", otp, Config),
             mark("HEX_LOCAL_PASSWORD", local_password, Config)],
    [begin
         {Status, _, _} = none(Config, ["hex" | Args], Given ++ Loud),
         ?assert(lists:member(Status, [1, 3]), Args)
     end
     || {Args, Loud} <- [{["user", "auth"], ?LOUD}, {["user", "whoami", "--repo", "echo"], []},
                         {["publish", "package", "--yes", "--repo", "fields"], ?LOUDEST},
                         {["organization", "auth", "acme", "--repo", "echo", "--json"], []},
                         {["key", "list", "--repo", "garbage"], ?LOUD},
                         {["owner", "list", "sauce", "--repo", "page"], []},
                         {["user", "auth", "--repo", "tokens", "--no-browser"], ?LOUD}]].

what_nobody_answers_shows_none(Config) ->
    Key = mark("HEX_API_KEY", wrong_key, Config),
    #{echo := {_, <<"http://", Echo/binary>>}} = maps:from_list(proplists:get_value(peers, Config)),
    Password = binary_to_list(maps:get(proxy_password, marks(Config))),
    Proxy = fun(Host) -> {"http_proxy", "http://joe:" ++ Password ++ "@" ++ Host} end,
    Far = [Key, {"HEX_API_URL", "http://registry.invalid/api"}],
    [begin
         {Status, _, _} = none(Config, ["hex" | Args], Environment),
         ?assert(lists:member(Status, [1, 3]), Args)
     end
     || {Args, Environment} <- [{["user", "whoami", "--repo", "nowhere"], [Key | ?LOUDEST]},
                                {["search", "sauce"], [Proxy(binary_to_list(Echo)) | Far ++ ?LOUD]},
                                {["search", "sauce"], [Proxy("127.0.0.1:1") | Far]}]].

an_account_is_made_without_showing_its_password(Config) ->
    Register = ["hex", "user", "register", "--username", "zoe", "--email", "zoe@example.com"],
    Password = mark("HEX_PASSWORD", password, Config),
    {0, _, _} = none(Config, Register, [Password | ?LOUD]),
    {1, _, _} = none(Config, Register ++ ["--repo", "fields"], [Password]).

what_crashes_shows_none(Config) ->
    Key = mark("HEX_API_KEY", key, Config),
    Dump = filename:join(proplists:get_value(project, Config), "rebar3.crashdump"),
    [begin
         {1, _, Generator} = none(Config, ["hex", "docs", "--yes"], [Key | Loud]),
         has(Generator, "could not be generated with clumsy: it crashed: cannot in clumsy:do/1"),
         {1, Printed, Said} = none(Config, ["hex", "search", "x"], [Key, {"CLUMSY_SEARCH", "1"} | Loud]),
         [has(Said, Part) || Part <- ["The command crashed", "badarg in clumsy:do/1", "reached from hexide_",
                                      "please report it"]],
         {1, Document, _} = none(Config, ["hex", "search", "x", "--json"], [Key, {"CLUMSY_SEARCH", "1"} | Loud]),
         has(Document, "\"code\": \"internal\""),
         [?assertEqual(nomatch, string:find([Printed, Said, Document], Part)) || Part <- ["Uncaught error", "stack trace"]],
         ?assertNot(filelib:is_regular(Dump)),
         ?assert(Loud =/= [] orelse Printed =:= <<>>)
     end || Loud <- [[], ?LOUDEST]].

%% Cut off, or not of the shape it should have. Before any plugin runs rebar3 itself tells at which word the file
%% does not parse, and crashes of an entry that is no map: those are its own.
no_damaged_file_shows(Config) ->
    Damaged = home("damaged", Config),
    Key = maps:get(wrong_key, marks(Config)),
    [begin
         ok = filelib:ensure_dir(hex_config(Damaged)),
         ok = file:write_file(hex_config(Damaged), Text),
         ok = file:change_mode(hex_config(Damaged), 8#600),
         {1, _, _} = none(Damaged, ["hex", "user", "whoami"], Loud)
     end || {Loud, Text} <- [{[], ["#{<<\"local\">> => #{api_key => <<\"", Key, "\">>"]},
                             {?LOUDEST, ["#{<<\"local\">> => #{repo_key => {\"", Key, "\"}}}."]}]].

%% Of what it merged from hex.config rebar3 prints nothing, but with DEBUG it prints what a repository answers,
%% as it is: also where that repeats the key. That alone, of that key alone, is its own.
what_rebar3_itself_does_shows_no_more(Config) ->
    Consumer = filename:join(proplists:get_value(base, Config), "consumer"),
    ok = app(Consumer, "consumer", "0.1.0", ["sauce"]),
    {ok, Rebar} = file:read_file(filename:join(proplists:get_value(project, Config), "rebar.config")),
    [_, Repositories] = binary:split(Rebar, <<"\n">>),
    ok = write(Consumer, "rebar.config", ["{deps, [{sauce, \"~> 9.0\"}]}.\n", Repositories]),
    Key = mark("HEX_API_KEY", key, Config),
    {1, _, _} = none(Config, Consumer, ["compile"], [Key]),
    {{1, Out, _}, Leaks} = spied([{project, Consumer} | Config], "rebar3", ["compile"], [Key | ?LOUDEST]),
    has(Out, "Getting definition for package sauce from repo local:acme"),
    ?assertEqual([], Leaks -- [{stdout, {repo_key, text}}]).

%% --- helpers

marks(Config) -> proplists:get_value(marks, Config).

marked(More, Config) ->
    [{marks, maps:merge(marks(Config), More)} | Config].

mark(Variable, Name, Config) ->
    {Variable, binary_to_list(maps:get(Name, marks(Config)))}.

home(Name, Config) -> [{home, Name} | Config].

tmp(Config) ->
    filename:join(proplists:get_value(base, Config), "tmp").

keep(Config, Change) ->
    hexide_user_file:update(hex_config(Config), Change).

kept(Config) ->
    {ok, Content} = hexide_user_file:read(hex_config(Config)),
    Content.

none(Config, Args, Environment) ->
    none(Config, proplists:get_value(project, Config), Args, Environment).

%% What came of a run of rebar3 that showed nothing.
none(Config, Dir, Args, Environment) ->
    {Ended, Leaks} = spied([{project, Dir} | Config], "rebar3", Args, Environment),
    ?assertEqual([], lists:usort(Leaks), {Args, Ended}),
    {_, Out, Err} = Ended,
    %% It does tell all it does where it is to.
    [has([Out, Err], "Running provider") || {"QUIET", false} <- Environment],
    Ended.

%% Runs it with the umask that hides nothing. What came of it, and what of the marks it showed and where.
spied(Config, Program, Args, Environment) ->
    Spy = spy(Config),
    Since = erlang:system_time(second),
    {_, Out, Err} = Ended =
        real_rebar3:run(Config, proplists:get_value(project, Config), "sh",
                        ["-c", "umask 000; exec \"$@\"", "sh", Program | Args],
                        [{"TMPDIR", tmp(Config)} | Environment]),
    Seen = process_spy:stop(Spy),
    ?assertNotEqual([], lines(Seen)),
    Open = [{open, {filename:basename(File), Mode}} || {file, File, Mode} <- Seen, Mode band 8#077 =/= 0]
        ++ [{open, {filename:basename(File), Mode}} || File <- filelib:wildcard(hex_config(Config) ++ "*"),
                                                       {ok, #file_info{mode = Full}} <- [file:read_file_info(File)],
                                                       Mode <- [Full band 8#777], Mode band 8#077 =/= 0],
    {Ended, leaks(stdout, Out, Config) ++ leaks(stderr, Err, Config) ++ leaks(argv, lines(Seen), Config)
     ++ lists:usort(Open) ++ in_files(proplists:get_value(base, Config), Since, Config)}.

spy(Config) ->
    process_spy:start(proplists:get_value(base, Config), hex_config(Config) ++ "*").

lines(Seen) ->
    lists:join($\n, [Line || {command, Line} <- Seen]).

leaks(Where, Text, Config) ->
    [{Where, Found} || Found <- secret_marks:found(Text, secret_marks:searcher(marks(Config)))].

%% In what was written since. Links lead to what is not the run's.
in_files(Dir, Since, Config) ->
    {ok, Names} = file:list_dir_all(Dir),
    lists:append([in_file(filename:join(Dir, Name), Name, Since, Config) || Name <- Names]).

in_file(Path, Name, Since, Config) ->
    case file:read_link_info(Path, [{time, posix}]) of
        {ok, #file_info{type = directory}} -> in_files(Path, Since, Config);
        {ok, #file_info{type = regular, mtime = Written}} when Written >= Since, Name =/= "hex.config" ->
            {ok, Bytes} = file:read_file(Path),
            leaks(Name, Bytes, Config);
        _ -> []
    end.

until(Condition) ->
    until(Condition, erlang:monotonic_time(millisecond) + ?DEADLINE).

until(Condition, Deadline) ->
    case Condition() of
        true -> ok;
        false ->
            ?assert(erlang:monotonic_time(millisecond) < Deadline),
            until(Condition, Deadline)
    end.
