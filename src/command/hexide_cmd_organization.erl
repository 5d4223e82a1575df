%% @doc `organization': private repositories, who belongs to them, and the keys that read them.
-module(hexide_cmd_organization).

-export([run/2]).

-define(ROLES, [<<"admin">>, <<"write">>, <<"read">>]).

%% @doc Answers `#{authorized => #{organization, repository}}', `#{deauthorized => …, was_authorized}',
%% `#{organizations => [#{name, authorized, …}]}', `#{organization, members => [#{username, email, role}]}',
%% `#{organization, member, done, role}', `#{organization, log => [entry]}', or what `key' answers.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := [<<"auth">>, Organization]} = Options) ->
    auth(Context, Organization, maps:get(key, Options, undefined));
run(Context, #{args := [<<"deauth">>, Organization]}) ->
    deauth(Context, Organization);
run(Context, #{args := [<<"list">>]}) ->
    list(Context);
run(Context, #{args := [<<"members">>, <<"list">>, Organization]}) ->
    members(Context, Organization);
run(Context, #{args := [<<"members">>, <<"add">>, Organization, User]} = Options) ->
    Role = maps:get(role, Options, <<"read">>),
    changed(Context, Organization, User, added, Role, ["add ", User, " to "],
            fun(Config) -> hexide_org:add_member(Config, Organization, User, Role) end);
run(Context, #{args := [<<"members">>, <<"role">>, Organization, User]} = Options) ->
    case Options of
        #{role := Role} -> set_role(Context, Organization, User, Role);
        #{} -> {error, usage("say which: --role admin, write or read")}
    end;
run(Context, #{args := [<<"members">>, <<"role">>, Organization, User, Role]}) ->
    set_role(Context, Organization, User, Role);
run(Context, #{args := [<<"members">>, <<"remove">>, Organization, User]} = Options) ->
    Question = ["Remove ", User, " from ", Organization, "?"],
    Agreed = case hexide_session:online(Context) of
                 ok -> hexide_context:confirm(Context, Options, Question, <<"nobody was removed">>);
                 {error, _} = Offline -> Offline
             end,
    case Agreed of
        ok -> changed(Context, Organization, User, removed, undefined, ["remove ", User, " from "],
                      fun(Config) -> hexide_org:remove_member(Config, Organization, User) end);
        {error, _} = Error -> Error
    end;
run(Context, #{args := [<<"audit-log">>, Organization]}) ->
    case hexide_session:call(Context, fun(Config) -> hexide_org:audit_log(Config, Organization) end) of
        {ok, Log} -> {ok, #{organization => Organization, log => Log}};
        {error, Reason} -> {error, hexide_failure:missing(organization, Organization, Reason)}
    end;
run(#{config := Config} = Context, #{args := [<<"key">>, Organization | Args]} = Options) ->
    hexide_cmd_key:run(Context#{config := Config#{api_organization => Organization}}, Options#{args := Args});
run(_, #{args := [<<"members">> | _]}) ->
    {error, usage("write members list ORG, members add ORG USER, members role ORG USER ROLE or members remove "
                  "ORG USER")};
run(_, #{args := [Action]}) when Action =:= <<"auth">>; Action =:= <<"deauth">>; Action =:= <<"audit-log">>;
                                 Action =:= <<"key">> ->
    {error, usage(["organization ", Action, " needs the name of an organization: ORG"])};
run(_, #{args := Args}) ->
    Actions = [<<"auth">>, <<"deauth">>, <<"list">>, <<"members">>, <<"audit-log">>, <<"key">>],
    {error, hexide_argument:action(<<"organization">>, Args, Actions)}.

usage(Message) ->
    hexide_failure:usage(<<"organization">>, Message).

%% The name under which rebar3 knows an organization's repository.
repository(#{repository := Repository}, Organization) ->
    <<(hexide_credentials:home(Repository))/binary, ":", Organization/binary>>.

%% --- reading private packages

auth(#{config := Config} = Context, Organization, undefined) ->
    Permissions = [#{domain => repository, resource => Organization}],
    Name = key_name(Organization),
    case hexide_session:call(Context, fun(Signed) -> hexide_key:add(Signed, Name, Permissions) end) of
        {ok, #{secret := Key}} -> authorized(Context, Config, Organization, Key);
        {error, Reason} -> {error, hexide_failure:about(["cannot make a key that reads ", Organization], Reason)}
    end;
auth(#{config := Config} = Context, Organization, Key) ->
    authorized(Context, Config, Organization, Key).

%% So that a person who reads the list of keys knows whose it is.
key_name(Organization) ->
    {ok, Host} = inet:gethostname(),
    iolist_to_binary([Host, "-repository-", Organization]).

%% A key is tried before it is kept.
authorized(#{user_file := File} = Context, Config, Organization, Key) ->
    Repository = repository(Context, Organization),
    case hexide_auth:test(Config#{api_key => hexide_config:hide(Key)}, <<"repository">>, Organization) of
        {ok, _} ->
            Keep = fun(Content) -> hexide_credentials:keep_repo_key(Content, Repository, Key) end,
            case hexide_user_file:update(File, Keep) of
                ok -> {ok, #{authorized => #{organization => Organization, repository => Repository}}};
                {error, _} = Error -> Error
            end;
        {error, Reason} ->
            What = ["this key does not read ", Organization, " and was not kept"],
            {error, hexide_failure:about(What, hexide_failure:given_key(Reason))}
    end.

deauth(#{user_file := File} = Context, Organization) ->
    Repository = repository(Context, Organization),
    Forget = fun(Content) ->
                 Forgotten = hexide_credentials:forget_repo_key(Content, Repository),
                 {ok, Forgotten =/= Content, Forgotten}
             end,
    case hexide_user_file:transaction(File, Forget) of
        {ok, Was} ->
            {ok, #{deauthorized => #{organization => Organization, repository => Repository, was_authorized => Was}}};
        {error, _} = Error -> Error
    end.

%% Those of the account, and those that only this machine has a key of.
list(#{user_file := File} = Context) ->
    case hexide_user_file:read(File) of
        {ok, Content} ->
            Here = hexide_credentials:organizations(Content, maps:get(repository, Context)),
            case {hexide_session:ready(Context), Here} of
                {{error, _} = Error, []} -> Error;
                {{error, _}, _} -> {ok, #{organizations => [#{name => Name, authorized => true} || Name <- Here]}};
                {ok, _} -> listed(hexide_session:call(Context, fun hexide_org:list/1), Here)
            end;
        {error, _} = Error -> Error
    end.

listed({ok, Organizations}, Here) ->
    Theirs = [Name || #{name := Name} <- Organizations],
    {ok, #{organizations => [Each#{authorized => lists:member(Name, Here)} || #{name := Name} = Each <- Organizations]
                         ++ [#{name => Name, authorized => true} || Name <- Here -- Theirs]}};
listed({error, _} = Error, _) ->
    Error.

%% --- members

members(Context, Organization) ->
    case hexide_session:call(Context, fun(Config) -> hexide_org:members(Config, Organization) end) of
        {ok, Members} ->
            {ok, #{organization => Organization,
                   members => [maps:with([username, email, role], Member) || Member <- Members]}};
        {error, Reason} -> {error, hexide_failure:missing(organization, Organization, Reason)}
    end.

set_role(Context, Organization, User, Role) ->
    case lists:member(Role, ?ROLES) of
        true -> changed(Context, Organization, User, role, Role, ["make ", User, " ", Role, " in "],
                        fun(Config) -> hexide_org:set_role(Config, Organization, User, Role) end);
        false -> {error, usage(["`", Role, "` is no role; use one of ", lists:join(", ", ?ROLES)])}
    end.

changed(Context, Organization, User, Done, Role, Doing, Change) ->
    case hexide_session:call(Context, Change) of
        {error, Reason} ->
            Absent = absent(Context, Organization, User, Done, Reason),
            {error, hexide_failure:about(["cannot ", Doing, Organization], Absent)};
        _ -> {ok, #{organization => Organization, member => User, done => Done, role => Role}}
    end.

%% The registry has one answer for an organization and for a member that it does not know.
absent(_, Organization, _, added, Reason) ->
    hexide_failure:missing(organization, Organization, Reason);
absent(Context, Organization, User, _, {not_found, _} = Reason) ->
    case hexide_session:call(Context, fun(Config) -> hexide_org:members(Config, Organization) end) of
        {ok, _} -> hexide_failure:missing(member, [User, " of ", Organization], Reason);
        {error, _} -> hexide_failure:missing(organization, Organization, Reason)
    end;
absent(_, _, _, _, Reason) ->
    Reason.
