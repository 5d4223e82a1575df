%% @doc Rows about documentation tarballs, on 50 MB of HTML.
-module(hexide_bench_docs).

-export([rows/0]).

-define(BYTES, 50_000_000).
%% Compresses about as 50 MB of what documentation generators write: 7 to 11 to 1.
-define(PAGE, 8_000).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "docs of 50 MB: create", unit => ms, limit => 2.5, open => fun create/1},
     #{name => "docs of 50 MB: size, by zlib level 6's", measure => fun size/2}].

create(_) ->
    Pages = hexide_bench_html:pages(?BYTES, ?PAGE),
    Archive = zlib:gunzip(theirs(Pages)),
    {ok, #{ours => fun(_) -> ours(Pages) end,
           theirs => fun(_) -> theirs(Pages) end,
           same => fun(Ours, Theirs) -> files(inflate(Ours)) =:= files(inflate(Theirs)) end,
           floor => {"zlib's deflate, level 6", fun(_) -> zlib:gzip(Archive) end}}}.

size(_, _) ->
    Pages = hexide_bench_html:pages(?BYTES, ?PAGE),
    Ours = ours(Pages),
    {ok, [#{name => "docs of 50 MB: size, by zlib level 6's", unit => x, limit => {at_most, 1.01},
            ours => byte_size(Ours) / byte_size(zlib:gzip(inflate(Ours)))}]}.

ours(Pages) ->
    {ok, Tarball} = hexide_tarball:create_docs(Pages),
    Tarball.

theirs(Pages) ->
    Named = [{binary_to_list(Path), Content} || {Path, Content} <- Pages],
    {ok, Tarball} = r3_hex_tarball:create_docs(Named, hexide_bench_reference:limitless()),
    Tarball.

%% Of one gzip member: a second one is an error.
inflate(Tarball) ->
    Stream = zlib:open(),
    ok = zlib:inflateInit(Stream, 16 + 15, error),
    Archive = iolist_to_binary(zlib:inflate(Stream, Tarball)),
    ok = zlib:inflateEnd(Stream),
    ok = zlib:close(Stream),
    Archive.

files(Archive) ->
    {ok, Files} = r3_hex_erl_tar:extract({binary, Archive}, [memory]),
    lists:sort(Files).
