%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_dir).
-export([global_cache_dir/1, global_config/0, global_config_dir/1, root_dir/1]).

-spec global_config() -> file:filename_all().
global_config() -> erlang:nif_error(stand_in).

-spec global_config_dir(rebar_state:t()) -> file:filename_all().
global_config_dir(_) -> erlang:nif_error(stand_in).

-spec root_dir(rebar_state:t()) -> file:filename_all().
root_dir(_) -> erlang:nif_error(stand_in).

-spec global_cache_dir(dict:dict()) -> file:filename_all().
global_cache_dir(_) -> erlang:nif_error(stand_in).
