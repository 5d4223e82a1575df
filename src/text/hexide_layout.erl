%% @doc Lays out what the text modules say, for a terminal of a width, or for a file or another program. Pure.
%%
%% A document is text in which tables, paragraphs and coloured parts are marked. What strangers wrote is in the text
%% of its leaves, from which control characters are taken; those that colour a part come from here alone.
-module(hexide_layout).

-export([text/2, plain/1]).

-export_type([document/0, cell/0, style/0]).

-type document() :: unicode:chardata() | [document()] | {colour(), document()} | {rows, [[cell()]]}
                  | {table, [unicode:chardata()], [[cell()]]} | {paragraph, unicode:chardata()} | {own, document()}
                  | {by_door, document(), document()}.
%% `rows': aligned, and never cut: facts that somebody may copy. `table': the same under headings, and its cells are
%% shortened where a terminal is too narrow. `paragraph': broken between words. `own': ours, with commands as
%% `rebar3 hex' has them; {@link hexide_door} knows where they are reached otherwise. `by_door': what rebar3's users
%% are told, and what Mix's are.

-type cell() :: unicode:chardata() | atom() | integer() | {colour(), unicode:chardata()} | {own, unicode:chardata()}
              | {by_door, cell(), cell()}.
%% One cell; `undefined' is empty.

-type colour() :: bold | red | green | yellow.
-type style() :: #{width := pos_integer() | unlimited, colour := boolean()}.
%% `width': columns of the terminal; `unlimited' where there is none.

%% Lines of prose are hard to read beyond, and this is what they are broken at where there is no terminal.
-define(PROSE, 80).
-define(GAP, 2).
%% No column is made narrower than this.
-define(NARROWEST, 8).

%% @doc The document as text.
-spec text(document(), style()) -> unicode:chardata().
text({rows, Rows}, Style) -> rows(Rows, Style#{width := unlimited});
text({table, _, []}, _) -> [];
text({table, Headings, Rows}, Style) -> rows([[{bold, Heading} || Heading <- Headings] | Rows], Style);
text({paragraph, Text}, #{width := Width}) -> wrapped(Text, min(Width, ?PROSE));
text({own, Document}, Style) -> text(Document, Style);
text({by_door, Document, _}, Style) -> text(Document, Style);
text({Colour, Document}, #{colour := true} = Style) ->
    [code(Colour), text(Document, Style#{colour := false}), "\e[0m"];
text({_, Document}, Style) -> text(Document, Style);
text([Part | Rest], Style) -> [text(Part, Style) | text(Rest, Style)];
text([], _) -> [];
text(Leaf, _) when is_binary(Leaf) -> visible(unicode:characters_to_list(Leaf));
text(Char, _) -> visible([Char]).

%% @doc The document as a file or another program gets it.
-spec plain(document()) -> binary().
plain(Document) ->
    unicode:characters_to_binary(text(Document, #{width => unlimited, colour => false})).

code(bold) -> "\e[1m";
code(red) -> "\e[31m";
code(green) -> "\e[32m";
code(yellow) -> "\e[33m".

%% Control characters steer a terminal, and those of bidirectional text show it in another order than it has.
visible(Chars) ->
    [Char || Char <- Chars, Char >= $\s orelse Char =:= $\n orelse Char =:= $\t, Char < 16#7F orelse Char > 16#9F,
             Char < 16#202A orelse Char > 16#202E, Char < 16#2066 orelse Char > 16#2069].

%% --- rows

rows(Rows, #{width := Width} = Style) ->
    Cells = [[cell(Cell) || Cell <- Row] || Row <- Rows],
    Widths = fitted(lists:foldl(fun widen/2, [], Cells), Width),
    [line(Row, Widths, Style) || Row <- Cells].

cell({own, Text}) -> cell(Text);
cell({by_door, OfRebar3, _}) -> cell(OfRebar3);
cell({Colour, Text}) -> {Colour, line_of(Text)};
cell(undefined) -> {none, ""};
cell(Atom) when is_atom(Atom) -> {none, atom_to_list(Atom)};
cell(Number) when is_integer(Number) -> {none, integer_to_list(Number)};
cell(Text) -> {none, line_of(Text)}.

%% A line break in a cell would break the table, or let a stranger fake a line.
line_of(Text) ->
    visible([if Char < $\s -> $\s; true -> Char end || Char <- unicode:characters_to_list(Text)]).

widen(Row, Widths) ->
    Missing = lists:duplicate(max(0, length(Row) - length(Widths)), 0),
    widest(Row, Widths ++ Missing).

widest([], Widths) -> Widths;
widest([{_, Text} | Row], [Width | Widths]) -> [max(Width, hexide_width:columns(Text)) | widest(Row, Widths)].

%% The widest column gives way first; the first one, which names what the row is about, never does.
fitted(Widths, unlimited) ->
    Widths;
fitted([First | Others] = Widths, Width) ->
    Excess = lists:sum(Widths) + ?GAP * (length(Widths) - 1) - Width,
    case lists:reverse(lists:usort(Others)) of
        [Widest | Narrower] when Excess > 0, Widest > ?NARROWEST ->
            Next = lists:max([?NARROWEST, Widest - Excess | lists:sublist(Narrower, 1)]),
            {Before, [Widest | After]} = lists:splitwith(fun(Each) -> Each =/= Widest end, Others),
            %% Columns of the same width give way one after the other.
            fitted([First | Before] ++ [min(Next, Widest - 1) | After], Width);
        _ -> Widths
    end;
fitted([], _) ->
    [].

line(Row, Widths, Style) ->
    [padded(shown(Row), Widths, Style), "\n"].

%% Empty cells at the end leave no blanks behind.
shown(Row) ->
    lists:reverse(lists:dropwhile(fun({_, Text}) -> lists:all(fun blank/1, Text) end, lists:reverse(Row))).

blank(Char) -> Char =:= $\s orelse Char =:= $\t orelse Char =:= $\n.

padded([{Colour, Text} | Row], [Width | Widths], Style) ->
    Cut = hexide_width:cut(string:trim(Text, trailing, " "), max(1, Width)),
    Blanks = case Row of
                 [] -> [];
                 _ -> lists:duplicate(Width - hexide_width:columns(Cut) + ?GAP, $\s)
             end,
    [coloured(Colour, Cut, Style), Blanks | padded(Row, Widths, Style)];
padded([], _, _) ->
    [].

coloured(Colour, Text, #{colour := true}) when Colour =/= none, Text =/= [] -> [code(Colour), Text, "\e[0m"];
coloured(_, Text, _) -> Text.

%% --- paragraphs

wrapped(Text, Width) ->
    lists:join("\n", wrapped(words(line_of(Text)), [], 0, Width, [])).

words([]) -> [];
words([$\s | Text]) -> words(Text);
words(Text) ->
    {Word, Rest} = lists:splitwith(fun(Char) -> Char =/= $\s end, Text),
    [Word | words(Rest)].

wrapped([], Line, _, _, Lines) ->
    lists:reverse([lists:reverse(Line) | Lines]);
wrapped([Word | Rest], [], _, Width, Lines) ->
    wrapped(Rest, [Word], hexide_width:columns(Word), Width, Lines);
wrapped([Word | Rest], Line, Length, Width, Lines) ->
    case Length + 1 + hexide_width:columns(Word) of
        Longer when Longer > Width -> wrapped([Word | Rest], [], 0, Width, [lists:reverse(Line) | Lines]);
        Longer -> wrapped(Rest, [Word, " " | Line], Longer, Width, Lines)
    end.
