%% @doc The help of a command as text, and as rebar3 wants to be told. Both come from the one table.
-module(rebar3_hexide_help_text).

-export([command/1, commands/1, exit_codes/1, provider/1, getopt/1]).

-define(DOOR, {own, "rebar3 hex "}).

%% @doc What `rebar3 hex help COMMAND' prints.
-spec command(map()) -> rebar3_hexide_layout:document().
command(#{options := Options} = Command) ->
    Rows = [[["  ", option(Option)], help(Option)] || Option <- Options],
    [provider(Command), "\n", {bold, "Options"}, "\n", rebar3_hexide_table:rows(Rows)].

%% @doc The list of all commands.
-spec commands([map()]) -> rebar3_hexide_layout:document().
commands(Commands) ->
    [rebar3_hexide_table:rows([[["  ", Name], Summary] || #{name := Name, summary := Summary} <- Commands]),
     {own, "\nRun `rebar3 hex help COMMAND` for one of them; `rebar3 hex PACKAGE` shows a package, "
           "`rebar3 hex KEY [VALUE]` the configuration.\n"}].

%% @doc What the exit codes mean.
-spec exit_codes([#{code := non_neg_integer(), means := binary()}]) -> rebar3_hexide_layout:document().
exit_codes(Codes) ->
    ["\n", {bold, "Exit codes"}, "\n",
     rebar3_hexide_table:rows([[["  ", integer_to_list(Code)], Means] || #{code := Code, means := Means} <- Codes])].

%% @doc The same without the options, which rebar3 adds itself in `rebar3 help hex COMMAND'.
-spec provider(map()) -> rebar3_hexide_layout:document().
provider(#{summary := Summary, forms := Forms, examples := Examples} = Command) ->
    [Summary, "\n\n", {bold, "Usage"}, "\n", [["  ", ?DOOR, Form, "\n"] || Form <- Forms],
     [["\n", {own, rebar3_hexide_table:wrap(Note)}, "\n"] || Note <- maps:get(notes, Command, [])],
     "\n", {bold, "Examples"}, "\n", [["  ", ?DOOR, Example, "\n"] || Example <- Examples]].

%% @doc The options in getopt's form.
-spec getopt(hexide_command:command()) -> [{atom(), char() | undefined, string(), atom(), string()}].
getopt(Command) ->
    [{Name, maps:get(short, Option, undefined), binary_to_list(Long), type(Type), binary_to_list(Help)}
     || #{name := Name, long := Long, type := Type, help := Help} = Option <- hexide_command:options(Command),
        Name =/= help].

type(flag) -> undefined;
type(number) -> integer;
type(_) -> string.

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
