%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_state).
-export([add_provider/2, command_args/1, command_args/2, get/3, namespace/2, opts/1, project_apps/1, project_apps/2, providers/1, set/3]).
-export_type([t/0]).

-type t() :: tuple().

-spec add_provider(t(), providers:t()) -> t().
add_provider(_, _) -> erlang:nif_error(stand_in).

-spec command_args(t()) -> [string()].
command_args(_) -> erlang:nif_error(stand_in).

-spec command_args(t(), [string()]) -> t().
command_args(_, _) -> erlang:nif_error(stand_in).

-spec get(t(), term(), term()) -> term().
get(_, _, _) -> erlang:nif_error(stand_in).

-spec namespace(t(), atom()) -> t().
namespace(_, _) -> erlang:nif_error(stand_in).

-spec project_apps(t()) -> [rebar_app_info:t()].
project_apps(_) -> erlang:nif_error(stand_in).

-spec project_apps(t(), [rebar_app_info:t()]) -> t().
project_apps(_, _) -> erlang:nif_error(stand_in).

-spec providers(t()) -> [providers:t()].
providers(_) -> erlang:nif_error(stand_in).


-spec set(t(), term(), term()) -> t().
set(_, _, _) -> erlang:nif_error(stand_in).

-spec opts(t()) -> dict:dict().
opts(_) -> erlang:nif_error(stand_in).
