%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_prv_app_discovery).
-export([do/1]).

-spec do(rebar_state:t()) -> {ok, rebar_state:t()} | {error, string() | {module(), term()}}.
do(_) -> erlang:nif_error(stand_in).
