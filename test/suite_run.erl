%% Runs one suite in a node of its own, so that several may run beside each other: a line for each case as it ends,
%% and how many passed, failed and were skipped in the last one.
-module(suite_run).

-export([main/1]).
-export([init/2, post_end_per_testcase/5, on_tc_fail/4, on_tc_skip/4]).

main([Suite, Logs]) ->
    Options = [{dir, filename:dirname(code:where_is_file(Suite ++ ".beam"))}, {suite, Suite}, {logdir, Logs}, {auto_compile, false}, {ct_hooks, [?MODULE]},
               {abort_if_missing_suites, true}],
    %% Common Test's own lines are in its logs; the hook's go to where this was started from.
    case ct:run_test(Options) of
        {Passed, Failed, {Chosen, Forced}} ->
            say("~ts: ~b passed, ~b failed, ~b skipped~n", [Suite, Passed, Failed, Chosen + Forced]),
            halt(case Failed of 0 -> 0; _ -> 1 end);
        Broken ->
            say("~ts: it did not run: ~0tp~n", [Suite, Broken]),
            halt(1)
    end.

init(_, _) ->
    {ok, none}.

post_end_per_testcase(Suite, Case, _, ok, State) ->
    say("~ts ==> ~ts: OK~n", [Suite, name(Case)]),
    {ok, State};
post_end_per_testcase(Suite, Case, _, Result, State) ->
    _ = [say("~ts ==> ~ts: OK~n", [Suite, name(Case)]) || not failed(Result)],
    {Result, State}.

on_tc_fail(Suite, Case, Reason, State) ->
    say("~ts ==> ~ts: FAILED~n  ~tp~n", [Suite, name(Case), Reason]),
    State.

on_tc_skip(Suite, Case, Reason, State) ->
    say("~ts ==> ~ts: skipped~n  ~tp~n", [Suite, name(Case), Reason]),
    State.

failed({error, _}) -> true;
failed({skip, _}) -> true;
failed({skipped, _}) -> true;
failed({failed, _}) -> true;
failed({timetrap_timeout, _}) -> true;
failed({testcase_aborted, _, _}) -> true;
failed(_) -> false.

name({Case, Group}) -> [atom_to_list(Group), ".", atom_to_list(Case)];
name(Case) -> atom_to_list(Case).

say(Format, Arguments) ->
    io:format(standard_error, Format, Arguments).
