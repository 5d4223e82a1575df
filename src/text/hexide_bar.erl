%% @doc How far a transfer is, as one line. Pure.
-module(hexide_bar).

-export([line/2]).

-export_type([progress/0]).

-type progress() :: #{event := progress, name := binary(), version := binary() | undefined,
                      phase := atom() | binary(), done := non_neg_integer(),
                      total := non_neg_integer() | undefined, atom() => term()}.
%% `done' of `total': bytes of an `upload' or a `download', pieces of a `fetch'.

%% A bar of fewer columns tells less than its percentage.
-define(NARROWEST, 10).
-define(WIDEST, 40).

%% @doc The line, which takes fewer than that many columns: some terminals go to the next line when the last is full.
-spec line(progress(), pos_integer()) -> unicode:chardata().
line(#{phase := Phase, name := Name, done := Done, total := Total} = Progress, Columns) ->
    Subject = [verb(Phase), " ", Name, [[" ", Version] || #{version := Version} <- [Progress], is_binary(Version)]],
    Counted = counted(hexide_text:binary(Phase), Done, Total),
    Text = hexide_layout:plain([Subject, "  ", Counted]),
    Left = Columns - 1 - hexide_width:columns(Text) - length("[]  100%  "),
    case {Total, Left} of
        {Whole, _} when is_integer(Whole), Whole > 0, Left >= ?NARROWEST ->
            Part = min(Done, Whole) / Whole,
            Filled = trunc(Part * min(Left, ?WIDEST)),
            hexide_layout:plain([Subject, "  [", lists:duplicate(Filled, $#),
                                 lists:duplicate(min(Left, ?WIDEST) - Filled, $.), "] ",
                                 io_lib:format("~3b%", [trunc(Part * 100)]), "  ", Counted]);
        _ -> unicode:characters_to_binary(hexide_width:cut(Text, max(1, Columns - 1)))
    end.

verb(Phase) when is_atom(Phase) -> verb(atom_to_binary(Phase));
verb(<<"upload">>) -> "Uploading";
verb(_) -> "Fetching".

counted(<<"fetch">>, Done, undefined) -> integer_to_list(Done);
counted(<<"fetch">>, Done, Total) -> [integer_to_list(Done), " of ", integer_to_list(Total)];
counted(_, Done, undefined) -> hexide_table:size(Done);
counted(_, Done, Total) -> [hexide_table:size(Done), " of ", hexide_table:size(Total)].
