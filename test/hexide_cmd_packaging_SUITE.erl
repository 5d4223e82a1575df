%% @doc What goes into a package: files, requirements, metadata, the rendered `.app.src'.
-module(hexide_cmd_packaging_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2]).
-export([default_files_are_those_of_the_existing_tools/1, own_files_excludes_and_includes_count/1,
         what_leads_out_of_the_app_is_refused/1, links_are_packed_and_not_followed/1,
         the_app_src_carries_the_resolved_version/1, a_script_is_replaced_by_what_it_computed/1,
         setting_the_version_keeps_every_other_byte/1, only_the_applications_own_version_is_set/1,
         written_requirements_win_over_locks/1, a_sibling_that_is_needed_becomes_a_requirement/1,
         what_is_not_from_hex_is_refused_by_name/1, a_dependency_without_any_version_is_refused/1,
         metadata_is_what_a_registry_demands/1, bad_metadata_is_refused_by_field/1,
         all_problems_of_all_apps_are_told_at_once/1, private_packages_need_no_licence/1,
         the_tarball_is_that_of_the_reference/1, apps_go_in_dependency_order/1]).

-spec all() -> [atom()].
all() ->
    [default_files_are_those_of_the_existing_tools, own_files_excludes_and_includes_count,
     what_leads_out_of_the_app_is_refused, links_are_packed_and_not_followed,
     the_app_src_carries_the_resolved_version, a_script_is_replaced_by_what_it_computed,
     setting_the_version_keeps_every_other_byte, only_the_applications_own_version_is_set,
     written_requirements_win_over_locks, a_sibling_that_is_needed_becomes_a_requirement,
     what_is_not_from_hex_is_refused_by_name, a_dependency_without_any_version_is_refused,
     metadata_is_what_a_registry_demands, bad_metadata_is_refused_by_field, all_problems_of_all_apps_are_told_at_once,
     private_packages_need_no_licence, the_tarball_is_that_of_the_reference, apps_go_in_dependency_order].

-spec init_per_testcase(atom(), [tuple()]) -> [tuple()].
init_per_testcase(Case, Config) ->
    [{dir, filename:join(proplists:get_value(priv_dir, Config), Case)} | Config].

-spec default_files_are_those_of_the_existing_tools([tuple()]) -> term().
default_files_are_those_of_the_existing_tools(Config) ->
    App = app(Config, ["src/deep/b.erl", "src/a.erl", "src/a.erl~", "include/a.hrl", "c_src/a.c", "c_src/a.o",
                       "priv/a.so", "priv/a.txt", "rebar.config", "rebar.config.script", "rebar.lock", "README.md",
                       "CHANGELOG", "LICENSE-2.0", "NOTICE", "test/a_SUITE.erl", "ebin/a.beam", "doc/index.html",
                       ".env", "src/.a.erl.swp", "_build/x"], []),
    ?assertEqual([<<"CHANGELOG">>, <<"LICENSE-2.0">>, <<"NOTICE">>, <<"README.md">>, <<"c_src/a.c">>,
                  <<"include/a.hrl">>, <<"priv/a.txt">>, <<"rebar.config">>, <<"rebar.config.script">>,
                  <<"rebar.lock">>, <<"src/a.erl">>, <<"src/deep/b.erl">>, <<"src/sample.app.src">>],
                 paths(App)).

-spec own_files_excludes_and_includes_count([tuple()]) -> term().
own_files_excludes_and_includes_count(Config) ->
    App = app(Config, ["lib/a.erl", "lib/secret/key.pem", "lib/b.txt", "lib/big.so", "extra.txt", "src/x.erl"],
              [{files, ["lib", "src/*.app.src", "missing*"]}, {exclude_paths, ["lib/secret"]},
               {exclude_patterns, ["\\.txt$"]}, {include_paths, ["lib/big.so"]}]),
    {ok, Files, Missing} = hexide_package_files:select(App),
    ?assertEqual([<<"lib/a.erl">>, <<"lib/big.so">>, <<"src/sample.app.src">>], [Path || {Path, _} <- Files]),
    ?assertEqual([<<"missing*">>], Missing),
    Old = app(Config, [], [{files, ["lib"]}, {exclude_files, ["lib/secret", "lib/*.so"]}, {exclude_regexps, ["txt"]},
                           {include_files, ["extra.txt"]}]),
    ?assertEqual([<<"extra.txt">>, <<"lib/a.erl">>, <<"src/sample.app.src">>], paths(Old)).

-spec what_leads_out_of_the_app_is_refused([tuple()]) -> term().
what_leads_out_of_the_app_is_refused(Config) ->
    [?assertMatch({error, {unsafe_path, #{path := Path}}},
                  hexide_package_files:select(app(Config, [], [{Key, [binary_to_list(Path)]}])))
     || Key <- [files, include_paths, exclude_paths], Path <- [<<"../other">>, <<"/etc/passwd">>, <<"src/../../x">>]],
    ?assertMatch({error, {bad_metadata, #{key := <<"exclude_patterns">>}}},
                 hexide_package_files:select(app(Config, [], [{exclude_patterns, ["("]}]))).

-spec links_are_packed_and_not_followed([tuple()]) -> term().
links_are_packed_and_not_followed(Config) ->
    #{dir := Dir} = App = app(Config, ["src/a.erl", "outside/secret"], []),
    ok = file:make_symlink("../outside", filename:join(Dir, "src/link")),
    ?assertEqual([<<"src/a.erl">>, <<"src/link">>, <<"src/sample.app.src">>], paths(App)).

-spec the_app_src_carries_the_resolved_version([tuple()]) -> term().
the_app_src_carries_the_resolved_version(Config) ->
    App = app(Config, [], [{vsn, git}, {description, "Grüße"}, {modules, []}]),
    {ok, Files, []} = hexide_package_files:select(App),
    {_, Rendered} = lists:keyfind(<<"src/sample.app.src">>, 1, Files),
    File = filename:join(maps:get(dir, App), "rendered"),
    ok = file:write_file(File, Rendered),
    {ok, [{application, sample, Details}]} = file:consult(File),
    ?assertEqual([{vsn, "1.2.3"}, {description, "Grüße"}, {modules, []}], Details).

-spec a_script_is_replaced_by_what_it_computed([tuple()]) -> term().
a_script_is_replaced_by_what_it_computed(Config) ->
    #{dir := Dir} = App = app(Config, ["src/sample.app.src.script", "src/a.erl"], []),
    ?assertEqual([<<"src/a.erl">>, <<"src/sample.app.src">>],
                 paths(App#{app_src := filename:join(Dir, "src/sample.app.src.script")})).

-spec setting_the_version_keeps_every_other_byte(term()) -> term().
setting_the_version_keeps_every_other_byte(_) ->
    Text = <<"%% größe, vsn: \"9\"\n{ application , sample,\n\t[ {description, \"vsn\"}, % {vsn, \"0\"}\n"
             "  {env, [{vsn, \"7\"}]},\n  { vsn % why\n , \"1.0.0\" } , {x, 'vsn'}\n]}.\n% end\n"/utf8>>,
    {ok, Changed} = hexide_app_src:set_version(Text, <<"1.1.0">>),
    ?assertEqual(binary:replace(Text, <<"\"1.0.0\"">>, <<"\"1.1.0\"">>), Changed).

-spec only_the_applications_own_version_is_set(term()) -> term().
only_the_applications_own_version_is_set(_) ->
    [?assertEqual(error, hexide_app_src:set_version(Text, <<"2.0.0">>))
     || Text <- [<<"{application, a, [{vsn, git}]}.">>, <<"{application, a, [{env, [{vsn, \"1.0.0\"}]}]}.">>,
                 <<"{application, a, []}.">>, <<"{application, a, [{vsn, \"1.0.0}]}.">>, <<>>]].

-spec written_requirements_win_over_locks([tuple()]) -> term().
written_requirements_win_over_locks(Config) ->
    App = (app(Config, [], []))#{dependencies := [dependency(one, <<"~> 1.0 or ~> 2.0">>),
                                                  (dependency(two, undefined))#{package := <<"two_pkg">>}],
                                 locks := [lock(one, <<"1.5.0">>), lock(two, <<"3.1.4">>), lock(three, <<"1.0.0">>)]},
    ?assertEqual({ok, [#{app => <<"one">>, package => <<"one">>, requirement => <<"~> 1.0 or ~> 2.0">>,
                         optional => false},
                       #{app => <<"two">>, package => <<"two_pkg">>, requirement => <<"~> 3.1.4">>,
                         optional => false}]},
                 hexide_packaging:requirements(App, [App])).

-spec a_sibling_that_is_needed_becomes_a_requirement([tuple()]) -> term().
a_sibling_that_is_needed_becomes_a_requirement(Config) ->
    App = app(Config, [], [{applications, [kernel, stdlib, base]}]),
    Base = App#{name := <<"base">>, version := <<"0.4.0">>, details := [{pkg_name, "base_pkg"}]},
    ?assertEqual({ok, [#{app => <<"base">>, package => <<"base_pkg">>, requirement => <<"~> 0.4.0">>,
                         optional => false}]},
                 hexide_packaging:requirements(App, [Base, App])).

-spec what_is_not_from_hex_is_refused_by_name([tuple()]) -> term().
what_is_not_from_hex_is_refused_by_name(Config) ->
    App = app(Config, [], []),
    Git = {git, "https://example.com/f", {tag, "1"}},
    Written = App#{dependencies := [rebar3_hexide_deps:dependency({forked, Git})]},
    ?assertMatch({error, {bad_metadata, #{key := <<"forked">>,
                                          message := <<"the dependency forked comes from git", _/binary>>}}},
                 hexide_packaging:requirements(Written, [])),
    Locked = App#{dependencies := [dependency(forked, undefined)],
                  locks := [(lock(forked, <<>>))#{source := <<"git">>}]},
    ?assertMatch({error, {bad_metadata, #{key := <<"forked">>}}}, hexide_packaging:requirements(Locked, [])).

-spec a_dependency_without_any_version_is_refused([tuple()]) -> term().
a_dependency_without_any_version_is_refused(Config) ->
    App = app(Config, [], []),
    ?assertMatch({error, {bad_metadata, #{key := <<"one">>}}},
                 hexide_packaging:requirements(App#{dependencies := [dependency(one, undefined)]}, [])),
    ?assertMatch({error, {bad_requirement, #{key := <<"one">>}}},
                 hexide_packaging:requirements(App#{dependencies := [dependency(one, <<"about 1">>)]}, [])).

-spec metadata_is_what_a_registry_demands([tuple()]) -> term().
metadata_is_what_a_registry_demands(Config) ->
    App = app(Config, ["src/a.erl"], [{description, "  A sample\n"}, {licenses, ["MIT", <<"Apache-2.0">>]},
                                      {links, [{"Home", "https://example.com"}]}, {pkg_name, sample_pkg},
                                      {build_tools, ["rebar3", "make"]}]),
    #{metadata := Metadata, problems := []} = hexide_packaging:prepare(App, [App]),
    ?assertEqual(#{<<"name">> => <<"sample_pkg">>, <<"app">> => <<"sample">>, <<"version">> => <<"1.2.3">>,
                   <<"description">> => <<"A sample">>, <<"licenses">> => [<<"MIT">>, <<"Apache-2.0">>],
                   <<"links">> => #{<<"Home">> => <<"https://example.com">>},
                   <<"files">> => [<<"src/a.erl">>, <<"src/sample.app.src">>],
                   <<"build_tools">> => [<<"rebar3">>, <<"make">>], <<"requirements">> => #{}}, Metadata).

-spec bad_metadata_is_refused_by_field([tuple()]) -> term().
bad_metadata_is_refused_by_field(Config) ->
    Refused = fun(App) ->
                  {error, {_, #{problems := Problems}} = Reason} = hexide_build:packages([App], context(App), public),
                  ?assertMatch(<<_, _/binary>>, hexide_failure:format(Reason)),
                  [{Code, Key} || #{code := Code, key := Key, app := <<"sample">>} <- Problems]
              end,
    Whole = [{description, "A sample"}, {licenses, ["MIT"]}],
    [?assertEqual([{bad_metadata, Key}], Refused(app(Config, ["src/a.erl"], [Detail | Whole])))
     || {Key, Detail} <- [{<<"description">>, {description, {no, text}}}, {<<"description">>, {description, " "}},
                          {<<"description">>, {description, lists:duplicate(301, $a)}},
                          {<<"licenses">>, {licenses, "MIT"}}, {<<"licenses">>, {licenses, mit}},
                          {<<"licenses">>, {licenses, []}}, {<<"licenses">>, {licenses, ["Free"]}},
                          {<<"links">>, {links, ["https://example.com"]}}, {<<"links">>, {links, [{"Home", "example.com"}]}},
                          {<<"build_tools">>, {build_tools, make}}, {<<"name">>, {pkg_name, "Sample"}},
                          {<<"name">>, {pkg_name, "x"}}, {<<"pkg_name">>, {pkg_name, {no, text}}},
                          {<<"exclude_patterns">>, {exclude_patterns, ["("]}}]],
    [?assertEqual([{bad_version, <<"version">>}], Refused((app(Config, ["src/a.erl"], Whole))#{version := Version}))
     || Version <- [<<"1.0">>, <<"one">>, <<"1.0.0+build.5">>, <<>>]].

-spec all_problems_of_all_apps_are_told_at_once([tuple()]) -> term().
all_problems_of_all_apps_are_told_at_once(Config) ->
    One = app(Config, ["src/a.erl"], [{licenses, ["Free"]}, {links, [{"Home", "nowhere"}]}]),
    Two = One#{name := <<"other">>, version := <<"1">>, details := [{description, "Fine"}, {licenses, ["MIT"]}],
               dependencies := [dependency(one, <<"about 1">>), dependency(two, undefined)]},
    {error, {bad_metadata, #{problems := Problems, message := Message}}} =
        hexide_build:packages([One, Two], context([One, Two]), public),
    Told = [{<<"sample">>, <<"description">>}, {<<"sample">>, <<"licenses">>}, {<<"sample">>, <<"links">>},
            {<<"other">>, <<"one">>}, {<<"other">>, <<"two">>}, {<<"other">>, <<"version">>}],
    ?assertEqual(lists:sort(Told), lists:sort([{App, Key} || #{app := App, key := Key} <- Problems])),
    ?assertMatch(<<"6 problems", _/binary>>, Message).

-spec private_packages_need_no_licence([tuple()]) -> term().
private_packages_need_no_licence(Config) ->
    App = app(Config, ["src/a.erl"], []),
    {error, _} = hexide_build:packages([App], context(App), public),
    {ok, [#{summary := #{warnings := Private}}]} = hexide_build:packages([App], context(App), private),
    ?assertEqual([], [Warning || #{kind := metadata} = Warning <- Private]),
    {ok, [#{summary := #{warnings := Built}}]} = hexide_build:packages([App], context(App), undecided),
    ?assertEqual([<<"description">>, <<"licenses">>], [Key || #{kind := metadata, key := Key} <- Built]),
    ?assertMatch({error, {bad_version, _}}, hexide_build:packages([App#{version := <<"1">>}], context(App), private)).

-spec the_tarball_is_that_of_the_reference([tuple()]) -> term().
the_tarball_is_that_of_the_reference(Config) ->
    App = app(Config, ["src/a.erl", <<"src/deep/ü.erl"/utf8>>, "README.md", "priv/run.sh"],
              [{description, "A sample"}, {licenses, ["MIT"]}]),
    #{metadata := Metadata, files := Files} = hexide_packaging:prepare(App, [App]),
    {ok, #{tarball := Tarball, outer_checksum := Checksum}} = hexide_release:build(Metadata, Files, #{}),
    ?assertEqual(Checksum, string:lowercase(binary:encode_hex(crypto:hash(sha256, Tarball)))),
    true = reference:load(),
    Reference = [case File of
                     {Path, {disk, Disk}} -> {unicode:characters_to_list(Path), Disk};
                     {Path, Content} -> {unicode:characters_to_list(Path), Content}
                 end || File <- Files],
    {ok, #{tarball := Theirs}} = r3_hex_tarball:create(Metadata, Reference),
    ?assert(reference:compared(Theirs) =:= reference:compared(Tarball)).

-spec apps_go_in_dependency_order([tuple()]) -> term().
apps_go_in_dependency_order(Config) ->
    App = app(Config, [], []),
    Named = fun(Name, Needs, Deps) ->
                App#{name := Name, details := [{applications, [kernel | Needs]}],
                     dependencies := [dependency(Dep, undefined) || Dep <- Deps]}
            end,
    Apps = [Named(<<"web">>, [core], [store]), Named(<<"store">>, [], [core]), Named(<<"core">>, [], [])],
    Context = #{project => #{root => ".", apps => Apps}},
    {ok, Ordered} = hexide_context:apps(Context, #{args => []}),
    ?assertEqual([<<"core">>, <<"store">>, <<"web">>], [Name || #{name := Name} <- Ordered]),
    {ok, [#{name := <<"store">>}]} = hexide_context:apps(Context, #{args => [], app => [<<"store">>]}),
    {ok, [#{name := <<"core">>}, #{name := <<"web">>}]} =
        hexide_context:apps(Context, #{args => [], app => [<<"web">>, <<"core">>]}),
    ?assertMatch({error, {usage, #{}}}, hexide_context:apps(Context, #{args => [], app => [<<"core">>, <<"stor">>]})),
    ?assertMatch({error, {usage, #{}}}, hexide_context:app(Context, #{args => []})),
    Ring = [Named(<<"a">>, [b], []), Named(<<"b">>, [a], [])],
    ?assertMatch({ok, [_, _]}, hexide_context:apps(#{project => #{root => ".", apps => Ring}}, #{args => []})).

app(Config, Files, Details) ->
    Dir = proplists:get_value(dir, Config),
    [begin
         Path = filename:join(Dir, File),
         ok = filelib:ensure_dir(Path),
         ok = file:write_file(Path, unicode:characters_to_binary(File))
     end || File <- ["src/sample.app.src" | Files]],
    #{name => <<"sample">>, version => <<"1.2.3">>, version_source => "1.2.3", dir => Dir,
      app_src => filename:join(Dir, "src/sample.app.src"), details => Details, dependencies => [], locks => [],
      doc_dir => "doc"}.

context(Apps) when is_list(Apps) -> #{project => #{root => ".", apps => Apps}};
context(App) -> context([App]).

paths(App) ->
    {ok, Files, _} = hexide_package_files:select(App),
    [Path || {Path, _} <- Files].

dependency(Name, Requirement) ->
    App = atom_to_binary(Name),
    #{app => App, package => App, requirement => Requirement, source => hex}.

lock(Name, Version) ->
    App = atom_to_binary(Name),
    #{app => App, package => App, version => Version, source => hex}.
