%% @doc What `make bench' runs: each row is work that hexide and the reference implementation both do,
%% measured in one run, beside the least that the same bytes cost.
%%
%% The rows come from the modules in `sources/0'; what a row is, {@link hexide_bench_row} says, and what
%% comes out of it {@link hexide_bench_figure}.
-module(hexide_bench).

-export([main/0]).

-define(RESULTS, "bench/results.json").
-define(DRAWING, "docs/bench.svg").
-define(SECONDS, 4).

%% The modules that have rows, in the order of the table, each under its heading.
sources() ->
    [{hexide_bench_registry, "The signed index"},
     {hexide_bench_tarball, "Package tarballs"},
     {hexide_bench_docs, "Documentation tarballs"},
     {hexide_bench_fetch, "Fetching many packages"},
     {hexide_bench_api, "The API"},
     {hexide_bench_server, "The registry under load"},
     {hexide_bench_vm, "The node around it"},
     {hexide_bench_memory, "Memory"},
     {hexide_bench_command, "Commands"},
     {hexide_bench_library, "What is compiled"},
     {hexide_bench_growth, "As work grows"}].

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
        Facts = hexide_bench_machine:facts(hexide_bench_reference:load(filename:join(Folder, "reference"))),
        hexide_bench_table:head(Facts),
        Figures = lists:append([group(Source, Title, Folder, Options) || {Source, Title} <- sources()]),
        Figures =:= [] andalso throw({stop, "nothing was measured"}),
        hexide_bench_table:foot(Figures, save(Figures, Facts, Options)),
        0
    after
        file:del_dir_r(Folder)
    end.

%% The files hold one whole run, never a part of one, and nothing of a library that nobody would use.
save(Figures, Facts, #{words := []}) ->
    case hexide_bench_machine:profile() of
        "dev" ++ _ ->
            [];
        _ ->
            Json = hexide_json:encode([hexide_bench_figure:json(Each) || Each <- Figures]),
            ok = file:write_file(?RESULTS, [Json, "\n"]),
            ok = file:write_file(?DRAWING, hexide_bench_svg:draw(Figures, Facts)),
            [?RESULTS, ?DRAWING]
    end;
save(_, _, _) ->
    [].

group(Source, Title, Folder, #{words := Words, seconds := Seconds}) ->
    case [Row || #{name := Name} = Row <- Source:rows(), wanted(Name, Words)] of
        [] -> [];
        Rows ->
            hexide_bench_table:group(Title),
            [Figure#{group => Title} || Row <- Rows, Figure <- measured(Row, Folder, Seconds)]
    end.

wanted(_, []) -> true;
wanted(Name, Words) -> lists:any(fun(Word) -> string:find(Name, Word) =/= nomatch end, Words).

%% What a row needs is made when its turn comes, and gone before the next one.
measured(#{name := Name} = Row, Folder, Seconds) ->
    case hexide_bench_row:figures(Row, filename:join(Folder, "row"), Seconds) of
        {ok, Figures} ->
            lists:foreach(fun hexide_bench_table:figure/1, Figures),
            Figures;
        {skip, Reason} ->
            hexide_bench_table:skipped(Name, Reason),
            []
    end.

temporary_folder() ->
    Name = "hexide-bench-" ++ os:getpid(),
    Folder = filename:join(os:getenv("TMPDIR", "/tmp"), Name),
    ok = filelib:ensure_dir(filename:join(Folder, "any")),
    Folder.
