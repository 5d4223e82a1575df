%% @doc Ctrl-C at a terminal while real rebar3 waits for a registry that never answers, or for a person.
-module(rebar3_hexide_interrupt_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1, init_per_testcase/2, end_per_testcase/2,
         press/0]).
-export([a_stopped_reader_changed_nothing/1, a_stopped_change_says_where_to_look/1,
         a_question_is_left_with_the_terminal_as_it_was/1, a_stopped_sweep_of_many_requests_ends/1,
         what_was_interrupted_last_decides/1, the_server_ends_by_it/1, every_command_says_what_state_things_are_in/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, has/2, hasnt/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 2}}].

-spec all() -> [atom()].
all() ->
    [a_stopped_reader_changed_nothing, a_stopped_change_says_where_to_look,
     a_question_is_left_with_the_terminal_as_it_was, a_stopped_sweep_of_many_requests_ends,
     what_was_interrupted_last_decides, the_server_ends_by_it, every_command_says_what_state_things_are_in].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "interrupt") of
        {ok, Started} ->
            Project = filename:join(proplists:get_value(base, Started), "project"),
            ok = app(Project, "project", "0.1.0", []),
            ok = write(Project, "rebar.lock", 
                       "{\"1.2.0\",[{<<\"alpha\">>,{pkg,<<\"alpha\">>,<<\"1.0.0\">>},0}]}.\n[].\n"),
            ok = plugin(Started, Project),
            {ok, Server} = hexide_server:start_link(#{}),
            {ok, #{public_key := Public}} = hexide_server:info(Server),
            ok = hexide_server:stop(Server),
            [{project, Project}, {public, string:replace(string:trim(Public), "\n", "\\n", all)} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(_) ->
    ok.

-spec init_per_testcase(atom(), [tuple()]) -> [tuple()].
init_per_testcase(_, Config) ->
    Server = stalled_server:start(),
    Url = stalled_server:url(Server),
    ok = write(proplists:get_value(project, Config), "rebar.config",
               ["{project_plugins, [hexide]}.\n{deps, [alpha]}.\n{hex, [{repos, replace, [#{name => <<\"stalled\">>, ",
                "repo_url => <<\"", Url, "\">>, api_url => <<\"", Url, "\">>, repo_public_key => <<\"",
                proplists:get_value(public, Config), "\">>}]}]}.\n"]),
    [{stalled, Server} | Config].

-spec end_per_testcase(atom(), [tuple()]) -> term().
end_per_testcase(_, Config) ->
    stalled_server:stop(proplists:get_value(stalled, Config)).

-spec a_stopped_reader_changed_nothing([tuple()]) -> term().
a_stopped_reader_changed_nothing(Config) ->
    Search = at_terminal(Config, ["search", "alpha"]),
    ok = asked(),
    terminal:interrupt(Search),
    {130, Said} = terminal:ended(Search),
    has(Said, "Interrupted; nothing was changed."),
    ok = closed().

-spec a_stopped_change_says_where_to_look([tuple()]) -> term().
a_stopped_change_says_where_to_look(Config) ->
    Add = at_terminal(Config, ["owner", "add", "alpha", "joe"]),
    ok = asked(),
    terminal:interrupt(Add),
    {130, Said} = terminal:ended(Add),
    has(Said, "whether the registry carried it out is not known"),
    has(Said, "`rebar3 hex owner list alpha`"),
    hasnt(Said, "nothing was changed").

-spec a_question_is_left_with_the_terminal_as_it_was([tuple()]) -> term().
a_question_is_left_with_the_terminal_as_it_was(Config) ->
    Line = "trap : INT; rebar3 hex user register --username joe --email joe@example.com; echo code $?; stty -a",
    Register = terminal:start(proplists:get_value(project, Config), "sh", ["-c", Line], environment(Config)),
    _ = terminal:see(Register, "Password"),
    terminal:interrupt(Register),
    %% The shell goes on, as it does for a person.
    {_, Said} = terminal:ended(Register),
    has(Said, "Interrupted; nothing was changed."),
    has(Said, "code 130"),
    ?assertMatch({match, _}, re:run(Said, "[ ;]echo ")).

-spec a_stopped_sweep_of_many_requests_ends([tuple()]) -> term().
a_stopped_sweep_of_many_requests_ends(Config) ->
    Outdated = at_terminal(Config, ["outdated", "--json"]),
    ok = asked(),
    terminal:interrupt(Outdated),
    {130, Said} = terminal:ended(Outdated),
    has(Said, "\"code\": \"cancelled\""),
    has(Said, "\"reason\": \"interrupted\"").

-spec what_was_interrupted_last_decides([tuple()]) -> term().
what_was_interrupted_last_decides(_) ->
    %% In a node of its own, as rebar3's: that of the tests takes Ctrl-C for a wish to talk.
    Paths = lists:append([["-pa", Dir] || Dir <- code:get_path(), filelib:is_dir(Dir)]),
    Port = open_port({spawn_executable, os:find_executable("erl")},
                     [{args, ["+Bd", "-noshell" | Paths]
                              ++ ["-eval", "rebar3_hexide_interrupt_SUITE:press(), halt(7)."]},
                      exit_status, binary, stderr_to_stdout]),
    ?assertEqual({7, <<>>}, collect(Port, <<>>)).

%% @doc What happens in that node.
-spec press() -> term().
press() ->
    Wait = fun() ->
               "" = os:cmd("kill -INT " ++ os:getpid()),
               receive after infinity -> never end
           end,
    hexide_interrupt:watched(
      fun(Watch) ->
          Inner = fun(Then) ->
                      hexide_interrupt:run(Watch, fun() -> Then(hexide_interrupt:run(Watch, Wait)) end)
                  end,
          ?assertEqual({ran, {cleaned_up, interrupted}}, Inner(fun(Stopped) -> {cleaned_up, Stopped} end)),
          ?assertEqual(interrupted, Inner(fun(_) -> Wait() end)),
          ?assertEqual({ran, 1}, hexide_interrupt:run(Watch, fun() -> 1 end)),
          ?assertError(mistake, hexide_interrupt:run(Watch, fun() -> error(mistake) end)),
          ?assertThrow(thrown, hexide_interrupt:run(Watch, fun() -> throw(thrown) end))
      end).

collect(Port, Output) ->
    receive
        {Port, {data, Data}} -> collect(Port, <<Output/binary, Data/binary>>);
        {Port, {exit_status, Status}} -> {Status, Output}
    after 60_000 -> error({no_end, Output})
    end.

-spec the_server_ends_by_it([tuple()]) -> term().
the_server_ends_by_it(Config) ->
    Server = at_terminal(Config, ["server"]),
    _ = terminal:see(Server, "It ends when its input ends"),
    terminal:interrupt(Server),
    {0, _} = terminal:ended(Server).

-spec every_command_says_what_state_things_are_in([tuple()]) -> term().
every_command_says_what_state_things_are_in(_) ->
    Says = fun(Name, Args, Options) ->
               {error, {cancelled, #{message := Message}} = Failure} =
                   hexide_interruption:explained({error, hexide_interruption:failure()}, Name, Options#{args => Args}),
               130 = hexide_failure:exit_code(Failure),
               Message
           end,
    [?assertEqual(<<"interrupted; nothing was changed">>, Says(Name, Args, Options))
     || {Name, Args, Options} <- [{<<"publish">>, [], #{dry_run => true}}, {<<"info">>, [], #{}},
                                  {<<"key">>, [<<"list">>], #{}}, {<<"organization">>, [<<"list">>], #{}},
                                  {<<"owner">>, [<<"list">>, <<"p">>], #{}}, {<<"user">>, [<<"whoami">>], #{}}]],
    [has(Says(Name, Args, #{}), Look)
     || {Name, Args, Look} <- [{<<"publish">>, [], "`rebar3 hex info PACKAGE`"},
                               {<<"cut">>, [], "git log"}, {<<"retire">>, [<<"p">>, <<"1.0.0">>], "hex info p`"},
                               {<<"user">>, [<<"key">>, <<"generate">>], "hex key list`"},
                               {<<"organization">>, [<<"key">>, <<"o">>, <<"remove">>, <<"k">>],
                                "hex organization key o list`"},
                               {<<"organization">>, [<<"members">>, <<"add">>, <<"o">>, <<"u">>],
                                "hex organization members list o`"}]],
    %% One that is not known here is not said to have changed nothing.
    hasnt(Says(<<"brand new">>, [], #{}), "nothing was changed"),
    %% Who knows better is believed.
    Better = {error, {cancelled, #{reason => <<"interrupted">>, message => <<"the release is there">>}}},
    ?assertEqual(Better, hexide_interruption:explained(Better, <<"publish">>, #{args => []})).

%% --- helpers

at_terminal(Config, Args) ->
    terminal:start(proplists:get_value(project, Config), "rebar3", ["hex" | Args], environment(Config)).

environment(Config) ->
    real_rebar3:environment(Config) ++ [{"HEX_API_KEY", "key"}].

asked() ->
    receive {stalled, _, asked} -> ok after 60_000 -> error(nothing_asked) end.

closed() ->
    receive {stalled, _, closed} -> ok after 60_000 -> error(still_connected) end.
