%% @doc Rows about what is compiled: how long that takes from nothing, on how many crates, and the bytes of it.
-module(hexide_bench_library).

-export([rows/0]).

-define(QUICK, "compiling the library, quick").

%% @doc The rows. Cargo needs to have the crates already.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [#{name => "library, stripped", measure => fun library/2},
     #{name => "registry's program, stripped", measure => fun program/2},
     #{name => "crates of the library", measure => fun crates/2},
     #{name => ?QUICK, measure => fun(Folder, _) -> compiling(?QUICK, "quick", #{limit => {at_most, 180}}, Folder) end},
     #{name => "compiling the library, as shipped",
       measure => fun(Folder, _) -> compiling("compiling the library, as shipped", "release", #{}, Folder) end}].

library(Folder, _) ->
    stripped("library, stripped", filename:join(hexide_bench_machine:priv(), "hexide_nif.so"), 8, Folder).

program(Folder, _) ->
    Beam = code:which(hexide_server),
    Program = filename:join([filename:dirname(filename:dirname(Beam)), "priv", "hexide-server"]),
    stripped("registry's program, stripped", Program, 12, Folder).

stripped(Name, File, Most, Copy) ->
    case os:find_executable("strip") of
        false -> {skip, "strip is not installed"};
        _ ->
            {ok, _} = file:copy(File, Copy),
            "" = os:cmd("strip '" ++ Copy ++ "'"),
            Size = filelib:file_size(Copy) / 1.0e6,
            ok = file:delete(Copy),
            {ok, [#{name => Name, unit => mb, limit => {at_most, Most}, ours => Size}]}
    end.

crates(_, _) ->
    with_cargo(fun() ->
                   Tree = os:cmd("cargo tree --locked --offline -p hexide-nif -e normal,build --prefix none "
                                 "--format '{p}'"),
                   Crates = lists:usort([hd(string:lexemes(Line, " ")) || Line <- string:lexemes(Tree, "\n")]),
                   {ok, [#{name => "crates of the library", unit => crates, ours => length(Crates)}]}
               end).

%% From an empty folder to a library that the linker has written.
compiling(Name, Profile, Limit, Folder) ->
    with_cargo(fun() ->
                   Command = ["CARGO_TARGET_DIR='", Folder, "' AWS_LC_SYS_NO_JITTER_ENTROPY=1 cargo build --quiet "
                              "--locked --offline --profile ", Profile, " -p hexide-nif >/dev/null 2>&1; times"],
                   {Took, Times} = timer:tc(fun() -> os:cmd(lists:flatten(Command)) end),
                   true = filelib:is_regular(filename:join([Folder, Profile, "libhexide_nif.so"])),
                   ok = file:del_dir_r(Folder),
                   {ok, [maps:merge(Limit, #{name => Name, unit => s, ours => Took / 1.0e6}),
                         #{name => Name ++ ": CPU time", unit => s, ours => cpu(Times)}]}
               end).

with_cargo(Measure) ->
    case {os:find_executable("cargo"), filelib:is_regular("Cargo.lock")} of
        {false, _} -> {skip, "cargo is not installed"};
        {_, false} -> {skip, "the sources are not here"};
        {_, true} -> Measure()
    end.

%% The last line of the shell's `times' is what its children took, as `1m2.5s 0m3.25s'.
cpu(Times) ->
    Last = lists:last(string:lexemes(string:trim(Times), "\n")),
    {match, Found} = re:run(Last, "([0-9]+)m([0-9.]+)s", [global, {capture, all_but_first, list}]),
    lists:sum([list_to_integer(Minutes) * 60 + seconds(Seconds) || [Minutes, Seconds] <- Found]).

seconds(Text) ->
    case string:to_float(Text) of
        {error, no_float} -> list_to_integer(Text);
        {Seconds, _} -> Seconds
    end.
