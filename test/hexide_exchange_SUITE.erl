%% An API key that is sent once a command: what it is exchanged for, and what is said where that cannot be.
-module(hexide_exchange_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_suite/1, end_per_suite/1]).
-export([a_key_is_exchanged_for_a_token/1, a_narrow_key_gets_a_token_for_what_the_command_is_about/1,
         a_key_that_reaches_nothing_here_is_refused/1]).

all() ->
    [a_key_is_exchanged_for_a_token, a_narrow_key_gets_a_token_for_what_the_command_is_about,
     a_key_that_reaches_nothing_here_is_refused].

init_per_suite(Config) ->
    {ok, Server} = hexide_server:start_link(#{}),
    true = unlink(Server),
    Packages = [{"thing", "1.0.0"}, {"other", "1.0.0"}],
    {ok, #{info := #{api_url := Api}, key := Key}} = hexide_trial:furnish(Server, #{packages => Packages}),
    ok = hexide_server:add_organization(Server, "acme", "alice"),
    [{server, Server}, {api, Api}, {key, Key} | Config].

end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

a_key_is_exchanged_for_a_token(Config) ->
    Key = proplists:get_value(key, Config),
    {ok, <<"Bearer ", Token/binary>>} = token(Config, Key, #{}),
    ?assertNotEqual(Key, Token),
    ?assertMatch({ok, #{username := <<"alice">>}}, hexide_user:me(#{api_url => proplists:get_value(api, Config),
                                                                   api_key => <<"Bearer ", Token/binary>>})).

a_narrow_key_gets_a_token_for_what_the_command_is_about(Config) ->
    [?assertMatch({ok, <<"Bearer ", _/binary>>}, token(Config, narrow(Config, Permission), About))
     || {Permission, About} <- [{#{domain => package, resource => <<"hexpm/thing">>}, project(["thing"])},
                                {#{domain => api, resource => <<"write">>}, project(["thing"])},
                                {#{domain => api, resource => <<"read">>}, #{}},
                                {#{domain => repository, resource => <<"acme">>}, #{repository => <<"hexpm:acme">>}}]].

a_key_that_reaches_nothing_here_is_refused(Config) ->
    Key = narrow(Config, #{domain => package, resource => <<"hexpm/thing">>}),
    [begin
         {error, Refused} = token(Config, Key, About),
         Said = hexide_failure:format(Refused),
         ?assertEqual(nomatch, string:find(Said, Key)),
         ?assertNotEqual(nomatch, string:find(Said, "oauth_exchange false"))
     end || About <- [#{}, project(["other"]), project(["thing", "other"])]].

%% What a request would be signed with.
token(Config, Key, About) ->
    Settings = #{api_url => proplists:get_value(api, Config), api_key => hexide_config:hide(Key),
                 oauth_exchange => true},
    Memory = hexide_secrets:memory(),
    Context = maps:merge(#{config => Settings, sources => #{}, repository => <<"hexpm">>, memory => Memory,
                           user_file => filename:join(proplists:get_value(priv_dir, Config), "hex.config"),
                           ask => fun(_) -> error(asked) end, progress => fun(_) -> ok end}, About),
    try
        hexide_session:call(Context, fun(#{api_key := Secret}) -> {ok, hexide_config:reveal(Secret)} end)
    after
        hexide_secrets:close(Memory)
    end.

narrow(Config, Permission) ->
    Settings = #{api_url => proplists:get_value(api, Config), api_key => proplists:get_value(key, Config)},
    {ok, #{secret := Secret}} = hexide_key:add(Settings, "narrow", [Permission]),
    Secret.

project(Names) ->
    #{project => #{root => ".", dependencies => [], locks => [],
                   apps => [#{name => list_to_binary(Name), details => []} || Name <- Names]}}.
