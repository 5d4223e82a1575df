%% @doc `cut': raises the version, commits, tags, publishes and pushes; or leaves everything as it was.
-module(hexide_cmd_cut).

-export([run/2]).

%% @doc Answers `#{cut => #{name, from, to, tag, commit, pushed => #{remote, branch} | undefined}, published =>
%% answer of publish | undefined}'. `commit' is undefined after a dry run, which names in `pushed' where it would go.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := []} = Options) ->
    steps([fun(Plan) -> with(app, hexide_context:app(Context, Options), Plan) end,
           fun(#{app := App} = Plan) -> with(place, hexide_version_place:find(App), Plan) end,
           fun(#{app := #{version := Version}} = Plan) ->
               with(to, hexide_next_version:choose(Context, Options, Version), Plan)
           end,
           fun(Plan) -> signed_in(Context, Options, Plan) end,
           %% Also before a dry run, which is to tell whether the real one would work.
           fun(#{app := #{dir := Dir}} = Plan) -> unless(hexide_git:repository(Dir), Plan) end,
           fun(#{app := #{dir := Dir}, place := Place} = Plan) -> unless(clean(Dir, Place), Plan) end,
           fun(#{app := #{dir := Dir}} = Plan) -> with(head, hexide_git:head(Dir), Plan) end,
           fun(#{place := Place} = Plan) -> with(original, original(Place), Plan) end,
           fun(Plan) -> tag(Options, Plan) end,
           fun(Plan) -> target(Options, Plan) end,
           fun(Plan) -> builds(Context, Plan) end],
          #{}, fun(Plan) -> cut(Context, Options, Plan) end);
run(_, #{args := [Arg | _]}) ->
    {error, hexide_failure:usage(<<"cut">>, ["`", Arg, "` means nothing here"])}.

steps([], Plan, Last) ->
    Last(Plan);
steps([Step | Rest], Plan, Last) ->
    case Step(Plan) of
        {ok, More} -> steps(Rest, More, Last);
        {error, _} = Error -> Error
    end.

with(Key, {ok, Value}, Plan) -> {ok, Plan#{Key => Value}};
with(_, {error, _} = Error, _) -> Error.

signed_in(_, #{dry_run := true}, Plan) -> {ok, Plan};
signed_in(_, #{no_publish := true}, Plan) -> {ok, Plan};
signed_in(Context, _, Plan) -> unless(hexide_session:ready(Context), Plan).

unless(ok, Plan) -> {ok, Plan};
unless({error, _} = Error, _) -> Error.

clean(_, tag) -> ok;
clean(Dir, {file, Path, _}) -> hexide_git:clean(Dir, Path).

original(tag) -> {ok, none};
original({file, Path, _}) -> hexide_version_place:read(Path).

%% As the options say, else as the tags that are there: `v1.0.0', unless they have no `v'. In either form the
%% version would be tagged already.
tag(Options, #{app := #{dir := Dir}, to := To} = Plan) ->
    case hexide_git:tags(Dir) of
        {ok, Tags} ->
            Tag = case prefixed(Options, Tags) of
                      true -> <<"v", To/binary>>;
                      false -> To
                  end,
            case [Found || Found <- [Tag, To, <<"v", To/binary>>], lists:member(Found, Tags)] of
                [] -> {ok, Plan#{tag => Tag}};
                [Found | _] ->
                    {error, hexide_failure:failed(<<"the tag ", Found/binary, " exists already; remove it, or raise "
                                                    "another part of the version">>)}
            end;
        {error, _} = Error -> Error
    end.

prefixed(#{prefix_tag := Wanted}, _) ->
    Wanted;
prefixed(_, Tags) ->
    Plain = [Tag || <<Digit, _/binary>> = Tag <- Tags, Digit >= $0, Digit =< $9],
    Plain =:= [] orelse [] =/= [Tag || <<"v", Digit, _/binary>> = Tag <- Tags, Digit >= $0, Digit =< $9].

%% Found out before anything starts: once the release is out, a push that cannot work is of no use.
target(#{push := true}, #{app := #{dir := Dir}, tag := Tag} = Plan) ->
    case hexide_git_remote:find(Dir) of
        {ok, Target} ->
            case hexide_git_remote:check(Dir, Target, Tag) of
                ok -> {ok, Plan#{target => Target}};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end;
target(_, Plan) ->
    {ok, Plan#{target => undefined}}.

%% What cannot be packaged is not worth a commit.
builds(#{project := #{apps := Siblings}}, #{app := App, to := To} = Plan) ->
    Raised = raise(App, To),
    case hexide_build:package(Raised, Siblings) of
        {ok, #{summary := Summary}} -> {ok, Plan#{raised => Raised, summary => Summary}};
        {error, _} = Error -> Error
    end.

raise(#{details := Details} = App, To) ->
    App#{version := To, details := lists:keystore(vsn, 1, Details, {vsn, unicode:characters_to_list(To)})}.

cut(Context, #{dry_run := true} = Options, #{target := Target} = Plan) ->
    case publish(Context, Options, Plan) of
        {ok, Published} -> answer(Published, Plan, undefined, Target);
        {error, _} = Error -> Error
    end;
cut(Context, Options, Plan) ->
    ok = announce(Context, Options, Plan),
    case hexide_context:confirm(Context, Options, question(Options, Plan), <<"nothing was changed">>) of
        ok -> make(Context, Options#{agreed => true}, Plan);
        {error, _} = Error -> Error
    end.

announce(_, #{no_publish := true}, _) ->
    ok;
announce(#{repository := Repository, config := #{api_url := Url}} = Context, _, #{summary := Summary}) ->
    hexide_context:tell(Context, #{event => about_to_publish, repository => Repository, url => Url,
                                   packages => [Summary], docs => []}).

question(Options, #{app := #{name := Name, version := From}, to := To, tag := Tag, target := Target}) ->
    Actions = [["Raise ", Name, " from ", From, " to ", To], ["tag it ", Tag]]
        ++ ["publish it" || not maps:get(no_publish, Options, false)]
        ++ [["push ", Branch, " to ", Remote] || #{remote := Remote, branch := Branch} <- [Target]],
    {First, [Last]} = lists:split(length(Actions) - 1, Actions),
    [lists:join(", ", First), " and ", Last, "?"].

publish(_, #{no_publish := true}, _) ->
    {ok, undefined};
publish(Context, Options, #{raised := Raised}) ->
    hexide_cmd_publish:release(with_app(Context, Raised), Options, [Raised], all).

%% Each step knows how to take itself back; a failure takes back all that was done, the last first. Pushing comes
%% last: what is public by then stays, and with it the commit and the tag.
make(Context, Options, #{to := To, tag := Tag, place := Place, app := #{dir := Dir}} = Plan) ->
    Steps = commit_steps(Place, Plan)
        ++ [{fun() -> done(hexide_git:run(Dir, ["tag", "-a", Tag, "-m", ["Version ", To]])) end,
             fun() -> done(hexide_git:run(Dir, ["tag", "-d", Tag])) end}],
    ok = hexide_context:tell(Context, #{event => cutting, tag => Tag}),
    case whole(Context, fun() -> forward(Steps, []) end) of
        {ok, {ok, Undo}} ->
            case publish(Context, Options, Plan) of
                {ok, Published} -> push(Context, Published, Plan, Undo);
                {error, Reason} -> unpublished(Reason, Plan, Undo)
            end;
        {{error, Interrupted}, {ok, Undo}} -> back(Undo, Interrupted);
        {_, {error, Reason, Undo}} -> back(Undo, Reason)
    end.

%% What is out, or may be, keeps its commit and its tag.
unpublished({_, #{published := Count}} = Reason, #{to := To}, _) when Count > 0 ->
    {error, hexide_failure:about(["the release ", To, " is published and its commit and tag are kept (`rebar3 hex "
                                  "publish` does what is left)"], Reason)};
unpublished({_, #{upload := unknown}} = Reason, #{to := To}, _) ->
    {error, hexide_failure:about(["the release ", To, " may be published, so its commit and tag are kept (`rebar3 hex "
                                  "publish` does what is left)"], Reason)};
unpublished(Reason, _, Undo) ->
    back(Undo, Reason).

%% Ctrl-C does not stop git and its hooks: what they leave half done could not be taken back.
whole(#{interruptible := Interruptible}, Do) ->
    Caller = self(),
    {Worker, Monitor} = spawn_monitor(fun() -> Caller ! {self(), Do()} end),
    Waited = Interruptible(fun() -> wait(Worker) end),
    receive
        {Worker, Outcome} ->
            true = demonitor(Monitor, [flush]),
            {Waited, Outcome};
        {'DOWN', Monitor, process, Worker, Reason} -> exit(Reason)
    end.

wait(Worker) ->
    Monitor = monitor(process, Worker),
    receive {'DOWN', Monitor, process, Worker, _} -> ok end.

push(_, Published, #{target := undefined} = Plan, _) ->
    finished(Published, Plan);
push(Context, Published, #{target := Target, tag := Tag, to := To, app := #{dir := Dir, name := Name}} = Plan, Undo) ->
    ok = hexide_context:tell(Context, Target#{event => pushing, tag => Tag}),
    {_, Pushed} = whole(Context, fun() -> hexide_git_remote:push(Dir, Target, Tag) end),
    case {Pushed, Published} of
        {ok, _} -> finished(Published, Plan);
        {{error, Reason}, undefined} -> back(Undo, Reason);
        {{error, Reason}, _} ->
            Command = hexide_git_remote:command(Target, Tag),
            What = [Name, " ", To, " is published, and its commit and tag are kept here, but they could not be pushed; "
                    "run `", Command, "` when the remote takes them"],
            {error, hexide_failure:about(What, Reason)}
    end.

finished(Published, #{target := Target, app := #{dir := Dir}} = Plan) ->
    {ok, Commit} = hexide_git:head(Dir),
    answer(Published, Plan, Commit, Target).

commit_steps(tag, _) ->
    [];
commit_steps({file, Path, Kind}, #{to := To, head := Head, original := Original, app := #{dir := Dir, name := Name}}) ->
    File = hexide_text:binary(Path),
    Restore = fun() ->
                  case hexide_version_place:put_back(Path, Original) of
                      ok -> done(hexide_git:run(Dir, ["reset", "-q", Head, "--", File]));
                      {error, _} = Error -> Error
                  end
              end,
    [{fun() -> written(hexide_version_place:write(Path, Kind, To), Restore) end, Restore},
     {fun() -> done(hexide_git:run(Dir, ["commit", "-q", "-m", [Name, " ", To], "--", File])) end,
      %% Softly: what was staged before stays staged.
      fun() -> done(hexide_git:run(Dir, ["reset", "-q", "--soft", Head])) end}].

%% A file that could not be written may have been cut off.
written(ok, _) -> ok;
written({error, _} = Error, Restore) ->
    _ = Restore(),
    Error.

done({ok, _}) -> ok;
done({error, _} = Error) -> Error.

forward([], Undo) ->
    {ok, Undo};
forward([{Do, TakeBack} | Rest], Undo) ->
    case Do() of
        ok -> forward(Rest, [TakeBack | Undo]);
        {error, Reason} -> {error, Reason, Undo}
    end.

back(Undo, {Code, Details}) ->
    Failed = [Reason || TakeBack <- Undo, {error, Reason} <- [TakeBack()]],
    Message = maps:get(message, Details, <<>>),
    case Failed of
        [] ->
            {error, {Code, Details#{message => <<Message/binary, " (everything local is as it was)">>}}};
        [Reason | _] ->
            Why = hexide_failure:format(Reason),
            {error, {Code, Details#{message => <<Message/binary, " (and it could not be put back as it was: ",
                                                 Why/binary, ")">>}}}
    end.

with_app(#{project := #{apps := Apps} = Project} = Context, #{name := Name} = Raised) ->
    Context#{project := Project#{apps := [case Each of
                                              Name -> Raised;
                                              _ -> App
                                          end || #{name := Each} = App <- Apps]}}.

answer(Published, #{app := #{name := Name, version := From}, to := To, tag := Tag}, Commit, Pushed) ->
    {ok, #{cut => #{name => Name, from => From, to => To, tag => Tag, commit => Commit, pushed => Pushed},
           published => Published}}.
