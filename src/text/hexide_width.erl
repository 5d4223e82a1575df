%% @doc How many columns of a terminal a text takes: two for an East Asian wide character or an emoji, none for a
%% combining mark. Source of the ranges: the classes W and F of Unicode's EastAsianWidth.
-module(hexide_width).

-export([columns/1, cut/2]).

%% From here on there are characters that combine, or take another number of columns than one.
-define(LATIN, 16#300).

%% @doc The columns of a line.
-spec columns(unicode:chardata()) -> non_neg_integer().
columns(Text) ->
    lists:sum([width(Cluster) || Cluster <- clusters(Text)]).

%% @doc The text, where it takes more columns than that cut with an ellipsis at the end.
-spec cut(unicode:chardata(), pos_integer()) -> [string:grapheme_cluster()].
cut(Text, Columns) ->
    Clusters = clusters(Text),
    case lists:sum([width(Cluster) || Cluster <- Clusters]) =< Columns of
        true -> Clusters;
        false -> cut_at(Clusters, Columns - 1)
    end.

cut_at([Cluster | Rest], Left) ->
    case Left - width(Cluster) of
        Less when Less >= 0 -> [Cluster | cut_at(Rest, Less)];
        _ -> [16#2026]
    end;
cut_at([], _) ->
    [16#2026].

%% Most text has nothing to be put together, and the tables for that take longer to load than the text to print.
clusters(Text) ->
    Chars = unicode:characters_to_list(Text),
    case lists:all(fun(Char) -> Char < ?LATIN andalso Char =/= $\r end, Chars) of
        true -> Chars;
        false -> string:to_graphemes(Chars)
    end.

%% What a reader sees as one character takes one or two, however many it is made of (a flag, a family).
width(Char) when is_integer(Char) -> of_char(Char);
width(Cluster) ->
    case lists:member(16#FE0F, Cluster) of
        true -> 2;
        false -> min(2, lists:sum([of_char(Char) || Char <- Cluster]))
    end.

of_char(Char) when Char < ?LATIN -> 1;
of_char(Char) ->
    case {within(Char, none()), within(Char, wide())} of
        {true, _} -> 0;
        {false, true} -> 2;
        {false, false} -> 1
    end.

within(Char, Ranges) ->
    lists:any(fun({First, Last}) -> Char >= First andalso Char =< Last end, Ranges).

%% Marks over and under what is before them, and what shows nothing at all.
none() ->
    [{16#300, 16#36F}, {16#483, 16#489}, {16#591, 16#5BD}, {16#610, 16#61A}, {16#64B, 16#65F}, {16#1AB0, 16#1AFF},
     {16#1DC0, 16#1DFF}, {16#200B, 16#200F}, {16#2028, 16#202E}, {16#2060, 16#206F}, {16#20D0, 16#20FF},
     {16#3099, 16#309A}, {16#FE00, 16#FE0F}, {16#FE20, 16#FE2F}, {16#FEFF, 16#FEFF}, {16#1F3FB, 16#1F3FF},
     {16#E0000, 16#E0FFF}].

wide() ->
    [{16#1100, 16#115F}, {16#231A, 16#231B}, {16#2329, 16#232A}, {16#23E9, 16#23EC}, {16#23F0, 16#23F0},
     {16#23F3, 16#23F3}, {16#25FD, 16#25FE}, {16#2614, 16#2615}, {16#2648, 16#2653}, {16#267F, 16#267F},
     {16#2693, 16#2693}, {16#26A1, 16#26A1}, {16#26AA, 16#26AB}, {16#26BD, 16#26BE}, {16#26C4, 16#26C5},
     {16#26CE, 16#26CE}, {16#26D4, 16#26D4}, {16#26EA, 16#26EA}, {16#26F2, 16#26F3}, {16#26F5, 16#26F5},
     {16#26FA, 16#26FA}, {16#26FD, 16#26FD}, {16#2705, 16#2705}, {16#270A, 16#270B}, {16#2728, 16#2728},
     {16#274C, 16#274C}, {16#274E, 16#274E}, {16#2753, 16#2755}, {16#2757, 16#2757}, {16#2795, 16#2797},
     {16#27B0, 16#27B0}, {16#27BF, 16#27BF}, {16#2B1B, 16#2B1C}, {16#2B50, 16#2B50}, {16#2B55, 16#2B55},
     {16#2E80, 16#303E}, {16#3041, 16#4DBF}, {16#4E00, 16#A4CF}, {16#A960, 16#A97F}, {16#AC00, 16#D7A3},
     {16#F900, 16#FAFF}, {16#FE10, 16#FE19}, {16#FE30, 16#FE6F}, {16#FF00, 16#FF60}, {16#FFE0, 16#FFE6},
     {16#16FE0, 16#18DFF}, {16#1AFF0, 16#1B2FF}, {16#1F004, 16#1F004}, {16#1F0CF, 16#1F0CF}, {16#1F18E, 16#1F18E},
     {16#1F191, 16#1F19A}, {16#1F200, 16#1F320}, {16#1F32D, 16#1F335}, {16#1F337, 16#1F37C}, {16#1F37E, 16#1F393},
     {16#1F3A0, 16#1F3CA}, {16#1F3CF, 16#1F3D3}, {16#1F3E0, 16#1F3F0}, {16#1F3F4, 16#1F3F4}, {16#1F3F8, 16#1F43E},
     {16#1F440, 16#1F440}, {16#1F442, 16#1F4FC}, {16#1F4FF, 16#1F53D}, {16#1F54B, 16#1F54E}, {16#1F550, 16#1F567},
     {16#1F57A, 16#1F57A}, {16#1F595, 16#1F596}, {16#1F5A4, 16#1F5A4}, {16#1F5FB, 16#1F64F}, {16#1F680, 16#1F6C5},
     {16#1F6CC, 16#1F6CC}, {16#1F6D0, 16#1F6D2}, {16#1F6D5, 16#1F6D7}, {16#1F6DC, 16#1F6DF}, {16#1F6EB, 16#1F6EC},
     {16#1F6F4, 16#1F6FC}, {16#1F7E0, 16#1F7EB}, {16#1F7F0, 16#1F7F0}, {16#1F90C, 16#1F93A}, {16#1F93C, 16#1F945},
     {16#1F947, 16#1F9FF}, {16#1FA70, 16#1FAFF}, {16#20000, 16#2FFFD}, {16#30000, 16#3FFFD}].
