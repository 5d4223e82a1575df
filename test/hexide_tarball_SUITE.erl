%% Tarballs through the Erlang API, beside the reference implementation.
-module(hexide_tarball_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([same_bytes_as_the_reference/1, reference_unpacks_ours_and_we_unpack_its/1, folder_and_back/1,
         bad_bytes_name_what_is_wrong/1, limits_are_enforced/1, unsafe_paths_are_refused/1, problems_before_publishing/1,
         docs_need_an_index/1, target_that_is_taken_stays/1, bomb_ends_at_the_limit/1]).

all() ->
    [same_bytes_as_the_reference, reference_unpacks_ours_and_we_unpack_its, folder_and_back,
     bad_bytes_name_what_is_wrong, limits_are_enforced, unsafe_paths_are_refused, problems_before_publishing,
     docs_need_an_index, target_that_is_taken_stays, bomb_ends_at_the_limit].

%% Metadata of every kind, long enough for OTP to break its lines.
metadata() ->
    #{<<"name">> => <<"sample">>, <<"app">> => <<"sample">>, <<"version">> => <<"1.0.0">>,
      <<"description">> => <<"Ünïcode, and long enough that the pretty printer has to break the line somewhere"/utf8>>,
      <<"licenses">> => [<<"Apache-2.0">>, <<"MIT">>], <<"build_tools">> => [<<"rebar3">>],
      <<"links">> => #{<<"A">> => <<"https://example.com/a">>, <<"B">> => <<"https://example.com/b">>},
      <<"files">> => [<<"src/", (integer_to_binary(N))/binary, ".erl">> || N <- lists:seq(1, 30)],
      <<"requirements">> => #{<<"dep">> => #{<<"app">> => <<"dep">>, <<"optional">> => false,
                                             <<"requirement">> => <<"~> 1.0">>}}}.

files() ->
    lists:sort([{"a.txt", <<>>}, {"src/one.erl", <<"-module(one).\n">>}, {"src/ünï.erl", <<"x">>},
                {lists:flatten(lists:duplicate(12, "deep_folder/")) ++ "file", noise()}]).

%% 70 kB that do not compress, the same at every call.
noise() ->
    << <<(crypto:hash(sha256, <<N:32>>))/binary>> || N <- lists:seq(1, 2200) >>.

same_bytes_as_the_reference(_) ->
    true = reference:load(),
    {ok, #{tarball := Ours, outer_checksum := Outer, inner_checksum := Inner}} =
        hexide_tarball:create(metadata(), files()),
    {ok, #{tarball := Theirs, outer_checksum := TheirOuter, inner_checksum := TheirInner}} =
        r3_hex_tarball:create(metadata(), files()),
    ?assertEqual(reference:compared(Theirs), reference:compared(Ours)),
    ?assertEqual(Theirs =:= Ours, {hex(TheirOuter), hex(TheirInner)} =:= {Outer, Inner}).

reference_unpacks_ours_and_we_unpack_its(_) ->
    true = reference:load(),
    {ok, #{tarball := Ours}} = hexide_tarball:create(metadata(), files()),
    {ok, #{contents := Contents, metadata := #{<<"name">> := <<"sample">>}}} = r3_hex_tarball:unpack(Ours, memory),
    ?assertEqual(files(), lists:sort(Contents)),
    {ok, #{tarball := Theirs}} = r3_hex_tarball:create(metadata(), files()),
    {ok, #{files := Files, metadata := Metadata}} = hexide_tarball:unpack(Theirs, memory),
    ?assertEqual(files(), lists:sort([{unicode:characters_to_list(Path), Content} || {Path, Content, 8#644} <- Files])),
    ?assertMatch(#{name := <<"sample">>, links := #{<<"A">> := _}, app := <<"sample">>, elixir := undefined,
                   requirements := [#{name := <<"dep">>, requirement := <<"~> 1.0">>, optional := false}]}, Metadata).

folder_and_back(Config) ->
    Dir = folder(Config, ?FUNCTION_NAME),
    Source = filename:join(Dir, "source"),
    ok = filelib:ensure_dir(filename:join(Source, "bin/x")),
    ok = file:write_file(filename:join(Source, "bin/run"), "#!/bin/sh\n"),
    ok = file:change_mode(filename:join(Source, "bin/run"), 8#755),
    ok = file:make_symlink("run", filename:join(Source, "bin/link")),
    Names = ["bin/run", "bin/link"],
    {ok, #{tarball := Tarball}} =
        hexide_tarball:create(metadata(), [{Name, {disk, filename:join(Source, Name)}} || Name <- Names]),
    Target = filename:join(Dir, "target"),
    {ok, Unpacked} = hexide_tarball:unpack(Tarball, {dir, Target}),
    ?assertNot(maps:is_key(files, Unpacked)),
    ?assertEqual({ok, <<"#!/bin/sh\n">>}, file:read_file(filename:join(Target, "bin/run"))),
    ?assertEqual({ok, "run"}, file:read_link(filename:join(Target, "bin/link"))),
    {ok, Info} = file:read_file_info(filename:join(Target, "bin/run")),
    ?assertEqual(8#755, element(8, Info) band 8#777),
    {ok, Terms} = file:consult(filename:join(Target, "hex_metadata.config")),
    ?assertMatch({_, <<"sample">>}, lists:keyfind(<<"name">>, 1, Terms)).

bad_bytes_name_what_is_wrong(_) ->
    {ok, #{tarball := Good}} = hexide_tarball:create(metadata(), files()),
    Half = binary:part(Good, 0, byte_size(Good) div 2),
    %% A byte amid the compressed contents.
    At = byte_size(Good) - 40_000,
    <<Before:At/binary, Byte, After/binary>> = Good,
    [?assertMatch({Code, {error, {Code, #{message := <<_, _/binary>>}}}}, {Code, hexide_tarball:unpack(Bad, memory)})
     || {Code, Bad} <- [{bad_tarball, <<>>}, {bad_tarball, <<"garbage">>}, {bad_tarball, Half},
                        {bad_checksum, <<Before/binary, (Byte bxor 1), After/binary>>}]],
    ?assertMatch({error, {bad_metadata, #{message := _}}}, hexide_tarball:create(#{<<"app">> => <<"x">>}, files())).

limits_are_enforced(_) ->
    {ok, #{tarball := Good}} = hexide_tarball:create(metadata(), files()),
    Small = #{tarball_max_size => 1000},
    ?assertMatch({error, {too_large, #{limit := 1000}}}, hexide_tarball:create(metadata(), files(), Small)),
    ?assertMatch({error, {too_large, #{limit := 1000}}}, hexide_tarball:unpack(Good, memory, Small)),
    Inflated = #{tarball_max_uncompressed_size => 1000},
    ?assertMatch({error, {too_large, _}}, hexide_tarball:unpack(Good, memory, Inflated)),
    ?assertMatch({ok, _}, hexide_tarball:unpack(Good, memory, #{tarball_max_size => infinity,
                                                                tarball_max_uncompressed_size => infinity})).

unsafe_paths_are_refused(_) ->
    [?assertMatch({_, {error, {unsafe_path, #{message := _}}}}, {Path, hexide_tarball:create(metadata(), [{Path, <<>>}])})
     || Path <- ["../up", "/absolute", "a/../../b", "", "hex_metadata.config"]].

problems_before_publishing(_) ->
    Problems = fun(Changes) ->
                   {ok, #{tarball := Tarball}} = hexide_tarball:create(maps:merge(metadata(), Changes), files()),
                   {ok, #{problems := Found}} = hexide_tarball:metadata(Tarball),
                   lists:sort([Field || #{field := Field, message := _} <- Found])
               end,
    ?assertEqual([], Problems(#{})),
    ?assertEqual([<<"description">>, <<"licenses">>],
                 Problems(#{<<"description">> => binary:copy(<<"x">>, 301), <<"licenses">> => [<<"My own">>]})),
    ?assertEqual([<<"name">>], Problems(#{<<"name">> => <<"stdlib">>})).

docs_need_an_index(_) ->
    ?assertMatch({error, {bad_tarball, _}}, hexide_tarball:create_docs([{"page.html", <<>>}])),
    ?assertMatch({error, {bad_tarball, _}}, hexide_tarball:create_docs([{"index.html", <<>>}, {"1.0.0/x", <<>>}])),
    ?assertMatch({ok, _}, hexide_tarball:create_docs([{"index.html", <<>>}])).

target_that_is_taken_stays(Config) ->
    Target = folder(Config, ?FUNCTION_NAME),
    ok = file:write_file(filename:join(Target, "mine"), "kept"),
    {ok, #{tarball := Tarball}} = hexide_tarball:create(metadata(), files()),
    {error, {io, #{path := _}}} = hexide_tarball:unpack(Tarball, {dir, Target}),
    ?assertEqual({ok, ["mine"]}, file:list_dir(Target)).

%% 200 MB of nothing in a small tarball, made by the reference, which writes what it is told.
bomb_ends_at_the_limit(_) ->
    true = reference:load(),
    Unlimited = maps:merge(r3_hex_core:default_config(), #{tarball_max_size => infinity,
                                                           tarball_max_uncompressed_size => infinity}),
    {ok, #{tarball := Bomb}} =
        r3_hex_tarball:create(metadata(), [{"zeros", binary:copy(<<0>>, 200_000_000)}], Unlimited),
    ?assert(byte_size(Bomb) < 1_000_000),
    Before = erlang:memory(total),
    ?assertMatch({error, {too_large, #{limit := 134217728}}}, hexide_tarball:unpack(Bomb, memory)),
    ?assert(erlang:memory(total) - Before < 50_000_000).

folder(Config, Case) ->
    Dir = filename:join(proplists:get_value(priv_dir, Config), atom_to_list(Case)),
    ok = filelib:ensure_dir(filename:join(Dir, "x")),
    Dir.

hex(Bytes) ->
    string:lowercase(binary:encode_hex(Bytes)).
