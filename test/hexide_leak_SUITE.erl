%% After a run full of failures of the API no secret stands where somebody may read it: in an error, an
%% exception, a log, a crash report, the state or the messages of a process, or a table.
%%
%% What this does not cover: tracing. Whoever may trace calls in a node sees the arguments of functions, and
%% whoever may write its core or its erl_crash.dump has its memory. `hexide_leak_command_SUITE' does the same
%% for commands and files, `rebar3_hexide_leak_SUITE' for whole `rebar3 hex' runs.
-module(hexide_leak_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([what_is_planted_is_found/1, every_function_is_tried/1, no_wrong_argument_shows/1,
         no_wrong_argument_shows_without_the_library/1, what_a_peer_repeats_does_not_show/1,
         what_a_proxy_repeats_does_not_show/1, what_a_signed_index_repeats_does_not_show/1,
         a_registry_that_refuses_shows_none/1, crashes_in_the_middle_of_calls_show_none/1,
         an_observer_sees_none/1, mails_that_wait_do_not_show/1]).
-export([in_another_node/2]).

-import(leak_trial, [marks/1, world/3, settings/2, resolved/2, context/2, command/1, requests/2, registry/1, peer/2,
                     until/1, gone/1, trial/2, logged/1, observed/2, find/2, none/1]).

-define(DEADLINE, 60_000).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [what_is_planted_is_found, every_function_is_tried, no_wrong_argument_shows,
     no_wrong_argument_shows_without_the_library, what_a_peer_repeats_does_not_show,
     what_a_proxy_repeats_does_not_show, what_a_signed_index_repeats_does_not_show,
     a_registry_that_refuses_shows_none, crashes_in_the_middle_of_calls_show_none, an_observer_sees_none,
     mails_that_wait_do_not_show].

init_per_suite(Config) ->
    leak_trial:prepare(Config).

end_per_suite(_) ->
    leak_trial:finish().

init_per_testcase(Case, Config) ->
    leak_trial:folder(Case, Config).

%% --- the test of the tests

what_is_planted_is_found(Config) ->
    #{api_key := Mark} = Marks = marks(Config),
    Finds = fun(Text) -> [api_key] =:= lists:usort([Name || {Name, _} <- find(Text, Marks)]) end,
    %% As whatever it is written.
    [?assert(Finds(Text), Text)
     || Text <- [["a", Mark, "b"], ["Bearer ", Mark], ["Basic ", base64:encode(<<"joe:", Mark/binary>>)],
                 base64:encode(<<"x", Mark/binary, "yz">>), base64:encode(<<"xy", Mark/binary>>), binary:encode_hex(Mark),
                 io_lib:format("~w", [binary_to_list(Mark)]), io_lib:format("~w", [Mark]),
                 io_lib:format("~p", [[{lists:seq(1, 40), Mark}]]), io_lib:format("~20p", [{Mark, Mark}]),
                 [["%", binary:encode_hex(<<Byte>>)] || <<Byte>> <= Mark], binary:part(Mark, 0, 20),
                 secret_marks:terms(#{x => [{Mark}]})]],
    ?assertEqual([], find("nothing of it", Marks)),
    %% In whatever channel.
    ?assertMatch([_ | _], trial({erlang, error, [{bad, Mark}]}, Marks)),
    ?assertMatch([_ | _], trial({maps, get, [{key, Mark}, #{}]}, Marks)),
    ?assertMatch([_ | _], trial({erlang, apply, [fun() -> {error, {invalid, #{message => Mark}}} end, []]}, Marks)),
    ?assertMatch([_ | _], trial({logger, debug, ["said ~ts", [Mark]]}, Marks)),
    ?assertMatch([_ | _], trial({logger, info, [#{said => Mark}]}, Marks)),
    [begin
         Undo = Plant(),
         Seen = observed([self()], Marks),
         Undo(),
         ?assertMatch([_ | _], Seen)
     end || Plant <- plants(Mark)],
    {ok, Holder} = gen_server:start(key_holder, #{api_key => Mark}, []),
    ?assertMatch([_ | _], observed([Holder], Marks)),
    ok = gen_server:stop(Holder),
    ?assertEqual([], observed([self()], Marks)).

%% Each does something that an observer sees, and tells how to undo it.
plants(Mark) ->
    [fun() -> put(?MODULE, Mark), fun() -> erase(?MODULE) end end,
     fun() -> self() ! {said, Mark}, fun() -> receive {said, Mark} -> ok end end end,
     fun() -> Table = ets:new(planted, [public]), ets:insert(Table, {Mark}), fun() -> ets:delete(Table) end end,
     fun() -> Table = ets:new(planted, [protected]), ets:insert(Table, {Mark}), fun() -> ets:delete(Table) end end,
     fun() -> persistent_term:put(?MODULE, Mark), fun() -> persistent_term:erase(?MODULE) end end,
     fun() -> application:set_env(hexide, planted, Mark), fun() -> application:unset_env(hexide, planted) end end,
     fun() ->
         Port = open_port({spawn, "sh -c 'read x' " ++ binary_to_list(Mark)}, []),
         fun() -> try port_close(Port) catch error:badarg -> true end end
     end].

every_function_is_tried(_) ->
    ?assertEqual([], api_calls:unlisted()).

%% --- wrong arguments

no_wrong_argument_shows(Config) ->
    Server = registry(#{}),
    World = world(Config, Server, settings(Config, <<"http://127.0.0.1:1">>)),
    Marks = marks(Config),
    none([trial(Call, Marks) || Call <- api_calls:right(World) ++ api_calls:wrong(World, true)]),
    ok = hexide_server:stop(Server).

%% Where the library cannot be loaded every call of it is undefined, and its arguments are in the exception.
no_wrong_argument_shows_without_the_library(Config) ->
    Folder = proplists:get_value(folder, Config),
    Library = filename:dirname(code:which(hexide_config)),
    [{ok, _} = file:copy(Beam, filename:join(Folder, filename:basename(Beam)))
     || Beam <- filelib:wildcard(filename:join(Library, "*.beam"))],
    Peer = peer([Folder, filename:dirname(code:which(?MODULE))], "022"),
    {Count, Leaks} = peer:call(Peer, ?MODULE, in_another_node, [marks(Config), (proplists:get_value(pem, Config))()],
                               4 * ?DEADLINE),
    ok = peer:stop(Peer),
    ?assert(Count > 500),
    none([Leaks]).

in_another_node(Marks, Pem) ->
    ok = every_log:start(),
    Config = [{marks, fun() -> Marks end}, {pem, fun() -> Pem end}, {folder, "."}],
    World = world(Config, self(), settings(Config, <<"http://127.0.0.1:1">>)),
    {error, _} = hexide_user:me(#{}),
    Calls = api_calls:right(World) ++ api_calls:wrong(World, false),
    %% The one who is asked here is no registry.
    Tried = [Call || {Module, _, _} = Call <- Calls, Module =/= hexide_server],
    {length(Tried), lists:append([trial(Call, Marks) || Call <- Tried])}.

%% --- peers

what_a_peer_repeats_does_not_show(Config) ->
    Marks = marks(Config),
    Elsewhere = hostile_registry:start(hostile_registry:echo(404, message)),
    Secrets = [Secret || {Name, Secret} <- maps:to_list(Marks), Name =/= config],
    Answers = [hostile_registry:echo(Status, Place) || Status <- [401, 403, 422, 429, 500], Place <- [message, fields]]
        ++ [hostile_registry:cut_echo(Secrets), fun hostile_registry:garbage/1, fun hostile_registry:page/1,
            hostile_registry:redirect(hostile_registry:url(Elsewhere)), hostile_registry:tokens(maps:get(token, Marks))],
    [begin
         Peer = hostile_registry:start(Answer),
         Settings = settings(Config, hostile_registry:url(Peer)),
         #{api_key := Key} = Settings,
         [none([trial(Call, Marks) || Call <- requests(Config, Signed)])
          || Signed <- [Settings, Settings#{api_key := <<"Bearer ", Key/binary>>}]],
         hostile_registry:stop(Peer)
     end || Answer <- Answers],
    Peer = hostile_registry:start(hostile_registry:redirect("")),
    none([trial(Call, Marks) || Call <- requests(Config, settings(Config, hostile_registry:url(Peer)))]),
    [hostile_registry:stop(Each) || Each <- [Peer, Elsewhere]].

what_a_proxy_repeats_does_not_show(Config) ->
    #{proxy_password := Password} = Marks = marks(Config),
    [begin
         Proxy = hostile_registry:start(Answer),
         <<"http://", Host/binary>> = hostile_registry:url(Proxy),
         Settings = #{api_url => <<"http://registry.invalid/api">>, repo_url => <<"http://repo.invalid">>, retries => 0,
                      http_proxy => <<"http://joe:", Password/binary, "@", Host/binary>>},
         Calls = requests(Config, Settings),
         none([trial(Call, Marks) || Call <- Calls]),
         none([trial(Call, Marks) || Call <- requests(Config, Settings#{http_proxy := <<"http://", Password/binary, "@", Host/binary>>})]),
         hostile_registry:stop(Proxy)
     end || Answer <- [hostile_registry:echo(403, message), hostile_registry:echo(407, fields), fun hostile_registry:page/1]].

what_a_signed_index_repeats_does_not_show(Config) ->
    #{repo_key := Key} = Marks = marks(Config),
    Pem = (proplists:get_value(pem, Config))(),
    {ok, Public} = hexide_registry:public_key(Pem),
    [begin
         {ok, Payload} = hexide_registry:encode(package, Package),
         {ok, Signed} = hexide_registry:sign(Payload, Pem),
         Peer = hostile_registry:start(fun(_) -> ["HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", Signed] end),
         Settings = (settings(Config, hostile_registry:url(Peer)))#{repo_public_key => Public},
         ?assertMatch({error, {bad_origin, _}}, hexide_repo:package(Settings, <<"pa">>)),
         none([trial(Call, Marks) || {hexide_repo, _, _} = Call <- requests(Config, Settings)]),
         hostile_registry:stop(Peer)
     end || Package <- [#{repository => Key, name => <<"pa">>, releases => [], advisories => []},
                        #{repository => <<"hexpm">>, name => Key, releases => [], advisories => []}]].

a_registry_that_refuses_shows_none(Config) ->
    #{password := Password} = Marks = marks(Config),
    Server = registry(#{}),
    {ok, #{api_url := Api, repo_url := Repo}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "eve", email => "eve@example.com",
                                                           password => Password}),
    {ok, Totp} = hexide_server:enable_totp(Server, "eve"),
    {ok, #{device_code := Code}} = hexide_auth:device_start(#{api_url => Api}),
    All = Marks#{key => Key, totp => Totp, code => Code},
    Wrong = (settings(Config, Api))#{repo_url => Repo},
    none([trial(Call, All) || Signed <- [Wrong, Wrong#{api_key := Key}], Call <- requests(Config, Signed)]),
    none([trial({hexide_auth, device_poll, [Signed, Code]}, All) || Signed <- [Wrong, #{api_url => Api}]]),
    none([observed([Server], All)]),
    ok = hexide_server:stop(Server).

%% --- processes

crashes_in_the_middle_of_calls_show_none(Config) ->
    #{token := Token, password := Password} = Marks = marks(Config),
    Stalled = stalled_server:start(),
    Settings = resolved(Config, stalled_server:url(Stalled)),
    Work = fun(Signed) -> hexide_auth:refresh(Signed, Token) end,
    [begin
         {ok, Holder} = gen_server:start(key_holder, Settings, []),
         Monitor = monitor(process, Holder),
         ok = gen_server:cast(Holder, Work),
         receive {stalled, _, asked} -> ok after ?DEADLINE -> ct:fail(not_asked) end,
         none([observed([Holder], Marks)]),
         End(Holder),
         receive {'DOWN', Monitor, process, Holder, _} -> ok after ?DEADLINE -> ct:fail(still_there) end
     end || End <- [fun(Holder) -> exit(Holder, kill) end, fun(Holder) -> exit(Holder, {bad, thing}) end]],
    %% One that crashes with the configuration as its state, one whose caller crashes with it, one by its link.
    {ok, Crashing} = gen_server:start(key_holder, Settings, []),
    Crashing ! work,
    gone(Crashing),
    {ok, Called} = gen_server:start(key_holder, Settings, []),
    none([trial({gen_server, call, [Called, fun(Signed) -> hexide_user:register(Signed, <<255>>, <<"e">>, Password) end]}, Marks)]),
    Linked = proc_lib:spawn(fun() ->
                                _ = spawn_link(fun() -> hexide_user:register(Settings, <<255>>, <<"e">>, Password) end),
                                hexide_user:register(Settings, "joe", "e", Password)
                            end),
    gone(Linked),
    %% A job that its time ends, and one whose report fails.
    Device = #{device_code => maps:get(device_code, Marks), expires_in => 60, interval => 1},
    none([trial({hexide_auth, device_wait, [Settings, Device, Options]}, Marks)
          || Options <- [#{timeout => 10}, #{progress => fun(Report) -> error({cannot, Report}) end}]]),
    %% A registry that dies while it is called, and one that is dead.
    Server = registry(#{}),
    ok = sys:suspend(Server),
    User = #{username => "zed", email => "zed@example.com", password => Password},
    {Caller, Calling} = spawn_monitor(fun() -> proc_lib:init_p(self(), [], fun() -> hexide_server:add_user(Server, User) end) end),
    ok = until(fun() -> process_info(Server, message_queue_len) =:= {message_queue_len, 1}
                           orelse process_info(Caller, status) =:= {status, waiting} end),
    none([observed([Caller], Marks)]),
    exit(Server, kill),
    receive {'DOWN', Calling, process, Caller, _} -> ok after ?DEADLINE -> ct:fail(still_there) end,
    none([trial({hexide_server, add_user, [Server, User]}, Marks), logged(Marks)]),
    stalled_server:stop(Stalled).

an_observer_sees_none(Config) ->
    #{token := Token} = Marks = marks(Config),
    Stalled = stalled_server:start(),
    Settings = resolved(Config, stalled_server:url(Stalled)),
    {ok, Holder} = gen_server:start(key_holder, Settings, []),
    Server = registry(#{}),
    {ok, _} = hexide_server:add_user(Server, #{username => "ann", email => "ann@example.com",
                                               password => maps:get(password, Marks)}),
    Context = context(Config, Settings),
    Sign = fun() -> hexide_command:run(command("user"), Context, #{args => [<<"auth">>], key => Token}) end,
    Callers = [proc_lib:spawn(Run) || Run <- [fun() -> hexide_user:me(Settings) end,
                                              fun() -> hexide_auth:revoke(Settings, Token) end, Sign]],
    [receive {stalled, _, asked} -> ok after ?DEADLINE -> ct:fail(not_asked) end || _ <- Callers],
    none([observed([Holder, Server | Callers], Marks)]),
    [exit(Caller, kill) || Caller <- Callers],
    ok = gen_server:stop(Holder),
    ok = hexide_server:stop(Server),
    stalled_server:stop(Stalled).

%% A link lets in whoever has it. What a process holds that delivers one, a crash report could tell.
mails_that_wait_do_not_show(_) ->
    Self = self(),
    Deliver = fun(#{link := Link}) -> Self ! {link, self(), Link}, receive go_on -> error(broken) end end,
    Parent = proc_lib:spawn(fun() ->
                                {ok, Server} = hexide_server:start_link(#{mail => Deliver}),
                                Self ! {server, Server},
                                receive crash -> exit({bad, thing}) end
                            end),
    Server = receive {server, Pid} -> Pid after ?DEADLINE -> ct:fail(no_server) end,
    {ok, #{api_url := Api, url := Url}} = hexide_server:info(Server),
    Names = ["mia", "moe"],
    [{ok, _} = hexide_server:add_user(Server, #{username => Name, email => [Name, "@example.com"],
                                                password => "long enough 1"}) || Name <- Names],
    [ok = hexide_user:reset_password(#{api_url => Api}, Name) || Name <- Names],
    [{First, Link}, {Second, _}] =
        [receive {link, Mailer, Given} -> {Mailer, Given} after ?DEADLINE -> ct:fail(no_mail) end || _ <- Names],
    [_ | _] = find(Link, #{address => Api, link => lists:last(string:lexemes(Link, "/=?"))}),
    %% Neither of the two; what the address says beside its secret is in both of them.
    Place = #{place => string:slice(binary:part(Link, 0, byte_size(Link) - 20), string:length(Url))},
    none([observed([Server, First, Second], Place)]),
    Parent ! crash,
    gone(Parent),
    gone(Server),
    First ! go_on,
    Second ! go_on,
    gone(First),
    gone(Second),
    none([logged(Place)]).
