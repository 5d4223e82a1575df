%% @doc The text of an `.app.src' file: rendered for a package, and changed in place.
-module(hexide_app_src).

-export([render/3, set_version/2]).

%% @doc The file as a package carries it: everything as it was, the version resolved.
-spec render(binary(), binary(), [{atom(), term()}]) -> binary().
render(Name, Version, Details) ->
    Resolved = lists:keystore(vsn, 1, Details, {vsn, unicode:characters_to_list(Version)}),
    %% The name is that of an application of this project, which the build tool has as an atom already.
    Term = {application, binary_to_atom(Name), Resolved},
    unicode:characters_to_binary(io_lib:format("%% -*- coding: utf-8 -*-~n~tp.~n", [Term])).

%% @doc The same text with another version: only the string after `vsn' changes, so that comments and
%% layout stay. `error' where no literal version is found.
-spec set_version(binary(), binary()) -> {ok, binary()} | error.
set_version(Text, Version) ->
    case erl_scan:string(unicode:characters_to_list(Text), {1, 1}, [return, text]) of
        {ok, Tokens, _} ->
            case replace(Tokens, 0, [], Version) of
                {ok, Replaced} -> {ok, unicode:characters_to_binary(Replaced)};
                error -> error
            end;
        {error, _, _} -> error
    end.

%% The application's own `vsn' stands in the list inside the outer tuple: two brackets deep.
replace([], _, _, _) ->
    error;
replace([Token | Rest], 2, Seen, Version) when element(1, Token) =:= '{' ->
    case vsn(Rest, Version) of
        {ok, Replaced} -> {ok, [lists:reverse(Seen), erl_scan:text(Token), Replaced]};
        error -> replace(Rest, 3, [erl_scan:text(Token) | Seen], Version)
    end;
replace([Token | Rest], Depth, Seen, Version) ->
    replace(Rest, Depth + step(erl_scan:category(Token)), [erl_scan:text(Token) | Seen], Version).

step(Open) when Open =:= '{'; Open =:= '['; Open =:= '(' -> 1;
step(Close) when Close =:= '}'; Close =:= ']'; Close =:= ')' -> -1;
step(_) -> 0.

vsn(Tokens, Version) ->
    {Before, Vsn, Rest} = next(Tokens),
    case Vsn of
        {atom, _, vsn} ->
            {Between, Comma, Rest1} = next(Rest),
            {Blank, Value, Rest2} = next(Rest1),
            case {Comma, Value} of
                {{',', _}, {string, _, _}} ->
                    {ok, [Before, erl_scan:text(Vsn), Between, erl_scan:text(Comma), Blank, $", Version, $",
                          [erl_scan:text(Token) || Token <- Rest2]]};
                _ -> error
            end;
        _ -> error
    end.

%% The next token that means something, with the text before it and the tokens after it.
next(Tokens) ->
    {Blank, Rest} = lists:splitwith(fun(Token) ->
                                        lists:member(erl_scan:category(Token), [white_space, comment])
                                    end, Tokens),
    Text = [erl_scan:text(Token) || Token <- Blank],
    case Rest of
        [Token | After] -> {Text, Token, After};
        [] -> {Text, none, []}
    end.
