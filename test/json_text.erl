%% Reads JSON text, as another program would: keys and texts as binaries, null as `null'.
-module(json_text).

-export([parse/1]).

%% One document and nothing after it.
parse(Text) ->
    {Value, Rest} = value(blank(Text)),
    <<>> = blank(Rest),
    Value.

blank(<<Char, Rest/binary>>) when Char =:= $\s; Char =:= $\n; Char =:= $\r; Char =:= $\t -> blank(Rest);
blank(Rest) -> Rest.

value(<<"{", Rest/binary>>) -> members(blank(Rest), #{});
value(<<"[", Rest/binary>>) -> items(blank(Rest), []);
value(<<"\"", Rest/binary>>) -> text(Rest, <<>>);
value(<<"true", Rest/binary>>) -> {true, Rest};
value(<<"false", Rest/binary>>) -> {false, Rest};
value(<<"null", Rest/binary>>) -> {null, Rest};
value(Text) ->
    {match, [{0, Length}]} = re:run(Text, "^-?[0-9]+(\\.[0-9]+)?([eE][-+]?[0-9]+)?", [{capture, first}]),
    <<Digits:Length/binary, Rest/binary>> = Text,
    case string:to_integer(Digits) of
        {Integer, <<>>} -> {Integer, Rest};
        _ -> {binary_to_float(Digits), Rest}
    end.

members(<<"}", Rest/binary>>, Members) -> {Members, Rest};
members(<<",", Rest/binary>>, Members) when map_size(Members) > 0 -> members(blank(Rest), Members);
members(<<"\"", Named/binary>>, Members) ->
    {Key, AfterKey} = text(Named, <<>>),
    <<":", Rest/binary>> = blank(AfterKey),
    {Value, AfterValue} = value(blank(Rest)),
    %% A key that is there twice would hide one of its values.
    false = is_map_key(Key, Members),
    members(blank(AfterValue), Members#{Key => Value}).

items(<<"]", Rest/binary>>, Items) -> {lists:reverse(Items), Rest};
items(<<",", Rest/binary>>, [_ | _] = Items) -> items(blank(Rest), Items);
items(Text, Items) ->
    {Item, Rest} = value(Text),
    items(blank(Rest), [Item | Items]).

text(<<"\"", Rest/binary>>, Read) -> {Read, Rest};
text(<<"\\u", Hex:4/binary, Rest/binary>>, Read) -> escaped(binary_to_integer(Hex, 16), Rest, Read);
text(<<"\\", Char, Rest/binary>>, Read) ->
    Meant = maps:get(Char, #{$n => $\n, $t => $\t, $r => $\r, $b => $\b, $f => $\f, $" => $", $\\ => $\\, $/ => $/}),
    text(Rest, <<Read/binary, Meant>>);
text(<<Char/utf8, Rest/binary>>, Read) when Char >= $\s -> text(Rest, <<Read/binary, Char/utf8>>).

escaped(High, <<"\\u", Hex:4/binary, Rest/binary>>, Read) when High >= 16#D800, High =< 16#DBFF ->
    Low = binary_to_integer(Hex, 16),
    text(Rest, <<Read/binary, (16#10000 + (High - 16#D800) * 16#400 + Low - 16#DC00)/utf8>>);
escaped(Char, Rest, Read) ->
    text(Rest, <<Read/binary, Char/utf8>>).
