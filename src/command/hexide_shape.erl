%% @doc The shape of a term that has a JSON form, and the JSON Schema (2020-12) that says the same. Pure.
-module(hexide_shape).

-export([schema/1]).

-export_type([shape/0, document/0]).

-type shape() :: text | integer | boolean | anything | {one_of, [atom(), ...]} | {list, shape()} | {map, shape()}
               | {nullable, shape()} | {any_of, [shape(), ...]} | {titled, binary(), shape()} | object().
%% `text': a binary, or an atom that is text in JSON. `map': with keys that are data. `nullable': may be `undefined',
%% null in JSON.

-type object() :: #{atom() => shape() | {optional, shape()}}.
%% A map with these keys and no other. `optional': the key may be absent.

-type document() :: binary() | boolean() | [document()] | {[{binary(), document()}]}.
%% A JSON document; the members of an object in the order in which they are written.

%% @doc The schema of a shape, keys sorted by name.
-spec schema(shape()) -> document().
schema(text) -> typed(<<"string">>);
schema(integer) -> typed(<<"integer">>);
schema(boolean) -> typed(<<"boolean">>);
schema(anything) -> {[]};
schema({one_of, Values}) -> {[{<<"enum">>, [json(Value) || Value <- Values]}]};
schema({list, Shape}) -> {[{<<"type">>, <<"array">>}, {<<"items">>, schema(Shape)}]};
schema({map, Shape}) -> {[{<<"type">>, <<"object">>}, {<<"additionalProperties">>, schema(Shape)}]};
schema({nullable, Simple}) when is_atom(Simple), Simple =/= anything ->
    {[{<<"type">>, Name}]} = schema(Simple),
    {[{<<"type">>, [Name, <<"null">>]}]};
schema({nullable, Shape}) -> schema({any_of, [Shape, null]});
schema(null) -> typed(<<"null">>);
schema({any_of, Shapes}) -> {[{<<"anyOf">>, [schema(Shape) || Shape <- Shapes]}]};
schema({titled, Title, Shape}) ->
    {Members} = schema(Shape),
    {[{<<"title">>, Title} | Members]};
schema(#{} = Object) ->
    Properties = lists:sort([{atom_to_binary(Key), Shape} || {Key, Shape} <- maps:to_list(Object)]),
    {[{<<"type">>, <<"object">>}, {<<"properties">>, {[{Key, schema(value(Shape))} || {Key, Shape} <- Properties]}},
      {<<"required">>, [Key || {Key, Shape} <- Properties, is_required(Shape)]},
      {<<"additionalProperties">>, false}]}.

json(Value) when is_boolean(Value) -> Value;
json(Value) -> atom_to_binary(Value).

typed(Name) -> {[{<<"type">>, Name}]}.

value({optional, Shape}) -> Shape;
value(Shape) -> Shape.

is_required({optional, _}) -> false;
is_required(_) -> true.
