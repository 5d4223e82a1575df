%% @doc The rebar3 door without rebar3: routing, repositories, dependencies, text.
-module(rebar3_hexide_dispatch_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([known_commands_come_first/1, configuration_keys_and_packages_are_short_forms/1,
         a_word_that_is_neither_is_refused_with_a_hint/1, every_command_has_a_provider_that_loads_no_native_code/1,
         rebar3s_help_is_told_every_option/1, every_way_of_writing_a_dependency_is_read/1, locks_are_read/1,
         the_first_repository_that_can_publish_is_meant/1, an_organization_belongs_to_its_parent/1,
         settings_remember_where_they_come_from/1, tables_are_aligned_by_characters/1,
         control_characters_of_strangers_do_not_reach_the_terminal/1, secrets_are_masked_in_the_configuration/1,
         every_answer_and_event_has_a_text/1]).

-spec all() -> [atom()].
all() ->
    [known_commands_come_first, configuration_keys_and_packages_are_short_forms,
     a_word_that_is_neither_is_refused_with_a_hint, every_command_has_a_provider_that_loads_no_native_code,
     rebar3s_help_is_told_every_option, every_way_of_writing_a_dependency_is_read, locks_are_read,
     the_first_repository_that_can_publish_is_meant, an_organization_belongs_to_its_parent,
     settings_remember_where_they_come_from, tables_are_aligned_by_characters,
     control_characters_of_strangers_do_not_reach_the_terminal, secrets_are_masked_in_the_configuration,
     every_answer_and_event_has_a_text].

-spec known_commands_come_first(term()) -> term().
known_commands_come_first(_) ->
    [?assertMatch({ok, #{name := Name}, [<<"a, b">>, <<"--yes">>]},
                  hexide_dispatch:route([Name, <<"a, b">>, <<"--yes">>]))
     || Name <- hexide_command:names()],
    ?assertMatch({ok, #{name := <<"info">>}, []}, hexide_dispatch:route([])),
    ?assertMatch({ok, #{name := <<"info">>}, [<<"--json">>]}, hexide_dispatch:route([<<"--json">>])),
    ?assertMatch({ok, #{name := <<"help">>}, []}, hexide_dispatch:route([<<"--help">>])),
    ?assertMatch({ok, #{name := <<"help">>}, [<<"key">>]}, hexide_dispatch:route([<<"-h">>, <<"key">>])),
    ?assertMatch({ok, #{name := <<"search">>}, [<<"--json">>, <<"--repo">>, <<"local">>, <<"x">>]},
                 hexide_dispatch:route([<<"--json">>, <<"--repo">>, <<"local">>, <<"search">>, <<"x">>])).

-spec configuration_keys_and_packages_are_short_forms(term()) -> term().
configuration_keys_and_packages_are_short_forms(_) ->
    [?assertMatch({ok, #{name := <<"config">>}, [Key, <<"x">>]}, hexide_dispatch:route([Key, <<"x">>]))
     || Key <- [<<"username">>, <<"api_url">>, <<"cdn_url">>, <<"http_proxy">>, <<"https_proxy">>]],
    %% `key' is a command: as a configuration key it is reached through `config key'.
    ?assertMatch({ok, #{name := <<"key">>}, []}, hexide_dispatch:route([<<"key">>])),
    ?assertMatch({ok, #{name := <<"info">>}, [<<"cowboy">>, <<"2.9.0">>]},
                 hexide_dispatch:route([<<"cowboy">>, <<"2.9.0">>])).

-spec a_word_that_is_neither_is_refused_with_a_hint(term()) -> term().
a_word_that_is_neither_is_refused_with_a_hint(_) ->
    ?assertMatch({error, {usage, #{message := <<"`Publish` is no command; did you mean `publish`?">>}}},
                 hexide_dispatch:route([<<"Publish">>])),
    ?assertMatch({error, {usage, #{message := <<"`größe` is no command"/utf8>>}}},
                 hexide_dispatch:route([<<"größe"/utf8>>])).

-spec every_command_has_a_provider_that_loads_no_native_code(term()) -> term().
every_command_has_a_provider_that_loads_no_native_code(_) ->
    %% In a fresh node: this one has loaded it long ago.
    Modules = [rebar3_hexide, rebar3_hexide_do
               | [rebar3_hexide_provider:module(Name) || Name <- hexide_command:names()]],
    Paths = lists:append([["-pa", Dir] || Dir <- code:get_path(), filelib:is_dir(Dir)]),
    Check = "lists:foreach(fun(M) -> true = erlang:function_exported(M, init, 1) end, lists:map(fun(M) -> "
            "{module, M} = code:ensure_loaded(M), M end, "
            ++ lists:flatten(io_lib:format("~0tp", [Modules])) ++ ")), "
            "lists:foreach(fun(N) -> {ok, C} = hexide_command:find(N), rebar3_hexide_provider:getopt(C), "
            "hexide_help_text:description(C) end, hexide_command:names()), "
            "io:format(\"~p ~p\", [code:is_loaded(hexide_nif), lists:keymember(hexide, 1, "
            "application:which_applications())]), halt().",
    ?assertEqual({0, <<"false false">>},
                 run(os:find_executable("erl"), ["-noshell" | Paths] ++ ["-eval", Check])).

-spec rebar3s_help_is_told_every_option(term()) -> term().
rebar3s_help_is_told_every_option(_) ->
    [begin
         Told = rebar3_hexide_provider:getopt(Command),
         ?assertEqual(lists:sort([Option || #{name := Option} <- hexide_command:options(Command), Option =/= help]),
                      lists:sort([Option || {Option, _, _, _, _} <- Told]), Name),
         ?assert(lists:all(fun({_, Short, Long, Type, Help}) ->
                               is_list(Long) andalso is_list(Help)
                                   andalso (Short =:= undefined orelse is_integer(Short))
                                   andalso lists:member(Type, [undefined, integer, string])
                           end, Told))
     end || #{name := Name} = Command <- hexide_command:all()].

-spec every_way_of_writing_a_dependency_is_read(term()) -> term().
every_way_of_writing_a_dependency_is_read(_) ->
    Hex = fun(App, Package, Requirement) ->
              #{app => App, package => Package, requirement => Requirement, source => hex}
          end,
    Other = fun(Source) -> #{app => <<"a">>, package => <<"a">>, requirement => undefined, source => Source} end,
    Git = {git, "https://example.com/a.git", {tag, "1.0"}},
    [?assertEqual(Expected, rebar3_hexide_deps:dependency(Written))
     || {Written, Expected} <- [{a, Hex(<<"a">>, <<"a">>, undefined)},
                                {{a, "~> 1.0"}, Hex(<<"a">>, <<"a">>, <<"~> 1.0">>)},
                                {{a, <<"1.0.0">>}, Hex(<<"a">>, <<"a">>, <<"1.0.0">>)},
                                {{a, {pkg, b}}, Hex(<<"a">>, <<"b">>, undefined)},
                                {{a, "1.0.0", {pkg, b}}, Hex(<<"a">>, <<"b">>, <<"1.0.0">>)},
                                {{a, Git}, Other(<<"git">>)}, {{a, "1.0", Git}, Other(<<"git">>)},
                                {{a, ".*", Git, [raw]}, Other(<<"git">>)}, {{a, Git, [raw]}, Other(<<"git">>)},
                                {{a, {git_subdir, "u", {branch, "b"}, "d"}}, Other(<<"git_subdir">>)},
                                {{a, {path, "../a"}}, Other(<<"path">>)}, {{a, {hg, "u"}}, Other(<<"hg">>)}]],
    ?assertMatch(#{source := <<"something unknown">>}, rebar3_hexide_deps:dependency({a, b, c, d, e})).

-spec locks_are_read(term()) -> term().
locks_are_read(_) ->
    Lock = #{app => <<"a">>, package => <<"b">>, version => <<"1.0.0">>, source => hex},
    [?assertEqual({true, Lock#{level => Level, checksum => Checksum}}, rebar3_hexide_deps:lock(Written))
     || {Written, Level, Checksum} <- [{{<<"a">>, {pkg, <<"b">>, <<"1.0.0">>}, 0}, 0, undefined},
                                       {{<<"a">>, {pkg, <<"b">>, <<"1.0.0">>, <<"INNER">>}, 0}, 0, undefined},
                                       {{<<"a">>, {pkg, <<"b">>, <<"1.0.0">>, <<"INNER">>, <<"OUTER">>}, 1}, 1,
                                        <<"outer">>}]],
    ?assertMatch({true, #{source := <<"git">>, level := 0}}, rebar3_hexide_deps:lock({<<"a">>, {git, "u", {ref, "r"}}, 0})),
    ?assertEqual(false, rebar3_hexide_deps:lock(nonsense)).

-spec the_first_repository_that_can_publish_is_meant(term()) -> term().
the_first_repository_that_can_publish_is_meant(_) ->
    Hexpm = #{name => <<"hexpm">>, api_url => <<"https://hex.pm/api">>},
    Reading = #{name => <<"mirror">>, repo_url => <<"http://localhost/repo">>},
    Local = #{name => <<"local">>, api_url => <<"http://localhost/api">>},
    ?assertEqual({ok, Hexpm}, hexide_repository:choose([Reading, Hexpm], undefined)),
    ?assertEqual({ok, Local}, hexide_repository:choose([Reading, Local, Hexpm], undefined)),
    ?assertEqual({ok, Hexpm}, hexide_repository:choose([Local, Hexpm], <<"hexpm">>)),
    ?assertMatch({error, {bad_config, _}}, hexide_repository:choose([Reading], undefined)),
    ?assertMatch({error, {usage, #{message := <<"no repository `locl` is configured; did you mean `local`?">>}}},
                 hexide_repository:choose([Local, Hexpm], <<"locl">>)).

-spec an_organization_belongs_to_its_parent(term()) -> term().
an_organization_belongs_to_its_parent(_) ->
    Hexpm = #{name => <<"hexpm">>, repo_name => <<"hexpm">>, api_url => <<"https://hex.pm/api">>},
    {ok, Acme} = hexide_repository:choose([Hexpm], <<"hexpm:acme">>),
    ?assertMatch(#{name := <<"hexpm:acme">>, repo_name := <<"hexpm">>, api_repository := <<"acme">>,
                   repo_organization := <<"acme">>, api_organization := <<"acme">>},
                 rebar3_hexide_repository:settings(Acme, #{}, #{})),
    %% As rebar3 3.19 resolves one that rebar.config lists.
    ?assertMatch(#{repo_name := <<"hexpm">>},
                 rebar3_hexide_repository:settings(Acme#{repo_name := <<"acme">>}, #{}, #{})),
    ?assertMatch({error, {usage, _}}, hexide_repository:choose([Hexpm], <<"other:acme">>)).

-spec settings_remember_where_they_come_from(term()) -> term().
settings_remember_where_they_come_from(_) ->
    Defaults = #{api_url => <<"https://hex.pm/api">>, tarball_max_size => 8388608, http_adapter => {httpc, #{}}},
    User = #{repo_key => <<"secret">>, username => <<"joe">>},
    %% rebar3 merges all of it into its repository, credentials of other programs included.
    File = #{<<"hexpm">> => User#{api_key => <<"k">>, write_key => {<<"i">>, {<<"c">>, <<"t">>}}}},
    Repo = maps:merge(maps:merge(Defaults, maps:get(<<"hexpm">>, File)),
                      #{name => <<"hexpm">>, repo_url => <<"http://localhost">>}),
    Project = rebar3_hexide_repository:settings(Repo, File, Defaults),
    ?assertEqual(#{name => <<"hexpm">>, repo_url => <<"http://localhost">>}, Project),
    {ok, #{sources := Sources}} = hexide_config:resolve(#{environment => [{"HEX_OTP", "123456"}], project => Project,
                                                          user => User}),
    ?assertEqual(User, hexide_config:for_repository(File, <<"hexpm">>)),
    ?assertMatch(#{repo_url := project, repo_key := user, api_key := default, api_otp := environment, tarball_max_size := default}, Sources).

-spec tables_are_aligned_by_characters(term()) -> term().
tables_are_aligned_by_characters(_) ->
    ?assertEqual(<<"Name    No\nöö      1\nlonger  22\n"/utf8>>,
                 hexide_layout:plain(
                   hexide_table:table(["Name", "No"], [[<<"öö"/utf8>>, 1], ["longer", 22]]))),
    ?assertEqual(<<"a\n">>, hexide_layout:plain(hexide_table:rows([["a", undefined, ""]]))),
    ?assertEqual(<<>>, hexide_layout:plain(hexide_table:table(["Name"], []))),
    Wrapped = hexide_layout:plain(hexide_table:wrap(lists:duplicate(60, "word "))),
    Lines = string:split(Wrapped, "\n", all),
    ?assert(lists:all(fun(Line) -> string:length(Line) =< 80 end, Lines)),
    ?assertEqual([<<"0 B">>, <<"1023 B">>, <<"1.0 KiB">>, <<"1.5 MiB">>],
                 [iolist_to_binary(hexide_table:size(Size)) || Size <- [0, 1023, 1024, 1572864]]).

-spec control_characters_of_strangers_do_not_reach_the_terminal(term()) -> term().
control_characters_of_strangers_do_not_reach_the_terminal(_) ->
    Evil = <<"nice", 27, "[2J\r\nfake line", 7, 16#9B/utf8, "31m", 16#202E/utf8>>,
    [begin
         Printed = unicode:characters_to_list(hexide_layout:text(Text, Style)),
         %% Only what colours a part of ours is there, and it ends where it began.
         Coloured = "\e\\[(1|3[123])m([^\e]*)\e\\[0m",
         Bare = re:replace(Printed, Coloured, "\\2", [global, unicode, {return, list}]),
         ?assertEqual([], [Char || Char <- Bare, Char < $\s, Char =/= $\n]),
         ?assertEqual([], [Char || Char <- Bare, Char =:= 16#202E]),
         ?assertEqual(nomatch, string:find(Bare, "\nfake line"))
     end || Style <- [#{width => unlimited, colour => false}, #{width => 40, colour => true}],
            Text <- [hexide_answer_text:answer(<<"search">>, #{repositories => [<<"r">>], more => false, failed => [],
                                                           packages => [#{name => <<"p">>, description => Evil,
                                                                          repository => <<"r">>,
                                                                          latest_version => <<"1.0.0">>}]}),
                 hexide_answer_text:answer(<<"info">>, #{package => package(Evil)})]].

-spec secrets_are_masked_in_the_configuration(term()) -> term().
secrets_are_masked_in_the_configuration(_) ->
    {ok, #{config := Config, sources := Sources}} =
        hexide_config:resolve(#{environment => [], options => #{api_key => <<"very-secret">>,
                                                                repo_key => <<"secret-too">>,
                                                                http_proxy => <<"http://joe:hidden@localhost:1">>}}),
    Context = #{config => Config, sources => Sources, repository => <<"hexpm">>, user_file => "hex.config",
                memory => hexide_secrets:memory()},
    [begin
         {ok, Answer} = hexide_cmd_config:run(Context, #{args => Args}),
         Shown = [hexide_layout:plain(hexide_answer_text:answer(<<"config">>, Answer)),
                  hexide_json:encode(Answer)],
         [?assertEqual(nomatch, string:find(Text, Secret))
          || Text <- Shown, Secret <- [<<"very-secret">>, <<"secret-too">>, <<"hidden">>]]
     end || Args <- [[], [<<"api_key">>], [<<"key">>], [<<"http_proxy">>]]].

-spec every_answer_and_event_has_a_text(term()) -> term().
every_answer_and_event_has_a_text(Config0) ->
    {ok, Config} = real_rebar3:prepare(Config0, "answers"),
    States = [current, outdated, held_back, not_locked, not_found, not_hex],
    Changed = #{name => <<"acme">>, file => <<"f">>, fingerprint => <<"SHA256:x">>, auth_key => false},
    User = #{username => <<"joe">>, email => undefined, full_name => undefined, organizations => []},
    Answers = [{<<"owner">>, #{package => <<"p">>, user => <<"joe">>, done => transferred}},
               {<<"owner">>, #{package => <<"p">>, owners => [#{username => <<"joe">>, email => undefined,
                                                                    level => <<"full">>}]}},
               {<<"retire">>, #{name => <<"p">>, version => <<"1.0.0">>, retired => true, reason => <<"other">>,
                                message => undefined}},
               {<<"retire">>, #{name => <<"p">>, version => all, retired => true, reason => <<"other">>,
                                message => <<"m, n">>}},
               {<<"key">>, #{keys => []}}, {<<"key">>, #{removed => <<"all">>}},
               {<<"user">>, #{signed_out => #{repository => <<"hexpm">>, was_signed_in => false}}},
               {<<"user">>, #{user => User#{organizations => [#{name => <<"acme">>, role => <<"admin">>}]},
                              login => key}},
               {<<"user">>, #{registered => User}}, {<<"user">>, #{user => User, login => session}},
               {<<"user">>, #{signed_in => #{username => <<"joe">>, repository => <<"hexpm">>}}},
               {<<"user">>, #{reset => #{user => <<"joe">>, sent => true, page => <<"https://hex.pm">>}}},
               {<<"user">>, #{reset => #{user => <<"joe">>, sent => false, page => <<"https://hex.pm">>}}},
               {<<"user">>, #{keys => [key()]}}, {<<"key">>, #{key => key()}},
               {<<"key">>, #{key => (key())#{secret => <<"s">>}}}, {<<"organization">>, #{key => key()}},
               {<<"organization">>, #{authorized => #{organization => <<"acme">>, repository => <<"hexpm:acme">>}}},
               {<<"organization">>, #{deauthorized => #{organization => <<"acme">>, repository => <<"hexpm:acme">>,
                                                        was_authorized => true}}},
               {<<"organization">>, #{organizations => [#{name => <<"acme">>, authorized => true}]}},
               {<<"organization">>, #{organization => <<"acme">>,
                                      members => [#{username => <<"joe">>, email => undefined, role => <<"read">>}]}},
               {<<"organization">>, #{organization => <<"acme">>, member => <<"joe">>, done => removed,
                                      role => undefined}},
               {<<"organization">>, #{organization => <<"acme">>, member => <<"joe">>, done => added,
                                      role => <<"read">>}},
               {<<"organization">>, #{organization => <<"acme">>, log => [#{action => <<"key.generate">>}]}},
               {<<"config">>, #{done => deleted, key => timeout, repository => undefined, file => <<"f">>}},
               {<<"outdated">>, #{dependencies => [], outdated => 0, hidden => 0}},
               {<<"outdated">>, #{outdated => 1, hidden => 2, dependencies => [dependency(State) || State <- States]}},
               {<<"repo">>, #{repositories => [repository(From) || From <- [built_in, user, project]], file => <<"f">>}},
               {<<"repo">>, #{repository => repository(project)}}, {<<"repo">>, #{repository => repository(built_in)}},
               {<<"repo">>, Changed#{done => added}}, {<<"repo">>, Changed#{done => changed, auth_key => true}},
               {<<"repo">>, Changed#{done => removed}},
               {<<"search">>, #{repositories => [<<"hexpm">>], packages => [], more => false, failed => []}},
               {<<"owner">>, #{owner => <<"joe">>, packages => []}},
               {<<"owner">>, #{owner => <<"joe">>, packages => [#{name => <<"p">>, latest_version => undefined,
                                                                  repository => undefined, html_url => undefined,
                                                                  url => <<"http://x">>}]}},
               {<<"publish">>, #{reverted => #{name => <<"p">>, version => <<"1.0.0">>, what => docs}}},
               {<<"docs">>, #{fetched => #{name => <<"p">>, version => <<"1.0.0">>, path => <<"p-docs">>,
                                          index => <<"p-docs/index.html">>, size => 5}}},
               {<<"docs">>, #{opened => #{name => <<"p">>, version => <<"1.0.0">>, path => <<"/">>, index => <<"/i">>,
                                          url => <<"file:///i">>, cached => true, browser => false,
                                          fetched_at => <<"2026-01-01T00:00:00Z">>}}},
               {<<"cut">>, #{cut => cut(undefined, undefined), published => undefined}},
               {<<"cut">>, #{cut => cut(<<"0123456789abcdef">>, #{remote => <<"origin">>, branch => <<"main">>}),
                             published => undefined}},
               {<<"info">>, #{package => package(<<"plain">>)}}],
    [?assertMatch(<<_, _/binary>>, hexide_layout:plain(hexide_answer_text:answer(Name, Answer)))
     || {Name, Answer} <- Answers],
    Found = [json_schema:found(proplists:get_value(root, Config), Name, json_text:parse(hexide_json:encode(Answer)))
             || {Name, Answer} <- Answers],
    ?assertEqual([], [Wrong || Wrong <- Found, Wrong =/= ok]),
    [?assertMatch(<<_, _/binary>>, hexide_layout:plain(hexide_answer_text:event(Event)))
     || Event <- [#{event => from_cache, cached_at => <<"2026-11-22T18:40:02Z">>, seconds => 7200},
                  #{event => mail, subject => password_reset, username => <<"joe">>, link => <<"http://x">>},
                  #{event => wrong_code}, #{event => wrong_password}, #{event => migrated, repository => <<"hexpm">>},
                  #{event => not_searched, repository => <<"hexpm">>, why => <<"It is down.">>},
                  #{event => enter_code, repository => <<"hexpm">>, code => <<"ABCDEFGH">>, page => <<"http://x">>,
                    opened => true, expires_in => 600}, #{event => generating_docs}, #{event => cutting, tag => <<"v1">>},
                  #{event => pushing, remote => <<"origin">>, branch => <<"main">>, tag => <<"v1">>},
                  #{event => verifying, name => <<"p">>, version => <<"1.0.0">>},
                  #{event => uploading, name => <<"p">>, version => <<"1.0.0">>, size => 5120},
                  #{event => uploading_docs, name => <<"p">>, version => <<"1.0.0">>, size => 5120}]].

cut(Commit, Pushed) ->
    #{name => <<"p">>, from => <<"1.0.0">>, to => <<"1.1.0">>, tag => <<"v1.1.0">>, commit => Commit, pushed => Pushed}.

dependency(State) ->
    #{app => <<"a">>, package => <<"b">>, source => <<"git">>, direct => true, state => State, outdated => false,
      version => <<"1.0.0">>, newest => <<"2.0.0">>, newest_allowed => undefined, allowed => false,
      requirements => [<<"~> 1.0">>], repository => <<"hexpm">>,
      retired => #{reason => security, message => <<"leaks">>},
      advisories => [#{id => <<"CVE-1">>, summary => <<"s">>, html_url => <<>>, severity => undefined}]}.

repository(From) ->
    #{name => <<"acme">>, from => From, used => From =/= user, repo_url => <<"https://example.com">>,
      api_url => undefined, public_key => undefined, fingerprint => undefined, auth_key => true,
      rebar_config => undefined}.

key() ->
    #{name => <<"ci">>, permissions => [#{domain => <<"api">>, resource => undefined},
                                        #{domain => <<"package">>, resource => <<"hexpm/p">>}],
      authing_key => true, revoke_at => <<"2027-01-01T00:00:00Z">>, inserted_at => <<"2026-01-01T00:00:00Z">>,
      last_use => #{used_at => <<"2026-01-01T00:00:00Z">>, ip => <<"127.0.0.1">>, user_agent => <<"x">>}}.

package(Description) ->
    #{name => <<"p">>, repository => <<"hexpm">>, meta => #{description => Description, licenses => [Description],
                                                            links => #{Description => Description}},
      latest_stable_version => undefined, url => <<"http://x">>, html_url => undefined, docs_html_url => undefined,
      inserted_at => undefined, updated_at => undefined,
      releases => [#{version => <<"1.0.0">>, inserted_at => <<"2026-01-02T03:04:05Z">>, url => undefined,
                     has_docs => true,
                     retirement => #{reason => <<"other">>, message => Description}}],
      owners => [#{username => Description}], latest_version => <<"1.0.0">>,
      downloads => #{<<"all">> => 12, <<"recent">> => 3}, configs => #{<<"mix.exs">> => <<"{:p, \"~> 1.0\"}">>},
      security_advisories => [#{<<"id">> => <<"CVE-1">>, <<"summary">> => Description}]}.

run(Program, Args) ->
    Port = open_port({spawn_executable, Program}, [{args, Args}, exit_status, binary, stderr_to_stdout]),
    collect(Port, []).

collect(Port, Output) ->
    receive
        {Port, {data, Data}} -> collect(Port, [Output, Data]);
        {Port, {exit_status, Status}} -> {Status, iolist_to_binary(Output)}
    after 60_000 -> error({no_end, iolist_to_binary(Output)})
    end.
