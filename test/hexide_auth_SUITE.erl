%% Logging in against a real registry over a socket.
-module(hexide_auth_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2, end_per_testcase/2]).
-export([login_refresh_and_revoke/1, questions_too_fast_are_told_apart/1, waiting_ends_with_approval/1,
         waiting_can_be_given_up/1, code_that_ended_says_so/1, key_becomes_a_token/1, wrong_settings_are_named/1,
         second_factor_is_asked_for_and_judged/1, what_a_key_may_do/1, caller_bugs_show_no_secret/1,
         failures_say_what_to_do/1]).

all() ->
    [login_refresh_and_revoke, questions_too_fast_are_told_apart, waiting_ends_with_approval, waiting_can_be_given_up,
     code_that_ended_says_so, key_becomes_a_token, wrong_settings_are_named,
     second_factor_is_asked_for_and_judged, what_a_key_may_do, caller_bugs_show_no_secret, failures_say_what_to_do].

init_per_testcase(_, Config) ->
    {ok, Server} = hexide_server:start_link(#{oauth_interval => 1}),
    {ok, #{api_url := ApiUrl, repo_url := RepoUrl}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "alice", email => "alice@example.com"}),
    [{server, Server}, {key, Key}, {anonymous, #{api_url => ApiUrl, repo_url => RepoUrl, retries => 0}} | Config].

end_per_testcase(_, Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

login_refresh_and_revoke(Config) ->
    Anonymous = anonymous(Config),
    {ok, #{device_code := Device, user_code := Shown, verification_uri := Page, expires_in := 600, interval := 1}} =
        hexide_auth:device_start(Anonymous, #{name => "my laptop"}),
    ?assertMatch(<<"http", _/binary>>, Page),
    ?assertEqual({ok, #{status => <<"pending">>, tokens => undefined}}, hexide_auth:device_poll(Anonymous, Device)),
    ok = approve(Config, Shown),
    {ok, #{status := <<"approved">>, tokens := #{access_token := Access, refresh_token := Refresh}}} =
        hexide_auth:device_poll(Anonymous, Device),
    ?assertMatch({ok, #{username := <<"alice">>}}, hexide_user:me(Anonymous#{api_key => Access})),
    ?assertMatch({error, {unauthorized, #{reason := <<"invalid_grant">>}}}, hexide_auth:device_poll(Anonymous, Device)),

    {ok, #{access_token := Next, refresh_token := NextRefresh, expires_in := Seconds, token_type := <<"bearer">>}} =
        hexide_auth:refresh(Anonymous, Refresh),
    ?assert(Seconds > 0),
    ?assertNotEqual(Refresh, NextRefresh),
    ?assertMatch({ok, #{username := <<"alice">>}}, hexide_user:me(Anonymous#{api_key => Next})),

    ok = hexide_auth:revoke(Anonymous, Next),
    ?assertMatch({error, {unauthorized, _}}, hexide_user:me(Anonymous#{api_key => Next})),
    ?assertEqual(ok, hexide_auth:revoke(Anonymous, <<"no such token">>)).

questions_too_fast_are_told_apart(Config) ->
    Anonymous = anonymous(Config),
    {ok, #{device_code := Device}} = hexide_auth:device_start(Anonymous),
    Statuses = [begin
                    {ok, #{status := Status, tokens := undefined}} = hexide_auth:device_poll(Anonymous, Device),
                    Status
                end || _ <- lists:seq(1, 3)],
    ?assertMatch([<<"pending">>, <<"slow_down">>, <<"slow_down">>], Statuses).

%% The report comes before the question, so that the first one finds the login approved.
waiting_ends_with_approval(Config) ->
    Anonymous = anonymous(Config),
    {ok, #{user_code := Shown} = Device} = hexide_auth:device_start(Anonymous, #{scope => "api:read"}),
    Progress = fun(#{phase := <<"approval">>, total := 600}) -> approve(Config, Shown) end,
    {ok, #{access_token := Access, scope := <<"api:read">>}} =
        hexide_auth:device_wait(Anonymous, Device, #{progress => Progress, timeout => 60_000}),
    ?assertMatch({ok, #{username := <<"alice">>}}, hexide_user:me(Anonymous#{api_key => Access})),
    ?assertMatch({error, {unauthorized, _}}, hexide_key:add(Anonymous#{api_key => Access}, "ci", [])).

waiting_can_be_given_up(Config) ->
    Anonymous = anonymous(Config),
    {ok, Device} = hexide_auth:device_start(Anonymous),
    ?assertMatch({error, {timeout, _}}, hexide_auth:device_wait(Anonymous, Device, #{timeout => 100})),
    receive
        Stray -> error({stray, Stray})
    after 0 -> ok
    end.

code_that_ended_says_so(Config) ->
    {error, {unauthorized, #{reason := <<"expired_token">>}} = Reason} =
        hexide_auth:device_wait(anonymous(Config), #{device_code => <<"x">>, expires_in => 1, interval => 1}),
    ?assertNotEqual(nomatch, string:find(hexide_error:format(Reason), "user auth")),
    ?assertMatch({error, {unauthorized, #{reason := <<"invalid_grant">>}}},
                 hexide_auth:device_wait(anonymous(Config), #{device_code => <<"x">>, expires_in => 9, interval => 1})).

key_becomes_a_token(Config) ->
    Alice = (anonymous(Config))#{api_key => proplists:get_value(key, Config)},
    {ok, #{access_token := Access, refresh_token := undefined, scope := <<"api:read">>}} =
        hexide_auth:exchange(Alice, "api:read"),
    ?assertMatch({ok, #{username := <<"alice">>}}, hexide_user:me(Alice#{api_key => Access})),
    {ok, #{secret := Reader}} = hexide_key:add(Alice, "reader", [#{domain => api, resource => read}]),
    ?assertMatch({error, {invalid, #{reason := <<"invalid_scope">>}}},
                 hexide_auth:exchange(Alice#{api_key => Reader}, "api:write")),
    ?assertMatch({error, {unauthorized, #{reason := <<"invalid_client">>}}},
                 hexide_auth:exchange(Alice#{api_key => <<"0123456789abcdef0123456789abcdef">>}, "api")),
    ?assertMatch({error, {bad_config, #{key := <<"api_key">>}}}, hexide_auth:exchange(anonymous(Config), "api")).

wrong_settings_are_named(Config) ->
    Stranger = (anonymous(Config))#{oauth_client_id => <<"00000000-0000-0000-0000-000000000000">>},
    ?assertMatch({error, {bad_config, #{key := <<"oauth_client_id">>, reason := <<"invalid_client">>}}},
                 hexide_auth:device_start(Stranger)),
    ?assertMatch({error, {invalid, #{reason := <<"invalid_scope">>}}},
                 hexide_auth:device_start(anonymous(Config), #{scope => "nosuch"})),
    %% Refused before anything is sent: there is no such host.
    ?assertMatch({error, {bad_config, #{key := <<"api_url">>}}},
                 hexide_auth:refresh(#{api_url => "http://registry.test/api"}, "token")).

what_a_key_may_do(Config) ->
    Alice = (anonymous(Config))#{api_key => proplists:get_value(key, Config)},
    ?assertMatch({ok, #{key := #{name := <<_/binary>>, owner := #{name := <<"alice">>, type := <<"user">>}}}},
                 hexide_auth:test(Alice, api, write)),
    ?assertMatch({ok, #{key := #{}}}, hexide_auth:test(Alice, api, undefined)),
    ?assertMatch({error, {unauthorized, _}}, hexide_auth:test(Alice, repository, "nosuch")),
    ?assertMatch({error, {unauthorized, _}}, hexide_auth:test(anonymous(Config), api, read)).

%% A token changes nothing without a code; a key needs none. The sixth wrong code is one too many.
second_factor_is_asked_for_and_judged(Config) ->
    Anonymous = anonymous(Config),
    {ok, #{device_code := Device, user_code := Shown}} = hexide_auth:device_start(Anonymous),
    ok = approve(Config, Shown),
    {ok, #{tokens := #{access_token := Access}}} = hexide_auth:device_poll(Anonymous, Device),
    Alice = Anonymous#{api_key => Access},
    Change = fun(Settings) -> hexide_key:add(Settings, "ci", []) end,
    ?assertMatch({error, {forbidden, #{status := 403}}}, Change(Alice)),
    {ok, Secret} = hexide_server:enable_totp(proplists:get_value(server, Config), "alice"),
    ?assertMatch({error, {otp_required, #{status := 401}}}, Change(Alice)),
    Right = totp:code(Secret, erlang:system_time(second)),
    ?assertMatch({ok, #{name := <<"ci">>}}, Change(Alice#{api_otp => Right})),
    ?assertMatch({ok, #{name := <<"ci", _/binary>>}}, Change(Anonymous#{api_key => proplists:get_value(key, Config)})),
    Wrong = <<"not-it">>,
    Codes = [begin
                 {error, {Code, _}} = Change(Alice#{api_otp => Wrong}),
                 Code
             end || _ <- lists:seq(1, 6)],
    ?assertEqual([otp_invalid, otp_invalid, otp_invalid, otp_invalid, otp_invalid, rate_limited], Codes).

%% What is no text raises, and neither the reason nor the stack trace shows it.
caller_bugs_show_no_secret(Config) ->
    Anonymous = anonymous(Config),
    Device = #{device_code => <<"s3cret">>, expires_in => 1, interval => 1},
    Bad = [<<"s3cret", 255>>, ["s3cret" | s3cret], [s3cret], {s3cret}, "s3cret" ++ [16#110000]],
    Calls = [fun(Secret) -> hexide_auth:device_poll(Anonymous, Secret) end,
             fun(Secret) -> hexide_auth:device_wait(Anonymous, Device#{device_code := Secret}) end,
             fun(Secret) -> hexide_auth:device_wait(Anonymous, Device#{expires_in := Secret}) end,
             fun(Secret) -> hexide_auth:refresh(Anonymous, Secret) end,
             fun(Secret) -> hexide_auth:revoke(Anonymous, Secret) end,
             fun(Secret) -> hexide_user:register(Anonymous, "carol", "carol@example.com", Secret) end],
    Shown = [try Call(Secret) of
                 Result -> error({accepted, Result})
             catch
                 error:badarg:Stack -> io_lib:format("~p", [Stack])
             end || Call <- Calls, Secret <- Bad],
    ?assertEqual(length(Calls) * length(Bad), length(Shown)),
    [?assertEqual(nomatch, string:find(Each, "s3cret")) || Each <- Shown].

failures_say_what_to_do(_) ->
    Expected = [{unauthorized, <<"expired_token">>, "Begin again with `rebar3 hex user auth`"},
                {unauthorized, <<"invalid_grant">>, "sign in again with `rebar3 hex user auth`"},
                {unauthorized, <<"invalid_client">>, "HEX_API_KEY"},
                {forbidden, <<"access_denied">>, "approve the login"},
                {invalid, <<"invalid_scope">>, "scopes that exist"},
                {protocol, <<"unsupported_grant_type">>, "use an API key"}],
    [?assertNotEqual(nomatch, string:find(hexide_error:format({Code, #{message => <<"no">>, reason => Reason}}), Says))
     || {Code, Reason, Says} <- Expected].

anonymous(Config) ->
    proplists:get_value(anonymous, Config).

approve(Config, UserCode) ->
    hexide_server:approve_device(proplists:get_value(server, Config), UserCode, "alice").
