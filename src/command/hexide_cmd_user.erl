%% @doc `user': who one is at a registry.
-module(hexide_cmd_user).

-export([run/2]).

%% @doc Answers `#{registered => user}', `#{user, login}', `#{signed_in => #{username, repository}}',
%% `#{signed_out => #{repository, was_signed_in}}', `#{reset => #{user, sent, page}}', or what `key'
%% answers. `login' tells what signs in: `session', `key' or what the key was given by.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := [<<"register">>]} = Options) ->
    online(Context, fun() -> sign_up(Context, Options) end);
run(Context, #{args := [<<"whoami">>]}) ->
    case hexide_session:call(Context, fun hexide_user:me/1) of
        {ok, User} -> {ok, #{user => shown(User), login => hexide_session:kind(Context)}};
        {error, _} = Error -> Error
    end;
run(Context, #{args := [<<"auth">>]} = Options) ->
    online(Context, fun() -> auth(Context, Options) end);
run(#{repository := Repository} = Context, #{args := [<<"deauth">>]} = Options) ->
    case hexide_session:sign_out(Context, maps:with([local], Options)) of
        {ok, Was} -> {ok, #{signed_out => #{repository => Repository, was_signed_in => Was}}};
        {error, _} = Error -> Error
    end;
run(Context, #{args := [<<"reset_password">>]} = Options) ->
    online(Context, fun() ->
                        case hexide_context:given(Context, Options, username, question(username)) of
                            {ok, User} -> reset(Context, User);
                            {error, _} = Error -> Error
                        end
                    end);
run(Context, #{args := [<<"reset_password">>, User]}) ->
    reset(Context, User);
run(Context, #{args := [<<"key">> | Args]} = Options) ->
    hexide_cmd_key:run(Context, Options#{args := Args});
run(_, #{args := Args}) ->
    {error, hexide_argument:action(<<"user">>, Args, [<<"register">>, <<"whoami">>, <<"auth">>, <<"deauth">>,
                                                      <<"reset_password">>, <<"key">>])}.

%% Nobody is asked for what would then be in vain.
online(Context, Go) ->
    case hexide_session:online(Context) of
        ok -> Go();
        {error, _} = Error -> Error
    end.

auth(Context, Options) ->
    case key(Context, Options) of
        {ok, Key} ->
            case sign_in(Context, Key, fun(Username) -> hexide_session:keep_key(Context, Key, Username) end) of
                {ok, _} = Done -> Done;
                {error, Failure} -> {error, hexide_failure:given_key(Failure)}
            end;
        none -> in_browser(Context, Options)
    end.

shown(User) ->
    (maps:with([username, email, full_name], User))#{
      organizations => case User of
                           #{organizations := [_ | _] = Organizations} -> Organizations;
                           _ -> []
                       end}.

%% --- an account

sign_up(#{config := Config} = Context, Options) ->
    Given = [fun() -> hexide_context:given(Context, Options, username, question(username)) end,
             fun() -> hexide_context:given(Context, Options, email, question(email)) end,
             fun() -> hexide_context:given(Context, Options, password, question(password)) end],
    case answers(Given, []) of
        {ok, [Username, Email, Password]} ->
            case hexide_user:register(Config, Username, Email, Password) of
                {ok, User} -> {ok, #{registered => shown(User)}};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

question(username) ->
    #{kind => text, prompt => <<"Username:">>, flag => <<"--username">>};
question(email) ->
    #{kind => text, prompt => <<"E-mail:">>, flag => <<"--email">>};
question(password) ->
    #{kind => secret, prompt => <<"Password (not shown):">>, flag => <<"HEX_PASSWORD">>,
      environment => "HEX_PASSWORD"}.

answers([], Given) ->
    {ok, lists:reverse(Given)};
answers([Ask | Rest], Given) ->
    case Ask() of
        {ok, Answer} -> answers(Rest, [Answer | Given]);
        {error, _} = Error -> Error
    end.

%% hex.pm has taken this out of its API; the page does the same.
reset(#{config := #{api_url := ApiUrl} = Config}, User) ->
    Page = page(ApiUrl, <<"/password/reset">>),
    case hexide_user:reset_password(Config, User) of
        ok -> {ok, #{reset => #{user => User, sent => true, page => Page}}};
        {error, {not_found, _}} -> {ok, #{reset => #{user => User, sent => false, page => Page}}};
        {error, _} = Error -> Error
    end.

page(ApiUrl, Path) ->
    #{scheme := Scheme, host := Host} = Parts = uri_string:parse(ApiUrl),
    Port = maps:with([port], Parts),
    hexide_text:binary(uri_string:recompose(Port#{scheme => Scheme, host => Host, path => Path})).

%% --- signing in

%% A key that was given now; what hex.config holds already is not what somebody wants to sign in with anew.
key(_, #{key := Key}) -> {ok, Key};
key(#{config := #{api_key := Key}, sources := #{api_key := environment}}, _) when Key =/= undefined ->
    {ok, hexide_config:reveal(Key)};
key(_, _) -> none.

%% What signs in is tried with the registry before it is kept.
sign_in(#{config := Config, repository := Repository}, Secret, Keep) ->
    case hexide_user:me(Config#{api_key => hexide_config:hide(Secret)}) of
        {ok, #{username := Username}} ->
            case Keep(Username) of
                ok -> {ok, #{signed_in => #{username => Username, repository => Repository}}};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

in_browser(#{automated := true}, _) ->
    {error, hexide_failure:usage(<<"user">>, "nobody is here to confirm a login, as CI is set; set HEX_API_KEY to a "
                                             "key of `rebar3 hex key generate` instead")};
in_browser(#{config := Config, interruptible := Interruptible} = Context, Options) ->
    {ok, Host} = inet:gethostname(),
    %% Whoever signs in anew does so as nobody.
    Nobody = Config#{api_key => undefined},
    case hexide_auth:device_start(Nobody, #{name => Host}) of
        {ok, Device} ->
            Wait = fun() ->
                       ok = invite(Context, Options, Device),
                       hexide_auth:device_wait(Nobody, Device, #{})
                   end,
            case Interruptible(Wait) of
                {ok, #{access_token := Token} = Tokens} ->
                    sign_in(Context, <<"Bearer ", Token/binary>>,
                            fun(Username) -> hexide_session:keep_tokens(Context, Tokens, Username) end);
                {error, Failure} -> {error, hexide_interruption:unchanged(Failure)}
            end;
        {error, _} = Error -> Error
    end.

%% The address that bears the code is for the browser; a person who types compares and enters the code.
invite(#{browse := Browse, repository := Repository} = Context, Options, Device) ->
    #{user_code := Code, verification_uri := Page, expires_in := Lasts} = Device,
    Address = case Device of
                  #{verification_uri_complete := <<_, _/binary>> = Complete} -> Complete;
                  #{} -> Page
              end,
    Opened = not maps:get(no_browser, Options, false) andalso Browse(Address),
    hexide_context:tell(Context, #{event => enter_code, repository => Repository, code => Code, page => Page,
                                   opened => Opened, expires_in => Lasts}).
