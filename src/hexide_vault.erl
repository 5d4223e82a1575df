%% @doc How secrets are kept at rest: sealed under a password, or in the keyring of the operating system.
%%
%% A secret is bound to its account, the repository's name such as `<<"hexpm">>': sealed for one, it opens
%% for no other. No function here shows a secret or a password in an exception: those that raise say
%% `badarg' and keep the arguments to themselves.
-module(hexide_vault).

-export([seal/3, open/3, open_legacy/3]).
-export([keep/2, fetch/1, forget/1]).

-export_type([sealed/0, write_key/0]).

-type sealed() :: #{kdf := argon2id, memory := pos_integer(), passes := pos_integer(), lanes := pos_integer(),
                    salt := binary(), cipher := aes_256_gcm, nonce := binary(), data := binary()}.
%% A sealed secret, as it stands in `hex.config'. `memory': in KiB. `salt', `nonce' and `data' (the encrypted
%% secret and its tag) are base64. Nothing in it is secret.

-type write_key() :: {IV :: binary(), {Cipher :: binary(), Tag :: binary()}}.
%% What rebar3_hex kept under `write_key'.

%% No key or token is longer, nor any password that somebody types.
-define(MOST, 65536).

-define(TAG, 16).

%% @doc Seals a secret under a password, with the costs that are thought enough today. Takes a good part of
%% a second.
-spec seal(unicode:chardata(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome(sealed()).
seal(Secret, Password, Account) ->
    hexide_exception:bare(fun() -> seal_bytes(bytes(Secret), password(Password), bytes(Account)) end).

seal_bytes(Secret, Password, Account) ->
    case hexide_job:call(fun() -> hexide_nif:vault_seal(Secret, Password, Account) end, #{}) of
        {ok, #{salt := Salt, nonce := Nonce, data := Data} = Sealed} ->
            {ok, Sealed#{kdf => argon2id, cipher => aes_256_gcm, salt := base64:encode(Salt),
                         nonce := base64:encode(Nonce), data := base64:encode(Data)}};
        {error, _} = Error -> Error
    end.

%% @doc Opens a sealed secret. `unauthorized' with the reason `wrong_password' where the password or the
%% account is another; `bad_config' where it is damaged, or asks for costs beyond reason.
-spec open(sealed() | map(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome(binary()).
open(Sealed, Password, Account) ->
    hexide_exception:bare(fun() -> open_bytes(Sealed, password(Password), bytes(Account)) end).

open_bytes(Sealed, Password, Account) ->
    case parts(Sealed) of
        {ok, Parts} -> hexide_job:call(fun() -> hexide_nif:vault_open(Parts, Password, Account) end, #{});
        error -> {error, {bad_config, #{message => <<"the sealed secret is damaged, or made by a newer hexide">>}}}
    end.

parts(Sealed) when is_map(Sealed) ->
    case maps:from_list([{word(Key), word(Value)} || {Key, Value} <- maps:to_list(Sealed)]) of
        #{kdf := argon2id, memory := Memory, passes := Passes, lanes := Lanes, salt := Salt,
          cipher := aes_256_gcm, nonce := Nonce, data := Data} ->
            case lists:all(fun is_count/1, [Memory, Passes, Lanes]) of
                true -> decoded(#{memory => Memory, passes => Passes, lanes => Lanes},
                                [{salt, Salt}, {nonce, Nonce}, {data, Data}]);
                false -> error
            end;
        _ -> error
    end;
parts(_) ->
    error.

%% Atoms of the file that the node did not know when it was read (see hexide_user_file).
word({'$atom', <<"kdf">>}) -> kdf;
word({'$atom', <<"argon2id">>}) -> argon2id;
word({'$atom', <<"memory">>}) -> memory;
word({'$atom', <<"passes">>}) -> passes;
word({'$atom', <<"lanes">>}) -> lanes;
word({'$atom', <<"salt">>}) -> salt;
word({'$atom', <<"cipher">>}) -> cipher;
word({'$atom', <<"aes_256_gcm">>}) -> aes_256_gcm;
word({'$atom', <<"nonce">>}) -> nonce;
word({'$atom', <<"data">>}) -> data;
word(Other) -> Other.

is_count(Number) ->
    is_integer(Number) andalso Number > 0 andalso Number < 1 bsl 32.

decoded(Parts, []) ->
    {ok, Parts};
decoded(Parts, [{Key, Text} | Rest]) when is_binary(Text), byte_size(Text) =< 2 * ?MOST ->
    try
        decoded(Parts#{Key => base64:decode(Text)}, Rest)
    catch
        error:_ -> error
    end;
decoded(_, _) ->
    error.

%% @doc Opens a `write_key' that rebar3_hex sealed: AES-GCM whose key is the password itself, filled up with
%% zeros. Weak, so it is only ever read, to seal its content anew.
%%
%% OTP's crypto does it: the 16 bytes of IV that rebar3_hex used are beyond the native library's AES-GCM,
%% which takes 12, and nothing here is worth an implementation of one's own. `unauthorized' with the reason
%% `wrong_password', or `bad_config' where it is damaged.
-spec open_legacy(write_key() | term(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome(binary()).
open_legacy(WriteKey, Username, Password) ->
    hexide_exception:bare(fun() -> open_write_key(WriteKey, bytes(Username), password(Password)) end).

open_write_key({IV, {Cipher, Tag}}, Username, Password)
  when is_binary(IV), IV =/= <<>>, byte_size(IV) =< 64, is_binary(Cipher), byte_size(Cipher) =< ?MOST,
       is_binary(Tag), byte_size(Tag) =:= ?TAG ->
    case zero_padded(Password) of
        {Algorithm, Key} ->
            case crypto:crypto_one_time_aead(Algorithm, Key, IV, Cipher, Username, Tag, false) of
                Secret when is_binary(Secret) -> {ok, Secret};
                error -> wrong_password()
            end;
        %% No longer password could have sealed it.
        too_long -> wrong_password()
    end;
open_write_key(_, _, _) ->
    {error, {bad_config, #{key => <<"write_key">>, message => <<"the write key is damaged">>}}}.

zero_padded(Password) ->
    case byte_size(Password) of
        Size when Size =< 16 -> {aes_128_gcm, <<Password/binary, 0:(16 - Size)/unit:8>>};
        Size when Size =< 24 -> {aes_192_gcm, <<Password/binary, 0:(24 - Size)/unit:8>>};
        Size when Size =< 32 -> {aes_256_gcm, <<Password/binary, 0:(32 - Size)/unit:8>>};
        _ -> too_long
    end.

wrong_password() ->
    {error, {unauthorized, #{reason => <<"wrong_password">>,
                             message => <<"the password is not the one that this secret was sealed with">>}}}.

%% --- the keyring

%% @doc Keeps a secret in the keyring under an account's name, in the place of an older one. The system may
%% ask its user to unlock the keyring; after a minute this is given up with `timeout'. Where there is no
%% keyring: `io' with the reason `no_keyring'; where it stays locked: `keyring_locked'; in a library that was compiled
%% without: `keyring_left_out'.
-spec keep(unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
keep(Secret, Account) ->
    hexide_exception:bare(fun() -> keep_bytes(bytes(Secret), bytes(Account), bus()) end).

keep_bytes(Secret, Account, Bus) ->
    hexide_job:call(fun() -> hexide_nif:keyring_put(Bus, Account, Secret) end, #{}).

%% @doc The secret that the keyring keeps under an account's name. `not_found' where it keeps none.
-spec fetch(unicode:chardata()) -> hexide_job:outcome(binary()).
fetch(Account) ->
    hexide_exception:bare(fun() -> fetch_bytes(bytes(Account), bus()) end).

fetch_bytes(Account, Bus) ->
    hexide_job:call(fun() -> hexide_nif:keyring_get(Bus, Account) end, #{}).

%% @doc Makes the keyring forget what it keeps under an account's name; nothing kept is as good.
-spec forget(unicode:chardata()) -> hexide_job:outcome().
forget(Account) ->
    hexide_exception:bare(fun() -> forget_bytes(bytes(Account), bus()) end).

forget_bytes(Account, Bus) ->
    hexide_job:call(fun() -> hexide_nif:keyring_forget(Bus, Account) end, #{}).

%% Where the session's D-Bus is, as every program of it finds out. macOS has none and needs none.
bus() ->
    case {os:getenv("DBUS_SESSION_BUS_ADDRESS", ""), os:getenv("XDG_RUNTIME_DIR", "")} of
        {"", ""} -> undefined;
        {"", Folder} -> unicode:characters_to_binary(["unix:path=", escaped(Folder), "/bus"]);
        {Address, _} -> unicode:characters_to_binary(Address)
    end.

%% As D-Bus writes paths in addresses: other characters as `%' and two digits a byte.
escaped(Folder) ->
    [case is_plain(Byte) of
         true -> Byte;
         false -> io_lib:format("%~2.16.0b", [Byte])
     end || <<Byte>> <= unicode:characters_to_binary(Folder)].

is_plain(Byte) ->
    (Byte >= $a andalso Byte =< $z) orelse (Byte >= $A andalso Byte =< $Z) orelse (Byte >= $0 andalso Byte =< $9)
        orelse lists:member(Byte, "-_/.\\").

%% --- what goes in

%% An empty password protects nothing.
password(Text) ->
    case bytes(Text) of
        <<>> -> error(badarg);
        Password -> Password
    end.

bytes(Text) when is_binary(Text), byte_size(Text) =< ?MOST ->
    Text;
bytes(Text) when is_list(Text) ->
    case unicode:characters_to_binary(Text) of
        Bytes when is_binary(Bytes), byte_size(Bytes) =< ?MOST -> Bytes;
        _ -> error(badarg)
    end;
bytes(_) ->
    error(badarg).
