%% The job protocol, on real sockets.
-module(hexide_job_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2, end_per_testcase/2]).
-export([timeout_leaves_no_message/1, cancel_closes_the_socket/1, death_of_the_owner_closes_the_socket/1,
         cancel_after_the_answer_says_replying/1, failing_progress_fun_cancels/1,
         answer_comes_once_and_after_all_progress/1, panic_is_an_answer/1, waiting_holds_no_scheduler/1,
         full_queue_answers_busy/1, death_while_queued_frees_the_place/1]).

-define(DEADLINE, 60_000).

all() ->
    [timeout_leaves_no_message, cancel_closes_the_socket, death_of_the_owner_closes_the_socket,
     cancel_after_the_answer_says_replying, failing_progress_fun_cancels,
     answer_comes_once_and_after_all_progress, panic_is_an_answer, waiting_holds_no_scheduler,
     full_queue_answers_busy, death_while_queued_frees_the_place].

init_per_testcase(_, Config) ->
    Server = stalled_server:start(),
    [{server, Server}, {url, stalled_server:url(Server)} | Config].

end_per_testcase(_, Config) ->
    stalled_server:stop(proplists:get_value(server, Config)).

timeout_leaves_no_message(Config) ->
    Native = native(Config),
    Ref = hexide_nif:user_me(Native),
    Socket = asked(),
    {error, {timeout, #{message := _}}} = hexide_job:await(Ref, #{timeout => 50}),
    closed(Socket),
    ?assertEqual({messages, []}, process_info(self(), messages)).

cancel_closes_the_socket(Config) ->
    Ref = hexide_nif:user_me(native(Config)),
    Socket = asked(),
    ?assertEqual(cancelled, hexide_job:cancel(Ref)),
    closed(Socket),
    ?assertEqual(cancelled, hexide_job:cancel(Ref)),
    ?assertEqual({messages, []}, process_info(self(), messages)).

death_of_the_owner_closes_the_socket(Config) ->
    Owner = spawn(fun() -> hexide_user:me(settings(Config)) end),
    Socket = asked(),
    exit(Owner, kill),
    closed(Socket).

cancel_after_the_answer_says_replying(_) ->
    Ref = hexide_nif:registry_generate_key(),
    receive
        {hexide_job, Ref, {done, {ok, _}}} = Answer -> self() ! Answer
    after ?DEADLINE -> error(no_answer)
    end,
    ?assertEqual(replying, hexide_job:cancel(Ref)),
    ?assertMatch({ok, _}, hexide_job:await(Ref, #{})).

failing_progress_fun_cancels(_) ->
    {Listener, Url} = trickling_server(),
    Fail = fun(_) -> error(deliberate) end,
    ?assertError(deliberate, hexide_repo:tarball(#{repo_url => Url}, "some", "1.0.0",
                                                 #{progress => Fail, checksum => binary:copy(<<"0">>, 64)})),
    receive
        {trickling, closed} -> ok
    after ?DEADLINE -> error(still_open)
    end,
    gen_tcp:close(Listener),
    ?assertEqual({messages, []}, process_info(self(), messages)).

answer_comes_once_and_after_all_progress(_) ->
    Body = binary:copy(<<"x">>, 1 bsl 20),
    {Listener, Url} = serving(Body),
    {ok, Native} = hexide_config:native(#{repo_url => Url}),
    Checksum = string:lowercase(binary:encode_hex(crypto:hash(sha256, Body))),
    Ref = hexide_nif:repo_tarball(Native, <<"some">>, <<"1.0.0">>, Checksum),
    Messages = until_done(Ref, []),
    gen_tcp:close(Listener),
    {Progress, [{done, {ok, Received}}]} = lists:splitwith(fun({Kind, _}) -> Kind =:= progress end, Messages),
    ?assertEqual(Body, Received),
    ?assertMatch([_ | _], Progress),
    Done = [Bytes || {progress, #{done := Bytes, phase := <<"download">>, total := 1048576}} <- Progress],
    ?assertEqual(lists:sort(Done), Done),
    receive
        {hexide_job, Ref, _} -> error(answered_twice)
    after 0 -> ok
    end.

panic_is_an_answer(_) ->
    {error, {internal, #{message := Message}}} = hexide_job:await(hexide_nif:job_panic(), #{}),
    ?assert(is_binary(Message)),
    %% The node and the runtime go on.
    ?assertMatch({ok, _}, hexide_registry:generate_key()).

%% Far more operations than there are schedulers of any kind wait for a server that never answers.
waiting_holds_no_scheduler(Config) ->
    Settings = settings(Config),
    Waiting = [spawn_monitor(fun() -> hexide_user:me(Settings) end) || _ <- lists:seq(1, 200)],
    Sockets = [asked() || _ <- Waiting],
    ?assertEqual({ok, lt}, hexide_version:compare("1.0.0", "2.0.0")),
    ?assertMatch({ok, _}, file:read_file_info("/")),
    [exit(Pid, kill) || {Pid, _} <- Waiting],
    [closed(Socket) || Socket <- Sockets],
    [receive {'DOWN', Monitor, _, _, _} -> ok end || {_, Monitor} <- Waiting].

full_queue_answers_busy(Config) ->
    Peer = node_with_limits(#{max_jobs => 1, max_queue => 1}),
    _ = occupied(Peer, settings(Config)),
    {error, {busy, #{message := Message}}} = peer:call(Peer, hexide_registry, generate_key, []),
    ?assertMatch({_, _}, binary:match(Message, <<"2 jobs">>)),
    peer:stop(Peer).

death_while_queued_frees_the_place(Config) ->
    Peer = node_with_limits(#{max_jobs => 1, max_queue => 1}),
    Waiting = occupied(Peer, settings(Config)),
    [peer:call(Peer, erlang, exit, [Pid, kill]) || Pid <- lists:reverse(Waiting)],
    ok = until(fun() -> not busy(peer:call(Peer, hexide_registry, generate_key, [])) end),
    peer:stop(Peer).

%% Two processes of the node, one whose job runs and one whose job waits for its turn.
occupied(Peer, Settings) ->
    Start = fun() -> peer:call(Peer, erlang, spawn, [hexide_user, me, [Settings]]) end,
    Running = Start(),
    _ = asked(),
    Queued = Start(),
    ok = until(fun() -> busy(peer:call(Peer, hexide_registry, generate_key, [])) end),
    [Running, Queued].

busy({error, {busy, _}}) -> true;
busy(_) -> false.

%% --- what the cases share

settings(Config) ->
    #{api_url => proplists:get_value(url, Config), api_key => <<"k">>, timeout => 60_000, retries => 0}.

native(Config) ->
    {ok, Native} = hexide_config:native(settings(Config)),
    Native.

asked() ->
    receive
        {stalled, Socket, asked} -> Socket
    after ?DEADLINE -> error(never_asked)
    end.

closed(Socket) ->
    receive
        {stalled, Socket, closed} -> ok
    after ?DEADLINE -> error(still_open)
    end.

until_done(Ref, Messages) ->
    receive
        {hexide_job, Ref, {done, _} = Done} -> lists:reverse([Done | Messages]);
        {hexide_job, Ref, Progress} -> until_done(Ref, [Progress | Messages])
    after ?DEADLINE -> error(no_answer)
    end.

until(Holds) ->
    until(Holds, erlang:monotonic_time(millisecond) + ?DEADLINE).

until(Holds, Deadline) ->
    case Holds() of
        true -> ok;
        false ->
            ?assert(erlang:monotonic_time(millisecond) < Deadline),
            until(Holds, Deadline)
    end.

%% The limits are read when the library is loaded, so they need a node of their own.
node_with_limits(Limits) ->
    Paths = lists:append([["-pa", Path] || Path <- code:get_path(), filelib:is_dir(Path)]),
    {ok, Peer, _} = peer:start_link(#{connection => standard_io, args => Paths}),
    [ok = peer:call(Peer, application, set_env, [hexide, Key, Value]) || {Key, Value} <- maps:to_list(Limits)],
    Peer.

%% A server that answers one request with this body.
serving(Body) ->
    answering(fun(Socket) ->
                  ok = gen_tcp:send(Socket, ["HTTP/1.1 200 OK\r\ncontent-length: ",
                                             integer_to_list(byte_size(Body)), "\r\n\r\n", Body]),
                  _ = gen_tcp:recv(Socket, 0)
              end).

%% A server that answers with a part of a body, and tells when its peer closes.
trickling_server() ->
    Owner = self(),
    answering(fun(Socket) ->
                  ok = gen_tcp:send(Socket, ["HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n",
                                             binary:copy(<<"x">>, 50_000)]),
                  {error, _} = gen_tcp:recv(Socket, 0),
                  Owner ! {trickling, closed}
              end).

answering(Answer) ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {active, false}, {ip, {127, 0, 0, 1}}]),
    {ok, Port} = inet:port(Listener),
    _ = spawn_link(fun() ->
                       {ok, Socket} = gen_tcp:accept(Listener),
                       {ok, _} = gen_tcp:recv(Socket, 0),
                       Answer(Socket)
                   end),
    {Listener, iolist_to_binary(["http://127.0.0.1:", integer_to_list(Port)])}.
