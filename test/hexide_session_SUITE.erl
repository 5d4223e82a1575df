%% Who a command is: sessions that stay fresh, keys that are sealed, codes that are asked for; against a
%% registry.
-module(hexide_session_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([signing_in_keeps_a_session/1, refusing_ends_the_login/1, the_clock_renews_a_session/1,
         a_plain_401_renews_once/1, many_processes_renew_once/1, several_nodes_renew_once/1,
         an_ended_session_says_how_to_renew/1, what_everybody_may_read_outlives_the_session/1,
         a_code_is_asked_for_and_remembered/1, three_wrong_codes_are_enough/1,
         without_a_terminal_the_code_is_named/1, a_key_is_sealed_and_opened/1,
         three_wrong_passwords_are_enough/1, an_old_write_key_migrates/1, without_a_keyring_nothing_changes/1,
         a_keyring_keeps_what_the_file_does_not/1, a_registry_that_resets_no_passwords_names_its_page/1,
         a_login_is_not_shown_elsewhere/1, signing_out_ends_the_session_at_the_registry/1,
         signing_out_needs_the_registry_unless_told/1, a_given_key_wins_and_is_not_kept/1,
         a_key_is_named_after_the_machine/1, a_file_that_does_not_parse_stays/1, nobody_is_told_so/1, whoami/1]).

-define(DEADLINE, 60_000).

all() ->
    [signing_in_keeps_a_session, refusing_ends_the_login, the_clock_renews_a_session, a_plain_401_renews_once,
     many_processes_renew_once, several_nodes_renew_once, an_ended_session_says_how_to_renew,
     what_everybody_may_read_outlives_the_session, a_code_is_asked_for_and_remembered, three_wrong_codes_are_enough,
     without_a_terminal_the_code_is_named, a_key_is_sealed_and_opened, three_wrong_passwords_are_enough,
     an_old_write_key_migrates, without_a_keyring_nothing_changes, a_keyring_keeps_what_the_file_does_not,
     a_registry_that_resets_no_passwords_names_its_page, a_login_is_not_shown_elsewhere,
     signing_out_ends_the_session_at_the_registry, signing_out_needs_the_registry_unless_told,
     a_given_key_wins_and_is_not_kept, a_key_is_named_after_the_machine, a_file_that_does_not_parse_stays,
     nobody_is_told_so].

%% The process that sets the suite up ends before its cases begin.
init_per_suite(Config) ->
    {ok, Server} = hexide_server:start_link(#{oauth_interval => 0}),
    true = unlink(Server),
    {ok, #{api_url := Api}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "alice", email => "alice@example.com"}),
    {ok, #{key := _}} = hexide_server:add_user(Server, #{username => "carol", email => "carol@example.com"}),
    {ok, Totp} = hexide_server:enable_totp(Server, "carol"),
    [{server, Server}, {api, Api}, {key, Key}, {totp, Totp} | Config].

end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

init_per_testcase(Case, Config) ->
    [{file, filename:join([proplists:get_value(priv_dir, Config), atom_to_list(Case), "hex.config"])} | Config].

%% --- signing in

signing_in_keeps_a_session(Config) ->
    Context = signed_in(Config, "alice"),
    {ok, #{user := #{username := <<"alice">>}, login := session}} = hexide_cmd_user:run(Context, args(["whoami"])),
    #{<<"local">> := #{username := <<"alice">>},
      <<"$hexide:local">> := #{session := #{access_token := Access, refresh_token := Refresh, expires_at := End}}} =
        content(Config),
    ?assert(is_binary(Access) andalso is_binary(Refresh) andalso Access =/= Refresh),
    ?assert(abs(End - erlang:system_time(second) - 1800) < 60),
    _ = signed_in(Config, "alice"),
    {in_place_of_it, {error, {unauthorized, _}}} = {in_place_of_it, hexide_auth:refresh(settings(Config), Refresh)}.

refusing_ends_the_login(Config) ->
    %% What the wait answers when the person refuses or the time is up: nothing is kept.
    Context = context(Config, #{interruptible => fun(_) -> {error, {forbidden, #{message => <<"denied">>}}} end}),
    {error, {forbidden, _}} = hexide_cmd_user:run(Context, args(["auth"])),
    ?assertEqual(#{}, content(Config)).

%% --- renewing

the_clock_renews_a_session(Config) ->
    Context = signed_in(Config, "alice"),
    #{access_token := Before} = aged(Config, 299),
    {ok, #{username := <<"alice">>}} = hexide_session:call(fresh(Context), fun hexide_user:me/1),
    #{access_token := After} = session(Config),
    ?assertNotEqual(Before, After),
    %% Not before its time.
    _ = aged(Config, 310),
    {ok, _} = hexide_session:call(fresh(Context), fun hexide_user:me/1),
    #{access_token := Still} = session(Config),
    ?assertEqual(After, Still).

a_plain_401_renews_once(Config) ->
    Context = signed_in(Config, "alice"),
    change(Config, fun(Session) -> Session#{access_token := <<"hxa_unknown">>} end),
    {ok, #{username := <<"alice">>}} = hexide_session:call(fresh(Context), fun hexide_user:me/1),
    ?assertNotMatch(#{access_token := <<"hxa_unknown">>}, session(Config)),
    %% What is refused all the same is not tried for ever.
    Tries = counters:new(1, []),
    Refused = fun(_) -> counters:add(Tries, 1, 1), {error, {unauthorized, #{message => <<"no">>}}} end,
    ?assertMatch({error, {unauthorized, #{message := <<"no">>}}}, hexide_session:call(fresh(Context), Refused)),
    ?assertEqual(2, counters:get(Tries, 1)).

many_processes_renew_once(Config) ->
    Context = signed_in(Config, "alice"),
    _ = aged(Config, 0),
    Self = self(),
    Used = fun(#{api_key := Secret} = Signed) ->
               {ok, _} = hexide_user:me(Signed),
               {ok, hexide_config:reveal(Secret)}
           end,
    Pids = [spawn_link(fun() -> Self ! {self(), hexide_session:call(fresh(Context), Used)} end)
            || _ <- lists:seq(1, 8)],
    Tokens = [receive {Pid, {ok, Token}} -> Token after ?DEADLINE -> ct:fail(late) end || Pid <- Pids],
    ?assertMatch([_], lists:usort(Tokens)).

%% The lock is one of the file, so that it counts across operating system processes, too.
several_nodes_renew_once(Config) ->
    _ = signed_in(Config, "alice"),
    _ = aged(Config, 0),
    Code = [Path || Path <- code:get_path(), filename:basename(Path) =:= "ebin"] ++ [filename:dirname(code:which(?MODULE))],
    Peers = [begin
                 {ok, Peer, _} = peer:start_link(#{connection => standard_io}),
                 ok = peer:call(Peer, code, add_pathsa, [Code]),
                 Peer
             end || _ <- lists:seq(1, 3)],
    Plain = maps:without([ask, progress, interruptible, browse], context(Config, #{})),
    Self = self(),
    Pids = [spawn_link(fun() -> Self ! {self(), peer:call(Peer, ?MODULE, whoami, [Plain], ?DEADLINE)} end)
            || Peer <- Peers],
    [?assertEqual({Pid, {ok, <<"alice">>}}, receive {Pid, Who} -> {Pid, Who} after ?DEADLINE -> late end) || Pid <- Pids],
    [peer:stop(Peer) || Peer <- Peers].

whoami(Plain) ->
    Context = Plain#{memory => hexide_secrets:memory(), progress => fun(_) -> ok end, ask => fun unattended/1},
    case hexide_session:call(Context, fun hexide_user:me/1) of
        {ok, #{username := Name}} -> {ok, Name};
        Other -> Other
    end.

an_ended_session_says_how_to_renew(Config) ->
    Context = signed_in(Config, "alice"),
    #{refresh_token := Refresh} = aged(Config, 0),
    ok = hexide_auth:revoke(settings(Config), Refresh),
    {error, Reason} = hexide_session:call(fresh(Context), fun hexide_user:me/1),
    ?assertMatch({match, _}, re:run(hexide_failure:format(Reason), "session at local has ended.*user auth")).

what_everybody_may_read_outlives_the_session(Config) ->
    Context = signed_in(Config, "alice"),
    #{access_token := Token, refresh_token := Refresh} = session(Config),
    [ok = hexide_auth:revoke(settings(Config), Each) || Each <- [Token, Refresh]],
    ?assertMatch({ok, _}, hexide_session:visit(fresh(Context), fun(Settings) -> hexide_package:search(Settings, "") end)),
    ?assertMatch({error, {unauthorized, _}}, hexide_session:visit(fresh(Context), fun hexide_user:me/1)).

%% --- two-factor codes

a_code_is_asked_for_and_remembered(Config) ->
    Context = signed_in(Config, "carol"),
    Asking = asking(Context, [<<"000000">>, code(Config)]),
    Add = fun(Name) -> fun(Signed) -> hexide_key:add(Signed, Name, [#{domain => api}]) end end,
    {ok, #{name := <<"one">>}} = hexide_session:call(Asking, Add("one")),
    {ok, #{name := <<"two">>}} = hexide_session:call(Asking, Add("two")),
    ?assertEqual([<<"Two-factor code:">>, wrong_code, <<"Two-factor code:">>], asked()).

three_wrong_codes_are_enough(Config) ->
    Context = signed_in(Config, "carol"),
    Asking = asking(Context, [<<"000000">>, <<"000001">>, <<"000002">>, <<"000003">>]),
    Add = fun(Signed) -> hexide_key:add(Signed, "three", [#{domain => api}]) end,
    {error, {Code, _}} = hexide_session:call(Asking, Add),
    ?assert(lists:member(Code, [otp_invalid, rate_limited])),
    ?assert(length([Each || Each <- asked(), Each =:= <<"Two-factor code:">>]) =< 3).

without_a_terminal_the_code_is_named(Config) ->
    Context = signed_in(Config, "carol"),
    {error, {otp_required, _} = Reason} =
        hexide_session:call(fresh(Context), fun(Signed) -> hexide_key:remove(Signed, "none") end),
    ?assertNotEqual(nomatch, string:find(hexide_failure:format(Reason), "HEX_OTP")).

%% --- keys at rest

a_key_is_sealed_and_opened(Config) ->
    Key = proplists:get_value(key, Config),
    Signing = asking(context(Config, #{}), [<<"local password">>]),
    {ok, #{signed_in := #{username := <<"alice">>}}} =
        hexide_cmd_user:run(Signing, (args(["auth"]))#{key => Key}),
    {ok, Bytes} = file:read_file(proplists:get_value(file, Config)),
    [?assertEqual(nomatch, string:find(Bytes, Secret)) || Secret <- [Key, <<"local password">>]],
    _ = asked(),
    Opening = asking(context(Config, #{}), [<<"wrong">>, <<"local password">>]),
    {ok, #{username := <<"alice">>}} = hexide_session:call(Opening, fun hexide_user:me/1),
    {ok, _} = hexide_session:call(Opening, fun hexide_user:me/1),
    ?assertEqual([<<"Local password (not shown):">>, wrong_password, <<"Local password (not shown):">>], asked()),
    %% What strangers may see needs no password.
    {ok, _} = hexide_session:visit(asking(context(Config, #{}), []), fun(Signed) -> hexide_package:search(Signed, "x") end),
    ?assertEqual([], asked()).

three_wrong_passwords_are_enough(Config) ->
    Key = proplists:get_value(key, Config),
    {ok, _} = hexide_cmd_user:run(asking(context(Config, #{}), [<<"right">>]), (args(["auth"]))#{key => Key}),
    _ = asked(),
    %% Where nobody can answer, the one of the environment is tried once.
    [?assertMatch({error, {unauthorized, #{reason := <<"wrong_password">>}}},
                  hexide_session:call(asking(context(Config, #{}), Answers), fun hexide_user:me/1))
     || Answers <- [[<<"a">>, <<"b">>, <<"c">>, <<"right">>], [<<"a">>]]].

%% As rebar3_hex wrote it: the password filled up with zeros is the key.
an_old_write_key_migrates(Config) ->
    Key = proplists:get_value(key, Config),
    IV = crypto:strong_rand_bytes(16),
    {Sealed, Mark} = crypto:crypto_one_time_aead(aes_128_gcm, <<"old password", 0:32>>, IV, Key, <<"alice">>, true),
    Api = proplists:get_value(api, Config),
    ok = hexide_user_file:update(proplists:get_value(file, Config),
                                 fun(_) -> #{<<"local">> => #{username => <<"alice">>, api_url => Api,
                                                              write_key => {IV, {Sealed, Mark}}}} end),
    Asking = asking(context(Config, #{}), [<<"old password">>]),
    {ok, #{username := <<"alice">>}} = hexide_session:call(Asking, fun hexide_user:me/1),
    ?assertMatch(#{<<"$hexide:local">> := #{api_key := #{kdf := argon2id}}}, content(Config)),
    ?assertNotMatch(#{<<"local">> := #{write_key := _}}, content(Config)),
    Again = asking(context(Config, #{}), [<<"old password">>]),
    {ok, #{username := <<"alice">>}} = hexide_session:call(Again, fun hexide_user:me/1).

without_a_keyring_nothing_changes(Config) ->
    Key = proplists:get_value(key, Config),
    #{config := Settings} = Context = context(Config, #{}),
    Keyring = Context#{config := Settings#{secrets => keyring}},
    secret_service:with_environment(
      [{"DBUS_SESSION_BUS_ADDRESS", ""}, {"XDG_RUNTIME_DIR", ""}],
      fun() ->
          {error, {io, #{reason := <<"no_keyring">>}}} = hexide_cmd_user:run(Keyring, (args(["auth"]))#{key => Key}),
          ?assertEqual(#{}, content(Config))
      end).

a_keyring_keeps_what_the_file_does_not(Config) ->
    case secret_service:missing() of
        [] ->
            secret_service:with_bus(
              fun(Bus) -> secret_service:with_keyring(Bus, "password", fun() -> in_keyring(Config) end) end);
        Missing -> {skip, "not installed: " ++ lists:join(", ", Missing)}
    end.

in_keyring(Config) ->
    #{config := Settings} = Context = context(Config, #{}),
    Keyring = Context#{config := Settings#{secrets => keyring}},
    Key = proplists:get_value(key, Config),
    {ok, #{signed_in := _}} = hexide_cmd_user:run(Keyring, (args(["auth"]))#{key => Key}),
    {ok, Bytes} = file:read_file(proplists:get_value(file, Config)),
    ?assertEqual(nomatch, string:find(Bytes, Key)),
    {ok, #{username := <<"alice">>}} = hexide_session:call(fresh(Keyring), fun hexide_user:me/1),
    %% A session: its refresh token is there, and so is the next.
    Server = proplists:get_value(server, Config),
    Approve = fun(#{event := enter_code, code := Code}) -> ok = hexide_server:approve_device(Server, Code, "alice");
                 (_) -> ok
              end,
    {ok, #{signed_in := _}} = hexide_cmd_user:run((fresh(Keyring))#{progress := Approve}, args(["auth"])),
    [begin
         #{refresh_token := keyring} = aged(Config, 0),
         {ok, #{username := <<"alice">>}} = hexide_session:call(fresh(Keyring), fun hexide_user:me/1)
     end || _ <- [once, again]],
    {ok, Refresh} = hexide_vault:fetch("local/refresh_token"),
    {ok, #{signed_out := #{was_signed_in := true}}} = hexide_cmd_user:run(fresh(Keyring), args(["deauth"])),
    ?assertMatch({error, {not_found, _}}, hexide_vault:fetch("local/refresh_token")),
    ?assertMatch({error, {unauthorized, _}}, hexide_auth:refresh(settings(Config), Refresh)).

%% As hex.pm, which has taken it out of its API.
a_registry_that_resets_no_passwords_names_its_page(Config) ->
    #{config := #{api_url := Api} = Settings} = Context = context(Config, #{}),
    {ok, #{reset := #{sent := true}}} = hexide_cmd_user:run(Context, args(["reset_password", "alice"])),
    Without = Context#{config := Settings#{api_url := <<Api/binary, "/none">>}},
    {ok, #{reset := #{sent := false, page := Page}}} = hexide_cmd_user:run(Without, args(["reset_password", "alice"])),
    ?assertEqual(<<(binary:part(Api, 0, byte_size(Api) - 4))/binary, "/password/reset">>, Page).

a_login_is_not_shown_elsewhere(Config) ->
    #{config := Settings} = Context = signed_in(Config, "alice"),
    Elsewhere = Context#{config := Settings#{api_url := <<"http://127.0.0.1:1/api">>}},
    {error, {_, #{message := Message}}} = hexide_session:call(fresh(Elsewhere), fun(_) -> ct:fail(asked) end),
    ?assertNotEqual(nomatch, string:find(Message, "is not shown to http://127.0.0.1:1/api")),
    {error, Refused} = hexide_cmd_user:run(fresh(Elsewhere), args(["deauth"])),
    ?assertMatch({match, _}, re:run(hexide_failure:format(Refused), "Sign out where .* --local\\.$")).

%% --- signing out

signing_out_ends_the_session_at_the_registry(Config) ->
    Context = signed_in(Config, "alice"),
    #{refresh_token := Refresh, access_token := Access} = session(Config),
    {ok, #{signed_out := #{was_signed_in := true}}} = hexide_cmd_user:run(fresh(Context), args(["deauth"])),
    ?assertEqual(#{}, content(Config)),
    ?assertMatch({error, {unauthorized, _}}, hexide_auth:refresh(settings(Config), Refresh)),
    {error, {unauthorized, _}} = hexide_user:me((settings(Config))#{api_key => <<"Bearer ", Access/binary>>}),
    {ok, #{signed_out := #{was_signed_in := false}}} = hexide_cmd_user:run(fresh(Context), args(["deauth"])).

signing_out_needs_the_registry_unless_told(Config) ->
    #{config := Settings} = Context = signed_in(Config, "alice"),
    Away = Context#{config := Settings#{offline => true}},
    {error, {offline, _}} = hexide_cmd_user:run(fresh(Away), args(["deauth"])),
    #{access_token := _} = session(Config),
    {ok, #{signed_out := #{was_signed_in := true}}} =
        hexide_cmd_user:run(fresh(Away), (args(["deauth"]))#{local => true}),
    ?assertEqual(#{}, content(Config)).

%% --- keys that are given

%% A name need not be thought up.
a_key_is_named_after_the_machine(Config) ->
    Context = signed_in(Config, "carol"),
    {ok, Host} = inet:gethostname(),
    Asking = asking(Context, [code(Config)]),
    {ok, #{key := #{name := Name, secret := _}}} =
        hexide_cmd_key:run(Asking, (args(["generate"]))#{permission => [<<"api:read">>], expires => <<"2099-12-31">>}),
    ?assertEqual(list_to_binary(Host), Name),
    [?assertMatch({error, {usage, _}}, hexide_cmd_key:run(Asking, (args(["generate"]))#{expires => Ending}))
     || Ending <- [<<"2001-01-01">>, <<"tomorrow">>, <<"2099-13-01">>]].

a_given_key_wins_and_is_not_kept(Config) ->
    Context = signed_in(Config, "carol"),
    Before = content(Config),
    #{config := Settings} = Context,
    Given = Context#{config := Settings#{api_key => proplists:get_value(key, Config)}},
    {ok, #{user := #{username := <<"alice">>}, login := key}} = hexide_cmd_user:run(fresh(Given), args(["whoami"])),
    ?assertEqual(Before, content(Config)).

a_file_that_does_not_parse_stays(Config) ->
    File = proplists:get_value(file, Config),
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, "#{<<\"hexpm\">> => "),
    [begin
         {error, {bad_config, #{path := Path}}} = hexide_cmd_user:run(context(Config, #{}), Options),
         ?assertEqual(hexide_text:path(File), Path)
     end || Options <- [args(["whoami"]), args(["deauth"]), (args(["auth"]))#{key => proplists:get_value(key, Config)}]],
    ?assertEqual({ok, <<"#{<<\"hexpm\">> => ">>}, file:read_file(File)).

nobody_is_told_so(Config) ->
    Context = context(Config, #{}),
    {error, {unauthorized, _} = Reason} = hexide_session:call(Context, fun(_) -> ct:fail(asked) end),
    ?assertMatch({error, {unauthorized, _}}, hexide_session:ready(Context)),
    ?assertNotEqual(nomatch, string:find(hexide_failure:format(Reason), "rebar3 hex user auth")),
    %% And nobody waits where nobody can come.
    {error, {usage, _} = Usage} = hexide_cmd_user:run(Context#{automated := true}, args(["auth"])),
    ?assertNotEqual(nomatch, string:find(hexide_failure:format(Usage), "HEX_API_KEY")).

%% --- helpers

settings(Config) ->
    #{api_url => proplists:get_value(api, Config)}.

context(Config, More) ->
    {ok, #{config := Settings, sources := Sources}} =
        hexide_config:resolve(#{environment => [], project => settings(Config)}),
    maps:merge(#{config => Settings, sources => Sources, repository => <<"local">>,
                 user_file => proplists:get_value(file, Config), memory => hexide_secrets:memory(),
                 ask => fun unattended/1, progress => fun(_) -> ok end, browse => fun(_) -> false end, automated => false,
                 interruptible => fun(Run) -> Run() end}, More).

%% The same with nothing remembered, as the next command has it; in the process that calls.
fresh(Context) ->
    Context#{memory => hexide_secrets:memory()}.

unattended(#{default := Default}) -> {ok, Default};
unattended(_) -> {error, {usage, #{message => <<"nobody">>, command => undefined}}}.

%% Somebody who gives these answers; what was asked and told is kept.
asking(Context, Answers) ->
    Self = self(),
    put(answers, Answers),
    (fresh(Context))#{
      ask => fun(#{unasked := true, default := Default}) -> {ok, Default};
                (#{prompt := Prompt}) ->
                     Self ! {asked, Prompt},
                     case get(answers) of
                         [Answer | Rest] -> put(answers, Rest), {ok, Answer};
                         [] -> {error, {usage, #{message => <<"nobody">>, command => undefined}}}
                     end
             end,
      progress => fun(#{event := Event}) -> Self ! {asked, Event} end}.

asked() ->
    receive {asked, What} -> [What | asked()] after 0 -> [] end.

%% Signs in as somebody who approves at once.
signed_in(Config, Username) ->
    Server = proplists:get_value(server, Config),
    Approve = fun(#{event := enter_code, code := Code}) -> ok = hexide_server:approve_device(Server, Code, Username);
                 (_) -> ok
              end,
    Context = context(Config, #{progress => Approve}),
    User = list_to_binary(Username),
    {ok, #{signed_in := #{username := User, repository := <<"local">>}}} = hexide_cmd_user:run(Context, args(["auth"])),
    Context#{progress := fun(_) -> ok end}.

args(Words) ->
    #{args => [list_to_binary(Word) || Word <- Words]}.

content(Config) ->
    {ok, Content} = hexide_user_file:read(proplists:get_value(file, Config)),
    Content.

session(Config) ->
    #{<<"$hexide:local">> := #{session := Session}} = content(Config),
    Session.

change(Config, Change) ->
    ok = hexide_user_file:update(proplists:get_value(file, Config),
                                 fun(#{<<"$hexide:local">> := #{session := Session} = Own} = Content) ->
                                     Content#{<<"$hexide:local">> := Own#{session := Change(Session)}}
                                 end).

%% As if the access token had but these seconds to live.
aged(Config, Left) ->
    change(Config, fun(Session) -> Session#{expires_at := erlang:system_time(second) + Left} end),
    session(Config).

code(Config) ->
    totp:code(proplists:get_value(totp, Config), erlang:system_time(second)).
