%% @doc `key': the API keys of an account, or (as `organization key ORG') of an organization.
-module(hexide_cmd_key).

-export([run/2]).

%% @doc Answers `#{keys => [key()]}', `#{key => key()}' or `#{removed => name | all}', where a key is
%% `#{name, permissions, authing_key, revoke_at, last_use, inserted_at}'; a new one has its `secret', the
%% only time that it is shown.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := [<<"list">>]}) ->
    case hexide_session:call(Context, fun hexide_key:list/1) of
        {ok, Keys} -> {ok, #{keys => [shown(Key) || Key <- Keys]}};
        {error, Reason} -> {error, nowhere(Context, Reason)}
    end;
run(Context, #{args := [<<"get">>, Name]}) ->
    case hexide_session:call(Context, fun(Config) -> hexide_key:get(Config, Name) end) of
        {ok, Key} -> {ok, #{key => shown(Key)}};
        {error, Reason} -> {error, absent(Context, Name, Reason)}
    end;
run(Context, #{args := [<<"remove">>], all := true} = Options) ->
    case hexide_session:ready(Context) of
        ok ->
            Question = everything(Context),
            case hexide_context:confirm(Context, Options, Question, <<"no key was removed">>) of
                ok -> removed(Context, hexide_session:call(Context, fun hexide_key:remove_all/1), <<"all">>);
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end;
run(Context, #{args := [<<"remove">>, Name]}) ->
    removed(Context, hexide_session:call(Context, fun(Config) -> hexide_key:remove(Config, Name) end), Name);
run(Context, #{args := [<<"generate">>, Name]} = Options) ->
    generate(Context, Options#{key_name => Name});
run(Context, #{args := [<<"generate">>]} = Options) ->
    %% The machine's name tells best whose key it is.
    {ok, Host} = inet:gethostname(),
    generate(Context, maps:merge(#{key_name => list_to_binary(Host)}, Options));
run(_, #{args := [<<"remove">>]}) ->
    {error, usage("key remove needs the name of a key, or --all")};
run(_, #{args := [<<"get">>]}) ->
    {error, usage("key get needs the name of a key")};
run(_, #{args := Args}) ->
    {error, hexide_argument:action(<<"key">>, Args, [<<"list">>, <<"get">>, <<"generate">>, <<"remove">>])}.

%% What signs in is among the keys of one's own.
everything(#{config := #{api_organization := <<Organization/binary>>}}) ->
    ["Remove all keys of the organization ", Organization, "?"];
everything(#{repository := Repository}) ->
    ["Remove all keys of your account at ", Repository, ", the one in use included?"].

usage(Message) ->
    hexide_failure:usage(<<"key">>, Message).

%% Without permissions asked for, an account's key may do all that the API offers, and an organization's
%% may read its packages.
generate(#{config := Config} = Context, #{key_name := Name} = Options) ->
    Default = case Config of
                  #{api_organization := <<Organization/binary>>} -> <<"repository:", Organization/binary>>;
                  #{} -> <<"api">>
              end,
    Wanted = maps:get(permission, Options, [Default]),
    Permissions = [permission(Each) || Each <- Wanted],
    case ending(maps:get(expires, Options, undefined)) of
        {ok, End} ->
            Add = fun(Signed) -> hexide_key:add(Signed, Name, Permissions, End) end,
            case hexide_session:call(Context, Add) of
                {ok, #{secret := Secret} = Key} -> {ok, #{key => (shown(Key))#{secret => Secret}}};
                {error, Reason} ->
                    What = ["cannot make the key ", Name, " for ", lists:join(", ", Wanted)],
                    {error, hexide_failure:about(What, nowhere(Context, Reason))}
            end;
        {error, _} = Error -> Error
    end.

shown(Key) ->
    maps:with([name, permissions, authing_key, revoke_at, last_use, inserted_at], Key).

removed(_, ok, Name) -> {ok, #{removed => Name}};
removed(Context, {error, Reason}, <<"all">>) -> {error, nowhere(Context, Reason)};
removed(Context, {error, Reason}, Name) -> {error, absent(Context, Name, Reason)}.

absent(#{config := #{api_organization := <<Organization/binary>>}}, Name, Reason) ->
    hexide_failure:missing(key, [Name, " of the organization ", Organization], Reason);
absent(_, Name, Reason) ->
    hexide_failure:missing(key, Name, Reason).

%% An account has keys, if none; an organization may not be there.
nowhere(#{config := #{api_organization := <<Organization/binary>>}}, Reason) ->
    hexide_failure:missing(organization, Organization, Reason);
nowhere(_, Reason) ->
    Reason.

%% `package:hexpm/cowboy': only the first colon parts.
permission(Text) ->
    case binary:split(Text, <<":">>) of
        [Domain, Resource] -> #{domain => Domain, resource => Resource};
        [Domain] -> #{domain => Domain, resource => undefined}
    end.

%% A day ends the key at its beginning, UTC; RFC 3339 says it to the second.
ending(undefined) ->
    {ok, #{}};
ending(Text) ->
    Full = case re:run(Text, "^\\d{4}-\\d\\d-\\d\\d$", [{capture, none}]) of
               match -> <<Text/binary, "T00:00:00Z">>;
               nomatch -> Text
           end,
    try
        true = begins_with_a_day(Full),
        calendar:rfc3339_to_system_time(binary_to_list(Full))
    of
        End ->
            case End > erlang:system_time(second) of
                true -> {ok, #{revoke_at => Full}};
                false -> {error, usage(["--expires ", Text, " has passed already"])}
            end
    catch
        _:_ -> {error, usage(["--expires takes a day such as 2027-01-31, or RFC 3339, not `", Text, "`"])}
    end.

%% OTP 29 takes a thirteenth month for one of the next year.
begins_with_a_day(<<Year:4/binary, "-", Month:2/binary, "-", Day:2/binary, _/binary>>) ->
    calendar:valid_date(binary_to_integer(Year), binary_to_integer(Month), binary_to_integer(Day));
begins_with_a_day(_) ->
    false.
