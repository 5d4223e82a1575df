%% @doc The terminal of a command: whether there is one, hiding what is typed, and being told of Ctrl-C.
%%
%% Neither `io:get_password/0' nor `stty' works under rebar3, whose group leader owns the terminal. Only
%% the doors use this, never a node.
-module(hexide_terminal).

-export([is_attached/1, hidden/1, interrupt/0]).

%% @doc Whether this stream of the VM leads to a terminal. Where the native library is missing nothing does: what
%% is said then is one sentence.
-spec is_attached(stdin | stdout | stderr) -> boolean().
is_attached(Stream) ->
    hexide_nif:missing() =:= undefined andalso hexide_nif:terminal_is_attached(Stream).

%% @doc Runs a function that reads from the terminal, while what is typed does not show. The terminal is
%% as before afterwards, also when this process is killed. `io' where there is no terminal.
-spec hidden(fun(() -> Result)) -> {ok, Result} | {error, hexide_error:reason()}.
hidden(Read) ->
    case hexide_nif:terminal_hide() of
        {ok, Hidden} ->
            try
                {ok, Read()}
            after
                hexide_nif:terminal_show(Hidden)
            end;
        {error, _} = Error -> Error
    end.

%% @doc Starts to watch for Ctrl-C; wait for it with {@link hexide_job:await/2}. From now on Ctrl-C does
%% nothing else.
-spec interrupt() -> hexide_job:ref().
interrupt() ->
    hexide_nif:terminal_interrupt().
