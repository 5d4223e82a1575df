%% @doc The tasks of Mix, run by the real `mix' in real projects against a registry of ours.
-module(mix_hexide_SUITE).

-include_lib("stdlib/include/assert.hrl").

-import(real_rebar3, [has/2, hasnt/2, write/3]).
-import(real_mix, [app/5, mix/3, mix/4, project/3]).

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([every_command_is_a_task_that_explains_itself/1, a_dry_run_sends_nothing/1, what_is_published_is_found/1,
         the_package_is_what_mix_exs_says/1, what_no_package_can_require_is_refused_by_name/1,
         cut_changes_the_version_and_nothing_else/1, a_computed_version_is_not_cut/1,
         failures_have_their_exit_codes/1, apps_of_an_umbrella_are_published_in_order/1,
         an_organization_in_mix_exs_keeps_a_package_private/1, what_is_locked_is_compared/1,
         the_registry_shows_what_mix_exs_needs/1, settings_are_kept_beside_those_of_mix/1,
         a_session_of_mix_is_shown_to_hexpm_alone/1, the_bot_publishes_what_is_new_and_its_own/1]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [atom()].
all() ->
    [every_command_is_a_task_that_explains_itself, a_dry_run_sends_nothing, what_is_published_is_found,
     the_package_is_what_mix_exs_says, what_no_package_can_require_is_refused_by_name,
     cut_changes_the_version_and_nothing_else, a_computed_version_is_not_cut, failures_have_their_exit_codes,
     apps_of_an_umbrella_are_published_in_order, an_organization_in_mix_exs_keeps_a_package_private,
     what_is_locked_is_compared, the_registry_shows_what_mix_exs_needs, settings_are_kept_beside_those_of_mix,
     a_session_of_mix_is_shown_to_hexpm_alone, the_bot_publishes_what_is_new_and_its_own].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_mix:prepare(Config, "mix") of
        {ok, Prepared} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
            true = unlink(Server),
            {ok, Info} = hexide_server:info(Server),
            {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
            {ok, #{key := Other}} = hexide_server:add_user(Server, #{username => "bob", email => "bob@example.com"}),
            Started = [{server, Server}, {info, Info}, {key, Key}, {other, Other} | Prepared],
            Sample = dir(Started, "sample"),
            ok = app(Started, Sample, "sample", "0.1.0", here(Started)),
            ok = write(Sample, "doc/index.html", "<html></html>"),
            [{sample, Sample} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

%% --- the tasks

-spec every_command_is_a_task_that_explains_itself([tuple()]) -> term().
every_command_is_a_task_that_explains_itself(Config) ->
    {0, Tasks, _} = in_sample(Config, ["help", "--names"]),
    Named = string:lexemes(Tasks, "\n"),
    [?assert(lists:member(<<"hexide.", Name/binary>>, Named), Name) || #{name := Name} <- hexide_door:commands(mix)],
    {0, Help, <<>>} = in_sample(Config, ["hexide.help", "search"]),
    {0, Help, <<>>} = in_sample(Config, ["hexide.search", "--help"]),
    {0, Told, _} = in_sample(Config, ["help", "hexide.search"]),
    [has(Text, Part) || Text <- [Help, Told],
                        Part <- ["Find packages", "mix hexide.search --depends PACKAGE", "--build-tool",
                                "needs no login"]],
    {0, Overview, <<>>} = in_sample(Config, ["hexide"]),
    [has(Overview, Part) || Part <- ["on Elixir ", "local", "not signed in", "`mix hexide.help COMMAND`"]],
    {0, _, <<>>} = in_sample(Config, ["hexide.info", "--json"]),
    {0, _, <<>>} = in_sample(Config, ["hexide.help", "--json"]).

-spec a_dry_run_sends_nothing([tuple()]) -> term().
a_dry_run_sends_nothing(Config) ->
    {0, Out, _} = in_sample(Config, ["hexide.publish", "--dry-run"]),
    [has(Out, Part) || Part <- ["sample 0.1.0", "lib/sample.ex", "mix.exs", "README.md", "there is no LICENSE",
                                "Documentation of sample 0.1.0: 1 files", "nothing was sent to local"]],
    hasnt(Out, "_build"),
    {0, Json, _} = in_sample(Config, ["hexide.publish", "--dry-run", "--json"]),
    has(Json, "\"dry_run\": true"),
    {1, <<>>, _} = in_sample(Config, ["hexide.info", "sample"]).

-spec what_is_published_is_found([tuple()]) -> term().
what_is_published_is_found(Config) ->
    {1, <<>>, Unknown} = in_sample(Config, ["hexide.publish", "--yes"]),
    has(Unknown, "mix hexide.user auth"),
    {0, Out, Err} = as_amy(Config, ["hexide.publish", "--yes"]),
    has(Out, "Published sample 0.1.0 to local"),
    has(Out, "fetched back and found the same"),
    has(Err, "Uploading sample 0.1.0"),
    {0, Again, _} = as_amy(Config, ["hexide.publish", "package", "--yes", "--json"]),
    has(Again, "\"already_published\""),
    {0, Found, _} = in_sample(Config, ["hexide.search", "sample"]),
    has(Found, "sample   0.1.0    A project"),
    [begin
         {0, Text, _} = as_amy(Config, Args),
         has(Text, Part),
         {0, _, _} = as_amy(Config, Args ++ ["--json"])
     end || {Args, Part} <- [{["hexide.search", "sample"], "sample"}, {["hexide.info", "sample"], "0.1.0"},
                             {["hexide.info", "sample", "0.1.0"], "mix"}, {["hexide.owner", "list", "sample"], "amy"},
                             {["hexide.key", "list"], "first"}, {["hexide.config"], "api_url"}]],
    {0, _, _} = as_amy(Config, ["hexide.owner", "add", "sample", "bob", "--level", "maintainer"]),
    {0, Owners, _} = in_sample(Config, ["hexide.owner", "list", "sample"]),
    has(Owners, "maintainer"),
    {0, _, _} = as_amy(Config, ["hexide.owner", "remove", "sample", "bob", "--yes"]).

%% --- packages

-spec the_package_is_what_mix_exs_says([tuple()]) -> term().
the_package_is_what_mix_exs_says(Config) ->
    Dir = dir(Config, "whole"),
    ok = app(Config, Dir, "whole", "1.0.0", here(Config)),
    ok = project(Config, Dir,
                 ["app: :whole, version: \"1.0.0\", elixir: \"~> 1.14\", description: \"A whole\", ", here(Config),
                  "package: [name: \"whole_thing\", licenses: [\"MIT\"], ",
                  "links: %{\"Page\" => \"https://example.com\"}, ",
                  "exclude_patterns: [\"secret\", ~r/\\.BIN$/i], maintainers: [\"nobody\"], extra: %{team: :core}], ",
                  "deps: deps([{:jason, \"~> 1.0\"}, {:plug, \"~> 1.4\", optional: true}, ",
                  "{:ex_doc, \"~> 0.30\", only: :dev}, ",
                  "{:inner, \">= 0.0.0\", organization: \"acme\", hex: :inner_package}])"]),
    _ = [ok = write(Dir, File, "x\n")
         || File <- ["priv/a.txt", "priv/secret.txt", "priv/a.bin", "priv/a.so", "Makefile",
                     "CHANGELOG.md", "LICENSE", ".formatter.exs", "test/a_test.exs",
                     "notes.txt"]],
    {0, _, _} = mix(Config, Dir, ["hexide.build", "--output", dir(Config, "built")], real_mix:unfetched(Config)),
    {ok, Tarball} = file:read_file(filename:join(dir(Config, "built"), "whole_thing-1.0.0.tar")),
    {ok, #{metadata := Metadata}} = hexide_tarball:unpack(Tarball, memory, #{}),
    ?assertMatch(#{name := <<"whole_thing">>, app := <<"whole">>, version := <<"1.0.0">>, elixir := <<"~> 1.14">>,
                   build_tools := [<<"mix">>, <<"make">>], extra := #{<<"team">> := <<"core">>},
                   licenses := [<<"MIT">>]}, Metadata),
    ?assertEqual([<<".formatter.exs">>, <<"CHANGELOG.md">>, <<"LICENSE">>, <<"Makefile">>, <<"README.md">>,
                  <<"lib/whole.ex">>, <<"mix.exs">>, <<"priv/a.txt">>], lists:sort(maps:get(files, Metadata))),
    ?assertEqual([{<<"inner_package">>, <<"inner">>, <<">= 0.0.0">>, false, <<"hexpm:acme">>},
                  {<<"jason">>, <<"jason">>, <<"~> 1.0">>, false, undefined},
                  {<<"plug">>, <<"plug">>, <<"~> 1.4">>, true, undefined}],
                 [{Package, App, Requirement, Optional, Repository}
                  || #{name := Package, app := App, requirement := Requirement, optional := Optional,
                       repository := Repository} <- maps:get(requirements, Metadata)]),
    ?assertNot(is_map_key(maintainers, Metadata)).

-spec what_no_package_can_require_is_refused_by_name([tuple()]) -> term().
what_no_package_can_require_is_refused_by_name(Config) ->
    Dir = dir(Config, "refused"),
    [begin
         ok = app(Config, Dir, "refused", "1.0.0", [here(Config), "deps: deps([", Dependency, "]), "]),
         {1, <<>>, Err} = mix(Config, Dir, ["hexide.build"], real_mix:unfetched(Config)),
         [has(Err, Part) || Part <- ["the dependency beside" | Parts]]
     end || {Dependency, Parts} <- [{"{:beside, path: \"../beside\"}", ["comes from path"]},
                                    {"{:beside, \"~> 1.0\", override: true}", ["override: true"]},
                                    {"{:beside, \"nonsense\"}", ["nonsense"]},
                                    {"{:beside, []}", ["neither a version in mix.exs nor one in mix.lock",
                                                       "mix deps.get"]}]],
    ok = app(Config, Dir, "refused", "1.0.0", "hexide: :nonsense, "),
    {1, <<>>, Malformed} = mix(Config, Dir, ["hexide.search", "x"]),
    has(Malformed, "must be a keyword list").

%% --- cut

-spec cut_changes_the_version_and_nothing_else([tuple()]) -> term().
cut_changes_the_version_and_nothing_else(Config) ->
    Dir = dir(Config, "cutting"),
    ok = app(Config, Dir, "cutting", "1.0.0", here(Config)),
    {ok, Text} = file:read_file(filename:join(Dir, "mix.exs")),
    Attribute = string:replace(Text, "version: \"1.0.0\"", "version: @version"),
    ok = write(Dir, "mix.exs", string:replace(Attribute, "  use Mix", "  @version \"1.0.0\" # \"1.0.0\"\n  use Mix")),
    {ok, Before} = file:read_file(filename:join(Dir, "mix.exs")),
    ok = write(Dir, "doc/index.html", "<html></html>"),
    ok = repository(Config, Dir),
    Amy = [{"HEX_API_KEY", key(Config, key)}],
    {0, Would, _} = mix(Config, Dir, ["hexide.cut", "-i", "minor", "--dry-run"], Amy),
    has(Would, "Would raise cutting from 1.0.0 to 1.1.0"),
    ?assertEqual({ok, Before}, file:read_file(filename:join(Dir, "mix.exs"))),
    {0, Cut, _} = mix(Config, Dir, ["hexide.cut", "-i", "minor", "--yes", "--json"], Amy),
    has(Cut, "\"v1.1.0\""),
    Expected = iolist_to_binary(string:replace(Before, "@version \"1.0.0\"", "@version \"1.1.0\"")),
    ?assertEqual({ok, Expected}, file:read_file(filename:join(Dir, "mix.exs"))),
    ?assertEqual(<<"cutting 1.1.0\nfirst">>, git(Config, Dir, ["log", "--format=%s"])),
    {0, Shown, _} = mix(Config, Dir, ["hexide.info", "cutting", "1.1.0"]),
    has(Shown, "cutting 1.1.0").

-spec a_computed_version_is_not_cut([tuple()]) -> term().
a_computed_version_is_not_cut(Config) ->
    Dir = dir(Config, "computed"),
    ok = app(Config, Dir, "computed", "1.0.0", here(Config)),
    {ok, Text} = file:read_file(filename:join(Dir, "mix.exs")),
    ok = write(Dir, "mix.exs", string:replace(Text, "\"1.0.0\"", "\"1.\" <> \"0.0\"")),
    ok = repository(Config, Dir),
    {1, <<>>, Err} = mix(Config, Dir, ["hexide.cut", "-i", "minor", "--yes", "--no-publish"]),
    has(Err, "so there is nothing to raise").

%% --- failures

-spec failures_have_their_exit_codes([tuple()]) -> term().
failures_have_their_exit_codes(Config) ->
    [begin
         {Code, <<>>, Err} = in_sample(Config, Args, Environment),
         [has(Err, Part) || Part <- ["** (Mix) " | Parts]],
         hasnt(Err, "rebar3"),
         {Code, Json, _} = in_sample(Config, Args ++ ["--json"], Environment),
         has(Json, "\"error\"")
     end || {Code, Args, Environment, Parts} <-
                [{2, ["hexide.owner"], [], ["`mix hexide.help owner`"]},
                 {2, ["hexide.search", "--limt", "3"], [], ["did you mean --limit?"]},
                 {1, ["hexide.info", "nothing_like_it"], [], ["`mix hexide.search nothing_like_it`"]},
                 {1, ["hexide.key", "list"], [{"HEX_API_KEY", "wrong"}], ["HEX_API_KEY"]},
                 {2, ["hexide.owner", "remove", "sample", "bob"], [{"HEX_API_KEY", key(Config, key)}],
                  ["use --yes"]},
                 {3, ["hexide.info", "sample"], [{"HEX_API_URL", "http://127.0.0.1:1"}], ["no connection"]}]].

%% --- umbrellas, organizations, locks

-spec apps_of_an_umbrella_are_published_in_order([tuple()]) -> term().
apps_of_an_umbrella_are_published_in_order(Config) ->
    Dir = dir(Config, "umbrella"),
    ok = project(Config, Dir, ["apps_path: \"apps\", ", here(Config)]),
    %% The one that comes first by name needs the other.
    ok = app(Config, filename:join(Dir, "apps/above"), "above", "2.0.0",
             "deps: deps([{:beneath, in_umbrella: true}]), "),
    ok = app(Config, filename:join(Dir, "apps/beneath"), "beneath", "1.2.0", ""),
    Amy = [{"HEX_API_KEY", key(Config, key)}],
    {0, Out, _} = mix(Config, Dir, ["hexide.publish", "package", "--yes"], Amy),
    ?assertMatch([_, _], string:split(Out, "Published beneath 1.2.0")),
    [Before, _] = string:split(Out, "Published above 2.0.0"),
    has(Before, "Published beneath"),
    {0, Info, _} = mix(Config, Dir, ["hexide.info", "above", "2.0.0"]),
    has(Info, "~> 1.2.0").

-spec an_organization_in_mix_exs_keeps_a_package_private([tuple()]) -> term().
an_organization_in_mix_exs_keeps_a_package_private(Config) ->
    Dir = dir(Config, "inner"),
    ok = project(Config, Dir, ["app: :inner, version: \"1.0.0\", package: [organization: \"acme\"], ", here(Config)]),
    ok = write(Dir, "lib/inner.ex", "defmodule Inner do\nend\n"),
    {0, Out, _} = mix(Config, Dir, ["hexide.publish", "package", "--dry-run", "--json"]),
    has(Out, "\"repository\": \"local:acme\"").

-spec what_is_locked_is_compared([tuple()]) -> term().
what_is_locked_is_compared(Config) ->
    #{api_url := Api} = proplists:get_value(info, Config),
    _ = [begin
             {ok, #{tarball := Tarball}} =
                 hexide_release:build(#{name => <<"lockable">>, app => <<"lockable">>, version => Version,
                                        description => <<"Locked">>, licenses => [<<"MIT">>], links => #{},
                                        build_tools => [<<"mix">>], files => [<<"mix.exs">>], requirements => #{}},
                                      [{<<"mix.exs">>, <<>>}], #{}),
             {ok, _} = hexide_release:publish(#{api_url => Api, api_key => key(Config, key)}, Tarball)
         end || Version <- [<<"1.0.0">>, <<"1.2.0">>]],
    Dir = dir(Config, "locked"),
    ok = app(Config, Dir, "locked", "1.0.0", [here(Config), "deps: deps([{:lockable, \"~> 1.0\"}]), "]),
    ok = write(Dir, "mix.lock", "%{\n  \"lockable\": {:hex, :lockable, \"1.0.0\", \"00\", [:mix], [], \"local\", "
               "\"11\"},\n"
               "  \"an_atom_that_nobody_has\": {:git, \"https://example.com/a.git\", \"1\", []},\n}\n"),
    {0, Out, Err} = mix(Config, Dir, ["hexide.outdated"], real_mix:unfetched(Config)),
    [has(Out, Part) || Part <- ["lockable", "1.0.0", "1.2.0", "`mix deps.update lockable`"]],
    hasnt(Err, "warning").

%% --- the registry, settings

-spec the_registry_shows_what_mix_exs_needs([tuple()]) -> term().
the_registry_shows_what_mix_exs_needs(Config) ->
    Dir = dir(Config, "with_registry"),
    Registry = ["{:hexide_server, path: \"", filename:join(proplists:get_value(root, Config), "server"), "\", only: :dev}"],
    ok = app(Config, Dir, "with_registry", "1.0.0", ["deps: deps([", Registry, "]), "]),
    {0, _, _} = mix(Config, Dir, ["deps.compile"]),
    {0, Out, _} = mix(Config, Dir, ["hexide.server"]),
    [has(Out, Part) || Part <- ["The registry `local` is running", "hexide: [repos: [[name: \"local\"", "HEX_API_KEY=",
                                "mix hexide.user auth --repo local"]],
    {0, _, _} = mix(Config, Dir, ["hexide.server", "--json"]).

-spec settings_are_kept_beside_those_of_mix([tuple()]) -> term().
settings_are_kept_beside_those_of_mix(Config) ->
    {0, Out, _} = in_sample(Config, ["hexide.config", "http_proxy", "http://localhost:3128"]),
    has(Out, "http_proxy is now"),
    {ok, Kept} = file:read_file(real_mix:user_file(Config)),
    has(Kept, "http://localhost:3128"),
    {0, _, _} = in_sample(Config, ["hexide.config", "--delete", "http_proxy", "--json"]),
    ?assertNot(filelib:is_file(filename:join(filename:dirname(real_mix:user_file(Config)), "hex.config"))).

-spec a_session_of_mix_is_shown_to_hexpm_alone([tuple()]) -> term().
a_session_of_mix_is_shown_to_hexpm_alone(Config) ->
    Dir = dir(Config, "hexpm"),
    ok = app(Config, Dir, "hexpm_user", "1.0.0", ""),
    Hex = dir(Config, "signed_in"),
    ok = write(Hex, "hex.config", io_lib:format("{'$oauth_token', #{<<\"access_token\">> => <<\"secret-token\">>, "
                                                "<<\"expires_at\">> => ~b}}.\n"
                                                "{'$repos', #{<<\"acme\">> => #{url => "
                                                "<<\"http://127.0.0.1:1\">>}}}.\n",
                                                [erlang:system_time(second) + 1000])),
    Shown = fun(Environment) ->
                {0, Out, _} = mix(Config, Dir, ["hexide.config", "api_key"], [{"HEX_HOME", Hex} | Environment]),
                hasnt(Out, "secret-token"),
                string:trim(Out)
            end,
    ?assertEqual(<<"********">>, Shown([])),
    ?assertEqual(<<>>, Shown([{"HEX_API_URL", "http://127.0.0.1:1/api"}])),
    {0, Overview, _} = mix(Config, Dir, ["hexide"], [{"HEX_HOME", Hex}]),
    has(Overview, "acme").

%% --- an example

-spec the_bot_publishes_what_is_new_and_its_own([tuple()]) -> term().
the_bot_publishes_what_is_new_and_its_own(Config) ->
    Root = proplists:get_value(root, Config),
    Bot = dir(Config, "mix_release_bot"),
    ok = file:make_dir(Bot),
    [] = os:cmd("cp -R " ++ filename:join(Root, "examples/mix_release_bot") ++ "/. " ++ Bot),
    #{url := Url, public_key := Public} = proplists:get_value(info, Config),
    ok = write(Bot, "registry.pem", Public),
    Registry = [{"HEXIDE_PATH", Root}, {"BOT_REGISTRY", binary_to_list(Url)}, {"BOT_REGISTRY_KEY", "registry.pem"}],
    Amy = [{"HEX_API_KEY", key(Config, key)} | Registry],
    {0, _, _} = mix(Config, Bot, ["format", "--check-formatted"], Registry),
    {0, _, _} = mix(Config, Bot, ["compile", "--warnings-as-errors"], Registry),
    {0, Tests, _} = mix(Config, Bot, ["test"], [{"MIX_ENV", "test"} | Registry]),
    ?assertMatch({match, _}, re:run(Tests, "1 doctest, 1 test, 0 failures|Result: 2 passed \\(1 doctest, 1 test\\)")),
    {0, Would, _} = mix(Config, Bot, ["release_bot", "--dry-run"], Amy),
    has(Would, "nothing was sent to local"),
    {0, Published, _} = mix(Config, Bot, ["release_bot"], Amy),
    has(Published, "Published mix_release_bot 0.1.0 to local"),
    {0, Skipped, _} = mix(Config, Bot, ["release_bot"], Amy),
    has(Skipped, "Nothing to do: 0.1.0 is published already"),
    {ok, Text} = file:read_file(filename:join(Bot, "mix.exs")),
    ok = write(Bot, "mix.exs", string:replace(Text, "\"0.1.0\"", "\"0.2.0\"")),
    {1, _, Refused} = mix(Config, Bot, ["release_bot"], [{"HEX_API_KEY", key(Config, other)} | Registry]),
    has(Refused, "bob is none of its owners: amy").

%% --- helpers

dir(Config, Name) ->
    filename:join(proplists:get_value(base, Config), Name).

%% The registry as the only repository of a project.
here(Config) ->
    #{api_url := Api, repo_url := Repo, public_key := Public} = proplists:get_value(info, Config),
    ["hexide: [hexpm: false, repos: [[name: \"local\", api_url: \"", Api, "\", repo_url: \"", Repo,
     "\", repo_public_key: \"", string:replace(string:trim(Public), "\n", "\\n", all), "\"]]], "].

key(Config, Whose) ->
    binary_to_list(proplists:get_value(Whose, Config)).

in_sample(Config, Args) ->
    in_sample(Config, Args, []).

in_sample(Config, Args, Environment) ->
    mix(Config, proplists:get_value(sample, Config), Args, Environment).

as_amy(Config, Args) ->
    in_sample(Config, Args, [{"HEX_API_KEY", key(Config, key)}]).

repository(Config, Dir) ->
    _ = [git(Config, Dir, Args) || Args <- [["init", "-q"], ["config", "user.name", "Somebody"],
                                            ["config", "user.email", "somebody@example.com"], ["add", "."],
                                            ["commit", "-q", "-m", "first"]]],
    ok.

git(Config, Dir, Args) ->
    {0, Out, _} = real_rebar3:run(Config, Dir, "git", Args),
    string:trim(Out).
