%% @doc Finding things by real rebar3, in a project with two repositories: `search', `owner packages', `info' and the
%% overview.
-module(rebar3_hexide_find_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([two_repositories_are_searched_at_once/1, one_that_is_down_is_told_and_the_other_shown/1,
         wrong_searches_are_refused/1, secrets_and_addresses_of_the_environment_go_to_one_repository/1,
         own_packages_need_a_login/1, own_packages_are_listed/1, a_release_tells_its_source_and_dependencies/1,
         what_does_not_exist_is_answered_with_what_does/1, a_private_package_is_for_those_who_may_see_it/1,
         the_overview_tells_the_age_of_each_copy_and_who_is_signed_in/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/3, hex/4, run/4, has/2, hasnt/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 2}}].

-spec all() -> [atom()].
all() ->
    [two_repositories_are_searched_at_once, one_that_is_down_is_told_and_the_other_shown, wrong_searches_are_refused,
     secrets_and_addresses_of_the_environment_go_to_one_repository, own_packages_need_a_login,
     own_packages_are_listed, a_release_tells_its_source_and_dependencies,
     what_does_not_exist_is_answered_with_what_does, a_private_package_is_for_those_who_may_see_it,
     the_overview_tells_the_age_of_each_copy_and_who_is_signed_in].

%% The first of the repositories is the one that is meant where none is named.
-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "find") of
        {ok, Started} ->
            Source = #{<<"type">> => <<"git">>, <<"url">> => <<"https://example.com/needle.git">>,
                       <<"ref">> => <<"v1.10.0">>},
            Near = registry("near", [{<<"needle">>, <<"1.2.0">>, #{}},
                                     {<<"needle">>, <<"1.10.0">>, #{<<"extra">> => #{<<"source">> => Source}}}]),
            Needs = #{<<"thread">> => #{<<"app">> => <<"thread">>, <<"optional">> => true,
                                        <<"requirement">> => <<"~> 1.2">>}},
            Far = registry("far", [{<<"thread">>, <<"1.2.0">>, #{}},
                                   {<<"needle_case">>, <<"0.1.0">>,
                                    #{<<"requirements">> => Needs, <<"description">> => <<"Hüllen"/utf8>>}}]),
            Ready = [{near, Near}, {far, Far} | Started],
            Project = filename:join(proplists:get_value(base, Ready), "project"),
            ok = app(Project, "project", "0.1.0", ["needle"]),
            ok = repositories(Project, [entry("near", Near), entry("far", Far)]),
            ok = plugin(Ready, Project),
            Half = filename:join(proplists:get_value(base, Ready), "half"),
            ok = app(Half, "half", "0.1.0", []),
            Down = Near#{api_url => "http://127.0.0.1:1/api", repo_url => "http://127.0.0.1:1"},
            ok = repositories(Half, [entry("lost", Down), entry("far", Far)]),
            ok = plugin(Ready, Half),
            [{project, Project}, {half, Half} | Ready];
        {skip, _} = Skip -> Skip
    end.

registry(Name, Releases) ->
    {ok, Server} = hexide_server:start_link(#{repository => list_to_binary(Name)}),
    true = unlink(Server),
    {ok, Info} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
    Known = (maps:with([api_url, repo_url, public_key], Info))#{server => Server, key => Key},
    [ok = publish(Known, #{}, Release) || Release <- Releases],
    Known.

publish(#{api_url := Api, key := Key}, Where, {Name, Version, More}) ->
    File = <<"src/", Name/binary, ".app.src">>,
    Metadata = #{<<"name">> => Name, <<"app">> => Name, <<"version">> => Version, <<"description">> => <<"To sew">>,
                 <<"licenses">> => [<<"MIT">>], <<"build_tools">> => [<<"rebar3">>], <<"files">> => [File]},
    Text = ["{application, ", Name, ", [{vsn, \"", Version, "\"}, {applications, [kernel, stdlib]}]}.\n"],
    {ok, #{tarball := Tarball}} = hexide_tarball:create(maps:merge(Metadata, More), [{File, iolist_to_binary(Text)}]),
    {ok, _} = hexide_release:publish(Where#{api_url => Api, api_key => Key}, Tarball),
    ok.

entry(Name, #{api_url := Api, repo_url := Repo, public_key := Public}) ->
    io_lib:format("#{name => <<\"~ts\">>, repo_name => <<\"~ts\">>, api_url => <<\"~ts\">>, repo_url => <<\"~ts\">>, "
                  "repo_public_key => ~tp}", [Name, Name, Api, Repo, Public]).

repositories(Dir, Entries) ->
    write(Dir, "rebar.config", ["{project_plugins, [hexide]}.\n{deps, [needle]}.\n{hex, [{repos, replace, [",
                                lists:join(",\n", Entries), "]}]}.\n"]).

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    [hexide_server:stop(Server) || Key <- [near, far], #{server := Server} <- [proplists:get_value(Key, Config)]].

%% --- search

-spec two_repositories_are_searched_at_once([tuple()]) -> term().
two_repositories_are_searched_at_once(Config) ->
    {0, Found, <<>>} = hex(Config, project, ["search", "needle"]),
    [{match, _} = re:run(Found, Row, [unicode])
     || Row <- ["\nneedle +1.10.0 +near +To sew\n", "\nneedle_case +0.1.0 +far +Hüllen\n"]],
    {0, Named, <<>>} = hex(Config, project, ["search", "needle", "--repo", "far"]),
    hasnt(Named, "near"),
    hasnt(Named, "1.10.0"),
    {0, Depends, _} = hex(Config, project, ["search", "--depends", "far/thread"]),
    has(Depends, "needle_case"),
    hasnt(Depends, "1.10.0"),
    {0, Unicode, _} = hex(Config, project, ["search", "Hüllen"]),
    has(Unicode, "needle_case"),
    {0, Json, <<>>} = hex(Config, project, ["search", "needle", "--json"]),
    [has(Json, Part) || Part <- ["\"repository\": \"near\"", "\"repository\": \"far\"", "\"failed\": []",
                                 "\"latest_version\": \"1.10.0\"", "\"more\": false"]],
    {0, Nothing, _} = hex(Config, project, ["search", "日本"]),
    has(Nothing, "Nothing found in near, far.\n").

-spec one_that_is_down_is_told_and_the_other_shown([tuple()]) -> term().
one_that_is_down_is_told_and_the_other_shown(Config) ->
    {0, Found, Warned} = hex(Config, half, ["search", "needle"]),
    has(Found, "needle_case"),
    has(Warned, "Warning: lost could not be searched. "),
    {0, Json, Again} = hex(Config, half, ["search", "needle", "--json"]),
    [has(Json, Part) || Part <- ["\"repository\": \"lost\"", "\"code\": \"connect\"", "\"name\": \"needle_case\""]],
    has(Again, "Warning: lost "),
    {3, <<>>, Down} = hex(Config, half, ["search", "needle", "--repo", "lost"]),
    has(Down, "127.0.0.1:1"),
    %% Of somebody who has read nothing before.
    {3, <<>>, All} = hex([{home, "offline"} | Config], half, ["search", "needle"], [{"HEX_OFFLINE", "1"}]),
    [has(All, Part) || Part <- ["No repository could be searched", "Warning: far "]].

-spec wrong_searches_are_refused([tuple()]) -> term().
wrong_searches_are_refused(Config) ->
    [begin
         {2, <<>>, Err} = hex(Config, project, ["search" | Args]),
         has(Err, Hint),
         has(Err, "rebar3 hex help")
     end || {Args, Hint} <- [{[], "Say what to search for"}, {["needle", "--sort", "best"], "recent_downloads"},
                             {["--depends", "no such"], "`no such`"}, {["--extra", "key"], "KEY:VALUE"},
                             {["needle", "--repo", "nea"], "did you mean `near`?"}]].

-spec secrets_and_addresses_of_the_environment_go_to_one_repository([tuple()]) -> term().
secrets_and_addresses_of_the_environment_go_to_one_repository(Config) ->
    #{key := Key, api_url := NearUrl} = Near = proplists:get_value(near, Config),
    #{api_url := FarUrl} = Far = proplists:get_value(far, Config),
    [{Sent, First}, {Leaked, Second}] = [counting_proxy:start(Url, Key) || Url <- [NearUrl, FarUrl]],
    Dir = filename:join(proplists:get_value(base, Config), "guarded"),
    ok = app(Dir, "guarded", "0.1.0", []),
    ok = repositories(Dir, [entry("near", Near#{api_url := "http://127.0.0.1:1/api"}),
                            entry("far", Far#{api_url := Second})]),
    ok = plugin(Config, Dir),
    Given = [{"HEX_API_KEY", binary_to_list(Key)}, {"HEX_API_URL", binary_to_list(iolist_to_binary(First))}],
    {0, Found, <<>>} = hex([{guarded, Dir} | Config], guarded, ["search", "needle"], Given),
    [has(Found, Part) || Part <- ["1.10.0", "needle_case"]],
    ?assertEqual({1, 0}, {Sent(), Leaked()}).

%% --- owner packages

-spec own_packages_need_a_login([tuple()]) -> term().
own_packages_need_a_login(Config) ->
    {1, <<>>, Err} = hex([{home, "nobody"} | Config], project, ["owner", "packages"]),
    [has(Err, Part) || Part <- ["Nobody is signed in to near", "rebar3 hex user auth", "HEX_API_KEY"]],
    {1, Json, _} = hex([{home, "nobody"} | Config], project, ["owner", "packages", "--json"]),
    has(Json, "\"code\": \"unauthorized\"").

-spec own_packages_are_listed([tuple()]) -> term().
own_packages_are_listed(Config) ->
    {0, Out, _} = hex(Config, project, ["owner", "packages"], key(near, Config)),
    {match, _} = re:run(Out, "\nneedle +1.10.0 +near +http://"),
    hasnt(Out, "needle_case"),
    {0, Json, _} = hex(Config, project, ["owner", "packages", "--repo", "far", "--json"], key(far, Config)),
    [has(Json, Part) || Part <- ["\"owner\": \"amy\"", "\"name\": \"needle_case\"", "\"latest_version\": \"0.1.0\""]].

key(Registry, Config) ->
    #{key := Key} = proplists:get_value(Registry, Config),
    [{"HEX_API_KEY", binary_to_list(Key)}].

%% --- info

-spec a_release_tells_its_source_and_dependencies([tuple()]) -> term().
a_release_tells_its_source_and_dependencies(Config) ->
    {0, Out, <<>>} = hex(Config, project, ["info", "needle", "1.10.0"]),
    [has(Out, Part) || Part <- ["Git https://example.com/needle.git\n", "v1.10.0\n", "Checksum: ", "Publisher: ",
                                "{needle, \"1.10.0\"}", "No dependencies"]],
    {0, Json, _} = hex(Config, project, ["needle", "1.10.0", "--json"]),
    [has(Json, Part) || Part <- ["\"url\": \"https://example.com/needle.git\"", "\"ref\": \"v1.10.0\""]],
    {0, Other, _} = hex(Config, project, ["info", "needle_case", "0.1.0", "--repo", "far"]),
    {match, _} = re:run(Other, "\n  thread +~> 1.2 +optional\n"),
    hasnt(Other, "Source"),
    {0, Package, _} = hex(Config, project, ["info", "needle"]),
    [has(Package, Part) || Part <- ["To sew", "MIT", "amy", "dep_needle", "{:needle, ", "{needle, \"1.10.0\"}"]],
    {match, _} = re:run(Package, "\n  1.10.0 +20\\d\\d-\\d\\d-\\d\\d\n  1.2.0 +20\\d\\d-").

-spec what_does_not_exist_is_answered_with_what_does([tuple()]) -> term().
what_does_not_exist_is_answered_with_what_does(Config) ->
    [begin
         {1, <<>>, Err} = hex(Config, project, Args),
         has(Err, Hint)
     end || {Args, Hint} <- [{["info", "needle", "1.2"], "did you mean 1.2.0?"},
                             {["needle", "1.11.0"], "did you mean 1.10.0?"},
                             {["info", "needle", "größe"], "`größe` of needle"},
                             {["info", "nedle"], "look for it with `rebar3 hex search nedle`"}]],
    {1, Json, _} = hex(Config, project, ["info", "needle", "1.2", "--json"]),
    [has(Json, Part) || Part <- ["\"code\": \"not_found\"", "\"reason\": \"no_release\""]],
    {2, <<>>, Many} = hex(Config, project, ["info", "needle", "1.2.0", "more"]),
    has(Many, "a package and a version, no more").

-spec a_private_package_is_for_those_who_may_see_it([tuple()]) -> term().
a_private_package_is_for_those_who_may_see_it(Config) ->
    #{server := Server} = Near = proplists:get_value(near, Config),
    ok = hexide_server:add_organization(Server, "acme", "amy"),
    ok = publish(Near, #{api_repository => <<"acme">>}, {<<"pin">>, <<"1.0.0">>, #{}}),
    Nobody = [{home, "nobody"} | Config],
    {1, <<>>, Hidden} = hex(Nobody, project, ["info", "pin"]),
    has(Hidden, "or none that you may see"),
    [begin
         {1, <<>>, Err} = hex(Nobody, project, Args ++ ["--repo", "near:acme"]),
         [has(Err, Part) || Part <- ["Nobody is signed in to near:acme", "rebar3 hex user auth"]]
     end || Args <- [["info", "pin"], ["info", "pin", "1.0.0"], ["search", "pin"]]],
    {0, Nothing, _} = hex(Nobody, project, ["search", "pin"]),
    has(Nothing, "Nothing found"),
    [begin
         {0, Out, _} = hex(Nobody, project, Args ++ ["--repo", "near:acme"], key(near, Config)),
         has(Out, "pin")
     end || Args <- [["info", "pin"], ["info", "pin", "1.0.0"], ["search", "pin"]]],
    %% It is the organization's; a member may own it besides.
    {0, _, _} = hex(Nobody, project, ["owner", "add", "pin", "amy", "--repo", "near:acme"], key(near, Config)),
    {0, Own, _} = hex(Nobody, project, ["owner", "packages"], key(near, Config)),
    {match, _} = re:run(Own, "\npin +1.0.0 +acme +http://").

%% --- the overview

-spec the_overview_tells_the_age_of_each_copy_and_who_is_signed_in([tuple()]) -> term().
the_overview_tells_the_age_of_each_copy_and_who_is_signed_in(Config) ->
    Fresh = [{home, "fresh"} | Config],
    {0, Before, _} = hex(Fresh, project, []),
    [{match, _} = re:run(Before, ["\n  ", Name, " +http://\\S+ +not signed in +no copy of the index\n"])
     || Name <- ["near", "far"]],
    {0, _, _} = run(Fresh, proplists:get_value(project, Config), "rebar3", ["lock"]),
    {0, _, _} = hex(Fresh, project, ["user", "auth"], key(near, Config)),
    {0, After, _} = hex(Fresh, project, []),
    [{match, _} = re:run(After, Row)
     || Row <- ["\n  near +http://\\S+ +signed in as amy +index updated (just now|\\d minutes? ago)\n",
                "\n  far +http://\\S+ +not signed in +no copy of the index\n"]],
    {0, Json, _} = hex(Fresh, project, ["--json"]),
    {match, _} = re:run(Json, "\"updated_at\": \"20\\d\\d-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\""),
    [has(Json, Part) || Part <- ["\"updated_at\": null", "\"username\": \"amy\""]],
    %% A key that was given signs in to one of them, and nobody knows whose it is.
    {0, Given, _} = hex([{home, "nobody"} | Config], project, [], key(near, Config)),
    [{match, _} = re:run(Given, Row)
     || Row <- ["\n  near +http://\\S+ +signed in  ", "\n  far +http://\\S+ +not signed in  "]].
