%% @doc A stand-in for dialyzer and xref: rebar3's own module carries no debug information.
-module(provider).

-callback init(rebar_state:t()) -> {ok, rebar_state:t()}.
-callback do(rebar_state:t()) -> {ok, rebar_state:t()} | {error, string()} | {error, {module(), term()}}.
-callback format_error(term()) -> iolist().
