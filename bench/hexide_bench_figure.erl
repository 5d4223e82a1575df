%% @doc One figure of a run: what hexide took, beside the reference implementation, the floor and the limit.
-module(hexide_bench_figure).

-export([ratio/1, met/1, text/2, bound/2, range/2, unit/1, json/1]).

-export_type([figure/0, unit/0, limit/0, plot/0]).

-type unit() :: s | ms | us | mib | mb | x | crates | per_s.
%% Seconds, milliseconds, microseconds, MiB, MB, times (of what the name says), crates, and what is done in a second.
%% Only of the last more is better.

-type limit() :: {at_least, Ratio :: number()} | {at_most, Ours :: number()}.
%% `at_least': how many times better than the reference hexide is to be. `at_most': what hexide may take,
%% in the figure's unit, whatever the reference takes.

-type figure() :: #{name := string(), unit := unit(), ours := number(), theirs => number(),
                    floor => {What :: string(), number()}, limit => limit(), group => string(),
                    ours_range => {number(), number()}, theirs_range => {number(), number()}, plot => plot()}.
%% All numbers are in the figure's unit. `floor': what the same bytes cost at least, and by what that was
%% found. `group': the heading it stands under. The ranges: least and most of the samples that `ours' and
%% `theirs' are the medians of.

-type plot() :: #{unit := unit(), per := string(),
                  points := [{Size :: pos_integer(), Ours :: number(), Theirs :: number()}]}.
%% Cost as work grows: what each size took, the size counted in `per'.

%% @doc How many times better than the reference; `undefined' where there is none to compare with, or
%% where what counts is the limit on ours.
-spec ratio(figure()) -> float() | undefined.
ratio(#{limit := {at_most, _}}) -> undefined;
ratio(#{unit := per_s, ours := Ours, theirs := Theirs}) -> Ours / Theirs;
ratio(#{ours := Ours, theirs := Theirs}) -> Theirs / Ours;
ratio(_) -> undefined.

%% @doc Whether it keeps its limit; one without a limit does.
-spec met(figure()) -> boolean().
met(#{limit := {at_most, Most}, ours := Ours}) -> Ours =< Most;
met(#{limit := {at_least, Least}} = Figure) -> ratio(Figure) >= Least;
met(_) -> true.

%% @doc A number with its unit, three digits of it.
-spec text(unit(), number()) -> iolist().
text(Unit, Number) -> [number(Number), " ", unit(Unit)].

%% @doc A limit with its unit, no digit more than it has.
-spec bound(unit(), number()) -> iolist().
bound(Unit, Number) when is_integer(Number) -> [integer_to_list(Number), " ", unit(Unit)];
bound(Unit, Number) -> [float_to_list(float(Number), [{decimals, 2}, compact]), " ", unit(Unit)].

%% @doc Least and most, in brackets.
-spec range(ours | theirs, figure()) -> iolist().
range(ours, #{ours_range := {Least, Most}}) -> [" (", number(Least), "..", number(Most), ")"];
range(theirs, #{theirs_range := {Least, Most}}) -> [" (", number(Least), "..", number(Most), ")"];
range(_, _) -> [].

%% @doc A unit as people write it.
-spec unit(unit()) -> string().
unit(s) -> "s";
unit(ms) -> "ms";
unit(us) -> "µs";
unit(mib) -> "MiB";
unit(mb) -> "MB";
unit(x) -> "×";
unit(crates) -> "crates";
unit(per_s) -> "/s".

%% @doc What results.json has of it.
-spec json(figure()) -> map().
json(#{name := Name, unit := Unit, ours := Ours} = Figure) ->
    {FloorName, Floor} = case Figure of
                             #{floor := {What, Number}} -> {unicode:characters_to_binary(What), rounded(Number)};
                             _ -> {undefined, undefined}
                         end,
    Limit = case Figure of
                #{limit := {_, Bound}} -> rounded(Bound);
                _ -> undefined
            end,
    #{name => unicode:characters_to_binary(Name), unit => unicode:characters_to_binary(unit(Unit)),
      ours => rounded(Ours), theirs => rounded(maps:get(theirs, Figure, undefined)), ratio => rounded(ratio(Figure)),
      limit => Limit, floor => Floor, floor_name => FloorName}.

rounded(undefined) -> undefined;
rounded(Number) when is_integer(Number) -> Number;
rounded(Number) -> round(Number * 1000) / 1000.

number(Number) when Number >= 9999.5 -> grouped(round(Number));
number(Number) when abs(Number) >= 100 -> integer_to_list(round(Number));
number(Number) when abs(Number) >= 10 -> float_to_list(float(Number), [{decimals, 1}]);
number(Number) -> float_to_list(float(Number), [{decimals, 2}]).

grouped(Number) when Number >= 1000 -> [grouped(Number div 1000), io_lib:format(",~3..0b", [Number rem 1000])];
grouped(Number) -> integer_to_list(Number).
