%% @doc Waiting for native work.
%%
%% A native operation that waits runs off every scheduler and answers by messages to the process that
%% started it: any number of `{hexide_job, Ref, {progress, Map}}', then exactly one
%% `{hexide_job, Ref, {done, Outcome}}'. This module is the only one that knows that protocol; everything
%% else calls {@link call/3} and blocks as plain Erlang code does. When the waiting process dies, the
%% operation is cancelled natively and its connection closed.
-module(hexide_job).

-export([call/2, call/3, await/2, cancel/1]).

-export_type([ref/0, outcome/0, outcome/1, options/0, progress/0]).

-type ref() :: reference().
%% The handle of an operation under way.

-type outcome() :: ok | {error, hexide_error:reason()}.
-type outcome(Value) :: {ok, Value} | {error, hexide_error:reason()}.

-type progress() :: #{phase := binary(), done := non_neg_integer(), total := non_neg_integer() | undefined,
                      item := binary() | undefined}.
%% How far an operation is: `done' of `total' of this phase (bytes of an `upload' or a `download', items of
%% a `fetch', seconds of an `approval'), and which item.

-type options() :: #{progress => fun((progress()) -> term()), timeout => timeout(), atom() => term()}.
%% `progress' is called in the waiting process, twenty times a second at most and at the end of each phase;
%% `timeout' (milliseconds) bounds the whole wait.

%% @doc Starts an operation and waits for its answer.
-spec call(fun(() -> ref()), options()) -> outcome() | outcome(term()).
call(Start, Options) ->
    %% What is started may have been given a secret.
    await(hexide_exception:bare(Start), Options).

%% @doc The same with a configuration, which is checked and completed first.
-spec call(hexide_config:config(), options(), fun((hexide_config:native()) -> ref())) ->
          outcome() | outcome(term()).
call(Config, Options, Start) ->
    case hexide_config:native(Config) of
        {ok, Native} -> call(fun() -> Start(Native) end, Options);
        {error, _} = Error -> Error
    end.

%% @doc Waits for the answer of an operation. When the time is up it is cancelled, and no message of it
%% is left behind.
-spec await(ref(), options()) -> outcome() | outcome(term()).
await(Ref, Options) ->
    Progress = maps:get(progress, Options, fun(_) -> ok end),
    case maps:get(timeout, Options, infinity) of
        infinity -> await(Ref, Progress, infinity);
        Timeout -> await(Ref, Progress, {deadline, now_ms() + Timeout})
    end.

await(Ref, Progress, Deadline) ->
    receive
        {hexide_job, Ref, {progress, Report}} ->
            _ = report(Ref, Progress, Report),
            await(Ref, Progress, Deadline);
        {hexide_job, Ref, {done, Outcome}} ->
            Outcome
    after left(Deadline) ->
        case cancel(Ref) of
            cancelled -> flush(Ref), {error, {timeout, #{message => <<"the operation took too long">>}}};
            replying -> await(Ref, fun(_) -> ok end, infinity)
        end
    end.

%% A report function that fails must not leave the operation running behind the caller's back.
report(Ref, Progress, Report) ->
    try
        Progress(Report)
    catch
        Class:Reason:Stack ->
            _ = cancel(Ref),
            flush(Ref),
            erlang:raise(Class, Reason, Stack)
    end.

%% @doc Cancels an operation. `cancelled': no answer will come; `replying': it was sent or is on its
%% way, collect it.
-spec cancel(ref()) -> cancelled | replying.
cancel(Ref) ->
    hexide_nif:job_cancel(Ref).

flush(Ref) ->
    receive
        {hexide_job, Ref, _} -> flush(Ref)
    after 0 -> ok
    end.

left(infinity) -> infinity;
left({deadline, Deadline}) -> max(0, Deadline - now_ms()).

now_ms() ->
    erlang:monotonic_time(millisecond).
