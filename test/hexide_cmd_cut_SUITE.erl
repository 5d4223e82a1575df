%% @doc `cut' in real git repositories: what it changes, and that a failure changes nothing.
-module(hexide_cmd_cut_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2]).
-export([a_failed_upload_puts_everything_back/1, staged_work_of_others_survives_a_failure/1,
         a_failing_commit_hook_puts_everything_back/1, a_dry_run_changes_nothing/1,
         an_existing_tag_is_refused_before_anything_changes/1, uncommitted_changes_are_not_swept_along/1,
         refusing_changes_nothing/1, nobody_signed_in_changes_nothing/1, a_computed_version_is_refused/1,
         a_version_file_is_changed_in_place/1, arguments_of_git_pass_through_no_shell/1]).

-spec all() -> [atom()].
all() ->
    [a_failed_upload_puts_everything_back, staged_work_of_others_survives_a_failure,
     a_failing_commit_hook_puts_everything_back, a_dry_run_changes_nothing,
     an_existing_tag_is_refused_before_anything_changes, uncommitted_changes_are_not_swept_along,
     refusing_changes_nothing, nobody_signed_in_changes_nothing, a_computed_version_is_refused,
     a_version_file_is_changed_in_place, arguments_of_git_pass_through_no_shell].

-spec init_per_testcase(atom(), [tuple()]) -> [tuple()].
init_per_testcase(Case, Config) ->
    Dir = filename:join(proplists:get_value(priv_dir, Config), Case),
    File = filename:join(Dir, "src/sample.app.src"),
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, text("1.0.0")),
    ok = filelib:ensure_dir(filename:join(Dir, "doc/index.html")),
    ok = file:write_file(filename:join(Dir, "doc/index.html"), "docs"),
    ok = file:write_file(filename:join(Dir, ".gitignore"), "doc\n"),
    [git(Dir, Args) || Args <- [["init", "-q"], ["config", "user.name", "Somebody"],
                                ["config", "user.email", "somebody@example.com"], ["add", "."],
                                ["commit", "-q", "-m", "first"]]],
    [{dir, Dir}, {file, File} | Config].

-spec a_failed_upload_puts_everything_back([tuple()]) -> term().
a_failed_upload_puts_everything_back(Config) ->
    Before = state(Config),
    {error, {connect, #{message := Message}}} = cut(Config, #{}, #{}),
    ?assertNotEqual(nomatch, string:find(Message, <<"everything local is as it was">>)),
    ?assertEqual(Before, state(Config)).

-spec staged_work_of_others_survives_a_failure([tuple()]) -> term().
staged_work_of_others_survives_a_failure(Config) ->
    Dir = proplists:get_value(dir, Config),
    ok = file:write_file(filename:join(Dir, "src/staged.erl"), "staged"),
    ok = file:write_file(filename:join(Dir, "src/loose.erl"), "loose"),
    git(Dir, ["add", "src/staged.erl"]),
    Before = state(Config),
    {error, {connect, _}} = cut(Config, #{}, #{}),
    ?assertEqual(Before, state(Config)).

-spec a_failing_commit_hook_puts_everything_back([tuple()]) -> term().
a_failing_commit_hook_puts_everything_back(Config) ->
    Hook = filename:join(proplists:get_value(dir, Config), ".git/hooks/pre-commit"),
    ok = filelib:ensure_dir(Hook),
    ok = file:write_file(Hook, "#!/bin/sh\necho not today\nexit 1\n"),
    ok = file:change_mode(Hook, 8#755),
    Before = state(Config),
    {error, {failed, #{message := Message}}} = cut(Config, #{}, #{}),
    ?assertNotEqual(nomatch, string:find(Message, <<"not today">>)),
    ?assertEqual(Before, state(Config)).

-spec a_dry_run_changes_nothing([tuple()]) -> term().
a_dry_run_changes_nothing(Config) ->
    Before = state(Config),
    {ok, #{cut := #{from := <<"1.0.0">>, to := <<"1.1.0">>, tag := <<"v1.1.0">>, commit := undefined},
           published := #{dry_run := true, packages := [#{version := <<"1.1.0">>}]}}} =
        cut(Config, #{dry_run => true}, #{api_key => undefined}),
    ?assertEqual(Before, state(Config)).

-spec an_existing_tag_is_refused_before_anything_changes([tuple()]) -> term().
an_existing_tag_is_refused_before_anything_changes(Config) ->
    git(proplists:get_value(dir, Config), ["tag", "1.1.0"]),
    Before = state(Config),
    {error, {failed, #{message := <<"the tag 1.1.0 exists already", _/binary>>}}} = cut(Config, #{}, #{}),
    ?assertEqual(Before, state(Config)).

-spec uncommitted_changes_are_not_swept_along([tuple()]) -> term().
uncommitted_changes_are_not_swept_along(Config) ->
    ok = file:write_file(proplists:get_value(file, Config), ["%% half done\n", text("1.0.0")]),
    Before = state(Config),
    {error, {failed, #{message := Message}}} = cut(Config, #{}, #{}),
    ?assertNotEqual(nomatch, string:find(Message, <<"changes that are not committed">>)),
    ?assertEqual(Before, state(Config)).

-spec refusing_changes_nothing([tuple()]) -> term().
refusing_changes_nothing(Config) ->
    Before = state(Config),
    ?assertMatch({error, {cancelled, _}}, cut(Config, #{yes => false}, #{})),
    ?assertEqual(Before, state(Config)).

-spec nobody_signed_in_changes_nothing([tuple()]) -> term().
nobody_signed_in_changes_nothing(Config) ->
    Before = state(Config),
    ?assertMatch({error, {unauthorized, _}}, cut(Config, #{}, #{api_key => undefined})),
    ?assertEqual(Before, state(Config)).

-spec a_computed_version_is_refused([tuple()]) -> term().
a_computed_version_is_refused(Config) ->
    App = app(Config),
    ?assertMatch({error, {failed, _}}, hexide_version_place:find(App#{version_source := {cmd, "date"}})),
    ?assertMatch({error, {failed, _}}, hexide_version_place:find(App#{app_src := "src/sample.app.src.script"})),
    [?assertEqual({ok, tag}, hexide_version_place:find(App#{version_source := Source}))
     || Source <- [git, {git, short}, "git", semver]].

-spec a_version_file_is_changed_in_place([tuple()]) -> term().
a_version_file_is_changed_in_place(Config) ->
    Dir = proplists:get_value(dir, Config),
    File = filename:join(Dir, "VERSION"),
    ok = file:write_file(File, "1.0.0\n"),
    {ok, {file, File, whole}} = hexide_version_place:find((app(Config))#{version_source := {file, "VERSION"}}),
    ok = hexide_version_place:write(File, whole, <<"1.1.0">>),
    ?assertEqual({ok, <<"1.1.0\n">>}, file:read_file(File)),
    ok = hexide_version_place:write(proplists:get_value(file, Config), app_src, <<"1.1.0">>),
    ?assertEqual({ok, iolist_to_binary(text("1.1.0"))}, file:read_file(proplists:get_value(file, Config))).

-spec arguments_of_git_pass_through_no_shell([tuple()]) -> term().
arguments_of_git_pass_through_no_shell(Config) ->
    Dir = proplists:get_value(dir, Config),
    Message = <<"$(touch harm); `touch harm` \"größe\""/utf8>>,
    git(Dir, ["commit", "-q", "--allow-empty", "-m", Message]),
    ?assertEqual({ok, Message}, hexide_git:run(Dir, ["log", "-1", "--format=%s"])),
    ?assertNot(filelib:is_file(filename:join(Dir, "harm"))),
    ?assertMatch({error, {failed, #{message := <<"git frobnicate failed: ", _/binary>>}}},
                 hexide_git:run(Dir, ["frobnicate"])).

%% Everything that a failure must leave alone.
state(Config) ->
    Dir = proplists:get_value(dir, Config),
    {ok, Text} = file:read_file(proplists:get_value(file, Config)),
    {Text, [git(Dir, Args) || Args <- [["rev-parse", "HEAD"], ["status", "--porcelain"], ["tag"],
                                       ["diff", "--cached"], ["stash", "list"]]]}.

%% Nothing listens on port 1: the upload is what fails.
cut(Config, Options, Settings) ->
    {ok, #{config := Resolved, sources := Sources}} =
        hexide_config:resolve(#{environment => [], options => #{api_url => <<"http://127.0.0.1:1/api">>,
                                                                repo_url => <<"http://127.0.0.1:1">>, retries => 0}}),
    App = app(Config),
    Context = #{config => maps:merge(Resolved#{api_key := <<"secret">>}, Settings), sources => Sources,
                repository => <<"local">>, repositories => [], user_file => "none", system => #{},
                memory => hexide_secrets:memory(),
                ask => fun(#{kind := confirm}) -> {ok, false} end, progress => fun(_) -> ok end,
                interruptible => fun(Run) -> Run() end,
                project => #{root => proplists:get_value(dir, Config), apps => [App]}},
    hexide_cmd_cut:run(Context, maps:merge(#{args => [], yes => true, increment => <<"minor">>, doc_dir => <<"doc">>},
                                           Options)).

app(Config) ->
    File = proplists:get_value(file, Config),
    {ok, [{application, sample, Details}]} = file:consult(File),
    #{name => <<"sample">>, version => <<"1.0.0">>, version_source => "1.0.0", dir => proplists:get_value(dir, Config),
      app_src => File, details => Details, dependencies => [], locks => [], doc_dir => "doc"}.

text(Version) ->
    ["%% A sample.\n{application, sample,\n [{description, \"A sample\"},\n  {vsn, \"", Version,
     "\"}, % raised by cut\n"
     "  {licenses, [\"MIT\"]},\n  {applications, [kernel, stdlib]}]}.\n"].

git(Dir, Args) ->
    {ok, Output} = hexide_git:run(Dir, Args),
    Output.
