%% @doc Aligned columns, wrapped paragraphs, sizes and times for people. They are laid out where they are printed.
-module(hexide_table).

-export([rows/1, table/2, wrap/1, size/1, day/1, ago/2]).

%% @doc Rows in aligned columns, which are never cut.
-spec rows([[hexide_layout:cell()]]) -> hexide_layout:document().
rows(Rows) ->
    {rows, Rows}.

%% @doc The same under headings, cut to the width of a terminal; the answer to nothing is nothing.
-spec table([unicode:chardata()], [[hexide_layout:cell()]]) -> hexide_layout:document().
table(Headings, Rows) ->
    {table, Headings, Rows}.

%% @doc A paragraph, broken between words.
-spec wrap(unicode:chardata()) -> hexide_layout:document().
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

%% @doc How long ago an RFC 3339 time was, seen from these seconds since 1970; what is long ago as its day.
-spec ago(binary(), integer()) -> iolist().
ago(Time, Now) ->
    try Now - calendar:rfc3339_to_system_time(binary_to_list(Time)) of
        Seconds when Seconds < 60 -> "just now";
        Seconds when Seconds < 3600 -> [counted(Seconds div 60, "minute"), " ago"];
        Seconds when Seconds < 86400 -> [counted(Seconds div 3600, "hour"), " ago"];
        Seconds when Seconds < 30 * 86400 -> [counted(Seconds div 86400, "day"), " ago"];
        _ -> [day(Time)]
    catch
        error:_ -> [Time]
    end.

counted(1, Unit) -> ["1 ", Unit];
counted(Count, Unit) -> [integer_to_list(Count), " ", Unit, "s"].
