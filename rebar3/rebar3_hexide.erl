%% @doc The rebar3 plugin: registers one provider a command in the namespace `hex', and the dispatcher
%% that is handed what `rebar3 hex …' was given. Registering loads no native code and starts nothing.
-module(rebar3_hexide).

-export([init/1]).

%% @doc Called by rebar3 when it loads the plugin.
-spec init(rebar_state:t()) -> {ok, rebar_state:t()}.
init(State) ->
    {ok, Dispatching} = rebar3_hexide_do:init(State),
    %% By what the providers have in common: no module of a command that is not run is loaded.
    {ok, lists:foldl(fun(Name, Before) ->
                         Module = rebar3_hexide_provider:module(Name),
                         {ok, After} = rebar3_hexide_provider:init(binary_to_atom(Name), Module, Before),
                         After
                     end, Dispatching, hexide_command:names())}.
