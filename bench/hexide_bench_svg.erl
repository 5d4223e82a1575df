%% @doc Draws the figures: a bar each for hexide, the reference and the floor, and a line each where work
%% grows. The bars of one row are to scale with each other, those of different rows are not.
-module(hexide_bench_svg).

-export([draw/2]).

-define(WIDTH, 880).
-define(MARGIN, 24).
-define(BARS, 330).
-define(LONGEST, 230).
-define(RIGHT, 856).
-define(BAR, 10).
-define(STEP, 14).
-define(NEXT, 19).
%% A name of more characters is set smaller.
-define(LONG, 44).

-define(STYLE, "
  text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; fill: #1f2328; }
  .paper { fill: #ffffff; } .rule { stroke: #d1d9e0; fill: none; }
  .title { font-size: 20px; font-weight: 600; } .group { font-size: 14px; font-weight: 600; }
  .name { font-size: 13px; } .long { font-size: 11px; } .quiet { font-size: 11px; fill: #59636e; } .ratio { font-size: 15px; font-weight: 600; }
  .missed { font-size: 11px; fill: #b42318; font-weight: 600; }
  .end { text-anchor: end; } .middle { text-anchor: middle; }
  .ours { fill: #c4501b; } .theirs { fill: #93a1b0; } .floor { fill: #dde3ea; }
  .limit { stroke: #1f2328; stroke-width: 2; } .line { stroke-width: 2.5; fill: none; }
  .line-ours { stroke: #c4501b; } .line-theirs { stroke: #93a1b0; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .paper { fill: #0d1117; } .rule { stroke: #30363d; } .quiet { fill: #9198a1; }
    .missed { fill: #ff7b72; } .ours { fill: #f0753a; } .theirs { fill: #76869a; } .floor { fill: #323c48; }
    .limit { stroke: #e6edf3; } .line-ours { stroke: #f0753a; } .line-theirs { stroke: #76869a; }
  }").

%% @doc The drawing as SVG; the facts stand under its title.
-spec draw([hexide_bench_figure:figure()], [string()]) -> binary().
draw(Figures, Facts) ->
    {Grown, Compared} = lists:partition(fun(Figure) -> is_map_key(plot, Figure) end, Figures),
    {Rows, Below} = groups(Compared, 96),
    {Plots, Bottom} = plots(Grown, Below + 12),
    Height = Bottom + 8,
    unicode:characters_to_binary(
      [io_lib:format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"~b\" height=\"~b\" viewBox=\"0 0 ~b ~b\" "
                     "role=\"img\" aria-labelledby=\"title description\">\n", [?WIDTH, Height, ?WIDTH, Height]),
       "<title id=\"title\">hexide beside the reference implementation</title>\n",
       "<desc id=\"description\">", [[escape(sentence(Each)), "\n"] || Each <- Figures], "</desc>\n",
       "<style>", ?STYLE, "\n</style>\n",
       io_lib:format("<rect class=\"paper\" width=\"~b\" height=\"~b\" rx=\"8\"/>\n", [?WIDTH, Height]),
       text(?MARGIN, 38, "title", "hexide beside the reference implementation"),
       text(?MARGIN, 58, "quiet", lists:join(" · ", Facts)),
       text(?MARGIN, 75, "quiet", "Medians of one run, both in turns. Shorter is better, except per second; "
                                  "the bars of a row share a scale. The mark in a bar is the limit."),
       Rows, Plots, "</svg>\n"]).

sentence(#{name := Name, unit := Unit, ours := Ours} = Figure) ->
    [Name, ": hexide ", hexide_bench_figure:text(Unit, Ours),
     [[", reference ", hexide_bench_figure:text(Unit, Theirs)] || #{theirs := Theirs} <- [Figure]],
     [[", ", What, " ", hexide_bench_figure:text(Unit, Least)] || #{floor := {What, Least}} <- [Figure]], "."].

%% Each group under its heading: what has something beside it first, then what is a figure by itself, which would be a
%% bar beside nothing.
groups([], Y) ->
    {[], Y};
groups([#{group := Title} | _] = Figures, Y) ->
    {Group, Others} = lists:splitwith(fun(#{group := Each}) -> Each =:= Title end, Figures),
    {Bare, Compared} = lists:partition(fun bare/1, Group),
    {Rows, Between} = rows(Compared, Y + 36),
    {Lines, Below} = lines(Bare, Between),
    {Rest, Bottom} = groups(Others, Below + 4),
    {[line(?MARGIN, Y + 2, ?RIGHT, Y + 2), text(?MARGIN, Y + 23, "group", Title), Rows, Lines | Rest], Bottom}.

bare(Figure) ->
    not lists:any(fun(Key) -> is_map_key(Key, Figure) end, [theirs, floor, limit]).

rows([#{name := Name} = Figure | Figures], Y) ->
    Bars = bars(Figure),
    Height = max(2, length(Bars)) * ?STEP + 10,
    {Rest, Bottom} = rows(Figures, Y + Height),
    {[text(?MARGIN, Y + 11, name(Name), Name), unit(Figure, Y), drawn(Bars, Figure, Y), verdict(Figure, Y) | Rest],
     Bottom};
rows([], Y) ->
    {[], Y}.

name(Name) when length(Name) > ?LONG -> "long";
name(_) -> "name".

%% Two beside each other.
lines([], Y) ->
    {[], Y};
lines(Figures, Y) ->
    Half = (?RIGHT - ?MARGIN) div 2,
    {[[text(X, Below, "quiet", Name), text(X + Half - 20, Below, "end", hexide_bench_figure:text(Unit, Ours))]
      || {Index, #{name := Name, unit := Unit, ours := Ours}} <- lists:enumerate(0, Figures),
         {X, Below} <- [{?MARGIN + Index rem 2 * (Half + 20), Y + 11 + Index div 2 * ?NEXT}]],
     Y + (length(Figures) + 1) div 2 * ?NEXT + 6}.

unit(#{unit := per_s}, Y) -> text(?MARGIN, Y + 26, "quiet", "per second: longer is better");
unit(_, _) -> [].

bars(#{ours := Ours} = Figure) ->
    [{"ours", "hexide", Ours} | [{"theirs", "reference", Theirs} || #{theirs := Theirs} <- [Figure]]]
        ++ [{"floor", What, Least} || #{floor := {What, Least}} <- [Figure]].

drawn(Bars, #{unit := Unit} = Figure, Y) ->
    Longest = lists:max([Number || {_, _, Number} <- Bars] ++ [Number || {ok, Number} <- [mark(Figure)]]),
    Scale = fun(Number) -> max(1.0, Number / max(Longest, 1.0e-9) * ?LONGEST) end,
    Marks = [Scale(Number) || {ok, Number} <- [mark(Figure)]],
    [[bar(Class, Y + Index * ?STEP, Scale(Number), [Mark || Mark <- Marks, Index =:= 0],
          [Who, " ", hexide_bench_figure:text(Unit, Number)])
      || {Index, {Class, Who, Number}} <- lists:enumerate(0, Bars)],
     [io_lib:format("<line class=\"limit\" x1=\"~.1f\" y1=\"~b\" x2=\"~.1f\" y2=\"~b\"/>\n",
                    [?BARS + Mark, Y, ?BARS + Mark, Y + ?BAR + 2]) || Mark <- Marks]].

%% The label stands beyond the bar, and beyond the mark where there is one.
bar(Class, Y, Length, Marks, Label) ->
    [io_lib:format("<rect class=\"~s\" x=\"~b\" y=\"~b\" width=\"~.1f\" height=\"~b\" rx=\"1.5\"/>\n",
                   [Class, ?BARS, Y + 1, Length, ?BAR]),
     text(?BARS + lists:max([Length | Marks]) + 8, Y + 10, "quiet", Label)].

%% What ours would be at the limit.
mark(#{limit := {at_most, Most}}) -> {ok, Most};
mark(#{limit := {at_least, Ratio}, unit := per_s, theirs := Theirs}) -> {ok, Theirs * Ratio};
mark(#{limit := {at_least, Ratio}, theirs := Theirs}) -> {ok, Theirs / Ratio};
mark(_) -> none.

verdict(#{unit := Unit, ours := Ours} = Figure, Y) ->
    Large = case hexide_bench_figure:ratio(Figure) of
                undefined -> hexide_bench_figure:text(Unit, Ours);
                Ratio -> hexide_bench_figure:text(x, Ratio)
            end,
    [text(?RIGHT, Y + 13, "ratio end", Large), limit(Figure, Y + 27)].

limit(#{limit := {Kind, Number}, unit := Unit} = Figure, Y) ->
    Bound = case Kind of
                at_least -> ["at least ", hexide_bench_figure:bound(x, Number)];
                at_most -> ["at most ", hexide_bench_figure:bound(Unit, Number)]
            end,
    case hexide_bench_figure:met(Figure) of
        true -> text(?RIGHT, Y, "quiet end", Bound);
        false -> text(?RIGHT, Y, "missed end", ["missed: ", Bound])
    end;
limit(_, _) -> [].

%% Three beside each other.
-define(PLOTS, 3).
-define(PLOT_WIDTH, 277).
-define(PLOT_HEIGHT, 250).

plots([], Y) ->
    {[], Y};
plots(Grown, Y) ->
    Drawn = [plot(Figure, ?MARGIN + (Index rem ?PLOTS) * ?PLOT_WIDTH, Y + 34 + (Index div ?PLOTS) * ?PLOT_HEIGHT)
             || {Index, Figure} <- lists:enumerate(0, Grown)],
    {[line(?MARGIN, Y + 2, ?RIGHT, Y + 2), text(?MARGIN, Y + 23, "group", "As work grows") | Drawn],
     Y + 34 + (length(Grown) + ?PLOTS - 1) div ?PLOTS * ?PLOT_HEIGHT}.

plot(#{name := Name, ours := Growth, plot := #{unit := Unit, per := Per, points := Points}} = Figure, X, Y) ->
    {Left, Right, Top, Bottom} = {X + 8, X + 205, Y + 34, Y + 170},
    {Most, _, _} = lists:last(Points),
    Highest = lists:max([Number || {_, Ours, Theirs} <- Points, Number <- [Ours, Theirs]]),
    At = fun(Size, Number) -> {Left + Size / Most * (Right - Left), Bottom - Number / Highest * (Bottom - Top)} end,
    Lines = [{"theirs", "reference", [{Size, Theirs} || {Size, _, Theirs} <- Points]},
             {"ours", "hexide", [{Size, Ours} || {Size, Ours, _} <- Points]}],
    [text(X, Y + 11, "name", Name),
     line(Left, Bottom, Right + 10, Bottom), line(Left, Top - 8, Left, Bottom),
     [curve(Class, [At(Size, Number) || {Size, Number} <- Each]) || {Class, _, Each} <- Lines],
     [tail(Who, Unit, Number, At(Most, Number)) || {_, Who, Each} <- Lines, {_, Number} <- [lists:last(Each)]],
     [text(element(1, At(Size, 0)), Bottom + 14, "quiet middle", digits(Size)) || {Size, _, _} <- Points],
     text((Left + Right) / 2, Bottom + 28, "quiet middle", Per),
     growth(Figure, Growth, X, Bottom + 48)].

growth(Figure, Growth, X, Y) ->
    {Class, Verdict} = case hexide_bench_figure:met(Figure) of
                           true -> {"quiet", "at most "};
                           false -> {"missed", "missed: at most "}
                       end,
    [text(X, Y, "quiet", ["one costs ", hexide_bench_figure:text(x, Growth), " what it does at the start"]),
     [text(X, Y + 15, Class, [Verdict, hexide_bench_figure:bound(x, Most)])
      || #{limit := {at_most, Most}} <- [Figure]]].

curve(Class, Points) ->
    [io_lib:format("<path class=\"line line-~s\" d=\"M~s\"/>\n",
                   [Class, lists:join(" L", [io_lib:format("~.1f ~.1f", [X, Y]) || {X, Y} <- Points])]),
     [io_lib:format("<circle class=\"~s\" cx=\"~.1f\" cy=\"~.1f\" r=\"3.5\"/>\n", [Class, X, Y])
      || {X, Y} <- Points]].

tail(Who, Unit, Number, {X, Y}) ->
    [text(X + 8, Y - 1, "quiet", Who), text(X + 8, Y + 12, "quiet", hexide_bench_figure:text(Unit, Number))].

digits(Number) when Number >= 1000 -> [digits(Number div 1000), io_lib:format(",~3..0b", [Number rem 1000])];
digits(Number) -> integer_to_list(Number).

line(X1, Y1, X2, Y2) ->
    io_lib:format("<path class=\"rule\" d=\"M~p ~p L~p ~p\"/>\n", [X1, Y1, X2, Y2]).

text(X, Y, Class, Text) ->
    io_lib:format("<text x=\"~.1f\" y=\"~.1f\" class=\"~s\">~ts</text>\n", [float(X), float(Y), Class, escape(Text)]).

escape(Text) ->
    [case Character of
         $< -> "&lt;";
         $> -> "&gt;";
         $& -> "&amp;";
         _ -> Character
     end || Character <- unicode:characters_to_list(Text)].
