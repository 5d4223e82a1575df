%% @doc Rows about the registry under load, from other processes on loopback: that what it does for one
%% package does not cost more the more packages it has.
-module(hexide_bench_server).

-export([rows/0]).

-define(FEW, 100).
-define(MANY, 20_000).

%% So many packages are read: each is signed and written once, which takes its time and has rows of its own, and
%% what is measured is reading.
-define(READ, 500).
-define(ROUNDS, 3).
-define(PUBLISHES, 100).
-define(FIRST_READS, 9).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "server, under load", measure => fun measure/2}].

measure(Folder, Seconds) ->
    case hexide_bench_load:missing() of
        none ->
            try
                started(Folder, Seconds)
            after
                file:del_dir_r(Folder)
            end;
        Missing -> {skip, Missing}
    end.

started(Folder, Seconds) ->
    beside([{filename:join(Folder, "few"), ?FEW}, {filename:join(Folder, "many"), ?MANY}], [],
           fun([Few, Many]) ->
               {ok, lists:append([reads([Few, Many], Folder, Seconds), publishes([Few, Many]), first([Few, Many])])}
           end).

%% With all of those registries at once.
beside([{Folder, Count} | Rest], Crowds, Measure) ->
    case hexide_bench_crowd:start(Folder, Count) of
        {ok, Crowd} ->
            try
                beside(Rest, Crowds ++ [Crowd], Measure)
            after
                hexide_bench_crowd:stop(Crowd)
            end;
        {skip, _} = Skipped -> Skipped
    end;
beside([], Crowds, Measure) ->
    Measure(Crowds).

%% Both in turns, so that whatever else the machine does falls on both.
reads(Crowds, Folder, Seconds) ->
    Each = max(1, Seconds div ?ROUNDS),
    lists:append([read(What, [{Crowd, {Path, Step(Crowd), Count(Crowd)}} || Crowd <- Crowds], {Folder, Each})
                  || {What, Path, Step, Count} <- targets()]).

targets() ->
    One = fun(_) -> 1 end,
    All = fun(#{count := Count}) -> Count end,
    Some = fun(#{count := Count}) -> min(Count, ?READ) end,
    Apart = fun(#{count := Count}) -> Count div min(Count, ?READ) end,
    [{"a package of the API", "/api/packages/package_%d", Apart, Some},
     {"a signed package", "/repo/packages/package_%d", Apart, Some},
     {"a tarball", "/repo/tarballs/package_%d-1.0.0.tar", One, All},
     {"versions", "/repo/versions", One, One}].

read(What, Targets, {Folder, Seconds}) ->
    Read = fun({#{url := Url, pid := Pid}, Target}, For) -> hexide_bench_load:read(Url, Target, Pid, {Folder, For}) end,
    %% Whatever is made at the first read is there then.
    _ = [Read(Target, 1) || Target <- Targets],
    Rounds = [[Read(Target, Seconds) || Target <- Targets] || _ <- lists:seq(1, ?ROUNDS)],
    Many = fun(Key) -> median([maps:get(Key, Of) || [_, Of] <- Rounds]) end,
    [#{name => "server: GET " ++ What, unit => per_s, ours => Many(rate)},
     #{name => "server: GET " ++ What ++ ", p99", unit => ms, ours => Many(p99)},
     #{name => "server: GET " ++ What ++ ", its CPU time", unit => us, ours => Many(cpu)}
     | [grown("server: GET " ++ What, median([OfMany / OfFew || [#{cpu := OfFew}, #{cpu := OfMany}] <- Rounds]))
        || What =/= "versions"]].

%% `versions' has an entry for each package, so reading it does grow; for one package nothing may.
grown(What, Times) ->
    #{name => What ++ ", 20,000 for 100", unit => x, ours => Times, limit => {at_most, 1.5}}.

publishes(Crowds) ->
    Connections = [hexide_bench_load:connect(Config) || #{config := Config} <- Crowds],
    Before = [cpu(Crowd) || Crowd <- Crowds],
    Rounds = [[hexide_bench_load:publish(Connection, "new_" ++ integer_to_list(Number), Version)
               || Connection <- Connections] || Version <- ["1.0.0", "1.1.0"], Number <- lists:seq(1, ?PUBLISHES)],
    [CpuFew, CpuMany] = [(cpu(Crowd) - Start) / length(Rounds) || {Crowd, Start} <- lists:zip(Crowds, Before)],
    lists:foreach(fun hexide_bench_load:close/1, Connections),
    Many = [Took || [_, Took] <- Rounds],
    [#{name => "server: publish", unit => ms, ours => median(Many)},
     #{name => "server: publish, p99", unit => ms, ours => lists:nth(length(Many) * 99 div 100, lists:sort(Many))},
     #{name => "server: publish, its CPU time", unit => us, ours => CpuMany},
     grown("server: publish", CpuMany / CpuFew)].

%% The first reader after a publish waits until the resource is built and signed, or the reply written.
first([Few, Many]) ->
    Read = fun(Crowd) -> first(Crowd, ["/repo/versions", "/repo/names", "/repo/packages/new_1", "/api/packages/new_1"]) end,
    [Versions, Names, Signed, Shown] = Read(Many),
    [_, _, _, ShownByFew] = Read(Few),
    [#{name => "server: first read of versions after a publish", unit => ms, ours => Versions},
     #{name => "server: first read of names after a publish", unit => ms, ours => Names},
     #{name => "server: first read of its signed package after a publish", unit => ms, ours => Signed},
     #{name => "server: first read in the API after a publish", unit => ms, ours => Shown},
     grown("server: first read in the API", Shown / ShownByFew)].

first(#{config := Config}, Paths) ->
    Connection = hexide_bench_load:connect(Config),
    %% No version is published twice.
    Version = fun(Round, Nth) -> lists:append(["2.", integer_to_list(Round), ".", integer_to_list(Nth)]) end,
    Took = [median([begin
                        _ = hexide_bench_load:publish(Connection, "new_1", Version(Round, Nth)),
                        hexide_bench_load:fetch(Connection, Path)
                    end || Nth <- lists:seq(1, ?FIRST_READS)])
            || {Round, Path} <- lists:enumerate(Paths)],
    ok = hexide_bench_load:close(Connection),
    Took.

cpu(#{pid := Pid}) ->
    {ok, Microseconds} = hexide_bench_load:cpu(Pid),
    Microseconds.

median(Numbers) ->
    lists:nth((length(Numbers) + 1) div 2, lists:sort(Numbers)).
