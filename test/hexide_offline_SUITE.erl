%% The cache of the Erlang API and of sessions: against a real registry, and after that is stopped.
-module(hexide_offline_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2, end_per_testcase/2]).
-export([the_api_answers_from_its_cache_and_says_so/1, nothing_is_cached_unasked/1,
         a_changed_package_is_never_served_from_the_cache/1, a_session_keeps_its_cache_over_its_tokens/1,
         another_login_starts_with_nothing/1]).

all() ->
    [the_api_answers_from_its_cache_and_says_so, nothing_is_cached_unasked,
     a_changed_package_is_never_served_from_the_cache, a_session_keeps_its_cache_over_its_tokens,
     another_login_starts_with_nothing].

init_per_testcase(Case, Config) ->
    {ok, Server} = hexide_server:start_link(#{repository => <<"local">>, oauth_interval => 0}),
    {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
    {ok, _} = hexide_server:add_user(Server, #{username => "bob", email => "bob@example.com"}),
    Folder = filename:join(proplists:get_value(priv_dir, Config), atom_to_list(Case)),
    Settings = #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => <<"local">>,
                 retries => 0, cache_dir => filename:join(Folder, "cache")},
    ok = publish(Settings#{api_key => Key}, "1.0.0"),
    [{server, Server}, {settings, Settings}, {key, Key}, {file, filename:join(Folder, "hex.config")} | Config].

end_per_testcase(_, Config) ->
    %% A case that needs it gone has stopped it.
    case is_process_alive(proplists:get_value(server, Config)) of
        true -> hexide_server:stop(proplists:get_value(server, Config));
        false -> ok
    end.

the_api_answers_from_its_cache_and_says_so(Config) ->
    Settings = proplists:get_value(settings, Config),
    Read = fun(With) ->
               {ok, Package} = hexide_package:get(With, "alpha"),
               {ok, Found} = hexide_package:search(With, "alpha"),
               {ok, Index} = hexide_repo:package(With, "alpha"),
               {ok, Names} = hexide_repo:names(With),
               {ok, Tarball} = hexide_repo:tarball(With, "alpha", "1.0.0"),
               {ok, Many} = hexide_repo:fetch_many(With, [{"alpha", "1.0.0"}], #{to => memory}),
               {Package, Found, Index, Names, Tarball, Many}
           end,
    Before = Read(Settings),
    ok = hexide_server:stop(proplists:get_value(server, Config)),
    {error, {connect, _}} = hexide_package:get(Settings, "alpha"),
    ok = hexide_log:listen(),
    ?assertEqual(Before, Read(Settings#{offline => true})),
    [?assertMatch(#{cached_at := <<"20", _/binary>>}, Event) || Event <- told()],
    {error, {offline, #{url := Url, message := Message}}} = hexide_package:get(Settings#{offline => true}, "beta"),
    [] = told(),
    ok = hexide_log:stop(),
    ?assertEqual(<<(maps:get(api_url, Settings))/binary, "/packages/beta">>, Url),
    ?assertNotEqual(nomatch, string:find(Message, "nothing of it is cached")).

nothing_is_cached_unasked(Config) ->
    Settings = maps:remove(cache_dir, proplists:get_value(settings, Config)),
    {ok, _} = hexide_package:get(Settings, "alpha"),
    {error, {offline, _}} = hexide_package:get(Settings#{offline => true}, "alpha"),
    ?assertEqual({error, enoent}, file:list_dir(maps:get(cache_dir, proplists:get_value(settings, Config)))).

a_changed_package_is_never_served_from_the_cache(Config) ->
    Settings = proplists:get_value(settings, Config),
    Versions = fun() ->
                   {ok, #{releases := Api}} = hexide_package:get(Settings, "alpha"),
                   {ok, #{releases := Index}} = hexide_repo:package(Settings, "alpha"),
                   {length(Api), length(Index)}
               end,
    ?assertEqual({1, 1}, Versions()),
    ok = hexide_log:listen(),
    ?assertEqual({1, 1}, Versions()),
    Unchanged = told(),
    ok = hexide_log:stop(),
    %% The index at least has an ETag.
    ?assertMatch([#{cached_at := _} | _], [Event || #{text := Text} = Event <- Unchanged,
                                                    string:find(Text, "status=304") =/= nomatch]),
    ok = publish(Settings#{api_key => proplists:get_value(key, Config)}, "1.1.0"),
    ?assertEqual({2, 2}, Versions()).

a_session_keeps_its_cache_over_its_tokens(Config) ->
    Context = signed_in(Config, "amy"),
    {ok, #{name := <<"alpha">>}} = visit(Context),
    ok = change(Config, fun(Session) -> Session#{expires_at := 0} end),
    #{access_token := Before} = session(Config),
    {ok, #{username := <<"amy">>}} = hexide_session:call(fresh(Context), fun hexide_user:me/1),
    #{access_token := After} = session(Config),
    ?assertNotEqual(Before, After),
    ok = hexide_server:stop(proplists:get_value(server, Config)),
    Offline = offline(Context),
    ?assertMatch({ok, #{name := <<"alpha">>}}, visit(Offline)),
    %% Nor does it matter that the token has ended, and nobody can renew it here.
    ok = change(Config, fun(Session) -> Session#{expires_at := 0} end),
    ?assertMatch({ok, #{name := <<"alpha">>}}, visit(Offline)),
    ?assertMatch({error, {offline, _}}, hexide_session:call(fresh(Offline), fun hexide_user:me/1)).

another_login_starts_with_nothing(Config) ->
    {ok, _} = visit(signed_in(Config, "amy")),
    Bob = signed_in(Config, "bob"),
    ?assertMatch({error, {offline, _}}, visit(offline(Bob))),
    {ok, _} = hexide_session:sign_out(fresh(Bob), #{}),
    ?assertMatch({error, {offline, _}}, visit(offline(Bob))),
    ?assertMatch({ok, _}, visit(offline(signed_in(Config, "amy")))).

%% --- helpers

visit(Context) ->
    hexide_session:visit(fresh(Context), fun(Settings) -> hexide_package:get(Settings, "alpha") end).

offline(#{config := Settings} = Context) ->
    Context#{config := Settings#{offline => true}}.

fresh(Context) ->
    Context#{memory => hexide_secrets:memory()}.

%% Signs in as somebody who approves at once.
signed_in(Config, Username) ->
    {ok, Settings} = hexide_config:complete(proplists:get_value(settings, Config)),
    Approve = fun(#{event := enter_code, code := Code}) ->
                      ok = hexide_server:approve_device(proplists:get_value(server, Config), Code, Username);
                 (_) -> ok
              end,
    Context = fresh(#{config => Settings, sources => #{}, repository => <<"local">>, repositories => [], system => #{},
                      user_file => proplists:get_value(file, Config), browse => fun(_) -> false end,
                      ask => fun(#{default := Default}) -> {ok, Default} end, progress => Approve,
                      interruptible => fun(Run) -> Run() end, automated => false}),
    {ok, #{signed_in := _}} = hexide_cmd_user:run(Context, #{args => [<<"auth">>]}),
    Context.

session(Config) ->
    {ok, #{<<"$hexide:local">> := #{session := Session}}} = hexide_user_file:read(proplists:get_value(file, Config)),
    Session.

change(Config, Change) ->
    hexide_user_file:update(proplists:get_value(file, Config),
                            fun(#{<<"$hexide:local">> := #{session := Session} = Own} = Content) ->
                                Content#{<<"$hexide:local">> := Own#{session := Change(Session)}}
                            end).

told() ->
    receive
        {hexide_log, #{target := <<"hexide::http">>, text := Text} = Event} ->
            %% The registry is in this node, too.
            [Event || string:find(Text, "method=GET") =/= nomatch] ++ told();
        {hexide_log, _} -> told()
    after 0 -> []
    end.

publish(Config, Version) ->
    File = "src/alpha.app.src",
    Text = iolist_to_binary(["{application, alpha, [{vsn, \"", Version, "\"}]}.\n"]),
    Metadata = #{<<"name">> => <<"alpha">>, <<"version">> => list_to_binary(Version), <<"app">> => <<"alpha">>,
                 <<"description">> => <<"A package">>, <<"licenses">> => [<<"MIT">>],
                 <<"build_tools">> => [<<"rebar3">>], <<"requirements">> => #{}, <<"files">> => [list_to_binary(File)]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, [{File, Text}]),
    {ok, _} = hexide_release:publish(Config, Tarball),
    ok.
