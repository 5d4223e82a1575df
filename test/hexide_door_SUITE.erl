%% @doc The words of the doors: what is written for rebar3 is said to Mix's users in theirs.
-module(hexide_door_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([commands_are_named_as_tasks_of_mix/1, files_of_rebar3_are_those_of_mix/1,
         paths_and_strangers_keep_their_words/1, nothing_that_mix_explains_names_rebar3s_door/1, every_failure_names_a_command_that_mix_has/1,
         problems_of_metadata_speak_of_mix_exs/1]).

all() ->
    [commands_are_named_as_tasks_of_mix, files_of_rebar3_are_those_of_mix, paths_and_strangers_keep_their_words,
     nothing_that_mix_explains_names_rebar3s_door, every_failure_names_a_command_that_mix_has,
     problems_of_metadata_speak_of_mix_exs].

-spec commands_are_named_as_tasks_of_mix(term()) -> term().
commands_are_named_as_tasks_of_mix(_) ->
    [?assertEqual(Expected, hexide_door:sentence(Written, mix))
     || {Written, Expected} <- [{<<"See `rebar3 hex help`.">>, <<"See `mix hexide.help`.">>},
                                {<<"run rebar3 hex user auth --repo ">>, <<"run mix hexide.user auth --repo ">>},
                                {<<"`rebar3 hex PACKAGE` or `rebar3 hex`">>,
                                 <<"`mix hexide PACKAGE` or `mix hexide`">>},
                                {<<"`rebar3 hex key list`, `rebar3 hex keyring`">>,
                                 <<"`mix hexide.key list`, `mix hexide keyring`">>}]].

-spec files_of_rebar3_are_those_of_mix(term()) -> term().
files_of_rebar3_are_those_of_mix(_) ->
    ?assertEqual(<<"neither in mix.exs nor in mix.lock; run `mix deps.get`; a key of hexide.config">>,
                 hexide_door:sentence(<<"neither in rebar.config nor in rebar.lock; run `rebar3 lock`; a key of "
                                        "hex.config">>, mix)).

-spec paths_and_strangers_keep_their_words(term()) -> term().
paths_and_strangers_keep_their_words(_) ->
    ?assertEqual(<<"cannot read /somewhere/hex.config">>,
                 hexide_door:sentence(<<"cannot read /somewhere/hex.config">>, mix)),
    Theirs = <<"run `rebar3 hex publish`">>,
    Document = [Theirs, "\n", {own, Theirs}, "\n", {by_door, "rebar3's", ["Mix's ", {own, Theirs}]}],
    Said = fun(Door) -> hexide_layout:plain(hexide_door:document(Document, Door)) end,
    ?assertEqual(<<"run `rebar3 hex publish`\nrun `mix hexide.publish`\nMix's run `mix hexide.publish`">>, Said(mix)),
    ?assertEqual(<<"run `rebar3 hex publish`\nrun `rebar3 oxide publish`\nrebar3's">>, Said({rebar3, oxide})),
    ?assertEqual(<<"run `rebar3 hex publish`\nrun `rebar3 hex publish`\nrebar3's">>, Said({rebar3, hex})).

-spec nothing_that_mix_explains_names_rebar3s_door(term()) -> term().
nothing_that_mix_explains_names_rebar3s_door(_) ->
    Commands = hexide_door:commands(mix),
    [begin
         {ok, Help} = hexide_cmd_help:run(#{commands => Commands}, #{args => [Name]}),
         Text = hexide_layout:plain(hexide_door:document(hexide_answer_text:answer(Name, Help), mix)),
         [?assertEqual(nomatch, string:find(Text, Word), {Name, Word})
          || Word <- ["rebar3 hex", "rebar.config", "rebar.lock", " hex.config", "your rebar3"]],
         ?assertNotEqual(nomatch, string:find(Text, ["mix hexide.", Name]), Name)
     end || #{name := Name} <- Commands],
    ?assertMatch({error, {usage, _}}, hexide_cmd_help:run(#{commands => Commands}, #{args => [<<"repo">>]})).

-spec every_failure_names_a_command_that_mix_has(term()) -> term().
every_failure_names_a_command_that_mix_has(_) ->
    Known = [Name || #{name := Name} <- hexide_door:commands(mix)],
    [begin
         Said = hexide_dispatch:format({Code, #{message => <<"this">>}}, mix),
         ?assertEqual(nomatch, string:find(Said, "rebar3 hex"), Code),
         [?assert(lists:member(Named, Known), {Code, Named})
          || {match, Found} <- [re:run(Said, "`mix hexide\\.([a-z]+)", [global, {capture, all_but_first, binary}])],
             [Named] <- Found]
     end || Code <- hexide_nif:error_codes()].

-spec problems_of_metadata_speak_of_mix_exs(term()) -> term().
problems_of_metadata_speak_of_mix_exs(_) ->
    Problem = {bad_metadata, #{app => <<"a">>, key => <<"links">>,
                               message => <<"`links` in the .app.src file must be">>}},
    #{error := #{problems := Problems}} = hexide_door:failure(hexide_metadata_problem:failure([Problem, Problem]), mix),
    [?assertEqual(<<"`links` in mix.exs must be">>, Message) || #{message := Message} <- Problems].
