%% @doc The help of a command as text.
-module(hexide_help_text).

-export([command/1, commands/1, exit_codes/1, description/1]).

%% @doc What `rebar3 hex help COMMAND' prints.
-spec command(map()) -> hexide_layout:document().
command(#{options := Options} = Command) ->
    Rows = [[["  ", option(Option)], help(Option)] || Option <- Options],
    [description(Command), "\n", {bold, "Options"}, "\n", hexide_table:rows(Rows)].

%% @doc The list of all commands.
-spec commands([map()]) -> hexide_layout:document().
commands(Commands) ->
    [hexide_table:rows([[["  ", Name], Summary] || #{name := Name, summary := Summary} <- Commands]),
     {own, "\nRun `rebar3 hex help COMMAND` for one of them; `rebar3 hex PACKAGE` shows a package, "
           "`rebar3 hex KEY [VALUE]` the configuration.\n"}].

%% @doc What the exit codes mean.
-spec exit_codes([#{code := non_neg_integer(), means := binary()}]) -> hexide_layout:document().
exit_codes(Codes) ->
    ["\n", {bold, "Exit codes"}, "\n",
     hexide_table:rows([[["  ", integer_to_list(Code)], Means] || #{code := Code, means := Means} <- Codes])].

%% @doc The same without the options, for doors that add these themselves.
-spec description(map()) -> hexide_layout:document().
description(#{summary := Summary, forms := Forms, examples := Examples} = Command) ->
    [Summary, "\n\n", {bold, "Usage"}, "\n", [written(Form) || Form <- Forms],
     [["\n", {own, hexide_table:wrap(Note)}, "\n"] || Note <- maps:get(notes, Command, [])],
     "\n", {bold, "Examples"}, "\n", [written(Example) || Example <- Examples]].

%% In one piece, as the door may write the command in another way.
written(Line) ->
    ["  ", {own, <<"rebar3 hex ", Line/binary>>}, "\n"].

option(#{long := Long} = Option) ->
    [case Option of
         #{short := Short} when is_binary(Short) -> ["-", Short, ", "];
         #{} -> "    "
     end, "--", Long,
     case Option of
         #{value := Value} when is_binary(Value) -> [" ", Value];
         #{} -> []
     end].

help(#{help := Help}) -> Help.
