%% @doc Where a package's sources are: the address of its Git repository and the commit, for its metadata.
-module(hexide_source).

-export([recorded/3, public_url/1]).

%% @doc The apps, each with its `source' where the options or the configuration want that. Not where git and
%% the package differ: the commit would not be what is packaged.
-spec recorded([hexide_context:app()], hexide_context:context(), hexide_command:options()) ->
          {ok, [hexide_context:app()]} | {error, hexide_failure:failure()}.
recorded(Apps, #{config := Config}, Options) ->
    case maps:get(source_ref, Options, maps:get(source_ref, Config, false)) of
        true -> each(Apps, []);
        false -> {ok, Apps}
    end.

each([], Done) ->
    {ok, lists:reverse(Done)};
each([App | Rest], Done) ->
    case source(App) of
        {ok, Source} -> each(Rest, [App#{source => Source} | Done]);
        {error, Why} -> {error, hexide_failure:failed(["--source-ref cannot tell the commit of ", maps:get(name, App),
                                                       ": ", Why])}
    end.

source(#{dir := Dir} = App) ->
    case {hexide_git:head(Dir), committed(App), remote(Dir)} of
        {{ok, Ref}, ok, {ok, Url}} -> {ok, #{url => Url, ref => Ref}};
        {{error, _}, _, _} -> {error, "its folder is in no git repository that has a commit"};
        {_, {error, Why}, _} -> {error, Why};
        {_, _, {error, Why}} -> {error, Why}
    end.

committed(#{dir := Dir} = App) ->
    case hexide_package_files:select(App) of
        {ok, Files, _} ->
            Packaged = [Path || {Path, _} <- Files],
            case hexide_warning_git:changes(Dir, Packaged) of
                {ok, Changes} ->
                    case [Path || Path <- Changes, lists:member(Path, Packaged)] of
                        [] -> ok;
                        Paths -> {error, ["not committed yet is ", hexide_warning:named(Paths)]}
                    end;
                {error, {_, #{message := Why}}} -> {error, Why}
            end;
        %% Reported with everything else that is wrong with the package.
        {error, _} -> ok
    end.

%% That of the branch, else `origin', else the only one.
remote(Dir) ->
    Names = case hexide_git:run(Dir, ["remote"]) of
                {ok, Output} -> string:lexemes(Output, "\n");
                {error, _} -> []
            end,
    Tracked = case hexide_git:run(Dir, ["symbolic-ref", "--quiet", "--short", "HEAD"]) of
                  {ok, Branch} -> hexide_git:run(Dir, ["config", "--get", <<"branch.", Branch/binary, ".remote">>]);
                  {error, _} = Error -> Error
              end,
    Chosen = [Name || {ok, Name} <- [Tracked], lists:member(Name, Names)]
        ++ [Name || Name <- Names, Name =:= <<"origin">>] ++ [Name || [Name] <- [Names]],
    case Chosen of
        [Name | _] ->
            case hexide_git:run(Dir, ["remote", "get-url", Name]) of
                {ok, Url} -> public_url(Url);
                {error, {_, #{message := Why}}} -> {error, Why}
            end;
        [] -> {error, "its repository has no remote that says where others find it"}
    end.

%% @doc An address without what signs in to it; why it is none for others. That of ssh stays as it is: the user
%% in it is everybody's.
-spec public_url(binary()) -> {ok, binary()} | {error, iodata()}.
public_url(Url) ->
    Host = "(?:[a-z0-9._-]+|\\[[0-9a-f:.]+\\])(?::[0-9]+)?",
    case re:run(Url, "^([a-z][a-z0-9+.-]*)://(?:([^/@]*)@)?(" ++ Host ++ "(?:/[^?#]*)?)(?:[?#].*)?$",
                [caseless, {capture, all_but_first, binary}]) of
        {match, [Scheme, User, Place]} ->
            {ok, iolist_to_binary([Scheme, "://", user(string:lowercase(Scheme), User), Place])};
        nomatch ->
            case re:run(Url, "^[a-z0-9._-]+@[a-z0-9._-]+:[^@]+$", [caseless, {capture, none}]) of
                match -> {ok, Url};
                nomatch -> {error, "the address of its remote is none that others could use"}
            end
    end.

user(<<"ssh">>, User) when User =/= <<>> -> [hd(binary:split(User, <<":">>)), "@"];
user(_, _) -> [].
