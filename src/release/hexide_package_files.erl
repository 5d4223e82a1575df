%% @doc Which files of an app go into its package.
-module(hexide_package_files).

-export([select/1, under/1, size/1]).

-include_lib("kernel/include/file.hrl").

-export_type([file/0]).

-type file() :: {Path :: binary(), {disk, file:filename_all()}} | {Path :: binary(), Content :: binary()}.
%% `Path' inside the package.

-define(DEFAULT, ["src", "c_src", "include", "priv", "rebar.config", "rebar.config.script", "rebar.lock",
                  "CHANGELOG*", "changelog*", "README*", "readme*", "LICENSE*", "license*", "NOTICE*"]).
-define(DEFAULT_OF_MIX, ["lib", "priv", ".formatter.exs", "mix.exs", "README*", "readme*", "LICENSE*", "license*",
                         "CHANGELOG*", "changelog*", "src", "c_src", "Makefile*"]).
-define(NEVER, ["~$", "\\.o$", "\\.so$", "\\.swp$"]).

%% @doc The files, sorted, a `.app.src' rendered; and what was named but is not there.
%%
%% The keys of `.app.src' are those of the existing tools (docs/protocol.md §5, ".app.src"): `files',
%% `include_paths', `exclude_paths' and `exclude_patterns', each also under its older name. Wildcards are
%% relative to the app's folder; a folder stands for all that is in it. What is included by name comes in
%% even where a pattern excludes it.
-spec select(hexide_context:app()) -> {ok, [file()], [binary()]} | {error, hexide_failure:failure()}.
select(#{dir := Dir, details := Details} = App) ->
    try
        Patterns = proplists:get_value(files, Details, undefined),
        Wanted = expand(Dir, default(Patterns, App)),
        Excluded = maps:from_list(expand(Dir, setting([exclude_paths, exclude_files], Details))),
        Expressions = ?NEVER ++ setting([exclude_patterns, exclude_regexps], Details),
        Kept = [File || {Path, _} = File <- Wanted, not is_map_key(Path, Excluded),
                        not matches(Path, Expressions)],
        Included = expand(Dir, setting([include_paths, include_files], Details)),
        {Rendered, Source} = rendered(App),
        Files = maps:merge(maps:from_list(Kept ++ Included), Rendered),
        {ok, lists:sort(maps:to_list(maps:without(Source, Files))), missing(Dir, Patterns)}
    catch
        throw:{refused, Reason} -> {error, Reason}
    end.

%% @doc All files under a folder, sorted, named from there.
-spec under(file:filename_all()) -> {ok, [file()]} | {error, hexide_failure:failure()}.
under(Dir) ->
    try
        {ok, lists:sort(lists:append([walk(Dir, Name) || Name <- listed(Dir)]))}
    catch
        throw:{refused, Reason} -> {error, Reason}
    end.

%% @doc The size of a file in bytes.
-spec size(file()) -> non_neg_integer().
size({_, {disk, Path}}) -> filelib:file_size(Path);
size({_, Content}) -> byte_size(Content).

default(undefined, #{mix_exs := _}) -> ?DEFAULT_OF_MIX;
default(undefined, _) -> ?DEFAULT;
default(Patterns, _) -> Patterns.

setting(Keys, Details) ->
    lists:append([proplists:get_value(Key, Details, []) || Key <- Keys]).

expand(Dir, Patterns) ->
    lists:append([walk(Dir, Match) || Pattern <- Patterns, Match <- wildcard(Dir, Pattern)]).

wildcard(Dir, Pattern) ->
    Text = checked(Pattern),
    filelib:wildcard(Text, filename:flatten(unicode:characters_to_list(Dir))).

checked(Pattern) ->
    Text = unicode:characters_to_list(hexide_text:binary(Pattern)),
    case filename:pathtype(Text) =:= relative andalso not lists:member("..", filename:split(Text)) of
        true -> Text;
        false ->
            throw({refused, {unsafe_path, #{path => hexide_text:binary(Text),
                                            message => <<"`", (hexide_text:binary(Text))/binary,
                                                         "` in the .app.src file leads out of the app's folder">>}}})
    end.

%% Links are packed as links, not followed: what they point to may lie outside.
walk(Dir, Name) ->
    Path = filename:join(Dir, Name),
    case file:read_link_info(Path) of
        {ok, #file_info{type = directory}} ->
            lists:append([walk(Dir, filename:join(Name, Each)) || Each <- listed(Path)]);
        {ok, #file_info{type = Type}} when Type =:= regular; Type =:= symlink ->
            [{text(hexide_text:path(Name)), {disk, Path}}];
        _ -> []
    end.

%% Packages name their files in UTF-8; other bytes would arrive as another name.
text(Path) ->
    case unicode:characters_to_binary(Path) of
        Path -> Path;
        _ ->
            Shown = hexide_text:binary(io_lib:format("~tp", [Path])),
            throw({refused, {unsafe_path, #{path => Shown,
                                            message => <<"the name of the file ", Shown/binary, " is not UTF-8">>}}})
    end.

listed(Dir) ->
    case file:list_dir(Dir) of
        {ok, Names} -> [Name || Name <- Names, Name =/= ".git"];
        {error, _} -> []
    end.

matches(Path, Expressions) ->
    lists:any(fun(Expression) ->
                  case re:compile(Expression, [unicode]) of
                      {ok, Compiled} -> re:run(Path, Compiled, [{capture, none}]) =:= match;
                      {error, {Why, _}} ->
                          Text = hexide_text:binary(Expression),
                          throw({refused, {bad_metadata, #{key => <<"exclude_patterns">>,
                                                           message => <<"`", Text/binary, "` in exclude_patterns is no "
                                                                        "regular expression: ",
                                                                        (hexide_text:binary(Why))/binary>>}}})
                  end
              end, Expressions).

%% The rendered file takes the place of the source, and of a script that would compute it again.
rendered(#{mix_exs := _}) ->
    {#{}, []};
rendered(#{name := Name, version := Version, dir := Dir, app_src := AppSrc, details := Details}) ->
    Source = relative(Dir, AppSrc),
    Path = case filename:extension(Source) of
               <<".script">> -> filename:rootname(Source);
               _ -> Source
           end,
    {#{Path => hexide_app_src:render(Name, Version, Details)}, [<<Path/binary, ".script">>]}.

relative(Dir, Path) ->
    Folder = filename:split(filename:absname(hexide_text:path(Dir))),
    Parts = filename:split(filename:absname(hexide_text:path(Path))),
    case lists:prefix(Folder, Parts) of
        true -> filename:join(lists:nthtail(length(Folder), Parts));
        false -> filename:join(<<"src">>, filename:basename(hexide_text:path(Path)))
    end.

missing(_, undefined) ->
    [];
missing(Dir, Patterns) ->
    [hexide_text:binary(Pattern) || Pattern <- Patterns, wildcard(Dir, Pattern) =:= []].
