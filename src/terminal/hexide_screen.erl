%% @doc The last line of the terminal while a command runs: a bar that is drawn over itself, and goes before anything
%% else is printed. One process draws and prints, so that the two do not mix.
-module(hexide_screen).

-export([start/1, stop/0, progress/1, print/1, wipe/0]).

-define(BETWEEN_MS, 100).
%% Back to the beginning of the line, which is emptied.
-define(ERASE, "\r\e[K").

%% @doc Starts it. `Open', which it calls, gives what writes to the terminal, as it is, and returns when that is there.
-spec start(fun(() -> fun((unicode:chardata()) -> ok))) -> ok.
start(Open) ->
    {Screen, Starting} = spawn_monitor(fun() ->
                                           true = register(?MODULE, self()),
                                           waiting(Open(), undefined)
                                       end),
    %% The first thing that is printed finds it.
    ok = ask(Screen, wipe),
    true = demonitor(Starting, [flush]),
    ok.

%% @doc Ends it, with the line empty.
-spec stop() -> ok | none.
stop() ->
    with(stop).

%% @doc Draws what that makes of a line, if the last one has been seen for a while. `none': there is no such terminal.
-spec progress(fun(() -> unicode:chardata())) -> ok | none.
progress(Line) ->
    with({draw, Line}).

%% @doc Prints, with the line empty before it.
-spec print(unicode:chardata()) -> ok | none.
print(Text) ->
    with({print, Text}).

%% @doc Empties the line for who prints elsewhere on the same terminal.
-spec wipe() -> ok | none.
wipe() ->
    with(wipe).

%% Somebody may come when it has gone.
with(Request) ->
    case whereis(?MODULE) of
        undefined -> none;
        Screen -> ask(Screen, Request)
    end.

ask(Screen, Request) ->
    Asked = monitor(process, Screen),
    Screen ! {Asked, self(), Request},
    receive
        {Asked, done} -> true = demonitor(Asked, [flush]), ok;
        {'DOWN', Asked, process, Screen, _} -> none
    end.

-type write() :: fun((unicode:chardata()) -> ok).
-type drawn() :: integer() | undefined.
%% When a bar was drawn, in milliseconds; `undefined': the line is empty.

-spec waiting(write(), drawn()) -> term().
waiting(Write, Drawn) ->
    receive
        {Asked, From, stop} ->
            ok = erase(Write, Drawn),
            true = unregister(?MODULE),
            From ! {Asked, done};
        {Asked, From, Request} ->
            Now = handled(Request, Write, Drawn),
            From ! {Asked, done},
            waiting(Write, Now)
    end.

-spec handled(wipe | {print, unicode:chardata()} | {draw, fun(() -> unicode:chardata())}, write(), drawn()) -> drawn().
handled(wipe, Write, Drawn) ->
    ok = erase(Write, Drawn),
    undefined;
handled({print, Text}, Write, Drawn) ->
    ok = erase(Write, Drawn),
    ok = Write(Text),
    undefined;
handled({draw, Line}, Write, Drawn) ->
    Now = erlang:monotonic_time(millisecond),
    case is_due(Drawn, Now) of
        true ->
            ok = Write([?ERASE, Line()]),
            Now;
        false -> Drawn
    end.

is_due(undefined, _) -> true;
is_due(Drawn, Now) -> Now - Drawn >= ?BETWEEN_MS.

-spec erase(write(), drawn()) -> ok.
erase(_, undefined) -> ok;
erase(Write, _) -> Write(?ERASE).
