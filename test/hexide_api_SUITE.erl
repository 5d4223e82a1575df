%% Every operation of the Erlang API against a real registry over a socket.
-module(hexide_api_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0, init_per_testcase/2, end_per_testcase/2]).
-export([publish_show_and_fetch/1, replacing_must_be_asked_for/1, retire_and_unretire/1, revert/1, owners/1, keys/1,
         users/1, docs/1, search_reads_all_pages/1, index_is_verified/1, unchanged_index_is_not_sent_again/1,
         bulk_fetch_answers_in_order/1, wrong_checksum_is_refused/1, reference_client_reads_us/1,
         errors_name_the_thing/1, bad_tarballs_change_nothing/1]).

all() ->
    [publish_show_and_fetch, replacing_must_be_asked_for, retire_and_unretire, revert, owners, keys, users, docs,
     search_reads_all_pages, index_is_verified, unchanged_index_is_not_sent_again, bulk_fetch_answers_in_order,
     wrong_checksum_is_refused, reference_client_reads_us, errors_name_the_thing, bad_tarballs_change_nothing].

init_per_testcase(_, Config) ->
    {ok, Server} = hexide_server:start_link(#{}),
    {ok, Info} = hexide_server:info(Server),
    [{server, Server}, {info, Info}, {alice, user(Server, Info, "alice")}, {bob, user(Server, Info, "bob")} | Config].

end_per_testcase(_, Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

publish_show_and_fetch(Config) ->
    Alice = proplists:get_value(alice, Config),
    Tarball = tarball("greeting", "1.0.0", #{<<"requirements">> => #{}}),
    Progress = fun(Report) -> self() ! {report, Report} end,
    {ok, #{version := <<"1.0.0">>, checksum := Checksum, publisher := #{username := <<"alice">>}}} =
        hexide_release:publish(Alice, Tarball, #{progress => Progress}),
    receive
        {report, #{phase := <<"upload">>, done := _, total := Total}} -> ?assertEqual(byte_size(Tarball), Total)
    after 0 -> error(no_progress)
    end,
    {ok, #{name := <<"greeting">>, latest_version := <<"1.0.0">>, releases := [#{version := <<"1.0.0">>}],
           owners := [#{username := <<"alice">>}], meta := #{licenses := [<<"Apache-2.0">>]},
           repository := <<"hexpm">>}} = hexide_package:get(anonymous(Config), "greeting"),
    {ok, #{checksum := Checksum}} = hexide_release:get(anonymous(Config), greeting, "1.0.0"),
    ?assertEqual({ok, Tarball}, hexide_repo:tarball(anonymous(Config), "greeting", "1.0.0")),
    {ok, [#{action := <<"release.publish">>} | _]} = hexide_package:audit_log(Alice, "greeting").

replacing_must_be_asked_for(Config) ->
    Alice = proplists:get_value(alice, Config),
    Tarball = tarball("greeting", "1.0.0", #{}),
    {ok, _} = hexide_release:publish(Alice, Tarball),
    ?assertMatch({error, {already_published, #{status := 422, message := _}}}, hexide_release:publish(Alice, Tarball)),
    ?assertMatch({ok, _}, hexide_release:publish(Alice, Tarball, #{replace => true})).

retire_and_unretire(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.0.0", #{})),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.1.0", #{})),
    ok = hexide_release:retire(Alice, "greeting", "1.0.0", security, "Broken, use 2.0"),
    {ok, #{retirements := #{<<"1.0.0">> := #{reason := <<"security">>, message := <<"Broken, use 2.0">>}}}} =
        hexide_package:get(Alice, "greeting"),
    {ok, #{releases := [#{retired := #{reason := security, message := <<"Broken, use 2.0">>}}, #{retired := undefined}]}} =
        hexide_repo:package(anonymous(Config), "greeting"),
    ok = hexide_release:unretire(Alice, "greeting", "1.0.0"),
    {ok, #{retirement := undefined}} = hexide_release:get(Alice, "greeting", "1.0.0"),
    ok = hexide_release:retire_all(Alice, "greeting", deprecated, "see another"),
    {ok, #{retirements := Retired}} = hexide_package:get(Alice, "greeting"),
    ?assertEqual(2, map_size(Retired)),
    ?assertMatch({error, {invalid, _}}, hexide_release:retire(Alice, "greeting", "1.0.0", boredom, "none")).

revert(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.0.0", #{})),
    ?assertMatch({error, {forbidden, _}}, hexide_release:revert(proplists:get_value(bob, Config), "greeting", "1.0.0")),
    ok = hexide_release:revert(Alice, "greeting", "1.0.0"),
    ?assertMatch({error, {not_found, _}}, hexide_package:get(Alice, "greeting")),
    ?assertMatch({error, {not_found, _}}, hexide_repo:package(Alice, "greeting")).

owners(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.0.0", #{})),
    ok = hexide_owner:add(Alice, "greeting", "bob@example.com", #{level => maintainer}),
    ?assertMatch({ok, #{username := <<"bob">>, level := <<"maintainer">>}}, hexide_owner:get(Alice, "greeting", "bob")),
    ok = hexide_owner:remove(Alice, "greeting", "bob@example.com"),
    {ok, [#{username := <<"alice">>, level := <<"full">>}]} = hexide_owner:list(Alice, "greeting"),
    ?assertMatch({error, {invalid, #{message := _}}}, hexide_owner:remove(Alice, "greeting", "alice")),
    ok = hexide_owner:transfer(Alice, "greeting", "bob"),
    {ok, [#{username := <<"bob">>}]} = hexide_owner:list(Alice, "greeting"),
    ?assertMatch({error, {not_found, _}}, hexide_owner:add(proplists:get_value(bob, Config), "greeting", "nobody")).

keys(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, #{name := <<"ci">>, secret := Secret, permissions := [#{domain := <<"api">>, resource := <<"read">>}]}} =
        hexide_key:add(Alice, "ci", [#{domain => api, resource => read}]),
    {ok, #{name := <<"ci-2">>}} = hexide_key:add(Alice, "ci", []),
    {ok, Listed} = hexide_key:list(Alice),
    ?assertEqual([undefined], lists:usort([maps:get(secret, Key) || Key <- Listed])),
    Reader = Alice#{api_key := Secret},
    ?assertMatch({ok, #{username := <<"alice">>}}, hexide_user:me(Reader)),
    ?assertMatch({error, {unauthorized, _}}, hexide_release:publish(Reader, tarball("greeting", "1.0.0", #{}))),
    ok = hexide_key:remove(Alice, "ci"),
    ?assertMatch({error, {unauthorized, _}}, hexide_user:me(Reader)),
    ?assertMatch({error, {not_found, _}}, hexide_key:get(Alice, "ci")),
    ok = hexide_key:remove_all(Alice),
    ?assertMatch({error, {unauthorized, _}}, hexide_key:list(Alice)).

users(Config) ->
    Anonymous = anonymous(Config),
    {ok, #{username := <<"carol">>}} = hexide_user:register(Anonymous, "carol", "carol@example.com", "correct horse"),
    ?assertMatch({ok, #{username := <<"carol">>}}, hexide_user:get(Anonymous, "carol")),
    {error, {invalid, #{errors := #{<<"username">> := _}}}} =
        hexide_user:register(Anonymous, "carol", "other@example.com", "correct horse"),
    ?assertMatch({error, {unauthorized, _}}, hexide_user:me(Anonymous)).

docs(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.0.0", #{})),
    Page = <<"<html><body>Welcome</body></html>">>,
    {ok, Docs} = hexide_tarball:create_docs([{"index.html", Page}, {"deep/er.html", <<"more">>}]),
    {ok, #{location := _}} = hexide_docs:publish(Alice, "greeting", "1.0.0", Docs),
    ?assertEqual({ok, Docs}, hexide_docs:fetch(anonymous(Config), "greeting", "1.0.0")),
    {ok, Files} = hexide_tarball:unpack_docs(Docs, memory),
    ?assertMatch({_, Page, _}, lists:keyfind(<<"index.html">>, 1, Files)),
    {ok, _} = application:ensure_all_started(inets),
    #{docs_url := DocsUrl} = proplists:get_value(info, Config),
    ?assertMatch({ok, {{_, 200, _}, _, Page}}, browse(<<DocsUrl/binary, "/greeting/1.0.0/">>)),
    ?assertMatch({ok, {{_, 200, _}, _, Page}}, browse(<<DocsUrl/binary, "/greeting/">>)),
    ok = hexide_docs:revert(Alice, "greeting", "1.0.0"),
    ?assertMatch({error, {not_found, _}}, hexide_docs:fetch(anonymous(Config), "greeting", "1.0.0")).

search_reads_all_pages(Config) ->
    Alice = proplists:get_value(alice, Config),
    Names = [list_to_binary(io_lib:format("many_~3..0b", [N])) || N <- lists:seq(1, 105)],
    [{ok, _} = hexide_release:publish(Alice, tarball(Name, "1.0.0", #{})) || Name <- Names],
    {ok, All} = hexide_package:search(anonymous(Config), "many_", #{all => true, sort => name}),
    ?assertEqual(Names, [Name || #{name := Name} <- All]),
    {ok, Some} = hexide_package:search(anonymous(Config), "many_", #{all => true, limit => 102, sort => name}),
    ?assertEqual(102, length(Some)),
    {ok, [#{name := <<"many_007">>}]} = hexide_package:search(anonymous(Config), "name:many_007"),
    ?assertEqual({ok, []}, hexide_package:search(anonymous(Config), "ünknown")).

index_is_verified(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.0.0", #{})),
    ?assertMatch({ok, #{packages := [#{name := <<"greeting">>}]}}, hexide_repo:names(Alice)),
    ?assertMatch({ok, #{packages := [#{name := <<"greeting">>, versions := [<<"1.0.0">>]}]}}, hexide_repo:versions(Alice)),
    ?assertMatch({ok, #{packages := [#{name := <<"greeting">>, versions := [<<"1.0.0">>]}], etag := <<_/binary>>}},
                 hexide_repo:versions(Alice, #{only => ["unpublished", <<"greeting">>]})),
    ?assertMatch({ok, #{packages := [], repository := <<_/binary>>}}, hexide_repo:names(Alice, #{only => []})),
    {ok, Other} = hexide_registry:generate_key(),
    {ok, OtherPublic} = hexide_registry:public_key(Other),
    ?assertMatch({error, {bad_signature, _}}, hexide_repo:versions(Alice#{repo_public_key := OtherPublic})),
    ?assertMatch({error, {bad_origin, _}}, hexide_repo:versions(Alice#{repo_name => "another"})),
    %% hex.pm's built-in key does not verify another registry that calls itself hexpm.
    ?assertMatch({error, {bad_signature, _}}, hexide_repo:versions(maps:remove(repo_public_key, Alice))),
    #{public_key := Pem} = proplists:get_value(info, Config),
    ?assertEqual({ok, Pem}, hexide_repo:public_key(Alice)).

unchanged_index_is_not_sent_again(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.0.0", #{})),
    {ok, #{etag := ETag}} = hexide_repo:package(Alice, "greeting"),
    ?assertEqual({ok, not_modified}, hexide_repo:package(Alice, "greeting", #{etag => ETag})),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.1.0", #{})),
    ?assertMatch({ok, #{releases := [_, _]}}, hexide_repo:package(Alice, "greeting", #{etag => ETag})).

bulk_fetch_answers_in_order(Config) ->
    Alice = proplists:get_value(alice, Config),
    Names = [<<"bulk_", (integer_to_binary(N))/binary>> || N <- lists:seq(10, 30)],
    Tarballs = [begin
                    Tarball = tarball(Name, "1.0.0", #{}),
                    {ok, _} = hexide_release:publish(Alice, Tarball),
                    Tarball
                end || Name <- Names],
    Items = [{Name, <<"1.0.0">>} || Name <- Names] ++ [{<<"bulk_missing">>, <<"1.0.0">>}],
    {ok, Answers} = hexide_repo:fetch_many(anonymous(Config), Items),
    {Fetched, [{error, {not_found, _}}]} = lists:split(length(Names), Answers),
    ?assertEqual(Tarballs, [Tarball || {ok, #{tarball := Tarball}} <- Fetched]),
    {ok, [{ok, #{files := Files, tarball := undefined, path := undefined}} | _]} =
        hexide_repo:fetch_many(anonymous(Config), lists:droplast(Items), #{unpack => true}),
    ?assertEqual([{<<"src/code.erl">>, <<"-module(code).\n">>, 8#644}], Files),
    Dir = filename:join(proplists:get_value(priv_dir, Config), "bulk"),
    {ok, [{ok, #{path := Path}} | _]} =
        hexide_repo:fetch_many(anonymous(Config), lists:droplast(Items), #{to => {dir, Dir}, unpack => true}),
    ?assertMatch({ok, _}, file:read_file(filename:join([Path, "src", "code.erl"]))).

wrong_checksum_is_refused(Config) ->
    Alice = proplists:get_value(alice, Config),
    {ok, _} = hexide_release:publish(Alice, tarball("greeting", "1.0.0", #{})),
    Wrong = binary:copy(<<"0">>, 64),
    ?assertMatch({error, {bad_checksum, #{expected := Wrong, actual := _}}},
                 hexide_repo:tarball(Alice, "greeting", "1.0.0", #{checksum => Wrong})).

%% Our client against our server could hide one fault twice: the reference implementation asks, too.
reference_client_reads_us(Config) ->
    true = reference:load(),
    {ok, _} = application:ensure_all_started(inets),
    Alice = proplists:get_value(alice, Config),
    Tarball = tarball("greeting", "1.0.0", #{<<"requirements">> => #{}}),
    {ok, _} = hexide_release:publish(Alice, Tarball),
    #{api_url := Api, repo_url := Repo, public_key := Pem} = proplists:get_value(info, Config),
    Reference = maps:merge(r3_hex_core:default_config(),
                           #{api_url => Api, repo_url => Repo, repo_public_key => Pem, repo_name => <<"hexpm">>,
                             http_user_agent_fragment => <<"test">>, api_key => maps:get(api_key, Alice)}),
    {ok, {200, _, Releases}} = r3_hex_repo:get_package(Reference, <<"greeting">>),
    #{releases := [#{version := <<"1.0.0">>, outer_checksum := Outer}]} = wrapped(Releases),
    {ok, {200, _, Tarball}} = r3_hex_repo:get_tarball(Reference, <<"greeting">>, <<"1.0.0">>),
    {ok, #{outer_checksum := Outer, contents := _}} = r3_hex_tarball:unpack(Tarball, memory),
    {ok, {200, _, #{<<"name">> := <<"greeting">>}}} = r3_hex_api_package:get(Reference, <<"greeting">>),
    {ok, {200, _, #{<<"username">> := <<"alice">>}}} = r3_hex_api_user:me(Reference),
    {ok, {201, _, #{<<"version">> := <<"1.1.0">>}}} =
        r3_hex_api_release:publish(Reference, tarball("greeting", "1.1.0", #{})),
    {ok, {204, _, _}} = r3_hex_api_release:retire(Reference, <<"greeting">>, <<"1.1.0">>,
                                                  #{<<"reason">> => <<"other">>, <<"message">> => <<"Broken, use 2.0">>}),
    {ok, {200, _, [#{<<"username">> := <<"alice">>}]}} = r3_hex_api_package_owner:list(Reference, <<"greeting">>),
    {ok, {201, _, #{<<"secret">> := _}}} = r3_hex_api_key:add(Reference, <<"k">>, [#{<<"domain">> => <<"api">>}]).

%% Older copies of the reference give the releases alone.
wrapped(Releases) when is_list(Releases) -> #{releases => Releases};
wrapped(Package) -> Package.

errors_name_the_thing(Config) ->
    Anonymous = anonymous(Config),
    {error, {not_found, #{url := Url}}} = hexide_package:get(Anonymous, "no_such_package"),
    ?assertNotEqual(nomatch, string:find(Url, "no_such_package")),
    {error, {unauthorized, _} = Unauthorized} = hexide_release:publish(Anonymous, tarball("greeting", "1.0.0", #{})),
    ?assertNotEqual(nomatch, string:find(hexide_error:format(Unauthorized), "user auth")),
    {error, {unauthorized, Details}} = hexide_user:me(Anonymous#{api_key => <<"a_wrong_secret_key">>}),
    ?assertEqual(nomatch, string:find(io_lib:format("~p", [Details]), "a_wrong_secret_key")),
    ?assertMatch({error, {offline, _}}, hexide_package:get(Anonymous#{offline => true}, "greeting")),
    #{port := Port} = proplists:get_value(info, Config),
    ?assertMatch({error, {_, #{message := _}}}, hexide_server_start(#{port => Port})),
    ?assertMatch({error, {_, #{message := _}}}, hexide_server_start(#{data_dir => "/proc/no/folder"})),
    [?assertMatch({error, {invalid, #{message := _, key := <<"port">>}}}, hexide_server:start_link(#{port => None}))
     || None <- [65536, -1]],
    ?assertError(badarg, hexide_server:start_link(#{port => "4000"})),
    ?assertError(badarg, hexide_server:start_link(#{prot => 4000})).

hexide_server_start(Options) ->
    process_flag(trap_exit, true),
    {error, Reason} = hexide_server:start_link(Options),
    %% Since OTP 26 the exit of what could not start is not heard of.
    case list_to_integer(erlang:system_info(otp_release)) of
        Old when Old < 26 -> receive {'EXIT', _, {shutdown, Reason}} -> ok after 60_000 -> error(no_exit) end;
        _ -> receive {'EXIT', _, _} = Exit -> error(Exit) after 0 -> ok end
    end,
    process_flag(trap_exit, false),
    {error, Reason}.

bad_tarballs_change_nothing(Config) ->
    Alice = proplists:get_value(alice, Config),
    Good = tarball("greeting", "1.0.0", #{}),
    Half = binary:part(Good, 0, byte_size(Good) div 2),
    [?assertMatch({error, {invalid, #{status := 422}}}, hexide_release:publish(Alice, Bad))
     || Bad <- [<<"garbage">>, Half, <<>>]],
    ?assertMatch({error, {too_large, #{limit := 10}}}, hexide_release:publish(Alice#{tarball_max_size => 10}, Good)),
    ?assertMatch({error, {not_found, _}}, hexide_package:get(Alice, "greeting")).

%% --- what the cases share

user(Server, Info, Name) ->
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => Name, email => Name ++ "@example.com"}),
    #{api_url := Api, repo_url := Repo, public_key := Pem} = Info,
    #{api_url => Api, repo_url => Repo, repo_public_key => Pem, api_key => Key}.

anonymous(Config) ->
    maps:remove(api_key, proplists:get_value(alice, Config)).

tarball(Name, Version, More) ->
    Text = hexide_text:binary(Name),
    Metadata = #{<<"name">> => Text, <<"app">> => Text, <<"version">> => list_to_binary(Version),
                 <<"description">> => <<"A package made by a test">>, <<"licenses">> => [<<"Apache-2.0">>],
                 <<"links">> => #{}, <<"build_tools">> => [<<"rebar3">>], <<"files">> => [<<"src/code.erl">>]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(maps:merge(Metadata, More), [{"src/code.erl", <<"-module(code).\n">>}]),
    Tarball.

browse(Url) ->
    httpc:request(get, {binary_to_list(Url), [{"user-agent", "test"}]}, [], [{body_format, binary}]).
