%% What the native side tells: each request once, to the one who listens, and no secret.
-module(hexide_log_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([each_request_is_told_once/1, one_listens_at_a_time/1, a_listener_that_died_is_forgotten/1,
         a_failure_is_told_with_its_code/1]).

all() ->
    [each_request_is_told_once, one_listens_at_a_time, a_listener_that_died_is_forgotten,
     a_failure_is_told_with_its_code].

each_request_is_told_once(_) ->
    {ok, Server} = hexide_server:start_link(#{}),
    {ok, #{api_url := Api}} = hexide_server:info(Server),
    ok = hexide_log:listen(),
    {error, {unauthorized, _}} = hexide_user:me(#{api_url => Api, api_key => <<"my-secret-key">>}),
    {ok, _} = hexide_package:search(#{api_url => Api}, "x"),
    Told = http(),
    ok = hexide_log:stop(),
    ok = hexide_server:stop(Server),
    ?assertMatch([_, _], Told),
    [?assertNotEqual(nomatch, string:find(Line, Part))
     || {Line, Parts} <- lists:zip(Told, [["method=GET", "/users/me", "status=401", "retries=0", "ms=", "bytes="],
                                          ["method=GET", "/packages", "status=200"]]), Part <- Parts],
    [?assertEqual(nomatch, string:find(Line, "my-secret-key")) || Line <- Told].

one_listens_at_a_time(_) ->
    ok = hexide_log:listen(),
    Self = self(),
    Other = spawn_link(fun() -> ok = hexide_log:listen(), Self ! listening, receive stop -> Self ! {told, http()} end end),
    receive listening -> ok end,
    _ = hexide_user:me(closed()),
    Other ! stop,
    receive {told, Told} -> ?assertMatch([_ | _], Told) end,
    ?assertEqual([], http()),
    ok = hexide_log:stop(),
    _ = hexide_user:me(closed()),
    ?assertEqual([], http()).

a_listener_that_died_is_forgotten(_) ->
    {Pid, Monitor} = spawn_monitor(fun() -> ok = hexide_log:listen() end),
    receive {'DOWN', Monitor, process, Pid, normal} -> ok end,
    [?assertMatch({error, {connect, _}}, hexide_user:me(closed())) || _ <- [first, second]].

a_failure_is_told_with_its_code(_) ->
    ok = hexide_log:listen(),
    {error, {connect, _}} = hexide_user:me(closed()),
    [Line] = http(),
    ok = hexide_log:stop(),
    ?assertNotEqual(nomatch, string:find(Line, "error=connect")).

closed() ->
    #{api_url => <<"http://127.0.0.1:1/api">>, api_key => <<"k">>, retries => 0}.

%% What was told of requests until now.
http() ->
    receive
        {hexide_log, #{target := <<"hexide::http">>, level := debug, text := Text}} -> [Text | http()];
        {hexide_log, _} -> http()
    after 0 -> []
    end.
