%% @doc `outdated' by real rebar3 in a project that stock rebar3 has locked, and by itself against registries
%% that say what no published package says.
-module(rebar3_hexide_outdated_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([direct_dependencies_are_compared/1, all_in_json_with_what_binds_them/1, the_exit_code_says_no_when_asked/1,
         requirements_and_pre_releases_change_what_counts/1, as_one_task_among_others_it_ends_the_run/1,
         wrong_arguments_are_refused/1, the_checksum_decides_which_repository_is_meant/1,
         a_locked_release_with_an_advisory_is_told/1, what_is_nowhere_is_no_error/1,
         what_is_not_locked_yet_is_told/1, a_repository_that_is_down_is_an_error/1,
         an_unreadable_requirement_is_an_error/1,
         a_key_of_the_environment_goes_to_one_repository/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/3, run/4, run/5, has/2, hasnt/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 2}}].

-spec all() -> [atom()].
all() ->
    [direct_dependencies_are_compared, all_in_json_with_what_binds_them, the_exit_code_says_no_when_asked,
     requirements_and_pre_releases_change_what_counts, as_one_task_among_others_it_ends_the_run,
     wrong_arguments_are_refused, the_checksum_decides_which_repository_is_meant,
     a_locked_release_with_an_advisory_is_told, what_is_nowhere_is_no_error, what_is_not_locked_yet_is_told,
     a_repository_that_is_down_is_an_error, an_unreadable_requirement_is_an_error,
     a_key_of_the_environment_goes_to_one_repository].

%% alpha is bound by `~> 1.0', beta by nothing and needs gamma, forked is from git. The project is locked
%% before the newer releases come out.
-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "outdated") of
        {ok, Started} ->
            {ok, _} = application:ensure_all_started(inets),
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
            {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
            Settings = #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => <<"local">>},
            Signed = Settings#{api_key => Key},
            [ok = publish(Signed, Name, "1.0.0", Needs)
             || {Name, Needs} <- [{"gamma", []}, {"alpha", []}, {"beta", [{"gamma", "~> 1.0"}]}]],
            Base = proplists:get_value(base, Started),
            Forked = filename:join(Base, "forked"),
            ok = app(Forked, "forked", "0.1.0", []),
            [{0, _, _} = run(Started, Forked, "git", Args)
             || Args <- [["init", "-q", "-b", "main"], ["config", "user.name", "Amy"],
                         ["config", "user.email", "amy@example.com"], ["add", "."], ["commit", "-q", "-m", "first"]]],
            Project = filename:join(Base, "project"),
            ok = app(Project, "project", "0.1.0", ["alpha", "beta", "forked"]),
            Pem = string:replace(string:trim(Public), "\n", "\\n", all),
            ok = write(Project, "rebar.config",
                       ["{project_plugins, [hexide]}.\n",
                        "{deps, [{alpha, \"~> 1.0\"}, beta, ",
                        "{forked, {git, \"file://", Forked, "\", {branch, \"main\"}}}]}.\n",
                        "{hex, [{repos, replace, [#{name => <<\"local\">>, repo_url => <<\"", Repo,
                        "\">>, api_url => <<\"", Api, "\">>, repo_public_key => <<\"", Pem, "\">>}]}]}.\n"]),
            ok = plugin(Started, Project),
            {0, _, _} = run(Started, Project, "rebar3", ["lock"]),
            [ok = publish(Signed, Name, Version, [])
             || {Name, Version} <- [{"alpha", "1.4.0"}, {"alpha", "1.10.0"}, {"alpha", "1.11.0"}, {"alpha", "2.0.0"},
                                    {"alpha", "2.1.0-rc.1"}, {"gamma", "2.0.0"}, {"beta", "1.0.1-rc.1"}]],
            [ok = hexide_release:retire(Signed, Name, Version, Reason, Message)
             || {Name, Version, Reason, Message} <- [{"alpha", "1.11.0", invalid, "built wrongly"},
                                                     {"gamma", "1.0.0", security, "leaks files"}]],
            [{server, Server}, {settings, Settings}, {project, Project} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

%% --- with rebar3

-spec direct_dependencies_are_compared([tuple()]) -> term().
direct_dependencies_are_compared(Config) ->
    {0, Out, _} = hex(Config, project, ["outdated"]),
    %% 1.10 comes after 1.4, and nobody is sent to a retired release or a pre-release.
    [{match, _} = re:run(Out, Row)
     || Row <- ["\nalpha +1.0.0 +2.0.0 +1.10.0 +update possible; newest needs another requirement\n",
                "\nbeta +1.0.0 +1.0.0 +1.0.0 +up to date\n", "\nforked +not from Hex \\(git\\)\n"]],
    has(Out, "1 of 3 outdated. Update with `rebar3 upgrade alpha`.\n"),
    has(Out, "1 more are dependencies of these; see them with --all.\n"),
    hasnt(Out, "gamma").

-spec all_in_json_with_what_binds_them([tuple()]) -> term().
all_in_json_with_what_binds_them(Config) ->
    {0, Json, _} = hex(Config, project, ["outdated", "--all", "--json"]),
    [has(Json, Part) || Part <- ["\"app\": \"gamma\"", "\"direct\": false", "\"state\": \"held_back\"",
                                 "\"requirements\": [\n        \"~> 1.0\"", "\"repository\": \"local\"",
                                 "\"message\": \"leaks files\"", "\"outdated\": 2", "\"hidden\": 0"]].

-spec the_exit_code_says_no_when_asked([tuple()]) -> term().
the_exit_code_says_no_when_asked(Config) ->
    {1, Out, <<>>} = hex(Config, project, ["outdated", "--exit-code"]),
    has(Out, "1 of 3 outdated."),
    {1, Json, <<>>} = hex(Config, project, ["outdated", "--exit-code", "--json"]),
    %% One document, the answer.
    ?assertMatch([_], [Line || Line <- string:split(Json, "\n", all), Line =:= <<"}">>]),
    has(Json, "\"outdated\": 1").

-spec as_one_task_among_others_it_ends_the_run([tuple()]) -> term().
as_one_task_among_others_it_ends_the_run(Config) ->
    Project = proplists:get_value(project, Config),
    {1, Out, _} = run(Config, Project, "rebar3", ["do", "hex", "outdated", "--exit-code,", "hex", "help"]),
    has(Out, "1 of 3 outdated."),
    has(Out, "1 dependency is outdated."),
    hasnt(Out, "rebar3 hex help COMMAND").

%% --- by itself

-spec requirements_and_pre_releases_change_what_counts([tuple()]) -> term().
requirements_and_pre_releases_change_what_counts(Config) ->
    Context = context(Config, [dep("gamma", "~> 1.0")], [lock("gamma", "1.0.0", undefined)]),
    {ok, #{outdated := 1, dependencies := [#{state := held_back, outdated := true, newest := <<"2.0.0">>}]}} =
        outdated(Context, #{}),
    {ok, #{outdated := 0, dependencies := [#{state := held_back, outdated := false}]}} =
        outdated(Context, #{within_requirements => true, exit_code => true}),
    Pre = context(Config, [dep("alpha", ">= 1.0.0"), dep("beta", "~> 1.0")],
                  [lock("alpha", "2.0.0", undefined), lock("beta", "1.0.0", undefined)]),
    {ok, #{outdated := 0}} = outdated(Pre, #{}),
    {negative, #{outdated := 2, dependencies := [#{newest := <<"2.1.0-rc.1">>}, #{newest := <<"1.0.1-rc.1">>}]},
     {failed, #{message := <<"2 dependencies are outdated">>}}} = outdated(Pre, #{pre => true, exit_code => true}),
    %% Who has locked a pre-release is told of the next one.
    Early = context(Config, [dep("alpha", "~> 2.0")], [lock("alpha", "2.0.0-rc.1", undefined)]),
    {ok, #{dependencies := [#{newest := <<"2.1.0-rc.1">>}]}} = outdated(Early, #{}).

-spec wrong_arguments_are_refused([tuple()]) -> term().
wrong_arguments_are_refused(Config) ->
    Context = context(Config, [], []),
    ?assertMatch({error, {usage, _}}, hexide_cmd_outdated:run(Context, #{args => [<<"alpha">>]})),
    ?assertEqual({ok, #{dependencies => [], outdated => 0, hidden => 0}}, outdated(Context, #{})).

-spec the_checksum_decides_which_repository_is_meant([tuple()]) -> term().
the_checksum_decides_which_repository_is_meant(Config) ->
    {ok, #{releases := Releases}} = hexide_repo:package(proplists:get_value(settings, Config), "beta"),
    [Checksum] = [Outer || #{version := <<"1.0.0">>, outer_checksum := Outer} <- Releases],
    with_static(Config, index(<<"beta">>, []),
                fun(Static) ->
                    Repos = [{<<"static">>, Static}, {<<"local">>, proplists:get_value(settings, Config)}],
                    Where = fun(Locked) ->
                                Context = context(Repos, [dep("beta", undefined)], [lock("beta", "1.0.0", Locked)]),
                                {ok, #{dependencies := [#{repository := Found}]}} = outdated(Context, #{}),
                                Found
                            end,
                    ?assertEqual(<<"local">>, Where(Checksum)),
                    ?assertEqual(<<"static">>, Where(binary:copy(<<"ab">>, 32))),
                    ?assertEqual(<<"static">>, Where(undefined))
                end).

-spec a_locked_release_with_an_advisory_is_told([tuple()]) -> term().
a_locked_release_with_an_advisory_is_told(Config) ->
    Advisory = #{id => <<"GHSA-1">>, summary => <<"Reads too much">>, html_url => <<"https://example.com/1">>,
                 severity => high, cvss_score => undefined, api_url => undefined, aliases => []},
    with_static(Config, index(<<"beta">>, [Advisory]),
                fun(Static) ->
                    Context = context([{<<"static">>, Static}], [dep("beta", undefined)],
                                      [lock("beta", "1.0.0", undefined)]),
                    {ok, #{dependencies := [#{advisories := [Told], state := current}]} = Answer} =
                        outdated(Context, #{}),
                    ?assertMatch(#{id := <<"GHSA-1">>, summary := <<"Reads too much">>, severity := high}, Told),
                    has(hexide_layout:plain(hexide_answer_text:answer(<<"outdated">>, Answer)),
                        "Warning: beta 1.0.0 has a security advisory: GHSA-1, Reads too much (https://example.com/1)\n")
                end).

-spec a_key_of_the_environment_goes_to_one_repository([tuple()]) -> term().
%% Every repository is asked for what the first has not; the key is the first's.
a_key_of_the_environment_goes_to_one_repository(Config) ->
    #{api_url := Api, repo_url := Repo, repo_public_key := Public} = proplists:get_value(settings, Config),
    Key = "a-key-of-the-environment",
    [{Sent, First}, {Leaked, Second}] = [counting_proxy:start(Repo, list_to_binary(Key)) || _ <- [1, 2]],
    Entry = fun(Name, Url) ->
                io_lib:format("#{name => <<\"~ts\">>, repo_name => <<\"local\">>, repo_url => <<\"~ts\">>, "
                              "api_url => <<\"~ts\">>, repo_public_key => ~tp}", [Name, Url, Api, Public])
            end,
    Dir = filename:join(proplists:get_value(base, Config), "guarded"),
    ok = app(Dir, "guarded", "0.1.0", []),
    ok = write(Dir, "rebar.config",
               ["{project_plugins, [hexide]}.\n{deps, [{nowhere, \"~> 1.0\"}]}.\n{hex, [{repos, replace, [",
                Entry("first", First), ",\n", Entry("second", Second), "]}]}.\n"]),
    ok = plugin(Config, Dir),
    {0, _, _} = run(Config, Dir, "rebar3", ["hex", "outdated"], [{"HEX_REPO_KEY", Key}]),
    ?assert(Sent() > 0),
    ?assertEqual(0, Leaked()).

-spec what_is_nowhere_is_no_error([tuple()]) -> term().
what_is_nowhere_is_no_error(Config) ->
    Context = context(Config, [], [lock("nowhere_to_be_found", "1.0.0", undefined)]),
    ?assertMatch({ok, #{outdated := 0, dependencies := [#{state := not_found, version := <<"1.0.0">>}]}},
                 outdated(Context, #{exit_code => true})).

-spec what_is_not_locked_yet_is_told([tuple()]) -> term().
what_is_not_locked_yet_is_told(Config) ->
    Context = context(Config, [dep("alpha", "~> 1.0")], []),
    ?assertMatch({ok, #{outdated := 0, dependencies := [#{state := not_locked, version := undefined,
                                                          newest := <<"2.0.0">>, newest_allowed := <<"1.10.0">>}]}},
                 outdated(Context, #{})).

-spec a_repository_that_is_down_is_an_error([tuple()]) -> term().
a_repository_that_is_down_is_an_error(_) ->
    {ok, Listen} = gen_tcp:listen(0, [{ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listen),
    ok = gen_tcp:close(Listen),
    Down = #{repo_url => "http://127.0.0.1:" ++ integer_to_list(Port), retries => 0},
    Context = context([{<<"down">>, Down}], [], [lock(Name, "1.0.0", undefined) || Name <- ["one", "two", "three"]]),
    {error, {connect, #{message := <<"cannot look up one in down: ", _/binary>>}} = Failure} = outdated(Context, #{}),
    ?assertEqual(3, hexide_failure:exit_code(Failure)),
    %% Nothing of it is left with the one who asked.
    ?assertEqual({messages, []}, process_info(self(), messages)).

-spec an_unreadable_requirement_is_an_error([tuple()]) -> term().
an_unreadable_requirement_is_an_error(Config) ->
    Context = context(Config, [dep("alpha", ".*")], [lock("alpha", "1.0.0", undefined)]),
    {error, {bad_requirement, #{message := Message}}} = outdated(Context, #{}),
    has(Message, "cannot read the requirement of alpha: ").

%% --- helpers

publish(Config, Name, Version, Needs) ->
    Metadata = #{<<"name">> => list_to_binary(Name), <<"version">> => list_to_binary(Version),
                 <<"app">> => list_to_binary(Name), <<"description">> => <<"A package">>,
                 <<"licenses">> => [<<"MIT">>], <<"build_tools">> => [<<"rebar3">>],
                 <<"requirements">> => maps:from_list([{list_to_binary(Needed),
                                                        #{<<"app">> => list_to_binary(Needed), <<"optional">> => false,
                                                          <<"requirement">> => list_to_binary(Requirement)}}
                                                       || {Needed, Requirement} <- Needs])},
    Applications = lists:join(", ", ["kernel", "stdlib" | [Needed || {Needed, _} <- Needs]]),
    File = "src/" ++ Name ++ ".app.src",
    AppSrc = iolist_to_binary(["{application, ", Name, ", [{vsn, \"", Version, "\"}, {applications, [", Applications,
                               "]}]}.\n"]),
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata#{<<"files">> => [list_to_binary(File)]},
                                                        [{File, AppSrc}]),
    {ok, _} = hexide_release:publish(Config, Tarball),
    ok.

context([{Name, #{}} | _] = Repos, Dependencies, Locks) when is_binary(Name) ->
    #{config => #{http_concurrency => 4}, interruptible => fun(Run) -> Run() end,
      repositories => [#{name => Each} || {Each, _} <- Repos],
      settings => fun(Each) -> {ok, proplists:get_value(Each, Repos)} end,
      project => #{root => ".", apps => [], dependencies => Dependencies, locks => Locks}};
context(Config, Dependencies, Locks) ->
    context([{<<"local">>, proplists:get_value(settings, Config)}], Dependencies, Locks).

outdated(Context, Options) ->
    hexide_cmd_outdated:run(Context, Options#{args => []}).

dep(Name, Requirement) ->
    #{app => list_to_binary(Name), package => list_to_binary(Name), source => hex,
      requirement => hexide_text:optional(Requirement)}.

lock(Name, Version, Checksum) ->
    #{app => list_to_binary(Name), package => list_to_binary(Name), source => hex, level => 0,
      version => list_to_binary(Version), checksum => Checksum}.

index(Name, Advisories) ->
    #{repository => <<"static">>, name => Name, advisories => Advisories,
      releases => [#{version => <<"1.0.0">>, inner_checksum => binary:copy(<<"ab">>, 32),
                     outer_checksum => binary:copy(<<"ab">>, 32), dependencies => [], retired => undefined,
                     published_at => undefined,
                     advisory_indexes => lists:seq(0, length(Advisories) - 1)}]}.

%% A repository of one package, as files.
with_static(Config, #{name := Name} = Index, Do) ->
    Root = filename:join(proplists:get_value(base, Config), "static"),
    {ok, Key} = hexide_registry:generate_key(),
    {ok, Public} = hexide_registry:public_key(Key),
    {ok, Payload} = hexide_registry:encode(package, Index),
    {ok, Signed} = hexide_registry:sign(Payload, Key),
    ok = write(Root, filename:join("packages", Name), Signed),
    {ok, Server} = inets:start(httpd, [{port, 0}, {server_name, "static"}, {server_root, Root}, {document_root, Root},
                                       {bind_address, {127, 0, 0, 1}}]),
    [{port, Port}] = httpd:info(Server, [port]),
    try
        Do(#{repo_url => "http://127.0.0.1:" ++ integer_to_list(Port), repo_public_key => Public,
             repo_name => <<"static">>})
    after
        ok = inets:stop(httpd, Server)
    end.
