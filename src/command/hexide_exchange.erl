%% @doc What an API key signs in with: itself, or a token that soon ends, for which it is exchanged once a command.
-module(hexide_exchange).

-export([credential/2]).

%% @doc What to send of a key that could be had: with `oauth_exchange' it is worth only a token, where somebody reads
%% along.
-spec credential(hexide_context:context(), {ok, hexide_config:secret()} | {error, hexide_failure:failure()}) ->
          {ok, {key | token, hexide_config:secret()}} | {error, hexide_failure:failure()}.
credential(_, {error, _} = Error) ->
    Error;
credential(#{config := #{oauth_exchange := true}} = Context, {ok, Key}) ->
    case token(Context, Key) of
        {ok, #{access_token := Token}} -> {ok, {token, hexide_config:hide(<<"Bearer ", Token/binary>>)}};
        {error, _} = Error -> Error
    end;
credential(_, {ok, Key}) ->
    {ok, {key, Key}}.

%% The registry refuses scopes that go beyond what the key may do, and says of none what that is: so all that the API
%% offers is asked for first, then what the command is about.
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
