%% What a failure, a log, a crash report or an observer shows of secrets: calls that are made to fail, and the
%% search of all that for marked secrets.
-module(leak_trial).

-export([prepare/1, finish/0, folder/2]).
-export([marks/1, world/3, settings/2, resolved/2, context/2, command/1, requests/2, registry/1, peer/2, until/1,
         gone/1, trial/2, logged/1, observed/2, find/2, none/1]).

-include_lib("stdlib/include/assert.hrl").

-define(DEADLINE, 60_000).

%% A suite's configuration with the marks.
prepare(Config) ->
    %% No keyring of the person who runs this.
    true = os:putenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"),
    ok = every_log:start(),
    {ok, Pem} = hexide_registry:generate_key(),
    Marks = secret_marks:make([config, argument, api_key, api_otp, repo_key, proxy_password, token, access_token,
                               device_code, password, local_password]),
    %% The test server keeps this list in tables that a case looks into.
    [{marks, fun() -> Marks#{private_key => lists:nth(10, binary:split(Pem, <<"\n">>, [global]))} end},
     {pem, fun() -> Pem end} | Config].

finish() ->
    true = os:unsetenv("DBUS_SESSION_BUS_ADDRESS"),
    every_log:stop().

%% The configuration of a case, with a folder of its own.
folder(Case, Config) ->
    Folder = filename:join(proplists:get_value(priv_dir, Config), atom_to_list(Case)),
    ok = filelib:ensure_dir(filename:join(Folder, "x")),
    _ = every_log:take(),
    [{folder, Folder} | Config].

marks(Config) ->
    (proplists:get_value(marks, Config))().

world(Config, Server, Settings) ->
    Marks = marks(Config),
    Pem = (proplists:get_value(pem, Config))(),
    Secret = fun(private_key) -> Pem;
                (Name) -> maps:get(Name, Marks)
             end,
    #{config => Settings, server => Server, folder => proplists:get_value(folder, Config), secret => Secret}.

settings(Config, Url) ->
    Marks = marks(Config),
    Proxy = <<"http://joe:", (maps:get(proxy_password, Marks))/binary, "@127.0.0.1:1">>,
    maps:merge(maps:with([api_key, api_otp, repo_key], Marks),
               #{api_url => Url, repo_url => Url, http_proxy => Proxy, https_proxy => Proxy, retries => 0}).

%% As a command or a program has it: with its secrets hidden.
resolved(Config, Url) ->
    {ok, #{config := Resolved}} = hexide_config:resolve(#{environment => [], project => settings(Config, Url)}),
    Resolved.

command(Name) ->
    {ok, Command} = hexide_command:find(iolist_to_binary(Name)),
    Command.

context(Config, Settings) ->
    Password = maps:get(local_password, marks(Config)),
    #{config => Settings, sources => #{}, repository => <<"local">>, system => #{},
      repositories => [#{name => <<"local">>, api_url => maps:get(api_url, Settings), repo_url => undefined,
                         public_key => undefined, signed_in => true, username => undefined}],
      settings => fun(_) -> {ok, Settings} end,
      user_file => filename:join(proplists:get_value(folder, Config), "hex.config"),
      ask => fun(#{kind := confirm}) -> {ok, true};
                (_) -> {ok, Password}
             end,
      progress => fun(Event) -> logger:notice("~tp", [Event]) end, browse => fun(_) -> false end,
      interruptible => fun(Run) -> Run() end}.

%% The calls that ask a peer.
requests(Config, Settings) ->
    World = world(Config, self(), Settings),
    [Call || {_, _, [First | _]} = Call <- api_calls:right(World), First =:= Settings].

registry(Options) ->
    {ok, Server} = hexide_server:start_link(Options),
    true = unlink(Server),
    Server.

peer(Paths, Umask) ->
    Start = "umask " ++ Umask ++ "; exec erl \"$@\"",
    {ok, Peer, _} = peer:start_link(#{connection => standard_io,
                                      exec => {os:find_executable("sh"), ["-c", Start, "sh"]}}),
    ok = peer:call(Peer, code, add_pathsa, [Paths]),
    Peer.

until(Condition) ->
    until(Condition, erlang:monotonic_time(millisecond) + ?DEADLINE div 3).

until(Condition, Deadline) ->
    case {Condition(), erlang:monotonic_time(millisecond) > Deadline} of
        {true, _} -> ok;
        {false, false} -> erlang:yield(), until(Condition, Deadline);
        {false, true} -> late
    end.

%% Makes a call in a process that may crash of it. What of the marks its outcome and the logs then show.
trial({Module, Name, Args}, Marks) ->
    Self = self(),
    Pid = proc_lib:spawn(fun() ->
                             try apply(Module, Name, Args) of
                                 Returned -> Self ! {self(), returned(Module, Returned)}
                             catch
                                 Class:Reason:Stack ->
                                     Self ! {self(), secret_marks:exception(Class, Reason, Stack)},
                                     erlang:raise(Class, Reason, Stack)
                             end
                         end),
    Monitor = monitor(process, Pid),
    receive
        {'DOWN', Monitor, process, Pid, _} -> ok
    after ?DEADLINE div 3 -> exit(Pid, kill), ct:fail("~s:~s~ts does not end", [Module, Name, io_lib:format("~0p", [Args])])
    end,
    Text = receive {Pid, Said} -> Said after 0 -> [] end,
    [{Module, Name, length(Args), Where, Found}
     || {Where, Said} <- [{outcome, Text}, {log, every_log:take()}], Found <- find(Said, Marks)].

%% What is returned is what was asked for, unless it is a failure; of a command it goes to the screen.
returned(hexide_command, Returned) -> secret_marks:terms(Returned);
returned(_, {ok, [_ | _] = Many}) -> secret_marks:terms([Error || {error, _} = Error <- Many]);
returned(_, {error, Reason} = Error) ->
    [secret_marks:terms(Error), try hexide_failure:format(Reason) catch _:_ -> [] end];
returned(_, _) -> [].

logged(Marks) ->
    find(every_log:take(), Marks).

%% What of the marks somebody with an observer sees, of these processes and of all that is not one's.
observed(Pids, Marks) ->
    About = [{Pid, process_info(Pid, [messages, dictionary, current_stacktrace, registered_name, initial_call])}
             || Pid <- Pids],
    States = [{Pid, outcome(fun() -> sys:get_state(Pid, 50) end), outcome(fun() -> sys:get_status(Pid, 50) end)}
              || Pid <- Pids, Pid =/= self()],
    Tables = [{ets:info(Table, name), outcome(fun() -> ets:tab2list(Table) end)}
              || Table <- ets:all(), lists:member(ets:info(Table, protection), [public, protected])],
    Ports = [erlang:port_info(Port) || Port <- erlang:ports()],
    Environments = [{App, application:get_all_env(App)} || {App, _, _} <- application:loaded_applications()],
    [{Where, Found} || {Where, What} <- [{processes, About}, {states, States}, {tables, Tables}, {ports, Ports},
                                         {persistent_terms, persistent_term:get()}, {environments, Environments}],
                       Found <- find(io_lib:format("~0tp ~w", [What, What]), Marks)].

%% Of a process or a table that is gone, how the look at it failed.
outcome(Look) ->
    try Look() catch Class:Reason:Stack -> {Class, Reason, Stack} end.

find(Text, Marks) ->
    Key = {?MODULE, searcher, erlang:phash2(Marks)},
    Searcher = case get(Key) of
                   undefined ->
                       Made = secret_marks:searcher(Marks),
                       %% Nothing that an observer would find.
                       _ = put(Key, fun() -> Made end),
                       Made;
                   Known -> Known()
               end,
    secret_marks:found(Text, Searcher).

none(Leaks) ->
    ?assertEqual([], lists:usort(lists:append(Leaks))).

%% Waits until the process has ended.
gone(Pid) ->
    Monitor = monitor(process, Pid),
    receive {'DOWN', Monitor, process, Pid, _} -> ok after ?DEADLINE -> ct:fail(still_there) end.
