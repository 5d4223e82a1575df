%% What anybody on the machine may see while the processes run that this node started: the words of their
%% command lines, and who may read the files of one folder. It looks again and again; what lives for less than
%% the time between, it misses. Only Linux shows this, in /proc.
-module(process_spy).

-include_lib("kernel/include/file.hrl").

-export([start/2, seen/1, stop/1]).

%% Those that have that text in their environment, or a parent that is one of them or this node. Of the files
%% that match, the modes.
start(Sign, Files) ->
    Ours = list_to_integer(os:getpid()),
    spawn_link(fun() -> look(#{Ours => mine}, #{}, iolist_to_binary(Sign), Files) end).

%% The command lines and `{File, Mode}' until now.
seen(Spy) ->
    asked(Spy, seen).

%% The same, and the end of it.
stop(Spy) ->
    unlink(Spy),
    asked(Spy, stop).

asked(Spy, What) ->
    Monitor = monitor(process, Spy),
    Spy ! {What, self(), Monitor},
    receive
        {Monitor, Seen} -> true = demonitor(Monitor, [flush]), Seen;
        {'DOWN', Monitor, process, Spy, Reason} -> error({blind, Reason})
    end.

%% `Known' tells of each process whether it is one to look at; a new one may be.
look(Known, Seen, Sign, Files) ->
    Pids = [list_to_integer(Name) || {ok, Names} <- [file:list_dir("/proc")], [Digit | _] = Name <- Names,
                                     Digit >= $0, Digit =< $9],
    Judged = lists:foldl(fun(Pid, Judged) -> judge(Pid, Judged, Sign) end, maps:with(Pids, Known), lists:sort(Pids)),
    Lines = [{command, Line} || {Pid, theirs} <- maps:to_list(Judged), {ok, Line} <- [read(Pid, "cmdline")],
                                Line =/= <<>>],
    Modes = [{file, File, Mode band 8#777} || File <- filelib:wildcard(Files),
                                              {ok, #file_info{mode = Mode}} <- [file:read_link_info(File)]],
    All = maps:merge(Seen, maps:from_keys(Lines ++ Modes, seen)),
    receive
        {seen, From, Ref} -> From ! {Ref, maps:keys(All)}, look(Judged, All, Sign, Files);
        {stop, From, Ref} -> From ! {Ref, maps:keys(All)}
    %% What it looks at needs the machine, too.
    after 1 -> look(Judged, All, Sign, Files)
    end.

%% A process has its environment from the one that forked it, so that it is ours from its beginning or never.
judge(Pid, Judged, Sign) ->
    case Judged of
        #{Pid := _} -> Judged;
        #{} -> Judged#{Pid => whose(Pid, Judged, Sign)}
    end.

whose(Pid, Judged, Sign) ->
    Parent = case read(Pid, "stat") of
                 {ok, Stat} -> parent(Stat);
                 {error, _} -> gone
             end,
    case Judged of
        #{Parent := Ours} when Ours =/= others -> theirs;
        #{} ->
            case read(Pid, "environ") of
                {ok, Environment} ->
                    case binary:match(Environment, Sign) of
                        nomatch -> others;
                        _ -> theirs
                    end;
                {error, _} -> others
            end
    end.

%% Behind the program's name, which may have anything in it, come the state and the parent.
parent(Stat) ->
    [_State, Parent | _] = binary:split(lists:last(binary:split(Stat, <<") ">>, [global])), <<" ">>, [global]),
    binary_to_integer(Parent).

read(Pid, What) ->
    file:read_file(filename:join(["/proc", integer_to_list(Pid), What])).
