%% @doc Package and documentation tarballs.
%%
%% A package tarball made here is byte-identical to the one that hex_core makes from the same metadata
%% and the same files in sorted order.
-module(hexide_tarball).

-export([create/2, create/3, unpack/2, unpack/3, metadata/1, metadata/2]).
-export([create_docs/1, create_docs/2, unpack_docs/2, unpack_docs/3]).

-export_type([metadata/0, parsed_metadata/0, file/0, unpacked_file/0, created/0, unpacked/0, options/0, target/0]).

-type metadata() :: #{binary() | atom() => term()}.
%% As hex_core has it: `name', `version', `app', `description', `licenses', `links', `requirements',
%% `build_tools', … Maps, lists, text, numbers and atoms.

-type parsed_metadata() :: #{name := binary(), version := binary(), app := binary() | undefined,
                             description := binary() | undefined, licenses := [binary()],
                             links := #{binary() => binary()}, files := [binary()], build_tools := [binary()],
                             requirements := [dependency()], elixir := binary() | undefined, extra := term()}.

-type dependency() :: #{name := binary(), app := binary(), requirement := binary() | undefined,
                        optional := boolean(), repository := binary() | undefined}.

-type file() :: {Path :: unicode:chardata(), Content :: binary()}
              | {Path :: unicode:chardata(), Content :: binary(), Mode :: non_neg_integer()}
              | {Path :: unicode:chardata(), {disk, file:name_all()}}.
%% A path inside the package, and its content (mode 8#644 where none is given), or the file, empty
%% folder or symbolic link on disk that it is made of.

-type unpacked_file() :: {Path :: binary(), Content :: binary() | directory | {symlink, binary()},
                          Mode :: non_neg_integer()}.

-type created() :: #{tarball := binary(), inner_checksum := binary(), outer_checksum := binary()}.
%% Checksums are lower-case hexadecimal SHA-256; lock files and the registry carry the outer one.

-type unpacked() :: #{metadata := parsed_metadata(), metadata_text := binary(),
                      problems := [#{field := binary(), message := binary()}], inner_checksum := binary(),
                      outer_checksum := binary(), files => [unpacked_file()]}.
%% `problems': what stands against publishing it as a public package. `files' only where they were
%% unpacked to memory.

-type options() :: #{tarball_max_size => non_neg_integer() | infinity,
                     tarball_max_uncompressed_size => non_neg_integer() | infinity,
                     docs_tarball_max_size => non_neg_integer() | infinity,
                     docs_tarball_max_uncompressed_size => non_neg_integer() | infinity,
                     timeout => timeout(), atom() => term()}.
%% Limits in bytes, with the defaults of {@link hexide_config:keys/0}.

-type target() :: memory | {dir, file:name_all()}.

-define(MODE, 8#644).

%% @equiv create(Metadata, Files, #{})
-spec create(metadata(), [file()]) -> hexide_job:outcome(created()).
create(Metadata, Files) ->
    create(Metadata, Files, #{}).

%% @doc Makes a package tarball. Files are sorted by path.
-spec create(metadata(), [file()], options()) -> hexide_job:outcome(created()).
create(Metadata, Files, Options) ->
    Text = metadata_text(Metadata),
    Entries = entries(Files),
    hexide_job:call(fun() -> hexide_nif:tarball_create(Text, Entries, package_limits(Options)) end, Options).

%% @equiv unpack(Tarball, Target, #{})
-spec unpack(binary(), target()) -> hexide_job:outcome(unpacked()).
unpack(Tarball, Target) ->
    unpack(Tarball, Target, #{}).

%% @doc Verifies a package tarball and unpacks it, to memory or into a folder that is new or empty.
-spec unpack(binary(), target(), options()) -> hexide_job:outcome(unpacked()).
unpack(Tarball, Target, Options) ->
    Where = target(Target),
    hexide_job:call(fun() -> hexide_nif:tarball_unpack(Tarball, Where, package_limits(Options)) end, Options).

%% @equiv metadata(Tarball, #{})
-spec metadata(binary()) -> hexide_job:outcome(unpacked()).
metadata(Tarball) ->
    metadata(Tarball, #{}).

%% @doc Verifies a package tarball and tells what it says about itself, without unpacking it.
-spec metadata(binary(), options()) -> hexide_job:outcome(unpacked()).
metadata(Tarball, Options) ->
    hexide_job:call(fun() -> hexide_nif:tarball_inspect(Tarball, package_limits(Options)) end, Options).

%% @equiv create_docs(Files, #{})
-spec create_docs([file()]) -> hexide_job:outcome(binary()).
create_docs(Files) ->
    create_docs(Files, #{}).

%% @doc Makes a documentation tarball. There must be an `index.html' at its top.
-spec create_docs([file()], options()) -> hexide_job:outcome(binary()).
create_docs(Files, Options) ->
    Entries = entries(Files),
    hexide_job:call(fun() -> hexide_nif:docs_create(Entries, docs_limits(Options)) end, Options).

%% @equiv unpack_docs(Tarball, Target, #{})
-spec unpack_docs(binary(), target()) -> hexide_job:outcome() | hexide_job:outcome([unpacked_file()]).
unpack_docs(Tarball, Target) ->
    unpack_docs(Tarball, Target, #{}).

%% @doc Unpacks a documentation tarball: `ok' for a folder, the files for memory.
-spec unpack_docs(binary(), target(), options()) -> hexide_job:outcome() | hexide_job:outcome([unpacked_file()]).
unpack_docs(Tarball, Target, Options) ->
    Where = target(Target),
    hexide_job:call(fun() -> hexide_nif:docs_unpack(Tarball, Where, docs_limits(Options)) end, Options).

target(memory) -> memory;
target({dir, Dir}) -> hexide_text:path(Dir).

entries(Files) ->
    lists:keysort(1, [entry(File) || File <- Files]).

entry({Path, {disk, Source}}) -> {hexide_text:binary(Path), {disk, hexide_text:path(Source)}};
entry({Path, Content}) -> {hexide_text:binary(Path), {bytes, Content, ?MODE}};
entry({Path, Content, Mode}) -> {hexide_text:binary(Path), {bytes, Content, Mode}}.

package_limits(Options) ->
    limits(Options, tarball_max_size, tarball_max_uncompressed_size).

docs_limits(Options) ->
    limits(Options, docs_tarball_max_size, docs_tarball_max_uncompressed_size).

limits(Options, Packed, Unpacked) ->
    Limit = fun(Key) -> limit(maps:get(Key, Options, hexide_config:default(Key))) end,
    {Limit(Packed), Limit(Unpacked)}.

limit(infinity) -> undefined;
limit(Bytes) -> Bytes.

%% OTP's own pretty printer breaks the lines, so that the bytes are those of the reference implementation.
metadata_text(Metadata) ->
    Pairs = [io_lib_pretty:print(plain(Pair), [{encoding, utf8}]) || Pair <- maps:to_list(Metadata)],
    unicode:characters_to_binary([[Pair, ".\n"] || Pair <- Pairs]).

plain(Text) when is_binary(Text) -> Text;
plain(Number) when is_number(Number) -> Number;
plain(Atom) when is_boolean(Atom); Atom =:= undefined -> Atom;
plain(Atom) when is_atom(Atom) -> atom_to_binary(Atom);
plain([]) -> [];
plain(Map) when is_map(Map) -> plain(maps:to_list(Map));
plain({Key, Value}) -> {plain(Key), plain(Value)};
plain(List) when is_list(List) ->
    case io_lib:printable_unicode_list(List) of
        true -> unicode:characters_to_binary(List);
        false -> [plain(Item) || Item <- List]
    end;
plain(Other) -> error(badarg, [Other]).
