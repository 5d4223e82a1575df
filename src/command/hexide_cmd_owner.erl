%% @doc `owner': who may publish a package.
-module(hexide_cmd_owner).

-export([run/2]).

%% @doc Answers `#{package, owners => [#{username, email, level}]}' or `#{package, user, done}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := [<<"list">>, Package]}) ->
    case hexide_session:visit(Context, fun(Config) -> hexide_owner:list(Config, Package) end) of
        {ok, Owners} ->
            {ok, #{package => Package, owners => [maps:with([username, email, level], Owner) || Owner <- Owners]}};
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
run(_, #{args := [Action | _]}) ->
    Actions = [<<"list">>, <<"add">>, <<"remove">>, <<"transfer">>],
    Message = case lists:member(Action, Actions) of
                  true -> ["owner ", Action, " needs ", needed(Action)];
                  false -> ["owner cannot `", Action, "`, only list, add, remove and transfer"]
              end,
    {error, hexide_failure:usage(<<"owner">>, Message)};
run(_, #{args := []}) ->
    {error, hexide_failure:usage(<<"owner">>, "say what to do: list, add, remove or transfer")}.

needed(<<"list">>) -> "a package";
needed(_) -> "a package and a user (a username or an e-mail address)".

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
        {error, _} = Error -> Error
    end.
