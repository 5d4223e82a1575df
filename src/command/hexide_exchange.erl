%% @doc A token that soon ends, in place of an API key: the key is sent once a command.
-module(hexide_exchange).

-export([token/2]).

%% @doc The token of a key. The registry refuses scopes that go beyond what the key may do, and says of none what that
%% is: so all that the API offers is asked for first, then what the command is about.
-spec token(hexide_context:context(), hexide_config:secret()) ->
          {ok, hexide_auth:tokens()} | {error, hexide_failure:failure()}.
token(#{config := Config} = Context, Key) ->
    first(Config#{api_key => Key}, [<<"api">>] ++ packages(Context) ++ organization(Context)
          ++ [<<"api:write">>, <<"api:read">>]).

first(Config, [Scope | Narrower]) ->
    case {hexide_auth:exchange(Config, Scope), Narrower} of
        {{error, {invalid, #{reason := <<"invalid_scope">>}}}, [_ | _]} -> first(Config, Narrower);
        {{error, {invalid, #{reason := <<"invalid_scope">>} = Details}}, []} ->
            {error, {unauthorized, Details#{reason => <<"no_scope">>,
                                            message => <<"oauth_exchange is on, and the registry gives no token for this "
                                                         "key that would do here">>}}};
        {Outcome, _} -> Outcome
    end.

%% Those of the project; of a token for several the key has to reach all.
packages(#{project := #{apps := [_ | _] = Apps}} = Context) ->
    Owner = lists:last(binary:split(maps:get(repository, Context), <<":">>)),
    [iolist_to_binary(lists:join(" ", [["package:", Owner, "/", hexide_packaging:name(App)] || App <- Apps]))];
packages(_) ->
    [].

organization(#{repository := Repository}) ->
    [<<"repository:", Name/binary>> || [_, Name] <- [binary:split(Repository, <<":">>)]].
