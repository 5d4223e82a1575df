%% @doc Who a command is at a registry: it finds the credential, keeps it fresh, and asks for what lacks.
%%
%% {@link call/2} is the way of every operation that needs an account. It takes an API key that the
%% options, the environment or the project give, else what hex.config keeps: a session, renewed five
%% minutes before its end, or a key, unsealed with the local password. A two-factor code is asked for when
%% the registry wants one. What was asked once is remembered until the command ends. Without a network only
%% {@link visit/2} does anything: what everybody may read may be cached.
-module(hexide_session).

-export([online/1, ready/1, kind/1, call/2, visit/2, keep_key/3, keep_tokens/3, sign_out/2]).

-type work() :: fun((hexide_config:config()) -> ok | {ok, term()} | {error, hexide_failure:failure()}).
%% One request: it is made again with another token or with a two-factor code.

%% A token is renewed this many seconds before its end.
-define(AHEAD, 300).
%% How often a person may mistype a code.
-define(TRIES, 3).

%% @doc Whether the registry may be asked at all, before a person is asked anything.
-spec online(hexide_context:context()) -> ok | {error, hexide_failure:failure()}.
online(#{config := #{offline := true} = Config} = Context) ->
    Where = [maps:get(repository, Context), [[" (", Url, ")"] || #{api_url := Url} <- [Config]]],
    {error, {offline, #{message => iolist_to_binary(["the registry ", Where, " would have to be asked, but offline is "
                                                     "set; nothing was changed"])}}};
online(_) ->
    ok.

%% @doc Whether the registry may be asked and somebody is signed in, before anything is begun that would be in
%% vain. Asks nobody.
-spec ready(hexide_context:context()) -> ok | {error, hexide_failure:failure()}.
ready(Context) ->
    case {online(Context), given(Context)} of
        {{error, _} = Error, _} -> Error;
        {ok, {ok, _}} -> ok;
        {ok, none} ->
            case found(Context) of
                {ok, _} -> ok;
                {error, _} = Error -> Error
            end
    end.

%% @doc What signs in: `key' where one was given to the command, `session' or `stored_key' from hex.config.
-spec kind(hexide_context:context()) -> key | session | stored_key | nobody.
kind(Context) ->
    case {given(Context), found(Context)} of
        {{ok, _}, _} -> key;
        {none, {ok, {session, _}}} -> session;
        {none, {ok, _}} -> stored_key;
        {none, {error, _}} -> nobody
    end.

%% @doc Makes a request as the one who is signed in.
-spec call(hexide_context:context(), work()) -> ok | {ok, term()} | {error, hexide_failure:failure()}.
call(Context, Work) ->
    case online(Context) of
        ok -> signed(Context, Work);
        {error, _} = Error -> Error
    end.

signed(Context, Work) ->
    case credential(Context) of
        {ok, Credential} -> request(Context, Credential, Work, 1);
        {error, _} = Error -> Error
    end.

%% @doc Makes a request that strangers may make, too: as the one who is signed in where that needs no
%% question, else as nobody. A private repository has no strangers.
-spec visit(hexide_context:context(), work()) -> ok | {ok, term()} | {error, hexide_failure:failure()}.
visit(#{config := Config} = Context, Work) ->
    case {organization(Context), quiet(Context)} of
        {true, _} -> signed(Context, Work);
        {false, true} ->
            case credential(Context) of
                {ok, Credential} -> visited(Context, Credential, Work);
                {error, _} -> Work(Config)
            end;
        {false, false} -> Work(Config)
    end.

%% A session that has ended takes nothing from anybody that strangers may have.
visited(#{config := Config} = Context, Credential, Work) ->
    case {request(Context, Credential, Work, 1), Credential} of
        {{error, {unauthorized, _}}, {session, _}} -> Work(Config);
        {Outcome, _} -> Outcome
    end.

organization(#{repository := Repository}) ->
    hexide_credentials:home(Repository) =/= Repository.

%% Whether the credential is at hand without asking for a password or unlocking a keyring.
quiet(Context) ->
    case given(Context) of
        {ok, _} -> true;
        none ->
            case found(Context) of
                {ok, {key, Key}} -> is_binary(Key);
                {ok, {session, #{refresh_token := Refresh, expires_at := End}}} ->
                    is_binary(Refresh) orelse online(Context) =/= ok orelse fresh(End);
                _ -> false
            end
    end.

%% --- requests

%% The credential is `{Kind, Secret}', the secret hidden; only a session's can be renewed.
request(#{config := Config} = Context, {Kind, Secret}, Work, Try) ->
    Signed = maps:merge(Config#{api_key => Secret}, login(Context, Kind)),
    Outcome = Work(case hexide_secrets:recall(Context, otp) of
                       {ok, Code} -> Signed#{api_otp => Code};
                       none -> Signed
                   end),
    case {Outcome, Kind} of
        {{error, {otp_required, _}}, _} -> with_code(Context, {Kind, Secret}, Work, Try, Outcome);
        {{error, {otp_invalid, _}}, _} -> with_code(Context, {Kind, Secret}, Work, Try, Outcome);
        {{error, {unauthorized, _}}, session} -> renewed(Context, Secret, Work);
        {{error, Refused}, _} -> {error, named(Context, Kind, Refused)};
        _ -> Outcome
    end.

%% A session's token changes, and what was cached for it is to be found all the same.
login(#{config := #{cache_dir := <<_/binary>>}} = Context, Kind) when Kind =:= session; Kind =:= renewed ->
    case found(Context) of
        {ok, {session, #{login := Login}}} when is_binary(Login) -> #{cache_login => Login};
        _ -> #{}
    end;
login(_, _) ->
    #{}.

%% A key may come from several places; the sentence says which one was refused. One that is given stands before
%% any login, so signing in would not help.
named(_, renewed, Refused) ->
    Refused;
named(#{sources := Sources} = Context, _, {unauthorized, Details}) ->
    Message = maps:get(message, Details, <<>>),
    With = fun(Which) -> {unauthorized, Details#{message => <<Message/binary, " (with ", Which/binary, ")">>}} end,
    case {given(Context), Sources} of
        {{ok, _}, #{api_key := environment}} -> hexide_failure:given_key(With(<<"the key of HEX_API_KEY">>));
        {{ok, _}, _} -> hexide_failure:given_key(With(<<"the api_key of the configuration">>));
        {none, _} -> With(<<"the key that hex.config keeps">>)
    end;
named(_, _, Refused) ->
    Refused.

with_code(_, _, _, Try, Refused) when Try > ?TRIES ->
    Refused;
with_code(#{ask := Ask} = Context, Credential, Work, Try, {error, {Code, _}} = Refused) ->
    ok = case Code of
             otp_invalid -> hexide_context:tell(Context, #{event => wrong_code});
             otp_required -> ok
         end,
    case Ask(#{kind => text, prompt => <<"Two-factor code:">>, flag => <<"--otp or HEX_OTP">>}) of
        {ok, Answer} when Answer =/= <<>> ->
            ok = hexide_secrets:remember(Context, otp, hexide_config:hide(Answer)),
            request(Context, Credential, Work, Try + 1);
        _ when Code =:= otp_required ->
            {error, {otp_required, #{message => <<"this change needs a two-factor code">>}}};
        _ -> Refused
    end.

%% Only once: a key that may not do something is refused in the same words as one that has ended.
renewed(Context, Used, Work) ->
    case refresh(Context, hexide_config:reveal(Used)) of
        {ok, Secret} -> request(Context, {renewed, Secret}, Work, 1);
        {error, _} = Error -> Error
    end.

%% --- credentials

credential(Context) ->
    case hexide_secrets:recall(Context, credential) of
        {ok, Known} -> {ok, Known};
        none ->
            case obtain(Context) of
                {ok, Credential} ->
                    ok = hexide_secrets:remember(Context, credential, Credential),
                    {ok, Credential};
                {error, _} = Error -> Error
            end
    end.

obtain(Context) ->
    case given(Context) of
        {ok, Key} -> hexide_exchange:credential(Context, {ok, Key});
        none ->
            case found(Context) of
                {ok, {key, Stored}} ->
                    hexide_exchange:credential(Context, hexide_secrets:reveal(Context, api_key, Stored));
                {ok, {session, Session}} -> session(Context, Session);
                {ok, {write_key, Sealed, Username}} ->
                    hexide_exchange:credential(Context, migrated(Context, Sealed, Username));
                {error, _} = Error -> Error
            end
    end.

given(#{config := Config}) ->
    case Config of
        #{api_key := undefined} -> none;
        #{api_key := Key} -> {ok, Key};
        #{} -> none
    end.

found(#{repository := Repository, user_file := File, config := #{api_url := ApiUrl}}) ->
    case hexide_user_file:read(File) of
        {ok, Content} ->
            case hexide_credentials:find(Content, Repository, ApiUrl) of
                {ok, _} = Found -> Found;
                none -> {error, {unauthorized, #{message => <<"nobody is signed in to ", Repository/binary>>}}};
                {elsewhere, Url} ->
                    {error, {unauthorized, #{message => <<"the login to ", Repository/binary, " belongs to ",
                                                          Url/binary, " and is not shown to ", ApiUrl/binary>>}}}
            end;
        {error, _} = Error -> Error
    end.

session(Context, #{access_token := Token, refresh_token := Refresh, expires_at := End}) ->
    %% Without a network it only tells whose cached replies these are.
    Usable = fresh(End) orelse (Refresh =:= undefined andalso End > erlang:system_time(second))
        orelse online(Context) =/= ok,
    case Usable of
        true -> {ok, {session, bearer(Token)}};
        false ->
            case refresh(Context, hexide_config:reveal(bearer(Token))) of
                {ok, Secret} -> {ok, {session, Secret}};
                {error, _} = Error -> Error
            end
    end.

fresh(End) ->
    End - erlang:system_time(second) > ?AHEAD.

bearer(Token) ->
    hexide_config:hide(<<"Bearer ", Token/binary>>).

%% One renewal at a time on this machine: a refresh token works once, so whoever waited for the lock uses
%% what the one before wrote. A password is asked for before the lock is taken.
refresh(Context, Used) ->
    case found(Context) of
        {ok, {session, #{refresh_token := #{}}}} ->
            case hexide_secrets:password(Context) of
                {ok, _} -> refresh_alone(Context, Used);
                {error, _} = Error -> Error
            end;
        {ok, _} -> refresh_alone(Context, Used);
        {error, _} = Error -> Error
    end.

refresh_alone(#{repository := Repository, user_file := File, config := #{api_url := ApiUrl}} = Context, Used) ->
    Renew = fun(Content) ->
                case hexide_credentials:find(Content, Repository, ApiUrl) of
                    {ok, {session, #{access_token := Token, expires_at := End} = Session}} ->
                        case <<"Bearer ", Token/binary>> =/= Used andalso fresh(End) of
                            true -> {ok, Token, Content};
                            false -> renew(Context, Session, Content)
                        end;
                    _ -> {error, ended(Context)}
                end
            end,
    case hexide_user_file:transaction(File, Renew) of
        {ok, Token} ->
            Secret = bearer(Token),
            ok = hexide_secrets:remember(Context, credential, {session, Secret}),
            {ok, Secret};
        {error, _} = Error -> Error
    end.

renew(Context, #{refresh_token := undefined}, _) ->
    {error, ended(Context)};
renew(#{config := Config} = Context, #{refresh_token := Stored} = Session, Content) ->
    case hexide_secrets:reveal(Context, refresh_token, Stored) of
        {ok, Refresh} ->
            case hexide_auth:refresh(Config, hexide_config:reveal(Refresh)) of
                {ok, #{access_token := Token} = Tokens} ->
                    case kept(Context, Tokens, Session, username(Context), Content) of
                        {ok, Changed} -> {ok, Token, Changed};
                        {error, _} = Error -> Error
                    end;
                {error, {unauthorized, _}} -> {error, ended(Context)};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

ended(#{repository := Repository}) ->
    {unauthorized, #{message => <<"the session at ", Repository/binary, " has ended or was revoked">>}}.

username(#{config := Config}) ->
    maps:get(username, Config, undefined).

%% --- keeping

%% @doc Keeps an API key, of that user where it is known.
-spec keep_key(hexide_context:context(), binary(), binary() | undefined) -> ok | {error, hexide_failure:failure()}.
keep_key(#{repository := Repository, config := #{api_url := ApiUrl}} = Context, Key, Username) ->
    Kept = fun(Stored, Content) ->
               hexide_credentials:keep_key(Content, Repository, Stored, #{api_url => ApiUrl, username => Username})
           end,
    case hexide_secrets:protect(Context, api_key, Key, asked) of
        {ok, Stored} -> change(Context, fun(Content) -> {ok, done, Kept(Stored, Content)} end);
        {error, _} = Error -> Error
    end.

%% @doc Keeps the tokens of a new session of that user, and ends the one whose place it takes.
-spec keep_tokens(hexide_context:context(), hexide_auth:tokens(), binary()) -> ok | {error, hexide_failure:failure()}.
keep_tokens(#{repository := Repository, user_file := File, config := Config} = Context, Tokens, Username) ->
    #{api_url := ApiUrl} = Config,
    Keep = fun(Content) ->
               New = #{refresh_token => undefined, login => Username},
               case kept(Context, Tokens, New, Username, Content) of
                   {ok, Changed} -> {ok, hexide_credentials:find(Content, Repository, ApiUrl), Changed};
                   {error, _} = Error -> Error
               end
           end,
    case hexide_user_file:transaction(File, Keep) of
        {ok, {ok, {session, #{refresh_token := <<_, _/binary>> = Before}}}} ->
            %% Nobody has its tokens any more. Where the registry does not answer now, it ends by itself.
            _ = hexide_auth:revoke(Config, Before),
            ok;
        {ok, _} -> ok;
        {error, _} = Error -> Error
    end.

change(#{user_file := File}, Change) ->
    case hexide_user_file:transaction(File, Change) of
        {ok, done} -> ok;
        {error, _} = Error -> Error
    end.

%% The new refresh token is kept as the one before it was.
kept(#{repository := Repository, config := #{api_url := ApiUrl}} = Context, Tokens, Of, Username, Content) ->
    #{refresh_token := Before} = Of,
    #{access_token := Access, refresh_token := Refresh, expires_in := Lasts} = Tokens,
    Stored = case {Refresh, Before} of
                 {undefined, _} -> {ok, Before};
                 {_, #{}} -> hexide_secrets:seal(Context, refresh_token, Refresh);
                 _ -> hexide_secrets:protect(Context, refresh_token, Refresh, unasked)
             end,
    case Stored of
        {ok, Kept} ->
            Session = (maps:with([login], Of))#{access_token => Access, refresh_token => Kept,
                                                expires_at => erlang:system_time(second) + Lasts},
            {ok, hexide_credentials:keep_session(Content, Repository, Session,
                                                 #{api_url => ApiUrl, username => Username})};
        {error, _} = Error -> Error
    end.

%% @doc Ends the session at the registry (unless `local'), then forgets here whatever signs in. Tells
%% whether there was anything.
-spec sign_out(hexide_context:context(), #{local => boolean()}) -> {ok, boolean()} | {error, hexide_failure:failure()}.
sign_out(#{repository := Repository, user_file := File, config := #{api_url := ApiUrl}} = Context, Options) ->
    Forget = fun(Content) ->
                 Found = hexide_credentials:find(Content, Repository, ApiUrl),
                 case revoked(Context, Found, maps:get(local, Options, false)) of
                     ok ->
                         case hexide_secrets:forget(Context, hexide_credentials:stored(Content, Repository)) of
                             ok -> {ok, Found =/= none, hexide_credentials:forget(Content, Repository)};
                             {error, _} = Error -> Error
                         end;
                     {error, _} = Error -> Error
                 end
             end,
    hexide_user_file:transaction(File, Forget).

revoked(#{config := Config} = Context, {ok, {session, #{refresh_token := Stored, access_token := Token}}}, false) ->
    Tokens = case {online(Context), Stored} of
                 {{error, _} = Offline, _} -> Offline;
                 {ok, undefined} -> {ok, hexide_config:hide(Token)};
                 {ok, _} -> hexide_secrets:reveal(Context, refresh_token, Stored)
             end,
    case Tokens of
        {ok, Secret} -> hexide_auth:revoke(Config, hexide_config:reveal(Secret));
        {error, _} = Error -> Error
    end;
revoked(#{repository := Repository}, {elsewhere, Url}, false) ->
    {error, {unauthorized, #{reason => <<"other_api">>,
                             message => <<"the login to ", Repository/binary, " belongs to ", Url/binary>>}}};
revoked(_, _, _) ->
    ok.

%% The weakly encrypted key of rebar3_hex is opened once, and kept as keys are kept now.
migrated(#{repository := Repository, config := #{api_url := ApiUrl}} = Context, Sealed, Username) ->
    case hexide_secrets:unseal(Context, fun(Password) -> hexide_vault:open_legacy(Sealed, Username, Password) end) of
        {ok, Key} ->
            case hexide_secrets:seal(Context, api_key, hexide_config:reveal(Key)) of
                {ok, Stored} ->
                    Owner = #{api_url => ApiUrl, username => Username},
                    Keep = fun(Content) ->
                               {ok, done, hexide_credentials:keep_key(Content, Repository, Stored, Owner)}
                           end,
                    Kept = change(Context, Keep),
                    ok = hexide_context:tell(Context, #{event => migrated, repository => Repository}),
                    case Kept of
                        ok -> {ok, Key};
                        {error, _} = Error -> Error
                    end;
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.
