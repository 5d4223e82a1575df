%% @doc The namespace that the commands are reached by: `hex', or what `{hexide, [{namespace, NAME}]}' in a
%% rebar.config says. Texts of ours are written for `rebar3 hex' and named after the other one here. Pure.
-module(rebar3_hexide_namespace).

-export([document/2, sentence/2, chosen/1]).

-define(DEFAULT, hex).

%% @doc The namespace that the entry `hexide' of a rebar.config chooses. `default' is where rebar3's own tasks are.
-spec chosen(term()) -> atom().
chosen(Settings) when is_list(Settings) ->
    case lists:keyfind(namespace, 1, [Setting || Setting <- Settings, is_tuple(Setting)]) of
        {namespace, Name} when is_atom(Name), Name =/= default, Name =/= undefined -> Name;
        _ -> ?DEFAULT
    end;
chosen(_) ->
    ?DEFAULT.

%% @doc A document whose own parts name the commands as they are reached. What others wrote stays as it is.
-spec document(hexide_layout:document(), atom()) -> hexide_layout:document().
document(Document, ?DEFAULT) -> Document;
document({own, Document}, Namespace) -> own(Document, Namespace);
document({rows, Rows}, Namespace) -> {rows, [[document(Cell, Namespace) || Cell <- Row] || Row <- Rows]};
document({table, Headings, Rows}, Namespace) ->
    {table, Headings, [[document(Cell, Namespace) || Cell <- Row] || Row <- Rows]};
document({Mark, Document}, Namespace) -> {Mark, document(Document, Namespace)};
document([Part | Rest], Namespace) -> [document(Part, Namespace) | document(Rest, Namespace)];
document(Leaf, _) -> Leaf.

own({Mark, Document}, Namespace) -> {Mark, own(Document, Namespace)};
own(Leaf, Namespace) when is_binary(Leaf) -> sentence(Leaf, Namespace);
own([Char | _] = Text, Namespace) when is_integer(Char) ->
    case lists:all(fun is_integer/1, Text) of
        true -> sentence(unicode:characters_to_binary(Text), Namespace);
        false -> Text
    end;
own([Part | Rest], Namespace) -> [own(Part, Namespace) | own(Rest, Namespace)];
own(Leaf, _) -> Leaf.

%% @doc A sentence of ours: a failure, help.
-spec sentence(binary(), atom()) -> binary().
sentence(Sentence, ?DEFAULT) -> Sentence;
sentence(Sentence, Namespace) ->
    re:replace(Sentence, "\\brebar3( help)? hex(?=[\\s`']|$)", ["rebar3\\1 ", atom_to_binary(Namespace)],
               [global, unicode, {return, binary}]).
