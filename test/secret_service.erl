%% A real keyring for tests: GNOME Keyring on a session bus of its own, with nothing of the user's.
-module(secret_service).

-export([missing/0, with_bus/1, with_keyring/3, with_environment/2]).

%% The programs that it takes and that are not installed.
missing() ->
    [Program || Program <- ["dbus-daemon", "gnome-keyring-daemon"], os:find_executable(Program) =:= false].

%% Works with a bus of its own, which is the session's meanwhile: the fun is given its folder and address.
with_bus(Work) ->
    %% A short name: sockets stand in it.
    Folder = filename:join(os:getenv("TMPDIR", "/tmp"),
                           lists:concat(["hexide-bus-", os:getpid(), "-", erlang:unique_integer([positive])])),
    {Address, Bus} = start_bus(Folder),
    try
        with_environment([{"DBUS_SESSION_BUS_ADDRESS", Address}], fun() -> Work({Folder, Address}) end)
    after
        stop(Bus),
        ok = file:del_dir_r(Folder)
    end.

%% Works with a keyring on that bus, opened by this password; locked where it is `none'.
with_keyring(Session, Password, Work) ->
    Keyring = start_keyring(Session, Password),
    try
        Work()
    after
        stop(Keyring)
    end.

%% Works with these variables in the environment.
with_environment(Variables, Work) ->
    Before = [{Name, os:getenv(Name)} || {Name, _} <- Variables],
    [os:putenv(Name, Value) || {Name, Value} <- Variables],
    try
        Work()
    after
        [case Value of
             false -> os:unsetenv(Name);
             _ -> os:putenv(Name, Value)
         end || {Name, Value} <- Before]
    end.

%% A bus that starts no program by itself, at the socket `bus' in this folder: its address, and what stops
%% it. The folder's name must be short, since sockets stand in it.
start_bus(Folder) ->
    ok = filelib:ensure_path(Folder),
    ok = file:change_mode(Folder, 8#700),
    Settings = filename:join(Folder, "bus.conf"),
    ok = file:write_file(Settings, ["<busconfig><type>session</type><listen>unix:path=", Folder, "/bus</listen>",
                                    "<policy context=\"default\"><allow send_destination=\"*\"/>",
                                    "<allow own=\"*\"/><allow receive_sender=\"*\"/></policy></busconfig>"]),
    Bus = run("dbus-daemon", ["--config-file=" ++ Settings, "--nofork", "--print-address"], []),
    {first_line(Bus, "unix:"), Bus}.

%% The keyring of this folder on that bus, opened by this password (and made at the first time); locked
%% where the password is `none'.
start_keyring({Folder, Address}, Password) ->
    Input = filename:join(Folder, "password"),
    {Text, Unlock} = case Password of
                         none -> {"", []};
                         _ -> {Password, ["--unlock"]}
                     end,
    ok = file:write_file(Input, Text),
    Environment = [{"HOME", Folder}, {"XDG_DATA_HOME", Folder}, {"XDG_RUNTIME_DIR", Folder},
                   {"DBUS_SESSION_BUS_ADDRESS", Address}],
    Arguments = ["--foreground", "--components=secrets", "--control-directory=" ++ Folder | Unlock],
    Keyring = run("sh", ["-c", "exec gnome-keyring-daemon \"$@\" <\"$0\"", Input | Arguments], Environment),
    offered(Address, erlang:monotonic_time(millisecond) + 60_000),
    Keyring.

%% The program says nothing at the moment when it is there for others.
offered(Address, Deadline) ->
    Bus = list_to_binary(Address),
    case hexide_job:call(fun() -> hexide_nif:keyring_get(Bus, <<"nobody">>) end, #{timeout => 60_000}) of
        {error, {io, #{reason := <<"no_keyring">>}}} ->
            erlang:monotonic_time(millisecond) < Deadline orelse error(no_keyring),
            offered(Address, Deadline);
        _ -> ok
    end.

%% Returns when the program has ended.
stop(Port) ->
    {os_pid, Pid} = erlang:port_info(Port, os_pid),
    _ = os:cmd("kill " ++ integer_to_list(Pid)),
    ended(Port).

ended(Port) ->
    receive
        {Port, {exit_status, _}} -> ok;
        {Port, {data, _}} -> ended(Port)
    after 60_000 -> error({does_not_end, Port})
    end.

run(Program, Arguments, Environment) ->
    open_port({spawn_executable, os:find_executable(Program)},
              [{args, Arguments}, {env, Environment}, {line, 4096}, stderr_to_stdout, exit_status]).

first_line(Port, Start) ->
    receive
        {Port, {data, {eol, Line}}} ->
            case lists:prefix(Start, Line) of
                true -> Line;
                false -> first_line(Port, Start)
            end;
        {Port, {exit_status, Status}} -> error({ended, Status})
    after 60_000 -> error({says_nothing, Start})
    end.
