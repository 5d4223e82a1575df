%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(r3_hex_core).
-export([default_config/0]).

-spec default_config() -> map().
default_config() -> erlang:nif_error(stand_in).
