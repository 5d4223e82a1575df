%% @doc The embedded registry: a Hex-compatible server inside the node.
%%
%% ```
%% {ok, Server} = hexide_server:start_link(#{data_dir => temporary}),
%% {ok, #{api_url := ApiUrl, repo_url := RepoUrl, public_key := Key}} = hexide_server:info(Server).
%% '''
%% It may stand in a supervision tree; it stops with its supervisor, and nothing of it is left behind.
-module(hexide_server).
-behaviour(gen_server).

-export([child_spec/1, start_link/0, start_link/1, info/1, add_user/2, confirm_user/2, add_organization/3,
         approve_device/3, enable_totp/2, stop/1]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

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
%% what is to reach a person by mail, in the process of the registry; without it the log gets it.

-type mail() :: #{subject := password_reset | confirmation, username := binary(), to := binary(), link := binary()}.
%% `link': the address to open. Whoever has it is let in.

-type user() :: #{username := unicode:chardata(), email := unicode:chardata(), password => unicode:chardata()}.

-type info() :: #{url := binary(), api_url := binary(), repo_url := binary(), docs_url := binary(),
                  address := binary(), port := inet:port_number(), data_dir := binary(), public_key := binary(),
                  fingerprint := binary(), repository := binary()}.

-type state() :: {reference(), fun((mail()) -> term())}.

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
    Native = native(maps:remove(mail, Options)),
    case gen_server:start_link(?MODULE, {Native, maps:get(mail, Options, fun log/1)}, []) of
        {ok, Pid} -> {ok, Pid};
        {error, {shutdown, Reason}} -> {error, Reason};
        ignore -> {error, {internal, #{message => <<"the registry did not start">>}}}
    end.

%% @doc Where it is and how to trust it.
-spec info(pid()) -> {ok, info()}.
info(Server) ->
    gen_server:call(Server, info).

%% @doc Makes an active user with a key that may do everything. Without a password nobody can sign in as
%% that user; the key works all the same.
-spec add_user(pid(), user()) -> hexide_job:outcome(#{username := binary(), key := binary()}).
add_user(Server, User) ->
    Request = hexide_exception:bare(fun() -> new_user(User) end),
    gen_server:call(Server, Request, infinity).

new_user(#{username := Username, email := Email} = User) ->
    %% Hidden, so that no message or crash report shows it.
    Password = case User of
                   #{password := Given} -> hexide_config:hide(hexide_text:secret(Given));
                   #{} -> undefined
               end,
    {add_user, hexide_text:binary(Username), hexide_text:binary(Email), Password}.

%% @doc Confirms the address of a user, as the link in a mail would.
-spec confirm_user(pid(), unicode:chardata()) -> hexide_job:outcome().
confirm_user(Server, Username) ->
    gen_server:call(Server, {confirm_user, hexide_text:binary(Username)}, infinity).

%% @doc Makes an organization with its private repository; the user becomes its admin.
-spec add_organization(pid(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
add_organization(Server, Name, Admin) ->
    gen_server:call(Server, {add_organization, hexide_text:binary(Name), hexide_text:binary(Admin)}, infinity).

%% @doc Approves a login in place of the person at the browser, for tests and demonstrations. `UserCode':
%% what the device shows.
-spec approve_device(pid(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
approve_device(Server, UserCode, Username) ->
    gen_server:call(Server, {approve_device, hexide_text:binary(UserCode), hexide_text:binary(Username)}, infinity).

%% @doc Switches two-factor authentication on for a user, for tests and demonstrations. The secret makes
%% the codes (RFC 6238; base32).
-spec enable_totp(pid(), unicode:chardata()) -> hexide_job:outcome(binary()).
enable_totp(Server, Username) ->
    gen_server:call(Server, {enable_totp, hexide_text:binary(Username)}, infinity).

%% @doc Stops it: what is under way gets a moment to end, then everything is released.
-spec stop(pid()) -> ok.
stop(Server) ->
    gen_server:stop(Server).

%% @private
-spec init({map(), fun((mail()) -> term())}) -> {ok, state()} | {stop, {shutdown, hexide_error:reason()}}.
init({Native, Deliver}) ->
    process_flag(trap_exit, true),
    %% Mails wait in the messages of this process, and crash reports show those: a link lets in whoever has it.
    process_flag(sensitive, true),
    case native_call(fun() -> hexide_nif:server_start(Native) end) of
        {ok, Server} -> {ok, {Server, Deliver}};
        %% The caller is told why; the log needs no crash report of it.
        {error, Reason} -> {stop, {shutdown, Reason}}
    end.

%% @private
-spec handle_call(term(), gen_server:from(), state()) -> {reply, term(), state()}.
handle_call(info, _, {Server, _} = State) ->
    {reply, {ok, hexide_nif:server_info(Server)}, State};
handle_call(Request, _, {Server, _} = State) ->
    {reply, native_call(fun() -> request(Request, Server) end), State}.

request({add_user, Username, Email, Password}, Server) ->
    hexide_nif:server_add_user(Server, Username, Email, hexide_config:reveal(Password));
request({confirm_user, Username}, Server) ->
    hexide_nif:server_confirm_user(Server, Username);
request({add_organization, Name, Admin}, Server) ->
    hexide_nif:server_add_organization(Server, Name, Admin);
request({approve_device, UserCode, Username}, Server) ->
    hexide_nif:server_approve_device(Server, UserCode, Username);
request({enable_totp, Username}, Server) ->
    hexide_nif:server_enable_totp(Server, Username).

%% @private
-spec handle_cast(term(), state()) -> {noreply, state()}.
handle_cast(_, State) ->
    {noreply, State}.

%% @private
-spec handle_info(term(), state()) -> {noreply, state()}.
handle_info({hexide_mail, Mail}, {_, Deliver} = State) ->
    _ = try
            Deliver(Mail)
        catch
            %% What failed is the receiver's; the mail is not shown, its link lets whoever reads it in.
            Class:_ -> logger:error("hexide_server: no mail was delivered: ~tp in the function for them", [Class])
        end,
    {noreply, State};
handle_info(_, State) ->
    {noreply, State}.

%% For registries whose users can ask whoever reads the log.
log(#{subject := Subject, username := Username, link := Link}) ->
    logger:notice("hexide_server: ~ts for ~ts: ~ts", [Subject, Username, Link]).

%% @private
-spec terminate(term(), state()) -> term().
terminate(_, {Server, _}) ->
    native_call(fun() -> hexide_nif:server_stop(Server) end).

native_call(Start) ->
    hexide_job:call(Start, #{}).

native(Options) ->
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
option(Key, Value) when Key =:= confirm_email; Key =:= basic_auth; Key =:= oauth_interval;
                        Key =:= oauth_access_lifetime -> Value;
option(trusted_proxies, Networks) -> [hexide_text:binary(Network) || Network <- Networks];
option(_, Value) -> hexide_text:optional(Value).
