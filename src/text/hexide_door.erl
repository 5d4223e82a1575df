%% @doc How people reach the commands: by a namespace of rebar3, or as tasks of Mix. What is ours is written for
%% `rebar3 hex', and here it is named as it is at another door. Pure.
-module(hexide_door).

-export([commands/1, document/2, sentence/2, failure/2]).

-export_type([door/0]).

-type door() :: {rebar3, Namespace :: atom()} | mix.

-define(AS_WRITTEN, {rebar3, hex}).

%% @doc The commands that there are, described as this door has them.
-spec commands(door()) -> [hexide_command:command()].
commands(mix) ->
    %% Repositories of Mix are not in a file of rebar3's.
    [maps:map(fun(Key, Value) -> described(Key, Value) end, maps:merge(Command, maps:get(mix, Command, #{})))
     || #{name := Name} = Command <- hexide_command:all(), Name =/= <<"repo">>];
commands({rebar3, _}) ->
    hexide_command:all().

described(notes, Notes) -> [sentence(Note, mix) || Note <- Notes];
described(options, Options) -> [Option#{help := sentence(Help, mix)} || #{help := Help} = Option <- Options];
described(_, Value) -> Value.

%% @doc A document whose own parts name the commands as they are reached. What others wrote stays as it is.
-spec document(hexide_layout:document(), door()) -> hexide_layout:document().
document(Document, ?AS_WRITTEN) -> Document;
document({own, Document}, Door) -> own(Document, Door);
document({by_door, _, OfMix}, mix) -> document(OfMix, mix);
document({by_door, OfRebar3, _}, Door) -> document(OfRebar3, Door);
document({rows, Rows}, Door) -> {rows, [[document(Cell, Door) || Cell <- Row] || Row <- Rows]};
document({table, Headings, Rows}, Door) ->
    {table, Headings, [[document(Cell, Door) || Cell <- Row] || Row <- Rows]};
document({Mark, Document}, Door) -> {Mark, document(Document, Door)};
document([Part | Rest], Door) -> [document(Part, Door) | document(Rest, Door)];
document(Leaf, _) -> Leaf.

own({Mark, Document}, Door) -> {Mark, own(Document, Door)};
own(Leaf, Door) when is_binary(Leaf) -> sentence(Leaf, Door);
own([Char | _] = Text, Door) when is_integer(Char) ->
    case lists:all(fun is_integer/1, Text) of
        true -> sentence(unicode:characters_to_binary(Text), Door);
        false -> Text
    end;
own([Part | Rest], Door) -> [own(Part, Door) | own(Rest, Door)];
own(Leaf, _) -> Leaf.

%% @doc A sentence of ours: a failure, help.
-spec sentence(binary(), door()) -> binary().
sentence(Sentence, ?AS_WRITTEN) -> Sentence;
sentence(Sentence, {rebar3, Namespace}) ->
    replaced(Sentence, "\\brebar3( help)? hex(?=[\\s`']|$)", ["rebar3\\1 ", atom_to_binary(Namespace)]);
sentence(Sentence, mix) ->
    lists:foldl(fun({Expression, Replacement}, Text) -> replaced(Text, Expression, Replacement) end, Sentence, mix()).

%% What stands in the path of a file is that file's name, whoever else has one.
mix() ->
    Names = lists:join("|", hexide_command:names()),
    [{["\\brebar3 hex (", Names, ")(?![\\w/])"], "mix hexide.\\1"},
     {"\\brebar3 hex(?=[\\s`']|$)", "mix hexide"},
     {"\\brebar3 lock\\b", "mix deps.get"},
     {"\\brebar3 upgrade\\b", "mix deps.update"},
     {"(?<![/\\w])hex\\.config\\b", "hexide.config"},
     {"(?<![/\\w])rebar\\.config\\b", "mix.exs"},
     {"(?<![/\\w])rebar\\.lock\\b", "mix.lock"},
     {"\\bthe \\.app\\.src file\\b", "mix.exs"}].

replaced(Text, Expression, Replacement) ->
    re:replace(Text, Expression, Replacement, [global, unicode, {return, binary}]).

%% @doc A failure for programs, in the words of this door.
-spec failure(hexide_failure:failure(), door()) -> map().
failure(Failure, Door) ->
    #{error := #{message := Message} = Error} = hexide_failure:report(Failure),
    Problems = [Problem#{message := sentence(Each, Door)}
                || #{message := Each} = Problem <- maps:get(problems, Error, [])],
    #{error => maps:merge(Error#{message := sentence(Message, Door)},
                          maps:from_list([{problems, Problems} || Problems =/= []]))}.
