%% @doc `retire' against a real registry.
-module(hexide_cmd_retire_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2, end_per_testcase/2]).
-export([all_releases_are_retired_at_once/1, a_version_beside_all_is_refused/1, a_wrong_reason_or_message_changes_nothing/1]).

-spec all() -> [atom()].
all() ->
    [all_releases_are_retired_at_once, a_version_beside_all_is_refused, a_wrong_reason_or_message_changes_nothing].

-spec init_per_testcase(atom(), [tuple()]) -> [tuple()].
init_per_testcase(_, Config) ->
    {ok, Server} = hexide_server:start_link(#{}),
    {ok, #{api_url := Api}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "alice", email => "alice@example.com"}),
    Alice = #{api_url => Api, api_key => Key},
    [{ok, _} = hexide_release:publish(Alice, tarball(Version)) || Version <- [<<"1.0.0">>, <<"1.1.0">>]],
    Context = #{config => Alice, sources => #{}, repository => <<"hexpm">>, user_file => "hex.config"},
    [{server, Server}, {alice, Alice}, {context, Context} | Config].

-spec end_per_testcase(atom(), [tuple()]) -> term().
end_per_testcase(_, Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

-spec all_releases_are_retired_at_once([tuple()]) -> term().
all_releases_are_retired_at_once(Config) ->
    {ok, Answer} = retire(Config, ["greeting", "--all", "deprecated", "--message", "use another, please"]),
    ?assertEqual(#{name => <<"greeting">>, version => all, retired => true, reason => <<"deprecated">>,
                   message => <<"use another, please">>}, Answer),
    ?assertMatch(<<_, _/binary>>, hexide_json:encode(Answer)),
    Retirement = #{reason => <<"deprecated">>, message => <<"use another, please">>},
    ?assertEqual(#{<<"1.0.0">> => Retirement, <<"1.1.0">> => Retirement}, retirements(Config)).

-spec a_version_beside_all_is_refused([tuple()]) -> term().
a_version_beside_all_is_refused(Config) ->
    [?assertMatch({error, {usage, _}}, retire(Config, Args))
     || Args <- [["greeting", "1.0.0", "other", "--all"], ["greeting", "--all"], ["--all"],
                 ["greeting", "--all", "--unretire"]]],
    ?assertEqual(#{}, retirements(Config)).

-spec a_wrong_reason_or_message_changes_nothing([tuple()]) -> term().
a_wrong_reason_or_message_changes_nothing(Config) ->
    {error, {usage, #{message := Message}}} = retire(Config, ["greeting", "--all", "deprecatd"]),
    ?assertNotEqual(nomatch, string:find(Message, "did you mean `deprecated`?")),
    ?assertMatch({error, {usage, _}}, retire(Config, ["greeting", "--all", "other", "--message", "no"])),
    ?assertMatch({error, {not_found, _}}, retire(Config, ["nothing_like_it", "--all", "other"])),
    ?assertEqual(#{}, retirements(Config)).

retire(Config, Args) ->
    {ok, Command} = hexide_command:find(<<"retire">>),
    {ok, Options} = hexide_option:parse(Command, Args),
    hexide_command:run(Command, proplists:get_value(context, Config), Options).

retirements(Config) ->
    {ok, #{retirements := Retirements}} = hexide_package:get(proplists:get_value(alice, Config), "greeting"),
    Retirements.

tarball(Version) ->
    Metadata = #{<<"name">> => <<"greeting">>, <<"app">> => <<"greeting">>, <<"version">> => Version,
                 <<"description">> => <<"A package made by a test">>, <<"licenses">> => [<<"Apache-2.0">>],
                 <<"links">> => #{}, <<"build_tools">> => [<<"rebar3">>], <<"files">> => [<<"src/code.erl">>]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{"src/code.erl", <<"-module(code).\n">>}]),
    Tarball.
