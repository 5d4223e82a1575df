#!/usr/bin/env escript
%%! -noinput +fnu
%% The reference implementation at work: the r3_hex_* modules that rebar3 carries, driven by reference.rs.
%%
%% usage: reference.escript REBAR3 COMMAND FOLDER
%% What is asked and what is answered are files of that folder; a failure is a crash and a status other than 0.
-mode(compile).
-export([main/1]).

main([Rebar3, Command, Folder]) ->
    {ok, Sections} = escript:extract(Rebar3, []),
    {archive, Archive} = lists:keyfind(archive, 1, Sections),
    Modules = filename:join(Folder, "modules"),
    Wanted = fun(File) -> lists:prefix("rebar/ebin/r3_", element(2, File)) end,
    {ok, _} = zip:extract(Archive, [{cwd, Modules}, {file_filter, Wanted}]),
    true = code:add_patha(filename:join([Modules, "rebar", "ebin"])),
    {ok, _} = application:ensure_all_started(public_key),
    ok = file:set_cwd(Folder),
    run(Command).

%% Makes a tarball of the files named in `files`, one path a line, from the folder `tree`.
run("create") ->
    Metadata = #{<<"name">> => <<"sample">>, <<"app">> => <<"sample">>, <<"version">> => <<"1.2.3">>,
                 <<"description">> => <<"Größe, and a text long enough for the printer to wrap it at eighty columns"/utf8>>,
                 <<"licenses">> => [<<"Apache-2.0">>], <<"build_tools">> => [<<"rebar3">>],
                 <<"links">> => #{<<"Home">> => <<"https://example.org">>},
                 <<"requirements">> => #{<<"dep">> => #{<<"app">> => <<"dep">>, <<"optional">> => false,
                                                        <<"requirement">> => <<"~> 1.0">>}}},
    Files = [{File, filename:join("tree", File)} || File <- lines("files")],
    Config = (r3_hex_core:default_config())#{tarball_max_size => infinity, tarball_max_uncompressed_size => infinity},
    {ok, #{tarball := Tarball}} = r3_hex_tarball:create(Metadata, Files, Config),
    {ok, Outer} = r3_hex_erl_tar:extract({binary, Tarball}, [memory]),
    {_, Text} = lists:keyfind("metadata.config", 1, Outer),
    {_, Contents} = lists:keyfind("contents.tar.gz", 1, Outer),
    ok = file:write_file("deflated", zlib:compress(zlib:gunzip(Contents))),
    ok = file:write_file("metadata.config", Text),
    ok = file:write_file("reference.tar", Tarball);

%% Unpacks `ours.tar` and compares its files with the folder `tree`.
run("unpack") ->
    {ok, Tarball} = file:read_file("ours.tar"),
    Config = (r3_hex_core:default_config())#{tarball_max_size => infinity, tarball_max_uncompressed_size => infinity},
    {ok, #{contents := Contents, metadata := #{<<"name">> := <<"sample">>}}} =
        r3_hex_tarball:unpack(Tarball, memory, Config),
    Files = [{File, element(2, {ok, _} = file:read_file(filename:join("tree", File)))} || File <- lines("files")],
    Files = Contents;

%% Signs each resource with `private.pem`.
run("sign") ->
    Private = read("private.pem"),
    Build = fun(Payload) -> zlib:gzip(r3_hex_registry:sign_protobuf(Payload, Private)) end,
    ok = file:write_file("names", Build(r3_hex_registry:encode_names(names()))),
    ok = file:write_file("versions", Build(r3_hex_registry:encode_versions(versions()))),
    ok = file:write_file("package", Build(r3_hex_registry:encode_package(package())));

%% Verifies and reads each resource, and demands the payloads of the command before.
run("verify") ->
    Public = read("public.pem"),
    Verified = fun(File) ->
                   Signed = zlib:gunzip(read(File)),
                   {ok, Payload} = r3_hex_registry:decode_and_verify_signed(Signed, Public),
                   Payload
               end,
    Names = maps:get(packages, names()),
    true = holds(Names, listed(r3_hex_registry:decode_names(Verified("names"), <<"acme">>))),
    Versions = maps:get(packages, versions()),
    true = holds(Versions, listed(r3_hex_registry:decode_versions(Verified("versions"), <<"acme">>))),
    Releases = maps:get(releases, package()),
    true = holds(Releases, listed(r3_hex_registry:decode_package(Verified("package"), <<"acme">>, <<"alpha">>))),
    {error, Reason} = r3_hex_registry:decode_names(Verified("names"), <<"other">>),
    true = lists:member(Reason, [unverified, bad_repo_name]).

%% Newer ones give the repository, too.
listed({ok, List}) when is_list(List) -> List;
listed({ok, #{repository := <<"acme">>, packages := List}}) -> List;
listed({ok, #{repository := <<"acme">>, name := <<"alpha">>, releases := List}}) -> List.

%% Newer ones know more fields.
holds(Expected, Read) when is_list(Expected), length(Expected) =:= length(Read) ->
    lists:all(fun({Each, Other}) -> holds(Each, Other) end, lists:zip(Expected, Read));
holds(Expected, Read) when is_map(Expected) ->
    lists:all(fun({Key, Value}) -> holds(Value, maps:get(Key, Read, missing)) end, maps:to_list(Expected));
holds(Expected, Read) ->
    Expected =:= Read.

names() ->
    #{repository => <<"acme">>, packages => [#{name => <<"alpha">>}, #{name => <<"beta">>}]}.

versions() ->
    #{repository => <<"acme">>,
      packages => [#{name => <<"alpha">>, versions => [<<"1.0.0">>, <<"1.1.0">>, <<"2.0.0-rc.1">>], retired => [0, 2]},
                   #{name => <<"beta">>, versions => [<<"0.1.0">>], retired => []}]}.

package() ->
    #{repository => <<"acme">>, name => <<"alpha">>,
      releases => [#{version => <<"1.0.0">>, inner_checksum => binary:copy(<<1>>, 32),
                     outer_checksum => binary:copy(<<2>>, 32),
                     dependencies => [#{package => <<"beta">>, requirement => <<"~> 0.1">>, optional => true,
                                        app => <<"beta_app">>, repository => <<"hexpm">>}],
                     retired => #{reason => 'RETIRED_SECURITY', message => <<"use 1.1">>}},
                   #{version => <<"1.1.0">>, inner_checksum => binary:copy(<<3>>, 32),
                     outer_checksum => binary:copy(<<4>>, 32), dependencies => []}]}.

read(File) ->
    {ok, Bytes} = file:read_file(File),
    Bytes.

lines(File) ->
    [unicode:characters_to_list(Line) || Line <- binary:split(read(File), <<"\n">>, [global]), Line =/= <<>>].
