%% The configuration: one table, one fold; and the user's file.
-module(hexide_config_SUITE).

-include_lib("stdlib/include/assert.hrl").
-include_lib("kernel/include/file.hrl").

-export([all/0]).
-export([each_source_wins_over_the_next/1, what_is_undefined_has_its_default/1, environment_forms/1, mirror_gets_no_key/1, hex_core_map_is_accepted/1,
         classic_names/1, unknown_key_names_the_nearest/1, wrong_types_are_refused/1, values_are_never_shown/1,
         repository_section_wins_over_general/1, a_secret_may_be_a_fun/1, numbers_beyond_measure_are_refused/1]).
-export([file_keeps_what_others_wrote/1, broken_file_is_never_overwritten/1, concurrent_updates_all_survive/1,
         file_is_private_and_a_link_stays/1, unwritable_folder_is_named/1]).

all() ->
    [each_source_wins_over_the_next, what_is_undefined_has_its_default, environment_forms, mirror_gets_no_key, hex_core_map_is_accepted, classic_names,
     unknown_key_names_the_nearest, wrong_types_are_refused, values_are_never_shown,
     repository_section_wins_over_general, a_secret_may_be_a_fun, numbers_beyond_measure_are_refused, file_keeps_what_others_wrote, broken_file_is_never_overwritten,
     concurrent_updates_all_survive, file_is_private_and_a_link_stays, unwritable_folder_is_named].

each_source_wins_over_the_next(_) ->
    Layers = [{options, #{api_url => <<"http://option">>}}, {environment, [{"HEX_API_URL", "http://environment"}]},
              {project, #{api_url => "http://project"}}, {user, #{api_url => <<"http://user">>}}],
    Expected = [{option, <<"http://option">>}, {environment, <<"http://environment">>},
                {project, <<"http://project">>}, {user, <<"http://user">>}, {default, <<"https://hex.pm/api">>}],
    [begin
         Sources = maps:merge(#{environment => []}, maps:from_list(lists:nthtail(Dropped, Layers))),
         {ok, #{config := #{api_url := Url}, sources := #{api_url := Source}}} = hexide_config:resolve(Sources),
         ?assertEqual(lists:nth(Dropped + 1, Expected), {Source, Url})
     end || Dropped <- lists:seq(0, 4)].

what_is_undefined_has_its_default(_) ->
    Undefined = maps:from_list([{Key, undefined} || #{key := Key} <- hexide_config:keys()]),
    ?assertEqual(hexide_config:complete(#{}), hexide_config:complete(Undefined)),
    ?assertMatch({ok, _}, hexide_config:native(Undefined)).

environment_forms(_) ->
    Resolve = fun(Environment) ->
                  {ok, #{config := Config}} = hexide_config:resolve(#{environment => Environment}),
                  Config
              end,
    ?assertMatch(#{timeout := 20_000}, Resolve([{"HEX_HTTP_TIMEOUT", "20"}])),
    ?assertMatch(#{repo_verify := false}, Resolve([{"HEX_UNSAFE_REGISTRY", "1"}])),
    ?assertMatch(#{repo_verify_origin := false}, Resolve([{"HEX_NO_VERIFY_REPO_ORIGIN", "true"}])),
    ?assertMatch(#{unsafe_https := true, offline := true}, Resolve([{"HEX_UNSAFE_HTTPS", "1"}, {"HEX_OFFLINE", "1"}])),
    ?assertMatch(#{http_concurrency := 3}, Resolve([{"HEX_HTTP_CONCURRENCY", "3"}])),
    %% Set but empty is not set.
    ?assertMatch(#{api_key := undefined}, Resolve([{"HEX_API_KEY", ""}])),
    ?assertMatch({error, {bad_config, #{key := <<"HEX_HTTP_TIMEOUT">>}}},
                 hexide_config:resolve(#{environment => [{"HEX_HTTP_TIMEOUT", "soon"}]})).

mirror_gets_no_key(_) ->
    Key = fun(Variable) ->
              {ok, #{config := #{repo_key := Key}}} =
                  hexide_config:resolve(#{environment => [{Variable, "https://mirror"}], user => #{repo_key => <<"k">>}}),
              hexide_config:reveal(Key)
          end,
    ?assertEqual(undefined, Key("HEX_MIRROR_URL")),
    ?assertEqual(undefined, Key("HEX_CDN")),
    ?assertEqual(<<"k">>, Key("HEX_TRUSTED_MIRROR_URL")).

%% The map of rebar3's own copy of the reference implementation.
hex_core_map_is_accepted(_) ->
    true = reference:load(),
    Map = r3_hex_core:default_config(),
    ?assertMatch({ok, #{api_url := <<"https://hex.pm/api">>, repo_name := <<"hexpm">>}}, hexide_config:complete(Map)),
    Rebar3 = Map#{name => <<"hexpm:acme">>, parent => <<"hexpm">>, read_key => <<"r">>, write_key => {<<>>, <<>>},
                  repo_organization => <<"acme">>},
    ?assertMatch({ok, #{repo_organization := <<"acme">>}}, hexide_config:complete(Rebar3)).

classic_names(_) ->
    {ok, #{api_key := Key, repo_url := <<"http://cdn">>}} =
        hexide_config:complete(#{key => "k", cdn_url => "http://cdn/"}),
    ?assertEqual(<<"k">>, hexide_config:reveal(Key)),
    ?assertEqual({ok, api_key}, hexide_config:canonical("key")),
    ?assertEqual({ok, repo_url}, hexide_config:canonical("cdn_url")),
    ?assertMatch({error, {bad_config, _}}, hexide_config:canonical("no_such_key")).

unknown_key_names_the_nearest(_) ->
    {error, {bad_config, #{key := <<"api_rul">>, message := Message}}} = hexide_config:complete(#{api_rul => <<>>}),
    ?assertNotEqual(nomatch, string:find(Message, "`api_url`")).

wrong_types_are_refused(_) ->
    [?assertMatch({error, {bad_config, #{key := _, message := _}}}, hexide_config:complete(#{Key => Value}))
     || {Key, Value} <- [{api_url, "ftp://x"}, {api_url, 7}, {timeout, -1}, {timeout, "soon"}, {repo_verify, perhaps},
                         {tarball_max_size, 1.5}, {api_key, [-1]}, {cacerts_path, {a, b}}]],
    ?assertMatch({ok, #{tarball_max_size := infinity}}, hexide_config:complete(#{tarball_max_size => infinity})).

values_are_never_shown(_) ->
    Secret = "hunter2secret",
    {error, Reason} = hexide_config:complete(#{api_url => Secret}),
    ?assertEqual(nomatch, string:find(io_lib:format("~p", [Reason]), Secret)),
    {ok, Resolved} = hexide_config:resolve(#{environment => [{"HEX_API_KEY", Secret}, {"HEX_OTP", Secret}],
                                             user => #{repo_key => Secret},
                                             options => #{https_proxy => "http://joe:" ++ Secret ++ "@proxy"}}),
    ?assertEqual(nomatch, string:find(io_lib:format("~p", [Resolved]), Secret)),
    {ok, Native} = hexide_config:native(maps:get(config, Resolved)),
    ?assertEqual(nomatch, string:find(io_lib:format("~p", [Native]), Secret)),
    try hexide_config:complete([{api_key, Secret}]) of
        _ -> ct:fail(accepted)
    catch
        error:badarg:Stack -> ?assertEqual(nomatch, string:find(io_lib:format("~p", [Stack]), Secret))
    end.

%% A fun is asked anew by every operation, and its answer is checked as text is.
a_secret_may_be_a_fun(_) ->
    {ok, Native} = hexide_config:native(#{api_key => fun() -> "k" end, repo_key => fun() -> undefined end}),
    ?assert(is_reference(Native)),
    ?assertMatch({error, {bad_config, #{key := <<"api_url">>}}},
                 hexide_config:native(#{api_url => fun() -> "http://x" end})).

numbers_beyond_measure_are_refused(_) ->
    ?assertMatch({error, {bad_config, #{message := _}}}, hexide_config:native(#{retries => 1 bsl 70})).

repository_section_wins_over_general(_) ->
    Content = #{<<"$hexide">> => #{timeout => 1, retries => 1}, <<"hexpm">> => #{timeout => 2, write_key => {a, b}},
                <<"other">> => #{timeout => 3}},
    ?assertEqual(#{timeout => 2, retries => 1}, hexide_config:for_repository(Content, "hexpm")).

%% --- the user's file

file_keeps_what_others_wrote(Config) ->
    Path = path(Config, ?FUNCTION_NAME),
    Before = "%% coding: utf-8\n%% a comment\n#{<<\"hexpm\">> => #{write_key => {<<1,2>>,{<<\"c\">>,<<\"t\"/utf8>>}},"
        "a_foreign_key_of_another_tool => [{x,1.5},\"text\"],username => <<\"b\xc3\xb6b\"/utf8>>},"
        "<<\"hexpm:acme\">> => #{name => <<\"hexpm:acme\">>,repo_key => <<\"r\">>},\"odd\" => other}.\n",
    ok = file:write_file(Path, Before),
    {ok, [Old]} = file:consult(Path),
    ok = hexide_user_file:update(Path, fun(Content) -> Content#{<<"new">> => #{repo_key => <<"n">>}} end),
    {ok, [New]} = file:consult(Path),
    ?assertEqual(Old, maps:remove(<<"new">>, New)),
    ?assertEqual(#{repo_key => <<"n">>}, maps:get(<<"new">>, New)).

broken_file_is_never_overwritten(Config) ->
    Path = path(Config, ?FUNCTION_NAME),
    [begin
         ok = file:write_file(Path, Broken),
         {error, {bad_config, #{path := Named, message := Message}} = Reason} =
             hexide_user_file:update(Path, fun(Content) -> Content#{<<"x">> => #{}} end),
         ?assertEqual(list_to_binary(Path), Named),
         %% `config', which other mistakes are referred to, reads the same file.
         ?assertMatch({match, _}, re:run(hexide_error:format(Reason), "Correct the file, or move it away")),
         ?assertNotEqual(nomatch, string:find(Message, Path)),
         ?assertEqual({ok, Broken}, file:read_file(Path))
     end || Broken <- [<<"#{<<\"hexpm\">> => ">>, <<"[not_a_map].">>, <<"#{}. #{}.">>, <<0, 255>>]].

concurrent_updates_all_survive(Config) ->
    Path = path(Config, ?FUNCTION_NAME),
    Writers = [spawn_monitor(fun() ->
                                 ok = hexide_user_file:update(Path, fun(C) -> C#{integer_to_binary(N) => #{}} end)
                             end) || N <- lists:seq(1, 20)],
    [receive {'DOWN', Monitor, _, _, Reason} -> ?assertEqual(normal, Reason) end || {_, Monitor} <- Writers],
    {ok, Content} = hexide_user_file:read(Path),
    ?assertEqual(20, map_size(Content)).

file_is_private_and_a_link_stays(Config) ->
    Path = path(Config, ?FUNCTION_NAME),
    Real = Path ++ ".real",
    ok = file:write_file(Real, "#{}.\n"),
    ok = file:change_mode(Real, 8#644),
    ok = file:make_symlink(Real, Path),
    ok = hexide_user_file:update(Path, fun(Content) -> Content#{<<"hexpm">> => #{}} end),
    {ok, #file_info{type = symlink}} = file:read_link_info(Path),
    {ok, #file_info{mode = Mode}} = file:read_file_info(Real),
    ?assertEqual(8#600, Mode band 8#777),
    ?assertEqual({ok, #{<<"hexpm">> => #{}}}, hexide_user_file:read(Path)).

unwritable_folder_is_named(Config) ->
    Path = filename:join([path(Config, ?FUNCTION_NAME), "below", "hex.config"]),
    ok = filelib:ensure_dir(filename:dirname(Path)),
    ok = file:write_file(filename:dirname(Path), "a file where a folder should be"),
    ?assertMatch({error, {io, #{path := _, message := _}}}, hexide_user_file:update(Path, fun(C) -> C end)).

path(Config, Case) ->
    filename:join(proplists:get_value(priv_dir, Config), atom_to_list(Case)).
