%% @doc Owners of packages.
-module(hexide_owner).

-export([list/2, get/3, add/3, add/4, remove/3, transfer/3]).

-export_type([owner/0]).

-type owner() :: #{username := binary(), email := binary() | undefined, level := binary() | undefined,
                   url := binary() | undefined, full_name := binary() | undefined,
                   handles := map() | undefined, inserted_at := binary() | undefined,
                   updated_at := binary() | undefined}.
%% `level': `<<"full">>' (may publish and manage owners) or `<<"maintainer">>' (may publish).

%% @doc Everybody who owns a package.
-spec list(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome([owner()]).
list(Config, Package) ->
    Name = hexide_text:binary(Package),
    hexide_job:call(Config, #{}, fun(Native) -> hexide_nif:owner_list(Native, Name) end).

%% @doc One owner, by username or e-mail address; `not_found' where they own it not.
-spec get(hexide_config:config(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome(owner()).
get(Config, Package, User) ->
    call(Config, Package, User, fun hexide_nif:owner_get/3).

%% @equiv add(Config, Package, User, #{})
-spec add(hexide_config:config(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
add(Config, Package, User) ->
    add(Config, Package, User, #{}).

%% @doc Makes somebody an owner, or changes their level (`full' by default).
-spec add(hexide_config:config(), unicode:chardata(), unicode:chardata(), #{level => full | maintainer}) ->
          hexide_job:outcome().
add(Config, Package, User, Options) ->
    Level = hexide_text:binary(maps:get(level, Options, full)),
    call(Config, Package, User,
         fun(Native, Name, Owner) -> hexide_nif:owner_add(Native, Name, Owner, Level, false) end).

%% @doc Takes ownership from somebody. A package keeps at least one owner.
-spec remove(hexide_config:config(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
remove(Config, Package, User) ->
    call(Config, Package, User, fun hexide_nif:owner_remove/3).

%% @doc Makes somebody the only owner.
-spec transfer(hexide_config:config(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
transfer(Config, Package, User) ->
    call(Config, Package, User,
         fun(Native, Name, Owner) -> hexide_nif:owner_add(Native, Name, Owner, <<"full">>, true) end).

call(Config, Package, User, Start) ->
    Name = hexide_text:binary(Package),
    Owner = hexide_text:binary(User),
    hexide_job:call(Config, #{}, fun(Native) -> Start(Native, Name, Owner) end).
