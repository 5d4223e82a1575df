%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_config).
-export([consult/1, consult_app_file/1]).

-spec consult(file:name()) -> [term()].
consult(_) -> erlang:nif_error(stand_in).

-spec consult_app_file(file:filename_all()) -> [term()].
consult_app_file(_) -> erlang:nif_error(stand_in).
