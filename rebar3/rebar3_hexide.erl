%% @doc The rebar3 plugin: registers one provider a command in the namespace `hex', and the dispatcher
%% that is handed what `rebar3 hex …' was given. Registering loads no native code and starts nothing.
-module(rebar3_hexide).

-export([init/1]).

%% @doc Called by rebar3 when it loads the plugin.
-spec init(rebar_state:t()) -> {ok, rebar_state:t()}.
init(State) ->
    Modules = [rebar3_hexide_do | [rebar3_hexide_provider:module(Name) || Name <- hexide_command:names()]],
    {ok, lists:foldl(fun(Module, Before) ->
                         {ok, After} = Module:init(Before),
                         After
                     end, State, Modules)}.
