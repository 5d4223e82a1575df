%% @doc The shapes of answers, and what checks answers by them.
-module(hexide_answer_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([every_command_has_a_schema_in_the_docs/1, what_is_not_documented_is_found/1, a_failure_is_documented/1,
         json_is_read_as_others_read_it/1]).

-spec all() -> [atom()].
all() ->
    [every_command_has_a_schema_in_the_docs, what_is_not_documented_is_found, a_failure_is_documented,
     json_is_read_as_others_read_it].

-spec every_command_has_a_schema_in_the_docs([tuple()]) -> term().
every_command_has_a_schema_in_the_docs(Config) ->
    [begin
         {ok, Text} = file:read_file(filename:join([root(Config), "docs", "schema", <<Name/binary, ".json">>])),
         #{<<"$schema">> := Dialect, <<"$id">> := Id} = json_text:parse(Text),
         ?assertEqual(<<"https://json-schema.org/draft/2020-12/schema">>, Dialect),
         ?assertEqual(<<Name/binary, ".json">>, Id)
     end || Name <- [<<"error">> | hexide_command:names()]].

-spec what_is_not_documented_is_found([tuple()]) -> term().
what_is_not_documented_is_found(Config) ->
    Good = #{name => <<"p">>, version => <<"1.0.0">>, retired => true, reason => <<"other">>, message => undefined},
    Found = fun(Answer) ->
                json_schema:found(root(Config), <<"retire">>, json_text:parse(hexide_json:encode(Answer)))
            end,
    ?assertEqual(ok, Found(Good)),
    [?assertMatch({not_as_documented, <<"retire.json">>, [Wrong], _}, Found(Answer))
     || {Wrong, Answer} <- [{{unknown, <<"more">>}, Good#{more => 1}},
                            {{missing, <<"reason">>}, maps:remove(reason, Good)},
                            {{in, <<"retired">>, {is_no, <<"boolean">>, <<"yes">>}}, Good#{retired => yes}},
                            {{in, <<"version">>, {is_no, <<"string">>, null}}, Good#{version => undefined}}]],
    Diff = fun(Op) ->
               Hunk = #{old_start => 1, old_lines => 1, new_start => 1, new_lines => 0,
                        edits => [#{op => Op, line => <<>>}]},
               File = #{path => <<"f">>, change => changed, binary => false, added => 0, removed => 1,
                        mode => undefined, hunks => [Hunk]},
               Answer = #{diff => #{name => <<"p">>, from => <<"1.0.0">>, to => <<"1.0.1">>, metadata => [],
                                    files => [File]}},
               json_schema:found(root(Config), <<"package">>, json_text:parse(hexide_json:encode(Answer)))
           end,
    ?assertEqual(ok, Diff(drop)),
    ?assertMatch({not_as_documented, _, [_], _}, Diff(dropped)).

-spec a_failure_is_documented([tuple()]) -> term().
a_failure_is_documented(Config) ->
    Failures = [hexide_failure:usage(<<"info">>, "m"), hexide_failure:usage(undefined, "m"), hexide_failure:failed("m"),
                hexide_interruption:failure(),
                {invalid, #{message => <<"m">>, status => 422, errors => #{<<"name">> => <<"is taken">>},
                            url => <<"http://x">>}},
                {rate_limited, #{message => <<"m">>, status => 429, retry_after => 7}}],
    [?assertEqual(ok, json_schema:check(root(Config), <<"info">>, hexide_json:encode(hexide_failure:report(Failure))))
     || Failure <- Failures].

-spec json_is_read_as_others_read_it(term()) -> term().
json_is_read_as_others_read_it(_) ->
    Term = #{text => <<"a\"\\\n\tß"/utf8, 16#1F600/utf8>>, list => [1, -2, 1.5, true, false, undefined, #{}, []]},
    ?assertEqual(#{<<"text">> => <<"a\"\\\n\tß"/utf8, 16#1F600/utf8>>,
                   <<"list">> => [1, -2, 1.5, true, false, null, #{}, []]}, json_text:parse(hexide_json:encode(Term))),
    ?assertEqual(<<16#1F600/utf8, "é"/utf8>>, json_text:parse(<<"\"\\uD83D\\uDE00\\u00e9\"">>)),
    [?assertError(_, json_text:parse(Wrong))
     || Wrong <- [<<"{} {}">>, <<"{\"a\": 1, \"a\": 2}">>, <<"[1">>, <<"nul">>, <<>>]].

root(Config) ->
    {ok, Prepared} = real_rebar3:prepare(Config, "answers"),
    proplists:get_value(root, Prepared).
