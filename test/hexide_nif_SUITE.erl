%% The native library inside a node: loading, replacing, and the terms it shares with the Erlang side.
-module(hexide_nif_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([loading_over_it_is_refused/1, a_library_that_does_not_load_says_why/1, an_escript_says_that_it_holds_no_library/1,
         replaced_with_jobs_in_flight/1, every_code_has_a_sentence/1,
         foreign_atoms_are_never_made/1, bad_arguments_raise/1, json_of_every_kind_of_term/1]).

-define(DEADLINE, 60_000).

all() ->
    [loading_over_it_is_refused, a_library_that_does_not_load_says_why, an_escript_says_that_it_holds_no_library,
     replaced_with_jobs_in_flight, every_code_has_a_sentence,
     foreign_atoms_are_never_made, bad_arguments_raise, json_of_every_kind_of_term].

%% rustler has no upgrade callback: the new code is refused, the old goes on.
loading_over_it_is_refused(_) ->
    ?assertEqual({ok, lt}, hexide_version:compare("1.0.0", "1.0.1")),
    ?assertMatch({error, on_load_failure}, code:load_file(hexide_nif)),
    ?assertEqual({ok, lt}, hexide_version:compare("1.0.0", "1.0.1")).

a_library_that_does_not_load_says_why(Config) ->
    Folder = filename:join(proplists:get_value(priv_dir, Config), "hexide"),
    Library = filename:join([Folder, "priv", "hexide_nif.so"]),
    ok = filelib:ensure_dir(Library),
    ok = file:make_symlink(filename:dirname(code:which(hexide_nif)), filename:join(Folder, "ebin")),
    ok = file:write_file(Library, "no library\n"),
    Said = erl(["-pa", filename:join(Folder, "ebin"), "-eval",
                "try hexide_version:compare(\"1.0.0\", \"1.0.1\") catch error:{not_loaded, Why} -> io:put_chars(Why) end, halt()."]),
    [?assertNotEqual(nomatch, string:find(Said, Part), Said) || Part <- [Library, "cannot be loaded", "build.sh"]].

an_escript_says_that_it_holds_no_library(Config) ->
    Script = filename:join(proplists:get_value(priv_dir, Config), "script"),
    Ebin = filename:dirname(code:which(hexide_nif)),
    Files = [{"hexide/ebin/" ++ filename:basename(File), element(2, {ok, _} = file:read_file(File))}
             || File <- filelib:wildcard(filename:join(Ebin, "*.{beam,app}"))],
    Main = "-module(script).\n-export([main/1]).\nmain(_) ->\n"
           "    try hexide_version:compare(\"1.0.0\", \"1.0.1\") catch error:{not_loaded, Why} -> io:put_chars(Why) end.\n",
    {ok, Tokens, _} = erl_scan:string(Main),
    {ok, script, Beam} = compile:forms(forms(Tokens)),
    Archive = [{"hexide/priv/hexide_nif.so", <<"cannot be mapped from here">>}, {"script.beam", Beam} | Files],
    ok = escript:create(Script, [shebang, {emu_args, "-escript main script -pa " ++ Script ++ "/hexide/ebin"},
                                 {archive, Archive, []}]),
    ok = file:change_mode(Script, 8#755),
    Said = os:cmd(Script),
    [?assertNotEqual(nomatch, string:find(Said, Part), Said) || Part <- ["cannot be loaded", "such as an escript"]].

forms([]) -> [];
forms(Tokens) ->
    {Form, [Dot | Rest]} = lists:splitwith(fun(Token) -> element(1, Token) =/= dot end, Tokens),
    {ok, Parsed} = erl_parse:parse_form(Form ++ [Dot]),
    [Parsed | forms(Rest)].

erl(Arguments) ->
    Port = open_port({spawn_executable, os:find_executable("erl")},
                     [{args, ["-noinput" | Arguments]}, exit_status, binary, stderr_to_stdout]),
    said(Port, <<>>).

said(Port, Said) ->
    receive
        {Port, {data, Data}} -> said(Port, <<Said/binary, Data/binary>>);
        {Port, {exit_status, _}} -> Said
    after ?DEADLINE -> error({no_end, Said})
    end.

%% An appup says delete_module and add_module; jobs that were started before still answer or are cancelled.
replaced_with_jobs_in_flight(_) ->
    Server = stalled_server:start(),
    Settings = #{api_url => stalled_server:url(Server), timeout => 60_000, retries => 0},
    Waiting = spawn(fun() -> hexide_user:me(Settings) end),
    Socket = receive
                 {stalled, Asked, asked} -> Asked
             after ?DEADLINE -> error(never_asked)
             end,
    Computing = hexide_nif:registry_generate_key(),
    true = code:delete(hexide_nif),
    false = code:purge(hexide_nif),
    {module, hexide_nif} = code:load_file(hexide_nif),
    ?assertEqual({ok, lt}, hexide_version:compare("1.0.0", "1.0.1")),
    ?assertMatch({ok, _}, hexide_job:await(Computing, #{timeout => ?DEADLINE})),
    ?assertMatch({ok, _}, hexide_registry:generate_key()),
    exit(Waiting, kill),
    receive
        {stalled, Socket, closed} -> ok
    after ?DEADLINE -> error(still_open)
    end,
    stalled_server:stop(Server).

every_code_has_a_sentence(_) ->
    Codes = hexide_nif:error_codes(),
    ?assert(length(Codes) > 20),
    Sentences = [hexide_error:format({Code, #{message => <<"it went wrong">>}}) || Code <- Codes],
    [?assertMatch(<<"It went wrong. ", _, _/binary>>, Sentence) || Sentence <- Sentences],
    ?assertEqual(length(Codes), length(lists:usort(Sentences))).

foreign_atoms_are_never_made(_) ->
    Name = <<"an_atom_that_no_module_of_this_node_has_ever_named_", (integer_to_binary(rand:uniform(1 bsl 60)))/binary>>,
    Text = <<"#{", Name/binary, " => [", Name/binary, ", ok]}.">>,
    {ok, [Term]} = hexide_nif:term_read(Text),
    ?assertEqual(#{{'$atom', Name} => [{'$atom', Name}, ok]}, Term),
    ?assertError(badarg, binary_to_existing_atom(Name)),
    Written = hexide_nif:term_write(Term),
    ?assertEqual({ok, [Term]}, hexide_nif:term_read(<<Written/binary, ".">>)),
    {ok, Tokens, _} = erl_scan:string(binary_to_list(Written) ++ "."),
    {ok, Parsed} = erl_parse:parse_term(Tokens),
    ?assertEqual([Name, <<"ok">>], [atom_to_binary(Atom) || Atom <- hd(maps:values(Parsed))]).

bad_arguments_raise(_) ->
    ?assertError(badarg, hexide_package:get(#{}, {not_text})),
    ?assertError(badarg, hexide_package:get(not_a_map, "name")),
    ?assertError(badarg, hexide_version:bump("1.0.0", sideways)),
    ?assertError(badarg, hexide_tarball:metadata(not_a_binary)),
    ?assertError(badarg, hexide_json:encode(self())).

json_of_every_kind_of_term(_) ->
    Term = #{a => undefined, <<"b"/utf8>> => [1, -2.5, true, some_atom], <<"ü"/utf8>> => <<"ß€𝄞"/utf8>>,
             big => 18446744073709551615, empty => [], map => #{}},
    Text = hexide_json:encode(Term),
    [?assertNotEqual(nomatch, string:find(Text, Part))
     || Part <- [<<"\"a\": null">>, <<"-2.5">>, <<"\"some_atom\"">>, <<"\"ü\": \"ß€𝄞\""/utf8>>,
                 <<"18446744073709551615">>, <<"\"empty\": []">>, <<"\"map\": {}">>]].
