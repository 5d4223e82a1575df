%% @doc `key': the API keys of an account.
-module(hexide_cmd_key).

-export([run/2]).

%% @doc Answers `#{keys => [#{name, permissions, …}]}', `#{removed => name | all}' or `#{key => #{name,
%% secret, permissions}}'; the last is the only time that a secret is shown.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, Options) ->
    case hexide_context:signed_in(Context) of
        ok -> key(Context, Options);
        {error, _} = Error -> Error
    end.

key(#{config := Config}, #{args := [<<"list">>]}) ->
    case hexide_key:list(Config) of
        {ok, Keys} ->
            {ok, #{keys => [maps:with([name, permissions, authing_key, revoke_at, last_use, inserted_at], Key)
                            || Key <- Keys]}};
        {error, _} = Error -> Error
    end;
key(#{config := Config} = Context, #{args := [<<"remove">>], all := true} = Options) ->
    Question = "Remove all keys, the one in use included?",
    case hexide_context:confirm(Context, Options, Question, <<"no key was removed">>) of
        ok -> removed(hexide_key:remove_all(Config), <<"all">>);
        {error, _} = Error -> Error
    end;
key(#{config := Config}, #{args := [<<"remove">>, Name]}) ->
    removed(hexide_key:remove(Config, Name), Name);
key(#{config := Config}, #{args := [<<"generate">>, Name]} = Options) ->
    Permissions = [permission(Each) || Each <- maps:get(permission, Options, [<<"api">>])],
    case hexide_key:add(Config, Name, Permissions, #{}) of
        {ok, Key} -> {ok, #{key => maps:with([name, secret, permissions], Key)}};
        {error, _} = Error -> Error
    end;
key(_, #{args := [<<"remove">>]}) ->
    {error, hexide_failure:usage(<<"key">>, "key remove needs the name of a key, or --all")};
key(_, #{args := [<<"generate">>]}) ->
    {error, hexide_failure:usage(<<"key">>, "key generate needs a name for the key")};
key(_, _) ->
    {error, hexide_failure:usage(<<"key">>, "say what to do: list, remove NAME or generate NAME")}.

removed(ok, Name) -> {ok, #{removed => Name}};
removed({error, _} = Error, _) -> Error.

%% `package:hexpm/cowboy': only the first colon parts.
permission(Text) ->
    case binary:split(Text, <<":">>) of
        [Domain, Resource] -> #{domain => Domain, resource => Resource};
        [Domain] -> #{domain => Domain, resource => undefined}
    end.
