%% After a run full of failures no secret stands where somebody may read it: in an error, an exception, a
%% log, a crash report, the state or the messages of a process, a table, or a file of other users.
%%
%% What this does not cover: tracing. Whoever may trace calls in a node sees the arguments of functions, and
%% whoever may write its core or its erl_crash.dump has its memory. `rebar3_hexide_leak_SUITE' does the same
%% for whole `rebar3 hex' runs.
-module(hexide_leak_SUITE).

-include_lib("stdlib/include/assert.hrl").
-include_lib("kernel/include/file.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([what_is_planted_is_found/1, every_function_is_tried/1, no_wrong_argument_shows/1,
         no_wrong_argument_shows_without_the_library/1, what_a_peer_repeats_does_not_show/1,
         what_a_proxy_repeats_does_not_show/1, what_a_signed_index_repeats_does_not_show/1,
         a_registry_that_refuses_shows_none/1, crashes_in_the_middle_of_calls_show_none/1,
         an_observer_sees_none/1, mails_that_wait_do_not_show/1, commands_that_crash_show_none/1,
         no_damaged_file_shows/1, files_are_for_their_owner_alone/1]).
-export([in_another_node/2, write_files/2]).

-define(DEADLINE, 30_000).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [what_is_planted_is_found, every_function_is_tried, no_wrong_argument_shows,
     no_wrong_argument_shows_without_the_library, what_a_peer_repeats_does_not_show,
     what_a_proxy_repeats_does_not_show, what_a_signed_index_repeats_does_not_show,
     a_registry_that_refuses_shows_none, crashes_in_the_middle_of_calls_show_none, an_observer_sees_none,
     mails_that_wait_do_not_show, commands_that_crash_show_none, no_damaged_file_shows,
     files_are_for_their_owner_alone].

init_per_suite(Config) ->
    %% No keyring of the person who runs this.
    true = os:putenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"),
    ok = every_log:start(),
    {ok, Pem} = hexide_registry:generate_key(),
    Marks = secret_marks:make([config, argument, api_key, api_otp, repo_key, proxy_password, token, access_token,
                               device_code, password, local_password]),
    %% The test server keeps this list in tables that a case looks into.
    [{marks, fun() -> Marks#{private_key => lists:nth(10, binary:split(Pem, <<"\n">>, [global]))} end},
     {pem, fun() -> Pem end} | Config].

end_per_suite(_) ->
    true = os:unsetenv("DBUS_SESSION_BUS_ADDRESS"),
    every_log:stop().

init_per_testcase(Case, Config) ->
    Folder = filename:join(proplists:get_value(priv_dir, Config), atom_to_list(Case)),
    ok = filelib:ensure_dir(filename:join(Folder, "x")),
    _ = every_log:take(),
    [{folder, Folder} | Config].

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
         fun() -> catch port_close(Port) end
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

gone(Pid) ->
    Monitor = monitor(process, Pid),
    receive {'DOWN', Monitor, process, Pid, _} -> ok after ?DEADLINE -> ct:fail(still_there) end.

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

%% A link lets in whoever has it. While one is delivered others wait in the registry's messages, which a
%% crash report tells.
mails_that_wait_do_not_show(_) ->
    Self = self(),
    Deliver = fun(#{link := Link}) -> Self ! {link, Link}, receive go_on -> ok end end,
    Parent = proc_lib:spawn(fun() ->
                                {ok, Server} = hexide_server:start_link(#{mail => Deliver}),
                                Self ! {server, Server},
                                receive crash -> exit({bad, thing}) end
                            end),
    Server = receive {server, Pid} -> Pid after ?DEADLINE -> ct:fail(no_server) end,
    {ok, #{api_url := Api}} = hexide_server:info(Server),
    [{ok, _} = hexide_server:add_user(Server, #{username => Name, email => [Name, "@example.com"],
                                                password => "long enough 1"}) || Name <- ["mia", "moe", "max"]],
    Reset = fun(Name, Waiting) ->
                ok = hexide_user:reset_password(#{api_url => Api}, Name),
                until(fun() -> element(2, process_info(Server, message_queue_len)) >= Waiting end)
            end,
    ok = Reset("mia", 0),
    ok = Reset("moe", 1),
    Link = receive {link, Given} -> Given after ?DEADLINE -> ct:fail(no_mail) end,
    Marks = #{address => Api, link => lists:last(string:lexemes(Link, "/=?"))},
    [_ | _] = find(Link, Marks),
    %% Neither the second nor the first; what the address says is in all of them.
    Place = #{place => binary:part(Link, 0, byte_size(Link) - 20)},
    none([observed([Server], Place)]),
    Parent ! crash,
    gone(Parent),
    ok = Reset("max", 2),
    [Server ! go_on || _ <- [1, 2]],
    gone(Server),
    none([logged(Place)]).

%% --- commands

commands_that_crash_show_none(Config) ->
    Marks = marks(Config),
    Peer = hostile_registry:start(hostile_registry:echo(401, message)),
    Settings = resolved(Config, hostile_registry:url(Peer)),
    Whole = context(Config, Settings),
    none([trial({hexide_command, run, [Command, Context, Options]}, Marks)
          || Context <- contexts(Whole, maps:get(password, Marks)), {Command, Options} <- command_lines(Marks)]),
    hostile_registry:stop(Peer).

contexts(#{config := Settings} = Whole, Mark) ->
    %% Sealing takes its time, so only the first seals.
    Quick = Whole#{ask := fun(_) -> {ok, <<>>} end},
    [Whole, Quick#{config := Settings#{api_key := undefined}}]
        ++ [maps:remove(Key, Quick) || Key <- maps:keys(Quick)]
        ++ [Quick#{Key => Wrong} || Key <- maps:keys(Quick),
                                    Wrong <- [bad, fun(_) -> {ok, {Mark}} end, fun(_) -> error({bad, Mark}, [Mark]) end]].

command_lines(#{token := Mark}) ->
    Words = [["user", "auth"], ["user", "register"], ["user", "whoami"], ["user", "deauth"], ["key", "list"],
             ["key", "generate", "ci"], ["organization", "auth", "acme"], ["organization", "list"], ["config"],
             ["config", "api_key", Mark], ["config", "repo_key", Mark], ["config", "api_otp", Mark],
             ["config", "https_proxy", <<"http://joe:", Mark/binary, "@host">>],
             ["config", "https_proxy", <<"http://joe:", Mark/binary, "/@host">>],
             ["config", "http_proxy", <<"http://joe:@", Mark/binary, "@host">>],
             ["config", "api_url", <<"http://joe:", Mark/binary, "@host">>], ["config", "timeout", Mark],
             ["config", "api_key"], ["config", "--", "api_key", Mark, Mark], ["search", "x"], ["info"], ["publish"],
             ["docs"], ["build"], ["cut"], ["retire", "pa", "1.0.0", "other"], ["owner", "list", "pa"]],
    [{command(Name), Options#{args => [iolist_to_binary(Arg) || Arg <- Args]}}
     || [Name | Args] <- Words, Options <- [#{key => Mark, otp => Mark, yes => true, username => <<"joe">>,
                                                   email => <<"joe@example.com">>, message => <<"why">>}]].

command(Name) ->
    {ok, Command} = hexide_command:find(iolist_to_binary(Name)),
    Command.

%% --- files

no_damaged_file_shows(Config) ->
    #{access_token := Mark} = Marks = marks(Config),
    #{config := Settings} = Whole = context(Config, resolved(Config, <<"http://127.0.0.1:1">>)),
    Context = Whole#{config := Settings#{api_key := undefined}},
    #{user_file := File} = Context,
    Session = ["#{<<\"$hexide:local\">> => #{api_url => <<\"http://127.0.0.1:1\">>, session => #{access_token => "],
    Texts = [["#{<<\"local\">> => ", Mark], ["#{<<\"local\">> => #{api_key => <<\"", Mark, "}}."], [Mark, "."],
             ["#{", Mark, " => <<\"", Mark, "\">>}}."], ["#{<<\"x\">> => <<\"", Mark, "\\"], ["'", Mark], ["\"", Mark],
             ["#{<<\"local\">> => #{api_key => \"", Mark, "\"}}."], ["<<\"", Mark, "\">>."], [Mark, "#{}."],
             ["#{<<\"local\">> => #{repo_key => {\"", Mark, "\"}, api_url => \"", Mark, "\", write_key => <<\"", Mark, "\">>}}."],
             ["#{<<\"local\">> => \"", Mark, "\", <<\"$hexide:local\">> => \"", Mark, "\"}."],
             [Session, "\"", Mark, "\", expires_at => 99999999999}}}."], [Session, "<<\"", Mark, "\">>, expires_at => <<\"", Mark, "\">>}}}."],
             [Session, "{\"", Mark, "\"}, refresh_token => [\"", Mark, "\"], expires_at => 0}}}."],
             [Session, "<<\"", Mark, "\">>, refresh_token => {\"", Mark, "\"}, expires_at => 0}}}."],
             [Session, "<<\"", Mark, "\">>, refresh_token => #{kdf => \"", Mark, "\"}, expires_at => 0}}}."]],
    ok = filelib:ensure_dir(File),
    [begin
         ok = file:write_file(File, Text),
         Calls = [{hexide_user_file, read, [File]}]
             ++ [{hexide_command, run, [command(Name), Context, #{args => [iolist_to_binary(Arg) || Arg <- Args]}]}
                 || [Name | Args] <- [["user", "whoami"], ["user", "deauth"], ["config"], ["organization", "list"],
                                      ["key", "list"], ["config", "timeout", "1"]]],
         none([trial(Call, Marks) || Call <- Calls])
     end || Text <- Texts].

%% The umask is the process's, so each has a node of its own.
files_are_for_their_owner_alone(Config) ->
    Marks = marks(Config),
    [begin
         Folder = filename:join(proplists:get_value(folder, Config), Umask),
         Open = filename:join(Folder, "open"),
         ok = filelib:ensure_dir(filename:join(Open, "x")),
         ok = file:change_mode(Open, 8#755),
         Peer = peer([filename:dirname(code:which(hexide_config)), filename:dirname(code:which(?MODULE))], Umask),
         Made = peer:call(Peer, ?MODULE, write_files, [Folder, Marks], 2 * ?DEADLINE),
         ok = peer:stop(Peer),
         {Folders, Files} = lists:partition(fun filelib:is_dir/1, filelib:wildcard(filename:join(Folder, "**"))),
         ?assert(length(Files) > 6),
         %% A folder that was there keeps the mode its owner gave it, but nothing in it is for others. What the
         %% object store writes has the mode that the umask gives, in a folder that nobody else may enter.
         Closed = [Each || Each <- Folders, mode(Each) band 8#077 =:= 0],
         ?assertEqual([], [{File, Mode} || File <- Files, Mode <- [mode(File)], Mode band 8#077 =/= 0,
                                           not lists:any(fun(Each) -> lists:prefix(Each, File) end, Closed)]),
         ?assertEqual([], [File || File <- Files, mode(File) band 8#077 =/= 0, string:find(File, "/blobs/") =:= nomatch]),
         none([[{File, Found} || File <- Files, filename:basename(File) =/= "hex.config",
                                 Found <- [find(element(2, file:read_file(File)), maps:merge(Marks, Made))], Found =/= []]])
     end || Umask <- ["000", "022"]].

%% In a node with that umask. What the registry made, to be looked for.
write_files(Folder, #{password := Password, api_key := Key, access_token := Token}) ->
    ok = hexide_user_file:update(filename:join([Folder, "home", "hex.config"]),
                                 fun(_) -> #{<<"$hexide:local">> => #{api_key => Key, session => #{access_token => Token}}} end),
    Made = [begin
                {ok, Server} = hexide_server:start_link(#{data_dir => filename:join(Folder, Data)}),
                {ok, #{api_url := Api}} = hexide_server:info(Server),
                {ok, #{key := Made}} = hexide_server:add_user(Server, #{username => "max", email => "max@example.com",
                                                                        password => Password}),
                {ok, #{device_code := Code}} = hexide_auth:device_start(#{api_url => Api}),
                {ok, Tarball} = hexide_release:build(#{name => <<"pa">>, version => <<"1.0.0">>, app => <<"pa">>,
                                                       description => <<"A package">>, licenses => [<<"MIT">>],
                                                       build_tools => [<<"rebar3">>], files => [<<"a">>]},
                                                     [{"a", <<"b">>}], #{}),
                {ok, _} = hexide_release:publish(#{api_url => Api, api_key => Made}, maps:get(tarball, Tarball)),
                {ok, #{secret := Second}} = hexide_key:add(#{api_url => Api, api_key => Made}, "ci", []),
                ok = hexide_server:stop(Server),
                [Made, Code, Second]
            end || Data <- ["data", "open"]],
    maps:from_list(lists:enumerate(lists:append(Made))).

mode(File) ->
    {ok, #file_info{mode = Mode}} = file:read_link_info(File),
    Mode band 8#777.

%% --- helpers

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

context(Config, Settings) ->
    Password = maps:get(local_password, marks(Config)),
    #{config => Settings, sources => #{}, repository => <<"local">>, repositories => [], system => #{},
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
    States = [{Pid, catch sys:get_state(Pid, 50), catch sys:get_status(Pid, 50)} || Pid <- Pids, Pid =/= self()],
    Tables = [{ets:info(Table, name), catch ets:tab2list(Table)}
              || Table <- ets:all(), lists:member(ets:info(Table, protection), [public, protected])],
    Ports = [erlang:port_info(Port) || Port <- erlang:ports()],
    Environments = [{App, application:get_all_env(App)} || {App, _, _} <- application:loaded_applications()],
    [{Where, Found} || {Where, What} <- [{processes, About}, {states, States}, {tables, Tables}, {ports, Ports},
                                         {persistent_terms, persistent_term:get()}, {environments, Environments}],
                       Found <- find(io_lib:format("~0tp ~w", [What, What]), Marks)].

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
