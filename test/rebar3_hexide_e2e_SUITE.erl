%% @doc Real `rebar3 hex …' commands in real projects, against a registry that `rebar3 hex server' runs.
%%
%% `real_rebar3' says what they run in.
-module(rebar3_hexide_e2e_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, groups/0, init_per_suite/1, end_per_suite/1]).
-export([the_overview_needs_no_project_and_no_network/1, help_is_the_same_from_both_doors/1,
         nothing_is_published_without_a_login/1, a_wrong_key_is_not_kept/1, signing_in_keeps_the_key_to_oneself/1,
         a_dry_run_sends_nothing/1, nobody_to_ask_is_an_error_that_names_the_flag/1,
         publishing_is_checked_against_what_the_registry_serves/1, json_is_the_only_thing_on_stdout/1,
         search_and_info_find_it_without_a_login/1, debugging_tells_each_request/1,
         a_package_is_fetched_without_a_login/1, owners_come_and_go/1, keys_come_and_go/1,
         a_message_with_a_comma_arrives_whole/1, cut_commits_tags_and_publishes/1,
         stock_rebar3_fetches_verifies_and_compiles/1, an_umbrella_goes_out_in_dependency_order/1,
         commands_are_tasks_among_others/1, configuration_is_set_shown_and_deleted/1,
         failures_have_their_exit_codes/1, signing_out_removes_the_key/1, the_server_ends_with_its_input/1]).

-import(real_rebar3, [app/4, write/3, checkout/2, hex/3, hex/4, run/4, environment/1, hex_config/1, has/2, hasnt/2]).

-define(DEADLINE, 120_000).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [{group, atom()}].
all() ->
    [{group, story}].

-spec groups() -> [tuple()].
groups() ->
    [{story, [sequence],
      [the_overview_needs_no_project_and_no_network, help_is_the_same_from_both_doors,
       nothing_is_published_without_a_login, a_wrong_key_is_not_kept, signing_in_keeps_the_key_to_oneself,
       a_dry_run_sends_nothing, nobody_to_ask_is_an_error_that_names_the_flag,
       publishing_is_checked_against_what_the_registry_serves, json_is_the_only_thing_on_stdout,
       search_and_info_find_it_without_a_login, debugging_tells_each_request,
       a_package_is_fetched_without_a_login, owners_come_and_go, keys_come_and_go,
       a_message_with_a_comma_arrives_whole, cut_commits_tags_and_publishes,
       stock_rebar3_fetches_verifies_and_compiles, an_umbrella_goes_out_in_dependency_order,
       commands_are_tasks_among_others, configuration_is_set_shown_and_deleted, failures_have_their_exit_codes,
       signing_out_removes_the_key, the_server_ends_with_its_input]}].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "e2e") of
        {ok, Started} ->
            Host = project(Started, "host", "host", "0.1.0", ["{project_plugins, [hexide]}.\n"], []),
            {Server, Said} = start_server(Started, Host),
            {match, [Key]} = re:run(Said, "API key\\s+(\\S+)\n", [{capture, all_but_first, list}]),
            {match, [Told]} = re:run(Said, "(\\{hex, \\[\\{repos.*?\\]\\}\\]\\}\\.)",
                                     [dotall, {capture, all_but_first, list}]),
            %% Without hex.pm, which would be searched, too.
            Repos = lists:flatten(string:replace(Told, "{repos, [", "{repos, replace, [")),
            Sample = project(Started, "sample", "sample_app", "0.1.0",
                             ["{project_plugins, [hexide]}.\n", Repos, "\n"], []),
            [{0, _, _} = run(Started, Sample, "git", Args)
             || Args <- [["init", "-q"], ["config", "user.name", "Somebody"],
                         ["config", "user.email", "somebody@example.com"], ["add", "."],
                         ["commit", "-q", "-m", "first"]]],
            [{server, Server}, {key, Key}, {repos, Repos}, {sample, Sample}, {host, Host} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    exit(proplists:get_value(server, Config), kill).

-spec the_overview_needs_no_project_and_no_network([tuple()]) -> term().
the_overview_needs_no_project_and_no_network(Config) ->
    {0, Out, _} = hex(Config, host, []),
    [has(Out, Part) || Part <- ["hexide ", "rebar3 ", "hexpm", "not signed in", "publish"]].

-spec help_is_the_same_from_both_doors([tuple()]) -> term().
help_is_the_same_from_both_doors(Config) ->
    {0, Ours, _} = hex(Config, host, ["help", "retire"]),
    {0, Ours, _} = hex(Config, host, ["retire", "--help"]),
    %% rebar3 prints the options on stderr.
    {0, Theirs, Options} = run(Config, proplists:get_value(host, Config), "rebar3", ["help", "hex", "retire"]),
    [has(Text, Part) || Text <- [Ours, <<Theirs/binary, Options/binary>>],
                        Part <- ["rebar3 hex retire PACKAGE VERSION REASON --message TEXT", "--unretire", "--repo"]].

-spec nothing_is_published_without_a_login([tuple()]) -> term().
nothing_is_published_without_a_login(Config) ->
    {1, <<>>, Err} = hex(Config, sample, ["publish", "--yes"]),
    has(Err, "rebar3 hex user auth").

-spec a_wrong_key_is_not_kept([tuple()]) -> term().
a_wrong_key_is_not_kept(Config) ->
    {1, <<>>, Err} = hex(Config, sample, ["user", "auth", "--key", "wrongsecret"]),
    hasnt(Err, "wrongsecret"),
    ?assertNot(filelib:is_file(hex_config(Config))).

-spec signing_in_keeps_the_key_to_oneself([tuple()]) -> term().
signing_in_keeps_the_key_to_oneself(Config) ->
    ok = filelib:ensure_dir(hex_config(Config)),
    ok = file:write_file(hex_config(Config), "#{<<\"foreign\">> => #{read_key => <<\"kept\">>}}.\n"),
    {0, Out, _} = hex(Config, sample, ["user", "auth"], [{"HEX_API_KEY", proplists:get_value(key, Config)}]),
    has(Out, "Signed in to local as demo."),
    {ok, [Kept]} = file:consult(hex_config(Config)),
    Key = list_to_binary(proplists:get_value(key, Config)),
    ?assertMatch(#{<<"foreign">> := #{read_key := <<"kept">>},
                   <<"local">> := #{username := <<"demo">>}, <<"$hexide:local">> := #{api_key := Key}},
                 Kept),
    {ok, Info} = file:read_file_info(hex_config(Config)),
    ?assertEqual(8#600, element(8, Info) band 8#777),
    {0, Who, _} = hex(Config, sample, ["user", "whoami"]),
    has(Who, "demo").

-spec a_dry_run_sends_nothing([tuple()]) -> term().
a_dry_run_sends_nothing(Config) ->
    {0, Out, _} = hex(Config, sample, ["publish", "--dry-run"]),
    [has(Out, Part) || Part <- ["sample_app 0.1.0", "src/sample_app.erl", "checksum ", "nothing was sent to local"]],
    {1, <<>>, _} = hex(Config, sample, ["info", "sample_app"]).

-spec nobody_to_ask_is_an_error_that_names_the_flag([tuple()]) -> term().
nobody_to_ask_is_an_error_that_names_the_flag(Config) ->
    {2, <<>>, Err} = hex(Config, sample, ["publish", "package"]),
    has(Err, "--yes"),
    {1, <<>>, _} = hex(Config, sample, ["info", "sample_app"]).

-spec publishing_is_checked_against_what_the_registry_serves([tuple()]) -> term().
publishing_is_checked_against_what_the_registry_serves(Config) ->
    {0, Out, Err} = hex(Config, sample, ["publish", "--yes"]),
    [has(Out, Part) || Part <- ["Published sample_app 0.1.0 to local.", "fetched back and found the same",
                                "Published the documentation of sample_app 0.1.0."]],
    has(Err, "Uploading sample_app 0.1.0"),
    {0, Again, _} = hex(Config, sample, ["publish", "package"]),
    has(Again, "sample_app 0.1.0 is already published to local, the same."),
    {0, _, _} = hex(Config, sample, ["publish", "package", "--yes", "--replace"]).

-spec json_is_the_only_thing_on_stdout([tuple()]) -> term().
json_is_the_only_thing_on_stdout(Config) ->
    %% With rebar3's own lines on: what it says before the plugin is loaded (of the checkout) comes first.
    {0, Loud, _} = hex(Config, sample, ["publish", "--dry-run", "--json"], [{"QUIET", ""}]),
    [_, Document] = string:split(Loud, "{\n"),
    hasnt(Document, "===>"),
    ?assertEqual(<<"}\n">>, binary:part(Document, byte_size(Document), -2)),
    {0, <<"{\n", Quiet/binary>>, _} = hex(Config, sample, ["--json", "info", "sample_app", "0.1.0"]),
    has(Quiet, "\"checksum\": \""),
    {1, <<"{\n", Failed/binary>>, _} = hex(Config, sample, ["info", "no_such_package", "--json"]),
    has(Failed, "\"code\": \"not_found\"").

-spec search_and_info_find_it_without_a_login([tuple()]) -> term().
search_and_info_find_it_without_a_login(Config) ->
    Elsewhere = [{"REBAR_GLOBAL_CONFIG_DIR", filename:join(proplists:get_value(base, Config), "nobody")}],
    {0, Found, _} = hex(Config, sample, ["search", "sample"], Elsewhere),
    has(Found, "sample_app"),
    {0, Package, _} = hex(Config, sample, ["sample_app"], Elsewhere),
    [has(Package, Part) || Part <- ["A project", "MIT", "demo", "{sample_app, \"0.1.0\"}"]],
    {0, Release, _} = hex(Config, sample, ["sample_app", "0.1.0"], Elsewhere),
    has(Release, "Checksum:"),
    {1, <<>>, Slip} = hex(Config, sample, ["serach", "sample"], Elsewhere),
    has(Slip, "did you mean the command `search`?").

-spec debugging_tells_each_request([tuple()]) -> term().
debugging_tells_each_request(Config) ->
    Key = proplists:get_value(key, Config),
    {0, Out, Err} = hex(Config, sample, ["user", "whoami", "--json"], [{"DEBUG", "1"}, {"HEX_API_KEY", Key}]),
    hasnt(Out, "hexide::http"),
    [has(Err, Part) || Part <- ["hexide::http method=GET url=http://127.0.0.1", "/users/me status=200", "retries=0"]],
    hasnt(Err, Key).

-spec a_package_is_fetched_without_a_login([tuple()]) -> term().
a_package_is_fetched_without_a_login(Config) ->
    Folder = filename:join(proplists:get_value(base, Config), "fetched"),
    {0, Out, _} = hex(Config, sample, ["package", "fetch", "sample_app", "--unpack", "--output", Folder]),
    [has(Out, Part) || Part <- ["sample_app 0.1.0", "checksum"]],
    ?assert(filelib:is_regular(filename:join([Folder, "sample_app-0.1.0", "src", "sample_app.app.src"]))),
    {0, Same, _} = hex(Config, sample, ["package", "diff", "sample_app", "0.1.0", "0.1.0"]),
    has(Same, "hold the same"),
    {1, <<>>, Missing} = hex(Config, sample, ["package", "diff", "sample_app", "0.1.0", "9.9.9"]),
    has(Missing, "9.9.9").

-spec owners_come_and_go([tuple()]) -> term().
owners_come_and_go(Config) ->
    {2, <<>>, Ask} = hex(Config, sample, ["user", "register", "--username", "joe", "--email", "joe@example.com"]),
    has(Ask, "HEX_PASSWORD"),
    {0, _, Err} = hex(Config, sample, ["user", "register", "--username", "joe", "--email", "joe@example.com"],
                      [{"HEX_PASSWORD", "correct horse battery"}]),
    hasnt(Err, "correct horse"),
    {0, _, _} = hex(Config, sample, ["owner", "add", "sample_app", "joe@example.com", "--level", "maintainer"]),
    {0, Both, _} = hex(Config, sample, ["owner", "list", "sample_app"]),
    [has(Both, Part) || Part <- ["demo", "joe", "maintainer"]],
    {0, _, _} = hex(Config, sample, ["owner", "remove", "sample_app", "joe", "--yes"]),
    {0, One, _} = hex(Config, sample, ["owner", "list", "sample_app"]),
    hasnt(One, "joe").

-spec keys_come_and_go([tuple()]) -> term().
keys_come_and_go(Config) ->
    {0, Made, _} = hex(Config, sample, ["key", "generate", "ci", "--permission", "api:read"]),
    {match, [Secret]} = re:run(Made, "\n([0-9a-f]{32,})\n", [{capture, all_but_first, list}]),
    {0, Reads, _} = hex(Config, sample, ["user", "whoami"], [{"HEX_API_KEY", Secret}]),
    has(Reads, "demo"),
    {1, <<>>, _} = hex(Config, sample, ["retire", "sample_app", "0.1.0", "other"], [{"HEX_API_KEY", Secret}]),
    {0, Listed, _} = hex(Config, sample, ["key", "list"]),
    has(Listed, "api:read"),
    hasnt(Listed, Secret),
    {0, _, _} = hex(Config, sample, ["key", "remove", "ci"]),
    {0, Rest, _} = hex(Config, sample, ["key", "list"]),
    hasnt(Rest, "api:read").

-spec a_message_with_a_comma_arrives_whole([tuple()]) -> term().
a_message_with_a_comma_arrives_whole(Config) ->
    {0, _, _} = hex(Config, sample, ["retire", "sample_app", "0.1.0", "other", "--message", "Broken, use 2.0"]),
    {0, Retired, _} = hex(Config, sample, ["sample_app"]),
    has(Retired, "retired, other: Broken, use 2.0"),
    {0, _, _} = hex(Config, sample, ["retire", "sample_app", "0.1.0", "--unretire"]),
    {0, Back, _} = hex(Config, sample, ["sample_app"]),
    hasnt(Back, "Broken").

-spec cut_commits_tags_and_publishes([tuple()]) -> term().
cut_commits_tags_and_publishes(Config) ->
    Sample = proplists:get_value(sample, Config),
    {0, Out, _} = hex(Config, sample, ["cut", "-i", "minor", "--yes"]),
    has(Out, "Raised sample_app from 0.1.0 to 0.2.0"),
    {0, <<"v0.2.0\n">>, _} = run(Config, Sample, "git", ["tag"]),
    {0, <<"sample_app 0.2.0\n">>, _} = run(Config, Sample, "git", ["log", "-1", "--format=%s"]),
    {0, <<"src/sample_app.app.src\n">>, _} = run(Config, Sample, "git", ["diff", "--name-only", "HEAD~1"]),
    {ok, Text} = file:read_file(filename:join(Sample, "src/sample_app.app.src")),
    has(Text, "{vsn, \"0.2.0\"}, % of the sample"),
    {0, Package, _} = hex(Config, sample, ["sample_app"]),
    has(Package, "Latest:    0.2.0").

-spec stock_rebar3_fetches_verifies_and_compiles([tuple()]) -> term().
stock_rebar3_fetches_verifies_and_compiles(Config) ->
    Consumer = project(Config, "consumer", "consumer", "0.1.0",
                       ["{deps, [{sample_app, \"~> 0.2\"}]}.\n", proplists:get_value(repos, Config), "\n"], stock),
    {0, _, _} = run(Config, Consumer, "rebar3", ["compile"]),
    {ok, Lock} = file:read_file(filename:join(Consumer, "rebar.lock")),
    {0, Info, _} = hex(Config, sample, ["sample_app", "0.2.0", "--json"]),
    {match, [Checksum]} = re:run(Info, "\"checksum\": \"([0-9a-f]{64})\"", [{capture, all_but_first, list}]),
    has(Lock, string:uppercase(Checksum)),
    ?assert(filelib:is_regular(filename:join(Consumer, "_build/default/lib/sample_app/ebin/sample_app.beam"))).

-spec an_umbrella_goes_out_in_dependency_order([tuple()]) -> term().
an_umbrella_goes_out_in_dependency_order(Config) ->
    Umbrella = filename:join(proplists:get_value(base, Config), "umbrella"),
    _ = [app(filename:join([Umbrella, "apps", Name]), Name, "1.0.0", Needs)
         || {Name, Needs} <- [{"a_web", ["z_core", "sample_app"]}, {"z_core", []}]],
    ok = write(Umbrella, "rebar.config", ["{project_plugins, [hexide]}.\n{deps, [{sample_app, \"~> 0.2\"}]}.\n",
                                          proplists:get_value(repos, Config), "\n"]),
    ok = checkout(Config, Umbrella),
    In = [{umbrella, Umbrella} | Config],
    {2, <<>>, Unknown} = hex(In, umbrella, ["publish", "package", "--app", "core", "--yes"]),
    has(Unknown, "a_web, z_core"),
    {0, Out, _} = hex(In, umbrella, ["publish", "package", "--yes"]),
    {match, _} = re:run(Out, "Published z_core 1.0.0.*Published a_web 1.0.0", [dotall]),
    {0, Web, _} = hex(In, umbrella, ["a_web", "1.0.0"]),
    {match, _} = re:run(Web, "sample_app +~> 0.2\n +z_core +~> 1.0.0\n").

-spec commands_are_tasks_among_others([tuple()]) -> term().
commands_are_tasks_among_others(Config) ->
    Sample = proplists:get_value(sample, Config),
    {0, Out, _} = run(Config, Sample, "rebar3", ["do", "hex", "search", "sample,", "version"]),
    [has(Out, Part) || Part <- ["sample_app", "Erlang/OTP"]],
    {1, Failed, _} = run(Config, Sample, "rebar3", ["do", "hex", "owner", "list,", "version"]),
    hasnt(Failed, "Erlang/OTP").

-spec configuration_is_set_shown_and_deleted([tuple()]) -> term().
configuration_is_set_shown_and_deleted(Config) ->
    {Proxy, Port} = start_proxy(),
    Address = "http://joe:hidden@127.0.0.1:" ++ integer_to_list(Port),
    {0, Told, _} = hex(Config, sample, ["https_proxy", Address]),
    hasnt(Told, "hidden"),
    {3, <<>>, Failed} = hex(Config, sample, ["search", "sample"], [{"HEX_API_URL", "https://registry.invalid/api"}]),
    hasnt(Failed, "hidden"),
    Proxy ! {asked, self()},
    receive
        {Proxy, Request} -> has(Request, "CONNECT registry.invalid:443 HTTP/1.1")
    after ?DEADLINE -> error(proxy_not_asked)
    end,
    {0, Shown, _} = hex(Config, sample, ["config"]),
    hasnt(Shown, "hidden"),
    hasnt(Shown, proplists:get_value(key, Config)),
    {match, _} = re:run(Shown, "https_proxy +http://joe:\\*+@127.0.0.1:[0-9]+ +user"),
    {0, _, _} = hex(Config, sample, ["config", "--delete", "https_proxy"]),
    {0, _, _} = hex(Config, sample, ["search", "sample"]),
    {2, <<>>, _} = hex(Config, sample, ["config", "timeout", "soon"]),
    {2, <<>>, Near} = hex(Config, sample, ["config", "http_proxi"]),
    has(Near, "did you mean `http_proxy`?").

-spec failures_have_their_exit_codes([tuple()]) -> term().
failures_have_their_exit_codes(Config) ->
    [?assertMatch({Status, <<>>, _}, hex(Config, sample, Args, Environment), Args)
     || {Status, Args, Environment} <- [{2, ["publish", "--dryrun"], []}, {2, ["owner", "list"], []},
                                        {2, ["search", "x", "--repo", "nowhere"], []}, {2, ["Publish"], []},
                                        {1, ["owner", "list", "no_such_package"], []},
                                        {1, ["sample_app", "9.9.9"], []},
                                        {3, ["search", "x"], [{"HEX_API_URL", "http://127.0.0.1:1/api"}]},
                                        {3, ["search", "x"], [{"HEX_OFFLINE", "1"}]}]].

-spec signing_out_removes_the_key([tuple()]) -> term().
signing_out_removes_the_key(Config) ->
    {0, _, _} = hex(Config, sample, ["user", "deauth"]),
    {ok, Text} = file:read_file(hex_config(Config)),
    hasnt(Text, proplists:get_value(key, Config)),
    has(Text, "kept"),
    {1, <<>>, _} = hex(Config, sample, ["user", "whoami"]).

-spec the_server_ends_with_its_input([tuple()]) -> term().
the_server_ends_with_its_input(Config) ->
    Server = proplists:get_value(server, Config),
    Monitor = monitor(process, Server),
    Server ! stop,
    receive
        {'DOWN', Monitor, process, Server, Reason} -> ?assertEqual({ended, 0}, Reason)
    after ?DEADLINE -> error(still_running)
    end.

project(Config, Folder, App, Version, RebarConfig, Kind) ->
    Dir = filename:join(proplists:get_value(base, Config), Folder),
    ok = app(Dir, App, Version, [Needed || Kind =:= stock, Needed <- ["sample_app"]]),
    ok = write(Dir, "rebar.config", RebarConfig),
    ok = write(Dir, ".gitignore", "_build\n_checkouts\ndoc\n"),
    case Kind of
        stock -> ok;
        _ -> ok = checkout(Config, Dir)
    end,
    Dir.

%% Runs the registry in a process of its own, which outlives the one that prepares the suite. The shell
%% closes the server's input when it is told to.
start_server(Config, Dir) ->
    Parent = self(),
    Script = "{ while read -r line; do [ \"$line\" = stop ] && break; done; } | "
             "{ rebar3 hex server --name local 2>/dev/null; echo ended $?; }",
    Server = spawn(fun() ->
                       Port = open_port({spawn_executable, "/bin/sh"},
                                        [{args, ["-c", Script]}, {cd, Dir}, {env, environment(Config)}, binary,
                                         exit_status, hide]),
                       Parent ! {self(), until(Port, "It ends when", <<>>)},
                       receive stop -> port_command(Port, "stop\n") end,
                       Rest = until(Port, "ended ", <<>>),
                       {match, [Status]} = re:run(Rest, "ended ([0-9]+)", [{capture, all_but_first, list}]),
                       exit({ended, list_to_integer(Status)})
                   end),
    receive
        {Server, Said} -> {Server, Said}
    after ?DEADLINE -> error(no_server)
    end.

%% Lets nothing through, and tells what was asked of it.
start_proxy() ->
    {ok, Listen} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}, {packet, raw}]),
    {ok, Port} = inet:port(Listen),
    Proxy = spawn(fun() ->
                      {ok, Socket} = gen_tcp:accept(Listen, ?DEADLINE),
                      {ok, Request} = gen_tcp:recv(Socket, 0, ?DEADLINE),
                      ok = gen_tcp:close(Listen),
                      ok = gen_tcp:send(Socket, "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"),
                      receive {asked, From} -> From ! {self(), Request} end
                  end),
    ok = gen_tcp:controlling_process(Listen, Proxy),
    {Proxy, Port}.

until(Port, Text, Said) ->
    case string:find(Said, Text) of
        nomatch ->
            receive
                {Port, {data, Data}} -> until(Port, Text, <<Said/binary, Data/binary>>);
                {Port, {exit_status, Status}} -> exit({ended, Status, Said})
            end;
        _ -> Said
    end.
