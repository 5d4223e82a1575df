%% @doc `publish': packages and documentation to a registry; and taking a version back.
-module(hexide_cmd_publish).

-export([run/2, release/4]).

%% @doc Answers `#{repository, dry_run, packages => [summary with what {@link hexide_upload} says], docs =>
%% [summary with `location']}', or `#{reverted => #{name, version, what}}'. In a failure, `out' and `not_out' say
%% of what is published and what is not (`#{what, name, version}').
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{revert := Version} = Options) -> hexide_revert:run(Context, Options, Version);
run(Context, #{args := []} = Options) -> publish(Context, Options, all);
run(Context, #{args := [<<"package">>]} = Options) -> publish(Context, Options, package);
run(Context, #{args := [<<"docs">>]} = Options) -> publish(Context, Options, docs);
run(_, #{args := [What | _]}) ->
    {error, hexide_failure:usage(<<"publish">>, ["`", What, "` cannot be published, only package or docs"])}.

publish(Context, Options, What) ->
    case hexide_context:apps(Context, Options) of
        {ok, Apps} -> release(Context, Options, Apps, What);
        {error, _} = Error -> Error
    end.

%% @doc Publishes these apps, each after those that it needs: builds everything first, shows it, asks once. What
%% the registry has already, with the same checksum, counts as done.
-spec release(hexide_context:context(), hexide_command:options(), [hexide_context:app()], all | package | docs) ->
          hexide_command:outcome().
release(Context, Options, Apps, What) ->
    steps([fun(Done) -> ready(Context, Options, Done) end,
           fun(Done) -> built(Context, Options, Apps, What, Done) end,
           fun(Done) -> compared(Context, Options, Done) end,
           fun(Done) -> documented(Context, Options, Apps, What, Done) end,
           fun(Done) -> agreed(Context, Options, Done) end], #{packages => [], docs => []},
          fun(Done) -> upload(Context, Options, Done) end).

%% Steps that each add to what there is, until one fails.
steps([], Done, Last) ->
    Last(Done);
steps([Step | Rest], Done, Last) ->
    case Step(Done) of
        {ok, More} -> steps(Rest, More, Last);
        {error, _} = Error -> Error
    end.

%% A dry run needs no login.
ready(_, #{dry_run := true}, Done) ->
    {ok, Done};
ready(Context, _, Done) ->
    case hexide_session:ready(Context) of
        ok -> {ok, Done};
        {error, _} = Error -> Error
    end.

built(_, _, _, docs, Done) ->
    {ok, Done};
built(Context, Options, Apps, _, Done) ->
    harmlessly(Context, fun() ->
                            case hexide_source:recorded(Apps, Context, Options) of
                                {ok, Recorded} -> packaged(Context, Recorded, Done);
                                {error, _} = Error -> Error
                            end
                        end).

packaged(Context, Apps, Done) ->
    case hexide_build:packages(Apps, Context, demands(Context)) of
        {ok, Packages} -> {ok, Done#{packages := Packages}};
        {error, _} = Error -> Error
    end.

%% Ctrl-C before the upload changes nothing, and that is what it is told.
harmlessly(#{interruptible := Interruptible}, Do) ->
    case Interruptible(Do) of
        {ok, _} = Done -> Done;
        {error, Failure} -> {error, hexide_interruption:unchanged(Failure)}
    end.

demands(#{config := Config}) ->
    case maps:get(api_repository, Config, undefined) of
        undefined -> public;
        _ -> private
    end.

%% A dry run shows what the registry has where it can be reached; else an answer is needed before anything else.
compared(Context, Options, #{packages := Packages} = Done) ->
    Compared = [{Package, hexide_standing:of_package(Context, Summary)} || #{summary := Summary} = Package <- Packages],
    Known = [Package#{summary := standing(Summary, Standing)}
             || {#{summary := Summary} = Package, {Standing, _}} <- Compared],
    case {Options, [Failure || {_, {_, {error, Failure}}} <- Compared]} of
        {_, [{cancelled, _} = Failure | _]} -> {error, hexide_interruption:unchanged(Failure)};
        {#{dry_run := true}, _} -> {ok, Done#{packages := Known}};
        {_, [Failure | _]} -> {error, Failure};
        {#{replace := true}, []} -> {ok, Done#{packages := Known}};
        {_, []} -> unpublished(Known, Done)
    end.

standing(#{warnings := Warnings} = Summary, #{state := State} = Standing) ->
    Summary#{registry => Standing,
             warnings := Warnings ++ [#{kind => already_published,
                                        message => <<"this version is already published, with other contents">>}
                                      || State =:= other]}.

unpublished(Packages, Done) ->
    Others = [[Name, " ", Version]
              || #{summary := #{name := Name, version := Version, registry := #{state := other}}} <- Packages],
    case Others of
        [] -> {ok, Done#{packages := Packages}};
        _ ->
            {error, {already_published,
                     #{message => iolist_to_binary([lists:join(", ", Others), case Others of
                                                                                  [_] -> " is";
                                                                                  _ -> " are"
                                                                              end,
                                                    " already published, with other contents than here"])}}}
    end.

documented(_, _, _, package, Done) ->
    {ok, Done};
documented(Context, Options, Apps, _, Done) ->
    harmlessly(Context, fun() ->
                            case hexide_build:docs(Apps, Context, Options) of
                                {ok, Docs} -> {ok, Done#{docs := Docs}};
                                {error, _} = Error -> Error
                            end
                        end).

%% And asks nothing.
agreed(_, #{dry_run := true}, Done) ->
    {ok, Done};
%% Whoever called has shown it and asked.
agreed(_, #{agreed := true}, Done) ->
    {ok, Done};
agreed(Context, Options, #{packages := Packages, docs := []} = Done) ->
    Already = fun(#{summary := #{registry := #{state := State}}}) -> State =:= same end,
    case not maps:get(replace, Options, false) andalso lists:all(Already, Packages) of
        %% There is nothing to agree to.
        true -> {ok, Done};
        false -> confirmed(Context, Options, Done)
    end;
agreed(Context, Options, Done) ->
    confirmed(Context, Options, Done).

confirmed(#{repository := Repository, config := #{api_url := Url}} = Context, Options,
          #{packages := Packages, docs := Docs} = Done) ->
    ok = hexide_context:tell(Context, #{event => about_to_publish, repository => Repository, url => Url,
                                        packages => [Summary || #{summary := Summary} <- Packages],
                                        docs => [Summary || #{summary := Summary} <- Docs]}),
    Question = ["Publish to ", Repository, " (", Url, ")?"],
    case hexide_context:confirm(Context, Options, Question, <<"nothing was published">>) of
        ok -> {ok, Done};
        {error, _} = Error -> Error
    end.

upload(#{repository := Repository}, #{dry_run := true}, #{packages := Packages, docs := Docs}) ->
    {ok, #{repository => Repository, dry_run => true,
           packages => [Summary || #{summary := Summary} <- Packages],
           docs => [Summary || #{summary := Summary} <- Docs]}};
upload(#{repository := Repository} = Context, Options, #{packages := Packages, docs := Docs}) ->
    Uploads = [{package, Summary, fun() -> hexide_upload:package(Context, Options, Each) end}
               || #{summary := Summary} = Each <- Packages]
        ++ [{docs, Summary, fun() -> hexide_upload:docs(Context, Each) end} || #{summary := Summary} = Each <- Docs],
    uploads(Uploads, #{repository => Repository, dry_run => false, packages => [], docs => []}, []).

uploads([], #{packages := Packages, docs := Docs} = Answer, _) ->
    {ok, Answer#{packages := lists:reverse(Packages), docs := lists:reverse(Docs)}};
uploads([{What, Planned, Upload} = Current | Rest], Answer, Out) ->
    Kind = case What of
               package -> packages;
               docs -> docs
           end,
    case Upload() of
        {ok, Summary} ->
            uploads(Rest, Answer#{Kind := [Summary | maps:get(Kind, Answer)]}, [item(What, Planned) | Out]);
        %% It failed after it was published.
        {error, {_, #{published := _}} = Reason} ->
            {error, divided(Reason, lists:reverse([item(What, Planned) | Out]), items(Rest))};
        {error, Reason} -> {error, divided(Reason, lists:reverse(Out), items([Current | Rest]))}
    end.

items(Uploads) ->
    [item(What, Summary) || {What, Summary, _} <- Uploads].

item(What, #{name := Name, version := Version}) ->
    #{what => What, name => Name, version => Version}.

%% A failure in the middle says what is published and what is not.
divided({Code, Details}, Out, NotOut) ->
    Known = Details#{out => Out, not_out => NotOut, published => length([Each || #{what := package} = Each <- Out])},
    {Code, case {Out, NotOut} of
               {[], _} -> Known;
               {[_], []} -> Known;
               _ ->
                   Message = [maps:get(message, Details, <<>>), " (published: ", named(Out), "; not published: ",
                              named(NotOut), "; the same command goes on from there)"],
                   Known#{message => iolist_to_binary(Message)}
           end}.

named([]) ->
    "nothing";
named(Items) ->
    lists:join(", ", [case What of
                          package -> [Name, " ", Version];
                          docs -> ["the documentation of ", Name, " ", Version]
                      end || #{what := What, name := Name, version := Version} <- Items]).
