%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_log).
-export([error_level/0, init/2]).

-spec error_level() -> 0..4.
error_level() -> erlang:nif_error(stand_in).

-spec init(command_line | api, 0..4) -> term().
init(_, _) -> erlang:nif_error(stand_in).
