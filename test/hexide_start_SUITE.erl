%% @doc What every command pays before it does anything: what it loads.
-module(hexide_start_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([all/0]).
-export([a_search_loads_no_tables_of_unicode/1, text_that_needs_them_is_still_measured/1, prepared/0]).

all() ->
    [a_search_loads_no_tables_of_unicode, text_that_needs_them_is_still_measured].

%% They take longer to load than all else that is computed for it.
-spec a_search_loads_no_tables_of_unicode(term()) -> term().
a_search_loads_no_tables_of_unicode(_) ->
    Paths = ["-pa" | [filename:dirname(code:which(Module)) || Module <- [hexide_command, ?MODULE]]],
    {ok, Peer, _} = peer:start_link(#{connection => standard_io, args => Paths}),
    try
        {Queries, Text} = peer:call(Peer, ?MODULE, prepared, []),
        ?assertEqual({ok, [<<"json parser">>]}, Queries),
        ?assert(byte_size(Text) > 1000),
        ?assertNot(peer:call(Peer, erlang, module_loaded, [unicode_util]))
    after
        peer:stop(Peer)
    end.

%% What `rebar3 hex search' has registered, read and resolved when it asks.
-spec prepared() -> {term(), binary()}.
prepared() ->
    {ok, <<"https://hex.example/api">>} = hexide_config:convert(url, <<"https://hex.example/api/">>),
    {hexide_search_query:queries([<<" json">>, <<"parser ">>], #{}),
     << <<(hexide_layout:plain(hexide_help_text:description(Command)))/binary>> || Command <- hexide_command:all() >>}.

-spec text_that_needs_them_is_still_measured(term()) -> term().
text_that_needs_them_is_still_measured(_) ->
    [?assertEqual({Text, Columns}, {Text, hexide_width:columns(Text)})
     || {Text, Columns} <- [{"Zürich", 6}, {[$e, 16#301], 1}, {[16#4E2D, 16#6587], 4}, {"", 0},
                            {[16#1F468, 16#200D, 16#1F469], 2}]],
    ?assertEqual("Züri" ++ [16#2026], hexide_width:cut("Zürich am See", 5)).
