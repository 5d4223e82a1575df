%% @doc A row of the run, and how it is measured. There are three kinds:
%%
%% - work that hexide and the reference both do, <b>timed in turns</b>;
%% - the same at several <b>sizes</b>, to see what more of it costs;
%% - a row that <b>measures itself</b> and gives figures: throughput, memory, sizes.
%%
%% What is timed takes turns, so that whatever else the machine does falls on all of it alike. Every sample
%% is taken in a process of its own: none inherits a grown heap or somebody else's garbage. Before anything
%% is timed, both results are compared; a row that compares unlike work stops the run.
-module(hexide_bench_row).

-export([figures/3, turns/3, compare/4]).

-export_type([row/0, work/0, doing/0, opened/1, sampled/0]).

-type row() :: timed() | sized() | measuring().

-type timed() :: #{name := string(), unit := ms | us | per_s, count => pos_integer(), limit => number(),
                   within => {string(), number()},
                   open := fun((file:filename()) -> opened(work()))}.
%% `count': how many times a sample does what `per_s' counts. `limit': how many times faster than the
%% reference it is to be. `within': how many times the floor's time
%% it may take, which makes a figure of its own, of that name. `open' makes the work of the row, given the name of a
%% folder that it may make and use.

-type sized() :: #{name := string(), unit := ms | us, per := string(), sizes := [pos_integer()], limit => number(),
                   open := fun((file:filename(), Size :: pos_integer()) -> opened(work()))}.
%% `per': what the sizes count, smallest first. `limit': how many times the smallest size's cost for one
%% of these the largest size may cost.

-type measuring() :: #{name := string(),
                       measure := fun((file:filename(), Seconds :: pos_integer()) ->
                                          opened([hexide_bench_figure:figure()]))}.
%% Measures for about that many seconds.

-type opened(What) :: {ok, What} | {skip, Why :: string()}.

-type work() :: #{ours := doing(), theirs := doing(), same := fun((Ours :: term(), Theirs :: term()) -> boolean()),
                  floor => {What :: string(), doing()},
                  prepare => fun(() -> Input :: term()), clean => fun((Input :: term()) -> term()),
                  look => fun((Input :: term(), Result :: term()) -> term()), close => fun(() -> term()), _ => _}.
%% `same': whether both gave the same, by what they returned or what `look' finds then. `prepare' and
%% `clean' stand around each sample, untimed; `close' ends what `open' began.

-type doing() :: fun((Input :: term()) -> term()).

-type sampled() :: #{median := number(), min := integer(), max := integer(), samples := pos_integer()}.
%% Nanoseconds.

%% Fewer give no median to speak of; more tell nothing new.
-define(FEWEST, 5).
-define(MOST, 2000).
%% The first rounds meet cold caches. Where one takes longer than this, in nanoseconds, a second changes nothing.
-define(WARM_UP, 3).
-define(LONG, 1_000_000_000).
-define(GROWTH, 4).

%% @doc Measures a row, for about that many seconds where it is timed.
-spec figures(row(), file:filename(), pos_integer()) -> opened([hexide_bench_figure:figure()]).
figures(#{measure := Measure}, Folder, Seconds) ->
    Measure(Folder, Seconds);
figures(#{sizes := Sizes, open := Open} = Row, Folder, Seconds) ->
    Opened = [{Size, Open(Folder ++ integer_to_list(Size), Size)} || Size <- Sizes],
    Works = [Work || {_, {ok, Work}} <- Opened],
    try
        case [Reason || {_, {skip, Reason}} <- Opened] of
            [] -> {ok, [grown(Row, lists:zip(Sizes, Works), Seconds)]};
            [Reason | _] -> {skip, Reason}
        end
    after
        lists:foreach(fun close/1, Works)
    end;
figures(#{open := Open} = Row, Folder, Seconds) ->
    case Open(Folder) of
        {ok, Work} ->
            try
                {ok, timed(Row, Work, Seconds)}
            after
                close(Work)
            end;
        {skip, _} = Skipped -> Skipped
    end.

close(#{close := Close}) -> Close();
close(_) -> ok.

timed(#{name := Name, unit := Unit} = Row, #{ours := Ours, theirs := Theirs} = Work, Seconds) ->
    ok = compare(Name, Ours, Theirs, Work),
    Floors = [Floor || #{floor := {_, Floor}} <- [Work]],
    [OursTook, TheirsTook | FloorTook] = turns(Name, [{Each, Work} || Each <- [Ours, Theirs | Floors]], Seconds),
    Figure = #{name => Name, unit => Unit, ours => median(Row, OursTook), theirs => median(Row, TheirsTook),
               ours_range => range(Row, OursTook), theirs_range => range(Row, TheirsTook)},
    Limited = maps:merge(Figure, maps:from_list([{limit, {at_least, Limit}} || #{limit := Limit} <- [Row]])),
    case {FloorTook, Work} of
        {[Took], #{floor := {What, _}}} ->
            [Limited#{floor => {What, median(Row, Took)}}
             | [#{name => Beside, unit => x, limit => {at_most, Most},
                  ours => maps:get(median, OursTook) / maps:get(median, Took)}
                || #{within := {Beside, Most}} <- [Row]]];
        {[], _} ->
            [Limited]
    end.

%% What one costs among many, by what one costs among few.
grown(#{name := Name, unit := Unit, per := Per} = Row, Sized, Seconds) ->
    lists:foreach(fun({_, #{ours := Ours, theirs := Theirs} = Work}) ->
                      ok = compare(Name, Ours, Theirs, Work)
                  end, Sized),
    %% Of so many works a round takes long, and the least of few samples says little.
    Took = turns(Name, [{maps:get(Whose, Work), Work} || {_, Work} <- Sized, Whose <- [ours, theirs]],
                 Seconds * ?GROWTH),
    %% What it costs undisturbed: a busy moment must not look like growth.
    Points = points([Size || {Size, _} <- Sized], [in(Row, Least) || #{min := Least} <- Took]),
    {Fewest, OursFewest, TheirsFewest} = hd(Points),
    {Most, OursMost, TheirsMost} = lists:last(Points),
    Growth = fun(Small, Large) -> (Large / Most) / (Small / Fewest) end,
    Figure = #{name => Name, unit => x, ours => Growth(OursFewest, OursMost),
               theirs => Growth(TheirsFewest, TheirsMost),
               plot => #{unit => Unit, per => Per, points => Points}},
    maps:merge(Figure, maps:from_list([{limit, {at_most, Limit}} || #{limit := Limit} <- [Row]])).

points([Size | Sizes], [Ours, Theirs | Rest]) -> [{Size, Ours, Theirs} | points(Sizes, Rest)];
points([], []) -> [].

%% @doc Stops the run where both do not give the same.
-spec compare(string(), doing(), doing(), work()) -> ok.
compare(Name, Ours, Theirs, #{same := Same} = Work) ->
    Same(result(Name, Ours, Work), result(Name, Theirs, Work))
        orelse throw({stop, [Name, ": hexide and the reference implementation do not give the same"]}),
    ok.

%% @doc Times these in turns for about that many seconds; of the works beside them count `prepare' and `clean'.
-spec turns(string(), [{doing(), map()}], pos_integer()) -> [sampled()].
turns(Name, Doings, Seconds) ->
    Each = warm_up(Name, Doings, ?WARM_UP),
    Rounds = max(?FEWEST, min(?MOST, Seconds * 1_000_000_000 div Each)),
    Samples = [round_of(Name, Doings) || _ <- lists:seq(1, Rounds)],
    [sampled(lists:sort(Column)) || Column <- columns(Samples)].

%% How long a round takes.
warm_up(Name, Doings, Rounds) ->
    Start = erlang:monotonic_time(nanosecond),
    _ = round_of(Name, Doings),
    case erlang:monotonic_time(nanosecond) - Start of
        Took when Rounds =:= 1; Took > ?LONG -> Took;
        _ -> warm_up(Name, Doings, Rounds - 1)
    end.

round_of(Name, Doings) ->
    [sample(Name, Do, Work) || {Do, Work} <- Doings].

sample(Name, Do, Work) ->
    alone(Name, Work, fun(Input) ->
                          Start = erlang:monotonic_time(nanosecond),
                          _ = Do(Input),
                          erlang:monotonic_time(nanosecond) - Start
                      end).

result(Name, Do, Work) ->
    Look = maps:get(look, Work, fun(_, Result) -> Result end),
    alone(Name, Work, fun(Input) -> Look(Input, Do(Input)) end).

alone(Name, Work, Do) ->
    Input = (maps:get(prepare, Work, fun() -> none end))(),
    {Pid, Monitor} = spawn_monitor(fun() -> exit({gave, Do(Input)}) end),
    receive
        {'DOWN', Monitor, process, Pid, {gave, Value}} ->
            _ = (maps:get(clean, Work, fun(_) -> ok end))(Input),
            Value;
        {'DOWN', Monitor, process, Pid, Reason} ->
            throw({stop, io_lib:format("~ts failed: ~tP", [Name, Reason, 30])})
    end.

columns([[] | _]) -> [];
columns(Rows) -> [[hd(Row) || Row <- Rows] | columns([tl(Row) || Row <- Rows])].

sampled(Sorted) ->
    Count = length(Sorted),
    Median = (lists:nth((Count + 1) div 2, Sorted) + lists:nth(Count div 2 + 1, Sorted)) / 2,
    #{median => Median, min => hd(Sorted), max => lists:last(Sorted), samples => Count}.

median(Row, #{median := Median}) -> in(Row, Median).

range(Row, #{min := Least, max := Most}) ->
    [Low, High] = lists:sort([in(Row, Least), in(Row, Most)]),
    {Low, High}.

in(#{unit := ms}, Nanoseconds) -> Nanoseconds / 1.0e6;
in(#{unit := us}, Nanoseconds) -> Nanoseconds / 1.0e3;
in(#{unit := per_s, count := Count}, Nanoseconds) -> Count * 1.0e9 / Nanoseconds.
