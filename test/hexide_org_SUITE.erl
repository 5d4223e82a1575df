%% Organizations and their members against a real registry over a socket.
-module(hexide_org_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2, end_per_testcase/2]).
-export([members_come_change_and_go/1, strangers_see_nothing/1, readers_manage_nothing/1, seats_are_a_limit/1,
         keys_of_an_organization_are_its_own/1, no_such_role/1, a_reset_tells_nobody_who_exists/1]).

all() ->
    [members_come_change_and_go, strangers_see_nothing, readers_manage_nothing, seats_are_a_limit,
     keys_of_an_organization_are_its_own, no_such_role, a_reset_tells_nobody_who_exists].

init_per_testcase(_, Config) ->
    {ok, Server} = hexide_server:start_link(#{}),
    [Alice, Bob, Carol] = [user(Server, Name) || Name <- ["alice", "bob", "carol"]],
    ok = hexide_server:add_organization(Server, "acme", "alice"),
    [{server, Server}, {alice, Alice}, {bob, Bob}, {carol, Carol} | Config].

end_per_testcase(_, Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

members_come_change_and_go(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, [#{name := <<"acme">>, billing_active := true}]} = hexide_org:list(Alice),
    {ok, #{name := <<"acme">>, seats := Seats}} = hexide_org:get(Alice, acme),
    ?assert(Seats > 1),
    {ok, #{username := <<"bob">>, role := <<"read">>}} = hexide_org:add_member(Alice, "acme", "bob@example.com", read),
    {ok, #{username := <<"bob">>, role := <<"write">>}} = hexide_org:set_role(Alice, "acme", "bob", <<"write">>),
    {ok, #{username := <<"bob">>, role := <<"write">>}} = hexide_org:member(Alice, "acme", "bob"),
    {ok, Members} = hexide_org:members(Alice, "acme"),
    ?assertEqual([{<<"alice">>, <<"admin">>}, {<<"bob">>, <<"write">>}],
                 lists:sort([{Name, Role} || #{username := Name, role := Role} <- Members])),
    {ok, #{organizations := [#{name := <<"acme">>, role := <<"write">>}]}} =
        hexide_user:me(proplists:get_value(bob, Config)),
    ok = hexide_org:remove_member(Alice, "acme", "bob"),
    ?assertMatch({error, {not_found, _}}, hexide_org:member(Alice, "acme", "bob")),
    {ok, Log} = hexide_org:audit_log(Alice, "acme"),
    Actions = [Action || #{action := Action} <- Log],
    [?assert(lists:member(Action, Actions))
     || Action <- [<<"organization.member.add">>, <<"organization.member.role">>, <<"organization.member.remove">>]].

strangers_see_nothing(Config) ->
    Carol = proplists:get_value(carol, Config),
    ?assertEqual({ok, []}, hexide_org:list(Carol)),
    [?assertMatch({error, {not_found, _}}, Outcome)
     || Outcome <- [hexide_org:get(Carol, "acme"), hexide_org:members(Carol, "acme"),
                    hexide_org:audit_log(Carol, "acme"), hexide_org:add_member(Carol, "acme", "carol", admin),
                    hexide_org:get(Carol, "nosuch")]].

readers_manage_nothing(Config) ->
    {ok, _} = hexide_org:add_member(proplists:get_value(alice, Config), "acme", "bob", read),
    Bob = proplists:get_value(bob, Config),
    ?assertMatch({ok, [_, _]}, hexide_org:members(Bob, "acme")),
    [?assertMatch({error, {forbidden, _}}, Outcome)
     || Outcome <- [hexide_org:add_member(Bob, "acme", "carol", read), hexide_org:set_role(Bob, "acme", "bob", admin),
                    hexide_org:update(Bob, "acme", #{seats => 500})]].

seats_are_a_limit(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, #{seats := 1}} = hexide_org:update(Alice, "acme", #{seats => 1}),
    {error, {invalid, #{message := Message}}} = hexide_org:add_member(Alice, "acme", "bob", read),
    ?assertNotEqual(nomatch, string:find(Message, "seats")).

keys_of_an_organization_are_its_own(Config) ->
    Alice = proplists:get_value(alice, Config),
    Acme = Alice#{api_organization => <<"acme">>},
    {ok, #{name := <<"ci">>, secret := Secret}} =
        hexide_key:add(Acme, "ci", [#{domain => repository, resource => "acme"}]),
    {ok, [#{name := <<"ci">>, secret := undefined}]} = hexide_key:list(Acme),
    {ok, Own} = hexide_key:list(Alice),
    ?assertNot(lists:member(<<"ci">>, [Name || #{name := Name} <- Own])),
    ?assertMatch({ok, #{key := #{name := <<"ci">>, owner := #{name := <<"acme">>, type := <<"organization">>}}}},
                 hexide_auth:test(Alice#{api_key => Secret}, repository, "acme")),
    ok = hexide_key:remove(Acme, "ci"),
    ?assertMatch({error, {unauthorized, _}}, hexide_auth:test(Alice#{api_key => Secret}, repository, "acme")).

%% Refused here, with the roles that there are.
no_such_role(_) ->
    Nowhere = #{api_url => "http://127.0.0.1:1/api", retries => 0},
    [?assertMatch({error, {invalid, #{message := <<"`king` is no role: use admin, write or read">>}}}, Outcome)
     || Outcome <- [hexide_org:add_member(Nowhere, "acme", "bob", king),
                    hexide_org:set_role(Nowhere, "acme", "bob", "king")]].

%% A registry without the route, as hex.pm is, says `not_found'.
a_reset_tells_nobody_who_exists(Config) ->
    #{api_url := ApiUrl} = Alice = proplists:get_value(alice, Config),
    ?assertEqual(ok, hexide_user:reset_password(Alice, "bob@example.com")),
    ?assertEqual(ok, hexide_user:reset_password(Alice, "nobody-at-all")),
    ?assertMatch({error, {not_found, #{status := 404}}},
                 hexide_user:reset_password(Alice#{api_url := <<ApiUrl/binary, "/nosuch">>}, "bob")).

user(Server, Name) ->
    {ok, #{api_url := ApiUrl, repo_url := RepoUrl}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => Name, email => Name ++ "@example.com"}),
    #{api_url => ApiUrl, repo_url => RepoUrl, api_key => Key, retries => 0}.
