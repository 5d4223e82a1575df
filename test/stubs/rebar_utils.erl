%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_utils).
-export([vcs_vsn/3]).

-spec vcs_vsn(rebar_app_info:t(), term(), rebar_state:t()) -> string().
vcs_vsn(_, _, _) -> erlang:nif_error(stand_in).
