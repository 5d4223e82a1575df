%% @doc Exceptions that show nothing of what they are about.
%%
%% Where a function is called wrongly Erlang tells with what: a `function_clause' has the arguments in its stack
%% trace, a `badmatch' the value in its reason, a failed construction of a binary the piece that did not fit.
%% They end in logs, crash reports and shells. Where an argument may be a secret, that is a leak.
-module(hexide_exception).

-export([bare/1, described/2]).

%% @doc Runs something that works on secrets. What it raises keeps its class, its place and the name of its
%% reason, and loses every value.
-spec bare(fun(() -> Result)) -> Result.
bare(Work) ->
    try
        Work()
    catch
        error:Reason:Stack -> erlang:raise(error, named(Reason), [without_values(Call) || Call <- Stack]);
        Class:Reason:Stack -> erlang:raise(Class, Reason, [without_values(Call) || Call <- Stack])
    end.

%% The reasons that the runtime makes: of a pair, the value goes.
named(Reason) when is_atom(Reason) -> Reason;
%% It holds the path of a library and what the system said of that.
named({not_loaded, _} = Reason) -> Reason;
named({Name, _}) when Name =:= badmatch; Name =:= case_clause; Name =:= try_clause; Name =:= badmap; Name =:= badkey;
                      Name =:= badfun; Name =:= badarity; Name =:= badrecord -> Name;
named(_) -> badarg.

without_values({Module, Function, Arguments, Place}) when is_list(Arguments) ->
    without_values({Module, Function, length(Arguments), Place});
without_values({Module, Function, Arity, Place}) ->
    %% Beside the line may stand what the runtime found wrong.
    {Module, Function, Arity, [Known || {Key, _} = Known <- Place, Key =:= file orelse Key =:= line]}.

%% @doc What was raised and where, as part of a sentence: names and no value. The place is that of the exception and,
%% where that is in a library, the one of ours that led there.
-spec described(term(), erlang:stacktrace()) -> binary().
described(Reason, Stack) ->
    Places = case Stack of
                 [] -> [];
                 [First | Rest] ->
                     Ours = [Call || not ours(First), Call <- lists:sublist(lists:filter(fun ours/1, Rest), 1)],
                     [" in ", place(First), [[", reached from ", place(Call)] || Call <- Ours]]
             end,
    unicode:characters_to_binary([name(Reason), Places]).

name(Reason) when is_atom(Reason) -> atom_to_binary(Reason);
name(Reason) when is_tuple(Reason), is_atom(element(1, Reason)) -> atom_to_binary(element(1, Reason));
name(#{'__struct__' := Exception}) when is_atom(Exception) -> atom_to_binary(Exception);
name(_) -> <<"an exception">>.

ours({?MODULE, _, _, _}) ->
    false;
ours({Module, _, _, _}) ->
    re:run(atom_to_binary(Module), "^(hexide|rebar3_hexide|Elixir\\.Hexide)", [{capture, none}]) =:= match.

place(Call) ->
    {Module, Function, Arity, Known} = without_values(Call),
    Line = [[" (line ", integer_to_binary(Number), ")"] || {line, Number} <- Known],
    [atom_to_binary(Module), ":", atom_to_binary(Function), "/", integer_to_binary(Arity), Line].
