%% @doc The repositories in the text of a `rebar.config': read, and changed in place. Pure.
%%
%% A file belongs to the person who wrote it: only the entry that is meant changes, and comments and layout
%% stay. What was changed is read again and compared with what it was; where anything else differs, or the
%% file is written in a way that is not understood here, nothing comes out but the reason.
-module(hexide_rebar_config).

-export([repositories/1, put/3, remove/2, lines/1]).

-export_type([settings/0]).

-type settings() :: #{name := binary(), repo_url => binary(), api_url => binary(), repo_public_key => binary()}.
%% An entry of `{hex, [{repos, [...]}]}'. Foreign entries may hold more.

-type why() :: {refused, binary()}.
%% Why the text is not changed: half a sentence.

%% Of the text, in characters: where something begins, and the place after its end.
-record(group, {open :: atom(), from :: non_neg_integer(), to :: non_neg_integer(), elements :: [element()]}).
-record(element, {from :: non_neg_integer(), to :: non_neg_integer(), nodes :: [syntax()],
                  comma :: non_neg_integer() | none}).
-record(leaf, {token :: tuple(), from :: non_neg_integer(), to :: non_neg_integer()}).

-type syntax() :: #group{} | #leaf{}.
-type element() :: #element{}.

%% What a file names, in the order that the entries are written in.
-define(KEYS, [name, api_url, repo_url, repo_public_key]).

%% @doc The entries of `{hex, [{repos, [...]}]}', without those that have no name.
-spec repositories(binary()) -> {ok, [#{name := binary(), atom() => term()}]} | {error, why()}.
repositories(Text) ->
    guarded(fun() -> {ok, entries(terms(scanned(Text)))} end).

%% @doc The text with that repository: a new entry after the others, or its settings changed.
-spec put(binary(), binary(), #{atom() => binary()}) -> {ok, binary()} | {error, why()}.
put(Text, Name, Settings) ->
    guarded(fun() ->
                Chars = chars(Text),
                Forms = scanned(Text),
                Before = first(named(Name, entries(terms(Forms)))),
                Edits = placed(repos(Forms), Settings#{name => Name}, Chars),
                checked(Forms, splice(Edits, Chars), Name, [maps:merge(Before#{name => Name}, Settings)])
            end).

placed({list, List}, #{name := Name} = Settings, Chars) ->
    case entry(Name, List) of
        {ok, Element} -> changed(Element, maps:remove(name, Settings), Chars);
        error -> append(List, written(Settings, inside(List, Chars)), Chars)
    end;
placed({options, #group{from = From} = Options}, Settings, Chars) ->
    prepend(Options, ["{repos, [", written(Settings, column(From, Chars) + 10), "]}"]);
placed(none, Settings, Chars) ->
    End = length(Chars),
    [{End, End, [[$\n || Chars =/= [], lists:last(Chars) =/= $\n], lines(Settings)]}].

%% @doc The text without that repository.
-spec remove(binary(), binary()) -> {ok, binary()} | not_there | {error, why()}.
remove(Text, Name) ->
    guarded(fun() ->
                Chars = chars(Text),
                Forms = scanned(Text),
                case {repos(Forms), named(Name, entries(terms(Forms)))} of
                    {_, []} -> not_there;
                    {{list, #group{elements = Elements} = List}, [_]} ->
                        {ok, Element} = entry(Name, List),
                        checked(Forms, splice(removed(Element, Elements, Chars), Chars), Name, []);
                    _ -> refuse("it names that repository more than once")
                end
            end).

%% @doc What to write into a `rebar.config' that has no `hex' yet.
-spec lines(settings()) -> iolist().
lines(Settings) ->
    ["{hex, [{repos, [", written(Settings, 16), "]}]}.\n"].

guarded(Do) ->
    try
        Do()
    catch
        throw:{refused, _} = Why -> {error, Why}
    end.

-spec refuse(unicode:chardata()) -> no_return().
refuse(Why) ->
    throw({refused, unicode:characters_to_binary(Why)}).

%% --- reading

chars(Text) ->
    case unicode:characters_to_list(Text) of
        Chars when is_list(Chars) -> Chars;
        _ -> refuse("it is not UTF-8")
    end.

%% The forms of the text, each as its tokens and what they group to. Its words become atoms, as they did
%% when rebar3 read it.
scanned(Text) ->
    case erl_scan:string(chars(Text), {1, 1}, [return, text]) of
        {ok, Tokens, _} ->
            {Placed, _} = lists:mapfoldl(fun(Token, From) ->
                                             To = From + length(erl_scan:text(Token)),
                                             {#leaf{token = Token, from = From, to = To}, To}
                                         end, 0, Tokens),
            forms([Leaf || #leaf{token = Token} = Leaf <- Placed,
                           not lists:member(erl_scan:category(Token), [white_space, comment])]);
        {error, {Where, Module, Reason}, _} -> unparsable(Where, Module:format_error(Reason))
    end.

forms([]) ->
    [];
forms(Leaves) ->
    case lists:splitwith(fun(#leaf{token = Token}) -> erl_scan:category(Token) =/= dot end, Leaves) of
        {Form, [Dot | Rest]} -> [{term([Leaf#leaf.token || Leaf <- Form ++ [Dot]]), grouped(Form)} | forms(Rest)];
        {_, []} -> refuse("it does not parse: it does not end with a full stop")
    end.

term(Tokens) ->
    case erl_parse:parse_term(Tokens) of
        {ok, Term} -> Term;
        {error, {Where, Module, Reason}} -> unparsable(Where, Module:format_error(Reason))
    end.

-spec unparsable(term(), unicode:chardata()) -> no_return().
unparsable({Line, _}, Why) ->
    refuse(["it does not parse: line ", integer_to_list(Line), ": ", Why]);
unparsable(_, Why) ->
    refuse(["it does not parse: ", Why]).

%% Only well-formed terms get here, so that brackets match.
grouped(Leaves) ->
    {[#element{nodes = Nodes}], []} = elements(Leaves, [], []),
    Nodes.

%% The elements up to the bracket that closes them, or to the end.
elements([], Nodes, Done) ->
    {finished(Nodes, none, Done), []};
elements([#leaf{token = Token, from = From} = Leaf | Rest], Nodes, Done) ->
    case erl_scan:category(Token) of
        ',' -> elements(Rest, [], finished(Nodes, From, Done));
        Open when Open =:= '{'; Open =:= '['; Open =:= '('; Open =:= '<<' ->
            {Inner, [#leaf{to = To} | After]} = elements(Rest, [], []),
            elements(After, [#group{open = Open, from = From, to = To, elements = Inner} | Nodes], Done);
        Close when Close =:= '}'; Close =:= ']'; Close =:= ')'; Close =:= '>>' ->
            {lists:reverse(finished(Nodes, none, Done)), [Leaf | Rest]};
        _ -> elements(Rest, [Leaf | Nodes], Done)
    end.

finished([], _, Done) ->
    Done;
finished(Nodes, Comma, Done) ->
    Ordered = lists:reverse(Nodes),
    [#element{from = from(hd(Ordered)), to = to(hd(Nodes)), nodes = Ordered, comma = Comma} | Done].

from(#group{from = From}) -> From;
from(#leaf{from = From}) -> From.

to(#group{to = To}) -> To;
to(#leaf{to = To}) -> To.

terms(Forms) ->
    [Term || {Term, _} <- Forms].

entries(Terms) ->
    [Entry#{name := hexide_text:binary(Name)}
     || {hex, Options} <- Terms, is_list(Options), Option <- Options, Listed <- listed(Option),
        #{name := Name} = Entry <- Listed, is_text(Name)].

listed({repos, Repos}) when is_list(Repos) -> [Repos];
listed({repos, replace, Repos}) when is_list(Repos) -> [Repos];
listed(_) -> [].

named(Name, Entries) ->
    [Entry || #{name := Each} = Entry <- Entries, Each =:= Name].

first([Entry | _]) -> Entry;
first([]) -> #{}.

%% --- the place

%% The list of repositories, else the options that it would be among.
repos(Forms) ->
    case [Elements || {Term, [#group{open = '{', elements = Elements}]} <- Forms, is_tuple(Term),
                      tuple_size(Term) > 0, element(1, Term) =:= hex] of
        [] -> none;
        [[_, #element{nodes = [#group{open = '['} = Options]}]] -> repos_among(Options);
        [_] -> refuse("its `hex' is no list");
        _ -> refuse("it has more than one `hex'")
    end.

repos_among(#group{elements = Options} = Group) ->
    case [Elements || #element{nodes = [#group{open = '{', elements = [Key | _] = Elements}]} <- Options,
                      #element{nodes = [#leaf{token = {atom, _, repos}}]} <- [Key]] of
        [] -> {options, Group};
        [Elements] ->
            case lists:last(Elements) of
                #element{nodes = [#group{open = '['} = List]} -> {list, List};
                _ -> refuse("its `repos' is no list")
            end;
        _ -> refuse("it has more than one `repos'")
    end.

entry(Name, #group{elements = Elements}) ->
    _ = [refuse("its `repos' is written in an unusual way")
         || #element{nodes = Nodes} <- Elements, not is_map_written(Nodes)],
    case [Element || #element{nodes = Nodes} = Element <- Elements,
                     is_named(Name, term(tokens(Nodes) ++ [{dot, {1, 1}}]))] of
        [Element] -> {ok, Element};
        [] -> error;
        _ -> refuse("it names that repository more than once")
    end.

is_map_written([#leaf{token = {'#', _}}, #group{open = '{'}]) -> true;
is_map_written(_) -> false.

tokens(Nodes) ->
    lists:append([case Node of
                      #leaf{token = Token} -> [Token];
                      #group{open = Open, elements = Elements} ->
                          [{Open, {1, 1}}] ++ separated(Elements) ++ [{closing(Open), {1, 1}}]
                  end || Node <- Nodes]).

separated(Elements) ->
    lists:append(lists:join([{',', {1, 1}}], [tokens(Nodes) || #element{nodes = Nodes} <- Elements])).

closing('{') -> '}';
closing('[') -> ']';
closing('(') -> ')';
closing('<<') -> '>>'.

%% --- changing

%% New values in their places, new keys after the others.
changed(#element{nodes = [_, #group{elements = Pairs} = Map]}, Settings, Chars) ->
    Places = [{Key, {from(hd(Value)), to(lists:last(Value))}}
              || #element{nodes = [#leaf{token = {atom, _, Key}}, _ | Value]} <- Pairs],
    {Known, New} = lists:partition(fun({Key, _}) -> lists:keymember(Key, 1, Places) end, pairs(Settings)),
    Replaced = [begin
                    {Key, {From, To}} = lists:keyfind(Key, 1, Places),
                    {From, To, value(Value)}
                end || {Key, Value} <- Known],
    Replaced ++ [Edit || New =/= [],
                         Edit <- append(Map, lists:join([",\n", indent(hd(Pairs), Chars)],
                                                        [pair(Pair) || Pair <- New]), Chars)].

append(#group{elements = [], to = To}, New, _) ->
    [{To - 1, To - 1, New}];
append(#group{elements = Elements, to = To}, New, Chars) ->
    #element{to = End} = lists:last(Elements),
    Indent = indent(hd(Elements), Chars),
    case string:trim(between(End, To - 1, Chars)) of
        [] -> [{End, End, [",\n", Indent, New]}];
        %% A comment stands there, and stays with what it follows.
        _ -> [{End, End, ","}, {To - 1, To - 1, [Indent, New, "\n"]}]
    end.

prepend(#group{from = From, elements = Elements}, New) ->
    [{From + 1, From + 1, [New, [", " || Elements =/= []]]}].

%% The comma goes with it; without one, that of the element before.
removed(#element{from = From, to = To, comma = none} = Element, Elements, Chars) ->
    case lists:reverse(lists:takewhile(fun(Each) -> Each =/= Element end, Elements)) of
        [] -> [line(From, To, Chars)];
        [#element{comma = Comma} | _] ->
            case string:trim(between(Comma + 1, From, Chars)) of
                [] -> [{Comma, To, ""}];
                _ -> [{Comma, Comma + 1, ""}, line(From, To, Chars)]
            end
    end;
removed(#element{from = From, to = To, comma = Comma}, _, Chars) ->
    case string:trim(between(To, Comma, Chars)) of
        [] -> [line(From, Comma + 1, Chars)];
        _ -> [{From, To, ""}, {Comma, Comma + 1, ""}]
    end.

%% A line that would be left blank goes as a whole; else the blanks that follow.
line(From, To, Chars) ->
    {Left, Right} = lists:split(From, Chars),
    Blanks = length(lists:takewhile(fun blank/1, lists:reverse(Left))),
    After = lists:nthtail(To - From, Right),
    Follow = length(lists:takewhile(fun blank/1, After)),
    case {lists:nthtail(Follow, After), From - Blanks} of
        {[$\n | _], Start} when Start > 0 ->
            case lists:nth(Start, Chars) of
                $\n -> {Start, To + Follow + 1, ""};
                _ -> {From, To, ""}
            end;
        {[$\n | _], _} -> {From, To, ""};
        _ -> {From, To + Follow, ""}
    end.

blank(Char) -> Char =:= $\s orelse Char =:= $\t.

between(From, To, Chars) ->
    lists:sublist(Chars, From + 1, To - From).

%% As far in as that element is.
indent(#element{from = From}, Chars) ->
    lists:duplicate(column(From, Chars), $\s).

%% How far in the elements of a list are.
inside(#group{elements = [#element{from = From} | _]}, Chars) -> column(From, Chars);
inside(#group{from = From}, Chars) -> column(From, Chars) + 1.

column(From, Chars) ->
    length(lists:takewhile(fun(Char) -> Char =/= $\n end, lists:reverse(lists:sublist(Chars, From)))).

%% From the end, so that places stay what they are.
splice(Edits, Chars) ->
    Spliced = lists:foldl(fun({From, To, New}, Text) ->
                              {Left, Rest} = lists:split(From, Text),
                              Left ++ unicode:characters_to_list(New) ++ lists:nthtail(To - From, Rest)
                          end, Chars, lists:reverse(lists:keysort(1, Edits))),
    unicode:characters_to_binary(Spliced).

%% The entry is what it should be, and nothing else is another.
checked(Forms, Text, Name, Expected) ->
    Changed = scanned(Text),
    Same = lists:sort([without(Name, Term) || Term <- terms(Changed)] -- [{hex, []}])
        =:= lists:sort([without(Name, Term) || Term <- terms(Forms)] -- [{hex, []}]),
    case Same andalso named(Name, entries(terms(Changed))) =:= Expected of
        true -> {ok, Text};
        false -> refuse("it is written in an unusual way")
    end.

without(Name, {hex, Options}) when is_list(Options) ->
    {hex, [Option || Each <- Options, Option <- [emptied(Name, Each)], Option =/= {repos, []}]};
without(_, Term) ->
    Term.

emptied(Name, {repos, Repos}) when is_list(Repos) -> {repos, others(Name, Repos)};
emptied(Name, {repos, replace, Repos}) when is_list(Repos) -> {repos, replace, others(Name, Repos)};
emptied(_, Option) -> Option.

others(Name, Repos) ->
    [Repo || Repo <- Repos, not is_named(Name, Repo)].

is_named(Name, #{name := Each}) -> is_text(Each) andalso hexide_text:binary(Each) =:= Name;
is_named(_, _) -> false.

is_text(Text) ->
    is_binary(Text) orelse io_lib:printable_unicode_list(Text).

%% --- writing

written(Settings, Indent) ->
    ["#{", lists:join([",\n", lists:duplicate(Indent + 2, $\s)], [pair(Pair) || Pair <- pairs(Settings)]), "}"].

pairs(Settings) ->
    [{Key, Value} || Key <- ?KEYS, #{Key := Value} <- [Settings]].

pair({Key, Value}) ->
    [atom_to_list(Key), " => ", value(Value)].

%% One line, however long: a public key has its line breaks as `\n'.
value(Value) ->
    io_lib:format("~0tp", [Value]).
