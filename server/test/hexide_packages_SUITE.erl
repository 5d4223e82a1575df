%% The two packages as others get them: published to a registry, fetched by a stock rebar3 and compiled from what is in
%% them, outside of this repository. The project that does so has the lines of the README.
-module(hexide_packages_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([both_are_published/1, the_packages_hold_files_and_no_links/1, a_stock_rebar3_compiles_them_for_the_tests/1]).

-define(PATIENCE, 1_500_000).

-import(real_rebar3, [write/3, run/4, run/5, has/2]).

%% Both are compiled, although what they depend on may be there from other tests.
suite() ->
    [{timetrap, {minutes, 30}}].

all() ->
    [both_are_published, the_packages_hold_files_and_no_links, a_stock_rebar3_compiles_them_for_the_tests].

init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "packages") of
        {ok, Prepared} ->
            {ok, #{info := Info, key := Key, config := Api} = Trial} = hexide_trial:start(#{repository => "local"}),
            #{api_url := ApiUrl, repo_url := RepoUrl, public_key := PublicKey} = Info,
            Repository = io_lib:format("{hex, [{repos, replace, [~0p]}]}.~n",
                                       [#{name => <<"local">>, api_url => ApiUrl, repo_url => RepoUrl,
                                          repo_public_key => PublicKey}]),
            Copy = filename:join(proplists:get_value(base, Prepared), "copy"),
            ok = filelib:ensure_dir(filename:join(Copy, "x")),
            Root = proplists:get_value(root, Prepared),
            %% What a first commit would hold. The checkout may have no Git of its own.
            {0, _, _} = run(Prepared, Root, "sh", ["-c", "git init -q \"$GIT_DIR\" && git ls-files -z --others --exclude-standard | "
                                                         "tar --null -T - -cf - | tar -xf - -C \"$COPY\""],
                            [{"GIT_DIR", filename:join(proplists:get_value(base, Prepared), "git")},
                             {"GIT_WORK_TREE", Root}, {"COPY", Copy}]),
            [{trial, Trial}, {key, Key}, {api, Api}, {repository, Repository}, {copy, Copy} | Prepared];
        {skip, _} = Skip -> Skip
    end.

end_per_suite(Config) ->
    hexide_trial:stop(proplists:get_value(trial, Config)).

both_are_published(Config) ->
    Copy = proplists:get_value(copy, Config),
    %% In the publisher's own configuration, as what is in a project's is published.
    Own = filename:dirname(real_rebar3:hex_config(Config)),
    ok = write(Own, "rebar.config", ["{plugins, [hexide]}.\n", proplists:get_value(repository, Config)]),
    [begin
         ok = real_rebar3:plugin(Config, Dir),
         {0, Out, _} = run(Config, Dir, "rebar3", ["hex", "publish", "package", "--yes", "--no-verify"],
                           [{"HEX_API_KEY", binary_to_list(proplists:get_value(key, Config))}]),
         has(Out, "Published " ++ Name)
     end || {Name, Dir} <- [{"hexide", Copy}, {"hexide_server", filename:join(Copy, "server")}]],
    %% Who fetches them is a stranger.
    ok = file:delete(filename:join(Own, "rebar.config")).

the_packages_hold_files_and_no_links(Config) ->
    [begin
         {ok, Tarball} = hexide_repo:tarball(proplists:get_value(api, Config), Name, <<"0.1.0">>),
         Dir = filename:join([proplists:get_value(base, Config), "unpacked", Name]),
         {ok, #{problems := []}} = hexide_tarball:unpack(Tarball, {dir, Dir}),
         ?assertEqual([], [File || File <- filelib:wildcard(filename:join(Dir, "**")),
                                   {ok, _} <- [file:read_link(File)]]),
         [?assert(filelib:is_regular(filename:join(Dir, File)), File) || File <- ["Cargo.lock", "mix.exs" | Files]]
     end || {Name, Files} <- [{"hexide", ["native/core/src/lib.rs", "native/nif/Cargo.toml"]},
                              {"hexide_server", ["core/src/lib.rs", "core/Cargo.toml", "native/src/main.rs"]}]].

a_stock_rebar3_compiles_them_for_the_tests(Config) ->
    Dir = filename:join(proplists:get_value(base, Config), "project"),
    {ok, Readme} = file:read_file(filename:join(proplists:get_value(root, Config), "README.md")),
    {match, [Lines]} = re:run(Readme, "```erlang\\n%% rebar.config\\n(.*?)```", [dotall, {capture, all_but_first, binary}]),
    {match, [Line]} = re:run(Readme, "\\| Common Test, EUnit \\| `(.*?)` \\|", [{capture, all_but_first, binary}]),
    ok = real_rebar3:app(Dir, "project", "0.1.0", []),
    ok = write(Dir, "rebar.config", [Lines, proplists:get_value(repository, Config)]),
    ok = write(Dir, "test/project_tests.erl",
               ["-module(project_tests).\n-include_lib(\"eunit/include/eunit.hrl\").\n\n"
                "registry_test_() ->\n    {timeout, 60, fun() ->\n    ", Line, ",\n"
                "    {ok, #{name := <<\"dep\">>}} = hexide_package:get(Config, \"dep\")\n    end}.\n"]),
    %% What users compile, in the profile in which most of what the packages depend on was compiled for other tests.
    %% Where that is linted, it is by the rules of the checkout.
    Environment = real_rebar3:environment(Config)
        ++ [{"HEXIDE_PROFILE", "dev"}, {"HEXIDE_FEATURES", "default"}, {"CARGO_TARGET_DIR", target(Config)},
            {"CLIPPY_CONF_DIR", proplists:get_value(root, Config)}],
    Started = real_rebar3:start(Config, Dir, "rebar3", ["eunit"], Environment),
    {Status, Out, Said} = real_rebar3:ended(Started, ?PATIENCE),
    ?assertEqual({0, <<>>}, {Status, case Status of 0 -> <<>>; _ -> <<Out/binary, Said/binary>> end}),
    ?assertMatch({match, _}, re:run(Out, "(1 tests, 0 failures|All 1 tests passed|Test passed)")),
    Built = filename:join(Dir, "_build/test/lib"),
    [?assert(filelib:is_regular(filename:join(Built, File)), File)
     || File <- ["hexide/priv/hexide_nif.so", "hexide_server/priv/hexide-server"]].

target(Config) ->
    os:getenv("CARGO_TARGET_DIR", filename:join(proplists:get_value(root, Config), "target")).
