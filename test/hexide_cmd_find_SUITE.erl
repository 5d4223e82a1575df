%% @doc `search', `owner packages' and `info' against two real registries.
-module(hexide_cmd_find_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([every_repository_is_searched/1, a_repository_that_fails_does_not_hide_the_others/1,
         where_all_fail_it_is_an_error/1, one_that_is_named_is_asked_alone/1, filters_narrow_and_are_enough_alone/1,
         words_beside_filters_find_names_and_descriptions_once/1, sorting_and_the_limit_hold_over_all_repositories/1,
         without_an_api_there_is_nothing_to_search/1, passwords_are_asked_for_one_after_the_other/1,
         queries_are_written_as_the_registry_reads_them/1, what_cannot_be_searched_for_is_refused/1,
         own_packages_are_listed_with_their_versions/1, nobody_owns_nothing/1,
         a_release_tells_where_it_was_built_from/1, without_its_tarball_a_release_is_shown_all_the_same/1,
         sources_are_read_as_people_write_them/1, a_release_that_does_not_exist_is_answered_with_those_that_do/1,
         the_nearest_versions_are_proposed/1, a_package_that_does_not_exist_is_answered_with_how_to_search/1,
         the_overview_tells_who_and_how_old/1, ages_are_told_in_units_that_fit/1]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 1}}].

-spec all() -> [atom()].
all() ->
    [every_repository_is_searched, a_repository_that_fails_does_not_hide_the_others, where_all_fail_it_is_an_error,
     one_that_is_named_is_asked_alone, filters_narrow_and_are_enough_alone,
     words_beside_filters_find_names_and_descriptions_once, sorting_and_the_limit_hold_over_all_repositories,
     without_an_api_there_is_nothing_to_search, passwords_are_asked_for_one_after_the_other,
     queries_are_written_as_the_registry_reads_them, what_cannot_be_searched_for_is_refused,
     own_packages_are_listed_with_their_versions, nobody_owns_nothing, a_release_tells_where_it_was_built_from,
     without_its_tarball_a_release_is_shown_all_the_same, sources_are_read_as_people_write_them,
     a_release_that_does_not_exist_is_answered_with_those_that_do, the_nearest_versions_are_proposed,
     a_package_that_does_not_exist_is_answered_with_how_to_search, the_overview_tells_who_and_how_old,
     ages_are_told_in_units_that_fit].

%% In `one', alpha's versions are not in the order of their texts, and beta needs alpha; in `two', gamma was built
%% with Mix and says more of itself.
-spec init_per_suite([tuple()]) -> [tuple()].
init_per_suite(Config) ->
    Extra = #{<<"source">> => #{<<"type">> => <<"git">>, <<"url">> => <<"https://example.com/gamma.git">>,
                                <<"ref">> => <<"0123abc">>}, <<"nerves">> => #{<<"kind">> => <<"a system">>}},
    Needs = #{<<"alpha">> => #{<<"app">> => <<"alpha_app">>, <<"optional">> => true, <<"repository">> => <<"one">>,
                               <<"requirement">> => <<"~> 1.0">>}},
    One = registry(<<"one">>, [{<<"alpha">>, <<"1.10.0">>, #{}}, {<<"alpha">>, <<"1.2.0">>, #{}},
                               {<<"alpha">>, <<"2.0.0-rc.1">>, #{}},
                               {<<"beta">>, <<"0.1.0">>, #{<<"requirements">> => Needs}}]),
    Two = registry(<<"two">>, [{<<"alpha">>, <<"3.0.0">>, #{}},
                               {<<"gamma">>, <<"1.0.0">>, #{<<"build_tools">> => [<<"mix">>], <<"extra">> => Extra,
                                                            <<"description">> => <<"Counts gamma, größer"/utf8>>}}]),
    [{repos, #{<<"one">> => maps:get(config, One), <<"two">> => maps:get(config, Two)}},
     {servers, [maps:get(server, Each) || Each <- [One, Two]]} | Config].

registry(Name, Releases) ->
    {ok, Server} = hexide_server:start_link(#{repository => Name}),
    true = unlink(Server),
    {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
    Settings = #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => Name, retries => 0},
    [{ok, _} = hexide_release:publish(Settings#{api_key => Key}, tarball(Release)) || Release <- Releases],
    #{server => Server, config => Settings#{api_key => hexide_config:hide(Key)}}.

tarball({Name, Version, More}) ->
    Metadata = #{<<"name">> => Name, <<"app">> => Name, <<"version">> => Version, <<"description">> => <<"A letter">>,
                 <<"licenses">> => [<<"MIT">>], <<"build_tools">> => [<<"rebar3">>], <<"files">> => [<<"a">>]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(maps:merge(Metadata, More), [{"a", Version}]),
    Tarball.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    [hexide_server:stop(Server) || Server <- proplists:get_value(servers, Config)].

%% --- search

-spec every_repository_is_searched([tuple()]) -> term().
every_repository_is_searched(Config) ->
    {ok, Answer} = run(Config, ["search", "a"]),
    ?assertMatch(#{repositories := [<<"one">>, <<"two">>], packages := [], failed := [], more := false}, Answer),
    {ok, Found} = run(Config, ["search", "letter"]),
    ?assertEqual([{<<"alpha">>, <<"one">>, <<"1.10.0">>}, {<<"alpha">>, <<"two">>, <<"3.0.0">>},
                  {<<"beta">>, <<"one">>, <<"0.1.0">>}],
                 [{Name, From, Version}
                  || #{name := Name, repository := From, latest_version := Version} <- maps:get(packages, Found)]),
    ?assertMatch({match, _}, re:run(text("search", Found), "\nalpha +3.0.0 +two +A letter\n")),
    %% Of one repository nobody needs to be told which it is.
    {ok, Alone} = run(Config, ["search", "letter"], [<<"one">>]),
    ?assertMatch({match, _}, re:run(text("search", Alone), "\nalpha +1.10.0 +A letter\n")),
    {ok, Unicode} = run(Config, ["search", "größer"]),
    ?assertEqual([<<"gamma">>], names(Unicode)),
    ?assertMatch({ok, #{packages := []}}, run(Config, ["search", "日本"])).

-spec a_repository_that_fails_does_not_hide_the_others([tuple()]) -> term().
a_repository_that_fails_does_not_hide_the_others(Config) ->
    {ok, #{failed := [Failed]} = Answer} = run(Config, ["search", "gamma"], [<<"down">>, <<"one">>, <<"two">>]),
    ?assertMatch(#{repositories := [<<"one">>, <<"two">>], packages := [#{name := <<"gamma">>}]}, Answer),
    ?assertMatch(#{repository := <<"down">>, code := connect, message := <<_, _/binary>>}, Failed),
    receive
        {told, #{event := not_searched, repository := <<"down">>} = Event} ->
            ?assertMatch(<<"Warning: down could not be searched. ", _/binary>>,
                         hexide_layout:plain(hexide_answer_text:event(Event)))
    after 0 -> ct:fail(not_told)
    end,
    ?assertMatch({_, _}, binary:match(hexide_json:encode(Answer), <<"\"failed\": [\n">>)),
    %% Nothing of it is left with the one who asked.
    ?assertEqual({messages, []}, process_info(self(), messages)).

-spec where_all_fail_it_is_an_error([tuple()]) -> term().
where_all_fail_it_is_an_error(Config) ->
    {error, Alone} = run(Config, ["search", "gamma"], [<<"down">>]),
    ?assertMatch({connect, _}, Alone),
    {error, {connect, #{message := Message}} = Both} = run(Config, ["search", "gamma"], [<<"down">>, <<"broken">>]),
    ?assertMatch(<<"no repository could be searched; down: ", _/binary>>, Message),
    ?assertEqual([3, 3], [hexide_failure:exit_code(Each) || Each <- [Alone, Both]]),
    receive {told, #{event := not_searched, repository := <<"broken">>}} -> ok after 0 -> ct:fail(not_told) end.

-spec one_that_is_named_is_asked_alone([tuple()]) -> term().
one_that_is_named_is_asked_alone(Config) ->
    #{<<"one">> := #{api_url := Api} = One} = Repos = proplists:get_value(repos, Config),
    {Asked, Address} = counting_proxy:start(Api, <<"GET ">>),
    Watched = [{repos, Repos#{<<"one">> := One#{api_url := Address}}} | Config],
    {ok, Answer} = run(Watched, ["search", "alpha", "--repo", "two"]),
    ?assertMatch(#{repositories := [<<"two">>], packages := [#{latest_version := <<"3.0.0">>}]}, Answer),
    ?assertEqual(0, Asked()),
    {ok, _} = run(Watched, ["search", "alpha"]),
    ?assertEqual(1, Asked()),
    ?assertMatch({error, {usage, _}}, run(Config, ["search", "alpha", "--repo", "three"])).

-spec filters_narrow_and_are_enough_alone([tuple()]) -> term().
filters_narrow_and_are_enough_alone(Config) ->
    [?assertEqual({Args, Expected}, {Args, names(element(2, run(Config, ["search" | Args])))})
     || {Args, Expected} <- [{["--build-tool", "mix"], [<<"gamma">>]}, {["--depends", "alpha"], [<<"beta">>]},
                             {["--depends", "one/alpha"], [<<"beta">>]}, {["--depends", "one:alpha"], [<<"beta">>]},
                             {["--extra", "nerves.kind:a system"], [<<"gamma">>]},
                             {["--extra", "nerves.kind:another"], []},
                             {["--depends", "alpha", "--build-tool", "mix"], []},
                             {["--depends", "alpha", "--build-tool", "rebar3"], [<<"beta">>]}]].

-spec words_beside_filters_find_names_and_descriptions_once([tuple()]) -> term().
words_beside_filters_find_names_and_descriptions_once(Config) ->
    Search = fun(Words, Tool) -> run(Config, ["search" | Words] ++ ["--build-tool", Tool]) end,
    [?assertEqual({Words, Expected}, {Words, names(element(2, Search(Words, Tool)))})
     || {Words, Tool, Expected} <- [{["gamma"], "mix", [<<"gamma">>]}, {["counts"], "mix", [<<"gamma">>]},
                                    {["counts", "gamma"], "mix", [<<"gamma">>]}, {["letter"], "mix", []},
                                    {["gamma"], "rebar3", []}, {["ga"], "mix", []}, {["\""], "mix", []},
                                    {["name:bet*"], "rebar3", [<<"beta">>]}]].

-spec sorting_and_the_limit_hold_over_all_repositories([tuple()]) -> term().
sorting_and_the_limit_hold_over_all_repositories(Config) ->
    {ok, First} = run(Config, ["search", "letter", "--limit", "2"]),
    ?assertMatch(#{more := true, packages := [#{repository := <<"one">>}, #{repository := <<"two">>}]}, First),
    {ok, #{more := false, packages := [_, _, _]}} = run(Config, ["search", "letter", "--limit", "3"]),
    {ok, #{more := false, packages := [_, _, _]}} = run(Config, ["search", "letter", "--all"]),
    %% gamma came last.
    {ok, Newest} = run(Config, ["search", "--build-tool", "mix", "--build-tool", "mix", "--sort", "updated_at"]),
    ?assertEqual([<<"gamma">>], names(Newest)),
    {ok, Latest} = run(Config, ["search", "letter", "--sort", "inserted_at"]),
    ?assertEqual([<<"alpha">>, <<"beta">>, <<"alpha">>], names(Latest)),
    {ok, Unknown} = hexide_command:find(<<"search">>),
    ?assertMatch({error, {usage, #{message := <<"--sort must be one of name, ", _/binary>>}}},
                 hexide_option:parse(Unknown, ["letter", "--sort", "best"])).

-spec without_an_api_there_is_nothing_to_search([tuple()]) -> term().
without_an_api_there_is_nothing_to_search(Config) ->
    {ok, #{repositories := [<<"two">>]}} = run(Config, ["search", "gamma"], [<<"readable">>, <<"two">>]),
    ?assertMatch({error, {bad_config, _}}, run(Config, ["search", "gamma"], [<<"readable">>])).

-spec passwords_are_asked_for_one_after_the_other([tuple()]) -> term().
%% Private repositories of two registries, each with a key that is sealed.
passwords_are_asked_for_one_after_the_other(Config) ->
    Names = [<<"one:acme">>, <<"two:acme">>],
    File = filename:join(proplists:get_value(priv_dir, Config), "hex.config"),
    #{<<"one">> := One, <<"two">> := Two} = Repos = proplists:get_value(repos, Config),
    Private = [{repos, Repos#{<<"one:acme">> => nobody(One), <<"two:acme">> => nobody(Two)}} | Config],
    Memory = hexide_secrets:memory(),
    [begin
         #{settings := Settings} = Context = context(Private, Names),
         {ok, Own} = Settings(Name),
         Kept = Context#{repository := Name, config := Own, user_file := File, memory => Memory,
                         ask := fun(_) -> {ok, <<"a password">>} end},
         ok = hexide_session:keep_key(Kept, <<"a-key">>, undefined)
     end || Name <- Names],
    Self = self(),
    Busy = counters:new(1, []),
    Ask = fun(#{kind := secret, prompt := Prompt}) ->
              ok = counters:add(Busy, 1, 1),
              Self ! {asked, Prompt, counters:get(Busy, 1)},
              ok = counters:sub(Busy, 1, 1),
              {ok, <<"a password">>}
          end,
    {error, _} = run_in((context(Private, Names))#{user_file => File, ask => Ask}, ["search", "x"]),
    Asked = [receive {asked, Prompt, 1} -> Prompt after 0 -> ct:fail(not_asked) end || _ <- Names],
    ?assertEqual(Names, lists:sort([hd(string:split(Each, ": ")) || Each <- Asked])).

nobody(Settings) ->
    (maps:remove(api_key, Settings))#{api_repository => <<"acme">>}.

-spec queries_are_written_as_the_registry_reads_them(term()) -> term().
queries_are_written_as_the_registry_reads_them(_) ->
    [?assertEqual({Words, {ok, Expected}}, {Words, hexide_search_query:queries(Words, Options)})
     || {Words, Options, Expected} <-
            [{[<<"json">>, <<"parser">>], #{}, [<<"json parser">>]}, {[], #{}, [<<>>]}, {[<<"  ">>], #{}, [<<>>]},
             {[], #{depends => [<<"hexpm/ecto">>, <<"jason">>]}, [<<"depends:hexpm:ecto depends:jason">>]},
             {[], #{extra => [<<"a.b:1">>, <<"k:two words">>]}, [<<"extra:a,b,1 extra:\"k,two words\"">>]},
             {[<<"json">>], #{build_tool => [<<"mix">>]},
              [<<"name:*json* build_tool:mix">>, <<"description:json build_tool:mix">>]},
             {[<<"größe"/utf8>>, <<"in">>, <<"cm">>], #{build_tool => [<<"mix">>]},
              [<<"description:größe build_tool:mix"/utf8>>]},
             {[<<"ab">>], #{build_tool => [<<"mix">>]}, [<<"name:ab build_tool:mix">>]},
             {[<<"c++ \"x">>], #{build_tool => [<<"mix">>]}, [<<"name:\"c++  x\" build_tool:mix">>]},
             {[<<"updated_after:2026-01-01">>], #{build_tool => [<<"mix">>]},
              [<<"updated_after:2026-01-01 build_tool:mix">>]}]].

-spec what_cannot_be_searched_for_is_refused([tuple()]) -> term().
what_cannot_be_searched_for_is_refused(Config) ->
    [begin
         {error, {usage, #{command := <<"search">>}} = Failure} = run(Config, ["search" | Args]),
         ?assertMatch({Args, {_, _}}, {Args, binary:match(hexide_failure:format(Failure), Part)})
     end || {Args, Part} <- [{[], <<"what to search for">>}, {[""], <<"what to search for">>},
                             {["--depends", "no such"], <<"`no such`">>}, {["--depends", ""], <<"--depends needs">>},
                             {["--extra", "key"], <<"KEY:VALUE">>}, {["--extra", ":x"], <<"KEY:VALUE">>},
                             {["--extra", "a..b:x"], <<"empty key">>}, {["--extra", "a:x,y"], <<"comma">>},
                             {["--build-tool", " "], <<"not empty">>},
                             {["--build-tool", "a\"b"], <<"quotation mark">>}]].

%% --- owner packages

-spec own_packages_are_listed_with_their_versions([tuple()]) -> term().
own_packages_are_listed_with_their_versions(Config) ->
    {ok, #{owner := <<"amy">>, packages := [Alpha, Beta]} = Answer} = run(Config, ["owner", "packages"], [<<"one">>]),
    ?assertMatch(#{name := <<"alpha">>, repository := <<"one">>, latest_version := <<"1.10.0">>,
                   url := <<"http://", _/binary>>, html_url := <<"http://", _/binary>>}, Alpha),
    ?assertMatch(#{name := <<"beta">>, latest_version := <<"0.1.0">>}, Beta),
    ?assertMatch({match, _}, re:run(text("owner", Answer), "\nalpha +1.10.0 +one +http://")),
    ?assertMatch(<<_, _/binary>>, hexide_json:encode(Answer)).

-spec nobody_owns_nothing([tuple()]) -> term().
nobody_owns_nothing(Config) ->
    #{<<"one">> := One} = proplists:get_value(repos, Config),
    Stranger = [{repos, #{<<"one">> => maps:remove(api_key, One)}} | Config],
    {error, {unauthorized, _} = Failure} = run(Stranger, ["owner", "packages"], [<<"one">>]),
    ?assertMatch(<<"Nobody is signed in to one. Sign in with `rebar3 hex user auth`", _/binary>>,
                 hexide_failure:format(Failure)),
    ?assertMatch({error, {usage, _}}, run(Config, ["owner", "packages", "alpha"])),
    {error, {usage, #{message := Near}}} = run(Config, ["owner", "pakages"]),
    ?assertEqual(<<"`pakages` is nothing that owner does; did you mean `packages`?">>, Near).

%% --- info

-spec a_release_tells_where_it_was_built_from([tuple()]) -> term().
a_release_tells_where_it_was_built_from(Config) ->
    {ok, #{release := Gamma} = Answer} = run(Config, ["info", "gamma", "1.0.0"], [<<"two">>]),
    ?assertMatch(#{source := #{type := <<"git">>, url := <<"https://example.com/gamma.git">>, ref := <<"0123abc">>},
                   publisher := #{username := <<"amy">>}, checksum := <<_:64/binary>>}, Gamma),
    ?assertMatch({match, _}, re:run(text("info", Answer), "\nSource: +Git https://example.com/gamma.git\n"
                                                          "Source ref: +0123abc\n")),
    {ok, #{release := Beta} = Other} = run(Config, ["info", "beta", "0.1.0"]),
    ?assertMatch(#{source := undefined,
                   requirements := [#{package := <<"alpha">>, requirement := <<"~> 1.0">>, app := <<"alpha_app">>,
                                      optional := true, repository := <<"one">>}]}, Beta),
    ?assertMatch({match, _}, re:run(text("info", Other), "\n  alpha +~> 1.0 +app alpha_app +optional +from one\n")).

-spec without_its_tarball_a_release_is_shown_all_the_same([tuple()]) -> term().
without_its_tarball_a_release_is_shown_all_the_same(Config) ->
    #{<<"two">> := Two} = proplists:get_value(repos, Config),
    {ok, #{public_key := Foreign}} = hexide_server:info(hd(proplists:get_value(servers, Config))),
    [?assertMatch({Lacks, {ok, #{release := #{version := <<"1.0.0">>, source := undefined}}}},
                  {Lacks, run([{repos, #{<<"two">> => maps:merge(Two, Lacks)}} | Config],
                              ["info", "gamma", "1.0.0"], [<<"two">>])})
     || Lacks <- [#{repo_url => "http://127.0.0.1:1"}, #{repo_public_key => Foreign}, #{tarball_max_size => 100}]].

-spec sources_are_read_as_people_write_them(term()) -> term().
sources_are_read_as_people_write_them(_) ->
    Source = fun(Ref) -> #{type => <<"git">>, url => <<"u">>, ref => Ref} end,
    [?assertEqual({Extra, Expected}, {Extra, hexide_origin:source(Extra)})
     || {Extra, Expected} <-
            [{undefined, undefined}, {[], undefined}, {<<"source">>, undefined}, {#{}, undefined},
             {#{<<"source">> => 5}, undefined}, {#{<<"source">> => #{<<"url">> => <<255>>}}, undefined},
             {#{<<"source">> => <<"u">>}, Source(undefined)},
             {#{<<"source">> => #{<<"type">> => <<"git">>, <<"url">> => <<"u">>, <<"ref">> => <<"r">>}},
              Source(<<"r">>)},
             {[{<<"source">>, [{<<"git">>, <<"u">>}, {<<"commit">>, <<"r">>}]}], Source(<<"r">>)},
             {#{<<"source">> => #{<<"git">> => #{<<"url">> => <<"u">>, <<"tag">> => <<"v1">>}}}, Source(<<"v1">>)},
             {#{<<"git">> => #{<<"repository">> => <<"u">>, <<"rev">> => <<"r">>}}, Source(<<"r">>)},
             {#{<<"source">> => #{<<"commit">> => <<"r">>}}, (Source(<<"r">>))#{url := undefined}},
             {#{<<"source">> => #{<<"type">> => <<"hg">>, <<"url">> => <<"u">>}},
              (Source(undefined))#{type := <<"hg">>}}]].

-spec a_release_that_does_not_exist_is_answered_with_those_that_do([tuple()]) -> term().
a_release_that_does_not_exist_is_answered_with_those_that_do(Config) ->
    [begin
         {error, {not_found, _} = Failure} = run(Config, ["info", "alpha", Version]),
         ?assertEqual({Version, 1}, {Version, hexide_failure:exit_code(Failure)}),
         ?assertMatch({Version, {_, _}}, {Version, binary:match(hexide_failure:format(Failure), Hint)})
     end || {Version, Hint} <- [{"1.2", <<"three numbers, such as 1.2.3; did you mean 1.2.0?">>},
                                {"1", <<"did you mean 1.10.0 or 1.2.0?">>}, {"v1.2.0", <<"did you mean 1.2.0?">>},
                                {"1.3.0", <<"no release 1.3.0 of alpha; did you mean 1.10.0 or 1.2.0?">>},
                                {"größe", <<"`größe` of alpha"/utf8>>}, {"../..", <<"`../..` of alpha">>}]].

-spec the_nearest_versions_are_proposed(term()) -> term().
the_nearest_versions_are_proposed(_) ->
    Versions = [<<"0.9.0">>, <<"1.0.0">>, <<"1.0.10">>, <<"1.0.9">>, <<"2.0.0-rc.1">>],
    [?assertEqual({Written, Expected}, {Written, hexide_releases:nearest(Written, Versions)})
     || {Written, Expected} <- [{<<"1.0">>, [<<"1.0.10">>, <<"1.0.9">>, <<"1.0.0">>]}, {<<"0">>, [<<"0.9.0">>]},
                                {<<"1.0.5">>, [<<"1.0.9">>, <<"1.0.0">>]}, {<<"0.1.0">>, [<<"0.9.0">>]},
                                {<<"2.0.0">>, [<<"2.0.0-rc.1">>]}, {<<"3.0.0">>, [<<"2.0.0-rc.1">>, <<"1.0.10">>]},
                                {<<"1.0.0.">>, [<<"1.0.0">>]},
                                {<<"latest">>, [<<"2.0.0-rc.1">>, <<"1.0.10">>, <<"1.0.9">>]}]],
    ?assertEqual([], hexide_releases:nearest(<<"1.0.0">>, [])).

-spec a_package_that_does_not_exist_is_answered_with_how_to_search([tuple()]) -> term().
a_package_that_does_not_exist_is_answered_with_how_to_search(Config) ->
    [begin
         {error, {not_found, _} = Failure} = run(Config, ["info" | Args]),
         ?assertMatch({Args, {_, _}}, {Args, binary:match(hexide_failure:format(Failure), Hint)})
     end || {Args, Hint} <- [{["gamm"], <<"no package `gamm` in one, or none that you may see; look for it with "
                                          "`rebar3 hex search gamm`">>},
                             {["gamm", "1.0.0"], <<"`rebar3 hex search gamm`">>},
                             {["größe"], <<"`rebar3 hex search größe`"/utf8>>}]],
    ?assertMatch({error, {usage, _}}, run(Config, ["info", "alpha", "1.2.0", "more"])).

-spec the_overview_tells_who_and_how_old([tuple()]) -> term().
the_overview_tells_who_and_how_old(Config) ->
    Now = erlang:system_time(second),
    Hours = list_to_binary(calendar:system_time_to_rfc3339(Now - 3 * 3600 - 60, [{offset, "Z"}])),
    #{repositories := [One, Two]} = Context = context(Config, [<<"one">>, <<"two">>]),
    {ok, Answer} = run_in(Context#{repositories := [One#{signed_in := true, username := <<"amy">>}, Two],
                                   registry_copies => fun() -> #{<<"one">> => Hours} end}, ["info"]),
    ?assertMatch(#{repositories := [#{name := <<"one">>, updated_at := Hours},
                                    #{name := <<"two">>, updated_at := undefined}]}, Answer),
    [?assertMatch({match, _}, re:run(text("info", Answer), Row))
     || Row <- ["\n  one +http://\\S+ +signed in as amy +index updated 3 hours ago\n",
                "\n  two +http://\\S+ +not signed in +no copy of the index\n"]].

-spec ages_are_told_in_units_that_fit(term()) -> term().
ages_are_told_in_units_that_fit(_) ->
    [?assertEqual({Later, Expected}, {Later, iolist_to_binary(hexide_table:ago(<<"2026-01-01T00:00:00Z">>,
                                                                               1767225600 + Later))})
     || {Later, Expected} <- [{0, <<"just now">>}, {-5, <<"just now">>}, {60, <<"1 minute ago">>},
                              {7199, <<"1 hour ago">>}, {7200, <<"2 hours ago">>}, {86400, <<"1 day ago">>},
                              {29 * 86400, <<"29 days ago">>}, {31 * 86400, <<"2026-01-01">>}]].

%% --- helpers

run(Config, Args) ->
    run(Config, Args, [<<"one">>, <<"two">>]).

run(Config, Args, Names) ->
    run_in(context(Config, Names), Args).

run_in(Context, [Name | Args]) ->
    {ok, Command} = hexide_command:find(list_to_binary(Name)),
    {ok, Options} = hexide_option:parse(Command, Args),
    hexide_command:run(Command, Context, Options).

%% What a door makes; the first repository is the one that is meant.
context(Config, [Meant | _] = Names) ->
    Self = self(),
    Down = #{api_url => <<"http://127.0.0.1:1">>, repo_url => <<"http://127.0.0.1:1">>, retries => 0},
    Repos = maps:merge(#{<<"down">> => Down}, proplists:get_value(repos, Config)),
    Settings = fun(<<"broken">>) -> {error, {bad_config, #{message => <<"it is written wrongly">>}}};
                  (Name) when is_map_key(Name, Repos) -> hexide_config:complete(maps:get(Name, Repos));
                  (Name) -> {error, hexide_failure:usage(undefined, ["no repository ", Name])}
               end,
    {ok, Complete} = hexide_config:complete(maps:get(Meant, Repos, #{})),
    #{config => Complete, sources => #{}, repository => Meant, settings => Settings,
      user_file => filename:join(proplists:get_value(priv_dir, Config), "none"),
      repositories => [#{name => Name, repo_url => undefined, public_key => undefined, signed_in => false,
                         username => undefined, api_url => case Name of
                                                               <<"readable">> -> undefined;
                                                               _ -> api_url(maps:get(Name, Repos, Down))
                                                           end} || Name <- Names],
      system => #{hexide => <<"1">>, rebar3 => <<"3">>, otp => <<"25">>},
      ask => fun(Question) -> error({asked, Question}) end, progress => fun(Event) -> Self ! {told, Event} end,
      interruptible => fun(Run) -> Run() end}.

api_url(#{api_url := Url}) ->
    iolist_to_binary(Url).

names(#{packages := Packages}) ->
    [Name || #{name := Name} <- Packages].

text(Command, Answer) ->
    hexide_layout:plain(hexide_answer_text:answer(list_to_binary(Command), Answer)).
