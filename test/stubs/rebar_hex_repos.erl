%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_hex_repos).
-export([from_state/2]).

-spec from_state(map(), rebar_state:t()) -> [map()].
from_state(_, _) -> erlang:nif_error(stand_in).
