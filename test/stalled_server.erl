%% A server that takes connections and requests and never answers. It tells its owner what happens to
%% each connection: `{stalled, Socket, asked}' when a request came, `{stalled, Socket, closed}'.
-module(stalled_server).

-export([start/0, stop/1, url/1]).

start() ->
    Owner = self(),
    listener:start(fun(Socket) -> read(Socket, Owner) end).

stop(Server) -> listener:stop(Server).

url(Server) -> listener:url(Server).

read(Socket, Owner) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, _} ->
            Owner ! {stalled, Socket, asked},
            read(Socket, Owner);
        {error, _} ->
            Owner ! {stalled, Socket, closed}
    end.
