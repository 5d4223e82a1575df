%% @doc One row of the table, and how it is measured.
%%
%% Ours, theirs and the floor take turns, so that whatever else the machine does falls on all of them
%% alike. Every sample is taken in a process of its own: none inherits a grown heap or somebody else's
%% garbage. Before anything is timed, both results are compared; a row that compares unlike work stops
%% the run.
-module(hexide_bench_row).

-export([measure/2, in/2]).

-export_type([row/0, work/0, measured/0, sampled/0]).

-type row() :: #{name := string(), unit := ms | us, limit => number(),
                 open := fun((file:filename()) -> {ok, work()} | {skip, string()})}.
%% `limit': how many times faster than the reference it is to be. `open' makes the work of the row,
%% given a folder that it may use.

-type work() :: #{ours := fun((Input :: term()) -> term()), theirs := fun((Input :: term()) -> term()),
                  same := fun((Ours :: term(), Theirs :: term()) -> boolean()),
                  floor => {What :: string(), fun((Input :: term()) -> term())},
                  prepare => fun(() -> Input :: term()), clean => fun((Input :: term()) -> term()),
                  look => fun((Input :: term(), Result :: term()) -> term()), close => fun(() -> term())}.
%% `same': whether both gave the same, by what they returned or what `look' finds then. `prepare' and
%% `clean' stand around each sample, untimed; `close' ends what `open' began.

-type measured() :: #{name := string(), unit := ms | us, ours := sampled(), theirs := sampled(),
                      floor := sampled() | undefined, ratio := float(), _ => _}.

-type sampled() :: #{median := number(), min := integer(), max := integer(), samples := pos_integer()}.
%% Nanoseconds.

%% Fewer give no median to speak of; more tell nothing new.
-define(FEWEST, 9).
-define(MOST, 2000).
-define(WARM_UP, 3).

%% @doc Measures a row for about that many seconds.
-spec measure(map(), pos_integer()) -> measured().
measure(#{name := Name, ours := Ours, theirs := Theirs, same := Same} = Row, Seconds) ->
    Same(result(Ours, Row), result(Theirs, Row))
        orelse throw({stop, [Name, ": hexide and the reference implementation do not give the same"]}),
    Works = [Ours, Theirs | [Floor || {_, Floor} <- [maps:get(floor, Row, undefined)]]],
    Start = erlang:monotonic_time(nanosecond),
    _ = [round_of(Works, Row) || _ <- lists:seq(1, ?WARM_UP)],
    Each = (erlang:monotonic_time(nanosecond) - Start) div ?WARM_UP,
    Rounds = max(?FEWEST, min(?MOST, Seconds * 1_000_000_000 div Each)),
    Samples = [round_of(Works, Row) || _ <- lists:seq(1, Rounds)],
    [OursSampled, TheirsSampled | Rest] = [sampled(lists:sort(Column)) || Column <- columns(Samples)],
    Floor = case Rest of [FloorSampled] -> FloorSampled; [] -> undefined end,
    Row#{ours := OursSampled, theirs := TheirsSampled, floor => Floor, floor_name => floor_name(Row),
         ratio => maps:get(median, TheirsSampled) / maps:get(median, OursSampled)}.

%% @doc Nanoseconds in a unit of the table.
-spec in(ms | us, number()) -> float().
in(ms, Nanoseconds) -> Nanoseconds / 1.0e6;
in(us, Nanoseconds) -> Nanoseconds / 1.0e3.

floor_name(#{floor := {Name, _}}) -> Name;
floor_name(_) -> undefined.

round_of(Works, Row) ->
    [sample(Work, Row) || Work <- Works].

sample(Work, Row) ->
    alone(Row, fun(Input) ->
                   Start = erlang:monotonic_time(nanosecond),
                   _ = Work(Input),
                   erlang:monotonic_time(nanosecond) - Start
               end).

result(Work, Row) ->
    Look = maps:get(look, Row, fun(_, Result) -> Result end),
    alone(Row, fun(Input) -> Look(Input, Work(Input)) end).

alone(Row, Do) ->
    Input = (maps:get(prepare, Row, fun() -> none end))(),
    {Pid, Monitor} = spawn_monitor(fun() -> exit({gave, Do(Input)}) end),
    receive
        {'DOWN', Monitor, process, Pid, {gave, Value}} ->
            _ = (maps:get(clean, Row, fun(_) -> ok end))(Input),
            Value;
        {'DOWN', Monitor, process, Pid, Reason} ->
            throw({stop, io_lib:format("~ts failed: ~tP", [maps:get(name, Row), Reason, 30])})
    end.

columns([[] | _]) -> [];
columns(Rows) -> [[hd(Row) || Row <- Rows] | columns([tl(Row) || Row <- Rows])].

sampled(Sorted) ->
    Count = length(Sorted),
    Median = (lists:nth((Count + 1) div 2, Sorted) + lists:nth(Count div 2 + 1, Sorted)) / 2,
    #{median => Median, min => hd(Sorted), max => lists:last(Sorted), samples => Count}.
