%% The signed index as data: what goes in comes out, of the signer and of the origin that were asked for.
-module(hexide_registry_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([undefined_is_absent_in_what_is_encoded/1, an_index_comes_back_from_its_payload/1,
         of_an_index_only_the_wanted_packages_come/1, a_package_comes_back_from_its_payload/1,
         reading_checks_the_signature_and_the_origin/1, one_that_is_refused_spoils_no_other/1]).

all() ->
    [undefined_is_absent_in_what_is_encoded, an_index_comes_back_from_its_payload,
     of_an_index_only_the_wanted_packages_come, a_package_comes_back_from_its_payload,
     reading_checks_the_signature_and_the_origin, one_that_is_refused_spoils_no_other].

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

reading_checks_the_signature_and_the_origin(_) ->
    {_, Versions} = index(),
    {Resource, PublicKey} = signed(versions, Versions),
    {_, AnotherKey} = signed(versions, Versions),
    ?assertEqual({ok, Versions}, hexide_registry:read(versions, Resource, PublicKey, {"r", undefined})),
    ?assertEqual({ok, Versions}, hexide_registry:read(versions, Resource, PublicKey, undefined)),
    ?assertMatch({error, {bad_signature, _}}, hexide_registry:read(versions, Resource, AnotherKey, undefined)),
    ?assertMatch({error, {bad_origin, #{expected := <<"q">>}}},
                 hexide_registry:read(versions, Resource, PublicKey, {"q", undefined})),
    ?assertMatch({error, {bad_config, _}}, hexide_registry:read(versions, Resource, <<"no key">>, undefined)),
    ?assertMatch({error, {too_large, #{limit := 9}}},
                 hexide_registry:read(versions, Resource, PublicKey, undefined, #{limit => 9})),
    ?assertMatch({ok, #{packages := [#{name := <<"other">>}]}},
                 hexide_registry:read(versions, Resource, PublicKey, undefined, #{only => ["other"]})).

one_that_is_refused_spoils_no_other(_) ->
    Package = fun(Name) -> #{name => Name, repository => <<"r">>, releases => [], advisories => []} end,
    {ok, PrivateKey} = hexide_registry:generate_key(),
    {ok, PublicKey} = hexide_registry:public_key(PrivateKey),
    Signed = fun(Name) ->
                     {ok, Payload} = hexide_registry:encode(package, Package(Name)),
                     {ok, Resource} = hexide_registry:sign(Payload, PrivateKey),
                     Resource
             end,
    {Foreign, _} = signed(package, Package(<<"c">>)),
    Resources = [{Signed(<<"a">>), {"r", "a"}}, {<<"no gzip">>, {"r", "b"}}, {Foreign, {"r", "c"}},
                 {Signed(<<"d">>), {"r", "e"}}, {Signed(<<"f">>), undefined}],
    {ok, Outcomes} = hexide_registry:read_many(package, Resources, PublicKey),
    A = Package(<<"a">>),
    F = Package(<<"f">>),
    ?assertMatch([{ok, A}, {error, {protocol, _}}, {error, {bad_signature, _}}, {error, {bad_origin, _}}, {ok, F}],
                 Outcomes),
    ?assertEqual({ok, []}, hexide_registry:read_many(package, [], PublicKey)),
    ?assertMatch({error, {bad_config, _}}, hexide_registry:read_many(package, Resources, <<"no key">>)),
    ?assertError(badarg, hexide_registry:read_many(package, [{no_binary, undefined}], PublicKey)).

signed(Kind, Index) ->
    {ok, PrivateKey} = hexide_registry:generate_key(),
    {ok, PublicKey} = hexide_registry:public_key(PrivateKey),
    {ok, Payload} = hexide_registry:encode(Kind, Index),
    {ok, Resource} = hexide_registry:sign(Payload, PrivateKey),
    {Resource, PublicKey}.
