%% A call of every function of the API, right and wrong.
%%
%% An argument is `config', `{secret, Right, Wrong}' (what is given there is secret, `Wrong' are more ways to
%% get it wrong), `{only, Right}', or an ordinary value.
-module(api_calls).

-export([modules/0, unlisted/0, right/1, wrong/2]).

-define(NOWHERE, <<"http://127.0.0.1:1">>).

%% The modules that programs call. `hexide_nif' is none of them: its stubs are called by these alone.
modules() ->
    [hexide_auth, hexide_config, hexide_docs, hexide_error, hexide_job, hexide_json, hexide_key, hexide_org,
     hexide_owner, hexide_package, hexide_registry, hexide_release, hexide_repo, hexide_server, hexide_tarball,
     hexide_text, hexide_user, hexide_user_file, hexide_vault, hexide_version].

%% What a `gen_server' exports for OTP, what has no argument, or takes none that can be wrong.
ordinary() ->
    [{hexide_server, Name, Arity} || {Name, Arity} <- [{init, 1}, {handle_call, 3}, {handle_cast, 2}, {handle_info, 2},
                                                       {terminate, 2}, {start_link, 0}, {stop, 1}]]
        ++ [{hexide_config, keys, 0}, {hexide_registry, generate_key, 0}].

%% Functions that nobody tries here.
unlisted() ->
    Listed = [{Module, Name, length(Args)} || {Module, Name, Args} <- all(world())],
    [{Module, Name, Arity} || Module <- modules(), {module, _} <- [code:ensure_loaded(Module)],
                              {Name, Arity} <- Module:module_info(exports), Name =/= module_info]
        -- (Listed ++ ordinary()).

world() ->
    #{config => #{}, server => self(), folder => "", secret => fun(_) -> <<>> end}.

%% Every call as it is meant.
right(World) ->
    [{Module, Name, [right(Arg, World) || Arg <- Args]} || {Module, Name, Args} <- all(World)].

right(config, #{config := Config}) -> Config;
right({secret, Right, _}, _) -> Right;
right({only, Right}, _) -> Right;
right(Arg, _) -> Arg.

%% Every call with one argument wrong, the others as they are meant; what is wrong is secret where the right one is.
wrong(#{secret := Secret} = World, Deep) ->
    [{Module, Name, [right(Each, World) || Each <- Before] ++ [Wrong | [right(Each, World) || Each <- After]]}
     || {Module, Name, Args} <- all(World), Place <- lists:seq(1, length(Args)),
        {Before, [Arg | After]} <- [lists:split(Place - 1, Args)],
        Wrong <- case Arg of
                     config when Name =:= me; Name =:= native; Name =:= complete; Name =:= exchange; Name =:= fetch_many ->
                         anything(Secret(config)) ++ configs(Secret(config));
                     config -> anything(Secret(config));
                     {secret, _, More} -> anything(Secret(argument)) ++ More;
                     {only, _} -> [];
                     _ when Deep -> [bad, {bad}, #{}, [bad | tail], <<255>>, undefined];
                     _ -> [bad, <<255>>]
                 end].

%% What happens to be a configuration asks nobody: the registry that it would ask by default is not ours.
anything(Mark) ->
    [Mark, bad, 42, {Mark}, #{key => Mark, api_url => ?NOWHERE, repo_url => ?NOWHERE, retries => 0}, [Mark | bad], [Mark, {Mark}], [{api_key, Mark}], <<Mark/binary, 255>>,
     binary_to_list(Mark) ++ [16#110000], fun() -> Mark end, fun() -> [Mark | bad] end, <<>>, undefined].

configs(Mark) ->
    [#{api_url => ?NOWHERE, repo_url => ?NOWHERE, retries => 0, Key => Wrong}
     || Key <- [api_key, key, api_otp, repo_key, http_proxy, https_proxy, timeout, offline, secrets],
        Wrong <- [{Mark}, [Mark | bad], <<Mark/binary, 255>>, fun() -> {Mark} end, fun() -> [Mark | bad] end,
                  fun() -> <<Mark/binary, 255>> end, fun(_) -> Mark end, #{Mark => Mark}, Mark, <<"x\n", Mark/binary>>]]
        ++ [#{offline => true, Key => <<"http://joe:", Mark/binary, Rest/binary>>}
            || Key <- [api_url, repo_url, http_proxy, https_proxy],
               Rest <- [<<"@127.0.0.1:1">>, <<"@[">>, <<"/@host">>, <<"@host:port">>]].

all(#{folder := Folder, server := Server, secret := Secret}) ->
    Token = {secret, Secret(token), []},
    Password = {secret, Secret(password), []},
    Local = {secret, Secret(local_password), []},
    Code = Secret(device_code),
    Device = {secret, #{device_code => Code, expires_in => 1, interval => 1},
              [#{device_code => Wrong, expires_in => 1, interval => 1} || Wrong <- anything(Code)]
              ++ [#{device_code => Code}, #{device_code => Code, expires_in => [Code], interval => {Code}}]},
    File = filename:join(Folder, "hex.config"),
    Content = fun(Value) -> #{<<"local">> => #{api_key => Value}} end,
    Changes = [fun(_) -> Content({self(), Secret(api_key)}) end, fun(_) -> Secret(api_key) end,
               fun() -> Secret(api_key) end, fun(_) -> [Secret(api_key) | bad] end, fun(_) -> {ok, Secret(api_key)} end,
               fun(_) -> {ok, Secret(api_key), Secret(api_key)} end,
               fun(_) -> error({bad_secret, Secret(api_key)}, [Secret(api_key)]) end],
    User = fun(Fields) -> maps:merge(#{username => <<"zoe">>, email => <<"zoe@example.com">>}, Fields) end,
    Users = [User(#{password => Wrong}) || Wrong <- anything(Secret(password))]
        ++ [#{username => <<"zoe">>, password => Secret(password)},
            User(#{username => <<255>>, password => Secret(password)}),
            User(#{email => {bad}, password => Secret(password)}), User(#{email => <<255>>, password => Secret(password)})],
    Sealed = #{kdf => argon2id, memory => 64, passes => 1, lanes => 1, salt => <<"c2FsdHNhbHQ=">>,
               cipher => aes_256_gcm, nonce => <<"bm9uY2Vub25jZQ==">>, data => <<"ZGF0YWRhdGFkYXRhZGF0YWRhdGE=">>},
    Pem = Secret(private_key),
    [{hexide_auth, device_start, [config]}, {hexide_auth, device_start, [config, #{}]},
     {hexide_auth, device_poll, [config, {secret, Code, []}]}, {hexide_auth, device_wait, [config, Device]},
     {hexide_auth, device_wait, [config, Device, #{timeout => 100}]}, {hexide_auth, refresh, [config, Token]},
     {hexide_auth, revoke, [config, Token]}, {hexide_auth, exchange, [config, <<"api">>]},
     {hexide_auth, test, [config, <<"api">>, <<"read">>]},
     {hexide_config, resolve, [{secret, #{options => #{api_key => Secret(api_key)}},
                                [#{Source => Wrong} || Source <- [options, project, user, environment],
                                                       Wrong <- anything(Secret(api_key)) ++ configs(Secret(api_key))]
                                ++ [#{environment => [{"HEX_API_KEY", binary_to_list(Secret(api_key)) ++ [16#110000]},
                                                      {"HEX_OFFLINE", binary_to_list(Secret(api_otp))},
                                                      {"http_proxy", binary_to_list(Secret(api_otp))}]}]}]},
     {hexide_config, complete, [config]}, {hexide_config, native, [config]}, {hexide_config, default, [api_url]},
     {hexide_config, convert, [secret, {secret, Secret(api_key), []}]}, {hexide_config, canonical, [<<"key">>]},
     {hexide_config, for_repository, [{secret, Content(Secret(api_key)), [Content({Secret(api_key)})]}, <<"local">>]},
     {hexide_config, hide, [{secret, Secret(api_key), []}]},
     {hexide_config, reveal, [{secret, Secret(api_key), []}]},
     {hexide_docs, publish, [config, <<"pa">>, <<"1.0.0">>, <<"docs">>]},
     {hexide_docs, publish, [config, <<"pa">>, <<"1.0.0">>, <<"docs">>, #{}]},
     {hexide_docs, revert, [config, <<"pa">>, <<"1.0.0">>]}, {hexide_docs, fetch, [config, <<"pa">>, <<"1.0.0">>]},
     {hexide_error, format, [{unauthorized, #{message => <<"no">>}}]},
     %% Whatever else they were given, they would wait for ever, as they are told to.
     {hexide_job, call, [fun() -> make_ref() end, {only, #{timeout => 0}}]},
     {hexide_job, call, [config, {only, #{timeout => 1000}}, fun hexide_nif:key_list/1]},
     {hexide_job, await, [make_ref(), {only, #{timeout => 0}}]}, {hexide_job, cancel, [make_ref()]},
     {hexide_json, encode, [{secret, #{secret => Secret(api_key)}, [#{secret => Secret(api_key), bad => {}}, self()]}]},
     {hexide_key, list, [config]}, {hexide_key, get, [config, <<"ci">>]},
     {hexide_key, add, [config, <<"ci">>, [#{domain => api}]]},
     {hexide_key, add, [config, <<"ci">>, [#{domain => api}], #{revoke_at => <<"2100-01-01T00:00:00Z">>}]},
     {hexide_key, remove, [config, <<"ci">>]}, {hexide_org, list, [config]}, {hexide_org, get, [config, <<"acme">>]},
     {hexide_org, update, [config, <<"acme">>, #{seats => 1}]}, {hexide_org, members, [config, <<"acme">>]},
     {hexide_org, member, [config, <<"acme">>, <<"joe">>]},
     {hexide_org, add_member, [config, <<"acme">>, <<"joe">>, <<"read">>]},
     {hexide_org, set_role, [config, <<"acme">>, <<"joe">>, <<"read">>]},
     {hexide_org, remove_member, [config, <<"acme">>, <<"joe">>]}, {hexide_org, audit_log, [config, <<"acme">>]},
     {hexide_owner, list, [config, <<"pa">>]}, {hexide_owner, get, [config, <<"pa">>, <<"joe">>]},
     {hexide_owner, add, [config, <<"pa">>, <<"joe">>]}, {hexide_owner, add, [config, <<"pa">>, <<"joe">>, #{}]},
     {hexide_owner, remove, [config, <<"pa">>, <<"joe">>]}, {hexide_owner, transfer, [config, <<"pa">>, <<"joe">>]},
     {hexide_package, search, [config, <<"pa">>]}, {hexide_package, search, [config, <<"pa">>, #{}]},
     {hexide_package, get, [config, <<"pa">>]}, {hexide_package, audit_log, [config, <<"pa">>]},
     {hexide_registry, encode, [names, #{repository => <<"r">>, packages => []}]},
     {hexide_registry, decode, [names, <<"x">>]}, {hexide_registry, decode, [names, <<"x">>, {<<"r">>, undefined}]},
     {hexide_registry, decode, [names, <<"x">>, undefined, #{only => [<<"pa">>]}]},
     {hexide_registry, read, [names, <<"x">>, <<"y">>, undefined]},
     {hexide_registry, read, [names, <<"x">>, <<"y">>, undefined, #{}]},
     {hexide_registry, read_many, [names, [{<<"x">>, {<<"r">>, undefined}}], <<"y">>]},
     {hexide_registry, read_many, [names, [], <<"y">>, #{only => [<<"pa">>]}]},
     {hexide_registry, sign, [<<"payload">>, {secret, Pem, []}]}, {hexide_registry, verify, [<<"x">>, <<"y">>]},
     {hexide_registry, verify, [<<"x">>, <<"y">>, #{}]}, {hexide_registry, public_key, [{secret, Pem, []}]},
     {hexide_registry, fingerprint, [<<"y">>]}, {hexide_release, build, [#{}, [], #{}]},
     {hexide_release, publish, [config, <<"tarball">>]}, {hexide_release, publish, [config, <<"tarball">>, #{}]},
     {hexide_release, get, [config, <<"pa">>, <<"1.0.0">>]}, {hexide_release, revert, [config, <<"pa">>, <<"1.0.0">>]},
     {hexide_release, retire, [config, <<"pa">>, <<"1.0.0">>, other, <<"why">>]},
     {hexide_release, unretire, [config, <<"pa">>, <<"1.0.0">>]},
     {hexide_release, retire_all, [config, <<"pa">>, other, <<"why">>]},
     {hexide_repo, names, [config]}, {hexide_repo, names, [config, #{}]}, {hexide_repo, versions, [config]},
     {hexide_repo, versions, [config, #{}]}, {hexide_repo, package, [config, <<"pa">>]},
     {hexide_repo, package, [config, <<"pa">>, #{}]}, {hexide_repo, policy, [config, <<"po">>]},
     {hexide_repo, policy, [config, <<"po">>, #{}]}, {hexide_repo, tarball, [config, <<"pa">>, <<"1.0.0">>]},
     {hexide_repo, tarball, [config, <<"pa">>, <<"1.0.0">>, #{checksum => binary:copy(<<"a">>, 64)}]},
     {hexide_repo, docs, [config, <<"pa">>, <<"1.0.0">>]}, {hexide_repo, public_key, [config]},
     {hexide_repo, fetch_many, [config, [{<<"pa">>, <<"1.0.0">>}]]},
     {hexide_repo, fetch_many, [config, [{<<"pa">>, <<"1.0.0">>}], #{to => {dir, Folder}}]},
     {hexide_server, child_spec, [#{}]}, {hexide_server, start_link, [#{port => 0}]}, {hexide_server, info, [Server]},
     {hexide_server, add_user, [Server, {secret, User(#{password => Secret(password)}), Users}]},
     {hexide_server, confirm_user, [Server, <<"zoe">>]}, {hexide_server, add_organization, [Server, <<"acme">>, <<"zoe">>]},
     {hexide_server, approve_device, [Server, <<"ABCD-EFGH">>, <<"zoe">>]},
     {hexide_server, enable_totp, [Server, <<"zoe">>]},
     {hexide_tarball, create, [#{}, []]}, {hexide_tarball, create, [#{}, [], #{}]},
     {hexide_tarball, unpack, [<<"x">>, memory]}, {hexide_tarball, unpack, [<<"x">>, memory, #{}]},
     {hexide_tarball, metadata, [<<"x">>]}, {hexide_tarball, metadata, [<<"x">>, #{}]},
     {hexide_tarball, create_docs, [[]]}, {hexide_tarball, create_docs, [[], #{}]},
     {hexide_tarball, unpack_docs, [<<"x">>, memory]}, {hexide_tarball, unpack_docs, [<<"x">>, memory, #{}]},
     {hexide_text, binary, [{secret, Secret(token), []}]}, {hexide_text, secret, [{secret, Secret(token), []}]},
     {hexide_text, optional, [{secret, Secret(token), []}]}, {hexide_text, path, [<<"x">>]},
     {hexide_text, optional_list, [[{secret, Secret(token), []}]]}, {hexide_text, nearest, [<<"x">>, [<<"y">>]]},
     {hexide_user, register, [config, <<"zoe">>, <<"zoe@example.com">>, Password]}, {hexide_user, me, [config]},
     {hexide_user, get, [config, <<"zoe">>]}, {hexide_user, reset_password, [config, <<"zoe">>]},
     {hexide_user, audit_log, [config]}, {hexide_user_file, read, [File]},
     {hexide_user_file, update, [File, {secret, fun(_) -> Content(Secret(api_key)) end, Changes}]},
     {hexide_user_file, transaction, [File, {secret, fun(Old) -> {ok, done, Old} end, Changes}]},
     {hexide_vault, seal, [{secret, Secret(api_key), []}, Local, {only, <<"local">>}]},
     {hexide_vault, open, [Sealed, Local, <<"local">>]},
     {hexide_vault, open_legacy, [{<<0:128>>, {<<"cipher">>, <<0:128>>}}, <<"joe">>, Local]},
     {hexide_vault, keep, [{secret, Secret(api_key), []}, <<"local">>]}, {hexide_vault, fetch, [<<"local">>]},
     {hexide_vault, forget, [<<"local">>]}, {hexide_version, parse, [<<"1.0.0">>]},
     {hexide_version, compare, [<<"1.0.0">>, <<"1.0.0">>]}, {hexide_version, match, [<<"1.0.0">>, <<"~> 1.0">>]},
     {hexide_version, match, [<<"1.0.0">>, <<"~> 1.0">>, #{}]}, {hexide_version, bump, [<<"1.0.0">>, minor]},
     {hexide_version, bump, [<<"1.0.0">>, minor, #{}]}, {hexide_version, sort, [[<<"1.0.0">>]]},
     %% Last, since they end what the others are signed in with.
     {hexide_key, remove_all, [config]}].
