%% @doc `build': the tarballs that `publish' would upload, written to a folder.
-module(hexide_cmd_build).

-export([run/2]).

%% @doc Answers `#{packages => [summary with path], docs => [summary with path]}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := []} = Options) -> build(Context, Options, true, false);
run(Context, #{args := [<<"package">>]} = Options) -> build(Context, Options, true, false);
run(Context, #{args := [<<"docs">>]} = Options) -> build(Context, Options, false, true);
run(_, #{args := [What | _]}) ->
    {error, hexide_failure:usage(<<"build">>, ["`", What, "` cannot be built, only package or docs"])}.

build(Context, Options, Package, Docs) ->
    case hexide_context:apps(Context, Options) of
        {ok, Apps} ->
            case {packages(Package, Apps, Context, Options), docs(Docs, Apps, Context, Options)} of
                {{ok, Packages}, {ok, Documentation}} -> write(Packages, Documentation, Options);
                {{error, _} = Error, _} -> Error;
                {_, {error, _} = Error} -> Error
            end;
        {error, _} = Error -> Error
    end.

packages(true, Apps, Context, Options) ->
    case hexide_source:recorded(Apps, Context, Options) of
        {ok, Recorded} -> hexide_build:packages(Recorded, Context, undecided);
        {error, _} = Error -> Error
    end;
packages(false, _, _, _) ->
    {ok, []}.

docs(true, Apps, Context, Options) -> hexide_build:docs(Apps, Context, Options);
docs(false, _, _, _) -> {ok, []}.

write(Packages, Docs, Options) ->
    Dir = unicode:characters_to_list(maps:get(output, Options, <<".">>)),
    try
        {ok, #{packages => [package(Each, Dir, Options) || Each <- Packages],
               docs => [documentation(Each, Dir, Options) || Each <- Docs]}}
    catch
        throw:{error, _} = Error -> Error
    end.

package(#{tarball := Tarball, summary := Summary}, Dir, Options) ->
    #{name := Name, version := Version} = Summary,
    Base = <<Name/binary, "-", Version/binary>>,
    Path = case Options of
               #{unpack := true} ->
                   unpacked(fun(Target) -> hexide_tarball:unpack(Tarball, Target, #{}) end, filename:join(Dir, Base));
               #{} -> written(Tarball, filename:join(Dir, <<Base/binary, ".tar">>))
           end,
    Summary#{path => Path}.

documentation(#{tarball := Tarball, summary := Summary}, Dir, Options) ->
    #{name := Name, version := Version} = Summary,
    Base = <<Name/binary, "-", Version/binary, "-docs">>,
    Path = case Options of
               #{unpack := true} ->
                   unpacked(fun(Target) -> hexide_tarball:unpack_docs(Tarball, Target, #{}) end,
                            filename:join(Dir, Base));
               #{} -> written(Tarball, filename:join(Dir, <<Base/binary, ".tar.gz">>))
           end,
    Summary#{path => Path}.

written(Tarball, Path) ->
    Name = hexide_text:binary(Path),
    case filelib:ensure_dir(Path) of
        ok ->
            case file:write_file(Path, Tarball) of
                ok -> Name;
                {error, Posix} -> throw(unwritable(Name, Posix))
            end;
        {error, Posix} -> throw(unwritable(Name, Posix))
    end.

unpacked(Unpack, Path) ->
    case Unpack({dir, Path}) of
        {error, _} = Error -> throw(Error);
        _ -> hexide_text:binary(Path)
    end.

unwritable(Name, Posix) ->
    Why = hexide_text:binary(file:format_error(Posix)),
    {error, {io, #{path => Name, message => <<"cannot write ", Name/binary, ": ", Why/binary>>}}}.
