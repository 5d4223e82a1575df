%% Secrets at rest: what is sealed opens, only for whom it should, and shows nowhere.
-module(hexide_vault_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, groups/0, init_per_group/2, end_per_group/2]).
-export([sealed_survives_the_users_file/1, sealed_opens_where_its_atoms_were_unknown/1,
         other_passwords_and_accounts_are_refused/1, damage_is_no_crash/1, costs_beyond_reason_are_refused/1,
         old_write_keys_open_in_every_size/1, old_write_keys_refuse_other_passwords/1,
         damaged_write_keys_are_no_crash/1, exceptions_show_no_secret/1,
         exceptions_show_no_secret_without_the_library/1]).
-export([no_bus_means_no_keyring/1, bus_without_a_keyring_is_no_keyring/1, keyring_keeps_and_forgets/1,
         keyring_is_found_in_the_runtime_folder/1, locked_keyring_says_so/1]).
-export([raised/2]).

all() ->
    [sealed_survives_the_users_file, sealed_opens_where_its_atoms_were_unknown,
     other_passwords_and_accounts_are_refused, damage_is_no_crash, costs_beyond_reason_are_refused,
     old_write_keys_open_in_every_size, old_write_keys_refuse_other_passwords, damaged_write_keys_are_no_crash,
     exceptions_show_no_secret, exceptions_show_no_secret_without_the_library, no_bus_means_no_keyring,
     {group, keyring}].

groups() ->
    [{keyring, [], [bus_without_a_keyring_is_no_keyring, keyring_keeps_and_forgets,
                    keyring_is_found_in_the_runtime_folder, locked_keyring_says_so]}].

init_per_group(keyring, Config) ->
    case secret_service:missing() of
        [] -> Config;
        Missing -> {skip, "not installed: " ++ lists:flatten(lists:join(", ", Missing))}
    end.

end_per_group(keyring, _) ->
    ok.

-define(SECRET, <<"5ecr3t-of-the-test">>).
-define(PASSWORD, "bätter hørse").

%% rebar3 reads the file by file:consult/1, we by hexide_user_file.
sealed_survives_the_users_file(Config) ->
    Path = filename:join(proplists:get_value(priv_dir, Config), "hex.config"),
    {ok, Sealed} = hexide_vault:seal(?SECRET, ?PASSWORD, <<"hexpm">>),
    ?assertMatch(#{kdf := argon2id, memory := Memory, passes := Passes, lanes := _, cipher := aes_256_gcm}
                   when Memory >= 19 * 1024 andalso Passes >= 2, Sealed),
    ok = hexide_user_file:update(Path, fun(Content) -> Content#{<<"hexpm">> => #{api_key => Sealed}} end),
    {ok, [#{<<"hexpm">> := #{api_key := Consulted}}]} = file:consult(Path),
    {ok, #{<<"hexpm">> := #{api_key := Read}}} = hexide_user_file:read(Path),
    ?assertEqual(Sealed, Consulted),
    ?assertEqual(Sealed, Read),
    {ok, Text} = file:read_file(Path),
    ?assertEqual(nomatch, binary:match(Text, ?SECRET)),
    ?assertEqual({ok, ?SECRET}, hexide_vault:open(Read, unicode:characters_to_binary(?PASSWORD), "hexpm")).

sealed_opens_where_its_atoms_were_unknown(_) ->
    {ok, Sealed} = hexide_vault:seal(?SECRET, ?PASSWORD, <<"hexpm">>),
    Foreign = fun(Atom) when is_atom(Atom) -> {'$atom', atom_to_binary(Atom)};
                 (Other) -> Other
              end,
    Read = maps:from_list([{Foreign(Key), Foreign(Value)} || {Key, Value} <- maps:to_list(Sealed)]),
    ?assertEqual({ok, ?SECRET}, hexide_vault:open(Read, ?PASSWORD, <<"hexpm">>)).

other_passwords_and_accounts_are_refused(_) ->
    {ok, Sealed} = hexide_vault:seal(?SECRET, ?PASSWORD, <<"hexpm">>),
    [begin
         {error, {unauthorized, #{reason := <<"wrong_password">>}} = Reason} =
             hexide_vault:open(Sealed, Password, Account),
         ?assertNotEqual(nomatch, string:find(hexide_error:format(Reason), "Give the password again"))
     end || {Password, Account} <- [{"wrong", "hexpm"}, {?PASSWORD, "hexpm:acme"}]].

damage_is_no_crash(_) ->
    {ok, Sealed} = hexide_vault:seal(?SECRET, ?PASSWORD, <<"hexpm">>),
    Damaged = [not_a_map, #{}] ++ [maps:remove(Key, Sealed) || Key <- maps:keys(Sealed)]
        ++ [Sealed#{Key := Value} || Key <- maps:keys(Sealed), Value <- [<<"%">>, <<"AA==">>, -1, other, [1 | 2]]],
    [?assertMatch({error, {bad_config, #{message := _}}}, hexide_vault:open(Each, ?PASSWORD, <<"hexpm">>), Each)
     || Each <- Damaged].

costs_beyond_reason_are_refused(_) ->
    {ok, Sealed} = hexide_vault:seal(?SECRET, ?PASSWORD, <<"hexpm">>),
    [?assertMatch({error, {bad_config, _}}, hexide_vault:open(Sealed#{Key := Value}, ?PASSWORD, <<"hexpm">>), Key)
     || Key <- [memory, passes, lanes], Value <- [1 bsl 31, 1 bsl 80, 0]].

%% --- what rebar3_hex wrote

old_write_keys_open_in_every_size(_) ->
    [begin
         WriteKey = old_write_key(?SECRET, <<"bob">>, Password),
         ?assertEqual({ok, ?SECRET}, hexide_vault:open_legacy(WriteKey, "bob", Password), Password)
     end || Size <- [1, 15, 16, 17, 24, 25, 32], Password <- [binary:copy(<<"p">>, Size)]].

old_write_keys_refuse_other_passwords(_) ->
    WriteKey = old_write_key(?SECRET, <<"bob">>, <<"password">>),
    [?assertMatch({error, {unauthorized, #{reason := <<"wrong_password">>}}},
                  hexide_vault:open_legacy(WriteKey, Username, Password))
     || {Username, Password} <- [{"bob", "Password"}, {"alice", "password"}, {"bob", lists:duplicate(17, $p)},
                                 {"bob", lists:duplicate(33, $p)}]].

damaged_write_keys_are_no_crash(_) ->
    {IV, {Cipher, Tag}} = old_write_key(?SECRET, <<"bob">>, <<"password">>),
    [?assertMatch({error, {bad_config, _}}, hexide_vault:open_legacy(Damaged, "bob", "password"), Damaged)
     || Damaged <- [<<>>, {}, {IV, Cipher}, {<<>>, {Cipher, Tag}}, {IV, {Cipher, <<>>}}, {IV, {Cipher, <<1>>}},
                    {"list", {Cipher, Tag}}, {IV, {"list", Tag}}, {IV, {Cipher, <<Tag/binary, 0>>}}]].

%% As rebar3_hex sealed: AES-GCM whose key is the zero-padded password, an IV of 16 bytes, bound to the user.
old_write_key(Secret, Username, Password) ->
    Size = hd([Each || Each <- [16, 24, 32], byte_size(Password) =< Each]),
    Key = <<Password/binary, 0:(Size - byte_size(Password))/unit:8>>,
    Cipher = #{16 => aes_128_gcm, 24 => aes_192_gcm, 32 => aes_256_gcm},
    IV = crypto:strong_rand_bytes(16),
    {IV, crypto:crypto_one_time_aead(maps:get(Size, Cipher), Key, IV, Secret, Username, true)}.

%% --- exceptions

exceptions_show_no_secret(_) ->
    Secret = binary_to_list(?SECRET),
    Wrong = [{wrong, Secret}, [Secret | tail], Secret ++ [-1], binary:copy(?SECRET, 10_000)],
    [begin
         {Class, Reason, Stack} = raised(Function, Arguments),
         ?assertMatch({error, badarg, [_ | _]}, {Class, Reason, Stack}),
         shows_nothing({Reason, Stack}, Secret)
     end || {Function, Right} <- functions(), Place <- lists:seq(1, length(Right)), {Function, Place} =/= {open, 1},
            {Function, Place} =/= {open_legacy, 1}, Value <- Wrong,
            Arguments <- [lists:sublist(Right, Place - 1) ++ [Value] ++ lists:nthtail(Place, Right)]].

%% Where the library was never compiled, the call itself fails, with all its arguments.
exceptions_show_no_secret_without_the_library(Config) ->
    Folder = filename:join([proplists:get_value(priv_dir, Config), "no_library", "ebin"]),
    ok = filelib:ensure_dir(filename:join(Folder, "beam")),
    [{ok, _} = file:copy(code:which(Module), filename:join(Folder, atom_to_list(Module) ++ ".beam"))
     || Module <- [hexide_vault, hexide_exception, hexide_nif, hexide_job, ?MODULE]],
    {ok, Peer, _} = peer:start_link(#{connection => standard_io, args => ["-pa", Folder]}),
    {Class, Reason, Stack} = peer:call(Peer, ?MODULE, raised, [seal, [?SECRET, ?PASSWORD, <<"hexpm">>]]),
    ok = peer:stop(Peer),
    ?assertMatch({error, {not_loaded, _}}, {Class, Reason}),
    ?assertMatch({hexide_nif, vault_seal, 3, _}, lists:keyfind(hexide_nif, 1, Stack)),
    shows_nothing({Reason, Stack}, binary_to_list(?SECRET)).

%% --- the keyring

no_bus_means_no_keyring(_) ->
    [secret_service:with_environment([{"DBUS_SESSION_BUS_ADDRESS", Bus}, {"XDG_RUNTIME_DIR", Folder}],
                                     fun there_is_no_keyring/0)
     || {Bus, Folder} <- [{"", ""}, {"", "/no/such/föld%r"}, {"unix:path=/no/such/bus", ""}, {"nonsense", ""}]].

bus_without_a_keyring_is_no_keyring(_) ->
    secret_service:with_bus(fun(_) -> there_is_no_keyring() end).

there_is_no_keyring() ->
    [begin
         {Took, {error, {io, #{reason := <<"no_keyring">>} = Details}}} = timer:tc(Ask),
         ?assert(Took < 30_000_000),
         ?assertNotEqual(nomatch, string:find(hexide_error:format({io, Details}), "Start a keyring"))
     end || Ask <- [fun() -> hexide_vault:fetch("hexpm/bob") end, fun() -> hexide_vault:forget("hexpm/bob") end,
                    fun() -> hexide_vault:keep(?SECRET, "hexpm/bob") end]].

keyring_keeps_and_forgets(_) ->
    secret_service:with_bus(fun(Session) ->
                                secret_service:with_keyring(Session, ?PASSWORD, fun keeps_and_forgets/0)
                            end).

keyring_is_found_in_the_runtime_folder(_) ->
    secret_service:with_bus(
      fun({Folder, _} = Session) ->
          secret_service:with_environment(
            [{"DBUS_SESSION_BUS_ADDRESS", ""}, {"XDG_RUNTIME_DIR", Folder}],
            fun() -> secret_service:with_keyring(Session, ?PASSWORD, fun keeps_and_forgets/0) end)
      end).

keeps_and_forgets() ->
    Account = <<"hexpm/bös"/utf8>>,
    ?assertMatch({error, {not_found, #{reason := <<"not_in_keyring">>}}}, hexide_vault:fetch(Account)),
    ?assertEqual(ok, hexide_vault:forget(Account)),
    ?assertEqual(ok, hexide_vault:keep("an older one", Account)),
    ?assertEqual(ok, hexide_vault:keep(?SECRET, Account)),
    ?assertEqual({ok, ?SECRET}, hexide_vault:fetch(Account)),
    ?assertMatch({error, {not_found, _}}, hexide_vault:fetch("hexpm/other")),
    ?assertEqual(ok, hexide_vault:forget(Account)),
    ?assertMatch({error, {not_found, _}}, hexide_vault:fetch(Account)).

%% There is nobody here whom the keyring could ask for its password.
locked_keyring_says_so(_) ->
    Keep = fun() -> ok = hexide_vault:keep(?SECRET, "hexpm/bob") end,
    Fetch = fun() -> ?assertEqual({ok, ?SECRET}, hexide_vault:fetch("hexpm/bob")) end,
    secret_service:with_bus(fun(Session) ->
                                secret_service:with_keyring(Session, ?PASSWORD, Keep),
                                secret_service:with_keyring(Session, none, fun is_locked/0),
                                secret_service:with_keyring(Session, ?PASSWORD, Fetch)
                            end).

is_locked() ->
    [begin
         {error, {_, #{reason := <<"keyring_locked">>}} = Reason} = Ask(),
         ?assertNotEqual(nomatch, string:find(hexide_error:format(Reason), "Unlock the keyring"))
     end || Ask <- [fun() -> hexide_vault:fetch("hexpm/bob") end, fun() -> hexide_vault:forget("hexpm/bob") end,
                    fun() -> hexide_vault:keep(<<"another">>, "hexpm/bob") end]].

functions() ->
    [{seal, [?SECRET, ?PASSWORD, "hexpm"]}, {open, [#{}, ?PASSWORD, "hexpm"]}, {open_legacy, [{}, "bob", ?PASSWORD]},
     {keep, [?SECRET, "hexpm"]}, {fetch, ["hexpm"]}, {forget, ["hexpm"]}].

raised(Function, Arguments) ->
    try
        {returned, apply(hexide_vault, Function, Arguments)}
    catch
        Class:Reason:Stack -> {Class, Reason, Stack}
    end.

shows_nothing(Raised, Secret) ->
    Text = lists:flatten(io_lib:format("~0p ~0tp ~w", [Raised, Raised, Raised])),
    ?assertEqual(nomatch, string:find(Text, Secret)),
    ?assertEqual(nomatch, string:find(Text, lists:join(",", [integer_to_list(Byte) || Byte <- Secret]))).
