%% @doc Logging in: tokens of a user by the device flow of a browser, and of an API key.
%%
%% A token is used as `api_key': as it is where it is a JSON Web Token, as hex.pm's are, else with `Bearer '
%% before it, which is right for both. None of these functions stores anything. They send the tokens and codes
%% in the bodies of their requests, to the origin of `api_url' only, and no other credential with them.
%% Failures of OAuth carry its own name for them in `reason', such as `<<"expired_token">>'.
-module(hexide_auth).

-export([device_start/1, device_start/2, device_poll/2, device_wait/2, device_wait/3, refresh/2, revoke/2,
         exchange/2, test/3]).

-export_type([device/0, tokens/0, access/0]).

-type device() :: #{device_code := binary(), user_code := binary(), verification_uri := binary(),
                    verification_uri_complete := binary() | undefined, expires_in := non_neg_integer(),
                    interval := non_neg_integer()}.
%% A login under way. `device_code': what the server is asked with, a secret. `user_code': what the user
%% enters on the page `verification_uri'. `verification_uri_complete': the same page with the code filled
%% in. `expires_in': seconds until the code ends. `interval': seconds between two questions.

-type tokens() :: #{access_token := binary(), refresh_token := binary() | undefined,
                    expires_in := non_neg_integer(), scope := binary() | undefined,
                    token_type := binary() | undefined}.
%% `access_token': what requests carry. `refresh_token': what gets the next tokens, once; absent where an
%% API key was exchanged. `expires_in': seconds that the access token is good for. `scope': what it may be
%% used for, separated by blanks. `token_type': `<<"bearer">>'.

-type access() :: #{key := #{name := binary() | undefined,
                             owner := #{name := binary(), type := binary() | undefined} | undefined} | undefined}.
%% `key': the key that the request carried, `undefined' for other credentials. Its owner's `type' is
%% `<<"user">>' or `<<"organization">>'.

%% @equiv device_start(Config, #{})
-spec device_start(hexide_config:config()) -> hexide_job:outcome(device()).
device_start(Config) ->
    device_start(Config, #{}).

%% @doc Begins a login: show the user the code and the page, then call {@link device_wait/3}. `scope': what
%% the tokens are for, separated by blanks, `<<"api repositories">>' by default. `name': what the user will
%% see this session called.
-spec device_start(hexide_config:config(), #{scope => unicode:chardata(), name => unicode:chardata() | undefined}) ->
          hexide_job:outcome(device()).
device_start(Config, Options) ->
    Scope = hexide_text:binary(maps:get(scope, Options, <<"api repositories">>)),
    Name = hexide_text:optional(maps:get(name, Options, undefined)),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:auth_device_start(Native, Scope, Name) end).

%% @doc Asks once whether the user approved. `<<"slow_down">>' wants five seconds more between questions.
%% `forbidden': the user refused. `unauthorized': the code has ended or is unknown.
-spec device_poll(hexide_config:config(), unicode:chardata()) ->
          hexide_job:outcome(#{status := binary(), tokens := tokens() | undefined}).
device_poll(Config, DeviceCode) ->
    Code = hexide_text:secret(DeviceCode),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:auth_device_poll(Native, Code) end).

%% @equiv device_wait(Config, Device, #{})
-spec device_wait(hexide_config:config(), device()) -> hexide_job:outcome(tokens()).
device_wait(Config, Device) ->
    device_wait(Config, Device, #{}).

%% @doc Waits until the user has decided or the code has ended, asking as often as the server allows.
%% Failures of the network are waited out. Each question is reported with the phase `<<"approval">>', in
%% seconds of the code's life. Errors as of {@link device_poll/2}; a code that has ended has the reason
%% `<<"expired_token">>'.
-spec device_wait(hexide_config:config(), device(), hexide_job:options()) -> hexide_job:outcome(tokens()).
device_wait(Config, Device, Options) ->
    {Code, ExpiresIn, Interval} = hexide_exception:bare(fun() -> question(Device) end),
    hexide_job:call(Config, Options,
                    fun(Native) -> hexide_nif:auth_device_wait(Native, Code, ExpiresIn, Interval) end).

%% @doc Gets new tokens for a refresh token, which is void from then on: use each but once, also across
%% processes. It is asked once. `unauthorized' means that a new login is needed; after `connect' or `timeout'
%% the server may have taken the token, or not.
-spec refresh(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome(tokens()).
refresh(Config, RefreshToken) ->
    Token = hexide_text:secret(RefreshToken),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:auth_refresh(Native, Token) end).

%% @doc Ends the session that a token belongs to. A token that the server does not know is no failure.
-spec revoke(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome().
revoke(Config, Token) ->
    Secret = hexide_text:secret(Token),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:auth_revoke(Native, Secret) end).

%% @doc Gets a short-lived token for the API key `api_key'. The scopes may not exceed what the key may do.
-spec exchange(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome(tokens()).
exchange(Config, Scope) ->
    Scopes = hexide_text:binary(Scope),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:auth_exchange(Native, Scopes) end).

%% @doc Whether the credentials reach a thing: a domain such as `api' or `repository', and in it a resource
%% such as `write' or the name of an organization, `undefined' for all of it. `unauthorized' where not.
-spec test(hexide_config:config(), unicode:chardata() | atom(), unicode:chardata() | atom()) ->
          hexide_job:outcome(access()).
test(Config, Domain, Resource) ->
    Asked = hexide_text:binary(Domain),
    Thing = hexide_text:optional(Resource),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:auth_test(Native, Asked, Thing) end).

question(#{device_code := Code, expires_in := ExpiresIn, interval := Interval}) ->
    {hexide_text:secret(Code), seconds(ExpiresIn), seconds(Interval)};
question(_) ->
    error(badarg).

seconds(Value) when is_integer(Value), Value >= 0, Value < 1 bsl 32 -> Value;
seconds(_) -> error(badarg).
