%% @doc `cut': raises the version, commits, tags and publishes; or leaves everything as it was.
-module(hexide_cmd_cut).

-export([run/2]).

%% @doc Answers `#{cut => #{name, from, to, tag, commit}, published => answer of publish}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := [], increment := Increment} = Options) ->
    steps([fun(Plan) -> with(app, hexide_context:app(Context, Options), Plan) end,
           fun(#{app := App} = Plan) -> with(place, hexide_version_place:find(App), Plan) end,
           fun(#{app := #{version := Version}} = Plan) -> with(to, raised(Version, part(Increment)), Plan) end,
           fun(Plan) -> ready(Context, Options, Plan) end,
           fun(Plan) -> tag(Plan) end,
           fun(Plan) -> builds(Context, Plan) end],
          #{}, fun(Plan) -> cut(Context, Options, Plan) end);
run(_, #{args := []}) ->
    {error, hexide_failure:usage(<<"cut">>, "say which part of the version to raise: -i major, minor or patch")};
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

part(<<"major">>) -> major;
part(<<"minor">>) -> minor;
part(<<"patch">>) -> patch.

%% Between two tags, git's version has build metadata, which is no part of the next.
raised(Version, Part) ->
    [Plain | _] = binary:split(Version, <<"+">>),
    hexide_version:bump(Plain, Part).

ready(_, #{dry_run := true}, Plan) ->
    {ok, Plan};
ready(Context, _, #{app := #{dir := Dir}, place := Place} = Plan) ->
    case {hexide_session:ready(Context), hexide_git:repository(Dir), clean(Dir, Place)} of
        {ok, ok, ok} -> with(head, hexide_git:head(Dir), Plan);
        {{error, _} = Error, _, _} -> Error;
        {_, {error, _} = Error, _} -> Error;
        {_, _, {error, _} = Error} -> Error
    end.

clean(_, tag) -> ok;
clean(Dir, {file, Path, _}) -> hexide_git:clean(Dir, Path).

%% As the tags that are there: `v1.0.0', unless they have no `v'.
tag(#{app := #{dir := Dir}, to := To} = Plan) ->
    case hexide_git:tags(Dir) of
        {ok, Tags} ->
            Prefixed = [Tag || <<"v", Digit, _/binary>> = Tag <- Tags, Digit >= $0, Digit =< $9],
            Plain = [Tag || <<Digit, _/binary>> = Tag <- Tags, Digit >= $0, Digit =< $9],
            Tag = case {Prefixed, Plain} of
                      {[], [_ | _]} -> To;
                      _ -> <<"v", To/binary>>
                  end,
            case lists:member(Tag, Tags) of
                false -> {ok, Plan#{tag => Tag}};
                true ->
                    {error, hexide_failure:failed(<<"the tag ", Tag/binary, " exists already; remove it, or raise "
                                                    "another part of the version">>)}
            end;
        {error, _} = Error -> Error
    end.

%% What cannot be packaged is not worth a commit.
builds(#{project := #{apps := Siblings}}, #{app := App, to := To} = Plan) ->
    Raised = raise(App, To),
    case hexide_build:package(Raised, Siblings) of
        {ok, #{summary := Summary}} -> {ok, Plan#{raised => Raised, summary => Summary}};
        {error, _} = Error -> Error
    end.

raise(#{details := Details} = App, To) ->
    App#{version := To, details := lists:keystore(vsn, 1, Details, {vsn, unicode:characters_to_list(To)})}.

cut(Context, #{dry_run := true} = Options, #{raised := Raised} = Plan) ->
    answer(hexide_cmd_publish:release(with_app(Context, Raised), Options, [Raised], all), Plan, undefined);
cut(#{repository := Repository, config := #{api_url := Url}} = Context, Options,
    #{app := #{name := Name, version := From}, to := To, tag := Tag, summary := Summary} = Plan) ->
    ok = hexide_context:tell(Context, #{event => about_to_publish, repository => Repository, url => Url,
                                        packages => [Summary], docs => []}),
    Question = ["Raise ", Name, " from ", From, " to ", To, ", tag it ", Tag, " and publish it?"],
    case hexide_context:confirm(Context, Options, Question, <<"nothing was changed">>) of
        ok -> make(Context, Options#{agreed => true}, Plan);
        {error, _} = Error -> Error
    end.

%% Each step knows how to take itself back; a failure takes back all that was done, the last first.
make(Context, Options, #{raised := Raised, to := To, tag := Tag, place := Place, app := #{dir := Dir}} = Plan) ->
    Steps = commit_steps(Place, Plan)
        ++ [{fun() -> done(hexide_git:run(Dir, ["tag", "-a", Tag, "-m", ["Version ", To]])) end,
             fun() -> done(hexide_git:run(Dir, ["tag", "-d", Tag])) end}],
    ok = hexide_context:tell(Context, #{event => cutting, tag => Tag}),
    case forward(Steps, []) of
        {ok, Undo} ->
            case hexide_cmd_publish:release(with_app(Context, Raised), Options, [Raised], all) of
                {ok, _} = Published ->
                    {ok, Commit} = hexide_git:head(Dir),
                    answer(Published, Plan, Commit);
                %% The release is out: its commit and its tag stay true.
                {error, {Code, #{published := Count} = Details}} when Count > 0 ->
                    Kept = <<"the release ", To/binary, " is published and its commit and tag are kept; ",
                             (maps:get(message, Details, <<>>))/binary>>,
                    {error, {Code, Details#{message => Kept}}};
                {error, Reason} -> back(Undo, Reason)
            end;
        {error, Reason, Undo} -> back(Undo, Reason)
    end.

commit_steps(tag, _) ->
    [];
commit_steps({file, Path, Kind}, #{to := To, head := Head, app := #{dir := Dir, name := Name}}) ->
    File = hexide_text:binary(Path),
    Restore = fun() -> done(hexide_git:run(Dir, ["checkout", "-q", Head, "--", File])) end,
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

answer({ok, Published}, #{app := #{name := Name, version := From}, to := To, tag := Tag}, Commit) ->
    {ok, #{cut => #{name => Name, from => From, to => To, tag => Tag, commit => Commit}, published => Published}};
answer({error, _} = Error, _, _) ->
    Error.
