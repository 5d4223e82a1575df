%% @doc Rows about package tarballs, on 10 MB of OTP's own files.
-module(hexide_bench_tarball).

-export([rows/0, unpacking/1]).

-define(BYTES, 10_000_000).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "package of 10 MB: create", unit => ms, limit => 1, open => fun create/1},
     #{name => "package of 10 MB: unpack to memory", unit => ms, limit => 4, open => fun unpack/1},
     #{name => "package of 10 MB: unpack to disk", unit => ms, limit => 2,
       within => {"package of 10 MB: to disk, by tar's time", 1.3}, open => fun unpack_to_disk/1}].

%% @doc The work of unpacking a package of so many MB to memory.
-spec unpacking(pos_integer()) -> hexide_bench_row:opened(hexide_bench_row:work()).
unpacking(Size) ->
    unpack_files(copies(Size, files(1_000_000))).

create(_) ->
    Files = files(),
    Metadata = metadata(),
    Config = hexide_bench_reference:config(),
    Named = [{unicode:characters_to_list(Path), Content} || {Path, Content} <- Files],
    #{contents := Contents} = tarball(Files),
    Archive = zlib:gunzip(Contents),
    {ok, #{ours => fun(_) ->
                       {ok, #{tarball := Tarball}} = hexide_tarball:create(Metadata, Files),
                       Tarball
                   end,
           theirs => fun(_) ->
                         {ok, #{tarball := Tarball}} = r3_hex_tarball:create(Metadata, Named, Config),
                         Tarball
                     end,
           same => fun(Ours, Theirs) -> Ours =:= Theirs end,
           floor => {"zlib's deflate, level 6", fun(_) -> zlib:gzip(Archive) end}}}.

unpack(_) ->
    unpack_files(files()).

unpack_files(Files) ->
    #{tarball := Tarball, contents := Contents} = tarball(Files),
    Config = hexide_bench_reference:config(),
    {ok, #{ours => fun(_) ->
                       {ok, #{files := Unpacked}} = hexide_tarball:unpack(Tarball, memory),
                       Unpacked
                   end,
           theirs => fun(_) ->
                         {ok, #{contents := Unpacked}} = r3_hex_tarball:unpack(Tarball, memory, Config),
                         Unpacked
                     end,
           same => fun(Ours, Theirs) ->
                       [{Path, Content} || {Path, Content, _} <- Ours]
                           =:= [{unicode:characters_to_binary(Path), Content} || {Path, Content} <- Theirs]
                   end,
           %% Of the inner checksum and the outer, each over nearly every byte.
           floor => {"inflate, SHA-256 twice",
                     fun(_) ->
                         _ = zlib:gunzip(Contents),
                         crypto:hash(sha256, Contents) =/= crypto:hash(sha256, Tarball)
                     end}}}.

unpack_to_disk(Folder) ->
    #{tarball := Tarball, contents := Contents} = tarball(files()),
    Config = hexide_bench_reference:config(),
    Compressed = Folder ++ ".tar.gz",
    ok = file:write_file(Compressed, Contents),
    {ok, #{prepare => fun() -> ok = file:make_dir(Folder), Folder end,
           clean => fun file:del_dir_r/1,
           ours => fun(Into) ->
                       {ok, _} = hexide_tarball:unpack(Tarball, {dir, Into})
                   end,
           theirs => fun(Into) ->
                         {ok, _} = r3_hex_tarball:unpack(Tarball, Into, Config)
                     end,
           look => fun(Into, _) -> tree(Into) end,
           same => fun(Ours, Theirs) -> Ours =:= Theirs end,
           floor => {"tar -xzf", fun(Into) -> "" = os:cmd("tar -xzf '" ++ Compressed ++ "' -C '" ++ Into ++ "'") end},
           close => fun() -> file:delete(Compressed) end}}.

%% Paths and contents; the metadata beside them is each one's own rendering.
tree(Folder) ->
    Files = [File || File <- filelib:wildcard("**", Folder), filelib:is_regular(filename:join(Folder, File))],
    [{File, file:read_file(filename:join(Folder, File))} || File <- lists:sort(Files), File =/= "hex_metadata.config"].

tarball(Files) ->
    {ok, #{tarball := Tarball}} = hexide_tarball:create(metadata(), Files),
    {ok, Outer} = r3_hex_erl_tar:extract({binary, Tarball}, [memory]),
    {_, Contents} = lists:keyfind("contents.tar.gz", 1, Outer),
    #{tarball => Tarball, contents => Contents}.

metadata() ->
    #{<<"name">> => <<"sample">>, <<"app">> => <<"sample">>, <<"version">> => <<"1.0.0">>,
      <<"description">> => <<"Files of OTP">>, <<"licenses">> => [<<"Apache-2.0">>],
      <<"build_tools">> => [<<"rebar3">>], <<"requirements">> => #{}}.

%% The same files in so many folders, as files compress unlike well: what is compared is the size alone.
copies(Count, Files) ->
    [{<<(integer_to_binary(Copy))/binary, "/", Path/binary>>, Content}
     || Copy <- lists:seq(1, Count), {Path, Content} <- Files].

%% The sources that OTP's libraries came with, sorted, whole files while they fit; compiled modules only
%% where the sources were left out of the installation.
files() ->
    files(?BYTES).

files(Bytes) ->
    Library = code:lib_dir(),
    Sources = found("*/{src,include}/**/*.{erl,hrl}", Library),
    case take(Sources, Library, Bytes, []) of
        {Files, Left} when Left < Bytes div 10 -> Files;
        {Files, Left} -> Files ++ element(1, take(found("*/ebin/*.beam", Library), Library, Left, []))
    end.

found(Pattern, Library) ->
    lists:sort(filelib:wildcard(Pattern, Library)).

take([], _, Left, Taken) ->
    {lists:reverse(Taken), Left};
take([Path | Paths], Library, Left, Taken) ->
    case file:read_file(filename:join(Library, Path)) of
        {ok, Content} when byte_size(Content) =< Left ->
            take(Paths, Library, Left - byte_size(Content), [{unicode:characters_to_binary(Path), Content} | Taken]);
        _ ->
            take(Paths, Library, Left, Taken)
    end.
