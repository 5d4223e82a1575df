%% @doc A Hex-compatible registry, run as a program of the operating system beside the node.
%%
%% ```
%% {ok, Server} = hexide_server:start_link(#{data_dir => temporary}),
%% {ok, #{api_url := ApiUrl, repo_url := RepoUrl, public_key := Key}} = hexide_server:info(Server).
%% '''
%% It may stand in a supervision tree. The registry stops with its process, and with the node however that ends;
%% where the registry ends by itself, its process does with `{registry_ended, Status}'.
-module(hexide_server).

-export([child_spec/1, start_link/0, start_link/1, info/1, add_user/2, confirm_user/2, add_organization/3,
         approve_device/3, enable_totp/2, stop/1]).

-export_type([options/0, info/0, user/0, mail/0]).

-type options() :: #{data_dir => temporary | file:name_all(), port => inet:port_number(),
                     address => inet:ip_address() | unicode:chardata(), repository => unicode:chardata(),
                     public_url => unicode:chardata(), blobs => unicode:chardata(), confirm_email => boolean(),
                     basic_auth => boolean(), oauth_interval => non_neg_integer(),
                     oauth_access_lifetime => pos_integer(), trusted_proxies => [unicode:chardata()],
                     mail => fun((mail()) -> term())}.
%% `data_dir': where everything is kept; `temporary' (the default) is removed at the end. `port': 0 (the
%% default) is any free one. `address': loopback by default. `repository': the name in the signed index,
%% `<<"hexpm">>' by default. `public_url': how others reach it, where that differs. `confirm_email':
%% demand that addresses are confirmed. `basic_auth': take passwords, on loopback only. `oauth_interval': how
%% many seconds a device lets pass between two questions. `oauth_access_lifetime': how many seconds an access
%% token lasts. `trusted_proxies': addresses and networks whose `x-forwarded-for' is believed. `mail': takes
%% what is to reach a person by mail, each in a process of its own; without it the log gets it.

-type mail() :: #{subject := password_reset | confirmation, username := binary(), to := binary(), link := binary()}.
%% `link': the address to open. Whoever has it is let in.

-type user() :: #{username := unicode:chardata(), email := unicode:chardata(), password => unicode:chardata()}.

-type info() :: #{url := binary(), api_url := binary(), repo_url := binary(), docs_url := binary(),
                  address := binary(), port := inet:port_number(), data_dir := binary(), public_key := binary(),
                  fingerprint := binary(), repository := binary()}.

%% @doc For a supervisor.
-spec child_spec(options()) -> supervisor:child_spec().
child_spec(Options) ->
    #{id => ?MODULE, start => {?MODULE, start_link, [Options]}, shutdown => 10_000}.

%% @equiv start_link(#{})
-spec start_link() -> {ok, pid()} | {error, hexide_error:reason()}.
start_link() ->
    start_link(#{}).

%% @doc Starts a registry; it answers when this returns.
-spec start_link(options()) -> {ok, pid()} | {error, hexide_error:reason()}.
start_link(#{port := Port}) when is_integer(Port), Port < 0 orelse Port > 65535 ->
    Message = <<"there is no port ", (integer_to_binary(Port))/binary, ": they go from 0 (any that is free) to 65535">>,
    {error, {invalid, #{key => <<"port">>, message => Message}}};
start_link(Options) ->
    %% What is called wrongly is told to who calls it, and not by the end of a process.
    Settings = settings(maps:remove(mail, Options)),
    hexide_server_program:start_link(Settings, maps:get(mail, Options, fun log/1)).

%% @doc Where it is and how to trust it.
-spec info(pid()) -> {ok, info()}.
info(Server) ->
    {ok, hexide_server_program:info(Server)}.

%% @doc Makes an active user with a key that may do everything. Without a password nobody can sign in as
%% that user; the key works all the same.
-spec add_user(pid(), user()) -> hexide_job:outcome(#{username := binary(), key := binary()}).
add_user(Server, User) ->
    hexide_server_program:request(Server, hexide_exception:bare(fun() -> new_user(User) end)).

new_user(#{username := Username, email := Email} = User) ->
    %% Hidden, so that no message or crash report shows it.
    Password = case User of
                   #{password := Given} -> hexide_config:hide(hexide_text:secret(Given));
                   #{} -> undefined
               end,
    #{do => add_user, username => hexide_text:binary(Username), email => hexide_text:binary(Email),
      password => Password}.

%% @doc Confirms the address of a user, as the link in a mail would.
-spec confirm_user(pid(), unicode:chardata()) -> hexide_job:outcome().
confirm_user(Server, Username) ->
    hexide_server_program:request(Server, #{do => confirm_user, username => hexide_text:binary(Username)}).

%% @doc Makes an organization with its private repository; the user becomes its admin.
-spec add_organization(pid(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
add_organization(Server, Name, Admin) ->
    hexide_server_program:request(Server, #{do => add_organization, name => hexide_text:binary(Name),
                                            admin => hexide_text:binary(Admin)}).

%% @doc Approves a login in place of the person at the browser, for tests and demonstrations. `UserCode':
%% what the device shows.
-spec approve_device(pid(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
approve_device(Server, UserCode, Username) ->
    hexide_server_program:request(Server, #{do => approve_device, user_code => hexide_text:binary(UserCode),
                                            username => hexide_text:binary(Username)}).

%% @doc Switches two-factor authentication on for a user, for tests and demonstrations. The secret makes
%% the codes (RFC 6238; base32).
-spec enable_totp(pid(), unicode:chardata()) -> hexide_job:outcome(binary()).
enable_totp(Server, Username) ->
    hexide_server_program:request(Server, #{do => enable_totp, username => hexide_text:binary(Username)}).

%% @doc Stops it: what is under way gets a moment to end, then everything is released.
-spec stop(pid()) -> ok.
stop(Server) ->
    gen_server:stop(Server).

%% For registries whose users can ask whoever reads the log.
log(#{subject := Subject, username := Username, link := Link}) ->
    logger:notice("hexide_server: ~ts for ~ts: ~ts", [Subject, Username, Link]).

settings(Options) ->
    Defaults = #{data_dir => temporary, port => 0, address => {127, 0, 0, 1}, repository => <<"hexpm">>,
                 public_url => undefined, blobs => undefined, confirm_email => false, basic_auth => false,
                 trusted_proxies => [], oauth_interval => undefined, oauth_access_lifetime => undefined},
    case maps:keys(maps:without(maps:keys(Defaults), Options)) of
        [] -> maps:map(fun option/2, maps:merge(Defaults, Options));
        Unknown -> error(badarg, [Unknown])
    end.

option(data_dir, temporary) -> undefined;
option(data_dir, Dir) -> hexide_text:path(Dir);
option(address, Address) when is_tuple(Address) -> hexide_text:binary(inet:ntoa(Address));
option(port, Port) when is_integer(Port) -> Port;
option(port, Port) -> error(badarg, [Port]);
option(Key, Value) when Key =:= confirm_email; Key =:= basic_auth ->
    if is_boolean(Value) -> Value; true -> error(badarg, [Value]) end;
option(Key, Value) when Key =:= oauth_interval; Key =:= oauth_access_lifetime ->
    if is_integer(Value), Value >= 0; Value =:= undefined -> Value; true -> error(badarg, [Value]) end;
%% Credentials may be part of it.
option(blobs, Url) when Url =/= undefined -> hexide_config:hide(hexide_text:secret(Url));
option(trusted_proxies, Networks) -> [hexide_text:binary(Network) || Network <- Networks];
option(_, Value) -> hexide_text:optional(Value).
