%% @doc The table that people read while it runs.
-module(hexide_bench_table).

-export([head/1, group/1, figure/1, skipped/2, foot/2]).

-define(COLUMNS, "~-52ts ~-27ts ~-27ts ~-9ts ~-14ts ~ts~n").

%% @doc What was measured with what, and the titles.
-spec head([string()]) -> ok.
head(Facts) ->
    io:format("~ts~n", [lists:join("; ", Facts)]),
    io:format("Medians, with least and most in brackets; the least alone where work grows. `ratio' is how many times~n"
              "better than the reference.~n~n"),
    io:format(?COLUMNS, ["work", "hexide", "reference", "ratio", "limit", "floor: the same bytes"]).

%% @doc A heading.
-spec group(string()) -> ok.
group(Title) ->
    io:format("~n~ts~n", [Title]).

%% @doc A figure.
-spec figure(hexide_bench_figure:figure()) -> ok.
figure(#{name := Name, unit := Unit, ours := Ours} = Figure) ->
    Theirs = case Figure of
                 #{theirs := Number} ->
                     [hexide_bench_figure:text(Unit, Number), hexide_bench_figure:range(theirs, Figure)];
                 _ -> "-"
             end,
    Ratio = case hexide_bench_figure:ratio(Figure) of
                undefined -> "-";
                Times -> hexide_bench_figure:text(x, Times)
            end,
    Floor = case Figure of
                #{floor := {What, Least}} -> [hexide_bench_figure:text(Unit, Least), " ", What];
                _ -> "-"
            end,
    io:format(?COLUMNS, [Name, [hexide_bench_figure:text(Unit, Ours), hexide_bench_figure:range(ours, Figure)],
                         Theirs, Ratio, limit(Figure), Floor]),
    _ = [points(Plot) || #{plot := Plot} <- [Figure]],
    ok.

limit(#{unit := Unit, limit := Limit} = Figure) ->
    Text = case Limit of
               {at_least, Ratio} -> ["≥ ", hexide_bench_figure:bound(x, Ratio)];
               {at_most, Most} -> ["≤ ", hexide_bench_figure:bound(Unit, Most)]
           end,
    case hexide_bench_figure:met(Figure) of
        true -> Text;
        false -> [Text, " !"]
    end;
limit(_) -> "-".

points(#{unit := Unit, per := Per, points := Points}) ->
    lists:foreach(fun({Size, Ours, Theirs}) ->
                      io:format(?COLUMNS, [io_lib:format("    ~b ~ts", [Size, Per]),
                                           hexide_bench_figure:text(Unit, Ours),
                                           hexide_bench_figure:text(Unit, Theirs), "", "", ""])
                  end, Points).

%% @doc A row that could not be measured, and why.
-spec skipped(string(), string()) -> ok.
skipped(Name, Reason) ->
    io:format("~-52ts skipped: ~ts~n", [Name, Reason]).

%% @doc Which figures miss their limit, and where they all are.
-spec foot([hexide_bench_figure:figure()], [file:filename()]) -> ok.
foot(Figures, Files) ->
    case [Name || #{name := Name} = Figure <- Figures, not hexide_bench_figure:met(Figure)] of
        [] ->
            io:format("~nNone of the ~b misses its limit.~n", [length(Figures)]);
        Missed ->
            io:format("~n~b of ~b miss their limit (!): ~ts.~n",
                      [length(Missed), length(Figures), lists:join("; ", Missed)])
    end,
    _ = [io:format("They are in ~ts.~n", [lists:join(" and ", Files)]) || Files =/= []],
    ok.
