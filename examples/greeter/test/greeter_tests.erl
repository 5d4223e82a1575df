-module(greeter_tests).

-include_lib("eunit/include/eunit.hrl").

each_name_gets_its_line_in_order_test() ->
    ?assertEqual({ok, [<<"Good morning, Ada!">>, <<"Good morning, Alan!">>]}, greeter:run(["Ada", "Alan"], 8)).

the_language_is_the_one_asked_for_test() ->
    ?assertEqual({ok, [<<"God dag, Astrid!">>]}, greeter:run(["--language", "sv", "Astrid"], 12)).

an_unknown_language_is_named_with_those_there_are_test() ->
    {error, Message} = greeter:run(["--language", "tlh", "Worf"], 12),
    ?assertEqual(<<"No greetings in \"tlh\", only in de, en, es, fr, sv.">>, iolist_to_binary(Message)).

without_names_it_says_how_to_use_it_test() ->
    ?assertMatch({error, "Usage: " ++ _}, greeter:run([], 12)).

an_empty_name_is_refused_test() ->
    ?assertMatch({error, "A name is empty."}, greeter:run(["Ada", ""], 12)).
