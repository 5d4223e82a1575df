%% `package fetch' and `package diff', against a registry.
-module(hexide_cmd_package_SUITE).

-include_lib("stdlib/include/assert.hrl").
-include_lib("kernel/include/file.hrl").

-export([all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([the_newest_usable_release_is_fetched/1, nothing_is_overwritten/1, a_package_is_unpacked/1,
         what_is_not_there_is_named/1, a_diff_shows_every_kind_of_change/1, a_diff_reads_as_others_do/1,
         counting_leaves_the_lines_out/1, the_same_is_told/1, a_tab_survives_to_the_terminal/1]).

all() ->
    [the_newest_usable_release_is_fetched, nothing_is_overwritten, a_package_is_unpacked, what_is_not_there_is_named,
     a_diff_shows_every_kind_of_change, a_diff_reads_as_others_do, counting_leaves_the_lines_out, the_same_is_told,
     a_tab_survives_to_the_terminal].

%% 1.3.0 is retired and 2.0.0-rc.1 is not stable.
init_per_suite(Config) ->
    {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
    true = unlink(Server),
    {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
    Settings = #{api_url => Api, repo_url => Repo, repo_public_key => Public, repo_name => <<"local">>},
    Signed = Settings#{api_key => Key},
    [ok = publish(Signed, Version, Description, Files)
     || {Version, Description, Files} <- [{"1.0.0", "A package", old()}, {"1.2.0", "A better one", new()},
                                          {"1.3.0", "A better one", new()}, {"2.0.0-rc.1", "A better one", new()}]],
    ok = hexide_release:retire(Signed, "pack", "1.3.0", invalid, "built wrongly"),
    [{server, Server}, {settings, Settings} | Config].

end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

init_per_testcase(Case, Config) ->
    [{dir, filename:join(proplists:get_value(priv_dir, Config), Case)} | Config].

old() ->
    [{"src/pack.erl", <<"-module(pack).\n-export([f/0]).\n\nf() ->\n\tok.\n">>}, {"gone.txt", <<"was here\n">>},
     {"logo", <<0, 1, 2>>}, {"same.txt", <<"as before\n">>}, {"latin1.txt", <<"caf", 233, "\n">>}].

new() ->
    [{"src/pack.erl", <<"-module(pack).\n-export([f/0]).\n\nf() ->\n\tbetter.\n">>}, {"come.txt", <<"no end">>},
     {"logo", <<0, 1, 3>>}, {"same.txt", <<"as before\n">>}, {"latin1.txt", <<"th", 233, "\n">>}].

publish(Signed, Version, Description, Files) ->
    Metadata = #{<<"name">> => <<"pack">>, <<"app">> => <<"pack">>, <<"version">> => list_to_binary(Version),
                 <<"description">> => list_to_binary(Description), <<"licenses">> => [<<"MIT">>],
                 <<"build_tools">> => [<<"rebar3">>], <<"files">> => [list_to_binary(Path) || {Path, _} <- Files]},
    {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, Files),
    {ok, _} = hexide_release:publish(Signed, Tarball),
    ok.

the_newest_usable_release_is_fetched(Config) ->
    {ok, #{fetched := #{version := <<"1.2.0">>, path := Path, checksum := Checksum, unpacked := false}}} =
        package(Config, ["fetch", "pack"], #{}),
    {ok, Tarball} = file:read_file(Path),
    {ok, #{outer_checksum := Checksum}} = hexide_tarball:unpack(Tarball, memory),
    {ok, #{fetched := #{version := <<"2.0.0-rc.1">>}}} = package(Config, ["fetch", "pack", "2.0.0-rc.1"], #{}).

nothing_is_overwritten(Config) ->
    {ok, #{fetched := #{path := Path}}} = package(Config, ["fetch", "pack", "1.0.0"], #{}),
    ok = file:write_file(Path, "mine"),
    {error, {io, #{path := Path}}} = package(Config, ["fetch", "pack", "1.0.0"], #{}),
    ?assertEqual({ok, <<"mine">>}, file:read_file(Path)),
    {ok, #{fetched := #{path := Folder}}} = package(Config, ["fetch", "pack", "1.0.0"], #{unpack => true}),
    {error, _} = package(Config, ["fetch", "pack", "1.0.0"], #{unpack => true}),
    ?assert(filelib:is_regular(filename:join(Folder, "gone.txt"))).

a_package_is_unpacked(Config) ->
    {ok, #{fetched := #{path := Folder, unpacked := true}}} = package(Config, ["fetch", "pack"], #{unpack => true}),
    ?assertEqual({ok, <<"no end">>}, file:read_file(filename:join(Folder, "come.txt"))).

what_is_not_there_is_named(Config) ->
    [?assertMatch({error, {not_found, _}}, package(Config, Args, #{}))
     || Args <- [["fetch", "nothing"], ["fetch", "pack", "9.9.9"], ["diff", "pack", "1.0.0", "9.9.9"]]],
    [?assertMatch({error, {usage, _}}, package(Config, Args, #{}))
     || Args <- [[], ["fetch"], ["diff", "pack"], ["diff", "pack", "1.0.0"], ["fetsch", "pack"]]].

a_diff_shows_every_kind_of_change(Config) ->
    {ok, #{diff := #{metadata := Metadata, files := Files}} = Answer} =
        package(Config, ["diff", "pack", "1.0.0", "1.2.0"], #{}),
    ?assertMatch([#{key := description, from := <<"A package">>, to := <<"A better one">>},
                  #{key := version, from := <<"1.0.0">>, to := <<"1.2.0">>}], Metadata),
    ?assertMatch([#{path := <<"come.txt">>, change := added, added := 1, removed := 0},
                  #{path := <<"gone.txt">>, change := removed, added := 0, removed := 1},
                  #{path := <<"latin1.txt">>, change := changed, added := 1, removed := 1},
                  #{path := <<"logo">>, change := changed, binary := true, hunks := []},
                  #{path := <<"src/pack.erl">>, change := changed, added := 1, removed := 1}], Files),
    %% Also what is no UTF-8 stands in a JSON document.
    ?assertNotEqual(nomatch, string:find(hexide_json:encode(Answer), <<"thé"/utf8>>)).

a_diff_reads_as_others_do(Config) ->
    {ok, Answer} = package(Config, ["diff", "pack", "1.0.0", "1.2.0"], #{}),
    Text = hexide_layout:plain(hexide_answer_text:answer(<<"package">>, Answer)),
    [?assertNotEqual({Part, nomatch}, {Part, string:find(Text, Part)})
     || Part <- ["--- a/src/pack.erl\n+++ b/src/pack.erl\n@@ -2,4 +2,4 @@\n -export([f/0]).\n \n f() ->\n-\tok.\n+\tbetter.\n",
                 "--- /dev/null\n+++ b/come.txt\n@@ -0,0 +1 @@\n+no end\n\\ No newline at end of file\n",
                 "--- a/gone.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-was here\n", "Binary files a/logo and b/logo differ\n",
                 "metadata description\n- A package\n+ A better one\n", "5 files changed, 3 lines added, 3 removed\n"]].

counting_leaves_the_lines_out(Config) ->
    {ok, Answer} = package(Config, ["diff", "pack", "1.0.0", "1.2.0"], #{stat => true}),
    Text = hexide_layout:plain(hexide_answer_text:answer(<<"package">>, Answer)),
    ?assertEqual(nomatch, string:find(Text, "better.")),
    [?assertNotEqual(nomatch, string:find(Text, Part)) || Part <- ["src/pack.erl", "changed, +1 -1", "binary"]].

the_same_is_told(Config) ->
    {ok, #{diff := #{files := [], metadata := []}} = Answer} = package(Config, ["diff", "pack", "1.0.0", "1.0.0"], #{}),
    ?assertEqual(<<"pack 1.0.0 and 1.0.0 hold the same.\n">>,
                 hexide_layout:plain(hexide_answer_text:answer(<<"package">>, Answer))).

a_tab_survives_to_the_terminal(_) ->
    ?assertEqual(<<"a\tb\n">>, hexide_layout:plain("a\tb\r\n\e")).

package(Config, Args, Options) ->
    {ok, #{config := Settings, sources := Sources}} =
        hexide_config:resolve(#{environment => [], project => proplists:get_value(settings, Config)}),
    Context = #{config => Settings, sources => Sources, repository => <<"local">>, user_file => "none",
                progress => fun(_) -> ok end, memory => hexide_secrets:memory()},
    Output = unicode:characters_to_binary(proplists:get_value(dir, Config)),
    hexide_cmd_package:run(Context, maps:merge(#{args => [list_to_binary(Arg) || Arg <- Args], output => Output}, Options)).
