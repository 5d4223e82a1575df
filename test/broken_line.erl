%% A way to a registry that breaks at the uploads that it is told to, and is sound otherwise.
%%
%% `cut': the line goes with a part of the upload. `lose': the upload arrives, the line goes before the reply.
%% `mute': as `lose', but the client waits until it gives up. `hold': the upload goes no further, until then.
%% `dead': as `cut', and no connection comes through after it. The owner is told `{line, Upload, Fault}' when it
%% comes to that.
-module(broken_line).

-export([start/3, start/4]).

%% The address to use instead. `Faults' are by the number of the upload, from 1. The packages, whose uploads are
%% counted, have to be larger than 256 KiB for a part of one to be a part. It lasts as long as the owner.
start(Url, Owner, Faults) ->
    start(Url, Owner, Faults, <<"POST /api/publish">>).

%% The same with what an upload begins with.
start(Url, Owner, Faults, Begin) ->
    #{host := Host, port := Port} = Parts = uri_string:parse(Url),
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}, {recbuf, 65536}]),
    {ok, Own} = inet:port(Listener),
    Line = #{server => {binary_to_list(Host), Port}, faults => Faults, owner => Owner, uploads => counters:new(2, []),
             start => Begin},
    Acceptor = spawn(fun() -> accept(Listener, Line) end),
    ok = gen_tcp:controlling_process(Listener, Acceptor),
    uri_string:recompose(Parts#{port := Own}).

accept(Listener, #{server := {Host, Port}, uploads := Uploads} = Line) ->
    {ok, Near} = gen_tcp:accept(Listener),
    case counters:get(Uploads, 2) of
        0 ->
            Relay = spawn(fun() ->
                              receive go -> ok end,
                              {ok, Far} = gen_tcp:connect(Host, Port, [binary, {active, true}]),
                              ok = inet:setopts(Near, [{active, true}]),
                              relay(Near, Far, Line)
                          end),
            ok = gen_tcp:controlling_process(Near, Relay),
            Relay ! go;
        _ -> ok = gen_tcp:close(Near)
    end,
    accept(Listener, Line).

relay(Near, Far, Line) ->
    receive
        {tcp, Near, Data} ->
            case fault(Data, Line) of
                sound ->
                    _ = gen_tcp:send(Far, Data),
                    relay(Near, Far, Line);
                {Upload, Fault} ->
                    ok = gen_tcp:send(Far, Data),
                    broken(Fault, Near, Far, Line, {line, Upload, Fault})
            end;
        {tcp, Far, Data} ->
            _ = gen_tcp:send(Near, Data),
            relay(Near, Far, Line);
        {tcp_closed, _} -> ok
    end.

fault(Data, #{faults := Faults, uploads := Uploads, start := Begin}) ->
    case {binary:match(Data, Begin), counters:get(Uploads, 2)} of
        {nomatch, 0} -> sound;
        {nomatch, _} -> {0, cut};
        {_, _} ->
            ok = counters:add(Uploads, 1, 1),
            Upload = counters:get(Uploads, 1),
            case Faults of
                #{Upload := Fault} -> {Upload, Fault};
                #{} -> sound
            end
    end.

broken(Fault, Near, Far, #{owner := Owner} = Line, Told) when Fault =:= lose; Fault =:= mute ->
    receive
        {tcp, Near, Data} ->
            ok = gen_tcp:send(Far, Data),
            broken(Fault, Near, Far, Line, Told);
        {tcp, Far, _} when Fault =:= lose ->
            Owner ! Told,
            ok = gen_tcp:close(Near);
        {tcp, Far, _} ->
            Owner ! Told,
            held(Near, Far)
    end;
broken(hold, Near, Far, #{owner := Owner}, Told) ->
    Owner ! Told,
    held(Near, Far);
broken(Fault, Near, Far, #{owner := Owner, uploads := Uploads}, Told) ->
    ok = case Fault of
             dead -> counters:add(Uploads, 2, 1);
             cut -> ok
         end,
    Owner ! Told,
    [ok = gen_tcp:close(Each) || Each <- [Near, Far]].

held(Near, Far) ->
    receive
        {tcp, _, _} -> held(Near, Far);
        {tcp_closed, _} -> ok
    end.
