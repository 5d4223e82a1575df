%% @private
%% @doc The program behind a registry: a process that starts it as a port and talks to it in frames.
%%
%% Requests are answered in whatever order the program replies; nothing waits behind another. When this process ends,
%% however that comes, the program's input closes and it ends, too. When the program ends, this process does.
-module(hexide_server_program).
-behaviour(gen_server).

-export([start_link/2, request/2, info/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

-type mail() :: fun((hexide_server:mail()) -> term()).

-type state() :: #{port := port(), info := hexide_server:info(), mail := mail(), next := pos_integer(),
                   waiting := #{pos_integer() => gen_server:from()}}.

%% The request that starts the registry.
-define(START, 0).
%% How long a registry may take to end, in milliseconds; less than what child_spec/1 allows.
-define(END, 9_000).

%% @doc Starts the program, and the registry with these settings; it answers when this returns.
-spec start_link(map(), mail()) -> {ok, pid()} | {error, hexide_error:reason()}.
start_link(Settings, Mail) ->
    case gen_server:start_link(?MODULE, {Settings, Mail}, [{timeout, infinity}]) of
        {ok, Pid} -> {ok, Pid};
        {error, {shutdown, Reason}} -> {error, Reason};
        ignore -> {error, {internal, #{message => <<"the registry did not start">>}}}
    end.

%% @doc Has the registry do something. Secrets are hidden in functions, so that no message shows them.
-spec request(pid(), map()) -> hexide_job:outcome() | hexide_job:outcome(term()).
request(Server, Request) ->
    gen_server:call(Server, {request, Request}, infinity).

%% @doc What the registry told of itself when it started.
-spec info(pid()) -> hexide_server:info().
info(Server) ->
    gen_server:call(Server, info).

%% @private
-spec init({map(), mail()}) -> {ok, state()} | {stop, {shutdown, hexide_error:reason()}}.
init({Settings, Mail}) ->
    process_flag(trap_exit, true),
    %% Mails and passwords pass through here, and crash reports show the messages of a process.
    process_flag(sensitive, true),
    case opened(program()) of
        {ok, Port} ->
            ok = send(Port, Settings#{id => ?START, do => start}),
            started(#{port => Port, mail => Mail, next => ?START + 1, waiting => #{}});
        %% The caller is told why; the log needs no crash report of it.
        {error, Reason} -> {stop, {shutdown, Reason}}
    end.

program() ->
    case application:get_env(hexide_server, program) of
        {ok, Program} -> Program;
        undefined -> filename:join(priv(), "hexide-server")
    end.

%% A started application and a release know their priv folder. A plugin or a checkout may be on the code path under
%% another folder name, where only the place of this module tells.
priv() ->
    case code:priv_dir(hexide_server) of
        {error, bad_name} -> filename:join(filename:dirname(filename:dirname(code:which(?MODULE))), "priv");
        Folder -> Folder
    end.

opened(Program) ->
    try
        {ok, open_port({spawn_executable, Program}, [{args, ["--stdio"]}, {packet, 4}, binary, exit_status])}
    catch
        error:Why ->
            Message = ["the program of the registry cannot be started: ", hexide_text:binary(file:format_error(Why))],
            {error, {io, #{path => hexide_text:path(Program), message => iolist_to_binary(Message)}}}
    end.

%% Before the registry answers nobody knows this process, so nothing else comes.
started(#{port := Port} = State) ->
    receive
        {Port, {data, Frame}} ->
            %% The atoms in it are names that the program itself has; what came from outside is in binaries.
            case binary_to_term(Frame) of
                {reply, ?START, {ok, Info}} -> {ok, State#{info => Info}};
                {reply, ?START, {error, Reason}} ->
                    ok = ended(Port),
                    {stop, {shutdown, Reason}};
                Told ->
                    ok = told(Told, State),
                    started(State)
            end;
        {Port, {exit_status, Status}} ->
            Message = ["the program of the registry ended with status ", integer_to_binary(Status)],
            {stop, {shutdown, {io, #{message => iolist_to_binary(Message)}}}};
        {'EXIT', Parent, Reason} when is_pid(Parent) ->
            ok = ended(Port),
            exit(Reason)
    end.

%% @private
-spec handle_call(info | {request, map()}, gen_server:from(), state()) ->
          {reply, hexide_server:info(), state()} | {noreply, state()}.
handle_call(info, _, #{info := Info} = State) ->
    {reply, Info, State};
handle_call({request, Request}, From, #{port := Port, next := Id, waiting := Waiting} = State) ->
    ok = send(Port, Request#{id => Id}),
    {noreply, State#{next := Id + 1, waiting := Waiting#{Id => From}}}.

%% @private
-spec handle_cast(term(), state()) -> {noreply, state()}.
handle_cast(_, State) ->
    {noreply, State}.

%% @private
-spec handle_info(term(), state()) -> {noreply, state()} | {stop, term(), state()}.
handle_info({Port, {data, Frame}}, #{port := Port, waiting := Waiting} = State) ->
    case binary_to_term(Frame) of
        {reply, Id, Outcome} ->
            {From, Rest} = maps:take(Id, Waiting),
            ok = gen_server:reply(From, Outcome),
            {noreply, State#{waiting := Rest}};
        Told ->
            ok = told(Told, State),
            {noreply, State}
    end;
handle_info({Port, {exit_status, Status}}, #{port := Port} = State) ->
    {stop, {registry_ended, Status}, State};
handle_info({'EXIT', Port, Reason}, #{port := Port} = State) ->
    {stop, {registry_ended, Reason}, State};
handle_info(_, State) ->
    {noreply, State}.

%% What the program tells without being asked.
told({mail, Mail}, #{mail := Deliver}) ->
    %% In a process of its own, so that it may call this one.
    _ = spawn(fun() -> deliver(Deliver, Mail) end),
    ok;
told({log, Level, Line}, _) ->
    logger:log(Level, "hexide_server: ~ts", [Line], #{domain => [hexide_server]}).

deliver(Deliver, Mail) ->
    process_flag(sensitive, true),
    try
        Deliver(Mail)
    catch
        %% What failed is the receiver's; the mail is not shown, its link lets whoever reads it in.
        Class:_ -> logger:error("hexide_server: no mail was delivered: ~tp in the function for them", [Class])
    end.

%% @private
-spec terminate(term(), state()) -> ok.
terminate({registry_ended, _}, _) ->
    ok;
terminate(_, #{port := Port}) ->
    ended(Port).

%% Waits until the program has ended, since it leaves nothing behind then.
ended(Port) ->
    try
        ok = send(Port, #{id => ?START, do => stop}),
        receive
            {Port, {exit_status, _}} -> ok
        after ?END ->
            %% Its input closes with that.
            true = port_close(Port),
            ok
        end
    catch
        %% It is gone already.
        error:badarg -> ok
    end.

send(Port, Request) ->
    true = port_command(Port, term_to_binary(maps:map(fun(_, Value) -> hexide_config:reveal(Value) end, Request))),
    ok.
