%% @doc Greets people from the command line.
%%
%% ```
%% $ greeter --language sv Astrid Selma
%% God dag, Astrid!
%% God dag, Selma!
%% '''
%% Its words come from the package `greeting'.
-module(greeter).

-export([main/1, run/2]).

%% @doc Prints a greeting for each name, or how to use it. A program's entry: ends the Erlang node.
-spec main([string()]) -> no_return().
main(Arguments) ->
    ok = io:setopts(standard_io, [{encoding, unicode}]),
    {Hour, _, _} = erlang:time(),
    case run(Arguments, Hour) of
        {ok, Lines} ->
            io:put_chars([[Line, $\n] || Line <- Lines]),
            halt(0);
        {error, Message} ->
            io:put_chars(standard_error, [Message, $\n]),
            halt(1)
    end.

%% @doc The lines that the arguments ask for, at this hour of the day.
-spec run([string()], 0..23) -> {ok, [binary()]} | {error, unicode:chardata()}.
run(["--language", Code | Names], Hour) ->
    case greeting:language(Code) of
        {ok, Language} -> lines(Names, Language, greeting:part_of_day(Hour));
        error ->
            Known = lists:join(", ", [atom_to_list(Language) || Language <- greeting:languages()]),
            {error, ["No greetings in \"", Code, "\", only in ", Known, "."]}
    end;
run(Names, Hour) ->
    lines(Names, en, greeting:part_of_day(Hour)).

lines([], _, _) ->
    {error, "Usage: greeter [--language CODE] NAME ..."};
lines(Names, Language, Part) ->
    lines(Names, Language, Part, []).

lines([], _, _, Lines) ->
    {ok, lists:reverse(Lines)};
lines([Name | Rest], Language, Part, Lines) ->
    case greeting:greet(Name, Language, Part) of
        {ok, Line} -> lines(Rest, Language, Part, [Line | Lines]);
        {error, no_name} -> {error, "A name is empty."}
    end.
