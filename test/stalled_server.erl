%% A server that takes connections and requests and never answers. It tells its owner what happens to
%% each connection: `{stalled, Socket, asked}' when a request came, `{stalled, Socket, closed}'.
-module(stalled_server).

-export([start/0, stop/1, url/1]).

start() ->
    Owner = self(),
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}, {backlog, 1024},
                                        {reuseaddr, true}]),
    {ok, Port} = inet:port(Listener),
    Acceptor = spawn_link(fun() -> accept(Listener, Owner) end),
    {Acceptor, Listener, Port}.

stop({Acceptor, Listener, _}) ->
    unlink(Acceptor),
    exit(Acceptor, kill),
    gen_tcp:close(Listener).

url({_, _, Port}) ->
    iolist_to_binary(["http://127.0.0.1:", integer_to_list(Port)]).

accept(Listener, Owner) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Reader = spawn(fun() -> receive go -> read(Socket, Owner) end end),
    ok = gen_tcp:controlling_process(Socket, Reader),
    Reader ! go,
    accept(Listener, Owner).

read(Socket, Owner) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, _} ->
            Owner ! {stalled, Socket, asked},
            read(Socket, Owner);
        {error, _} ->
            Owner ! {stalled, Socket, closed}
    end.
