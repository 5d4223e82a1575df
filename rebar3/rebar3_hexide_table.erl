%% @doc Aligned columns, wrapped paragraphs, sizes and times for people.
-module(rebar3_hexide_table).

-export([rows/1, table/2, wrap/1, size/1, day/1]).

-define(WIDTH, 80).
-define(GAP, 2).

%% @doc Rows in aligned columns. Cells are text; `undefined' is empty.
-spec rows([[unicode:chardata() | atom() | integer()]]) -> iolist().
rows([]) ->
    [];
rows(Rows) ->
    Cells = [[cell(Cell) || Cell <- Row] || Row <- Rows],
    Widths = lists:foldl(fun widen/2, [], Cells),
    [line(Row, Widths) || Row <- Cells].

%% @doc The same under headings; the answer to nothing is nothing.
-spec table([unicode:chardata()], [[unicode:chardata() | atom() | integer()]]) -> iolist().
table(_, []) -> [];
table(Headings, Rows) -> rows([Headings | Rows]).

%% @doc A paragraph broken at 80 columns.
-spec wrap(unicode:chardata()) -> iolist().
wrap(Text) ->
    lists:join("\n", wrap(string:lexemes(cell(Text), " "), [], 0, [])).

wrap([], Line, _, Lines) ->
    lists:reverse([lists:reverse(Line) | Lines]);
wrap([Word | Rest], [], _, Lines) ->
    wrap(Rest, [Word], string:length(Word), Lines);
wrap([Word | Rest], Line, Length, Lines) ->
    case Length + 1 + string:length(Word) of
        Longer when Longer > ?WIDTH -> wrap([Word | Rest], [], 0, [lists:reverse(Line) | Lines]);
        Longer -> wrap(Rest, [Word, " " | Line], Longer, Lines)
    end.

%% @doc Bytes in a unit that fits.
-spec size(non_neg_integer()) -> iolist().
size(Bytes) when Bytes < 1024 -> [integer_to_list(Bytes), " B"];
size(Bytes) when Bytes < 1024 * 1024 -> [io_lib:format("~.1f", [Bytes / 1024]), " KiB"];
size(Bytes) -> [io_lib:format("~.1f", [Bytes / 1024 / 1024]), " MiB"].

%% @doc The day of an RFC 3339 time.
-spec day(binary() | undefined) -> binary().
day(<<Day:10/binary, _/binary>>) -> Day;
day(_) -> <<>>.

cell(undefined) -> "";
cell(Atom) when is_atom(Atom) -> atom_to_list(Atom);
cell(Number) when is_integer(Number) -> integer_to_list(Number);
%% A line break in a cell would break the table, or let a stranger fake a line.
cell(Text) -> [visible(Char) || Char <- unicode:characters_to_list(Text)].

visible(Char) when Char < $\s -> $\s;
visible(Char) -> Char.

widen(Row, Widths) ->
    Missing = lists:duplicate(max(0, length(Row) - length(Widths)), 0),
    widest(Row, Widths ++ Missing).

widest([], Widths) -> Widths;
widest([Cell | Row], [Width | Widths]) -> [max(Width, string:length(Cell)) | widest(Row, Widths)].

%% Empty cells at the end leave no blanks behind.
line(Row, Widths) ->
    [string:trim(padded(Row, Widths), trailing, " "), "\n"].

padded([Last], _) -> Last;
padded([Cell | Row], [Width | Widths]) ->
    Cell ++ lists:duplicate(Width - string:length(Cell) + ?GAP, $\s) ++ padded(Row, Widths);
padded([], _) -> "".
