%% @doc `server': a registry of one's own in the foreground.
-module(hexide_cmd_server).

-export([run/2]).

-define(NAME, <<"local">>).
-define(USER, <<"demo">>).

%% @doc Shows `#{server => #{api_url, repo_url, docs_url, fingerprint, public_key, data_dir, repository},
%% user => #{username, password, key} | undefined, rebar_config}' and ends when the person ends it.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(_, #{port := Port}) when Port > 65535 ->
    {error, hexide_failure:usage(<<"server">>, ["there is no port ", integer_to_list(Port)])};
run(Context, #{args := [], address := Address} = Options) ->
    case inet:parse_strict_address(unicode:characters_to_list(Address)) of
        {ok, _} -> start(Context, Options);
        {error, _} ->
            {error, hexide_failure:usage(<<"server">>, ["--address needs an IP address, not `", Address, "`"])}
    end;
run(Context, #{args := []} = Options) ->
    start(Context, Options);
run(_, #{args := [Arg | _]}) ->
    {error, hexide_failure:usage(<<"server">>, ["`", Arg, "` means nothing here"])}.

%% The registry is another package, which users of the client need not have.
start(Context, Options) ->
    case code:ensure_loaded(hexide_server) of
        {module, hexide_server} -> start_here(Context, Options);
        {error, _} ->
            {error, hexide_failure:failed("the registry is a package of its own, hexide_server, which is missing here: add "
                                          "it to the plugins (rebar3: `{plugins, [hexide, hexide_server]}.`) or to the "
                                          "dependencies (Mix: `{:hexide_server, \"~> 0.1\"}`) and try again")}
    end.

start_here(#{hold := Hold} = Context, Options) ->
    Wanted = maps:with([port, address], Options),
    Name = maps:get(repository, Options, ?NAME),
    DataDir = maps:get(data, Options, temporary),
    %% A registry that cannot start ends its process, perhaps a moment after it said so; from here on that
    %% must not end this one.
    _ = process_flag(trap_exit, true),
    Mail = fun(Mail) -> hexide_context:tell(Context, Mail#{event => mail}) end,
    case hexide_server:start_link(Wanted#{data_dir => DataDir, repository => Name, mail => Mail}) of
        {ok, Server} -> serve(Server, Hold, Options, DataDir);
        {error, _} = Error -> Error
    end.

serve(Server, Hold, Options, DataDir) ->
    try
        {ok, Info} = hexide_server:info(Server),
        case seeded(Server, Options, DataDir) of
            {ok, User} -> Hold(answer(Info, User));
            {error, _} = Error -> Error
        end
    after
        ok = hexide_server:stop(Server)
    end.

%% A registry that is new each time is of no use without a user.
seeded(Server, Options, DataDir) ->
    case maps:get(seed, Options, DataDir =:= temporary) of
        true ->
            Password = binary:encode_hex(crypto:strong_rand_bytes(8)),
            case hexide_server:add_user(Server, #{username => ?USER, email => <<"demo@example.com">>,
                                                  password => Password}) of
                {ok, Made} -> {ok, Made#{password => Password}};
                %% The registry knows the user from an earlier run, and no key twice.
                {error, {Code, _}} when Code =:= invalid; Code =:= already_published ->
                    {ok, #{username => ?USER, key => undefined, password => undefined}};
                {error, _} = Error -> Error
            end;
        false -> {ok, undefined}
    end.

answer(#{repository := Name, api_url := Api, repo_url := Repo, public_key := Key} = Info, User) ->
    #{server => maps:with([url, api_url, repo_url, docs_url, port, fingerprint, public_key, data_dir, repository],
                          Info),
      user => User,
      rebar_config => iolist_to_binary(["{hex, [{repos, [#{name => <<\"", Name, "\">>,\n"
                                        "                  api_url => <<\"", Api, "\">>,\n"
                                        "                  repo_url => <<\"", Repo, "\">>,\n"
                                        "                  repo_public_key => <<\"",
                                        string:replace(string:trim(Key), "\n", "\\n", all), "\">>}]}]}.\n"])}.
