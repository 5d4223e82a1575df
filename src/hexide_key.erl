%% @doc API keys, of a user or (with `api_organization') of an organization.
-module(hexide_key).

-export([list/1, get/2, add/3, add/4, remove/2, remove_all/1]).

-export_type([key/0, permission/0]).

-type permission() :: #{domain := unicode:chardata() | atom(), resource => unicode:chardata() | undefined}.
%% For example `#{domain => api, resource => read}' or `#{domain => package, resource => "hexpm/hexide"}'.

-type key() :: #{name := binary(), permissions := [#{domain := binary(), resource := binary() | undefined}],
                 secret := binary() | undefined, authing_key := boolean() | undefined,
                 revoke_at := binary() | undefined, last_use := map() | undefined, url := binary() | undefined,
                 inserted_at := binary() | undefined, updated_at := binary() | undefined}.
%% `secret': only in the answer that makes the key. `authing_key': the key that this request used.

%% @doc All keys that are not revoked.
-spec list(hexide_config:config()) -> hexide_job:outcome([key()]).
list(Config) ->
    hexide_job:call(Config, #{}, fun hexide_nif:key_list/1).

%% @doc One key.
-spec get(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome(key()).
get(Config, Name) ->
    Key = hexide_text:binary(Name),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:key_get(Native, Key) end).

%% @equiv add(Config, Name, Permissions, #{})
-spec add(hexide_config:config(), unicode:chardata(), [permission()]) -> hexide_job:outcome(key()).
add(Config, Name, Permissions) ->
    add(Config, Name, Permissions, #{}).

%% @doc Makes a key. Without permissions it may do everything the API offers. The registry gives a name
%% that is taken a suffix, so read `name' in the answer. `revoke_at': an RFC 3339 time.
-spec add(hexide_config:config(), unicode:chardata(), [permission()], #{revoke_at => unicode:chardata()}) ->
          hexide_job:outcome(key()).
add(Config, Name, Permissions, Options) ->
    Key = hexide_text:binary(Name),
    Granted = [{hexide_text:binary(Domain), hexide_text:optional(maps:get(resource, Permission, undefined))}
               || #{domain := Domain} = Permission <- Permissions],
    RevokeAt = hexide_text:optional(maps:get(revoke_at, Options, undefined)),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:key_add(Native, Key, Granted, RevokeAt) end).

%% @doc Revokes a key.
-spec remove(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome().
remove(Config, Name) ->
    Key = hexide_text:binary(Name),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:key_remove(Native, Key) end).

%% @doc Revokes every key, the one in use included.
-spec remove_all(hexide_config:config()) -> hexide_job:outcome().
remove_all(Config) ->
    hexide_job:call(Config, #{}, fun hexide_nif:key_remove_all/1).
