%% @doc Rows about the node that hexide lives in: what a call costs, and whether others get their turn.
-module(hexide_bench_vm).

-export([rows/0]).

%% Calls in one sample of what takes less than the clock can tell.
-define(CALLS, 10_000).
-define(JOBS, 2_000).
-define(SAMPLES, 9).
%% Milliseconds, and how often each is measured: the median of what one in a hundred ticks is late by.
-define(WINDOW, 1_000).
-define(ROUNDS, 5).
-define(HANGING, 1_000).
-define(UNPACKING, 4).
%% Hundredths of a second.
-define(PATIENCE, 3_000).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "a normal NIF and a small job", measure => fun calls/2},
     #{name => "ticker of 1 ms", measure => fun ticker/2}].

calls(_, _) ->
    Compare = fun() -> {ok, lt} = hexide_version:compare(<<"1.2.3">>, <<"1.10.0">>) end,
    {ok, Payload} = hexide_registry:encode(names, #{repository => <<"bench">>, packages => []}),
    Job = fun() -> {ok, #{packages := []}} = hexide_registry:decode(names, Payload, undefined) end,
    Echo = spawn_link(fun echo/0),
    Message = fun() -> Echo ! {self(), ping}, receive {Echo, pong} -> ok end end,
    _ = [sample(fun() -> many(?CALLS, Each) end) || Each <- [Compare, Job, Message]],
    Compared = [sample(fun() -> many(?CALLS, Compare) end) / ?CALLS || _ <- lists:seq(1, ?SAMPLES)],
    %% In turns, each one by itself.
    Took = [{sample(Job), sample(Message)} || _ <- lists:seq(1, ?JOBS)],
    unlink(Echo),
    exit(Echo, kill),
    {Jobs, Messages} = lists:unzip(Took),
    {ok, [#{name => "a normal NIF: comparing two versions", unit => us, ours => median(Compared),
            limit => {at_most, 1}},
          #{name => "a small job, call to answer", unit => us, ours => median(Jobs), limit => {at_most, 40},
            floor => {"a message to a process and back", median(Messages)}}]}.

echo() ->
    receive {From, ping} -> From ! {self(), pong}, echo() end.

many(0, _) -> ok;
many(Times, Do) -> _ = Do(), many(Times - 1, Do).

%% Microseconds.
sample(Do) ->
    Start = erlang:monotonic_time(nanosecond),
    _ = Do(),
    (erlang:monotonic_time(nanosecond) - Start) / 1000.

median(Numbers) ->
    lists:nth((length(Numbers) + 1) div 2, lists:sort(Numbers)).

ticker(_, _) ->
    Peer = hexide_bench_peer:start(),
    #{url := Url, pid := Pid} = Stalled = stalled(),
    try
        ok = hexide_bench_ticker:prepare(Peer, fun() -> works(Url) end),
        {ok, late(Peer, Stalled)}
    after
        hexide_bench_peer:stop(Peer),
        exit(Pid, kill)
    end.

%% In turns, so that whatever else the machine does falls on all of them.
late(Peer, Stalled) ->
    Beside = fun(Names) -> fun() -> beside(Peer, Names, Stalled) end end,
    Windows = [Beside([]), Beside([hanging]), Beside([unpacking]), Beside([hanging, unpacking, calling]),
               fun() -> beside_processes(Peer) end],
    Rounds = [[Window() || Window <- Windows] || _ <- lists:seq(1, ?ROUNDS)],
    [Idle, Hung, Unpacked, All, Outside] =
        [median([lists:nth(Nth, Round) || Round <- Rounds]) || Nth <- lists:seq(1, length(Windows))],
    [#{name => "ticker of 1 ms, p99 late: idle", unit => ms, ours => Idle},
     #{name => "ticker, 1,000 requests at a stalled server", unit => ms, ours => Hung, limit => {at_most, Idle + 1}},
     #{name => "ticker, one bulk unpack", unit => ms, ours => Unpacked, limit => {at_most, Idle + 3}},
     #{name => "ticker, everything at once", unit => ms, ours => All,
       floor => {"two busy processes outside the VM", Outside}}].

beside(Peer, Names, Stalled) ->
    Before = requests(Stalled),
    ok = hexide_bench_ticker:begin_beside(Peer, Names),
    try
        %% What is measured is hanging, not connecting.
        lists:member(hanging, Names) andalso await(Stalled, Before + ?HANGING, ?PATIENCE),
        hexide_bench_ticker:late(Peer, ?WINDOW)
    after
        ok = hexide_bench_ticker:end_beside(Peer)
    end.

await(_, _, 0) ->
    throw({stop, "the requests do not reach the stalled server"});
await(Stalled, Count, Patience) ->
    case requests(Stalled) >= Count of
        true -> ok;
        false -> timer:sleep(10), await(Stalled, Count, Patience - 1)
    end.

%% What runs beside the ticker, made in its node.
works(Url) ->
    Tarball = tarball(),
    {ok, Payload} = hexide_registry:encode(versions, #{repository => <<"bench">>, packages => packages()}),
    Config = #{api_url => Url, timeout => 60_000, retries => 0, http_concurrency => ?HANGING},
    #{hanging => lists:duplicate(?HANGING, fun() -> hexide_package:get(Config, <<"sample">>) end),
      unpacking => lists:duplicate(?UNPACKING, fun() -> {ok, _} = hexide_tarball:unpack(Tarball, memory) end),
      calling => [fun() -> {ok, _} = hexide_registry:decode(versions, Payload, undefined) end,
                  fun() -> {ok, lt} = hexide_version:compare(<<"1.2.3">>, <<"1.10.0">>) end]}.

%% 10 MB, half of them as hard to compress as they can be.
tarball() ->
    Hard = [{name("hard", Number), rand:bytes(50_000)} || Number <- lists:seq(1, 100)],
    Soft = [{name("soft", Number), binary:copy(integer_to_binary(Number), 10_000)} || Number <- lists:seq(1000, 1124)],
    Metadata = #{<<"name">> => <<"sample">>, <<"app">> => <<"sample">>, <<"version">> => <<"1.0.0">>,
                 <<"description">> => <<"Files to unpack">>, <<"licenses">> => [<<"Apache-2.0">>],
                 <<"build_tools">> => [<<"rebar3">>], <<"requirements">> => #{}},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, Hard ++ Soft),
    Tarball.

packages() ->
    [#{name => iolist_to_binary(name("package", Number)), versions => [<<"1.0.0">>, <<"1.1.0">>], retired => [],
       with_advisories => []} || Number <- lists:seq(1, 10_000)].

name(Prefix, Number) ->
    Prefix ++ "_" ++ integer_to_list(Number).

beside_processes(Peer) ->
    Loop = [{args, ["-c", "while :; do :; done"]}, exit_status],
    Ports = [open_port({spawn_executable, "/bin/sh"}, Loop) || _ <- [1, 2]],
    try
        hexide_bench_ticker:late(Peer, ?WINDOW)
    after
        lists:foreach(fun end_process/1, Ports)
    end.

%% It reads nothing, so that closing the port alone would not end it.
end_process(Port) ->
    {os_pid, Pid} = erlang:port_info(Port, os_pid),
    _ = os:cmd("kill " ++ integer_to_list(Pid)),
    receive {Port, {exit_status, _}} -> ok end.

%% Takes in every connection and never answers.
stalled() ->
    Self = self(),
    Counter = counters:new(1, []),
    Pid = spawn(fun() ->
                    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {backlog, ?HANGING},
                                                        {ip, {127, 0, 0, 1}}]),
                    {ok, Port} = inet:port(Listener),
                    Self ! {self(), Port},
                    accept(Listener, Counter)
                end),
    receive
        {Pid, Port} ->
            Url = iolist_to_binary(["http://127.0.0.1:", integer_to_list(Port), "/api"]),
            #{pid => Pid, url => Url, counter => Counter}
    end.

accept(Listener, Counter) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Reader = spawn_link(fun() -> receive read -> read(Socket, Counter) end end),
    ok = gen_tcp:controlling_process(Socket, Reader),
    Reader ! read,
    accept(Listener, Counter).

read(Socket, Counter) ->
    {ok, _} = gen_tcp:recv(Socket, 0),
    counters:add(Counter, 1, 1),
    {error, closed} = gen_tcp:recv(Socket, 0),
    gen_tcp:close(Socket).

%% How many requests have come so far.
requests(#{counter := Counter}) ->
    counters:get(Counter, 1).
