%% @doc The query language of a registry's search. Pure: what was asked in, queries out.
%%
%% A registry takes either plain words, to be found in names and descriptions, or `field:value' terms alone: among
%% terms a plain word would make all of it plain words. So words beside filters become two queries, one about
%% names and one about descriptions; what either finds is found (docs/protocol.md §3, "Search").
-module(hexide_search_query).

-export([queries/2]).

%% A registry looks for a shorter word as a whole name only.
-define(SHORT, 3).

%% @doc The queries that find what these words and filters (`build_tool', `depends', `extra') ask for. `unusable':
%% an option that cannot be looked for, and why.
-spec queries([binary()], #{atom() => term()}) -> {ok, [binary(), ...]} | {unusable, iodata()}.
queries(Words, Options) ->
    try
        Filters = [filter(Name, Value) || Name <- [build_tool, depends, extra], Value <- maps:get(Name, Options, [])],
        {ok, [text(Terms) || Terms <- all(trimmed(text(Words)), Filters)]}
    catch
        throw:{unusable, Why} -> {unusable, Why}
    end.

text(Terms) ->
    iolist_to_binary(lists:join(" ", Terms)).

%% The functions of `string' load tables of Unicode, which takes longer than all else that a search computes.
trimmed(Text) ->
    re:replace(Text, "^\\s+|\\s+$", "", [global, unicode, ucp, {return, binary}]).

all(<<>>, Filters) ->
    [Filters];
all(Words, []) ->
    [[Words]];
all(Words, Filters) ->
    case re:run(Words, "^(name|description|depends|build_tool|updated_after|extra):", [{capture, none}]) of
        match -> [[Words | Filters]];
        nomatch -> [[Query | Filters] || Query <- named(Words) ++ described(Words)]
    end.

%% No name has a blank in it. What is neither can only be a name that does not exist.
named(Words) ->
    case {string:lexemes(Words, " \t\""), described(Words)} of
        {[Word], _} ->
            case string:length(Word) < ?SHORT of
                true -> [["name:", Word]];
                false -> [["name:*", Word, "*"]]
            end;
        {_, []} -> [["name:", quoted(Words)]];
        {_, _} -> []
    end.

described(Words) ->
    case [Word || Word <- re:split(Words, "[^\\p{L}\\p{N}_]+", [unicode, {return, binary}]),
                  string:length(Word) >= ?SHORT] of
        [] -> [];
        Long -> [["description:", quoted(text(Long))]]
    end.

filter(build_tool, Tool) ->
    ["build_tool:", quoted(given("--build-tool", Tool))];
filter(depends, Package) ->
    Form = "^(?:([^/:\\s\"]+)[/:])?([A-Za-z][A-Za-z0-9_]*)$",
    case re:run(Package, Form, [{capture, all_but_first, binary}, unicode]) of
        {match, [<<>>, Name]} -> ["depends:", Name];
        {match, [Repository, Name]} -> ["depends:", Repository, ":", Name];
        nomatch -> unusable(["--depends needs a package, such as cowboy or hexpm/cowboy, not `", Package, "`"])
    end;
filter(extra, Written) ->
    case binary:split(Written, <<":">>) of
        [Path, Value] when Path =/= <<>>, Value =/= <<>> ->
            Keys = binary:split(Path, <<".">>, [global]),
            _ = [unusable(["--extra has an empty key in `", Written, "`"]) || <<>> <- Keys],
            _ = [unusable(["--extra cannot look for a comma, in `", Written, "`"])
                 || binary:match(Written, <<",">>) =/= nomatch],
            ["extra:", quoted(lists:join(",", [given("--extra", Each) || Each <- Keys ++ [Value]]))];
        _ -> unusable(["--extra needs KEY:VALUE or KEY.KEY:VALUE, not `", Written, "`"])
    end.

given(Option, Value) ->
    case {string:trim(Value), binary:match(Value, <<"\"">>)} of
        {<<>>, _} -> unusable([Option, " needs a value that is not empty"]);
        {_, nomatch} -> Value;
        _ -> unusable([Option, " cannot look for a quotation mark, in `", Value, "`"])
    end.

%% Quotation marks hold together what has blanks, and cannot be written inside.
quoted(Value) ->
    Text = binary:replace(iolist_to_binary(Value), <<"\"">>, <<" ">>, [global]),
    case re:run(Text, "\\s", [{capture, none}]) of
        match -> ["\"", Text, "\""];
        nomatch -> Text
    end.

-spec unusable(iodata()) -> no_return().
unusable(Why) ->
    throw({unusable, Why}).
