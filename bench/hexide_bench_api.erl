%% @doc Rows about the API: calls to a registry in another process, on loopback.
-module(hexide_bench_api).

-export([rows/0]).

-define(PACKAGE, <<"sample_000001">>).
-define(CALLS, 10_000).
-define(PROCESSES, 100).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "GET a package of the API, round trip", unit => us, open => fun get_package/1},
     #{name => "10,000 calls of the API, 100 processes", unit => per_s, count => ?CALLS, limit => 3, open => fun many/1}].

get_package(_) ->
    work(fun(Get) -> Get() end, fun(Url) ->
                                    Socket = connect(Url),
                                    fun() -> exchange(Socket, Url) end
                                end).

%% The reference's own configuration: httpc keeps two connections to a server.
many(_) ->
    work(fun(Get) -> by_many(fun() -> Get end) end,
         fun(Url) ->
             fun() ->
                 by_many(fun() ->
                             Socket = connect(Url),
                             fun() -> exchange(Socket, Url) end
                         end)
             end
         end).

by_many(Open) ->
    Started = [spawn_monitor(fun() -> exit({gave, calls(?CALLS div ?PROCESSES, Open(), undefined)}) end)
               || _ <- lists:seq(1, ?PROCESSES)],
    lists:usort([receive {'DOWN', Monitor, process, Pid, {gave, Name}} -> Name end || {Pid, Monitor} <- Started]).

calls(0, _, Last) -> Last;
calls(Left, Get, _) -> calls(Left - 1, Get, Get()).

%% `Do' is given what asks once, and gives what was answered; `Bare' does the same with nothing but sockets.
work(Do, Bare) ->
    Peer = hexide_bench_peer:start(),
    #{api_url := Url} = Registry = hexide_bench_peer:registry(Peer),
    [_] = hexide_bench_fetch:publish(Registry, 1, 100),
    Ours = #{api_url => Url},
    Theirs = (hexide_bench_reference:config())#{api_url => Url},
    Floor = Bare(Url),
    {ok, #{ours => fun(_) -> Do(fun() -> ours(Ours) end) end,
           theirs => fun(_) -> Do(fun() -> theirs(Theirs) end) end,
           same => fun(One, Other) -> One =:= Other end,
           floor => {"the bytes, bare sockets", fun(_) -> Floor() end},
           close => fun() -> hexide_bench_peer:stop(Peer) end}}.

ours(Config) ->
    {ok, #{name := Name}} = hexide_package:get(Config, ?PACKAGE),
    Name.

theirs(Config) ->
    {ok, {200, _, #{<<"name">> := Name}}} = r3_hex_api_package:get(Config, ?PACKAGE),
    Name.

connect(Url) ->
    #{host := Host, port := Port} = uri_string:parse(unicode:characters_to_list(Url)),
    {ok, Socket} = gen_tcp:connect(Host, Port, [binary, {active, false}, {nodelay, true}]),
    Socket.

%% The same request over one connection that stays open, and nothing done with the answer.
exchange(Socket, Url) ->
    #{host := Host, port := Port, path := Path} = uri_string:parse(unicode:characters_to_list(Url)),
    Request = ["GET ", Path, "/packages/", ?PACKAGE, " HTTP/1.1\r\nhost: ", Host, ":", integer_to_list(Port),
               "\r\naccept: application/vnd.hex+erlang\r\nuser-agent: bench\r\n\r\n"],
    ok = inet:setopts(Socket, [{packet, http_bin}]),
    ok = gen_tcp:send(Socket, Request),
    {200, Body} = hexide_bench_load:reply(Socket),
    byte_size(Body).
