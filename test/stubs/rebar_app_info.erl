%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(rebar_app_info).
-export([app_file_src/1, app_file_src_script/1, dir/1, name/1, opts/1]).
-export_type([t/0]).

-type t() :: tuple().

-spec app_file_src(t()) -> file:filename_all() | undefined.
app_file_src(_) -> erlang:nif_error(stand_in).

-spec app_file_src_script(t()) -> file:filename_all() | undefined.
app_file_src_script(_) -> erlang:nif_error(stand_in).

-spec dir(t()) -> file:name().
dir(_) -> erlang:nif_error(stand_in).

-spec name(t()) -> binary().
name(_) -> erlang:nif_error(stand_in).

-spec opts(t()) -> dict:dict().
opts(_) -> erlang:nif_error(stand_in).
