%% @doc A row about what a command adds to the start of rebar3: loading what it needs, resolving the configuration,
%% asking the registry, printing. Without it rebar3 starts with a plugin that does nothing.
-module(hexide_bench_command).

-export([rows/0]).

-define(NAME, "rebar3 hex search, beyond rebar3's start").
-define(NOTHING, "-module(nothing).\n-export([init/1]).\ninit(State) -> {ok, State}.\n").
%% A round is three starts, and the difference between long times needs more of them than the times.
-define(PATIENCE, 6).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => ?NAME, measure => fun measure/2}].

measure(Folder, Seconds) ->
    Peer = hexide_bench_peer:start(),
    try
        Registry = hexide_bench_peer:registry(Peer),
        ok = install(Folder, Registry),
        Rebar3 = fun(Project, Arguments) -> rebar3(Folder, Registry, Project, Arguments) end,
        Search = fun(_) -> Rebar3("hexide", ["hex", "search", "hexide", "--json"]) end,
        %% rebar3 learns of the plugins' packages; later runs find them in its cache.
        nomatch =/= string:find(Search(none), "\"latest_version") orelse throw({stop, [?NAME, ": ", Search(none)]}),
        Starts = [{Search, #{}} | [{fun(_) -> Rebar3(Project, ["version"]) end, #{}}
                                   || Project <- ["hexide", "nothing"]]],
        {ok, [figure(hexide_bench_row:turns(?NAME, Starts, Seconds * ?PATIENCE))]}
    after
        hexide_bench_peer:stop(Peer),
        file:del_dir_r(Folder)
    end.

%% Undisturbed, as a busy moment of one would count as much as what is looked for.
figure([#{min := Search}, #{min := Plugin}, #{min := Start}]) ->
    #{name => ?NAME, unit => ms, limit => {at_most, 60}, ours => (Search - Start) / 1.0e6,
      floor => {"loading the plugin", (Plugin - Start) / 1.0e6}}.

%% A person's folder, and two projects with a plugin as rebar3 has it after its first run.
install(Folder, #{api_url := Api, repo_name := Name, repo_public_key := Key} = Registry) ->
    ok = write(Folder, ".config/rebar3/rebar.config",
               io_lib:format("~tp.~n", [{hex, [{repos, [#{name => Name, api_url => Api, repo_public_key => Key}]}]}])),
    {ok, [{application, hexide, Keys}]} = file:consult("src/hexide.app.src"),
    Sources = lists:append([filelib:wildcard(Pattern) || Pattern <- ["src/*.erl", "src/*/*.erl", "rebar3/*.erl"]]),
    ok = plugin(Folder, "hexide", Keys, Sources, Registry),
    ok = write(Folder, "nothing.erl", ?NOTHING),
    plugin(Folder, "nothing", [{vsn, "1.0.0"}, {applications, [kernel, stdlib]}],
           [filename:join(Folder, "nothing.erl")], Registry).

plugin(Folder, App, Keys, Sources, Registry) ->
    ok = write(Folder, filename:join(App, "rebar.config"), ["{plugins, [", App, "]}.\n"]),
    Plugin = filename:join([Folder, App, "_build/default/plugins", App]),
    ok = filelib:ensure_path(filename:join(Plugin, "ebin")),
    ok = file:make_symlink(filename:absname(hexide_bench_machine:priv()), filename:join(Plugin, "priv")),
    Modules = [compiled(Source, filename:join(Plugin, "ebin")) || Source <- Sources],
    Resource = {application, list_to_atom(App), lists:keystore(modules, 1, Keys, {modules, Modules})},
    ok = write(Plugin, filename:join("ebin", App ++ ".app"), io_lib:format("~tp.~n", [Resource])),
    publish(Registry, list_to_binary(App), list_to_binary(proplists:get_value(vsn, Keys))).

compiled(Source, Folder) ->
    {ok, Module} = compile:file(Source, [{outdir, Folder}]),
    Module.

%% rebar3 asks which version there is, and has it already.
publish(Registry, App, Version) ->
    Metadata = #{<<"name">> => App, <<"app">> => App, <<"version">> => Version,
                 <<"description">> => <<"A plugin">>, <<"licenses">> => [<<"Apache-2.0">>], <<"links">> => #{},
                 <<"build_tools">> => [<<"rebar3">>], <<"requirements">> => #{}, <<"files">> => [<<"rebar.config">>]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"rebar.config", <<>>}]),
    {ok, _} = hexide_release:publish(Registry, Tarball, #{}),
    ok.

write(Folder, File, Text) ->
    Path = filename:join(Folder, File),
    ok = filelib:ensure_dir(Path),
    file:write_file(Path, Text).

%% What it printed. Nothing of the person who runs this counts.
rebar3(Folder, #{repo_url := Repo}, Project, Arguments) ->
    Environment = [{"HOME", Folder}, {"REBAR_GLOBAL_CONFIG_DIR", Folder}, {"QUIET", "1"},
                   {"REBAR_CACHE_DIR", filename:join(Folder, "cache")}, {"HEX_CDN", binary_to_list(Repo)}
                   | [{Name, false} || Name <- ["HEX_API_KEY", "HEX_API_URL", "HEX_OFFLINE", "HEX_SECRETS",
                                                "http_proxy", "HTTP_PROXY", "REBAR_PROFILE", "REBAR_BASE_DIR",
                                                "REBAR_OFFLINE"]]],
    Port = open_port({spawn_executable, os:find_executable("rebar3")},
                     [{args, Arguments}, {cd, filename:join(Folder, Project)}, {env, Environment}, binary, exit_status,
                      stderr_to_stdout, hide]),
    printed(Port, []).

printed(Port, Output) ->
    receive
        {Port, {data, Data}} -> printed(Port, [Output, Data]);
        {Port, {exit_status, 0}} -> iolist_to_binary(Output);
        {Port, {exit_status, Status}} -> exit({rebar3_ended, Status, iolist_to_binary(Output)})
    end.
