%% The native library inside a node: loading, replacing, and the terms it shares with the Erlang side.
-module(hexide_nif_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([loading_over_it_is_refused/1, replaced_with_jobs_in_flight/1, every_code_has_a_sentence/1,
         foreign_atoms_are_never_made/1, bad_arguments_raise/1, json_of_every_kind_of_term/1,
         undefined_is_absent_in_what_is_encoded/1, an_index_comes_back_from_its_payload/1,
         of_an_index_only_the_wanted_packages_come/1, a_package_comes_back_from_its_payload/1]).

-define(DEADLINE, 10_000).

all() ->
    [loading_over_it_is_refused, replaced_with_jobs_in_flight, every_code_has_a_sentence,
     foreign_atoms_are_never_made, bad_arguments_raise, json_of_every_kind_of_term,
     undefined_is_absent_in_what_is_encoded, an_index_comes_back_from_its_payload,
     of_an_index_only_the_wanted_packages_come, a_package_comes_back_from_its_payload].

%% Releases that depend on the same share terms: each must still be itself.
a_package_comes_back_from_its_payload(_) ->
    On = fun(Package, Requirement) ->
                 #{package => Package, requirement => Requirement, optional => false, app => undefined,
                   repository => undefined}
         end,
    Release = fun(Version, Dependencies) ->
                      #{version => Version, inner_checksum => binary:copy(<<"0f">>, 32), dependencies => Dependencies,
                        outer_checksum => binary:copy(<<"a9">>, 32), retired => undefined, advisory_indexes => [],
                        published_at => <<"2023-11-14T22:13:20Z">>}
              end,
    One = On(<<"one">>, <<"~> 1.0">>),
    Releases = [Release(<<"1.0.0">>, [One]), Release(<<"1.0.1">>, [One]),
                Release(<<"1.1.0">>, [One#{requirement := <<"~> 1.1">>}, On(<<"two">>, <<">= 0.0.0">>)]),
                Release(<<"2.0.0">>, []), Release(<<"2.0.1">>, [One#{optional := true}])],
    Package = #{name => <<"p">>, repository => <<"r">>, releases => Releases, advisories => []},
    {ok, Payload} = hexide_registry:encode(package, Package),
    ?assertEqual({ok, Package}, hexide_registry:decode(package, Payload, {"r", "p"})).

%% Packages that say the same share terms: each must still be itself.
an_index_comes_back_from_its_payload(_) ->
    {Names, Versions} = index(),
    [begin
         {ok, Payload} = hexide_registry:encode(Kind, Index),
         ?assertEqual({ok, Index}, hexide_registry:decode(Kind, Payload)),
         ?assertEqual({ok, Index}, hexide_registry:decode(Kind, Payload, {"r", undefined}))
     end || {Kind, Index} <- [{names, Names}, {versions, Versions}]].

of_an_index_only_the_wanted_packages_come(_) ->
    {Names, Versions} = index(),
    [begin
         {ok, Payload} = hexide_registry:encode(Kind, Index),
         Some = fun(Wanted) ->
                        {ok, #{repository := <<"r">>, packages := Found}} =
                            hexide_registry:decode(Kind, Payload, {"r", undefined}, #{only => Wanted}),
                        Found
                end,
         ?assertEqual([Package || #{name := Name} = Package <- All, Name =/= <<"other">>],
                      Some(["later", <<"missing">>, <<"first">>])),
         ?assertEqual([], Some([])),
         ?assertMatch({error, {bad_origin, _}},
                      hexide_registry:decode(Kind, Payload, {"another", undefined}, #{only => []})),
         ?assertError(badarg, Some([1]))
     end || {Kind, #{packages := All} = Index} <- [{names, Names}, {versions, Versions}]],
    %% What is wrong with a package that nobody wants is still wrong.
    Unsound = #{name => <<"other">>, versions => [], retired => [], with_advisories => []},
    {ok, Sound} = hexide_registry:encode(versions, #{repository => <<"r">>, packages => [Unsound]}),
    Damaged = binary:replace(Sound, <<"other">>, <<"oth", 16#ff, "r">>),
    ?assertMatch({error, {protocol, _}}, hexide_registry:decode(versions, Damaged, undefined, #{only => []})).

index() ->
    Listed = fun(Name, Retired) ->
                     #{name => Name, versions => [<<"1.0.0">>, <<"1.1.0">>], retired => Retired, with_advisories => [1]}
             end,
    {#{repository => <<"r">>,
       packages => [#{name => <<"first">>, updated_at => <<"2023-11-14T22:13:20.000000005Z">>},
                    #{name => <<"other">>, updated_at => undefined},
                    #{name => <<"later">>, updated_at => <<"2023-11-14T22:13:20Z">>}]},
     #{repository => <<"r">>,
       packages => [Listed(<<"first">>, []), Listed(<<"other">>, [0]), Listed(<<"later">>, [])]}}.

%% Also where the field is an atom when it is there.
undefined_is_absent_in_what_is_encoded(_) ->
    Advisory = #{id => <<"CVE-1">>, summary => <<"s">>, html_url => <<"h">>, severity => undefined,
                 cvss_score => undefined, api_url => undefined, aliases => []},
    Package = #{name => <<"p">>, repository => <<"hexpm">>, releases => [], advisories => [Advisory]},
    {ok, Encoded} = hexide_registry:encode(package, Package),
    ?assertEqual({ok, Package}, hexide_registry:decode(package, Encoded)).

%% rustler has no upgrade callback: the new code is refused, the old goes on.
loading_over_it_is_refused(_) ->
    ?assertEqual({ok, lt}, hexide_version:compare("1.0.0", "1.0.1")),
    ?assertMatch({error, on_load_failure}, code:load_file(hexide_nif)),
    ?assertEqual({ok, lt}, hexide_version:compare("1.0.0", "1.0.1")).

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
