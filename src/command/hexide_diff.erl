%% @doc Differences between two texts, line by line: the shortest edit script, in hunks as `diff -u' makes
%% them. Pure, and of bytes: a line is what ends with a line feed, in whatever encoding.
-module(hexide_diff).

-export([lines/2, hunks/2]).

-export_type([edit/0, hunk/0]).

-type edit() :: {keep | drop | add, binary()}.
%% A line with its line feed, which the last line of a text may lack.

-type hunk() :: #{old_start := non_neg_integer(), old_lines := non_neg_integer(), new_start := non_neg_integer(),
                  new_lines := non_neg_integer(), edits := [edit()]}.
%% Lines are counted from 1. A side without lines starts at the line before it.

%% Unchanged lines around a change.
-define(CONTEXT, 3).
%% Larger texts are not compared by lines.
-define(MOST_BYTES, 4 bsl 20).
%% Between two texts that are further apart, a shortest script is not worth its time and memory (both grow
%% with the square): what is between their common ends is replaced as a whole.
-define(MOST_EDITS, 2000).

%% @doc What makes the new text of the old one, in order. Of lines changed in one place, those that go come
%% before those that come.
-spec lines(binary(), binary()) -> [edit()].
lines(Old, New) ->
    {Head, Left, Right, Tail} = without_common_ends(split(Old), split(New)),
    kept(Head) ++ ordered(middle(Left, Right)) ++ kept(Tail).

%% @doc The same as hunks with three lines of context. `too_large' where a text has more than 4 MiB.
-spec hunks(binary(), binary()) -> {ok, [hunk()]} | too_large.
hunks(Old, New) when byte_size(Old) > ?MOST_BYTES; byte_size(New) > ?MOST_BYTES ->
    too_large;
hunks(Old, New) ->
    {ok, hunks(lines(Old, New), 0, 0, [])}.

split(<<>>) -> [];
split(Text) ->
    case binary:match(Text, <<"\n">>) of
        {At, 1} ->
            <<Line:(At + 1)/binary, Rest/binary>> = Text,
            [Line | split(Rest)];
        nomatch -> [Text]
    end.

kept(Lines) ->
    [{keep, Line} || Line <- Lines].

without_common_ends(Old, New) ->
    {Head, OldRest, NewRest} = without_common_start(Old, New, []),
    {Tail, Left, Right} = without_common_start(lists:reverse(OldRest), lists:reverse(NewRest), []),
    {Head, lists:reverse(Left), lists:reverse(Right), lists:reverse(Tail)}.

without_common_start([Line | Old], [Line | New], Common) ->
    without_common_start(Old, New, [Line | Common]);
without_common_start(Old, New, Common) ->
    {lists:reverse(Common), Old, New}.

%% --- the shortest script (E. W. Myers, An O(ND) Difference Algorithm and Its Variations, 1986)

%% A point {X, Y} has seen X old and Y new lines and lies on the diagonal X - Y. With D edits the diagonals
%% -D, -D + 2, ... D can be reached; a frontier is how far (X) each of them is then.
middle([], New) -> [{add, Line} || Line <- New];
middle(Old, []) -> [{drop, Line} || Line <- Old];
middle(Old, New) ->
    Left = list_to_tuple(Old),
    Right = list_to_tuple(New),
    case search(Left, Right, 0, [slide(Left, Right, 0, 0)], []) of
        {found, Frontiers} ->
            back(Left, Right, tuple_size(Left), tuple_size(Right), length(Frontiers), Frontiers, []);
        too_far -> [{drop, Line} || Line <- Old] ++ [{add, Line} || Line <- New]
    end.

%% The frontiers before the one that reached the end, the latest first.
search(Left, Right, Edits, Frontier, Before) ->
    Goal = tuple_size(Left) - tuple_size(Right),
    Reached = abs(Goal) =< Edits andalso (Goal + Edits) rem 2 =:= 0
        andalso lists:nth((Goal + Edits) div 2 + 1, Frontier) >= tuple_size(Left),
    case Reached of
        true -> {found, Before};
        false when Edits >= ?MOST_EDITS -> too_far;
        false ->
            Next = [slide(Left, Right, X, X - Diagonal)
                    || {X, Diagonal} <- steps(Frontier, -1, -Edits - 1)],
            search(Left, Right, Edits + 1, Next, [list_to_tuple(Frontier) | Before])
    end.

%% Each diagonal is reached from the one above by adding a line, or from the one below by dropping one.
steps([Above | Rest], Below, Diagonal) ->
    [{max(Above, Below + 1), Diagonal} | steps(Rest, Above, Diagonal + 2)];
steps([], Below, Diagonal) ->
    [{Below + 1, Diagonal}].

%% As far as lines are equal.
slide(Left, Right, X, Y) when X < tuple_size(Left), Y < tuple_size(Right), Y >= 0 ->
    case element(X + 1, Left) =:= element(Y + 1, Right) of
        true -> slide(Left, Right, X + 1, Y + 1);
        false -> X
    end;
slide(_, _, X, _) ->
    X.

%% From the end back to the start, by the same choices.
back(Left, _, X, _, 0, [], Script) ->
    kept([element(At, Left) || At <- lists:seq(1, X)]) ++ Script;
back(Left, Right, X, Y, Edits, [Frontier | Before], Script) ->
    Index = (X - Y + Edits) div 2,
    Above = reached(Index + 1, Frontier),
    Below = reached(Index, Frontier),
    {Edit, FromX, FromY, StepX} =
        case Above > Below of
            true -> {{add, element(Above - (X - Y), Right)}, Above, Above - (X - Y) - 1, Above};
            false -> {{drop, element(Below + 1, Left)}, Below, Below + 1 - (X - Y), Below + 1}
        end,
    Kept = kept([element(At, Left) || At <- lists:seq(StepX + 1, X)]),
    back(Left, Right, FromX, FromY, Edits - 1, Before, [Edit | Kept ++ Script]).

%% Outside of the frontier nothing is.
reached(Index, Frontier) when Index >= 1, Index =< tuple_size(Frontier) -> element(Index, Frontier);
reached(_, _) -> -1.

%% Within a run of changes the order of drops and adds is free.
ordered([{keep, _} = Kept | Script]) ->
    [Kept | ordered(Script)];
ordered([]) ->
    [];
ordered(Script) ->
    {Run, Rest} = changes(Script),
    {Dropped, Added} = lists:partition(fun({Kind, _}) -> Kind =:= drop end, Run),
    Dropped ++ Added ++ ordered(Rest).

changes(Script) ->
    lists:splitwith(fun({Kind, _}) -> Kind =/= keep end, Script).

%% --- hunks

%% `Old' and `New' lines are behind us.
hunks(Script, Old, New, Hunks) ->
    {Before, Rest} = lists:splitwith(fun({Kind, _}) -> Kind =:= keep end, Script),
    case Rest of
        [] -> lists:reverse(Hunks);
        _ ->
            Far = max(0, length(Before) - ?CONTEXT),
            {Edits, Remaining} = hunk(Rest, lists:reverse(lists:nthtail(Far, Before))),
            Hunk = placed(Edits, Old + Far, New + Far),
            #{old_lines := OldLines, new_lines := NewLines} = Hunk,
            hunks(Remaining, Old + Far + OldLines, New + Far + NewLines, [Hunk | Hunks])
    end.

%% Goes on over changes that are so near that their contexts touch.
hunk(Script, Edits) ->
    {Changes, Rest} = changes(Script),
    {Between, After} = lists:splitwith(fun({Kind, _}) -> Kind =:= keep end, Rest),
    Done = lists:reverse(Changes, Edits),
    case After =/= [] andalso length(Between) =< 2 * ?CONTEXT of
        true -> hunk(After, lists:reverse(Between, Done));
        false ->
            {Context, _} = lists:split(min(?CONTEXT, length(Between)), Between),
            {lists:reverse(Done, Context), lists:nthtail(length(Context), Rest)}
    end.

placed(Edits, Old, New) ->
    OldLines = length([Kind || {Kind, _} <- Edits, Kind =/= add]),
    NewLines = length([Kind || {Kind, _} <- Edits, Kind =/= drop]),
    #{old_start => start(Old, OldLines), old_lines => OldLines,
      new_start => start(New, NewLines), new_lines => NewLines, edits => Edits}.

start(Behind, 0) -> Behind;
start(Behind, _) -> Behind + 1.
