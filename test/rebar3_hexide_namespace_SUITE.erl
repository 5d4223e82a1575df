%% @doc Where real rebar3 finds the commands: as a plugin of the project or of the person, beside another plugin that
%% claims the same namespace, in another namespace; and that help says the same wherever one asks for it.
-module(rebar3_hexide_namespace_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([both_who_claim_the_namespace_are_named/1, another_namespace_makes_room/1,
         texts_name_the_namespace_that_is_used/1, a_plugin_of_the_person_serves_every_project/1,
         help_says_the_same_wherever_it_is_asked/1, every_help_has_an_example_and_tells_the_exit_codes/1,
         what_others_wrote_keeps_its_words/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, run/4, has/2, hasnt/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [atom()].
all() ->
    [both_who_claim_the_namespace_are_named, another_namespace_makes_room, texts_name_the_namespace_that_is_used,
     a_plugin_of_the_person_serves_every_project, help_says_the_same_wherever_it_is_asked,
     every_help_has_an_example_and_tells_the_exit_codes, what_others_wrote_keeps_its_words].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    real_rebar3_or_skip(real_rebar3:prepare(Config, "namespace")).

real_rebar3_or_skip({ok, Started}) ->
    Project = filename:join(proplists:get_value(base, Started), "project"),
    ok = app(Project, "project", "0.1.0", []),
    ok = plugin(Started, Project),
    ok = old_plugin(Project),
    [{project, Project} | Started];
real_rebar3_or_skip({skip, _} = Skip) ->
    Skip.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(_) ->
    ok.

%% A stand-in for the plugin that had the namespace before.
old_plugin(Project) ->
    Dir = filename:join(Project, "_checkouts/rebar3_hex"),
    ok = write(Dir, "src/rebar3_hex.app.src",
               "{application, rebar3_hex, [{vsn, \"7.0.0\"}, {applications, [kernel, stdlib]}]}.\n"),
    write(Dir, "src/rebar3_hex.erl",
          "-module(rebar3_hex).\n-export([init/1, do/1, format_error/1]).\n"
          "init(State) -> {ok, lists:foldl(fun(Name, Before) -> rebar_state:add_provider(Before,\n"
          "    providers:create([{name, Name}, {module, ?MODULE}, {namespace, hex}, {bare, true}, {deps, []},\n"
          "                      {example, \"\"}, {short_desc, \"\"}, {desc, \"\"}, {opts, []}])) end,\n"
          "    State, [publish, search, owner])}.\n"
          "do(State) -> io:format(\"this is the old one~n\"), {ok, State}.\n"
          "format_error(Reason) -> io_lib:format(\"~p\", [Reason]).\n").

-spec both_who_claim_the_namespace_are_named([tuple()]) -> term().
both_who_claim_the_namespace_are_named(Config) ->
    [begin
         ok = configured(Config, ["{project_plugins, [", Order, "]}.\n"]),
         {0, Out, Said} = in_project(Config, ["hex", "help", "owner"]),
         has(Out, "rebar3 hex owner list PACKAGE"),
         has(Said, "both hexide and rebar3_hex claim the namespace `hex`"),
         has(Said, "{hexide, [{namespace, hexide}]}"),
         {0, Json, _} = in_project(Config, ["hex", "help", "owner", "--json"]),
         has(Json, "\"forms\"")
     end || Order <- ["hexide, rebar3_hex", "rebar3_hex, hexide"]].

-spec another_namespace_makes_room([tuple()]) -> term().
another_namespace_makes_room(Config) ->
    ok = configured(Config, "{project_plugins, [rebar3_hex, hexide]}.\n{hexide, [{namespace, oxide}]}.\n"),
    {0, Help, <<>>} = in_project(Config, ["oxide", "help"]),
    has(Help, "`rebar3 oxide help COMMAND`"),
    {0, Old, <<>>} = in_project(Config, ["hex", "publish"]),
    has(Old, "this is the old one"),
    %% As one task among others it is rebar3 that reports.
    {1, Reported, _} = in_project(Config, ["do", "oxide", "owner"]),
    has(Reported, "`rebar3 oxide help owner`").

-spec texts_name_the_namespace_that_is_used([tuple()]) -> term().
texts_name_the_namespace_that_is_used(Config) ->
    ok = configured(Config, "{project_plugins, [hexide]}.\n{hexide, [{namespace, oxide}]}.\n"),
    [begin
         {Code, Out, Said} = in_project(Config, Args),
         [has([Out, Said], "rebar3 oxide") || Code =/= 0],
         hasnt([Out, Said], "rebar3 hex")
     end || Args <- [["oxide", "owner"], ["oxide", "owner", "--json"], ["oxide", "user", "whoami"],
                     ["oxide", "Publish"], ["help", "oxide", "user"], ["help", "oxide"],
                     ["oxide", "help"] | [["oxide", "help", binary_to_list(Name)] || Name <- [<<"user">>, <<"key">>]]]].

-spec a_plugin_of_the_person_serves_every_project([tuple()]) -> term().
a_plugin_of_the_person_serves_every_project(Config0) ->
    Config = [{home, "of_all"} | Config0],
    Elsewhere = filename:join(proplists:get_value(base, Config), "elsewhere"),
    ok = app(Elsewhere, "elsewhere", "0.1.0", []),
    ok = plugin(Config, Elsewhere),
    Own = filename:dirname(real_rebar3:hex_config(Config)),
    ok = write(Own, "rebar.config", "{plugins, [hexide]}.\n"),
    {2, _, Said} = run(Config, Elsewhere, "rebar3", ["hex", "owner"]),
    has(Said, "`rebar3 hex help owner`"),
    %% The configuration that lists the plugin is the one that says where it is.
    ok = write(Elsewhere, "rebar.config", "{hexide, [{namespace, nowhere}]}.\n"),
    {2, _, Still} = run(Config, Elsewhere, "rebar3", ["hex", "owner"]),
    has(Still, "`rebar3 hex help owner`"),
    ok = write(Own, "rebar.config", "{plugins, [hexide]}.\n{hexide, [{namespace, oxide}]}.\n"),
    {2, _, Renamed} = run(Config, Elsewhere, "rebar3", ["oxide", "owner"]),
    has(Renamed, "`rebar3 oxide help owner`").

-spec help_says_the_same_wherever_it_is_asked([tuple()]) -> term().
help_says_the_same_wherever_it_is_asked(Config) ->
    ok = configured(Config, "{project_plugins, [hexide]}.\n"),
    [begin
         {0, Help, <<>>} = in_project(Config, ["hex", "help", Name]),
         {0, Same, <<>>} = in_project(Config, ["hex", Name, "--help"]),
         ?assertEqual(Help, Same),
         %% rebar3 lists the options itself, from the same table.
         {0, Rebars, Listed} = in_project(Config, ["help", "hex", Name]),
         [Told, _] = string:split(Help, "\nOptions\n"),
         has(Rebars, Told),
         %% It breaks long lines.
         Unbroken = re:replace(Listed, "\\s+", " ", [global, {return, binary}]),
         {ok, Command} = hexide_command:find(list_to_binary(Name)),
         [begin
              has(Help, <<"--", Long/binary>>),
              has(Help, About),
              [has(Unbroken, Part) || Option =/= help, Part <- [<<"--", Long/binary>>, About]]
          end || #{name := Option, long := Long, help := About} <- hexide_command:options(Command)]
     end || Name <- ["publish", "owner", "help"]].

-spec every_help_has_an_example_and_tells_the_exit_codes([tuple()]) -> term().
every_help_has_an_example_and_tells_the_exit_codes(Config) ->
    [?assertMatch([_ | _], Examples, Name) || #{name := Name, examples := Examples} <- hexide_command:all()],
    ok = configured(Config, "{project_plugins, [hexide]}.\n"),
    {0, Help, <<>>} = in_project(Config, ["hex", "help"]),
    [has(Help, Part) || Part <- ["Exit codes", "130", "wrong usage", "the network or the server failed"]].

-spec what_others_wrote_keeps_its_words(term()) -> term().
what_others_wrote_keeps_its_words(_) ->
    Named = fun(Document) -> hexide_layout:plain(hexide_door:document(Document, {rebar3, oxide})) end,
    Theirs = <<"run `rebar3 hex publish`">>,
    ?assertEqual(<<"run `rebar3 hex publish`\nrun `rebar3 oxide publish`">>, Named([Theirs, $\n, {own, Theirs}])),
    ?assertEqual(<<"run `rebar3 hex publish`  run `rebar3 oxide publish`\n">>,
                 Named({rows, [[Theirs, {own, Theirs}]]})),
    ?assertEqual(<<"see rebar3 help oxide or rebar3 hexagon or rebar3 oxide">>,
                 hexide_door:sentence(<<"see rebar3 help hex or rebar3 hexagon or rebar3 hex">>, {rebar3, oxide})),
    [?assertEqual(Expected, rebar3_hexide_namespace:chosen(Settings))
     || {Expected, Settings} <- [{hex, []}, {oxide, [{namespace, oxide}]}, {hex, [{namespace, default}]},
                                 {hex, [{namespace, "oxide"}]}, {hex, nonsense}, {hex, [other]}]].

%% --- helpers

configured(Config, Text) ->
    write(proplists:get_value(project, Config), "rebar.config", Text).

in_project(Config, Args) ->
    run(Config, proplists:get_value(project, Config), "rebar3", Args).
