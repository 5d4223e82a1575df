%% @doc `package': what is in a published package, and what changed between two releases of it.
-module(hexide_cmd_package).

-export([run/2]).

%% Looked at to tell text from other content, as git does.
-define(SAMPLE, 8000).

%% @doc Answers `#{fetched => #{name, version, path, size, checksum, unpacked}}' or `#{diff => #{name, from,
%% to, metadata => [#{key, from, to}], files => [file()]}}'. A file is `#{path, change => added | removed |
%% changed, binary, added, removed, mode, hunks}': lines that came and went; `mode' where it changed; `hunks' of
%% text (not with `stat'), each with its lines as `#{op => keep | drop | add, line}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := [<<"fetch">>, Name]} = Options) ->
    case newest(Context, Name) of
        {ok, Version} -> fetch(Context, Options, Name, Version);
        {error, _} = Error -> Error
    end;
run(Context, #{args := [<<"fetch">>, Name, Version]} = Options) ->
    with_versions([Version], fun() -> fetch(Context, Options, Name, Version) end);
run(Context, #{args := [<<"diff">>, Name, From, To]} = Options) ->
    case with_versions([From, To], fun() -> diff(Context, Name, From, To) end) of
        {ok, #{diff := #{files := Files} = Diff}} when is_map_key(stat, Options) ->
            {ok, #{diff => Diff#{files := [maps:remove(hunks, File) || File <- Files]}}};
        Outcome -> Outcome
    end;
run(_, #{args := [<<"fetch">> | _]}) ->
    {error, usage("package fetch takes a package and, if not the newest, a version")};
run(_, #{args := [<<"diff">> | _]}) ->
    {error, usage("package diff takes a package and two versions of it")};
run(_, #{args := Args}) ->
    {error, hexide_argument:action(<<"package">>, Args, [<<"fetch">>, <<"diff">>])}.

usage(Message) ->
    hexide_failure:usage(<<"package">>, Message).

with_versions([], Then) ->
    Then();
with_versions([Version | Rest], Then) ->
    case hexide_argument:version(<<"package">>, Version) of
        ok -> with_versions(Rest, Then);
        {error, _} = Error -> Error
    end.

%% The newest stable release that is not retired; where there is none, the newest.
newest(#{config := Config}, Name) ->
    case hexide_repo:package(Config, Name) of
        {ok, #{releases := [_ | _] = Releases}} ->
            Usable = [Version || #{version := Version, retired := undefined} <- Releases, is_stable(Version)],
            All = [Version || #{version := Version} <- Releases],
            case hexide_version:sort(hd([Some || Some <- [Usable, All], Some =/= []])) of
                {ok, Sorted} -> {ok, lists:last(Sorted)};
                {error, _} = Error -> Error
            end;
        {ok, _} -> {error, {not_found, #{message => <<Name/binary, " has no releases">>}}};
        {error, Reason} -> {error, hexide_failure:missing(["package ", Name], Reason)}
    end.

is_stable(Version) ->
    case hexide_version:parse(Version) of
        {ok, #{pre := Pre}} -> lists:member(Pre, [[], <<>>, undefined]);
        {error, _} -> false
    end.

%% --- fetch

fetch(#{config := Config} = Context, Options, Name, Version) ->
    Base = filename:join(maps:get(output, Options, <<".">>), <<Name/binary, "-", Version/binary>>),
    Progress = hexide_context:transfer(Context, Name, Version),
    case hexide_repo:tarball(Config, Name, Version, #{progress => Progress}) of
        {ok, Tarball} ->
            Kept = case Options of
                       #{unpack := true} -> unpacked(Tarball, Base);
                       #{} -> written(Tarball, <<Base/binary, ".tar">>)
                   end,
            case Kept of
                {ok, Path} ->
                    {ok, #{fetched => #{name => Name, version => Version, path => Path, size => byte_size(Tarball),
                                        checksum => string:lowercase(binary:encode_hex(crypto:hash(sha256, Tarball))),
                                        unpacked => maps:get(unpack, Options, false)}}};
                {error, _} = Error -> Error
            end;
        {error, Reason} -> {error, absent(Name, Version, Reason)}
    end.

%% The repository gives one answer for a package and for a release that it has not.
absent(Name, Version, Reason) ->
    hexide_failure:missing(["release ", Name, " ", Version], Reason).

unpacked(Tarball, Folder) ->
    case hexide_tarball:unpack(Tarball, {dir, Folder}) of
        {ok, _} -> {ok, Folder};
        {error, _} = Error -> Error
    end.

written(Tarball, Path) ->
    Done = case filelib:ensure_dir(Path) of
               ok -> file:write_file(Path, Tarball, [exclusive]);
               {error, _} = Error -> Error
           end,
    case Done of
        ok -> {ok, Path};
        {error, Posix} ->
            Why = hexide_text:binary(file:format_error(Posix)),
            {error, {io, #{path => Path, message => <<"cannot write ", Path/binary, ": ", Why/binary>>}}}
    end.

%% --- diff

diff(Context, Name, From, To) ->
    case {contents(Context, Name, From), contents(Context, Name, To)} of
        {{ok, Old}, {ok, New}} ->
            {ok, #{diff => #{name => Name, from => From, to => To, metadata => metadata(Old, New),
                             files => files(Old, New)}}};
        {{error, _} = Error, _} -> Error;
        {_, {error, _} = Error} -> Error
    end.

contents(#{config := Config} = Context, Name, Version) ->
    Progress = hexide_context:transfer(Context, Name, Version),
    case hexide_repo:tarball(Config, Name, Version, #{progress => Progress}) of
        {ok, Tarball} -> hexide_tarball:unpack(Tarball, memory);
        {error, Reason} -> {error, absent(Name, Version, Reason)}
    end.

%% The list of files says nothing that the files do not.
metadata(#{metadata := Old}, #{metadata := New}) ->
    [#{key => Key, from => shown(Key, Old), to => shown(Key, New)}
     || Key <- lists:usort(maps:keys(Old) ++ maps:keys(New)), Key =/= files,
        maps:get(Key, Old, absent) =/= maps:get(Key, New, absent)].

shown(Key, Metadata) ->
    case Metadata of
        #{Key := Value} when is_binary(Value) -> Value;
        #{Key := Value} -> hexide_text:binary(io_lib:format("~0tp", [Value]));
        #{} -> undefined
    end.

files(#{files := Old}, #{files := New}) ->
    Before = maps:from_list([{Path, {bytes(Content), Mode}} || {Path, Content, Mode} <- Old]),
    After = maps:from_list([{Path, {bytes(Content), Mode}} || {Path, Content, Mode} <- New]),
    [file(Path, maps:get(Path, Before, none), maps:get(Path, After, none))
     || Path <- lists:usort(maps:keys(Before) ++ maps:keys(After)),
        maps:get(Path, Before, none) =/= maps:get(Path, After, none)].

bytes(directory) -> <<>>;
bytes({symlink, Target}) -> <<"-> ", Target/binary>>;
bytes(Content) -> Content.

file(Path, none, {Content, _}) ->
    compared(#{path => Path, change => added, mode => undefined}, <<>>, Content);
file(Path, {Content, _}, none) ->
    compared(#{path => Path, change => removed, mode => undefined}, Content, <<>>);
file(Path, {Old, Mode}, {New, Mode}) ->
    compared(#{path => Path, change => changed, mode => undefined}, Old, New);
file(Path, {Old, From}, {New, To}) ->
    compared(#{path => Path, change => changed, mode => #{from => octal(From), to => octal(To)}}, Old, New).

octal(Mode) ->
    list_to_binary(io_lib:format("~4.8.0b", [Mode])).

compared(File, Old, New) ->
    Hunks = case is_text(Old) andalso is_text(New) of
                true -> hexide_diff:hunks(Old, New);
                false -> binary
            end,
    case Hunks of
        {ok, Found} ->
            Edits = lists:append([Each || #{edits := Each} <- Found]),
            Count = fun(Kind) -> length([Kind || {Each, _} <- Edits, Each =:= Kind]) end,
            File#{binary => false, added => Count(add), removed => Count(drop),
                  hunks => [Hunk#{edits := [#{op => Op, line => text(Line)} || {Op, Line} <- Each]}
                            || #{edits := Each} = Hunk <- Found]};
        %% What is no text, or too long to be read line by line.
        _ -> File#{binary => true, added => 0, removed => 0, hunks => []}
    end.

is_text(Content) ->
    binary:match(Content, <<0>>, [{scope, {0, min(?SAMPLE, byte_size(Content))}}]) =:= nomatch.

text(Line) ->
    case unicode:characters_to_binary(Line) of
        Text when is_binary(Text) -> Text;
        _ -> unicode:characters_to_binary(Line, latin1)
    end.
