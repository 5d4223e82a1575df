%% @doc What `make bench' runs: each row is work that hexide and the reference implementation both do,
%% measured in turns in one run, beside the least that the same bytes cost.
%%
%% The rows come from the modules in {@link rows/0}; what a row is, {@link hexide_bench_row} says.
-module(hexide_bench).

-export([main/0]).

-define(RESULTS, "bench/results.json").
-define(SECONDS, 4).

%% The modules that have rows, in the order of the table.
sources() ->
    [hexide_bench_registry, hexide_bench_tarball, hexide_bench_api].

%% @doc Runs with the arguments of the command line and ends the node: 0 where every row that could run
%% did, 1 otherwise.
-spec main() -> no_return().
main() ->
    process_flag(trap_exit, true),
    _ = io:setopts([{encoding, unicode}]),
    Status =
        try
            run(arguments(init:get_plain_arguments(), #{seconds => ?SECONDS, words => []}))
        catch
            throw:{stop, Reason} ->
                io:format(standard_error, "bench: ~ts~n", [Reason]), 1;
            Class:Reason:Stack ->
                io:format(standard_error, "bench: ~ts~n", [erl_error:format_exception(Class, Reason, Stack)]), 1
        end,
    halt(Status).

arguments(["--seconds", Seconds | Rest], Options) ->
    try list_to_integer(Seconds) of
        N when N > 0 -> arguments(Rest, Options#{seconds := N});
        _ -> throw({stop, "--seconds wants a number above 0"})
    catch
        error:badarg -> throw({stop, "--seconds wants a number above 0"})
    end;
arguments(["--" ++ _ = Unknown | _], _) ->
    throw({stop, ["there is no option ", Unknown, "; usage: bench/run [--seconds N] [WORD...]"]});
arguments([Word | Rest], #{words := Words} = Options) ->
    arguments(Rest, Options#{words := [Word | Words]});
arguments([], Options) ->
    Options.

run(Options) ->
    Folder = temporary_folder(),
    try
        Reference = hexide_bench_reference:load(filename:join(Folder, "reference")),
        hexide_bench_table:head(Reference),
        Measured = lists:append([measure(Source, Folder, Options) || Source <- sources()]),
        Measured =:= [] andalso throw({stop, "no row was measured"}),
        save(Measured, Options),
        0
    after
        file:del_dir_r(Folder)
    end.

%% The file holds one whole run, never a part of one.
save(Measured, #{words := []}) ->
    ok = file:write_file(?RESULTS, hexide_json:encode([result(Each) || Each <- Measured])),
    hexide_bench_table:foot(?RESULTS);
save(_, _) ->
    ok.

measure(Source, Folder, #{words := Words, seconds := Seconds}) ->
    Wanted = [Row || #{name := Name} = Row <- Source:rows(), wanted(Name, Words)],
    lists:append([measure_row(Row, Folder, Seconds) || Row <- Wanted]).

wanted(_, []) -> true;
wanted(Name, Words) -> lists:any(fun(Word) -> string:find(Name, Word) =/= nomatch end, Words).

%% What a row needs is made when its turn comes, and gone before the next one.
measure_row(#{name := Name, open := Open} = Row, Folder, Seconds) ->
    case Open(filename:join(Folder, "row")) of
        {ok, Work} ->
            Measured = hexide_bench_row:measure(maps:merge(Row, Work), Seconds),
            close(Work),
            hexide_bench_table:row(Measured),
            [Measured];
        {skip, Reason} ->
            hexide_bench_table:skipped(Name, Reason),
            []
    end.

close(#{close := Close}) -> Close();
close(_) -> ok.

result(#{name := Name, unit := Unit, ours := Ours, theirs := Theirs, floor := Floor, ratio := Ratio} = Row) ->
    #{name => unicode:characters_to_binary(Name), unit => Unit, ours => median(Ours, Unit),
      theirs => median(Theirs, Unit), floor => median(Floor, Unit), ratio => rounded(Ratio), limit => maps:get(limit, Row, undefined)}.

median(undefined, _) -> undefined;
median(#{median := Nanoseconds}, Unit) -> rounded(hexide_bench_row:in(Unit, Nanoseconds)).

rounded(Number) -> round(Number * 1000) / 1000.

temporary_folder() ->
    Name = "hexide-bench-" ++ os:getpid(),
    Folder = filename:join(os:getenv("TMPDIR", "/tmp"), Name),
    ok = filelib:ensure_dir(filename:join(Folder, "any")),
    Folder.
