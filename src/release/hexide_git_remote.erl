%% @doc Where a branch and a tag are pushed to.
-module(hexide_git_remote).

-export([find/1, check/3, push/3, command/2]).

-export_type([target/0]).

-type target() :: #{remote := binary(), branch := binary()}.
%% Names: of the remote, and of the branch here and there.

%% @doc The branch that is checked out, and its own remote: the one that it follows, else the only one, else
%% `origin'. It keeps its name there, whatever the name of the branch that it follows is.
-spec find(file:filename_all()) -> {ok, target()} | {error, hexide_failure:failure()}.
find(Dir) ->
    case {hexide_git:run(Dir, ["symbolic-ref", "--quiet", "--short", "HEAD"]), hexide_git:run(Dir, ["remote"])} of
        {{ok, Branch}, {ok, Listed}} ->
            Followed = hexide_git:run(Dir, ["config", "--get", <<"branch.", Branch/binary, ".remote">>]),
            case remote(Followed, string:lexemes(Listed, "\n")) of
                {ok, Remote} -> {ok, #{remote => Remote, branch => Branch}};
                {error, Why} -> {error, hexide_failure:failed(Why)}
            end;
        {{error, _}, _} ->
            {error, hexide_failure:failed(<<"no branch is checked out, so there is none to push; check one out, or "
                                            "leave --push out">>)};
        {_, {error, _} = Error} -> Error
    end.

remote(Followed, Remotes) ->
    Own = [Remote || {ok, Remote} <- [Followed], lists:member(Remote, Remotes)],
    case {Own, Remotes, lists:member(<<"origin">>, Remotes)} of
        {[Remote], _, _} -> {ok, Remote};
        {[], [Remote], _} -> {ok, Remote};
        {[], _, true} -> {ok, <<"origin">>};
        {[], [], _} ->
            {error, <<"there is no remote to push to; add one with `git remote add origin URL`, or leave --push out">>};
        {[], _, _} ->
            {error, ["it is not clear which remote to push to (", lists:join(", ", Remotes), "); say it once with `git "
                     "push --set-upstream REMOTE`, or leave --push out"]}
    end.

%% @doc That the remote would take the branch as it is now, and has no such tag. Asks the remote, changes nothing;
%% what its hooks say is not known before.
-spec check(file:filename_all(), target(), binary()) -> ok | {error, hexide_failure:failure()}.
check(Dir, #{remote := Remote, branch := Branch}, Tag) ->
    Ref = <<"refs/tags/", Tag/binary>>,
    What = ["cannot push ", Branch, " to ", Remote, ", and nothing was changed"],
    case hexide_git:run(Dir, ["ls-remote", "--tags", Remote, Ref]) of
        {ok, Listed} ->
            %% ssh may have had something to say before.
            case string:find(Listed, ["\t", Ref]) of
                nomatch -> taken(Dir, Remote, Branch, What);
                _ ->
                    {error, hexide_failure:failed(["the tag ", Tag, " exists at ", Remote, " already; raise another "
                                                   "part of the version, or see it with `git fetch --tags ", Remote,
                                                   "`"])}
            end;
        {error, Reason} -> {error, hexide_failure:about(What, Reason)}
    end.

taken(Dir, Remote, Branch, What) ->
    Brief = ["-c", "advice.pushUpdateRejected=false"],
    case hexide_git:run(Dir, Brief ++ ["push", "--dry-run", "--atomic", Remote, branch(Branch)]) of
        {ok, _} -> ok;
        {error, Reason} -> {error, hexide_failure:about(What, Reason)}
    end.

%% @doc Pushes the branch and the tag: both, or neither.
-spec push(file:filename_all(), target(), binary()) -> ok | {error, hexide_failure:failure()}.
push(Dir, #{remote := Remote, branch := Branch}, Tag) ->
    case hexide_git:run(Dir, ["push", "--atomic", "--quiet", Remote, branch(Branch), <<"refs/tags/", Tag/binary>>]) of
        {ok, _} -> ok;
        {error, _} = Error -> Error
    end.

branch(Branch) ->
    <<"refs/heads/", Branch/binary, ":refs/heads/", Branch/binary>>.

%% @doc The command by which a person does the same.
-spec command(target(), binary()) -> binary().
command(#{remote := Remote, branch := Branch}, Tag) ->
    <<"git push --atomic ", Remote/binary, " ", Branch/binary, " ", Tag/binary>>.
