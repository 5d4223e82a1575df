%% @doc Differences between texts: correct for any two texts, and those that `diff' finds.
-module(hexide_diff_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([applying_the_script_to_the_old_gives_the_new/1, applying_the_hunks_to_the_old_gives_the_new/1,
         no_script_is_shorter/1, hunks_are_those_of_diff/1, patch_takes_them/1, a_missing_last_line_feed_is_a_change/1,
         what_goes_comes_before_what_comes/1, texts_far_apart_are_replaced_whole_and_soon/1,
         huge_texts_are_not_compared/1]).

-spec all() -> [atom()].
all() ->
    [applying_the_script_to_the_old_gives_the_new, applying_the_hunks_to_the_old_gives_the_new, no_script_is_shorter,
     hunks_are_those_of_diff, patch_takes_them, a_missing_last_line_feed_is_a_change,
     what_goes_comes_before_what_comes, texts_far_apart_are_replaced_whole_and_soon, huge_texts_are_not_compared].

-spec applying_the_script_to_the_old_gives_the_new(term()) -> term().
applying_the_script_to_the_old_gives_the_new(_) ->
    [begin
         Script = hexide_diff:lines(Old, New),
         ?assertEqual(Old, iolist_to_binary([Line || {Kind, Line} <- Script, Kind =/= add])),
         ?assertEqual(New, iolist_to_binary([Line || {Kind, Line} <- Script, Kind =/= drop]))
     end || {Old, New} <- pairs(3000)].

-spec applying_the_hunks_to_the_old_gives_the_new(term()) -> term().
applying_the_hunks_to_the_old_gives_the_new(_) ->
    [begin
         {ok, Hunks} = hexide_diff:hunks(Old, New),
         ?assertEqual(New, iolist_to_binary(applied(Hunks, split(Old), 1))),
         ?assertEqual(Old =:= New, Hunks =:= [])
     end || {Old, New} <- pairs(3000)].

%% By the textbook's table of longest common subsequences.
-spec no_script_is_shorter(term()) -> term().
no_script_is_shorter(_) ->
    [begin
         Kept = length([Line || {keep, Line} <- hexide_diff:lines(Old, New)]),
         ?assertEqual(common(split(Old), split(New)), Kept, {Old, New})
     end || {Old, New} <- pairs(1000)].

%% Where several scripts are equally short, another program may choose another: here there is one each.
-spec hunks_are_those_of_diff(term()) -> term().
hunks_are_those_of_diff(Config) ->
    case os:find_executable("diff") of
        false -> {skip, "diff is not installed"};
        Diff ->
            Dir = proplists:get_value(priv_dir, Config),
            [begin
                 {ok, Hunks} = hexide_diff:hunks(Old, New),
                 [Before, After] = written(Dir, [Old, New]),
                 ?assertEqual(headless(output(Diff, ["-u", Before, After])), rendered(Hunks))
             end || {Old, New} <- distinct(40)]
    end.

-spec patch_takes_them(term()) -> term().
patch_takes_them(Config) ->
    case os:find_executable("patch") of
        false -> {skip, "patch is not installed"};
        Patch ->
            Dir = proplists:get_value(priv_dir, Config),
            [begin
                 {ok, Hunks} = hexide_diff:hunks(Old, New),
                 [Before, Change] = written(Dir, [Old, ["--- a\n+++ b\n", rendered(Hunks)]]),
                 _ = output(Patch, ["-s", "-f", Before, Change]),
                 ?assertEqual({ok, New}, file:read_file(Before))
             end || {Old, New} <- pairs(60), Old =/= New, Old =/= <<>>, New =/= <<>>]
    end.

-spec a_missing_last_line_feed_is_a_change(term()) -> term().
a_missing_last_line_feed_is_a_change(_) ->
    ?assertEqual([{keep, <<"a\n">>}, {drop, <<"b">>}, {add, <<"b\n">>}],
                 hexide_diff:lines(<<"a\nb">>, <<"a\nb\n">>)),
    ?assertEqual([], hexide_diff:lines(<<>>, <<>>)),
    ?assertEqual({ok, []}, hexide_diff:hunks(<<"a\n">>, <<"a\n">>)).

-spec what_goes_comes_before_what_comes(term()) -> term().
what_goes_comes_before_what_comes(_) ->
    ?assertEqual([{keep, <<"a\n">>}, {drop, <<"b\n">>}, {drop, <<"c\n">>}, {add, <<"x\n">>}, {add, <<"y\n">>},
                  {keep, <<"d\n">>}],
                 hexide_diff:lines(<<"a\nb\nc\nd\n">>, <<"a\nx\ny\nd\n">>)),
    ?assertMatch({ok, [#{old_start := 0, old_lines := 0, new_start := 1, new_lines := 1}]},
                 hexide_diff:hunks(<<>>, <<"a\n">>)).

-spec texts_far_apart_are_replaced_whole_and_soon(term()) -> term().
texts_far_apart_are_replaced_whole_and_soon(_) ->
    Numbered = fun(Word) -> iolist_to_binary([[Word, integer_to_list(N), "\n"] || N <- lists:seq(1, 20_000)]) end,
    {Old, New} = {<<"same\n", (Numbered("old"))/binary>>, <<"same\n", (Numbered("new"))/binary>>},
    {Time, {ok, [#{old_lines := 20_001, new_lines := 20_001} = Hunk]}} =
        timer:tc(fun() -> hexide_diff:hunks(Old, New) end),
    ?assert(Time < 20_000_000),
    ?assertEqual(New, iolist_to_binary(applied([Hunk], split(Old), 1))).

-spec huge_texts_are_not_compared(term()) -> term().
huge_texts_are_not_compared(_) ->
    ?assertEqual(too_large, hexide_diff:hunks(<<>>, binary:copy(<<"a\n">>, 4 bsl 20))).

%% --- texts

%% Of few different lines, so that many are equal; the same ones in every run.
pairs(Count) ->
    _ = rand:seed(exsss, {1, 2, 3}),
    Words = [<<"a">>, <<"b">>, <<"c">>, <<>>, <<"d d">>],
    Text = fun() ->
               Lines = [lists:nth(rand:uniform(length(Words)), Words) || _ <- lists:seq(1, rand:uniform(25) - 1)],
               iolist_to_binary([lists:join("\n", Lines), ["\n" || rand:uniform(3) > 1]])
           end,
    [case rand:uniform(4) of
         1 -> {Text(), Text()};
         _ ->
             Old = Text(),
             {Old, changed(Old)}
     end || _ <- lists:seq(1, Count)].

%% Texts of which each line is another, with changes in a few places.
distinct(Count) ->
    _ = rand:seed(exsss, {4, 5, 6}),
    [begin
         Old = iolist_to_binary([["line ", integer_to_list(N), "\n"] || N <- lists:seq(1, 30 + rand:uniform(40))]),
         {Old, changed(Old)}
     end || _ <- lists:seq(1, Count)].

changed(Text) ->
    iolist_to_binary([case rand:uniform(12) of
                          1 -> [];
                          2 -> ["new ", integer_to_list(rand:uniform(1 bsl 30)), "\n"];
                          3 -> [Line, "more ", integer_to_list(rand:uniform(1 bsl 30)), "\n"];
                          _ -> Line
                      end || Line <- split(Text)]).

split(Text) ->
    [Line || Line <- re:split(Text, "(?<=\n)"), Line =/= <<>>].

%% --- other ways to the same

applied([], Lines, _) ->
    Lines;
applied([#{old_start := Start, old_lines := Count, edits := Edits} | Hunks], Lines, At) ->
    Before = case Count of
                 0 -> Start + 1 - At;
                 _ -> Start - At
             end,
    {Kept, Rest} = lists:split(Before, Lines),
    {Replaced, After} = lists:split(Count, Rest),
    ?assertEqual(Replaced, [Line || {Kind, Line} <- Edits, Kind =/= add]),
    [Kept, [Line || {Kind, Line} <- Edits, Kind =/= drop] | applied(Hunks, After, At + Before + Count)].

common(Old, New) ->
    lists:last(lists:foldl(fun(Line, Row) -> row(Line, New, Row) end, lists:duplicate(length(New) + 1, 0), Old)).

row(Line, New, [Corner | Above]) ->
    lists:reverse(row(Line, New, Corner, Above, [0])).

row(_, [], _, [], Row) -> Row;
row(Line, [Line | New], Diagonal, [Up | Above], Row) -> row(Line, New, Up, Above, [Diagonal + 1 | Row]);
row(Line, [_ | New], _, [Up | Above], [Left | _] = Row) -> row(Line, New, Up, Above, [max(Up, Left) | Row]).

rendered(Hunks) ->
    iolist_to_binary([["@@ -", range(OldStart, OldLines), " +", range(NewStart, NewLines), " @@\n",
                       [[sign(Kind), Line, ["\n\\ No newline at end of file\n" || binary:last(Line) =/= $\n]]
                        || {Kind, Line} <- Edits]]
                      || #{old_start := OldStart, old_lines := OldLines, new_start := NewStart,
                           new_lines := NewLines, edits := Edits} <- Hunks]).

range(Start, 1) -> integer_to_list(Start);
range(Start, Count) -> [integer_to_list(Start), ",", integer_to_list(Count)].

sign(keep) -> " ";
sign(drop) -> "-";
sign(add) -> "+".

%% Without the two lines that name the files.
headless(<<>>) -> <<>>;
headless(Said) ->
    [_, Rest] = string:split(Said, "\n"),
    [_, Hunks] = string:split(Rest, "\n"),
    Hunks.

written(Dir, Texts) ->
    [begin
         Path = filename:join(Dir, "text-" ++ integer_to_list(erlang:unique_integer([positive]))),
         ok = file:write_file(Path, Text),
         Path
     end || Text <- Texts].

output(Program, Args) ->
    Port = open_port({spawn_executable, Program}, [{args, Args}, exit_status, binary, stderr_to_stdout]),
    collect(Port, []).

collect(Port, Said) ->
    receive
        {Port, {data, Data}} -> collect(Port, [Said, Data]);
        {Port, {exit_status, _}} -> iolist_to_binary(Said)
    after 60_000 -> error({no_end, iolist_to_binary(Said)})
    end.
