%% @doc The table of commands and the reading of arguments.
-module(hexide_cmd_option_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([long_and_short_options_are_read_in_any_order/1, text_with_commas_and_dashes_stays_whole/1,
         two_dashes_end_the_options/1, flags_can_be_negated_and_joined/1, repeated_options_are_collected/1,
         a_misspelt_option_is_corrected/1, a_missing_value_is_named/1, wrong_values_are_refused/1,
         numbers_are_no_options/1, unicode_stays_what_it_is/1, every_command_can_be_run_and_explained/1,
         no_two_options_of_a_command_collide/1, failures_have_their_exit_codes/1]).

-spec all() -> [atom()].
all() ->
    [long_and_short_options_are_read_in_any_order, text_with_commas_and_dashes_stays_whole,
     two_dashes_end_the_options, flags_can_be_negated_and_joined, repeated_options_are_collected,
     a_misspelt_option_is_corrected, a_missing_value_is_named, wrong_values_are_refused, numbers_are_no_options,
     unicode_stays_what_it_is, every_command_can_be_run_and_explained, no_two_options_of_a_command_collide,
     failures_have_their_exit_codes].

-spec long_and_short_options_are_read_in_any_order(term()) -> term().
long_and_short_options_are_read_in_any_order(_) ->
    Expected = {ok, #{args => [<<"package">>], yes => true, app => [<<"one">>], repo => <<"local">>}},
    [?assertEqual(Expected, parse(<<"publish">>, Args))
     || Args <- [["package", "--yes", "--app", "one", "--repo", "local"],
                 ["--app=one", "-y", "package", "-r", "local"],
                 ["-yrlocal", "--app", "one", "package"]]].

-spec text_with_commas_and_dashes_stays_whole(term()) -> term().
text_with_commas_and_dashes_stays_whole(_) ->
    ?assertEqual({ok, #{args => [<<"p">>, <<"1.0.0">>, <<"other">>], message => <<"Broken, use 2.0">>}},
                 parse(<<"retire">>, ["p", "1.0.0", "other", "--message", "Broken, use 2.0"])),
    ?assertEqual({ok, #{args => [], message => <<"--no=1">>}}, parse(<<"retire">>, ["--message=--no=1"])).

-spec two_dashes_end_the_options(term()) -> term().
two_dashes_end_the_options(_) ->
    ?assertEqual({ok, #{args => [<<"a">>, <<"--yes">>, <<"--">>], json => true}},
                 parse(<<"search">>, ["--json", "a", "--", "--yes", "--"])).

-spec flags_can_be_negated_and_joined(term()) -> term().
flags_can_be_negated_and_joined(_) ->
    ?assertEqual({ok, #{args => [], yes => false}}, parse(<<"publish">>, ["--yes", "--no-yes"])),
    ?assertEqual({ok, #{args => [], yes => true, help => true}}, parse(<<"publish">>, ["-yh"])),
    ?assertMatch({error, {usage, #{}}}, parse(<<"publish">>, ["--no-app"])).

-spec repeated_options_are_collected(term()) -> term().
repeated_options_are_collected(_) ->
    ?assertEqual({ok, #{args => [<<"generate">>, <<"ci">>], permission => [<<"api:read">>, <<"package:hexpm/a">>]}},
                 parse(<<"key">>, ["generate", "ci", "--permission", "api:read", "--permission=package:hexpm/a"])).

-spec a_misspelt_option_is_corrected(term()) -> term().
a_misspelt_option_is_corrected(_) ->
    ?assertEqual(<<"unknown option --dryrun; did you mean --dry-run?">>, refusal(<<"publish">>, ["--dryrun"])),
    ?assertEqual(<<"unknown option --repos; did you mean --repo?">>, refusal(<<"publish">>, ["--repos=x"])),
    ?assertMatch(<<"unknown option --something-else; the options are --repo", _/binary>>,
                 refusal(<<"info">>, ["--something-else"])),
    ?assertMatch(<<"unknown option -x; ", _/binary>>, refusal(<<"info">>, ["-x"])).

-spec a_missing_value_is_named(term()) -> term().
a_missing_value_is_named(_) ->
    ?assertEqual(<<"--app needs a value: --app NAME">>, refusal(<<"publish">>, ["--app"])),
    ?assertEqual(<<"--repo needs a value: --repo NAME">>, refusal(<<"info">>, ["-r"])),
    ?assertEqual(<<"--yes takes no value">>, refusal(<<"publish">>, ["--yes=1"])).

-spec wrong_values_are_refused(term()) -> term().
wrong_values_are_refused(_) ->
    ?assertEqual(<<"--increment must be one of major, minor, patch, not `huge`">>, refusal(<<"cut">>, ["-i", "huge"])),
    ?assertEqual(<<"--limit needs a number, not `many`">>, refusal(<<"search">>, ["x", "--limit", "many"])),
    ?assertEqual(<<"--limit needs a number, not `-1`">>, refusal(<<"search">>, ["x", "--limit=-1"])),
    ?assertEqual({ok, #{args => [<<"x">>], limit => 7}}, parse(<<"search">>, ["x", "--limit", "7"])).

-spec numbers_are_no_options(term()) -> term().
numbers_are_no_options(_) ->
    ?assertEqual({ok, #{args => [<<"-1">>, <<"-">>]}}, parse(<<"search">>, ["-1", "-"])).

-spec unicode_stays_what_it_is(term()) -> term().
unicode_stays_what_it_is(_) ->
    ?assertEqual({ok, #{args => [<<"größe"/utf8>>], repo => <<"東京"/utf8>>}},
                 parse(<<"search">>, [<<"größe"/utf8>>, "--repo", [26481, 20140]])),
    ?assertMatch(<<"unknown option --größe; "/utf8, _/binary>>, refusal(<<"info">>, [<<"--größe"/utf8>>])).

-spec every_command_can_be_run_and_explained(term()) -> term().
every_command_can_be_run_and_explained(_) ->
    [begin
         {module, Module} = code:ensure_loaded(Module),
         ?assert(erlang:function_exported(Module, run, 2), Name),
         {ok, #{command := #{name := Name, forms := [_ | _]} = Described}} =
             hexide_cmd_help:run(#{}, #{args => [Name]}),
         Text = hexide_layout:plain(hexide_answer_text:answer(<<"help">>, #{command => Described})),
         [?assertNotEqual(nomatch, string:find(Text, Form), Form) || Form <- maps:get(forms, Command)],
         [?assertNotEqual(nomatch, string:find(Text, <<"--", Long/binary>>))
          || #{long := Long} <- hexide_command:options(Command)]
     end || #{name := Name, module := Module} = Command <- hexide_command:all()],
    ?assertMatch({error, {usage, #{message := <<"there is no command `serch`; did you mean `search`?">>}}},
                 hexide_cmd_help:run(#{}, #{args => [<<"serch">>]})).

-spec no_two_options_of_a_command_collide(term()) -> term().
no_two_options_of_a_command_collide(_) ->
    [[begin
          Values = [maps:get(Key, Option) || Option <- hexide_command:options(Command), is_map_key(Key, Option)],
          ?assertEqual(lists:usort(Values), lists:sort(Values), maps:get(name, Command))
      end || Key <- [name, long, short]] || Command <- hexide_command:all()].

-spec failures_have_their_exit_codes(term()) -> term().
failures_have_their_exit_codes(_) ->
    [?assertEqual(Exit, hexide_failure:exit_code({Code, #{message => <<"x">>}}), Code)
     || {Code, Exit} <- [{usage, 2}, {connect, 3}, {timeout, 3}, {server, 3}, {protocol, 3}, {tls, 3},
                         {not_found, 1}, {unauthorized, 1}, {cancelled, 1}, {bad_metadata, 1}, {failed, 1}]],
    ?assertEqual(<<"Say what to do. See `rebar3 hex help key`.">>,
                 hexide_failure:format(hexide_failure:usage(<<"key">>, "say what to do"))).

parse(Name, Args) ->
    {ok, Command} = hexide_command:find(Name),
    hexide_option:parse(Command, Args).

refusal(Name, Args) ->
    {error, {usage, #{command := Name, message := Message}}} = parse(Name, Args),
    Message.
