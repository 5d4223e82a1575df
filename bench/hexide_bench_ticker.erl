%% @doc A ticker of one millisecond, in a node of its own: how late it is tells what else keeps the
%% schedulers of that node from their work.
-module(hexide_bench_ticker).

-export([prepare/2, begin_beside/2, late/2, end_beside/1]).

%% What is started is given this long to get going.
-define(RUN_UP, 300).

%% @doc Makes, in the node of the ticker, what is to run beside it: lists of functions by name.
-spec prepare(hexide_bench_peer:peer(), fun(() -> #{atom() => [fun(() -> term())]})) -> ok.
prepare(Peer, Make) ->
    hexide_bench_peer:call(Peer, fun() -> persistent_term:put(?MODULE, Make()) end).

%% @doc Has the functions of those names run there, each in a process of its own, again and again.
-spec begin_beside(hexide_bench_peer:peer(), [atom()]) -> ok.
begin_beside(Peer, Names) ->
    hexide_bench_peer:call(Peer, fun() -> started(Names) end).

started(Names) ->
    Works = lists:append([maps:get(Name, persistent_term:get(?MODULE)) || Name <- Names]),
    Holder = spawn(fun() ->
                       %% One that fails ends all, and the bench with them, at the latest when they are to end.
                       _ = [spawn_link(fun() -> forever(Work) end) || Work <- Works],
                       receive stop -> exit(stopped) end
                   end),
    true = register(?MODULE, Holder),
    receive after ?RUN_UP -> ok end.

%% @doc The milliseconds that one tick in a hundred was late by, or later, in a window of so many
%% milliseconds.
-spec late(hexide_bench_peer:peer(), pos_integer()) -> float().
late(Peer, Window) ->
    hexide_bench_peer:call(Peer, fun() -> ticking(Window) end).

%% @doc Ends what was begun; what it does natively ends with it.
-spec end_beside(hexide_bench_peer:peer()) -> ok.
end_beside(Peer) ->
    hexide_bench_peer:call(Peer, fun ended/0).

ended() ->
    Monitor = monitor(process, ?MODULE),
    ?MODULE ! stop,
    receive {'DOWN', Monitor, process, _, stopped} -> ok end.

forever(Work) ->
    _ = Work(),
    forever(Work).

ticking(Window) ->
    erlang:garbage_collect(),
    Start = erlang:monotonic_time(millisecond) + 1,
    Late = lists:sort(ticks(Start, Start + Window, [])),
    lists:nth(max(1, length(Late) * 99 div 100), Late) / 1000.

%% Due at whole milliseconds. Where one was missed the next one is due at the next of them.
ticks(Due, End, Late) when Due >= End ->
    Late;
ticks(Due, End, Late) ->
    Timer = erlang:start_timer(Due, self(), tick, [{abs, true}]),
    receive {timeout, Timer, tick} -> ok end,
    Now = erlang:monotonic_time(microsecond),
    ticks(max(Due + 1, Now div 1000), End, [Now - Due * 1000 | Late]).
