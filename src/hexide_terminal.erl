%% @doc Asking for a secret on the terminal.
-module(hexide_terminal).

-export([read_secret/1]).

%% @doc Shows a prompt and reads one line without showing it. `io' where there is no terminal. Neither
%% `io:get_password/0' nor `stty' works under rebar3, whose group leader owns the terminal.
-spec read_secret(unicode:chardata()) -> hexide_job:outcome(binary()).
read_secret(Prompt) ->
    Text = hexide_text:binary(Prompt),
    hexide_job:call(fun() -> hexide_nif:terminal_read_secret(Text) end, #{}).
