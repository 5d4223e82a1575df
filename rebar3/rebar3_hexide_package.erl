%% @doc The provider of `rebar3 hex package'.
-module(rebar3_hexide_package).
-behaviour(provider).

-export([init/1, do/1, format_error/1]).

%% @doc Registers it.
-spec init(rebar_state:t()) -> {ok, rebar_state:t()}.
init(State) ->
    rebar3_hexide_provider:init(package, ?MODULE, State).

%% @doc Runs it.
-spec do(rebar_state:t()) -> {ok, rebar_state:t()} | {error, {module(), term()}}.
do(State) ->
    rebar3_hexide_provider:do(<<"package">>, State).

%% @doc A failure as text.
-spec format_error(term()) -> iolist().
format_error(Failure) ->
    rebar3_hexide_do:format_error(Failure).
