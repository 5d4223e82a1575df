%% @doc Whether what is packaged is what git has. Silent where there is no git, or no repository.
-module(hexide_warning_git).

-export([about/2, changes/2]).

%% @doc Changes that are not committed, and a tag of this version that is elsewhere.
-spec about(hexide_context:app(), hexide_packaging:package()) -> [hexide_warning:warning()].
about(#{dir := Dir}, #{version := Version, files := Files}) ->
    case hexide_git:head(Dir) of
        {ok, Head} -> uncommitted(changes(Dir, [Path || {Path, _} <- Files])) ++ tagged(Dir, Version, Head);
        {error, _} -> []
    end.

uncommitted({ok, [_ | _] = Paths}) ->
    [#{kind => uncommitted, paths => Paths,
       message => <<"there are changes that are not committed: ", (hexide_warning:named(Paths))/binary>>}];
uncommitted(_) ->
    [].

%% @doc The files in a folder, named from there, whose changes are not committed; of those that git does not
%% know, only these.
-spec changes(file:filename_all(), [binary()]) -> {ok, [binary()]} | {error, hexide_failure:failure()}.
changes(Dir, Packaged) ->
    Status = ["--no-optional-locks", "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", "."],
    case {hexide_git:run(Dir, ["rev-parse", "--show-prefix"]), hexide_git:run(Dir, Status)} of
        {{ok, Prefix}, {ok, Entries}} ->
            {ok, lists:append([changed(Entry, byte_size(Prefix), Packaged)
                               || Entry <- binary:split(Entries, <<0>>, [global]), Entry =/= <<>>])};
        {{error, _} = Error, _} -> Error;
        {_, {error, _} = Error} -> Error
    end.

%% Git names them from the top of the repository.
changed(<<Kind:2/binary, " ", Whole/binary>>, Above, Packaged) when byte_size(Whole) > Above ->
    Path = binary:part(Whole, Above, byte_size(Whole) - Above),
    [Path || Kind =/= <<"??">> orelse lists:member(Path, Packaged)];
changed(_, _, _) ->
    [].

tagged(Dir, Version, Head) ->
    [#{kind => tagged, message => <<"the tag ", Tag/binary, " is already there, at another commit (",
                                    (binary:part(Commit, 0, 10))/binary, ") than this one">>}
     || Tag <- [<<"v", Version/binary>>, Version],
        {ok, Commit} <- [hexide_git:run(Dir, ["rev-parse", "--verify", "--quiet",
                                              <<"refs/tags/", Tag/binary, "^{commit}">>])],
        Commit =/= Head].
