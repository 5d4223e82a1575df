%% @doc `publish': packages and documentation to a registry; and taking a version back.
-module(hexide_cmd_publish).

-export([run/2, release/4]).

%% Between an upload and the moment when the repository serves it: how often and how long to look.
-define(LOOKS, 20).
-define(PAUSE, 500).

%% @doc Answers `#{repository, dry_run, packages => [summary with `url' and `verified'], docs => [summary
%% with `location']}', or `#{reverted => #{name, version, what}}'.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{revert := Version} = Options) -> revert(Context, Options, Version);
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

%% @doc Publishes these apps, each after those that it needs: builds everything first, shows it, asks once.
-spec release(hexide_context:context(), hexide_command:options(), [hexide_context:app()], all | package | docs) ->
          hexide_command:outcome().
release(Context, Options, Apps, What) ->
    steps([fun(Done) -> ready(Context, Options, Done) end,
           fun(Done) -> built(Context, Apps, What, Done) end,
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

built(_, _, docs, Done) ->
    {ok, Done};
built(Context, Apps, _, Done) ->
    case hexide_build:packages(Apps, Context) of
        {ok, Packages} ->
            case public(Context) of
                true -> complete(Packages, Done#{packages := Packages});
                false -> {ok, Done#{packages := Packages}}
            end;
        {error, _} = Error -> Error
    end.

public(#{config := Config}) ->
    maps:get(api_repository, Config, undefined) =:= undefined.

complete(Packages, Done) ->
    Incomplete = [{App, Missing} || #{package := #{app := App, missing := [_ | _] = Missing}} <- Packages],
    case Incomplete of
        [] -> {ok, Done};
        [{App, Missing} | _] ->
            {error, {bad_metadata, #{message => iolist_to_binary(["the .app.src file of ", App, " lacks ",
                                                                  lists:join(" and ", Missing),
                                                                  ", which public packages must have"])}}}
    end.

documented(_, _, _, package, Done) ->
    {ok, Done};
documented(Context, Options, Apps, _, Done) ->
    case hexide_build:docs(Apps, Context, Options) of
        {ok, Docs} -> {ok, Done#{docs := Docs}};
        {error, _} = Error -> Error
    end.

%% And asks nothing.
agreed(_, #{dry_run := true}, Done) ->
    {ok, Done};
%% Whoever called has shown it and asked.
agreed(_, #{agreed := true}, Done) ->
    {ok, Done};
agreed(#{repository := Repository, config := #{api_url := Url}} = Context, Options,
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
    Uploads = [fun() -> {packages, upload_package(Context, Options, Each)} end || Each <- Packages]
        ++ [fun() -> {docs, upload_docs(Context, Each)} end || Each <- Docs],
    uploads(Uploads, #{repository => Repository, dry_run => false, packages => [], docs => []}).

uploads([], #{packages := Packages, docs := Docs} = Out) ->
    {ok, Out#{packages := lists:reverse(Packages), docs := lists:reverse(Docs)}};
uploads([Upload | Rest], Out) ->
    case Upload() of
        {Kind, {ok, Summary}} -> uploads(Rest, Out#{Kind := [Summary | maps:get(Kind, Out)]});
        {_, {error, Reason}} -> {error, with_what_is_out(Reason, Out)}
    end.

%% A failure in the middle says what is published already.
with_what_is_out(Reason, #{packages := [], docs := []}) ->
    Reason;
with_what_is_out({Code, Details}, #{packages := Packages, docs := Docs}) ->
    Out = [[Name, " ", Version] || #{name := Name, version := Version} <- lists:reverse(Packages)]
        ++ [["the documentation of ", Name, " ", Version]
            || #{name := Name, version := Version} <- lists:reverse(Docs)],
    Message = iolist_to_binary([maps:get(message, Details, <<>>), " (already published: ", lists:join(", ", Out), ")"]),
    {Code, Details#{message => Message, published => length(Packages)}}.

upload_package(Context, Options, #{tarball := Tarball, checksum := Checksum, summary := Summary}) ->
    #{name := Name, version := Version, size := Size} = Summary,
    ok = hexide_context:tell(Context, #{event => uploading, name => Name, version => Version, size => Size}),
    Replace = #{replace => maps:get(replace, Options, false)},
    case hexide_session:call(Context, fun(Config) -> hexide_release:publish(Config, Tarball, Replace) end) of
        {ok, Release} ->
            ok = hexide_context:tell(Context, #{event => verifying, name => Name, version => Version}),
            case verify(Context, Name, Version, Checksum, ?LOOKS) of
                {ok, Verified} ->
                    {ok, Summary#{verified => Verified, url => address(Release)}};
                {error, {Code, Details}} -> {error, {Code, Details#{published => 1}}}
            end;
        {error, Reason} -> {error, refused(Reason, Name, Context)}
    end.

%% A key may be for other packages than this one.
refused({unauthorized, #{status := 401, message := Said} = Details}, Name, #{repository := Repository}) ->
    {unauthorized, Details#{message := <<"this login may not publish ", Name/binary, " to ", Repository/binary, ": ",
                                         Said/binary>>}};
refused(Reason, _, _) ->
    Reason.

address(#{html_url := Url}) when is_binary(Url) -> Url;
address(#{url := Url}) -> Url.

%% Fetches what the registry gives to everybody (an organization's to those who have its key). It may take
%% a moment to appear there; something else than what was sent is an error at once.
verify(#{config := #{repo_organization := <<_/binary>>, repo_key := undefined}}, _, _, _, _) ->
    {ok, false};
verify(#{config := Config} = Context, Name, Version, Checksum, Looks) ->
    case hexide_repo:tarball(Config, Name, Version, #{checksum => Checksum}) of
        {ok, _} -> {ok, true};
        {error, {Code, _}} when Looks > 1, Code =:= not_found orelse Code =:= forbidden orelse Code =:= bad_checksum ->
            timer:sleep(?PAUSE),
            verify(Context, Name, Version, Checksum, Looks - 1);
        {error, {bad_checksum, _}} = Error -> Error;
        {error, _} -> {ok, false}
    end.

upload_docs(Context, #{name := Name, version := Version, tarball := Tarball, summary := Summary}) ->
    ok = hexide_context:tell(Context, #{event => uploading_docs, name => Name, version => Version,
                                        size => byte_size(Tarball)}),
    Publish = fun(Config) -> hexide_docs:publish(Config, Name, Version, Tarball, #{}) end,
    case hexide_session:call(Context, Publish) of
        {ok, #{location := Location}} -> {ok, Summary#{location => readable(Context, Name, Version, Location)}};
        {error, Reason} ->
            {error, hexide_failure:about(["cannot publish the documentation of ", Name, " ", Version], Reason)}
    end.

%% Where a person reads it; the registry's answer to the upload names the tarball.
readable(Context, Name, Version, Location) ->
    case hexide_session:visit(Context, fun(Config) -> hexide_release:get(Config, Name, Version) end) of
        {ok, #{docs_html_url := Url}} when is_binary(Url) -> Url;
        _ -> Location
    end.

revert(Context, #{args := Args} = Options, Version) ->
    case {hexide_context:app(Context, Options), hexide_session:ready(Context)} of
        {{ok, App}, ok} ->
            Name = hexide_packaging:name(App),
            {What, Revert} = case Args of
                                 [<<"docs">>] -> {docs, fun hexide_docs:revert/3};
                                 _ -> {package, fun hexide_release:revert/3}
                             end,
            Question = ["Take back ", atom_to_list(What), " ", Name, " ", Version, "?"],
            case hexide_context:confirm(Context, Options, Question, <<"nothing was changed">>) of
                ok ->
                    case hexide_session:call(Context, fun(Config) -> Revert(Config, Name, Version) end) of
                        ok -> {ok, #{reverted => #{name => Name, version => Version, what => What}}};
                        {error, _} = Error -> Error
                    end;
                {error, _} = Error -> Error
            end;
        {{error, _} = Error, _} -> Error;
        {_, {error, _} = Error} -> Error
    end.
