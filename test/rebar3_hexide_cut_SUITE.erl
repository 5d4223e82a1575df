%% @doc `cut' with remotes that take a push, or do not, against a registry; and with a person who is asked.
-module(rebar3_hexide_cut_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([branch_and_tag_are_pushed_after_publishing/1, the_branch_follows_its_own_remote/1,
         a_remote_that_has_moved_is_found_out_before/1, a_push_that_cannot_work_is_found_out_before/1,
         a_tag_at_the_remote_is_found_out_before/1, a_refused_push_leaves_what_is_published/1,
         without_publishing_a_refused_push_is_taken_back/1, whatever_fails_everything_is_put_back/1,
         without_publishing_nobody_needs_to_sign_in/1, a_dry_run_tells_where_it_would_push/1,
         a_version_in_tags_is_only_tagged/1, the_tag_begins_as_asked/1,
         a_password_of_the_remote_is_not_told/1, a_person_picks_and_may_still_refuse/1,
         where_nobody_can_be_asked_the_flag_is_named/1, an_interrupted_upload_is_put_back_unless_it_arrived/1,
         git_ends_before_what_it_did_is_taken_back/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/3, hex/4, environment/1, has/2, hasnt/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [atom()].
all() ->
    [branch_and_tag_are_pushed_after_publishing, the_branch_follows_its_own_remote,
     a_remote_that_has_moved_is_found_out_before, a_push_that_cannot_work_is_found_out_before,
     a_tag_at_the_remote_is_found_out_before, a_refused_push_leaves_what_is_published,
     without_publishing_a_refused_push_is_taken_back, whatever_fails_everything_is_put_back,
     without_publishing_nobody_needs_to_sign_in, a_dry_run_tells_where_it_would_push,
     a_version_in_tags_is_only_tagged, the_tag_begins_as_asked,
     a_password_of_the_remote_is_not_told, a_person_picks_and_may_still_refuse,
     where_nobody_can_be_asked_the_flag_is_named, an_interrupted_upload_is_put_back_unless_it_arrived,
     git_ends_before_what_it_did_is_taken_back].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "cut") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
            Settings = #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => <<"local">>},
            [{Amy, AmysKey}, {Bob, BobsKey}] =
                [begin
                     {ok, #{key := Key}} =
                         hexide_server:add_user(Server, #{username => Name, email => Name ++ "@example.com"}),
                     {list_to_atom(Name), Key}
                 end || Name <- ["amy", "bob"]],
            [{server, Server}, {settings, Settings}, {Amy, AmysKey}, {Bob, BobsKey} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

%% Each case has a package of its own, in a repository whose branch follows that of a bare one.
-spec init_per_testcase(atom(), [tuple()]) -> [tuple()].
init_per_testcase(Case, Config) ->
    Base = filename:join(proplists:get_value(base, Config), Case),
    Dir = filename:join(Base, "work"),
    Remote = filename:join(Base, "remote.git"),
    ok = app(Dir, atom_to_list(Case), "1.0.0", []),
    ok = write(Dir, "doc/index.html", "docs"),
    ok = write(Dir, ".gitignore", "doc\n_build\n_checkouts\n"),
    ok = filelib:ensure_dir(filename:join(Remote, "HEAD")),
    [git(Where, Args) || {Where, Args} <- [{Remote, ["init", "-q", "--bare", "-b", "main"]},
                                           {Dir, ["init", "-q", "-b", "main"]},
                                           {Dir, ["config", "user.name", "Amy"]},
                                           {Dir, ["config", "user.email", "amy@example.com"]}, {Dir, ["add", "."]},
                                           {Dir, ["commit", "-q", "-m", "first"]},
                                           {Dir, ["remote", "add", "origin", Remote]},
                                           {Dir, ["push", "-q", "-u", "origin", "main"]}]],
    [{dir, Dir}, {remote, Remote}, {name, atom_to_binary(Case)},
     {file, filename:join(Dir, "src/" ++ atom_to_list(Case) ++ ".app.src")} | Config].

%% --- pushing

-spec branch_and_tag_are_pushed_after_publishing([tuple()]) -> term().
branch_and_tag_are_pushed_after_publishing(Config) ->
    {ok, #{cut := #{to := <<"1.1.0">>, tag := <<"v1.1.0">>, commit := Commit,
                    pushed := #{remote := <<"origin">>, branch := <<"main">>}},
           published := #{packages := [#{version := <<"1.1.0">>}]}} = Answer} = cut(Config, #{push => true}),
    ?assertEqual(Commit, git(remote(Config), ["rev-parse", "main"])),
    ?assertEqual(Commit, git(remote(Config), ["rev-parse", "v1.1.0^{commit}"])),
    Text = hexide_layout:plain(hexide_answer_text:answer(<<"cut">>, Answer)),
    [has(Text, Part) || Part <- ["tagged v1.1.0 at", "Pushed main and the tag to origin.", "Published "]].

-spec the_branch_follows_its_own_remote([tuple()]) -> term().
the_branch_follows_its_own_remote(Config) ->
    Dir = dir(Config),
    Fork = filename:join(filename:dirname(Dir), "fork.git"),
    git(Dir, ["clone", "-q", "--bare", remote(Config), Fork]),
    git(Dir, ["remote", "add", "fork", Fork]),
    git(Dir, ["fetch", "-q", "fork"]),
    %% What it follows has another name: pushing there would be a surprise.
    git(Dir, ["checkout", "-q", "-b", "next", "--track", "fork/main"]),
    Before = git(remote(Config), ["for-each-ref"]),
    {ok, #{cut := #{pushed := #{remote := <<"fork">>, branch := <<"next">>}}}} =
        cut(Config, #{push => true, no_publish => true}),
    ?assertEqual(Before, git(remote(Config), ["for-each-ref"])),
    ?assertEqual(git(Dir, ["rev-parse", "next"]), git(Fork, ["rev-parse", "next"])),
    ?assertEqual(git(Dir, ["rev-parse", "fork/main"]), git(Fork, ["rev-parse", "main"])).

-spec a_remote_that_has_moved_is_found_out_before([tuple()]) -> term().
a_remote_that_has_moved_is_found_out_before(Config) ->
    Other = filename:join(filename:dirname(dir(Config)), "other"),
    git(dir(Config), ["clone", "-q", remote(Config), Other]),
    [git(Other, Args) || Args <- [["config", "user.name", "Bob"], ["config", "user.email", "bob@example.com"],
                                  ["commit", "-q", "--allow-empty", "-m", "more"], ["push", "-q"]]],
    unchanged(Config, #{push => true}, "nothing was changed: git push failed").

-spec a_push_that_cannot_work_is_found_out_before([tuple()]) -> term().
a_push_that_cannot_work_is_found_out_before(Config) ->
    Dir = dir(Config),
    git(Dir, ["checkout", "-q", "--detach"]),
    unchanged(Config, #{push => true}, "no branch is checked out"),
    git(Dir, ["checkout", "-q", "main"]),
    git(Dir, ["remote", "set-url", "origin", filename:join(Dir, "gone.git")]),
    unchanged(Config, #{push => true}, "cannot push main to origin, and nothing was changed"),
    git(Dir, ["remote", "remove", "origin"]),
    unchanged(Config, #{push => true}, "git remote add origin URL"),
    [git(Dir, ["remote", "add", Name, remote(Config)]) || Name <- ["one", "two"]],
    unchanged(Config, #{push => true}, "one, two").

-spec a_tag_at_the_remote_is_found_out_before([tuple()]) -> term().
a_tag_at_the_remote_is_found_out_before(Config) ->
    %% Of the same commit: the branch could be pushed, the tag could not.
    git(remote(Config), ["tag", "v1.1.0", "main"]),
    unchanged(Config, #{push => true}, "the tag v1.1.0 exists at origin already").

-spec a_refused_push_leaves_what_is_published([tuple()]) -> term().
a_refused_push_leaves_what_is_published(Config) ->
    Remote = git(remote(Config), ["for-each-ref"]),
    hook(remote(Config), "hooks/pre-receive", "echo not on sundays; exit 1"),
    {error, {failed, #{message := Message}}} = cut(Config, #{push => true}),
    [has(Message, Part)
     || Part <- ["1.1.0 is published", "run `git push --atomic origin main v1.1.0`", "not on sundays"]],
    ?assertEqual(Remote, git(remote(Config), ["for-each-ref"])),
    {ok, _} = hexide_release:get(settings(Config), name(Config), "1.1.0"),
    {ok, Text} = file:read_file(proplists:get_value(file, Config)),
    has(Text, "{vsn, \"1.1.0\"}"),
    ?assertEqual(<<"v1.1.0">>, git(dir(Config), ["tag", "--points-at", "HEAD"])),
    %% The command that it names is the one that helps.
    ok = file:delete(filename:join(remote(Config), "hooks/pre-receive")),
    git(dir(Config), ["push", "--atomic", "origin", "main", "v1.1.0"]).

-spec without_publishing_a_refused_push_is_taken_back([tuple()]) -> term().
without_publishing_a_refused_push_is_taken_back(Config) ->
    hook(remote(Config), "hooks/update", "case $1 in refs/tags/*) exit 1;; esac"),
    unchanged(Config, #{push => true, no_publish => true}, "everything local is as it was").

%% --- putting back

-spec whatever_fails_everything_is_put_back([tuple()]) -> term().
whatever_fails_everything_is_put_back(Config) ->
    Dir = dir(Config),
    ok = write(Dir, "src/staged.erl", "staged"),
    ok = write(Dir, "src/loose.erl", "loose"),
    git(Dir, ["add", "src/staged.erl"]),
    Hook = fun(Name, Script) ->
               Path = hook(Dir, filename:join(".git/hooks", Name), Script),
               fun() -> file:delete(Path) end
           end,
    Steps = [{fun() -> Hook("pre-commit", "echo no commit today; exit 1") end, #{}, "no commit today"},
             {fun() -> Hook("reference-transaction", "[ $1 = prepared ] && grep -q refs/tags/ && exit 1; exit 0") end,
              #{}, "git tag failed"},
             {fun() -> fun() -> ok end end, #{doc_dir => <<"nowhere">>}, "index.html"},
             {fun() -> taken_by_bob(Config), fun() -> ok end end, #{}, "everything local is as it was"}],
    [begin
         Undo = Break(),
         unchanged(Config, Options, Part),
         ok = Undo()
     end || {Break, Options, Part} <- Steps].

%% Nobody but bob may publish that package any more.
taken_by_bob(Config) ->
    Name = name(Config),
    Metadata = #{<<"name">> => Name, <<"app">> => Name, <<"version">> => <<"0.1.0">>, <<"description">> => <<"bob's">>,
                 <<"licenses">> => [<<"MIT">>], <<"build_tools">> => [<<"rebar3">>], <<"files">> => [<<"a">>]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"a", <<"a">>}]),
    {ok, _} = hexide_release:publish((settings(Config))#{api_key => proplists:get_value(bob, Config)}, Tarball).

-spec without_publishing_nobody_needs_to_sign_in([tuple()]) -> term().
without_publishing_nobody_needs_to_sign_in(Config) ->
    {ok, #{cut := #{to := <<"1.1.0">>, pushed := undefined}, published := undefined} = Answer} =
        cut([{amy, undefined} | Config], #{no_publish => true}),
    has(hexide_layout:plain(hexide_answer_text:answer(<<"cut">>, Answer)), "Nothing was published."),
    {error, {not_found, _}} = hexide_release:get(settings(Config), name(Config), "1.1.0"),
    ?assertEqual(<<"v1.1.0">>, git(dir(Config), ["tag", "--points-at", "HEAD"])).

-spec a_dry_run_tells_where_it_would_push([tuple()]) -> term().
a_dry_run_tells_where_it_would_push(Config) ->
    Before = state(Config),
    {ok, #{cut := #{commit := undefined, pushed := #{remote := <<"origin">>}}} = Answer} =
        cut(Config, #{push => true, no_publish => true, dry_run => true}),
    ?assertEqual(Before, state(Config)),
    has(hexide_layout:plain(hexide_answer_text:answer(<<"cut">>, Answer)),
        "tag it v1.1.0, push main to origin and publish nothing."),
    git(dir(Config), ["checkout", "-q", "--detach"]),
    unchanged(Config, #{push => true, dry_run => true}, "no branch is checked out").

-spec a_version_in_tags_is_only_tagged([tuple()]) -> term().
a_version_in_tags_is_only_tagged(Config) ->
    git(dir(Config), ["tag", "1.0.0"]),
    Head = git(dir(Config), ["rev-parse", "HEAD"]),
    {ok, #{cut := #{tag := <<"1.0.1">>, commit := Head}}} =
        cut(Config, #{no_publish => true, increment => <<"patch">>, push => true}, #{version_source => git}),
    ?assertEqual(Head, git(remote(Config), ["rev-parse", "1.0.1^{commit}"])).

-spec the_tag_begins_as_asked([tuple()]) -> term().
the_tag_begins_as_asked(Config) ->
    Tag = fun(Options) ->
              {ok, #{cut := #{tag := Made}}} = cut(Config, Options#{no_publish => true, dry_run => true}),
              Made
          end,
    ?assertEqual(<<"v1.1.0">>, Tag(#{})),
    ?assertEqual(<<"1.1.0">>, Tag(#{prefix_tag => false})),
    git(dir(Config), ["tag", "1.0.0"]),
    ?assertEqual(<<"1.1.0">>, Tag(#{})),
    ?assertEqual(<<"v1.1.0">>, Tag(#{prefix_tag => true})),
    %% In another form the version is tagged all the same.
    git(dir(Config), ["tag", "v1.1.0"]),
    unchanged(Config, #{prefix_tag => false}, "the tag v1.1.0 exists already").

-spec a_password_of_the_remote_is_not_told([tuple()]) -> term().
a_password_of_the_remote_is_not_told(Config) ->
    git(dir(Config), ["remote", "set-url", "origin", "http://amy:hunter2@127.0.0.1:1/x.git"]),
    {error, {failed, #{message := Message}}} = cut(Config, #{push => true}),
    has(Message, "127.0.0.1:1/x.git"),
    hasnt(Message, "hunter2").

%% --- with rebar3

-spec a_person_picks_and_may_still_refuse([tuple()]) -> term().
a_person_picks_and_may_still_refuse(Config) ->
    Dir = dir(Config),
    published_by_rebar3(Config),
    Before = state(Config),
    Refused = at_terminal(Config, ["--push"]),
    _ = terminal:see(Refused, "(major 2.0.0, minor 1.1.0, patch 1.0.1)"),
    true = terminal:say(Refused, "minor"),
    _ = terminal:see(Refused, "from 1.0.0 to 1.1.0, tag it v1.1.0, publish it and push main to origin? [y/N]"),
    true = terminal:say(Refused, "n"),
    {1, _} = terminal:ended(Refused),
    ?assertEqual(Before, state(Config)),
    Interrupted = at_terminal(Config, ["-i", "major"]),
    _ = terminal:see(Interrupted, "? [y/N]"),
    true = terminal:interrupt(Interrupted),
    {_, _} = terminal:ended(Interrupted),
    ?assertEqual(Before, state(Config)),
    Agreed = at_terminal(Config, ["--push", "--pre", "rc"]),
    _ = terminal:see(Agreed, "minor 1.1.0-rc.1"),
    true = terminal:say(Agreed, "minor"),
    _ = terminal:see(Agreed, "? [y/N]"),
    true = terminal:say(Agreed, "y"),
    {0, Said} = terminal:ended(Agreed),
    has(Said, "Pushed main and the tag to origin."),
    ?assertEqual(git(Dir, ["rev-parse", "HEAD"]), git(remote(Config), ["rev-parse", "v1.1.0-rc.1^{commit}"])),
    %% rebar3 reads the version that was written.
    {0, Json, _} = hex(Config, dir, ["cut", "--pre", "rc", "--yes", "--no-publish", "--json"]),
    [has(Json, Part) || Part <- ["\"from\": \"1.1.0-rc.1\"", "\"to\": \"1.1.0-rc.2\"", "\"published\": null"]].

-spec where_nobody_can_be_asked_the_flag_is_named([tuple()]) -> term().
where_nobody_can_be_asked_the_flag_is_named(Config) ->
    published_by_rebar3(Config),
    Before = state(Config),
    {2, <<>>, Said} = hex(Config, dir, ["cut"]),
    has(Said, "use -i major|minor|patch"),
    {2, <<>>, Unsure} = hex(Config, dir, ["cut", "-i", "minor"], [amys_key(Config)]),
    has(Unsure, "use --yes"),
    {2, <<>>, _} = hex(Config, dir, ["cut", "-i", "huge"]),
    ?assertEqual(Before, state(Config)).

%% --- interrupted

-spec an_interrupted_upload_is_put_back_unless_it_arrived([tuple()]) -> term().
an_interrupted_upload_is_put_back_unless_it_arrived(Config) ->
    Before = state(Config),
    {error, {cancelled, #{message := Back}}} = cut(Config, #{}, #{}, pressed_when_uploading(fun(_) -> never end)),
    has(Back, "everything local is as it was"),
    ?assertEqual(Before, state(Config)),
    %% It arrived, and the answer did not.
    {error, {cancelled, #{message := Kept}}} = cut(Config, #{}, #{}, pressed_when_uploading(fun(Do) -> Do() end)),
    has(Kept, "is published and its commit and tag are kept"),
    ?assertEqual(<<"v1.1.0">>, git(dir(Config), ["tag", "--points-at", "HEAD"])).

pressed_when_uploading(Before) ->
    fun(Do) ->
        receive
            uploading ->
                _ = Before(Do),
                {error, hexide_interruption:failure()}
        after 0 -> Do()
        end
    end.

-spec git_ends_before_what_it_did_is_taken_back([tuple()]) -> term().
git_ends_before_what_it_did_is_taken_back(Config) ->
    published_by_rebar3(Config),
    Git = filename:join(dir(Config), ".git"),
    [{0, _, _} = real_rebar3:run(Config, Git, "mkfifo", [Name]) || Name <- ["begun", "go"]],
    _ = hook(Git, "hooks/pre-commit", ["echo begun >", Git, "/begun; read -r word <", Git, "/go"]),
    Before = state(Config),
    Cut = at_terminal(Config, ["-i", "major", "--yes"]),
    {0, <<"begun\n">>, _} = real_rebar3:run(Config, Git, "cat", ["begun"]),
    true = terminal:interrupt(Cut),
    _ = terminal:see(Cut, "^C"),
    {0, _, _} = real_rebar3:run(Config, Git, "sh", ["-c", "echo go >go"]),
    {130, Said} = terminal:ended(Cut),
    has(Said, "everything local is as it was"),
    ?assertEqual(Before, state(Config)).

published_by_rebar3(Config) ->
    #{api_url := Api, repo_url := Repo, repo_public_key := Public} = settings(Config),
    Pem = string:replace(string:trim(Public), "\n", "\\n", all),
    ok = write(dir(Config), "rebar.config",
               ["{project_plugins, [hexide]}.\n{hex, [{doc, none}, {repos, replace, [#{name => <<\"local\">>, ",
                "repo_url => <<\"", Repo, "\">>, api_url => <<\"", Api, "\">>, ",
                "repo_public_key => <<\"", Pem, "\">>}]}]}.\n"]),
    ok = plugin(Config, dir(Config)),
    [git(dir(Config), Args) || Args <- [["add", "rebar.config"], ["commit", "-q", "-m", "use hexide"], ["push", "-q"]]].

at_terminal(Config, Args) ->
    terminal:start(dir(Config), "rebar3", ["hex", "cut", "--doc-dir", "doc" | Args],
                   environment(Config) ++ [amys_key(Config)]).

amys_key(Config) ->
    {"HEX_API_KEY", binary_to_list(proplists:get_value(amy, Config))}.

%% --- what the cases share

unchanged(Config, Options, Part) ->
    Before = state(Config),
    {error, {_, #{message := Message}}} = cut(Config, Options),
    has(Message, Part),
    ?assertEqual(Before, state(Config)).

%% Everything that a failure must leave alone.
state(Config) ->
    {ok, Text} = file:read_file(proplists:get_value(file, Config)),
    {Text, git(remote(Config), ["for-each-ref"]),
     [hexide_git:run(dir(Config), Args)
      || Args <- [["rev-parse", "HEAD"], ["symbolic-ref", "HEAD"], ["status", "--porcelain"], ["ls-files", "-s"],
                  ["for-each-ref", "refs/heads", "refs/tags"], ["diff", "--cached"], ["stash", "list"]]]}.

cut(Config, Options) ->
    cut(Config, Options, #{}).

cut(Config, Options, Facts) ->
    cut(Config, Options, Facts, fun(Do) -> Do() end).

cut(Config, Options, Facts, Interruptible) ->
    {ok, #{config := Resolved, sources := Sources}} =
        hexide_config:resolve(#{environment => [], options => settings(Config)}),
    {ok, [{application, _, Details}]} = file:consult(proplists:get_value(file, Config)),
    App = maps:merge(#{name => name(Config), version => <<"1.0.0">>, version_source => "1.0.0", dir => dir(Config),
                       app_src => proplists:get_value(file, Config), details => Details, dependencies => [],
                       locks => [], doc_dir => "doc"}, Facts),
    Context = #{config => Resolved#{api_key := proplists:get_value(amy, Config)}, sources => Sources,
                repository => <<"local">>, repositories => [], user_file => "none", system => #{},
                memory => hexide_secrets:memory(), interruptible => Interruptible, progress => fun tell/1,
                project => #{root => dir(Config), apps => [App], dependencies => [], locks => []}},
    hexide_cmd_cut:run(Context, maps:merge(#{args => [], yes => true, increment => <<"minor">>, doc_dir => <<"doc">>},
                                           Options)).

tell(#{event := uploading}) -> self() ! uploading;
tell(_) -> ok.

hook(Dir, Name, Script) ->
    Path = filename:join(Dir, Name),
    ok = write(Dir, Name, ["#!/bin/sh\n", Script, "\n"]),
    ok = file:change_mode(Path, 8#755),
    Path.

dir(Config) -> proplists:get_value(dir, Config).
remote(Config) -> proplists:get_value(remote, Config).
name(Config) -> proplists:get_value(name, Config).
settings(Config) -> proplists:get_value(settings, Config).

git(Dir, Args) ->
    {ok, Output} = hexide_git:run(Dir, Args),
    Output.
