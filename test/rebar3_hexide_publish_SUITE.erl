%% @doc `rebar3 hex publish' as people run it: what it warns of, what it refuses, and what it says when the line to
%% the registry breaks. The registry runs in the node of the tests; `real_rebar3' says what the commands run in.
-module(rebar3_hexide_publish_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([regrets_are_warned_of_in_text_and_json/1, all_problems_of_an_umbrella_are_told_before_anything_else/1,
         a_dry_run_needs_neither_login_nor_network/1, an_umbrella_goes_on_where_it_stopped/1,
         only_the_apps_that_are_named_go_out/1, the_source_is_recorded_where_others_read_it/1,
         a_source_that_is_not_committed_is_refused/1, an_organization_has_its_own/1,
         ctrl_c_before_the_end_publishes_nothing/1, ctrl_c_after_the_end_says_that_it_is_out/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/4, run/4, environment/1, has/2, hasnt/2]).

-define(DEADLINE, 60_000).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [atom()].
all() ->
    [regrets_are_warned_of_in_text_and_json, all_problems_of_an_umbrella_are_told_before_anything_else,
     a_dry_run_needs_neither_login_nor_network, an_umbrella_goes_on_where_it_stopped,
     only_the_apps_that_are_named_go_out, the_source_is_recorded_where_others_read_it,
     a_source_that_is_not_committed_is_refused, an_organization_has_its_own,
     ctrl_c_before_the_end_publishes_nothing, ctrl_c_after_the_end_says_that_it_is_out].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "publish") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
            {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
            ok = hexide_server:add_organization(Server, "acme", "amy"),
            Settings = #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => <<"local">>,
                         api_key => Key},
            [{server, Server}, {settings, Settings}, {signed, [{"HEX_API_KEY", binary_to_list(Key)}]} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

-spec init_per_testcase(atom(), [tuple()]) -> [tuple()].
init_per_testcase(Case, Config) ->
    [{project, filename:join(proplists:get_value(base, Config), Case)} | Config].

-spec regrets_are_warned_of_in_text_and_json([tuple()]) -> term().
regrets_are_warned_of_in_text_and_json(Config) ->
    ok = project(Config, #{}, [{"regretful", []}]),
    Secret = lists:duplicate(36, $z),
    ok = add(Config, "priv/.env", "PASSWORD=unknown"),
    ok = add(Config, "priv/token", ["ghp", "_", Secret]),
    ok = add(Config, "priv/large", crypto:strong_rand_bytes(1_500_000)),
    {0, Out, Err} = hex(Config, project, ["publish", "package", "--dry-run"], []),
    [has(Out, ["Warning: ", Part])
     || Part <- ["priv/.env is a file of environment variables", "priv/token:1 looks like a token of GitHub",
                 "priv/large is larger than 1 MB", "there is no README in the package", "there are changes that are not "
                 "committed: "]],
    [hasnt(Text, Hidden) || Text <- [Out, Err], Hidden <- ["PASSWORD", Secret]],
    {0, Json, _} = hex(Config, project, ["publish", "package", "--dry-run", "--json"], []),
    [has(Json, Part) || Part <- ["\"kind\": \"secret\"", "\"path\": \"priv/token\"", "\"line\": 1",
                                 "\"kind\": \"uncommitted\"", "\"kind\": \"large_file\""]].

-spec all_problems_of_an_umbrella_are_told_before_anything_else([tuple()]) -> term().
all_problems_of_an_umbrella_are_told_before_anything_else(Config) ->
    ok = project(Config, #{}, [{"first_bad", []}, {"second_bad", []}]),
    ok = add(Config, "apps/first_bad/src/first_bad.app.src",
             "{application, first_bad, [{vsn, \"1.0\"}, {licenses, [\"Free\"]}]}.\n"),
    ok = add(Config, "apps/second_bad/src/second_bad.app.src",
             "{application, second_bad, [{vsn, \"1.0.0\"}, {description, \"Fine\"}]}.\n"),
    {1, <<>>, Err} = hex(Config, project, ["publish"], signed(Config)),
    [has(Err, Part) || Part <- ["4 problems", "first_bad: description is missing", "first_bad: licenses \"Free\"",
                                "first_bad: version \"1.0\"", "second_bad: licenses is missing"]],
    {1, Json, _} = hex(Config, project, ["publish", "--json"], signed(Config)),
    has(Json, "\"app\": \"second_bad\""),
    {0, Built, _} = hex(Config, project, ["build", "--app", "second_bad", "--output", base(Config)], []),
    has(Built, "Warning: licenses is missing").

-spec a_dry_run_needs_neither_login_nor_network([tuple()]) -> term().
a_dry_run_needs_neither_login_nor_network(Config) ->
    ok = project(Config, #{}, [{"dry_one", []}]),
    {0, New, _} = hex(Config, project, ["publish", "package", "--dry-run"], []),
    has(New, "a new package"),
    {0, _, _} = hex(Config, project, ["publish", "package", "--yes"], signed(Config)),
    {0, Same, _} = hex(Config, project, ["publish", "package", "--dry-run"], []),
    has(Same, "has this version already, the same"),
    {0, Offline, _} = hex(Config, project, ["publish", "package", "--dry-run"], [{"HEX_OFFLINE", "1"}]),
    has(Offline, "nothing was sent to local").

-spec an_umbrella_goes_on_where_it_stopped([tuple()]) -> term().
an_umbrella_goes_on_where_it_stopped(Config) ->
    %% In the order in which they need each other.
    Apps = [{"tree_top", ["tree_stem"]}, {"tree_stem", ["tree_root"]}, {"tree_root", []}],
    ok = project(Config, #{2 => lose, 3 => cut}, Apps),
    Publish = fun(More) -> hex(Config, project, ["publish", "package", "--yes" | More], signed(Config)) end,
    {3, <<>>, First} = Publish([]),
    has(First, "; the release is there: tree_stem 1.0.0 is published, complete (published: tree_root 1.0.0, "
               "tree_stem 1.0.0; not published: tree_top 1.0.0;"),
    {3, Json, _} = Publish(["--json"]),
    [has(Json, Part) || Part <- ["\"upload\": \"absent\"", "\"not_published\": [", "\"published\": ["]],
    {0, Last, _} = Publish([]),
    [has(Last, Part) || Part <- ["tree_root 1.0.0 is already published to local, the same.",
                                 "tree_stem 1.0.0 is already published to local, the same.",
                                 "Published tree_top 1.0.0 to local."]],
    %% Nothing is left to do, so nobody has to be asked.
    {0, _, _} = hex(Config, project, ["publish", "package"], signed(Config)).

-spec only_the_apps_that_are_named_go_out([tuple()]) -> term().
only_the_apps_that_are_named_go_out(Config) ->
    ok = project(Config, #{}, [{"some_one", []}, {"some_two", ["some_one"]}, {"some_three", []}]),
    Publish = fun(Apps) -> hex(Config, project, ["publish", "package", "--yes" | Apps], signed(Config)) end,
    {2, <<>>, Unknown} = Publish(["--app", "some_one", "--app", "some_tow"]),
    has(Unknown, "he project has no app `some_tow`"),
    {0, Out, Err} = Publish(["--app", "some_two", "--app", "some_one", "--no-verify"]),
    [has(Out, Part) || Part <- ["Published some_one 1.0.0", "Published some_two 1.0.0", "not fetched back"]],
    [hasnt(Text, Part) || {Text, Part} <- [{Out, "some_three"}, {Err, "Fetching"}]],
    ?assertMatch({error, {not_found, _}}, hexide_release:get(settings(Config), "some_three", "1.0.0")).

-spec the_source_is_recorded_where_others_read_it([tuple()]) -> term().
the_source_is_recorded_where_others_read_it(Config) ->
    ok = project(Config, #{}, [{"sourced", []}]),
    git(Config, ["remote", "add", "origin", "https://amy:hunter2@example.com/amy/sourced.git"]),
    {0, Head, _} = run(Config, proplists:get_value(project, Config), "git", ["rev-parse", "HEAD"]),
    {0, Out, _} = hex(Config, project, ["publish", "package", "--yes"],
                      [{"HEX_SOURCE_REF", "1"}, {"HEX_SECRETS", "file"} | signed(Config)]),
    hasnt(Out, "hunter2"),
    {ok, Tarball} = hexide_repo:tarball(settings(Config), "sourced", "1.0.0"),
    true = reference:load(),
    {ok, #{metadata := #{<<"extra">> := #{<<"source">> := Source}}}} = r3_hex_tarball:unpack(Tarball, memory),
    ?assertEqual([{<<"ref">>, string:trim(Head)}, {<<"type">>, <<"git">>},
                  {<<"url">>, <<"https://example.com/amy/sourced.git">>}], lists:sort(pairs(Source))),
    %% The same from what is written down by hand, and by `build'.
    {0, _, _} = hex(Config, project, ["publish", "package", "--source-ref"], signed(Config)),
    {0, Built, _} = hex(Config, project, ["build", "--source-ref", "--output", base(Config)], []),
    has(Built, ["https://example.com/amy/sourced.git at ", string:trim(Head)]),
    ?assertEqual({ok, Tarball}, file:read_file(filename:join(base(Config), "sourced-1.0.0.tar"))).

%% Newer copies of the reference read a map.
pairs(Map) when is_map(Map) -> maps:to_list(Map);
pairs(List) -> List.

-spec a_source_that_is_not_committed_is_refused([tuple()]) -> term().
a_source_that_is_not_committed_is_refused(Config) ->
    ok = project(Config, #{}, [{"unsaved", []}]),
    Publish = fun() -> hex(Config, project, ["publish", "package", "--yes", "--source-ref"], signed(Config)) end,
    {1, <<>>, Remote} = Publish(),
    has(Remote, "no remote"),
    git(Config, ["remote", "add", "origin", "git@example.com:amy/unsaved.git"]),
    ok = add(Config, "src/later.erl", "-module(later).\n"),
    {1, <<>>, Changed} = Publish(),
    has(Changed, "not committed yet is src/later.erl"),
    ?assertMatch({error, {not_found, _}}, hexide_release:get(settings(Config), "unsaved", "1.0.0")).

-spec an_organization_has_its_own([tuple()]) -> term().
an_organization_has_its_own(Config) ->
    ok = project(Config, #{}, [{"ours_alone", []}]),
    %% Only strangers would have to know what it is.
    ok = add(Config, "src/ours_alone.app.src", "{application, ours_alone, [{vsn, \"1.0.0\"}]}.\n"),
    {1, <<>>, _} = hex(Config, project, ["publish", "package", "--yes"], signed(Config)),
    {0, Out, Err} = hex(Config, project, ["publish", "package", "--yes", "--organization", "acme"], signed(Config)),
    has(Out, "Published ours_alone 1.0.0 to local:acme."),
    hasnt(Err, "Warning: licenses"),
    Named = ["publish", "package", "--repo", "local", "--organization", "acme"],
    {0, _, _} = hex(Config, project, Named, signed(Config)),
    Settings = settings(Config),
    ?assertMatch({ok, _}, hexide_release:get(Settings#{api_repository => <<"acme">>}, "ours_alone", "1.0.0")),
    ?assertMatch({error, {not_found, _}}, hexide_release:get(Settings, "ours_alone", "1.0.0")).

-spec ctrl_c_before_the_end_publishes_nothing([tuple()]) -> term().
ctrl_c_before_the_end_publishes_nothing(Config) ->
    ok = project(Config, #{1 => hold}, [{"stopped", []}]),
    Said = interrupted(Config, hold),
    has(Said, "the release is not there: stopped 1.0.0 is not published"),
    ?assertMatch({error, {not_found, _}}, hexide_release:get(settings(Config), "stopped", "1.0.0")),
    {0, _, _} = hex(Config, project, ["publish", "package", "--yes"], signed(Config)).

-spec ctrl_c_after_the_end_says_that_it_is_out([tuple()]) -> term().
ctrl_c_after_the_end_says_that_it_is_out(Config) ->
    ok = project(Config, #{1 => mute}, [{"arrived", []}]),
    Said = interrupted(Config, mute),
    has(Said, "the release is there: arrived 1.0.0 is published, complete"),
    {0, Again, _} = hex(Config, project, ["publish", "package"], signed(Config)),
    has(Again, "arrived 1.0.0 is already published to local, the same.").

interrupted(Config, Fault) ->
    Publish = terminal:start(proplists:get_value(project, Config), "rebar3", ["hex", "publish", "package"],
                             environment(Config) ++ signed(Config)),
    _ = terminal:see(Publish, "[y/N]"),
    terminal:say(Publish, "y"),
    receive
        {line, 1, Fault} -> terminal:interrupt(Publish)
    after ?DEADLINE -> error(no_upload)
    end,
    {130, Said} = terminal:ended(Publish),
    Said.

%% --- helpers

%% A project with these apps, and what they need, in git. More than one make an umbrella. Faults: of the line to the
%% registry. Packages are large enough to be cut in two.
project(Config, Faults, Apps) ->
    Dir = proplists:get_value(project, Config),
    #{api_url := Api, repo_url := Repo, repo_public_key := Public} = settings(Config),
    Line = broken_line:start(Api, self(), Faults),
    [begin
         Folder = case Apps of
                      [_] -> Dir;
                      _ -> filename:join([Dir, "apps", App])
                  end,
         ok = app(Folder, App, "1.0.0", Needs),
         ok = write(Folder, "priv/noise", crypto:strong_rand_bytes(3 bsl 20))
     end || {App, Needs} <- Apps],
    ok = write(Dir, "rebar.config",
               ["{project_plugins, [hexide]}.\n",
                io_lib:format("{hex, [{repos, [#{name => <<\"local\">>, api_url => <<\"~ts\">>, "
                              "repo_url => <<\"~ts\">>, repo_public_key => ~tp}]}]}.~n", [Line, Repo, Public])]),
    ok = write(Dir, ".gitignore", "_build\n_checkouts\nrebar.lock\n"),
    ok = plugin(Config, Dir),
    [git(Config, Args) || Args <- [["init", "-q"], ["config", "user.name", "Amy"],
                                   ["config", "user.email", "amy@example.com"], ["add", "."],
                                   ["commit", "-q", "-m", "first"]]],
    ok.

git(Config, Args) ->
    {0, _, _} = run(Config, proplists:get_value(project, Config), "git", Args).

add(Config, File, Text) ->
    write(proplists:get_value(project, Config), File, Text).

settings(Config) ->
    proplists:get_value(settings, Config).

signed(Config) ->
    proplists:get_value(signed, Config).

base(Config) ->
    proplists:get_value(base, Config).
