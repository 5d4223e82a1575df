%% @doc Rows about the compiled library: how many bytes it has without its symbols.
-module(hexide_bench_library).

-export([rows/0]).

%% @doc The rows.
-spec rows() -> [hexide_bench_row:row()].
rows() ->
    [row("library with the server, stripped", 12, fun hexide_bench_machine:priv/0),
     row("library without the server, stripped", 8, fun() -> os:getenv("HEXIDE_BENCH_PRIV_SMALL") end)].

row(Name, Most, Where) ->
    #{name => Name,
      measure => fun(Folder, _) ->
                     case {Where(), os:find_executable("strip")} of
                         {false, _} -> {skip, "HEXIDE_BENCH_PRIV_SMALL names no folder with one"};
                         {_, false} -> {skip, "strip is not installed"};
                         {Priv, _} ->
                             {ok, [#{name => Name, unit => mb, limit => {at_most, Most},
                                     ours => stripped(filename:join(Priv, "hexide_nif.so"), Folder) / 1.0e6}]}
                     end
                 end}.

stripped(Library, Copy) ->
    {ok, _} = file:copy(Library, Copy),
    "" = os:cmd("strip '" ++ Copy ++ "'"),
    Size = filelib:file_size(Copy),
    ok = file:delete(Copy),
    Size.
