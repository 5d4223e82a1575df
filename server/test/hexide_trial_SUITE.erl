%% A registry in one line, for the tests of others.
-module(hexide_trial_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([one_line_is_enough/1, packages_are_there_and_compile/1, it_ends_with_its_owner/1, started_alone_it_stays/1,
         what_cannot_be_published_leaves_no_registry/1]).

all() ->
    [one_line_is_enough, packages_are_there_and_compile, it_ends_with_its_owner, started_alone_it_stays,
     what_cannot_be_published_leaves_no_registry].

one_line_is_enough(_) ->
    {ok, #{config := Config, user := <<"alice">>, key := Key} = Trial} = hexide_trial:start_link(),
    ?assertMatch({ok, #{username := <<"alice">>}}, hexide_user:me(Config)),
    ?assertEqual(Key, hexide_config:reveal(maps:get(api_key, Config))),
    ?assertEqual(nomatch, string:find(io_lib:format("~p", [Config]), Key)),
    ok = hexide_trial:stop(Trial).

packages_are_there_and_compile(_) ->
    Needed = #{<<"requirement">> => <<"~> 1.0">>, <<"app">> => <<"dep">>, <<"optional">> => false},
    Top = #{metadata => #{<<"requirements">> => #{<<"dep">> => Needed}}},
    {ok, #{config := Config} = Trial} =
        hexide_trial:start_link(#{user => "bob", repository => "acme",
                                  packages => [{"dep", "1.0.0"}, {"dep", "1.1.0"}, {"top", "2.0.0", Top}]}),
    ?assertMatch({ok, [#{username := <<"bob">>}]}, hexide_owner:list(Config, "dep")),
    ?assertMatch({ok, #{repository := <<"acme">>,
                        releases := [#{dependencies := [#{package := <<"dep">>, requirement := <<"~> 1.0">>}]}]}},
                 hexide_repo:package(Config, "top")),
    {ok, Tarball} = hexide_repo:tarball(Config, "dep", "1.1.0"),
    {ok, #{problems := [], files := Files}} = hexide_tarball:unpack(Tarball, memory),
    {_, Source, _} = lists:keyfind(<<"src/dep.erl">>, 1, Files),
    {_, App, _} = lists:keyfind(<<"src/dep.app.src">>, 1, Files),
    ?assertMatch({application, dep, [_ | _]}, term(App)),
    {dep, Code} = compiled(Source),
    {module, dep} = code:load_binary(dep, "dep.erl", Code),
    ?assertEqual(<<"1.1.0">>, dep:version()),
    true = code:delete(dep),
    ok = hexide_trial:stop(Trial).

it_ends_with_its_owner(_) ->
    Self = self(),
    {Owner, Monitor} = spawn_monitor(fun() ->
                                         {ok, Trial} = hexide_trial:start_link(),
                                         Self ! Trial
                                     end),
    Trial = #{server := Server} = receive #{} = Told -> Told after 60_000 -> error(not_started) end,
    receive {'DOWN', Monitor, process, Owner, normal} -> ok after 60_000 -> error(not_ended) end,
    ended(Server),
    #{info := #{data_dir := Folder}} = Trial,
    ?assertNot(filelib:is_dir(Folder)).

started_alone_it_stays(_) ->
    Self = self(),
    {Owner, Monitor} = spawn_monitor(fun() -> Self ! hexide_trial:start() end),
    Started = receive {ok, _} = Told -> Told after 60_000 -> error(not_started) end,
    {ok, #{config := Config, server := Server} = Trial} = Started,
    receive {'DOWN', Monitor, process, Owner, normal} -> ok after 60_000 -> error(not_ended) end,
    ?assertMatch({ok, _}, hexide_user:me(Config)),
    ok = hexide_trial:stop(Trial),
    ended(Server).

what_cannot_be_published_leaves_no_registry(_) ->
    {links, Before} = process_info(self(), links),
    Packages = [{"dep", "1.0.0"}, {"dep", "one"}],
    ?assertMatch({error, {_, #{message := _}}}, hexide_trial:start_link(#{packages => Packages})),
    {links, After} = process_info(self(), links),
    [ended(Each) || Each <- After -- Before].

ended(Server) ->
    Monitor = monitor(process, Server),
    receive {'DOWN', Monitor, process, Server, _} -> ok after 60_000 -> error(runs_still) end.

term(Text) ->
    {ok, Tokens, _} = erl_scan:string(binary_to_list(Text)),
    {ok, Term} = erl_parse:parse_term(Tokens),
    Term.

compiled(Source) ->
    Forms = forms(erl_scan:string(binary_to_list(Source))),
    {ok, Module, Code} = compile:forms(Forms),
    {Module, Code}.

forms({ok, Tokens, _}) ->
    Ended = lists:foldl(fun({dot, _} = Dot, [Form | Rest]) -> [[], lists:reverse([Dot | Form]) | Rest];
                           (Token, [Form | Rest]) -> [[Token | Form] | Rest]
                        end, [[]], Tokens),
    [begin {ok, Form} = erl_parse:parse_form(Each), Form end || Each <- lists:reverse(tl(Ended))].
