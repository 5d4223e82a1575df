%% @doc Uploading packages and documentation: with progress, so that Ctrl-C ends it, and without doubt about
%% what came of it.
-module(hexide_upload).

-export([package/3, docs/2]).

%% Between an upload and the moment when the repository serves it: how often and how long to look.
-define(LOOKS, 20).
-define(PAUSE, 500).
%% How often to look for a release that may still be on its way through the registry.
-define(DOUBTS, 6).
%% Milliseconds between two reports of progress.
-define(REPORTS, 100).

%% @doc Uploads a package, unless the registry has the same; fetches it back and compares. In the answer:
%% `status' (`published' or `already_published'), `url', `verification' (`compared', `unavailable', or `skipped')
%% and `verified' (whether it was compared).
-spec package(hexide_context:context(), hexide_command:options(), hexide_build:built()) ->
          {ok, map()} | {error, hexide_failure:failure()}.
package(Context, Options, #{summary := #{registry := #{state := same}} = Summary} = Built) ->
    case Options of
        #{replace := true} -> send(Context, Options, Built);
        #{} -> {ok, Summary#{status => already_published, url => undefined, verified => false, verification => skipped}}
    end;
package(Context, Options, Built) ->
    send(Context, Options, Built).

send(#{interruptible := Interruptible} = Context, Options,
     #{tarball := Tarball, checksum := Checksum, summary := Summary}) ->
    #{name := Name, version := Version, size := Size} = Summary,
    ok = hexide_context:tell(Context, #{event => uploading, name => Name, version => Version, size => Size}),
    Left = counters:new(1, []),
    Progress = progress(hexide_context:transfer(Context, Name, Version), Left),
    Send = #{replace => maps:get(replace, Options, false), progress => Progress},
    Publish = fun(Config) -> Interruptible(fun() -> hexide_release:publish(Config, Tarball, Send) end) end,
    case hexide_session:call(Context, Publish) of
        {ok, Release} ->
            verified(Context, Options, Checksum, Summary#{status => published, url => address(Release)});
        {error, Reason} ->
            {error, doubted(Context, Name, Version, Checksum, counters:get(Left, 1), refused(Reason, Name, Context))}
    end.

%% Tells what the upload reports, no more than ten times a second and the last time. `Left': 1 when all bytes
%% are on their way.
progress(Tell, Left) ->
    Told = atomics:new(1, [{signed, true}]),
    ok = atomics:put(Told, 1, now_ms() - ?REPORTS),
    fun(#{done := Done, total := Total} = Report) ->
        Now = now_ms(),
        ok = counters:put(Left, 1, last(Done, Total)),
        case last(Done, Total) =:= 1 orelse Now - atomics:get(Told, 1) >= ?REPORTS of
            true ->
                ok = atomics:put(Told, 1, Now),
                Tell(Report);
            false -> ok
        end
    end.

last(All, All) -> 1;
last(_, _) -> 0.

now_ms() ->
    erlang:monotonic_time(millisecond).

%% A key may be for other packages than this one.
refused({unauthorized, #{status := 401, message := Said} = Details}, Name, #{repository := Repository}) ->
    {unauthorized, Details#{message := <<"this login may not publish ", Name/binary, " to ", Repository/binary, ": ",
                                         Said/binary>>}};
refused(Reason, _, _) ->
    Reason.

address(#{html_url := Url}) when is_binary(Url) -> Url;
address(#{url := Url}) -> Url.

%% After some failures only the registry knows whether the upload counts. What did not leave in full cannot.
doubted(Context, Name, Version, Checksum, Left, {Code, Details} = Reason) ->
    case doubtful(Code) of
        true ->
            ok = hexide_context:tell(Context, #{event => asking_whether_published, name => Name, version => Version}),
            Answer = look(Context, Name, Version, Checksum, 1 + Left * (?DOUBTS - 1)),
            Message = [maps:get(message, Details, <<>>), "; ", sentence(Answer, <<Name/binary, " ", Version/binary>>)],
            Known = Details#{message => iolist_to_binary(Message), upload => Answer},
            {Code, case Answer of
                       there -> Known#{published => 1};
                       _ -> Known
                   end};
        false -> Reason
    end.

doubtful(Code) ->
    lists:member(Code, [connect, tls, timeout, protocol, server, cancelled, internal]).

look(Context, Name, Version, Checksum, Looks) ->
    case hexide_standing:of_release(Context, Name, Version, Checksum) of
        Answer when Looks > 1, Answer =:= absent orelse Answer =:= other ->
            timer:sleep(?PAUSE),
            look(Context, Name, Version, Checksum, Looks - 1);
        Answer -> Answer
    end.

sentence(there, Release) -> ["the release is there: ", Release, " is published, complete"];
sentence(absent, Release) -> ["the release is not there: ", Release, " is not published"];
sentence(other, Release) -> ["the release is not replaced: ", Release, " is there as it was before"];
sentence(unknown, Release) ->
    ["whether the release is there cannot be told now; ask with `rebar3 hex info ", Release, "`"].

%% --- what the registry serves

verified(_, #{no_verify := true}, _, Summary) ->
    {ok, Summary#{verified => false, verification => skipped}};
verified(#{interruptible := Interruptible} = Context, _, Checksum, #{name := Name, version := Version} = Summary) ->
    ok = hexide_context:tell(Context, #{event => verifying, name => Name, version => Version}),
    case Interruptible(fun() -> verify(Context, Name, Version, Checksum, ?LOOKS) end) of
        {ok, Verification} -> {ok, Summary#{verified => Verification =:= compared, verification => Verification}};
        {error, {cancelled, Details}} ->
            {error, {cancelled, Details#{published => 1,
                                         message => <<Name/binary, " ", Version/binary, " is published; fetching it "
                                                      "back to compare was interrupted">>}}};
        {error, {Code, Details}} -> {error, {Code, Details#{published => 1}}}
    end.

%% Fetches what the registry gives to everybody (an organization's to those who have its key). It may take
%% a moment to appear there; something else than what was sent is an error at once.
verify(#{config := #{repo_organization := <<_/binary>>, repo_key := undefined}}, _, _, _, _) ->
    {ok, unavailable};
verify(#{config := Config} = Context, Name, Version, Checksum, Looks) ->
    case hexide_repo:tarball(Config#{cache_dir => undefined}, Name, Version, #{checksum => Checksum}) of
        {ok, _} -> {ok, compared};
        {error, {Code, _}} when Looks > 1, Code =:= not_found orelse Code =:= forbidden orelse Code =:= bad_checksum ->
            timer:sleep(?PAUSE),
            verify(Context, Name, Version, Checksum, Looks - 1);
        {error, {bad_checksum, _}} = Error -> Error;
        {error, _} -> {ok, unavailable}
    end.

%% --- documentation

%% @doc Uploads documentation. In the answer: `location', where a person reads it.
-spec docs(hexide_context:context(), hexide_build:docs()) -> {ok, map()} | {error, hexide_failure:failure()}.
docs(#{interruptible := Interruptible} = Context,
     #{name := Name, version := Version, tarball := Tarball, summary := Summary}) ->
    ok = hexide_context:tell(Context, #{event => uploading_docs, name => Name, version => Version,
                                        size => byte_size(Tarball)}),
    Left = counters:new(1, []),
    Send = #{progress => progress(hexide_context:transfer(Context, Name, Version), Left)},
    Publish = fun(Config) ->
                  Interruptible(fun() -> hexide_docs:publish(Config, Name, Version, Tarball, Send) end)
              end,
    case hexide_session:call(Context, Publish) of
        {ok, #{location := Location}} -> {ok, Summary#{location => readable(Context, Name, Version, Location)}};
        {error, {Code, Details} = Reason} ->
            What = ["cannot publish the documentation of ", Name, " ", Version],
            case doubtful(Code) andalso counters:get(Left, 1) =:= 1 of
                true ->
                    Message = [maps:get(message, Details, <<>>), "; whether it arrived all the same is not known, and "
                               "sending it again does no harm"],
                    {error, hexide_failure:about(What, {Code, Details#{message => iolist_to_binary(Message)}})};
                false -> {error, hexide_failure:about(What, Reason)}
            end
    end.

%% The registry's answer to the upload names the tarball.
readable(Context, Name, Version, Location) ->
    case hexide_session:visit(Context, fun(Config) -> hexide_release:get(Config, Name, Version) end) of
        {ok, #{docs_html_url := Url}} when is_binary(Url) -> Url;
        _ -> Location
    end.
