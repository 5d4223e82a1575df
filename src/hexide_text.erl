%% @doc Text as the native library takes it: UTF-8 binaries.
-module(hexide_text).

-export([binary/1, secret/1, optional/1, optional_list/1, path/1, nearest/2]).

%% @doc Text as a binary. What is no text is the caller's bug: `badarg', which does not show the value, as
%% it might be a secret.
-spec binary(unicode:chardata() | atom()) -> binary().
binary(Text) when is_binary(Text); is_list(Text) ->
    secret(Text);
binary(Text) when is_atom(Text), Text =/= undefined ->
    atom_to_binary(Text);
binary(_) ->
    error(badarg).

%% @doc A secret as a binary. What is no text is the caller's bug: `badarg', of which no part of the secret is.
-spec secret(unicode:chardata()) -> binary().
secret(Text) ->
    try unicode:characters_to_binary(Text) of
        Binary when is_binary(Binary) -> Binary;
        _ -> error(badarg)
    catch
        error:_ -> error(badarg)
    end.

%% @doc The same as {@link binary/1}, where `undefined' stands for absent.
-spec optional(unicode:chardata() | atom()) -> binary() | undefined.
optional(undefined) -> undefined;
optional(Text) -> binary(Text).

%% @doc Texts, each as {@link binary/1} takes it, where `undefined' stands for absent.
-spec optional_list([unicode:chardata() | atom()] | undefined) -> [binary()] | undefined.
optional_list(undefined) -> undefined;
optional_list(Texts) -> [binary(Text) || Text <- Texts].

%% @doc The name of a file as its bytes, which are UTF-8: also where the locale makes the node read them as
%% Latin-1, as in a container without `LANG'.
-spec path(file:name_all()) -> binary().
path(Name) when is_binary(Name) ->
    Name;
path(Name) ->
    case unicode:characters_to_binary(filename:flatten(Name), unicode, file:native_name_encoding()) of
        Bytes when is_binary(Bytes) -> Bytes;
        _ -> binary(Name)
    end.

%% @doc The candidate that a misspelt word most likely meant, when one is near enough. Case does not count.
-spec nearest(unicode:chardata(), [binary()]) -> {ok, binary()} | error.
nearest(Word, Candidates) ->
    Text = lowercase(binary(Word)),
    Ranked = lists:sort([{distance(Text, lowercase(Each)), Each} || Each <- Candidates]),
    case Ranked of
        [{Distance, Nearest} | _] when Distance =< 2; Distance * 3 =< length(Text) -> {ok, Nearest};
        _ -> error
    end.

lowercase(Text) ->
    unicode:characters_to_list(string:lowercase(Text)).

%% Levenshtein's distance, a row at a time.
distance(Left, Right) ->
    lists:last(lists:foldl(fun(Char, Row) -> row(Char, Right, Row) end, lists:seq(0, length(Right)), Left)).

row(Char, Right, [Corner | _] = Above) ->
    lists:reverse(row(Char, Right, Above, [Corner + 1])).

row(_, [], _, Row) ->
    Row;
row(Char, [Other | Right], [Diagonal | [Up | _] = Above], [Left | _] = Row) ->
    Change = case Char of
                 Other -> 0;
                 _ -> 1
             end,
    row(Char, Right, Above, [lists:min([Diagonal + Change, Up + 1, Left + 1]) | Row]).
