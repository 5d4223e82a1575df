%% @doc The user's own `rebar.config' as a file: read, and replaced in one step.
-module(hexide_rebar_file).

-export([read/1, edit/3, unreachable/3]).

%% @doc The text; of a file that is not there it is empty.
-spec read(file:filename_all()) -> {ok, binary()} | {error, hexide_error:reason()}.
read(File) ->
    case file:read_file(File) of
        {ok, Text} -> {ok, Text};
        {error, enoent} -> {ok, <<>>};
        {error, Posix} -> {error, unreachable("read", File, Posix)}
    end.

%% @doc Changes it, or says why not and what to do `Instead' by hand. A file that a script computes is left to
%% its author.
-spec edit(file:filename_all(), unicode:chardata(),
           fun((binary()) -> {ok, binary()} | not_there | {error, {refused, binary()}})) ->
          ok | not_there | {error, hexide_failure:failure()}.
edit(File, Instead, Change) ->
    case {filelib:is_regular(<<(hexide_text:path(File))/binary, ".script">>), read(File)} of
        {true, _} -> {error, by_hand(File, "a script computes it", Instead)};
        {false, {ok, Text}} ->
            case Change(Text) of
                {ok, Text} -> ok;
                {ok, Changed} -> replace(File, Changed);
                not_there -> not_there;
                {error, {refused, Why}} -> {error, by_hand(File, Why, Instead)}
            end;
        {false, {error, _} = Error} -> Error
    end.

by_hand(File, Why, Instead) ->
    hexide_failure:failed([hexide_text:path(File), " was left as it is, because ", Why, "; ",
                           unicode:characters_to_binary(Instead)]).

%% In one step, where a link leads, with the rights that the file has.
replace(File, Text) ->
    Target = hexide_text:path(target(File, 8)),
    New = <<Target/binary, ".new-", (list_to_binary(os:getpid()))/binary>>,
    Steps = [fun() -> filelib:ensure_dir(Target) end,
             fun() -> file:write_file(New, Text, [exclusive, sync]) end,
             fun() -> like(Target, New) end,
             fun() -> file:rename(New, Target) end],
    case stepwise(Steps) of
        ok -> ok;
        {error, Posix} ->
            _ = file:delete(New),
            {error, unreachable("write", File, Posix)}
    end.

stepwise([]) -> ok;
stepwise([Step | Steps]) ->
    case Step() of
        ok -> stepwise(Steps);
        {error, _} = Error -> Error
    end.

target(File, Links) ->
    case file:read_link(File) of
        {ok, To} when Links > 0 -> target(filename:absname(To, filename:dirname(File)), Links - 1);
        _ -> File
    end.

like(Target, New) ->
    case file:read_file_info(Target) of
        {ok, Info} -> file:change_mode(New, element(8, Info) band 8#7777);
        {error, enoent} -> ok;
        {error, _} = Error -> Error
    end.

%% @doc That a file cannot be read or written.
-spec unreachable(string(), file:filename_all(), file:posix() | badarg | terminated | system_limit) ->
          hexide_error:reason().
unreachable(Verb, File, Posix) ->
    Name = hexide_text:path(File),
    Why = hexide_text:binary(file:format_error(Posix)),
    {io, #{path => Name, message => iolist_to_binary(["cannot ", Verb, " ", Name, ": ", Why])}}.
