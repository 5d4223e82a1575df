%% @doc Whether those who fetch a package with native code can have it: what is compiled is left out of every
%% package, so they need its sources and something that compiles them.
-module(hexide_warning_native).

-export([about/2]).

-define(FOLDERS, ["c_src", "native"]).
-define(LIBRARIES, "**/*.{so,dll,dylib}").

%% @doc A native library that is left out and that nothing makes again; sources that are left out.
-spec about(hexide_context:app(), [hexide_package_files:file()]) -> [hexide_warning:warning()].
about(#{dir := Dir} = App, Files) ->
    Packaged = [Path || {Path, _} <- Files],
    Libraries = [Path || Path <- libraries(Dir), not lists:member(Path, Packaged)],
    Compiled = compiled(App),
    Native = Libraries =/= [] orelse Compiled orelse loaded(Files),
    unmade(Libraries, Compiled, App) ++ without_sources(Dir, Packaged, Native, App).

libraries(Dir) ->
    Priv = filename:join(text(Dir), "priv"),
    [<<"priv/", (hexide_text:path(Path))/binary>> || Path <- filelib:wildcard(?LIBRARIES, Priv)].

unmade([_ | _] = Libraries, false, App) ->
    [#{kind => native, paths => Libraries,
       message => <<(hexide_warning:named(Libraries))/binary, " will not be in the package, as nothing compiled is, "
                    "and ", (maker(App))/binary, " makes it where the package is built">>}];
unmade(_, _, _) ->
    [].

maker(#{mix_exs := _}) -> <<"no compiler in mix.exs">>;
maker(_) -> <<"no hook in rebar.config">>.

list(#{mix_exs := _}) -> <<"the package's `files` in mix.exs">>;
list(_) -> <<"`files` of the .app.src file">>.

without_sources(Dir, Packaged, true, App) ->
    [#{kind => native, path => Name,
       message => <<Name/binary, " is not in the package, so nobody can compile what is in it; name it in ",
                    (list(App))/binary>>}
     || Folder <- ?FOLDERS, Name <- [list_to_binary(Folder)], holds_files(filename:join(text(Dir), Folder)),
        not lists:any(fun(Path) -> string:prefix(Path, <<Name/binary, "/">>) =/= nomatch end, Packaged)];
without_sources(_, _, false, _) ->
    [].

holds_files(Folder) ->
    filelib:wildcard("**/*.{c,cc,cpp,rs,zig,toml}", Folder) =/= [].

%% The app's own rebar.config is what those who fetch it compile by.
compiled(#{mix_exs := #{native := Native}}) ->
    Native;
compiled(#{dir := Dir}) ->
    case file:consult(filename:join(Dir, "rebar.config")) of
        {ok, Terms} -> lists:any(fun(Term) -> compiles(Term) end, Terms);
        {error, _} -> false
    end.

compiles({Key, [_ | _]}) when Key =:= port_specs; Key =:= pre_hooks; Key =:= post_hooks; Key =:= provider_hooks;
                              Key =:= cargo_opts; Key =:= port_env -> true;
compiles(_) -> false.

loaded(Files) ->
    lists:any(fun({Path, {disk, Disk}}) ->
                      lists:member(filename:extension(Path), [<<".erl">>, <<".ex">>])
                          andalso calls(file:read_file(Disk));
                 (_) -> false
              end, Files).

calls({ok, Source}) -> binary:match(Source, <<"load_nif(">>) =/= nomatch;
calls({error, _}) -> false.

text(Dir) ->
    filename:flatten(unicode:characters_to_list(Dir)).
