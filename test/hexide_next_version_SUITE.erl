%% The version that `cut' raises to.
-module(hexide_next_version_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([the_next_version_is_always_later/1, a_pre_release_that_would_go_back_is_refused/1,
         who_picks_sees_what_each_gives/1]).

-spec all() -> [atom()].
all() ->
    [the_next_version_is_always_later, a_pre_release_that_would_go_back_is_refused, who_picks_sees_what_each_gives].

-spec the_next_version_is_always_later(term()) -> term().
the_next_version_is_always_later(_) ->
    [?assertEqual({From, Options, {ok, To}}, {From, Options, hexide_next_version:choose(#{}, Options, From)})
     || {From, Options, To} <- [{<<"1.0.0">>, #{increment => <<"minor">>}, <<"1.1.0">>},
                                {<<"1.2.3">>, #{increment => <<"major">>}, <<"2.0.0">>},
                                {<<"1.2.3+build.4.refabc">>, #{increment => <<"patch">>}, <<"1.2.4">>},
                                {<<"1.0.0">>, #{increment => <<"minor">>, pre => <<"rc">>}, <<"1.1.0-rc.1">>},
                                {<<"1.1.0-rc.1">>, #{pre => <<"rc">>}, <<"1.1.0-rc.2">>},
                                {<<"1.1.0-rc.9">>, #{pre => <<"rc">>}, <<"1.1.0-rc.10">>},
                                {<<"1.1.0-rc.2+build.1.refabc">>, #{pre => <<"rc">>}, <<"1.1.0-rc.3">>},
                                {<<"1.1.0-beta.3">>, #{pre => <<"rc">>}, <<"1.1.0-rc.1">>},
                                {<<"1.1.0-rc">>, #{pre => <<"rc">>}, <<"1.1.0-rc.1">>},
                                {<<"1.1.0-rc.2">>, #{increment => <<"minor">>}, <<"1.1.0">>},
                                {<<"1.1.0-rc.2">>, #{increment => <<"patch">>}, <<"1.1.0">>},
                                {<<"1.1.0-rc.2">>, #{increment => <<"major">>}, <<"2.0.0">>},
                                {<<"1.1.0-rc.2">>, #{increment => <<"minor">>, pre => <<"rc">>}, <<"1.1.0-rc.3">>},
                                {<<"1.1.0-rc.2">>, #{increment => <<"major">>, pre => <<"rc">>}, <<"2.0.0-rc.1">>}]].

-spec a_pre_release_that_would_go_back_is_refused(term()) -> term().
a_pre_release_that_would_go_back_is_refused(_) ->
    {error, {usage, #{message := Message}}} = hexide_next_version:choose(#{}, #{pre => <<"beta">>}, <<"1.1.0-rc.1">>),
    real_rebar3:has(Message, "a pre-release `beta` would come before 1.1.0-rc.1"),
    [?assertMatch({error, {usage, _}},
                  hexide_next_version:choose(#{}, #{pre => Name, increment => <<"minor">>}, <<"1.0.0">>))
     || Name <- [<<>>, <<"rc.1">>, <<"rc+1">>, <<"r c">>, <<"01">>, <<"größe"/utf8>>]],
    ?assertMatch({error, {bad_version, _}}, hexide_next_version:choose(#{}, #{increment => <<"minor">>}, <<"1.0">>)).

-spec who_picks_sees_what_each_gives(term()) -> term().
who_picks_sees_what_each_gives(_) ->
    Person = fun(Answer) ->
                 #{ask => fun(#{kind := text, prompt := Prompt, flag := <<"-i major|minor|patch">>}) ->
                              self() ! {prompt, Prompt},
                              {ok, Answer}
                          end}
             end,
    ?assertEqual({ok, <<"2.0.0">>}, hexide_next_version:choose(Person(<<"major">>), #{}, <<"1.0.0">>)),
    receive {prompt, Prompt} -> real_rebar3:has(Prompt, "(major 2.0.0, minor 1.1.0, patch 1.0.1)") end,
    ?assertEqual({ok, <<"1.1.0-rc.1">>}, hexide_next_version:choose(Person(<<"mi">>), #{pre => <<"rc">>}, <<"1.0.0">>)),
    receive {prompt, Pre} -> real_rebar3:has(Pre, "(major 2.0.0-rc.1, minor 1.1.0-rc.1, patch 1.0.1-rc.1)") end,
    [?assertMatch({error, {usage, _}}, hexide_next_version:choose(Person(Answer), #{}, <<"1.0.0">>))
     || Answer <- [<<"m">>, <<"huge">>, <<>>]].
