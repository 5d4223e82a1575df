%% @doc Git, as far as `cut' needs it. Arguments go to the program as they are: no shell is involved.
-module(hexide_git).

-export([run/2, repository/1, clean/2, head/1, tags/1]).

%% Hooks of the repository run in it, which may test a whole project.
-define(DEADLINE, 600_000).

%% @doc Runs git in a folder. What it printed, without the last line break.
-spec run(file:filename_all(), [unicode:chardata()]) -> {ok, binary()} | {error, hexide_failure:failure()}.
run(Dir, Args) ->
    case os:find_executable("git") of
        false -> {error, hexide_failure:failed(<<"git is needed for this, and is not installed">>)};
        Program ->
            %% Nobody is there to edit a message or to type a password into a child's terminal.
            Environment = [{"GIT_TERMINAL_PROMPT", "0"}, {"GIT_EDITOR", "true"}, {"LC_ALL", "C"}],
            Port = open_port({spawn_executable, Program},
                             [{args, [hexide_text:binary(Arg) || Arg <- Args]}, {cd, Dir}, {env, Environment},
                              binary, exit_status, stderr_to_stdout, hide]),
            collect(Port, Args, [])
    end.

%% @doc Whether a folder belongs to a repository.
-spec repository(file:filename_all()) -> ok | {error, hexide_failure:failure()}.
repository(Dir) ->
    case run(Dir, ["rev-parse", "--is-inside-work-tree"]) of
        {ok, <<"true">>} -> ok;
        {ok, _} -> {error, hexide_failure:failed(<<"this folder is in no working tree of git">>)};
        {error, _} -> {error, hexide_failure:failed(<<"this folder is in no git repository, which a tag needs">>)}
    end.

%% @doc That a file is known to git and has no changes that are not committed.
-spec clean(file:filename_all(), file:filename_all()) -> ok | {error, hexide_failure:failure()}.
clean(Dir, File) ->
    Name = hexide_text:binary(File),
    maybe_failed(run(Dir, ["ls-files", "--error-unmatch", "--", Name]),
                 <<Name/binary, " is not in git yet; commit it first">>,
                 fun(_) ->
                     maybe_failed(run(Dir, ["status", "--porcelain", "--", Name]),
                                  <<"git cannot tell the state of ", Name/binary>>,
                                  fun(<<>>) -> ok;
                                     (_) -> {error, hexide_failure:failed(<<Name/binary, " has changes that are not "
                                                                            "committed; commit or undo them first">>)}
                                  end)
                 end).

maybe_failed({ok, Output}, _, Next) -> Next(Output);
maybe_failed({error, _}, Message, _) -> {error, hexide_failure:failed(Message)}.

%% @doc The commit that is checked out.
-spec head(file:filename_all()) -> {ok, binary()} | {error, hexide_failure:failure()}.
head(Dir) ->
    run(Dir, ["rev-parse", "--verify", "HEAD"]).

%% @doc All tags.
-spec tags(file:filename_all()) -> {ok, [binary()]} | {error, hexide_failure:failure()}.
tags(Dir) ->
    case run(Dir, ["tag", "--list"]) of
        {ok, Output} -> {ok, string:lexemes(Output, "\n")};
        {error, _} = Error -> Error
    end.

collect(Port, Args, Output) ->
    receive
        {Port, {data, Data}} -> collect(Port, Args, [Output, Data]);
        {Port, {exit_status, 0}} -> {ok, string:trim(iolist_to_binary(Output), trailing)};
        {Port, {exit_status, _}} -> {error, said(Args, Output)}
    after ?DEADLINE ->
        _ = port_close(Port),
        {error, said(Args, "it did not end")}
    end.

said(["-c", _ | Args], Output) ->
    said(Args, Output);
said([Command | _], Output) ->
    %% The address of a remote may hold a password.
    Shown = iolist_to_binary(re:replace(iolist_to_binary(Output), "(https?://)[^/@\\s]*@", "\\1", [global])),
    %% What a hook says may be in any encoding.
    Text = case unicode:characters_to_binary(Shown) of
               Shown -> Shown;
               _ -> unicode:characters_to_binary(Shown, latin1)
           end,
    hexide_failure:failed(["git ", Command, " failed: ", string:trim(Text)]).
