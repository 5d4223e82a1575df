%% @doc Organizations and their members. Keys of an organization are made by {@link hexide_key} with
%% `api_organization' in the configuration.
-module(hexide_org).

-export([list/1, get/2, update/3, members/2, member/3, add_member/4, set_role/4, remove_member/3, audit_log/2]).

-export_type([organization/0, member/0, role/0]).

-type organization() :: #{name := binary(), billing_active := boolean() | undefined,
                          seats := non_neg_integer() | undefined, inserted_at := binary() | undefined,
                          updated_at := binary() | undefined}.
%% `name': also that of its repository. `billing_active': whether it is paid for. `seats': how many members
%% it may have, `undefined' in listings. `inserted_at', `updated_at': RFC 3339.

-type member() :: #{username := binary(), role := binary() | undefined, email := binary() | undefined,
                    url := binary() | undefined, full_name := binary() | undefined,
                    handles := #{binary() => binary() | undefined}, inserted_at := binary() | undefined,
                    updated_at := binary() | undefined}.
%% `role': `<<"admin">>', `<<"write">>' or `<<"read">>'. `url': in the API. `handles': addresses elsewhere,
%% by service. `inserted_at', `updated_at': of the user, RFC 3339; `undefined' in listings.

-type role() :: admin | write | read | unicode:chardata().
%% What a member may do: everything, publish and fetch, or fetch.

%% @doc All organizations that one is a member of.
-spec list(hexide_config:config()) -> hexide_job:outcome([organization()]).
list(Config) ->
    hexide_job:call(Config, #{}, fun hexide_nif:org_list/1).

%% @doc One organization; `not_found' also where one is no member.
-spec get(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome(organization()).
get(Config, Organization) ->
    call(Config, Organization, fun hexide_nif:org_get/2).

%% @doc Changes how many members an organization may have, and so what it costs.
-spec update(hexide_config:config(), unicode:chardata(), #{seats := non_neg_integer()}) ->
          hexide_job:outcome(organization()).
update(Config, Organization, Changes) ->
    Seats = maps:get(seats, Changes),
    call(Config, Organization, fun(Native, Name) -> hexide_nif:org_update(Native, Name, Seats) end).

%% @doc All members.
-spec members(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome([member()]).
members(Config, Organization) ->
    call(Config, Organization, fun hexide_nif:org_members/2).

%% @doc One member, by username or e-mail address; `not_found' also where the user is no member.
-spec member(hexide_config:config(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome(member()).
member(Config, Organization, User) ->
    Member = hexide_text:binary(User),
    call(Config, Organization, fun(Native, Name) -> hexide_nif:org_member(Native, Name, Member) end).

%% @doc Makes somebody a member; `invalid' where no seat is left.
-spec add_member(hexide_config:config(), unicode:chardata(), unicode:chardata(), role()) ->
          hexide_job:outcome(member()).
add_member(Config, Organization, User, Role) ->
    Member = hexide_text:binary(User),
    Granted = hexide_text:binary(Role),
    call(Config, Organization, fun(Native, Name) -> hexide_nif:org_add_member(Native, Name, Member, Granted) end).

%% @doc Changes what a member may do.
-spec set_role(hexide_config:config(), unicode:chardata(), unicode:chardata(), role()) ->
          hexide_job:outcome(member()).
set_role(Config, Organization, User, Role) ->
    Member = hexide_text:binary(User),
    Granted = hexide_text:binary(Role),
    call(Config, Organization, fun(Native, Name) -> hexide_nif:org_set_role(Native, Name, Member, Granted) end).

%% @doc Removes a member.
-spec remove_member(hexide_config:config(), unicode:chardata(), unicode:chardata()) -> hexide_job:outcome().
remove_member(Config, Organization, User) ->
    Member = hexide_text:binary(User),
    call(Config, Organization, fun(Native, Name) -> hexide_nif:org_remove_member(Native, Name, Member) end).

%% @doc What was done in an organization, newest first, as the server tells it.
-spec audit_log(hexide_config:config(), unicode:chardata()) -> hexide_job:outcome([map()]).
audit_log(Config, Organization) ->
    call(Config, Organization, fun hexide_nif:org_audit_log/2).

call(Config, Organization, Start) ->
    Name = hexide_text:binary(Organization),
    hexide_job:call(Config, #{}, fun(Native) -> Start(Native, Name) end).
