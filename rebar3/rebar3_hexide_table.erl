%% @doc Aligned columns, wrapped paragraphs, sizes and times for people. They are laid out where they are printed.
-module(rebar3_hexide_table).

-export([rows/1, table/2, wrap/1, size/1, day/1]).

%% @doc Rows in aligned columns, which are never cut.
-spec rows([[rebar3_hexide_layout:cell()]]) -> rebar3_hexide_layout:document().
rows(Rows) ->
    {rows, Rows}.

%% @doc The same under headings, cut to the width of a terminal; the answer to nothing is nothing.
-spec table([unicode:chardata()], [[rebar3_hexide_layout:cell()]]) -> rebar3_hexide_layout:document().
table(Headings, Rows) ->
    {table, Headings, Rows}.

%% @doc A paragraph, broken between words.
-spec wrap(unicode:chardata()) -> rebar3_hexide_layout:document().
wrap(Text) ->
    {paragraph, Text}.

%% @doc Bytes in a unit that fits.
-spec size(non_neg_integer()) -> iolist().
size(Bytes) when Bytes < 1024 -> [integer_to_list(Bytes), " B"];
size(Bytes) when Bytes < 1024 * 1024 -> [io_lib:format("~.1f", [Bytes / 1024]), " KiB"];
size(Bytes) -> [io_lib:format("~.1f", [Bytes / 1024 / 1024]), " MiB"].

%% @doc The day of an RFC 3339 time.
-spec day(binary() | undefined) -> binary().
day(<<Day:10/binary, _/binary>>) -> Day;
day(_) -> <<>>.
