%% @doc `user': who one is at a registry.
-module(hexide_cmd_user).

-export([run/2]).

%% @doc Answers `#{registered => user}', `#{user}', `#{signed_in => #{username, repository}}' or
%% `#{signed_out => #{repository, was_signed_in}}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := [<<"register">>]} = Options) ->
    sign_up(Context, Options);
run(#{config := Config} = Context, #{args := [<<"whoami">>]}) ->
    case hexide_context:signed_in(Context) of
        ok ->
            case hexide_user:me(Config) of
                {ok, User} -> {ok, #{user => shown(User)}};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end;
run(Context, #{args := [<<"auth">>]} = Options) ->
    auth(Context, Options);
run(Context, #{args := [<<"deauth">>]}) ->
    deauth(Context);
run(_, #{args := [Action | _]}) ->
    {error, hexide_failure:usage(<<"user">>, ["user cannot `", Action, "`, only register, whoami, auth and deauth"])};
run(_, #{args := []}) ->
    {error, hexide_failure:usage(<<"user">>, "say what to do: register, whoami, auth or deauth")}.

shown(User) ->
    (maps:with([username, email, full_name], User))#{
      organizations => case User of
                           #{organizations := [_ | _] = Organizations} -> Organizations;
                           _ -> []
                       end}.

sign_up(#{config := Config} = Context, Options) ->
    Given = [answer(Context, Options, username, #{kind => text, prompt => <<"Username:">>, flag => <<"--username">>}),
             answer(Context, Options, email, #{kind => text, prompt => <<"E-mail:">>, flag => <<"--email">>}),
             fun() -> ask(Context, #{kind => secret, prompt => <<"Password (not shown):">>, flag => <<"HEX_PASSWORD">>,
                                     environment => "HEX_PASSWORD"}) end],
    case answers(Given, []) of
        {ok, [Username, Email, Password]} ->
            case hexide_user:register(Config, Username, Email, Password) of
                {ok, User} -> {ok, #{registered => shown(User)}};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

answer(Context, Options, Name, Question) ->
    fun() ->
        case Options of
            #{Name := Value} -> {ok, Value};
            #{} -> ask(Context, Question)
        end
    end.

ask(#{ask := Ask}, #{flag := Flag} = Question) ->
    case Ask(Question) of
        {ok, <<>>} -> {error, hexide_failure:usage(<<"user">>, ["nothing was given for ", Flag])};
        Answer -> Answer
    end.

answers([], Given) ->
    {ok, lists:reverse(Given)};
answers([Ask | Rest], Given) ->
    case Ask() of
        {ok, Answer} -> answers(Rest, [Answer | Given]);
        {error, _} = Error -> Error
    end.

%% The key is checked with the registry before it is kept.
auth(#{config := Config, repository := Repository, user_file := File} = Context, Options) ->
    case key(Context, Options) of
        {ok, Key} ->
            case hexide_user:me(Config#{api_key => Key}) of
                {ok, #{username := Username}} ->
                    Kept = hexide_user_file:update(File, fun(Content) ->
                                                             Own = own(Repository, Content),
                                                             Content#{Repository => Own#{api_key => Key,
                                                                                         username => Username}}
                                                         end),
                    case Kept of
                        ok -> {ok, #{signed_in => #{username => Username, repository => Repository}}};
                        {error, _} = Error -> Error
                    end;
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

key(_, #{key := Key}) -> {ok, Key};
%% What is in the file already is not what somebody wants to sign in with anew.
key(#{config := #{api_key := Key}, sources := #{api_key := environment}}, _) when is_binary(Key) -> {ok, Key};
key(Context, _) -> ask(Context, #{kind => secret, prompt => <<"API key (not shown):">>, flag => <<"--key">>}).

own(Repository, Content) ->
    case Content of
        #{Repository := #{} = Own} -> Own;
        #{} -> #{}
    end.

%% Only what signs in goes; the rest of the repository's settings stay.
deauth(#{repository := Repository, user_file := File}) ->
    case hexide_user_file:read(File) of
        {ok, Content} ->
            Own = own(Repository, Content),
            case without_credentials(Own) of
                Own -> {ok, #{signed_out => #{repository => Repository, was_signed_in => false}}};
                _ -> forget(Repository, File)
            end;
        {error, _} = Error -> Error
    end.

without_credentials(Own) ->
    maps:without([api_key, key, write_key, username], Own).

forget(Repository, File) ->
    Forgotten = hexide_user_file:update(
                  File, fun(Content) ->
                            case without_credentials(own(Repository, Content)) of
                                Rest when map_size(Rest) =:= 0 -> maps:remove(Repository, Content);
                                Rest -> Content#{Repository => Rest}
                            end
                        end),
    case Forgotten of
        ok -> {ok, #{signed_out => #{repository => Repository, was_signed_in => true}}};
        {error, _} = Error -> Error
    end.
