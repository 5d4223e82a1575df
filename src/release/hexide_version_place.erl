%% @doc Where an app's version lives, and changing it there.
-module(hexide_version_place).

-export([find/1, read/1, write/3, put_back/2]).

-export_type([place/0]).

-type place() :: {file, file:filename_all(), kind()} | tag.
%% In a file, or in git's tags.

-type kind() :: app_src | whole | fun((Text :: binary(), Version :: binary()) -> {ok, binary()} | error).
%% `app_src': the literal in its text; `whole': the version is all it holds; else what changes the text.

%% @doc The place. A version that a command computes has none.
-spec find(hexide_context:app()) -> {ok, place()} | {error, hexide_failure:failure()}.
find(#{mix_exs := #{file := File, set_version := Set}, version := Version, name := Name}) ->
    case read(File) of
        {ok, Text} ->
            case Set(Text, Version) of
                {ok, _} -> {ok, {file, File, Set}};
                error -> {error, computed(Name, <<"mix.exs (no `version: \"", Version/binary, "\"` and no `@version \"",
                                                  Version/binary, "\"` is in it)">>)}
            end;
        {error, _} = Error -> Error
    end;
find(#{version_source := Source, app_src := AppSrc, name := Name}) when is_list(Source); is_binary(Source) ->
    case {filename:extension(hexide_text:binary(AppSrc)), hexide_text:binary(Source)} of
        {_, Git} when Git =:= <<"git">>; Git =:= <<"semver">> -> {ok, tag};
        {<<".script">>, _} -> {error, computed(Name, <<"a script">>)};
        _ -> {ok, {file, AppSrc, app_src}}
    end;
find(#{version_source := Source}) when Source =:= git; Source =:= semver ->
    {ok, tag};
find(#{version_source := {git, _}}) ->
    {ok, tag};
find(#{version_source := {file, File}, dir := Dir}) ->
    {ok, {file, filename:join(Dir, File), whole}};
find(#{name := Name}) ->
    {error, computed(Name, <<"a command">>)}.

computed(Name, What) ->
    hexide_failure:failed(<<"the version of ", Name/binary, " is computed by ", What/binary,
                            ", so there is nothing to raise; change it there and use `publish`">>).

%% @doc What the file holds now, for putting it back.
-spec read(file:filename_all()) -> {ok, binary()} | {error, hexide_failure:failure()}.
read(Path) ->
    case file:read_file(Path) of
        {ok, Text} -> {ok, Text};
        {error, Posix} -> {error, failed("read", Path, Posix)}
    end.

%% @doc Writes another version in its place.
-spec write(file:filename_all(), kind(), binary()) -> ok | {error, hexide_failure:failure()}.
write(Path, Kind, Version) ->
    case read(Path) of
        {ok, Text} ->
            case changed(Kind, Text, Version) of
                {ok, Changed} -> put_back(Path, Changed);
                error ->
                    Name = hexide_text:binary(Path),
                    {error, hexide_failure:failed(<<"found no version to change in ", Name/binary>>)}
            end;
        {error, _} = Error -> Error
    end.

%% @doc Makes this all that the file holds.
-spec put_back(file:filename_all(), binary()) -> ok | {error, hexide_failure:failure()}.
put_back(Path, Text) ->
    case file:write_file(Path, Text) of
        ok -> ok;
        {error, Posix} -> {error, failed("write", Path, Posix)}
    end.

changed(Change, Text, Version) when is_function(Change, 2) -> Change(Text, Version);
changed(app_src, Text, Version) -> hexide_app_src:set_version(Text, Version);
changed(whole, Text, Version) ->
    %% The line break at the end stays as it is.
    {ok, iolist_to_binary(string:replace(Text, string:trim(Text), Version))}.

failed(Verb, Path, Posix) ->
    Name = hexide_text:binary(Path),
    Why = hexide_text:binary(file:format_error(Posix)),
    {io, #{path => Name, message => iolist_to_binary(["cannot ", Verb, " ", Name, ": ", Why])}}.
