%% @doc A command's secrets: how they are written down and read back, and what was asked for once.
%%
%% A secret is written in one of three ways (`hexide_credentials:stored()'): as it is, in a file that only
%% its user may read; sealed under a local password; or not at all, when the system's keyring has it.
-module(hexide_secrets).

-export([memory/0, close/1, recall/2, remember/3]).
-export([protect/4, seal/3, reveal/3, unseal/2, password/1, forget/2]).

-export_type([memory/0, name/0]).

-opaque memory() :: ets:table().
%% What a command has been told: a private table, which nobody else can read.

-type name() :: api_key | refresh_token.

%% How often a person may mistype a password.
-define(TRIES, 3).

%% @doc Makes the memory of one command.
-spec memory() -> memory().
memory() ->
    ets:new(?MODULE, [private]).

%% @doc Forgets everything.
-spec close(memory()) -> ok.
close(Memory) ->
    true = ets:delete(Memory),
    ok.

%% @doc What was remembered under that name.
-spec recall(hexide_context:context(), atom()) -> {ok, term()} | none.
recall(#{memory := Memory}, Name) ->
    case ets:lookup(Memory, Name) of
        [{Name, Value}] -> {ok, Value};
        [] -> none
    end.

%% @doc Remembers it until the command ends.
-spec remember(hexide_context:context(), atom(), term()) -> ok.
remember(#{memory := Memory}, Name, Value) ->
    true = ets:insert(Memory, {Name, Value}),
    ok.

%% @doc A secret as it is to be written. A local password is asked for, or only taken from the
%% environment.
-spec protect(hexide_context:context(), name(), binary(), asked | unasked) ->
          {ok, hexide_credentials:stored()} | {error, hexide_failure:failure()}.
protect(#{config := #{secrets := keyring}} = Context, Name, Secret, _) ->
    case hexide_vault:keep(Secret, account(Context, Name)) of
        ok -> {ok, keyring};
        {error, _} = Error -> Error
    end;
protect(#{ask := Ask} = Context, Name, Secret, Asked) ->
    case Ask(#{kind => secret, prompt => <<"Local password that encrypts it on this machine (empty: none):">>,
               flag => <<"HEX_LOCAL_PASSWORD">>, environment => "HEX_LOCAL_PASSWORD", default => <<>>,
               unasked => Asked =:= unasked}) of
        {ok, <<>>} -> {ok, Secret};
        {ok, Password} ->
            ok = remember(Context, password, hexide_config:hide(Password)),
            seal(Context, Name, Secret);
        {error, _} = Error -> Error
    end.

%% @doc A secret sealed under the password that was given.
-spec seal(hexide_context:context(), name(), binary()) ->
          {ok, hexide_credentials:stored()} | {error, hexide_failure:failure()}.
seal(Context, Name, Secret) ->
    case password(Context) of
        {ok, Password} -> hexide_vault:seal(Secret, hexide_config:reveal(Password), account(Context, Name));
        {error, _} = Error -> Error
    end.

%% @doc The secret itself, hidden, from how it is written.
-spec reveal(hexide_context:context(), name(), hexide_credentials:stored()) ->
          {ok, hexide_config:secret()} | {error, hexide_failure:failure()}.
reveal(_, _, Secret) when is_binary(Secret) ->
    {ok, hexide_config:hide(Secret)};
reveal(Context, Name, keyring) ->
    hidden(hexide_vault:fetch(account(Context, Name)));
reveal(Context, Name, Sealed) ->
    unseal(Context, fun(Password) -> hexide_vault:open(Sealed, Password, account(Context, Name)) end).

%% @doc What opens with the local password, which is asked for as long as it is wrong.
-spec unseal(hexide_context:context(), fun((binary()) -> {ok, binary()} | {error, hexide_error:reason()})) ->
          {ok, hexide_config:secret()} | {error, hexide_failure:failure()}.
unseal(Context, Open) ->
    unseal(Context, Open, 1, password(Context)).

unseal(#{memory := Memory} = Context, Open, Try, {ok, Password}) ->
    case Open(hexide_config:reveal(Password)) of
        {ok, Secret} -> {ok, hexide_config:hide(Secret)};
        {error, {unauthorized, _}} = Wrong when Try < ?TRIES ->
            true = ets:delete(Memory, password),
            ok = hexide_context:tell(Context, #{event => wrong_password}),
            %% The environment would only say the same again.
            case asked(Context, #{}) of
                {error, {usage, _}} -> Wrong;
                Answer -> unseal(Context, Open, Try + 1, Answer)
            end;
        {error, _} = Error -> Error
    end;
unseal(_, _, _, {error, _} = Error) ->
    Error.

%% @doc The local password, hidden.
-spec password(hexide_context:context()) -> {ok, hexide_config:secret()} | {error, hexide_failure:failure()}.
password(Context) ->
    case recall(Context, password) of
        {ok, Password} -> {ok, Password};
        none -> asked(Context, #{environment => "HEX_LOCAL_PASSWORD"})
    end.

asked(#{ask := Ask} = Context, From) ->
    Question = #{kind => secret, prompt => <<"Local password (not shown):">>, flag => <<"HEX_LOCAL_PASSWORD">>},
    case hidden(Ask(maps:merge(Question, From))) of
        {ok, Password} ->
            ok = remember(Context, password, Password),
            {ok, Password};
        {error, _} = Error -> Error
    end.

hidden({ok, Secret}) -> {ok, hexide_config:hide(Secret)};
hidden({error, _} = Error) -> Error.

%% @doc Removes secrets from the keyring.
-spec forget(hexide_context:context(), [name()]) -> ok | {error, hexide_failure:failure()}.
forget(_, []) ->
    ok;
forget(Context, [Name | Rest]) ->
    case hexide_vault:forget(account(Context, Name)) of
        ok -> forget(Context, Rest);
        {error, _} = Error -> Error
    end.

%% What a secret is filed under, and what it is sealed for: it opens nowhere else.
account(#{repository := Repository}, Name) ->
    iolist_to_binary([hexide_credentials:home(Repository), "/", atom_to_binary(Name)]).
