%% @doc `owner': who may publish a package.
-module(hexide_cmd_owner).

-export([run/2]).

%% Beyond so many packages their versions are not looked up one by one: a registry counts requests.
-define(MOST, 100).

%% @doc Answers `#{package, owners => [#{username, email, level}]}', `#{package, user, done}' or `#{owner, packages =>
%% [#{name, repository, latest_version, url, html_url}]}', in which `latest_version' may be unknown.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := [<<"list">>, Package]}) ->
    case hexide_session:visit(Context, fun(Config) -> hexide_owner:list(Config, Package) end) of
        {ok, Owners} ->
            {ok, #{package => Package, owners => [maps:with([username, email, level], Owner) || Owner <- Owners]}};
        {error, Reason} -> {error, hexide_failure:missing(["package ", Package], Reason)}
    end;
run(Context, #{args := [<<"packages">>]}) ->
    case hexide_session:call(Context, fun hexide_user:me/1) of
        {ok, #{username := Username} = User} ->
            {ok, #{owner => Username, packages => with_versions(Context, lists:sort(fun by_name/2, owned(User)))}};
        {error, _} = Error -> Error
    end;
run(Context, #{args := [<<"add">>, Package, User]} = Options) ->
    Level = case maps:get(level, Options, <<"full">>) of
                <<"full">> -> full;
                <<"maintainer">> -> maintainer
            end,
    change(Context, Package, User, added,
           fun(Config) -> hexide_owner:add(Config, Package, User, #{level => Level}) end);
run(Context, #{args := [<<"remove">>, Package, User]} = Options) ->
    asked(Context, Options, ["Remove ", User, " from the owners of ", Package, "?"],
          fun() -> change(Context, Package, User, removed,
                          fun(Config) -> hexide_owner:remove(Config, Package, User) end)
          end);
run(Context, #{args := [<<"transfer">>, Package, User]} = Options) ->
    asked(Context, Options, ["Make ", User, " the only owner of ", Package, "?"],
          fun() -> change(Context, Package, User, transferred,
                          fun(Config) -> hexide_owner:transfer(Config, Package, User) end)
          end);
run(_, #{args := [<<"packages">> | _]}) ->
    {error, hexide_failure:usage(<<"owner">>, "`owner packages` takes nothing more: it lists what you own")};
run(_, #{args := [Action | _]}) when Action =:= <<"list">>; Action =:= <<"add">>; Action =:= <<"remove">>;
                                     Action =:= <<"transfer">> ->
    {error, hexide_failure:usage(<<"owner">>, ["owner ", Action, " needs ", needed(Action)])};
run(_, #{args := Args}) ->
    Actions = [<<"list">>, <<"packages">>, <<"add">>, <<"remove">>, <<"transfer">>],
    {error, hexide_argument:action(<<"owner">>, Args, Actions)}.

needed(<<"list">>) -> "a package";
needed(_) -> "a package and a user (a username or an e-mail address)".

%% An older registry tells only names and addresses.
owned(#{packages := Packages}) when is_list(Packages) ->
    [maps:merge(#{repository => undefined, url => undefined, html_url => undefined},
                maps:with([name, repository, url, html_url], Package)) || Package <- Packages];
owned(#{owned_packages := #{} = Packages}) ->
    [#{name => Name, repository => undefined, url => Url, html_url => undefined}
     || {Name, Url} <- maps:to_list(Packages)];
owned(_) -> [].

by_name(#{name := One, repository := From}, #{name := Two, repository := Other}) ->
    {One, From} =< {Two, Other}.

with_versions(_, Packages) when length(Packages) > ?MOST ->
    [Package#{latest_version => undefined} || Package <- Packages];
with_versions(Context, Packages) ->
    Versions = fun(#{http_concurrency := Width} = Config) ->
                   {ok, hexide_parallel:map(fun(Package) -> with_version(Config, Package) end, Packages, max(1, Width))}
               end,
    {ok, Known} = hexide_session:call(Context, Versions),
    Known.

with_version(Config, #{name := Name, repository := Repository} = Package) ->
    Latest = case hexide_package:get(Config#{api_repository => Repository, retries => 0}, Name) of
                 {ok, Found} -> hexide_releases:latest(Found);
                 {error, _} -> undefined
             end,
    Package#{latest_version => Latest}.

asked(Context, Options, Question, Go) ->
    case hexide_session:ready(Context) of
        ok ->
            case hexide_context:confirm(Context, Options, Question, <<"no owner was changed">>) of
                ok -> Go();
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

change(Context, Package, User, Done, Change) ->
    case hexide_session:call(Context, Change) of
        ok -> {ok, #{package => Package, user => User, done => Done}};
        {error, {not_found, _} = Reason} ->
            {error, absent(Context, Package, User, Done, Reason)};
        {error, _} = Error -> Error
    end.

%% The registry has one answer for a package and for a person that it does not know.
absent(Context, Package, User, Done, Reason) ->
    case {hexide_session:visit(Context, fun(Config) -> hexide_package:get(Config, Package) end), Done} of
        {{ok, _}, removed} -> hexide_failure:missing(owner, [User, " of ", Package], Reason);
        {{ok, _}, _} -> hexide_failure:missing(user, User, Reason);
        {{error, _}, _} -> hexide_failure:missing(["package ", Package], Reason)
    end.
