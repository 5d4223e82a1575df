%% The registry's program and the process that speaks for it: neither outlives the other.
-module(hexide_server_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([its_program_is_another_process_of_the_system/1, a_node_that_is_killed_leaves_no_registry/1,
         a_registry_that_is_killed_ends_its_process_with_a_reason/1, a_supervisor_starts_it_anew/1,
         info_waits_for_nobody/1, the_mail_function_may_call_the_registry/1,
         a_mail_function_that_fails_costs_nothing/1, what_is_stopped_leaves_nothing/1,
         a_program_that_is_missing_is_named/1, what_is_called_wrongly_is_the_callers_fault/1,
         what_happens_is_told_to_the_logger/1]).
-export([log/2, init/1]).

-define(DEADLINE, 60_000).

all() ->
    [its_program_is_another_process_of_the_system, a_node_that_is_killed_leaves_no_registry,
     a_registry_that_is_killed_ends_its_process_with_a_reason, a_supervisor_starts_it_anew, info_waits_for_nobody,
     the_mail_function_may_call_the_registry, a_mail_function_that_fails_costs_nothing, what_is_stopped_leaves_nothing,
     a_program_that_is_missing_is_named, what_is_called_wrongly_is_the_callers_fault,
     what_happens_is_told_to_the_logger].

its_program_is_another_process_of_the_system(_) ->
    {ok, Server} = hexide_server:start_link(),
    Program = program(Server),
    ?assertNotEqual(list_to_integer(os:getpid()), Program),
    ?assertEqual("hexide-server", string:trim(os:cmd("ps -o comm= -p " ++ integer_to_list(Program)))),
    ok = hexide_server:stop(Server).

a_node_that_is_killed_leaves_no_registry(_) ->
    Paths = [Path || Module <- [hexide_server, hexide_config, ?MODULE], Path <- [filename:dirname(code:which(Module))]],
    {ok, Peer, _} = peer:start(#{connection => standard_io, args => ["-pa" | Paths]}),
    {ok, Server} = peer:call(Peer, hexide_trial, start, []),
    #{server := Pid, info := #{data_dir := Folder}} = Server,
    {Program, Node} = {peer:call(Peer, erlang, apply, [fun program/1, [Pid]]), peer:call(Peer, os, getpid, [])},
    ?assert(runs(Program)),
    _ = os:cmd("kill -9 " ++ Node),
    ok = eventually(fun() -> not runs(Program) end),
    ?assertNot(filelib:is_dir(Folder)).

a_registry_that_is_killed_ends_its_process_with_a_reason(_) ->
    {ok, Server} = hexide_server:start_link(),
    true = unlink(Server),
    Monitor = monitor(process, Server),
    %% Somebody waits for an answer when it happens.
    Program = program(Server),
    _ = os:cmd("kill -STOP " ++ integer_to_list(Program)),
    {Caller, Waiting} = spawn_monitor(fun() -> hexide_server:confirm_user(Server, "alice") end),
    ok = eventually(fun() -> waiting(Server) =:= 1 end),
    _ = os:cmd("kill -9 " ++ integer_to_list(Program)),
    receive {'DOWN', Monitor, process, Server, Reason} -> ?assertEqual({registry_ended, 137}, Reason)
    after ?DEADLINE -> error(goes_on)
    end,
    receive {'DOWN', Waiting, process, Caller, Why} -> ?assertMatch({{registry_ended, 137}, _}, Why)
    after ?DEADLINE -> error(waits_on)
    end.

a_supervisor_starts_it_anew(_) ->
    {ok, Supervisor} = supervisor:start_link({local, ?MODULE}, ?MODULE, []),
    {ok, First} = supervisor:start_child(Supervisor, hexide_server:child_spec(#{})),
    Monitor = monitor(process, First),
    _ = os:cmd("kill -9 " ++ integer_to_list(program(First))),
    receive {'DOWN', Monitor, process, First, _} -> ok after ?DEADLINE -> error(goes_on) end,
    Second = fun() -> [Pid || {hexide_server, Pid, _, _} <- supervisor:which_children(Supervisor), is_pid(Pid)] end,
    ok = eventually(fun() -> Second() =/= [] end),
    [Server] = Second(),
    ?assertMatch({ok, #{url := _}}, hexide_server:info(Server)),
    Program = program(Server),
    true = unlink(Supervisor),
    ok = gen_server:stop(Supervisor),
    ?assertNot(runs(Program)).

info_waits_for_nobody(_) ->
    {ok, Server} = hexide_server:start_link(),
    Program = integer_to_list(program(Server)),
    %% It cannot answer meanwhile.
    _ = os:cmd("kill -STOP " ++ Program),
    Self = self(),
    _ = spawn_link(fun() ->
                       User = #{username => "alice", email => "alice@example.com", password => "a long password"},
                       Self ! {added, hexide_server:add_user(Server, User)}
                   end),
    ok = eventually(fun() -> waiting(Server) =:= 1 end),
    ?assertMatch({ok, #{url := _}}, hexide_server:info(Server)),
    _ = os:cmd("kill -CONT " ++ Program),
    receive {added, Added} -> ?assertMatch({ok, #{username := <<"alice">>}}, Added) after ?DEADLINE -> error(late) end,
    ok = hexide_server:stop(Server).

the_mail_function_may_call_the_registry(_) ->
    Self = self(),
    Mail = fun(#{username := Name}) -> Self ! {confirmed, hexide_server:confirm_user(whereis(?MODULE), Name)} end,
    {ok, Server} = hexide_server:start_link(#{confirm_email => true, mail => Mail}),
    true = register(?MODULE, Server),
    {ok, #{api_url := Api, repo_url := Repo}} = hexide_server:info(Server),
    {ok, _} = hexide_user:register(#{api_url => Api, repo_url => Repo}, "bob", "bob@example.com", "a long password"),
    receive {confirmed, Confirmed} -> ?assertEqual(ok, Confirmed) after ?DEADLINE -> error(no_mail) end,
    ok = hexide_server:stop(Server).

a_mail_function_that_fails_costs_nothing(_) ->
    Self = self(),
    {ok, Server} = hexide_server:start_link(#{confirm_email => true, mail => fun(_) -> Self ! mailed, error(broken) end}),
    {ok, #{api_url := Api}} = hexide_server:info(Server),
    {ok, _} = hexide_user:register(#{api_url => Api}, "bob", "bob@example.com", "a long password"),
    receive mailed -> ok after ?DEADLINE -> error(no_mail) end,
    ?assertEqual(ok, hexide_server:confirm_user(Server, "bob")),
    ok = hexide_server:stop(Server).

what_is_stopped_leaves_nothing(_) ->
    {ok, Server} = hexide_server:start_link(),
    {ok, #{data_dir := Folder}} = hexide_server:info(Server),
    Program = program(Server),
    ?assert(filelib:is_dir(Folder)),
    ok = hexide_server:stop(Server),
    ?assertNot(filelib:is_dir(Folder)),
    ?assertNot(runs(Program)).

a_program_that_is_missing_is_named(_) ->
    ok = application:set_env(hexide_server, program, "/nowhere/hexide-server"),
    try
        process_flag(trap_exit, true),
        {error, {io, #{path := Path, message := Message}}} = hexide_server:start_link(),
        ?assertEqual(<<"/nowhere/hexide-server">>, Path),
        ?assertNotEqual(nomatch, string:find(Message, "no such file"))
    after
        ok = application:unset_env(hexide_server, program)
    end.

what_is_called_wrongly_is_the_callers_fault(_) ->
    [?assertError(badarg, hexide_server:start_link(Options))
     || Options <- [#{prot => 1}, #{port => "4000"}, #{confirm_email => maybe_so}, #{oauth_interval => -1},
                    #{blobs => {secret, "s3://"}}]],
    process_flag(trap_exit, true),
    [?assertMatch({Options, {error, {Code, #{message := _}}}}, {Options, hexide_server:start_link(Options)})
     || {Options, Code} <- [{#{port => 65536}, invalid}, {#{address => "nowhere"}, bad_config},
                            {#{trusted_proxies => ["all"]}, bad_config}, {#{repository => "No Name"}, bad_config}]].

what_happens_is_told_to_the_logger(Config) ->
    Folder = filename:join(proplists:get_value(priv_dir, Config), "told"),
    {ok, First} = hexide_server:start_link(#{data_dir => Folder}),
    ok = hexide_server:stop(First),
    %% A blob that nothing refers to is removed at the next start, which is worth a line.
    ok = file:write_file(filename:join([Folder, "blobs", "stray"]), "stray"),
    #{level := Before} = logger:get_primary_config(),
    ok = logger:set_primary_config(level, info),
    ok = logger:add_handler(?MODULE, ?MODULE, #{config => #{to => self()}}),
    try
        {ok, Second} = hexide_server:start_link(#{data_dir => Folder}),
        receive {told, Level, Line} -> ?assertMatch({info, {match, _}}, {Level, re:run(Line, "nothing refers")})
        after ?DEADLINE -> error(not_told)
        end,
        ok = hexide_server:stop(Second)
    after
        ok = logger:remove_handler(?MODULE),
        ok = logger:set_primary_config(level, Before)
    end.

%% The handler of the logger.
log(#{level := Level, msg := {Format, Arguments}, meta := #{domain := [hexide_server]}}, #{config := #{to := Pid}}) ->
    Pid ! {told, Level, unicode:characters_to_binary(io_lib:format(Format, Arguments))};
log(_, _) ->
    ok.

%% Of the supervisor that is tried.
init([]) ->
    {ok, {#{intensity => 3}, []}}.

%% The number of the program among the processes of the system.
program(Server) ->
    #{port := Port} = sys:get_state(Server),
    {os_pid, Program} = erlang:port_info(Port, os_pid),
    Program.

waiting(Server) ->
    #{waiting := Waiting} = sys:get_state(Server),
    map_size(Waiting).

runs(Program) ->
    string:trim(os:cmd("kill -0 " ++ integer_to_list(Program) ++ " 2>/dev/null && echo yes")) =:= "yes".

eventually(Done) ->
    eventually(Done, erlang:monotonic_time(millisecond) + ?DEADLINE).

eventually(Done, Deadline) ->
    case Done() of
        true -> ok;
        false ->
            ?assert(erlang:monotonic_time(millisecond) < Deadline),
            receive after 10 -> eventually(Done, Deadline) end
    end.
