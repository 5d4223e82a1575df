%% A server on loopback that hands each connection to a process of its own.
-module(listener).

-export([start/1, stop/1, url/1]).

%% `Serve' is called with the socket, in the process that owns it.
start(Serve) ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}, {backlog, 1024},
                                        {reuseaddr, true}]),
    {ok, Port} = inet:port(Listener),
    Acceptor = spawn_link(fun() -> accept(Listener, Serve) end),
    {Acceptor, Listener, Port}.

stop({Acceptor, Listener, _}) ->
    unlink(Acceptor),
    exit(Acceptor, kill),
    gen_tcp:close(Listener).

url({_, _, Port}) ->
    iolist_to_binary(["http://127.0.0.1:", integer_to_list(Port)]).

accept(Listener, Serve) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Server = spawn(fun() -> receive go -> Serve(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Server),
    Server ! go,
    accept(Listener, Serve).
