%% @doc Users of a registry.
-module(hexide_user).

-export([register/4, me/1, get/2, reset_password/2, audit_log/1]).

-export_type([user/0]).

-type user() :: #{username := binary(), email := binary() | undefined, full_name := binary() | undefined,
                  handles := map() | undefined, url := binary() | undefined,
                  packages := [map()] | undefined, owned_packages := #{binary() => binary()} | undefined,
                  organizations := [#{name := binary(), role := binary()}] | undefined,
                  inserted_at := binary() | undefined, updated_at := binary() | undefined}.
%% `organizations' only of oneself. `owned_packages': name to address.

%% @doc Registers a new user. hex.pm then sends a mail with a link that confirms the address.
-spec register(hexide_config:config(), unicode:chardata(), unicode:chardata(), unicode:chardata()) ->
          hexide_job:outcome(user()).
register(Config, Username, Email, Password) ->
    Name = hexide_text:binary(Username),
    Address = hexide_text:binary(Email),
    Secret = hexide_text:secret(Password),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:user_register(Native, Name, Address, Secret) end).

%% @doc The user whose credentials these are.
-spec me(hexide_config:config()) -> hexide_job:outcome(user()).
me(Config) ->
    hexide_job:call(Config, #{}, fun hexide_nif:user_me/1).

%% @doc A user by username or e-mail address.
-spec get(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome(user()).
get(Config, User) ->
    Name = hexide_text:binary(User),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:user_get(Native, Name) end).

%% @doc Has the server send a mail with which a user (by username or e-mail address) sets a new password.
%% `not_found' also where the server does not offer it; hex.pm no longer does.
-spec reset_password(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome().
reset_password(Config, User) ->
    Name = hexide_text:binary(User),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:user_reset_password(Native, Name) end).

%% @doc What was done with one's account, newest first, as the server tells it.
-spec audit_log(hexide_config:config()) -> hexide_job:outcome([map()]).
audit_log(Config) ->
    hexide_job:call(Config, #{}, fun hexide_nif:user_audit_log/1).
