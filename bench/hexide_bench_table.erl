%% @doc The table that people read.
-module(hexide_bench_table).

-export([head/1, row/1, skipped/2, foot/1]).

-define(COLUMNS, "~-41ts ~-30ts ~-30ts ~-9ts ~-9ts ~ts~n").

%% @doc What was measured with what, and the titles.
-spec head(string()) -> ok.
head(Reference) ->
    io:format("hexide, ~ts; ~ts; OTP ~ts, ~b schedulers~n",
              [build(), Reference, erlang:system_info(otp_release), erlang:system_info(schedulers_online)]),
    io:format("Medians, with least and most in brackets. `faster' is the reference's time by hexide's.~n~n"),
    io:format(?COLUMNS, ["work", "hexide", "reference", "faster", "at least", "floor: the same bytes"]).

%% @doc A row that was measured.
-spec row(hexide_bench_row:measured()) -> ok.
row(#{name := Name, unit := Unit, ours := Ours, theirs := Theirs, ratio := Ratio, floor := Floor,
      floor_name := What} = Row) ->
    Least = case Row of #{limit := Limit} -> times(Limit); _ -> "-" end,
    Bottom = case Floor of
                 undefined -> "-";
                 #{median := Median} -> [figure(Unit, Median), " ", What]
             end,
    io:format(?COLUMNS, [Name, spread(Unit, Ours), spread(Unit, Theirs), times(Ratio), Least, Bottom]).

%% @doc A row that could not be measured, and why.
-spec skipped(string(), string()) -> ok.
skipped(Name, Reason) ->
    io:format("~-41ts skipped: ~ts~n", [Name, Reason]).

%% @doc Where the figures are.
-spec foot(file:filename()) -> ok.
foot(Results) ->
    io:format("~nThe medians are in ~ts.~n", [Results]).

spread(Unit, #{median := Median, min := Min, max := Max}) ->
    [figure(Unit, Median), " (", number(Unit, Min), "..", number(Unit, Max), ")"].

figure(Unit, Nanoseconds) ->
    [number(Unit, Nanoseconds), " ", atom_to_list(Unit)].

number(Unit, Nanoseconds) ->
    Decimals = case Unit of ms -> 2; us -> 0 end,
    float_to_list(hexide_bench_row:in(Unit, Nanoseconds), [{decimals, Decimals}]).

times(Ratio) ->
    [float_to_list(float(Ratio), [{decimals, 1}]), " x"].

%% native/build.sh notes the profile and the features beside the library.
build() ->
    Library = filename:join(filename:dirname(filename:dirname(code:which(hexide_nif))), "priv/hexide_nif"),
    Size = filelib:file_size(Library ++ ".so") / 1.0e6,
    case file:read_file(Library ++ ".built") of
        {ok, Built} -> io_lib:format("~ts build of ~.1f MB", [string:trim(Built), Size]);
        {error, _} -> io_lib:format("a library of ~.1f MB built by hand (profile unknown)", [Size])
    end.
