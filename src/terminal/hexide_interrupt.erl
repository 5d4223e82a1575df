%% @doc Ctrl-C while a command runs. What was begun last is what is stopped: a command within it that cleans up,
%% or knows better what state things are in, comes before the whole.
-module(hexide_interrupt).

-export([watched/1, run/2]).

-export_type([watch/0]).

-type watch() :: pid() | nowhere.
%% The process that is told of Ctrl-C. `nowhere': nobody is.

%% @doc Watches for Ctrl-C while something runs. From then on Ctrl-C ends nothing by itself. Where it cannot be
%% watched for, it is as ever.
-spec watched(fun((watch()) -> Outcome)) -> Outcome.
watched(Do) ->
    Owner = self(),
    {Watch, Watching} = spawn_monitor(fun() -> watch(Owner) end),
    %% What invites people to press Ctrl-C must not come before it is heard.
    receive
        {Watch, ready} -> ok;
        {'DOWN', Watching, process, Watch, _} -> ok
    end,
    try
        Do(Watch)
    after
        true = demonitor(Watching, [flush]),
        true = exit(Watch, kill)
    end.

%% @doc Runs something that Ctrl-C stops. In a process of its own: with it goes what it had begun. What it raises is
%% raised here.
-spec run(watch(), fun(() -> Outcome)) -> {ran, Outcome} | interrupted.
run(nowhere, Do) ->
    {ran, Do()};
run(Watch, Do) ->
    Caller = self(),
    Watch ! {enter, Caller},
    {Runner, Running} = spawn_monitor(fun() -> Caller ! {self(), outcome(Do)} end),
    Outcome = receive
                  {Runner, Ended} -> Ended;
                  {'DOWN', Running, process, Runner, Reason} -> {raised, exit, Reason, []};
                  {Watch, pressed} ->
                      true = exit(Runner, kill),
                      receive {'DOWN', Running, process, Runner, _} -> interrupted end
              end,
    true = demonitor(Running, [flush]),
    ok = leave(Watch),
    case Outcome of
        {raised, Class, Why, Stack} -> erlang:raise(Class, Why, Stack);
        _ -> Outcome
    end.

outcome(Do) ->
    try
        {ran, Do()}
    catch
        Class:Reason:Stack -> {raised, Class, Reason, Stack}
    end.

%% What is pressed from now on is for whoever is next; what was, came too late.
leave(Watch) ->
    Left = monitor(process, Watch),
    Watch ! {leave, self(), Left},
    receive
        {Left, left} -> true = demonitor(Left, [flush]);
        {'DOWN', Left, process, Watch, _} -> true
    end,
    receive {Watch, pressed} -> ok after 0 -> ok end.

watch(Owner) ->
    _ = monitor(process, Owner),
    try hexide_terminal:interrupt() of
        Pressed ->
            Owner ! {self(), ready},
            watch(Pressed, [])
    catch
        %% Without the native library there is nothing to watch with, and the command says so.
        error:_ -> ok
    end.

watch(Pressed, Entered) ->
    receive
        {hexide_job, Pressed, {done, {error, _}}} -> watch(none, Entered);
        {hexide_job, Pressed, {done, _}} ->
            _ = [Last ! {self(), pressed} || Last <- lists:sublist(Entered, 1)],
            watch(hexide_terminal:interrupt(), Entered);
        {enter, Who} -> watch(Pressed, [Who | Entered]);
        {leave, Who, Left} ->
            Who ! {Left, left},
            watch(Pressed, lists:delete(Who, Entered));
        {'DOWN', _, process, _, _} -> ok
    end.
