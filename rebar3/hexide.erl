%% @doc The rebar3 plugin, under the application's name, which is where rebar3 looks for it.
-module(hexide).

-export([init/1]).

%% @doc Called by rebar3 when it loads the plugin.
-spec init(rebar_state:t()) -> {ok, rebar_state:t()}.
init(State) ->
    rebar3_hexide:init(State).
