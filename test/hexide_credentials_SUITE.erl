%% What hex.config keeps to sign in: every form that exists is found, and only by the registry it belongs to.
-module(hexide_credentials_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([every_form_is_found/1, a_session_comes_before_what_others_left/1, nothing_is_shown_to_another_server/1,
         an_organization_uses_the_account_of_its_repository/1, keeping_replaces_what_signed_in_before/1,
         a_session_at_hexpm_is_where_rebar3_looks/1, a_keyring_session_leaves_no_marker_for_rebar3/1,
         forgetting_leaves_settings_and_strangers/1, repository_keys_come_and_go/1,
         rebar3_merges_no_login_into_its_state/1]).

-define(HEXPM, <<"https://hex.pm/api">>).
-define(OWN, <<"https://hex.example.com/api">>).
-define(SESSION, #{access_token => <<"a">>, refresh_token => <<"r">>, expires_at => 1}).

all() ->
    [every_form_is_found, a_session_comes_before_what_others_left, nothing_is_shown_to_another_server,
     an_organization_uses_the_account_of_its_repository, keeping_replaces_what_signed_in_before,
     a_session_at_hexpm_is_where_rebar3_looks, a_keyring_session_leaves_no_marker_for_rebar3,
     forgetting_leaves_settings_and_strangers, repository_keys_come_and_go, rebar3_merges_no_login_into_its_state].

every_form_is_found(_) ->
    WriteKey = {<<1:128>>, {<<"cipher">>, <<2:128>>}},
    [?assertEqual({Form, {ok, Expected}}, {Form, hexide_credentials:find(Form, <<"hexpm">>, ?HEXPM)})
     || {Form, Expected} <-
            [{#{<<"$oauth">> => ?SESSION}, {session, ?SESSION}},
             %% rebar3 writes no refresh token where it got none.
             {#{<<"$oauth">> => #{access_token => <<"a">>, refresh_token => undefined, expires_at => 7}},
              {session, #{access_token => <<"a">>, refresh_token => undefined, expires_at => 7}}},
             {#{<<"$oauth">> => #{access_token => <<"a">>}},
              {session, #{access_token => <<"a">>, refresh_token => undefined, expires_at => 0}}},
             {#{<<"hexpm">> => #{api_key => <<"k">>}}, {key, <<"k">>}},
             {#{<<"hexpm">> => #{key => <<"k">>}}, {key, <<"k">>}},
             {#{<<"hexpm">> => #{username => <<"joe">>, write_key => WriteKey, read_key => <<"x">>}},
              {write_key, WriteKey, <<"joe">>}},
             {#{<<"$hexide:hexpm">> => #{api_url => ?HEXPM, api_key => keyring}}, {key, keyring}},
             {#{<<"$hexide:hexpm">> => #{api_url => ?HEXPM, session => ?SESSION}}, {session, ?SESSION}}]],
    [?assertEqual({Form, none}, {Form, hexide_credentials:find(Form, <<"hexpm">>, ?HEXPM)})
     || Form <- [#{}, #{<<"hexpm">> => odd}, #{<<"hexpm">> => #{api_key => undefined}},
                 #{<<"hexpm">> => #{write_key => WriteKey}}, #{<<"$oauth">> => #{access_token => undefined}},
                 #{<<"hexpm:acme">> => #{repo_key => <<"k">>}}]].

a_session_comes_before_what_others_left(_) ->
    Left = #{<<"hexpm">> => #{api_key => <<"old">>}},
    ?assertEqual({ok, {session, ?SESSION}},
                 hexide_credentials:find(Left#{<<"$oauth">> => ?SESSION}, <<"hexpm">>, ?HEXPM)).

%% A project may call any server `hexpm'.
nothing_is_shown_to_another_server(_) ->
    Forms = [#{<<"hexpm">> => #{api_key => <<"k">>}}, #{<<"$oauth">> => ?SESSION},
             hexide_credentials:keep_key(#{}, <<"hexpm">>, <<"k">>, owner(?HEXPM)),
             hexide_credentials:keep_session(#{}, <<"hexpm">>, ?SESSION, owner(?HEXPM))],
    [begin
         ?assertMatch({ok, _}, hexide_credentials:find(Form, <<"hexpm">>, <<"https://hex.pm:443/api/">>)),
         [?assertEqual({elsewhere, ?HEXPM}, hexide_credentials:find(Form, <<"hexpm">>, Url))
          || Url <- [<<"http://hex.pm/api">>, <<"https://hex.pm:444/api">>, <<"https://hex.pm.evil.example/api">>,
                     <<"https://evil.example/hex.pm/api">>]]
     end || Form <- Forms].

an_organization_uses_the_account_of_its_repository(_) ->
    Content = hexide_credentials:keep_key(#{}, <<"own:acme">>, <<"k">>, owner(?OWN)),
    ?assertEqual({ok, {key, <<"k">>}}, hexide_credentials:find(Content, <<"own">>, ?OWN)),
    ?assertEqual({ok, {key, <<"k">>}}, hexide_credentials:find(Content, <<"own:other">>, ?OWN)),
    ?assertEqual(none, hexide_credentials:find(Content, <<"hexpm">>, ?OWN)),
    Special = Content#{<<"own:acme">> => #{api_key => <<"acme's">>, api_url => ?OWN}},
    ?assertEqual({ok, {key, <<"k">>}}, hexide_credentials:find(Special, <<"own">>, ?OWN)).

keeping_replaces_what_signed_in_before(_) ->
    Keys = hexide_credentials:keep_key(#{<<"own">> => #{api_key => <<"old">>, write_key => {a, {b, c}}, url => 1}},
                                       <<"own">>, <<"k">>, owner(?OWN)),
    ?assertEqual(#{<<"own">> => #{username => <<"joe">>, url => 1},
                   <<"$hexide:own">> => #{api_url => ?OWN, api_key => <<"k">>}}, Keys),
    Session = hexide_credentials:keep_session(Keys, <<"own">>, ?SESSION, (owner(?OWN))#{username => undefined}),
    ?assertEqual(#{<<"own">> => #{url => 1}, <<"$hexide:own">> => #{api_url => ?OWN, session => ?SESSION}}, Session).

a_session_at_hexpm_is_where_rebar3_looks(_) ->
    Content = hexide_credentials:keep_session(#{}, <<"hexpm">>, ?SESSION, owner(?HEXPM)),
    ?assertMatch(#{<<"$oauth">> := #{access_token := <<"a">>, refresh_token := <<"r">>, expires_at := 1}}, Content),
    ?assertEqual({ok, {session, ?SESSION}}, hexide_credentials:find(Content, <<"hexpm">>, ?HEXPM)).

a_keyring_session_leaves_no_marker_for_rebar3(_) ->
    Session = maps:put(refresh_token, keyring, ?SESSION),
    Content = hexide_credentials:keep_session(#{<<"$oauth">> => ?SESSION}, <<"hexpm">>, Session, owner(?HEXPM)),
    ?assertNot(is_map_key(<<"$oauth">>, Content)),
    ?assertEqual({ok, {session, Session}}, hexide_credentials:find(Content, <<"hexpm">>, ?HEXPM)),
    ?assertEqual([refresh_token], hexide_credentials:stored(Content, <<"hexpm">>)).

forgetting_leaves_settings_and_strangers(_) ->
    Others = #{<<"$hexide">> => #{timeout => 1}, <<"hexpm:acme">> => #{repo_key => <<"r">>}, odd => [1],
               <<"own">> => #{repo_url => <<"http://x">>}},
    [?assertEqual(Others, hexide_credentials:forget(Content, Repository))
     || {Repository, Content} <-
            [{<<"hexpm">>, hexide_credentials:keep_session(Others, <<"hexpm">>, ?SESSION, owner(?HEXPM))},
             {<<"hexpm">>, Others#{<<"hexpm">> => #{username => <<"joe">>, write_key => {a, {b, c}}}}},
             {<<"own">>, hexide_credentials:keep_key(Others, <<"own">>, <<"k">>, owner(?OWN))},
             {<<"own">>, Others}]].

repository_keys_come_and_go(_) ->
    Content = hexide_credentials:keep_repo_key(#{<<"hexpm">> => #{username => <<"joe">>}}, <<"hexpm:acme">>, <<"r">>),
    ?assertMatch(#{<<"hexpm:acme">> := #{name := <<"hexpm:acme">>, repo_key := <<"r">>}}, Content),
    ?assertEqual([<<"acme">>], hexide_credentials:organizations(Content, <<"hexpm">>)),
    ?assertEqual([], hexide_credentials:organizations(Content, <<"own">>)),
    ?assertEqual(#{<<"hexpm">> => #{username => <<"joe">>}},
                 hexide_credentials:forget_repo_key(Content, <<"hexpm:acme">>)).

%% rebar3 merges the map under a repository's name into what its state holds and prints.
rebar3_merges_no_login_into_its_state(_) ->
    [?assertEqual(#{username => <<"joe">>}, maps:get(<<"hexpm">>, Content))
     || Content <- [hexide_credentials:keep_key(#{}, <<"hexpm">>, <<"k">>, owner(?HEXPM)),
                    hexide_credentials:keep_session(#{}, <<"hexpm">>, ?SESSION, owner(?HEXPM))]].

owner(Url) ->
    #{api_url => Url, username => <<"joe">>}.
