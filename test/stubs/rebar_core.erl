%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_core).
-export([process_command/2]).

-spec process_command(rebar_state:t(), atom()) -> {ok, rebar_state:t()} | {error, string() | {module(), term()}}.
process_command(_, _) -> erlang:nif_error(stand_in).
