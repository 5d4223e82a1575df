%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(providers).
-export([create/1, get_provider/2, do/2, impl/1, module/1, namespace/1]).
-export_type([t/0]).

-type t() :: tuple().

-spec create([{atom(), term()}]) -> t().
create(_) -> erlang:nif_error(stand_in).

-spec get_provider(atom(), [t()]) -> t() | not_found.
get_provider(_, _) -> erlang:nif_error(stand_in).

-spec module(t()) -> module().
module(_) -> erlang:nif_error(stand_in).

-spec do(t() | not_found, rebar_state:t()) -> {ok, rebar_state:t()} | {error, string() | {module(), term()}}.
do(_, _) -> erlang:nif_error(stand_in).

-spec impl(t()) -> atom().
impl(_) -> erlang:nif_error(stand_in).

-spec namespace(t()) -> atom().
namespace(_) -> erlang:nif_error(stand_in).
