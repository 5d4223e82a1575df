%% @doc Real `rebar3' commands in projects that have hexide as a plugin, through `_checkouts'.
%%
%% Everything that rebar3 reads and writes for its user is in the folder `base' of the suite: nothing of the
%% person who runs the tests is touched, and their settings do not count. `home' names another person's
%% folder in it.
-module(real_rebar3).

-include_lib("stdlib/include/assert.hrl").

-export([prepare/2, app/4, write/3, plugin/2, checkout/2, hex/3, hex/4, run/4, run/5, start/5, ended/1, ended/2, environment/1,
         hex_config/1, has/2, hasnt/2]).

-define(DEADLINE, 120_000).

%% @doc The suite's configuration with `root' and `base', a folder of that name.
prepare(Config, Folder) ->
    case {os:find_executable("rebar3"), os:find_executable("git"), root()} of
        {Rebar, Git, {ok, Root}} when is_list(Rebar), is_list(Git) ->
            {ok, [{root, Root}, {base, filename:join(proplists:get_value(priv_dir, Config), Folder)} | Config]};
        {_, _, {ok, _}} -> {skip, "rebar3 or git is not installed"};
        {_, _, error} -> {skip, "no checkout of hexide found"}
    end.

%% The checkout that these tests belong to.
root() ->
    upwards(filename:dirname(code:which(hexide_command))).

upwards(Dir) ->
    case {lists:all(fun(File) -> filelib:is_regular(filename:join(Dir, File)) end,
                    ["rebar.config", "src/hexide.app.src", "rebar3/rebar3_hexide.erl"]), filename:dirname(Dir)} of
        {true, _} -> {ok, Dir};
        {false, Dir} -> error;
        {false, Above} -> upwards(Above)
    end.

%% @doc Writes an app of one module that needs these others.
app(Dir, App, Version, Needs) ->
    ok = write(Dir, filename:join("src", App ++ ".app.src"),
               ["{application, ", App, ",\n [{description, \"A project\"},\n  {vsn, \"", Version,
                "\"}, % of the sample\n  {licenses, [\"MIT\"]},\n  {applications, [",
                lists:join(", ", ["kernel", "stdlib" | Needs]), "]}]}.\n"]),
    write(Dir, filename:join("src", App ++ ".erl"),
          ["%% @doc A module.\n-module(", App, ").\n-export([name/0]).\n\n%% @doc Its name.\nname() -> ?MODULE.\n"]).

%% @doc Writes a file of a project.
write(Dir, File, Text) ->
    Path = filename:join(Dir, File),
    ok = filelib:ensure_dir(Path),
    file:write_file(Path, Text).

%% @doc Makes hexide, compiled, the plugin of a project, which names it in its rebar.config. What is under test is
%% what was compiled for the tests: to compile it again in each project would take most of their time.
plugin(Config, Dir) ->
    Compiled = filename:join(proplists:get_value(base, Config), "hexide"),
    Built = filename:dirname(filename:dirname(code:which(hexide_command))),
    ok = filelib:ensure_dir(filename:join(Compiled, "x")),
    _ = [file:make_symlink(filename:join(Built, Folder), filename:join(Compiled, Folder))
         || Folder <- ["ebin", "priv", "include"]],
    link_plugin(Compiled, Dir).

%% @doc The same from the checkout, which rebar3 compiles.
checkout(Config, Dir) ->
    link_plugin(proplists:get_value(root, Config), Dir).

link_plugin(To, Dir) ->
    Link = filename:join(Dir, "_checkouts/hexide"),
    ok = filelib:ensure_dir(Link),
    file:make_symlink(To, Link).

%% @equiv hex(Config, Project, Args, [])
hex(Config, Project, Args) ->
    hex(Config, Project, Args, []).

%% @doc `rebar3 hex …' in the project whose folder the configuration has under that key.
hex(Config, Project, Args, Environment) ->
    run(Config, proplists:get_value(Project, Config), "rebar3", ["hex" | Args], Environment).

%% @equiv run(Config, Dir, Program, Args, [])
run(Config, Dir, Program, Args) ->
    run(Config, Dir, Program, Args, []).

%% @doc Exit code, stdout, stderr. Nobody is at its input. The answer of `hex … --json' is checked by its schema.
run(Config, Dir, Program, Args, Environment) ->
    ended(start(Config, Dir, Program, Args, Environment)).

%% @doc The same, not waited for; {@link ended/1} does.
start(Config, Dir, Program, Args, Environment) ->
    Errors = filename:join(proplists:get_value(base, Config),
                           "stderr-" ++ integer_to_list(erlang:unique_integer([positive]))),
    Port = open_port({spawn_executable, "/bin/sh"},
                     [{args, ["-c", "exec \"$@\" </dev/null 2>\"$ERRORS\"", "sh", Program | Args]}, {cd, Dir},
                      {env, [{"ERRORS", Errors} | environment(Config)] ++ Environment}, binary, exit_status, hide]),
    {Port, Errors, [Dir, Program, Args], proplists:get_value(root, Config)}.

%% @equiv ended(Started, 120_000)
ended(Started) ->
    ended(Started, ?DEADLINE).

%% @doc What came of it. It says something, or ends, every so many milliseconds.
ended({Port, Errors, Command, Root}, Deadline) ->
    {Status, Output} = collect(Port, Deadline, []),
    {ok, Said} = file:read_file(Errors),
    ok = file:delete(Errors),
    ct:log("~ts$ ~ts ~0tp~n~ts~ts=> ~b", Command ++ [Output, Said, Status]),
    ok = as_documented(Command, Root, Output),
    {Status, Output, Said}.

%% Whatever a test looks at in an answer for programs, all of it is what the schema of the command says.
as_documented([_, "rebar3", ["hex" | Args]], Root, <<_, _/binary>> = Printed) ->
    Words = [unicode:characters_to_binary(Arg) || Arg <- Args],
    Asked = fun(Options) -> lists:any(fun(Option) -> lists:member(Option, Words) end, Options) end,
    %% What rebar3 says before it has loaded the plugin (of a checkout) comes first.
    Document = fun() -> lists:last(re:split(Printed, "^(?=\\{)", [multiline, {parts, 2}])) end,
    case {Asked([<<"--json">>]), Asked([<<"--help">>, <<"-h">>]), hexide_dispatch:route(Words)} of
        {true, true, _} -> json_schema:check(Root, <<"help">>, Document());
        {true, false, {ok, #{name := Name}, _}} -> json_schema:check(Root, Name, Document());
        {true, false, {error, _}} -> json_schema:check(Root, <<"error">>, Document());
        {false, _, _} -> ok
    end;
as_documented(_, _, _) ->
    ok.

collect(Port, Deadline, Output) ->
    receive
        {Port, {data, Data}} -> collect(Port, Deadline, [Output, Data]);
        {Port, {exit_status, Status}} -> {Status, iolist_to_binary(Output)}
    after Deadline -> error({no_end, iolist_to_binary(Output)})
    end.

%% @doc What rebar3 is started with.
environment(Config) ->
    Home = home(Config),
    Cargo = [{Name, Value} || {Name, Folder} <- [{"CARGO_HOME", ".cargo"}, {"RUSTUP_HOME", ".rustup"}],
                              Value <- [os:getenv(Name, filename:join(os:getenv("HOME", "/"), Folder))],
                              filelib:is_dir(Value)],
    Unset = [{Name, false} || Name <- ["HEX_API_KEY", "HEX_API_URL", "HEX_OTP", "HEX_MIRROR", "HEX_MIRROR_URL",
                                       "HEX_TRUSTED_MIRROR", "HEX_TRUSTED_MIRROR_URL", "HEX_CDN", "HEX_OFFLINE",
                                       "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "REBAR_PROFILE",
                                       "REBAR_BASE_DIR", "REBAR_OFFLINE", "HEX_PASSWORD", "HEX_LOCAL_PASSWORD",
                                       "HEX_REPO_KEY", "HEX_REPOS_KEY", "HEX_SECRETS", "HEX_USERNAME",
                                       "HEX_SOURCE_REF"]],
    [{"HOME", Home}, {"REBAR_GLOBAL_CONFIG_DIR", Home}, {"REBAR_CACHE_DIR", filename:join(Home, "cache")},
     {"QUIET", "1"}, {"REBAR_COLOR", "none"}, {"LC_ALL", "C.UTF-8"},
     %% As if the registry's package were installed, too.
     {"ERL_FLAGS", "-pa " ++ filename:dirname(code:which(hexide_server))} | Cargo ++ Unset].

%% @doc The path of that person's hex.config.
hex_config(Config) ->
    filename:join([home(Config), ".config", "rebar3", "hex.config"]).

home(Config) ->
    filename:join(proplists:get_value(base, Config), proplists:get_value(home, Config, "home")).

%% @doc The text has that part.
has(Text, Part) ->
    ?assertNotEqual(nomatch, string:find(Text, Part), Part).

%% @doc It has not.
hasnt(Text, Part) ->
    ?assertEqual(nomatch, string:find(Text, Part), Part).
