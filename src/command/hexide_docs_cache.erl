%% @doc Documentation that was fetched before, in the user's cache: a folder `docs/REPOSITORY/PACKAGE/VERSION'.
-module(hexide_docs_cache).

-export([find/3, newest/2, keep/4]).

-include_lib("kernel/include/file.hrl").

-export_type([kept/0]).

-type kept() :: #{folder := binary(), fetched_at := binary()}.
%% `fetched_at': RFC 3339.

%% @doc The documentation of a release, where it is there.
-spec find(hexide_context:context(), binary(), binary()) -> {ok, kept()} | error.
find(Context, Name, Version) ->
    Folder = folder(Context, Name, Version),
    case file:read_file_info(filename:join(Folder, "index.html"), [raw]) of
        {ok, #file_info{type = regular}} -> {ok, kept(Folder)};
        _ -> error
    end.

%% @doc The newest version of a package that is there, stable where one is.
-spec newest(hexide_context:context(), binary()) -> {ok, binary()} | error.
newest(Context, Name) ->
    Versions = case file:list_dir(folder(Context, Name)) of
                   {ok, Names} ->
                       [Version || Each <- Names, Version <- [hexide_text:path(Each)],
                                   {ok, _} <- [hexide_version:parse(Version)],
                                   {ok, _} <- [find(Context, Name, Version)]];
                   {error, _} -> []
               end,
    {ok, Sorted} = hexide_version:sort(Versions),
    Stable = [Version || Version <- Sorted, {ok, #{pre := <<>>}} <- [hexide_version:parse(Version)]],
    case [Some || Some <- [Stable, Sorted], Some =/= []] of
        [Best | _] -> {ok, lists:last(Best)};
        [] -> error
    end.

%% @doc Unpacks a documentation tarball into its place, and takes that of the same release away. Nobody sees it half
%% unpacked.
-spec keep(hexide_context:context(), binary(), binary(), binary()) -> {ok, kept()} | {error, hexide_failure:failure()}.
keep(#{config := Config} = Context, Name, Version, Tarball) ->
    Folder = folder(Context, Name, Version),
    Unique = integer_to_binary(erlang:unique_integer([positive])),
    New = <<Folder/binary, ".", (list_to_binary(os:getpid()))/binary, "-", Unique/binary>>,
    try
        case {filelib:ensure_dir(New), hexide_tarball:unpack_docs(Tarball, {dir, New}, Config)} of
            {ok, ok} -> put_in_place(New, Folder);
            {{error, Posix}, _} -> {error, failed(Folder, Posix)};
            {ok, {error, _} = Error} -> Error
        end
    after
        _ = file:del_dir_r(New)
    end.

put_in_place(New, Folder) ->
    _ = file:del_dir_r(Folder),
    case file:rename(New, Folder) of
        ok -> {ok, kept(Folder)};
        {error, Posix} -> {error, failed(Folder, Posix)}
    end.

failed(Folder, Posix) ->
    Why = hexide_text:binary(file:format_error(Posix)),
    {io, #{path => Folder, message => <<"cannot write ", Folder/binary, ": ", Why/binary>>}}.

folder(Context, Name, Version) ->
    filename:join(folder(Context, Name), Version).

%% An organization's repository is `hexpm:acme', and not every system has colons in names of files.
folder(#{config := Config, repository := Repository} = Context, Name) ->
    Cache = case Config of
                #{cache_dir := Set} when Set =/= undefined -> Set;
                #{} -> maps:get(cache_dir, Context)
            end,
    Owner = iolist_to_binary(string:replace(Repository, ":", "@", all)),
    filename:join([hexide_text:path(Cache), <<"docs">>, Owner, Name]).

kept(Folder) ->
    {ok, #file_info{mtime = Seconds}} = file:read_file_info(Folder, [raw, {time, posix}]),
    #{folder => Folder, fetched_at => list_to_binary(calendar:system_time_to_rfc3339(Seconds, [{offset, "Z"}]))}.
