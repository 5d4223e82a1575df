%% Checks answers by the schemas in docs/schema. Knows what hexide_shape writes, and no more of JSON Schema.
-module(json_schema).

-export([check/3, found/3, wrong/2]).

%% The answer, JSON text, of that command is what its schema says, or an error as any command may give.
check(Root, Name, Text) ->
    case found(Root, Name, json_text:parse(Text)) of
        ok -> ok;
        Wrong -> error(Wrong)
    end.

found(Root, Name, Answer) ->
    File = case Answer of
               #{<<"error">> := _} -> <<"error.json">>;
               _ -> <<Name/binary, ".json">>
           end,
    {ok, Schema} = file:read_file(filename:join([Root, "docs", "schema", File])),
    case wrong(json_text:parse(Schema), Answer) of
        [] -> ok;
        Wrong -> {not_as_documented, File, Wrong, Answer}
    end.

%% What is wrong with a value, each with its place; nothing where all is as the schema says.
wrong(Schema, Value) ->
    lists:append([wrong(Keyword, Demand, Schema, Value) || {Keyword, Demand} <- maps:to_list(Schema)]).

wrong(<<"type">>, Type, _, Value) ->
    [{is_no, Type, Value} || not is_of(Type, Value)];
wrong(<<"enum">>, Values, _, Value) ->
    [{none_of, Values, Value} || not lists:member(Value, Values)];
wrong(<<"anyOf">>, Schemas, _, Value) ->
    Found = [wrong(Schema, Value) || Schema <- Schemas],
    %% The nearest alternative tells most.
    [Wrong || not lists:member([], Found),
              Wrong <- hd(lists:sort(fun(One, Two) -> distance(One) =< distance(Two) end, Found))];
wrong(<<"items">>, Schema, _, Values) when is_list(Values) ->
    lists:append([[{in, Index, Wrong} || Wrong <- wrong(Schema, Value)]
                  || {Index, Value} <- lists:zip(lists:seq(1, length(Values)), Values)]);
wrong(<<"required">>, Keys, _, #{} = Value) ->
    [{missing, Key} || Key <- Keys, not is_map_key(Key, Value)];
wrong(<<"properties">>, Properties, _, #{} = Value) ->
    lists:append([[{in, Key, Wrong} || Wrong <- wrong(Schema, maps:get(Key, Value))]
                  || {Key, Schema} <- maps:to_list(Properties), is_map_key(Key, Value)]);
wrong(<<"additionalProperties">>, Demand, Schema, #{} = Value) ->
    More = maps:without(maps:keys(maps:get(<<"properties">>, Schema, #{})), Value),
    case Demand of
        false -> [{unknown, Key} || Key <- maps:keys(More)];
        _ -> lists:append([[{in, Key, Wrong} || Wrong <- wrong(Demand, Each)] || {Key, Each} <- maps:to_list(More)])
    end;
wrong(Keyword, _, _, _) when Keyword =:= <<"items">>; Keyword =:= <<"required">>; Keyword =:= <<"properties">>;
                             Keyword =:= <<"additionalProperties">>; Keyword =:= <<"title">>;
                             Keyword =:= <<"$schema">>; Keyword =:= <<"$id">> ->
    [].

distance(Wrong) ->
    {length([Here || Here <- Wrong, element(1, Here) =/= in]), length(Wrong)}.

is_of(Types, Value) when is_list(Types) -> lists:any(fun(Type) -> is_of(Type, Value) end, Types);
is_of(<<"string">>, Value) -> is_binary(Value);
is_of(<<"integer">>, Value) -> is_integer(Value);
is_of(<<"boolean">>, Value) -> is_boolean(Value);
is_of(<<"null">>, Value) -> Value =:= null;
is_of(<<"array">>, Value) -> is_list(Value);
is_of(<<"object">>, Value) -> is_map(Value).
