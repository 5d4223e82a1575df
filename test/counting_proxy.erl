%% A way to a server that counts, in what clients send, the places where a text stands.
-module(counting_proxy).

-export([start/2]).

%% Answers how to read the count, and the address to use instead. It lasts as long as the node.
start(Url, Text) ->
    #{host := Host, port := Port} = Parts = uri_string:parse(Url),
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Own} = inet:port(Listener),
    Counter = counters:new(1, []),
    Heard = fun(Data) -> counters:add(Counter, 1, length(binary:matches(Data, Text))) end,
    Acceptor = spawn(fun() -> accept(Listener, {binary_to_list(Host), Port}, Heard) end),
    ok = gen_tcp:controlling_process(Listener, Acceptor),
    {fun() -> counters:get(Counter, 1) end, uri_string:recompose(Parts#{port := Own})}.

accept(Listener, {Host, Port} = Server, Heard) ->
    {ok, Near} = gen_tcp:accept(Listener),
    Relay = spawn(fun() ->
                      receive go -> ok end,
                      {ok, Far} = gen_tcp:connect(Host, Port, [binary, {active, true}]),
                      ok = inet:setopts(Near, [{active, true}]),
                      relay(Near, Far, Heard)
                  end),
    ok = gen_tcp:controlling_process(Near, Relay),
    Relay ! go,
    accept(Listener, Server, Heard).

relay(Near, Far, Heard) ->
    receive
        {tcp, Near, Data} ->
            ok = Heard(Data),
            _ = gen_tcp:send(Far, Data),
            relay(Near, Far, Heard);
        {tcp, Far, Data} ->
            _ = gen_tcp:send(Near, Data),
            relay(Near, Far, Heard);
        {tcp_closed, _} -> ok
    end.
