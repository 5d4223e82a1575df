%% A person at a terminal: a program in a pseudo terminal, read and answered as its prompts come.
-module(terminal).

-export([start/4, see/2, say/2, interrupt/1, ended/1]).

-define(DEADLINE, 120_000).

%% Starts a command line. `script' (util-linux) makes the terminal; the program dies with the caller.
start(Dir, Program, Args, Environment) ->
    Script = os:find_executable("script"),
    %% `exec': a shell that stays would hear Ctrl-C too, and some end with 130 whatever the program says.
    Line = ["exec ", lists:join(" ", [["'", Word, "'"] || Word <- [Program | Args]])],
    Port = open_port({spawn_executable, Script},
                     [{args, ["-qefc", unicode:characters_to_binary(Line), "/dev/null"]}, {cd, Dir},
                      {env, [{"TERM", "dumb"}, {"CI", false} | Environment]}, binary, exit_status, hide]),
    {Port, [Dir, Program, Args]}.

%% Waits until that text shows, and gives all that has shown since the last time.
see(Terminal, Text) ->
    see(Terminal, Text, <<>>).

see({Port, Command} = Terminal, Text, Shown) ->
    case string:find(Shown, Text) of
        nomatch ->
            receive
                {Port, {data, More}} -> see(Terminal, Text, <<Shown/binary, More/binary>>);
                {Port, {exit_status, Status}} -> error({ended, Status, Command, Shown})
            after ?DEADLINE -> error({unseen, Text, Command, Shown})
            end;
        _ ->
            ct:log("~ts$ ~ts ~0tp~n~ts", Command ++ [Shown]),
            Shown
    end.

%% Types a line.
say({Port, _}, Line) ->
    true = port_command(Port, [Line, "\r"]).

%% Presses Ctrl-C.
interrupt({Port, _}) ->
    true = port_command(Port, [3]).

%% Waits for the end; the exit code, and what has shown since the last time.
ended({Port, Command}) ->
    ended(Port, Command, <<>>).

ended(Port, Command, Shown) ->
    receive
        {Port, {data, More}} -> ended(Port, Command, <<Shown/binary, More/binary>>);
        {Port, {exit_status, Status}} ->
            ct:log("~ts$ ~ts ~0tp~n~ts=> ~b", Command ++ [Shown, Status]),
            {Status, Shown}
    after ?DEADLINE -> error({no_end, Command, Shown})
    end.
