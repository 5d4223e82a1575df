-module(greeting_tests).

-include_lib("eunit/include/eunit.hrl").

every_language_greets_at_every_hour_test() ->
    [begin
         {ok, Greeting} = greeting:greet("Zo\x{eb}", Language, greeting:part_of_day(Hour)),
         ?assertNotEqual(nomatch, string:find(Greeting, <<"Zo\x{eb}"/utf8>>))
     end || Language <- greeting:languages(), Hour <- lists:seq(0, 23)].

a_day_has_its_parts_in_order_test() ->
    ?assertEqual([evening, morning, day, evening], [greeting:part_of_day(Hour) || Hour <- [4, 5, 11, 18]]).

letters_beyond_ascii_arrive_whole_test() ->
    ?assertEqual({ok, <<"\x{a1}Buenos d\x{ed}as, Ada!"/utf8>>}, greeting:greet(<<"Ada">>, es, morning)).

a_blank_name_is_refused_test() ->
    ?assertEqual({error, no_name}, greeting:greet("  ", en, day)),
    ?assertEqual({error, no_name}, greeting:greet(<<>>, en, day)).

a_code_is_found_whatever_its_case_test() ->
    ?assertEqual({ok, sv}, greeting:language(<<"SV">>)),
    ?assertEqual(error, greeting:language("tlh")).
