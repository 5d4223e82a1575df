%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_opts).
-export([get/3]).

-spec get(dict:dict(), term(), term()) -> term().
get(_, _, _) -> erlang:nif_error(stand_in).
