%% `publish' against a registry, over lines that break.
-module(hexide_cmd_publish_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2]).
-export([the_same_again_counts_as_done/1, other_contents_are_refused_before_anything_is_sent/1,
         replacing_sends_what_is_there_already/1, documentation_of_what_is_there_still_goes_out/1,
         a_failure_in_the_middle_divides_and_the_next_run_goes_on/1, half_an_upload_is_not_there/1,
         a_lost_reply_leaves_no_doubt/1, a_line_that_is_gone_leaves_the_question/1,
         replacing_over_a_broken_line_leaves_the_old/1, nothing_is_fetched_back_unless_wanted/1,
         progress_is_told_seldom_and_to_the_end/1, a_dry_run_knows_the_registry_or_goes_without/1,
         a_silent_registry_is_named_before_the_upload/1, a_cut_keeps_its_tag_while_nobody_knows/1,
         documentation_on_a_broken_line_can_be_sent_again/1]).

-define(DEADLINE, 60_000).

suite() ->
    [{timetrap, {minutes, 2}}].

all() ->
    [the_same_again_counts_as_done, other_contents_are_refused_before_anything_is_sent,
     replacing_sends_what_is_there_already, documentation_of_what_is_there_still_goes_out,
     a_failure_in_the_middle_divides_and_the_next_run_goes_on, half_an_upload_is_not_there,
     a_lost_reply_leaves_no_doubt, a_line_that_is_gone_leaves_the_question,
     replacing_over_a_broken_line_leaves_the_old, nothing_is_fetched_back_unless_wanted,
     progress_is_told_seldom_and_to_the_end, a_dry_run_knows_the_registry_or_goes_without,
     a_silent_registry_is_named_before_the_upload, a_cut_keeps_its_tag_while_nobody_knows,
     documentation_on_a_broken_line_can_be_sent_again].

init_per_suite(Config) ->
    {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
    true = unlink(Server),
    {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
    {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
    [{server, Server}, {settings, #{api_url => Api, repo_url => Repo, repo_public_key => Public, api_key => Key,
                                    repo_name => <<"local">>}} | Config].

end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

%% Each case has packages of its own, named after it.
init_per_testcase(Case, Config) ->
    [{dir, filename:join(proplists:get_value(priv_dir, Config), Case)}, {prefix, atom_to_list(Case)} | Config].

the_same_again_counts_as_done(Config) ->
    App = app(Config, "a", []),
    {ok, #{packages := [#{status := published, verified := true, verification := compared,
                          registry := #{state := new, latest := undefined}}]}} = publish(Config, [App], #{}),
    %% Nobody is asked, as there is nothing to agree to.
    {ok, #{packages := [#{status := already_published,
                          registry := #{state := same, latest := <<"1.0.0">>}}]} = Answer} =
        publish(Config, [App], #{yes => false}),
    shows(Answer, "is already published to local, the same").

other_contents_are_refused_before_anything_is_sent(Config) ->
    One = app(Config, "a", []),
    {ok, _} = publish(Config, [One], #{}),
    ok = write(One, "src/more.erl", "-module(more).\n"),
    Two = app(Config, "b", []),
    {error, {already_published, #{message := Message}} = Reason} = publish(Config, [Two, One], #{}),
    has(Message, name(One)),
    [has(hexide_failure:format(Reason), Part) || Part <- ["rebar3 hex cut", "--replace"]],
    ?assertMatch({error, {not_found, _}}, release(Config, Two)).

replacing_sends_what_is_there_already(Config) ->
    App = app(Config, "a", []),
    {ok, _} = publish(Config, [App], #{}),
    {ok, #{packages := [#{status := published, registry := #{state := same}}]}} =
        publish(Config, [App], #{replace => true}),
    ok = write(App, "src/more.erl", "-module(more).\n"),
    {ok, #{packages := [#{status := published, checksum := Checksum, registry := #{state := other}}]}} =
        publish(Config, [App], #{replace => true}),
    ?assertMatch({ok, #{checksum := Checksum}}, release(Config, App)).

documentation_of_what_is_there_still_goes_out(Config) ->
    App = app(Config, "a", []),
    {ok, _} = publish(Config, [App], #{}),
    ok = write(App, "doc/index.html", "<html></html>"),
    {ok, #{packages := [#{status := already_published}], docs := [#{location := _}]}} =
        publish(Config, [App], #{args => [], doc_dir => <<"doc">>}),
    ?assertMatch({ok, #{has_docs := true}}, release(Config, App)).

a_failure_in_the_middle_divides_and_the_next_run_goes_on(Config) ->
    Apps = [One, Two, Three] = [app(Config, Name, Needs) || {Name, Needs} <- [{"a", []}, {"b", ["a"]}, {"c", ["b"]}]],
    {error, {_, #{out := Out, not_out := NotOut, published := 1, message := Message}} = Reason} =
        publish(over(Config, #{2 => cut}), [Three, One, Two], #{}),
    ?assertEqual([name(One)], [Name || #{what := package, name := Name} <- Out]),
    ?assertEqual([name(Two), name(Three)], [Name || #{what := package, name := Name} <- NotOut]),
    has(Message, "published: " ++ binary_to_list(name(One)) ++ " 1.0.0; not published: "),
    ?assertMatch(#{error := #{published := [_], not_published := [_, _], upload := absent}},
                 hexide_failure:report(Reason)),
    {ok, #{packages := Packages}} = publish(Config, Apps, #{}),
    ?assertEqual([already_published, published, published], [Status || #{status := Status} <- Packages]),
    ?assertMatch([{ok, _}, {ok, _}, {ok, _}], [release(Config, App) || App <- Apps]).

half_an_upload_is_not_there(Config) ->
    App = app(Config, "a", []),
    {error, {_, #{upload := absent, message := Message, out := [], not_out := [_]}}} =
        publish(over(Config, #{1 => cut}), [App], #{}),
    has(Message, "the release is not there"),
    ?assertMatch({error, {not_found, _}}, release(Config, App)).

a_lost_reply_leaves_no_doubt(Config) ->
    App = app(Config, "a", []),
    {error, {_, #{upload := there, message := Message, out := [_], not_out := [], published := 1}} = Reason} =
        publish(over(Config, #{1 => lose}), [App], #{}),
    has(Message, "the release is there"),
    ?assertEqual(3, hexide_failure:exit_code(Reason)),
    ?assertMatch({ok, #{packages := [#{status := already_published}]}}, publish(Config, [App], #{})).

a_line_that_is_gone_leaves_the_question(Config) ->
    App = app(Config, "a", []),
    {error, {_, #{upload := unknown, message := Message}}} = publish(over(Config, #{1 => dead}), [App], #{}),
    has(Message, ["ask with `rebar3 hex info ", name(App), " 1.0.0`"]).

replacing_over_a_broken_line_leaves_the_old(Config) ->
    App = app(Config, "a", []),
    {ok, #{packages := [#{checksum := Checksum}]}} = publish(Config, [App], #{}),
    ok = write(App, "src/more.erl", "-module(more).\n"),
    {error, {_, #{upload := other, message := Message}}} =
        publish(over(Config, #{1 => cut}), [App], #{replace => true}),
    has(Message, "is there as it was before"),
    ?assertMatch({ok, #{checksum := Checksum}}, release(Config, App)).

nothing_is_fetched_back_unless_wanted(Config) ->
    #{repo_url := Repo} = Settings = proplists:get_value(settings, Config),
    {Fetches, Url} = counting_proxy:start(Repo, <<"/tarballs/">>),
    Counting = [{settings, Settings#{repo_url := Url}} | Config],
    {ok, #{packages := [#{verified := false, verification := skipped}]} = Answer} =
        publish(Counting, [app(Config, "a", [])], #{no_verify => true}),
    shows(Answer, "not fetched back"),
    ?assertEqual(0, Fetches()),
    {ok, #{packages := [#{verified := true}]}} = publish(Counting, [app(Config, "b", [])], #{}),
    ?assertNotEqual(0, Fetches()).

progress_is_told_seldom_and_to_the_end(Config) ->
    App = app(Config, "a", []),
    Owner = self(),
    Tell = fun(#{event := progress} = Event) -> Owner ! {told, erlang:monotonic_time(millisecond), Event};
              (_) -> ok
           end,
    Begun = erlang:monotonic_time(millisecond),
    {ok, #{packages := [#{size := Size}]}} = publish(Config, [App], #{}, #{progress => Tell}),
    Told = told(),
    ?assertMatch([_ | _], Told),
    Name = name(App),
    [?assertMatch(#{name := Name, version := <<"1.0.0">>, phase := <<"upload">>, total := Size}, Event)
     || {_, Event} <- Told],
    Done = [Bytes || {_, #{done := Bytes}} <- Told],
    ?assertEqual(Done, lists:usort(Done)),
    ?assertEqual(Size, lists:last(Done)),
    %% At most every tenth of a second, but for the last time. What was told may have come later.
    ?assertEqual([], [At || {Number, {At, _}} <- lists:enumerate(0, lists:droplast(Told)), At < Begun + 100 * Number]).

told() ->
    receive
        {told, At, Event} -> [{At, Event} | told()]
    after 0 -> []
    end.

a_dry_run_knows_the_registry_or_goes_without(Config) ->
    App = app(Config, "a", []),
    Stranger = [{settings, maps:remove(api_key, proplists:get_value(settings, Config))} | Config],
    {ok, #{packages := [#{registry := #{state := new, latest := undefined}}]}} =
        publish(Stranger, [App], #{dry_run => true}),
    {ok, _} = publish(Config, [App], #{}),
    {ok, #{packages := [#{registry := #{state := same}}]}} = publish(Stranger, [App], #{dry_run => true}),
    ok = write(App, "src/more.erl", "-module(more).\n"),
    {ok, #{packages := [#{registry := #{state := other}, warnings := Warnings}]} = Answer} =
        publish(Stranger, [App], #{dry_run => true}),
    ?assertMatch([_], [Warning || #{kind := already_published} = Warning <- Warnings]),
    shows(Answer, "has this version already, with other contents"),
    {ok, #{packages := [#{registry := #{state := new, latest := <<"1.0.0">>}}]}} =
        publish(Stranger, [App#{version := <<"1.1.0">>}], #{dry_run => true}),
    [?assertMatch({ok, #{packages := [#{registry := #{state := unknown}}]}}, publish(With, [App], #{dry_run => true}))
     || With <- [nowhere(Stranger), [{settings, #{offline => true}} | Config]]].

a_silent_registry_is_named_before_the_upload(Config) ->
    Told = self(),
    Tell = fun(Event) -> Told ! Event end,
    {error, {connect, _}} = publish(nowhere(Config), [app(Config, "a", [])], #{}, #{progress => Tell}),
    receive
        #{event := Event} -> error({told, Event})
    after 0 -> ok
    end.

%% Were it taken back, a release that is out after all would have no commit.
a_cut_keeps_its_tag_while_nobody_knows(Config) ->
    #{dir := Dir} = App = app(Config, "a", []),
    [{ok, _} = hexide_git:run(Dir, Args)
     || Args <- [["init", "-q"], ["config", "user.name", "Amy"], ["config", "user.email", "amy@example.com"],
                 ["add", "."], ["commit", "-q", "-m", "first"]]],
    Cut = fun(Faults) ->
              Options = #{args => [], yes => true, increment => <<"minor">>, doc_dir => <<"doc">>},
              hexide_cmd_cut:run(context(over(Config, Faults), [App]), Options)
          end,
    ok = write(App, "doc/index.html", "<html></html>"),
    {error, _} = Cut(#{1 => cut}),
    ?assertEqual({ok, []}, hexide_git:tags(Dir)),
    {error, {_, #{message := Message}}} = Cut(#{1 => dead}),
    has(Message, "cannot be told now"),
    ?assertEqual({ok, [<<"v1.1.0">>]}, hexide_git:tags(Dir)).

documentation_on_a_broken_line_can_be_sent_again(Config) ->
    App = app(Config, "a", []),
    ok = write(App, "doc/index.html", "<html></html>"),
    {ok, _} = publish(Config, [App], #{}),
    Docs = #{args => [<<"docs">>], doc_dir => <<"doc">>},
    {error, {_, #{message := Message}}} = publish(over(Config, #{1 => lose}, <<"POST /api/packages/">>), [App], Docs),
    has(Message, "sending it again does no harm"),
    ?assertMatch({ok, #{docs := [_]}}, publish(Config, [App], Docs)).

%% --- helpers

over(Config, Faults) ->
    over(Config, Faults, <<"POST /api/publish">>).

over(Config, Faults, Uploads) ->
    #{api_url := Api} = Settings = proplists:get_value(settings, Config),
    [{settings, Settings#{api_url := broken_line:start(Api, self(), Faults, Uploads)}} | Config].

nowhere(Config) ->
    Settings = proplists:get_value(settings, Config),
    [{settings, Settings#{api_url := <<"http://127.0.0.1:1/api">>, retries => 0}} | Config].

publish(Config, Apps, Options) ->
    publish(Config, Apps, Options, #{}).

publish(Config, Apps, Options, More) ->
    hexide_cmd_publish:run(maps:merge(context(Config, Apps), More),
                           maps:merge(#{args => [<<"package">>], yes => true}, Options)).

context(Config, Apps) ->
    {ok, #{config := Settings, sources := Sources}} =
        hexide_config:resolve(#{environment => [], project => proplists:get_value(settings, Config)}),
    #{config => Settings, sources => Sources, repository => <<"local">>, repositories => [], system => #{},
      user_file => "none", memory => hexide_secrets:memory(), interruptible => fun(Run) -> Run() end,
      ask => fun(#{kind := confirm}) -> {ok, false} end, progress => fun(_) -> ok end,
      project => #{root => proplists:get_value(dir, Config), apps => Apps, dependencies => [], locks => []}}.

release(Config, App) ->
    hexide_release:get(proplists:get_value(settings, Config), name(App), "1.0.0").

name(#{name := Name}) -> Name.

%% An app whose package is large enough that half of it is on the line before the rest.
app(Config, Name, Needs) ->
    Prefix = proplists:get_value(prefix, Config),
    Full = Prefix ++ "_" ++ Name,
    Dir = filename:join(proplists:get_value(dir, Config), Name),
    ok = real_rebar3:app(Dir, Full, "1.0.0", [Prefix ++ "_" ++ Need || Need <- Needs]),
    AppSrc = filename:join([Dir, "src", Full ++ ".app.src"]),
    {ok, [{application, _, Details}]} = file:consult(AppSrc),
    App = #{name => list_to_binary(Full), version => <<"1.0.0">>, version_source => "1.0.0", dir => Dir,
            app_src => AppSrc, details => Details, dependencies => [], locks => [], doc_dir => "doc"},
    ok = write(App, "priv/noise", crypto:strong_rand_bytes(3 bsl 20)),
    App.

write(#{dir := Dir}, File, Content) ->
    real_rebar3:write(Dir, File, Content).

has(Text, Part) ->
    real_rebar3:has(unicode:characters_to_binary(Text), unicode:characters_to_binary(Part)).

shows(Answer, Part) ->
    has(hexide_layout:plain(hexide_answer_text:answer(<<"publish">>, Answer)), Part).
