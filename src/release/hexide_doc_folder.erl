%% @doc Where an app's documentation is: in the folder that its generator is set to, in `doc' or in `docs'.
-module(hexide_doc_folder).

-export([look/2, find/1]).

-export_type([seen/0]).

-include_lib("kernel/include/file.hrl").

-opaque seen() :: [{file:filename_all(), index() | none}].
%% The folders that come into question, the likeliest first, with what their index.html was when somebody looked.

-type index() :: {Written :: integer(), Changed :: integer(), Size :: non_neg_integer(), Inode :: non_neg_integer()}.
%% Times in seconds.

%% @doc How things are before a generator runs.
-spec look(hexide_context:app(), hexide_context:context()) -> seen().
look(#{dir := Dir, doc_dir := Set}, #{project := #{root := Root, apps := Apps}}) ->
    %% A command that documents the only app may leave it beside that app's folder.
    Dirs = [Dir | [Root || length(Apps) =:= 1, filename:absname(Root) =/= filename:absname(Dir)]],
    Folders = [filename:absname(Each, From) || From <- Dirs, Each <- [Set, "doc", "docs"]],
    [{Folder, index(Folder)} || Folder <- unique(Folders)].

unique([]) -> [];
unique([Folder | Rest]) -> [Folder | unique([Each || Each <- Rest, Each =/= Folder])].

%% @doc The folder with an index.html that has been written since, else the one whose is the newest; of equals the
%% likeliest.
-spec find(seen()) -> {ok, file:filename_all()} | {error, hexide_failure:failure()}.
find(Seen) ->
    Numbered = lists:zip(lists:seq(length(Seen), 1, -1), Seen),
    case lists:sort([{Now =/= Before, element(1, Now), Rank, Folder}
                     || {Rank, {Folder, Before}} <- Numbered, Now <- [index(Folder)], Now =/= none]) of
        [] ->
            Folders = lists:join(", ", [hexide_text:path(Folder) || {Folder, _} <- Seen]),
            {error, hexide_failure:failed(["there is no index.html in ", Folders, "; generate the documentation in one "
                                           "of them, or name another folder with --doc-dir"])};
        Found ->
            {_, _, _, Folder} = lists:last(Found),
            {ok, Folder}
    end.

index(Folder) ->
    case file:read_file_info(filename:join(Folder, "index.html"), [{time, posix}]) of
        {ok, #file_info{type = regular, mtime = Written, ctime = Changed, size = Size, inode = Inode}} ->
            {Written, Changed, Size, Inode};
        _ -> none
    end.
