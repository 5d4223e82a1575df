%% What people regret after publishing is warned of, and what they do not is not; no secret is repeated.
-module(hexide_warning_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2]).
-export([a_careful_package_has_none/1, secrets_are_found_and_not_repeated/1,
         what_only_looks_like_a_secret_is_left_alone/1,
         large_files_are_named/1, what_every_package_should_have_is_missed/1, uncommitted_changes_are_named/1,
         a_tag_elsewhere_is_named/1, without_git_nothing_is_said/1, a_lock_that_is_another_is_named/1,
         a_lock_that_allows_is_left_alone/1, native_code_that_nobody_can_build_is_named/1,
         native_code_that_is_built_is_left_alone/1, an_address_loses_what_signs_in/1,
         a_commit_is_recorded_only_if_it_is_true/1]).

all() ->
    [a_careful_package_has_none, secrets_are_found_and_not_repeated, what_only_looks_like_a_secret_is_left_alone,
     large_files_are_named, what_every_package_should_have_is_missed, uncommitted_changes_are_named,
     a_tag_elsewhere_is_named, without_git_nothing_is_said, a_lock_that_is_another_is_named,
     a_lock_that_allows_is_left_alone, native_code_that_nobody_can_build_is_named,
     native_code_that_is_built_is_left_alone, an_address_loses_what_signs_in, a_commit_is_recorded_only_if_it_is_true].

%% A repository of its own: the folder of the tests may lie in another.
init_per_testcase(_, Config) ->
    Number = integer_to_list(erlang:unique_integer([positive])),
    Dir = filename:join(proplists:get_value(priv_dir, Config), "app" ++ Number),
    ok = real_rebar3:app(Dir, "sample", "1.0.0", []),
    [ok = real_rebar3:write(Dir, File, "text\n") || File <- ["README.md", "LICENSE", "CHANGELOG.md"]],
    ok = real_rebar3:write(Dir, ".gitignore", "_build\n*.so\n"),
    _ = [git(Dir, Args) || Args <- [["init", "-q"], ["config", "user.name", "Somebody"],
                                    ["config", "user.email", "somebody@example.com"], ["add", "."],
                                    ["commit", "-q", "-m", "first"]]],
    [{dir, Dir} | Config].

a_careful_package_has_none(Config) ->
    ?assertEqual([], warnings(Config, [])),
    git(Config, ["tag", "-a", "v1.0.0", "-m", "here"]),
    ok = write(Config, "notes.txt", "Not packaged, not committed"),
    ok = write(Config, "_build/x", "built"),
    ?assertEqual([], warnings(Config, [])).

%% Made of two halves, so that this file is left alone.
secrets_are_found_and_not_repeated(Config) ->
    Base64 = binary_to_list(base64:encode(crypto:strong_rand_bytes(48))),
    Hidden = lists:duplicate(36, $q),
    Begin = "-----BEGIN",
    Written = [{"priv/one.txt", 3, [Begin ++ " RSA PRIVATE KEY-----\n", Base64, "\n"], Base64},
               {"priv/two.pem", 3, [Begin ++ " ENCRYPTED PRIVATE KEY-----\r\n", Base64], Base64},
               {"priv/old.pem", 3, [Begin ++ " EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n", Base64], Base64},
               {"priv/in_code.erl", 3, ["Key = \"", Begin, " PRIVATE KEY-----\\n", Base64, "\\n\""], Base64},
               {"priv/pgp.asc", 3, [Begin ++ " PGP PRIVATE KEY BLOCK-----\n\n", Base64], Base64},
               {"priv/aws", 3, ["aws_access_key_id = AKIA", "QWERTYUIOPASDFGH"], "QWERTYUIOPASDFGH"},
               {"priv/github", 3, ["token: ghp", "_", Hidden], Hidden},
               {"priv/npmrc", 3, ["//x/:_authToken=npm", "_", Hidden], Hidden},
               {"priv/hex.sh", 3, ["export HEX_API_KEY", "=", lists:duplicate(32, $a)], lists:duplicate(32, $a)}],
    [ok = write(Config, File, ["first\nsecond\n", Text]) || {File, _, Text, _} <- Written],
    Named = ["priv/.env", "priv/.env.production", "priv/id_rsa", "priv/store.p12", "priv/tls.key", "priv/hex.config"],
    [ok = write(Config, File, "content-of-it") || File <- Named],
    Found = [Warning || #{kind := secret} = Warning <- warnings(Config, [])],
    [?assertMatch([#{line := Line}], [Each || #{path := Path} = Each <- Found, Path =:= list_to_binary(File)], File)
     || {File, Line, _, _} <- Written],
    [?assertMatch([#{message := _}], [Each || #{path := Path} = Each <- Found, Path =:= list_to_binary(File)], File)
     || File <- Named],
    ?assertEqual(length(Written) + length(Named), length(Found)),
    Shown = unicode:characters_to_binary(io_lib:format("~p", [Found])),
    [real_rebar3:hasnt(Shown, binary:part(list_to_binary(Secret), 0, 12))
     || Secret <- ["content-of-it" | [Secret || {_, _, _, Secret} <- Written]]].

what_only_looks_like_a_secret_is_left_alone(Config) ->
    Begin = "-----BEGIN",
    [ok = write(Config, File, Text)
     || {File, Text} <- [{"src/pem.erl", ["header() -> <<\"", Begin, " PRIVATE KEY-----\">>.\n"]},
                         {"priv/cert.pem", [Begin, " CERTIFICATE-----\nMIIBkTCB+wIJAKHHCgVZU\n"]},
                         {"priv/public.key", [Begin, " PUBLIC KEY-----\nMIIBkTCB+wIJAKHHCgVZU\n"]},
                         {"priv/.env.example", "KEY=fill me in"}, {"priv/aws.md", "AKIA" ++ "IOSFODNN7EXAMPLE"},
                         {"priv/hash", lists:duplicate(64, $a)}, {"priv/word", "ghp_short HEX_API_KEY=$KEY"}]],
    ?assertEqual([], [Warning || #{kind := secret} = Warning <- warnings(Config, [])]).

large_files_are_named(Config) ->
    ok = write(Config, "priv/large", binary:copy(<<"x">>, 1_000_001)),
    ok = write(Config, "priv/small", binary:copy(<<"x">>, 1_000_000)),
    ?assertMatch([#{path := <<"priv/large">>, message := <<"priv/large is larger than 1 MB">>}],
                 of_kind(large_file, warnings(Config, []))).

what_every_package_should_have_is_missed(Config) ->
    Dir = proplists:get_value(dir, Config),
    [ok = file:delete(filename:join(Dir, File)) || File <- ["README.md", "LICENSE", "CHANGELOG.md"]],
    ?assertEqual([<<"README">>, <<"LICENSE">>, <<"CHANGELOG">>],
                 [Path || #{path := Path} <- of_kind(missing_file, warnings(Config, []))]),
    [ok = write(Config, File, "text") || File <- ["readme", "LICENCE.txt", "changelog.md"]],
    Named = [{files, ["src", "readme", "LICENCE.txt", "changelog.md"]}],
    ?assertEqual([], of_kind(missing_file, warnings(Config, Named))).

uncommitted_changes_are_named(Config) ->
    ok = write(Config, "src/sample.erl", "-module(sample).\n"),
    ok = write(Config, "src/größe.erl", "-module('größe').\n"),
    ok = write(Config, "test/later.erl", "not packaged"),
    git(Config, ["mv", "README.md", "README"]),
    [#{paths := Paths}] = of_kind(uncommitted, warnings(Config, [])),
    ?assertEqual([<<"README">>, <<"README.md">>, <<"src/größe.erl"/utf8>>, <<"src/sample.erl">>], lists:sort(Paths)),
    %% An app below the top of the repository.
    git(Config, ["add", "."]),
    git(Config, ["commit", "-q", "-m", "second"]),
    Below = filename:join([proplists:get_value(dir, Config), "apps", "sample"]),
    ok = real_rebar3:app(Below, "sample", "1.0.0", []),
    ok = write(Config, "src/sample.erl", "-module(sample). % again\n"),
    ?assertMatch([#{paths := [<<"src/sample.app.src">>, <<"src/sample.erl">>]}],
                 of_kind(uncommitted, warnings([{dir, Below} | Config], []))).

a_tag_elsewhere_is_named(Config) ->
    [begin
         git(Config, ["tag", Tag]),
         git(Config, ["commit", "-q", "--allow-empty", "-m", "more"]),
         ?assertMatch([#{message := <<"the tag ", _/binary>>}], of_kind(tagged, warnings(Config, []))),
         git(Config, ["tag", "-d", Tag])
     end || Tag <- ["v1.0.0", "1.0.0"]],
    git(Config, ["tag", "v0.9.0", "HEAD~1"]),
    ?assertEqual([], of_kind(tagged, warnings(Config, []))).

without_git_nothing_is_said(Config) ->
    ok = write(Config, "src/sample.erl", "-module(sample).\n"),
    Path = os:getenv("PATH"),
    true = os:putenv("PATH", "/nonexistent"),
    try
        ?assertEqual([], warnings(Config, []))
    after
        os:putenv("PATH", Path)
    end.

a_lock_that_is_another_is_named(Config) ->
    Depends = fun(Dependencies, Locks) ->
                  of_kind(lock, warnings(Config, [], #{dependencies => Dependencies, locks => Locks}))
              end,
    ?assertMatch([#{message := <<"rebar.lock lacks two", _/binary>>}],
                 Depends([dependency(<<"one">>, <<"~> 1.0">>), dependency(<<"two">>, <<"~> 1.0">>)],
                         [lock(<<"one">>, <<"1.2.0">>)])),
    ?assertMatch([#{message := <<"rebar.lock has one 2.0.0, which `~> 1.0`", _/binary>>}],
                 Depends([dependency(<<"one">>, <<"~> 1.0">>)], [lock(<<"one">>, <<"2.0.0">>)])),
    ?assertMatch([#{message := <<"rebar.lock has one from git", _/binary>>}],
                 Depends([dependency(<<"one">>, <<"~> 1.0">>)], [(lock(<<"one">>, <<>>))#{source := <<"git">>}])),
    ok = write(Config, "rebar.lock", "[].\n"),
    ?assertMatch([_], Depends([dependency(<<"one">>, <<"~> 1.0">>)], [])).

a_lock_that_allows_is_left_alone(Config) ->
    [?assertEqual([], of_kind(lock, warnings(Config, [], #{dependencies => Dependencies, locks => Locks})))
     || {Dependencies, Locks} <- [{[dependency(<<"one">>, <<"~> 1.0">>)], []},
                                  {[dependency(<<"one">>, <<"~> 1.0">>)], [lock(<<"one">>, <<"1.9.0">>)]},
                                  {[dependency(<<"one">>, undefined)], [lock(<<"one">>, <<"1.9.0">>)]},
                                  {[dependency(<<"one">>, <<">= 1.0.0">>)], [lock(<<"one">>, <<"2.0.0-rc.1">>)]},
                                  {[], [lock(<<"one">>, <<"1.9.0">>)]}]].

native_code_that_nobody_can_build_is_named(Config) ->
    ok = write(Config, "priv/sample.so", "built"),
    [#{paths := [<<"priv/sample.so">>]}] = of_kind(native, warnings(Config, [])),
    ok = write(Config, "native/Cargo.toml", "[package]"),
    ok = write(Config, "rebar.config", "{pre_hooks, [{compile, \"make -C native\"}]}.\n"),
    [#{path := <<"native">>}] = of_kind(native, warnings(Config, [])),
    ok = write(Config, "c_src/sample.c", "int x;"),
    ?assertEqual([<<"c_src">>, <<"native">>],
                 [Path || #{path := Path} <- of_kind(native, warnings(Config, [{files, ["src", "rebar.config"]}]))]).

native_code_that_is_built_is_left_alone(Config) ->
    %% Nothing loads it: it is for something else.
    ok = write(Config, "native/tool.rs", "fn main() {}"),
    ?assertEqual([], of_kind(native, warnings(Config, []))),
    ok = write(Config, "src/sample_nif.erl", "init() -> erlang:load_nif(x, 0).\n"),
    ?assertMatch([_], of_kind(native, warnings(Config, []))),
    ok = write(Config, "priv/sample.so", "built"),
    ok = write(Config, "rebar.config", "{port_specs, [{\"priv/sample.so\", [\"native/*.rs\"]}]}.\n"),
    ?assertEqual([], of_kind(native, warnings(Config, [{files, ["src", "native", "rebar.config"]}]))),
    Included = [{files, ["src", "native"]}, {include_paths, ["priv/sample.so"]}],
    ?assertEqual([], of_kind(native, warnings(Config, Included))).

an_address_loses_what_signs_in(_) ->
    [?assertEqual({ok, Public}, hexide_source:public_url(Written), Written)
     || {Written, Public} <- [{<<"https://example.com/a/b.git">>, <<"https://example.com/a/b.git">>},
                              {<<"https://joe:secret@example.com/a">>, <<"https://example.com/a">>},
                              {<<"https://token@example.com:8443/a">>, <<"https://example.com:8443/a">>},
                              {<<"https://example.com/a?private_token=secret">>, <<"https://example.com/a">>},
                              {<<"https://example.com/@scope/a">>, <<"https://example.com/@scope/a">>},
                              {<<"HTTPS://joe:s%40e@example.com/a">>, <<"HTTPS://example.com/a">>},
                              {<<"git@example.com:a/b.git">>, <<"git@example.com:a/b.git">>},
                              {<<"ssh://git@example.com:22/a">>, <<"ssh://git@example.com:22/a">>},
                              {<<"ssh://git:secret@example.com/a">>, <<"ssh://git@example.com/a">>},
                              {<<"git://example.com/a">>, <<"git://example.com/a">>}]],
    [?assertMatch({error, _}, hexide_source:public_url(Written), Written)
     || Written <- [<<"/srv/git/a.git">>, <<"../a">>, <<"file:///srv/a">>, <<"https://joe:se/cret@example.com/a">>,
                    <<"https://joe:se@cret@example.com/a">>, <<>>]].

a_commit_is_recorded_only_if_it_is_true(Config) ->
    Context = #{config => #{source_ref => true}},
    Record = fun() -> hexide_source:recorded([app(Config, [])], Context, #{args => []}) end,
    ?assertMatch({ok, [App]} when not is_map_key(source, App),
                 hexide_source:recorded([app(Config, [])], Context, #{args => [], source_ref => false})),
    ?assertMatch({error, {failed, #{message := _}}}, Record()),
    git(Config, ["remote", "add", "origin", "https://joe:secret@example.com/sample.git"]),
    Head = git(Config, ["rev-parse", "HEAD"]),
    ?assertMatch({ok, [#{source := #{url := <<"https://example.com/sample.git">>, ref := Head}}]}, Record()),
    ok = write(Config, "test/later.erl", "not packaged"),
    ?assertMatch({ok, _}, Record()),
    ok = write(Config, "src/sample.erl", "-module(sample).\n"),
    {error, {failed, #{message := Changed}}} = Record(),
    real_rebar3:has(Changed, "not committed yet is src/sample.erl"),
    Loose = filename:join(os:getenv("TMPDIR", "/tmp"), "hexide-" ++ os:getpid()),
    ok = real_rebar3:app(Loose, "sample", "1.0.0", []),
    {error, {failed, #{message := NoGit}}} =
        hexide_source:recorded([app([{dir, Loose}], [])], #{config => #{}}, #{args => [], source_ref => true}),
    ok = file:del_dir_r(Loose),
    real_rebar3:has(NoGit, "in no git repository").

%% --- helpers

warnings(Config, Details) ->
    warnings(Config, Details, #{}).

warnings(Config, Details, More) ->
    App = maps:merge(app(Config, Details), More),
    #{problems := []} = Package = hexide_packaging:prepare(maps:merge(App, #{dependencies => [], locks => []}), [App]),
    Warnings = hexide_warning:about(App, Package),
    %% Each is fit for a JSON document.
    ?assertMatch(<<"[", _/binary>>, hexide_json:encode(Warnings)),
    Warnings.

of_kind(Kind, Warnings) ->
    [Warning || #{kind := Each} = Warning <- Warnings, Each =:= Kind].

app(Config, More) ->
    Dir = proplists:get_value(dir, Config),
    AppSrc = filename:join(Dir, "src/sample.app.src"),
    {ok, [{application, _, Details}]} = file:consult(AppSrc),
    #{name => <<"sample">>, version => <<"1.0.0">>, version_source => "1.0.0", dir => Dir, app_src => AppSrc,
      details => Details ++ More, dependencies => [], locks => [], doc_dir => "doc"}.

dependency(App, Requirement) ->
    #{app => App, package => App, requirement => Requirement, source => hex}.

lock(App, Version) ->
    #{app => App, package => App, version => Version, source => hex, level => 0, checksum => undefined}.

write(Config, File, Text) ->
    real_rebar3:write(proplists:get_value(dir, Config), unicode:characters_to_binary(File), Text).

git([{_, _} | _] = Config, Args) -> git(proplists:get_value(dir, Config), Args);
git(Dir, Args) ->
    {ok, Output} = hexide_git:run(Dir, Args),
    Output.
