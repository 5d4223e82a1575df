%% @doc What real rebar3 prints on a terminal of some width, and without one: tables, colours, the bar of a transfer.
-module(rebar3_hexide_terminal_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, init_per_suite/1, end_per_suite/1]).
-export([rows_fit_a_narrow_terminal/1, rows_are_whole_where_there_is_no_terminal/1, columns_may_be_set/1,
         facts_are_never_cut/1, colours_are_for_terminals_that_want_them/1, a_transfer_is_drawn_and_wiped_away/1,
         no_bar_is_drawn_where_nobody_sees_it/1, wide_characters_are_counted_as_they_are_shown/1,
         columns_give_way_from_the_widest/1, a_bar_fits_its_line/1, a_bar_is_not_drawn_too_often/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/3, has/2, hasnt/2]).

-define(DESCRIPTION, <<"A description of 120 columns that fits no narrow terminal: abcdefghijklmnopqrstuvwxyz "
                       "abcdefghijklmnopqrstuvwxyz the end">>).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 2}}].

-spec all() -> [atom()].
all() ->
    [rows_fit_a_narrow_terminal, rows_are_whole_where_there_is_no_terminal, columns_may_be_set, facts_are_never_cut,
     colours_are_for_terminals_that_want_them, a_transfer_is_drawn_and_wiped_away,
     no_bar_is_drawn_where_nobody_sees_it, wide_characters_are_counted_as_they_are_shown,
     columns_give_way_from_the_widest, a_bar_fits_its_line, a_bar_is_not_drawn_too_often].

-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "terminal") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
            {ok, #{key := Key}} = hexide_server:add_user(Server, #{username => "amy", email => "amy@example.com"}),
            [begin
                 Metadata = #{name => Name, version => <<"1.0.0">>, app => Name, description => ?DESCRIPTION,
                              licenses => [<<"MIT">>], links => #{}, requirements => #{}, build_tools => [<<"rebar3">>],
                              files => [<<"README.md">>]},
                 {ok, #{tarball := Tarball}} =
                     hexide_tarball:create(Metadata, [{"README.md", crypto:strong_rand_bytes(300_000)}]),
                 {ok, _} = hexide_release:publish(#{api_url => Api, api_key => Key}, Tarball)
             end || Name <- [<<"narrow_one">>, <<"narrow_two">>]],
            ok = hexide_release:retire(#{api_url => Api, api_key => Key}, "narrow_one", "1.0.0", other, "do not use"),
            Project = filename:join(proplists:get_value(base, Started), "project"),
            ok = app(Project, "project", "0.1.0", []),
            Pem = string:replace(string:trim(Public), "\n", "\\n", all),
            ok = write(Project, "rebar.config",
                       ["{project_plugins, [hexide]}.\n{hex, [{repos, replace, [#{name => <<\"local\">>, repo_url => ",
                        "<<\"", Repo, "\">>, api_url => <<\"", Api, "\">>, repo_public_key => <<\"", Pem,
                        "\">>}]}]}.\n"]),
            ok = plugin(Started, Project),
            [{server, Server}, {project, Project} | Started];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

%% --- with rebar3

-spec rows_fit_a_narrow_terminal([tuple()]) -> term().
rows_fit_a_narrow_terminal(Config) ->
    {0, Out} = at_terminal(Config, 50, "search narrow", []),
    has(Out, "narrow_two"),
    has(Out, <<"…"/utf8>>),
    hasnt(Out, "the end"),
    [?assert(hexide_width:columns(Line) =< 50, Line) || Line <- lines(Out)].

-spec rows_are_whole_where_there_is_no_terminal([tuple()]) -> term().
rows_are_whole_where_there_is_no_terminal(Config) ->
    {0, Out, <<>>} = real_rebar3:hex(Config, project, ["search", "narrow"], [{"COLUMNS", "40"}]),
    ?assertEqual(2, length([Line || Line <- lines(Out), string:find(Line, ?DESCRIPTION) =/= nomatch])),
    {0, Piped} = at_terminal(Config, 40, "search narrow | cat", []),
    has(Piped, "the end").

-spec columns_may_be_set([tuple()]) -> term().
columns_may_be_set(Config) ->
    {0, Out} = at_terminal(Config, 50, "search narrow", [{"COLUMNS", "300"}]),
    has(Out, "the end").

-spec facts_are_never_cut([tuple()]) -> term().
facts_are_never_cut(Config) ->
    {0, Out} = at_terminal(Config, 20, "info narrow_two 1.0.0", []),
    ?assertMatch({match, _}, re:run(Out, "Checksum: +[0-9a-f]{64}\r\n")).

-spec colours_are_for_terminals_that_want_them([tuple()]) -> term().
colours_are_for_terminals_that_want_them(Config) ->
    Coloured = [{"TERM", "xterm"}, {"REBAR_COLOR", false}, {"NO_COLOR", false}],
    {0, Info} = at_terminal(Config, 80, "info narrow_one", Coloured),
    has(Info, "\e[1mReleases\e[0m"),
    has(Info, "\e[31mretired, other: do not use\e[0m"),
    {1, Wrong} = at_terminal(Config, 80, "info no_such_package", Coloured),
    has(Wrong, "\e[31m"),
    [hasnt(Text, "\e") || Setting <- [{"NO_COLOR", "1"}, {"TERM", "dumb"}, {"REBAR_COLOR", "none"}],
                          {0, Text} <- [at_terminal(Config, 80, "info narrow_one", Coloured ++ [Setting])]],
    {0, Piped} = at_terminal(Config, 80, "info narrow_one | cat", Coloured),
    hasnt(Piped, "\e").

-spec a_transfer_is_drawn_and_wiped_away([tuple()]) -> term().
a_transfer_is_drawn_and_wiped_away(Config) ->
    %% What is kept from an earlier case is not transferred again.
    Fresh = {"HEX_CACHE_DIR", filename:join(proplists:get_value(base, Config), "fresh_cache")},
    {0, Out} = at_terminal(Config, 80, "package fetch narrow_two --output fetched", [{"TERM", "xterm"}, Fresh]),
    has(Out, "\r\e[KFetching narrow_two 1.0.0"),
    [Bars, Answer] = string:split(Out, "\r\e[K", trailing),
    has(Bars, "%"),
    ?assertMatch(<<"narrow_two 1.0.0 (", _/binary>>, Answer).

-spec no_bar_is_drawn_where_nobody_sees_it([tuple()]) -> term().
no_bar_is_drawn_where_nobody_sees_it(Config) ->
    [begin
         {0, Out} = at_terminal(Config, 80, "package fetch narrow_two --output " ++ Folder ++ More, Environment),
         hasnt(Out, "Fetching"),
         hasnt(Out, "\r\e")
     end || {Folder, More, Environment} <- [{"dumb", "", [{"TERM", "dumb"}]},
                                            {"in_ci", "", [{"TERM", "xterm"}, {"CI", "1"}]},
                                            {"piped", " 2>&1 | cat", [{"TERM", "xterm"}]}]],
    {0, _, <<>>} = hex(Config, project, ["package", "fetch", "narrow_two", "--output", "alone"]).

%% --- by themselves

-spec wide_characters_are_counted_as_they_are_shown(term()) -> term().
wide_characters_are_counted_as_they_are_shown(_) ->
    [?assertEqual(Columns, hexide_width:columns(Text), Text)
     || {Columns, Text} <- [{0, ""}, {3, "abc"}, {5, <<"größe"/utf8>>}, {4, <<"漢字"/utf8>>}, {4, <<"한글"/utf8>>},
                            {2, <<"カ"/utf8>>}, {1, <<"ｶ"/utf8>>}, {2, <<"Ａ"/utf8>>}, {2, [16#1F600]},
                            {1, [$e, 16#301]}, {2, [16#1F1E9, 16#1F1EA]}, {2, [16#2764, 16#FE0F]},
                            {2, [16#1F468, 16#200D, 16#1F469, 16#200D, 16#1F467]}, {0, [16#200B]}]],
    ?assertEqual(<<"漢…"/utf8>>, unicode:characters_to_binary(hexide_width:cut(<<"漢字字"/utf8>>, 4))),
    ?assertEqual(<<"漢字"/utf8>>, unicode:characters_to_binary(hexide_width:cut(<<"漢字"/utf8>>, 4))),
    ?assertEqual(<<"字    1\nabcd  2\n"/utf8>>,
                 hexide_layout:plain(hexide_table:rows([[<<"字"/utf8>>, 1], ["abcd", 2]]))).

-spec columns_give_way_from_the_widest(term()) -> term().
columns_give_way_from_the_widest(_) ->
    Rows = [[lists:duplicate(Wide, $x) || Wide <- [20, 30, 12, 12]]],
    Lines = fun(Width) ->
                Text = hexide_layout:text(hexide_table:table(["A", "B", "C", "D"], Rows),
                                                 #{width => Width, colour => false}),
                [Row] = tl(string:lexemes(unicode:characters_to_list(Text), "\n")),
                [string:length(Cell) || Cell <- string:lexemes(Row, " ")]
            end,
    ?assertEqual([20, 30, 12, 12], Lines(unlimited)),
    ?assertEqual([20, 30, 12, 12], Lines(80)),
    ?assertEqual([20, 20, 12, 12], Lines(70)),
    %% Nothing is made unreadable, and what a row is about stays whole.
    ?assertEqual([20, 8, 8, 8], Lines(30)).

-spec a_bar_fits_its_line(term()) -> term().
a_bar_fits_its_line(_) ->
    Event = #{event => progress, name => <<"pack">>, version => <<"1.0.0">>, phase => <<"upload">>, done => 512 * 1024,
              total => 1024 * 1024},
    ?assertEqual(<<"Uploading pack 1.0.0  [########........]  50%  512.0 KiB of 1.0 MiB">>,
                 hexide_bar:line(Event, 69)),
    [?assert(string:length(hexide_bar:line(Event, Columns)) < Columns) || Columns <- lists:seq(2, 200)],
    ?assertEqual(<<"Fetching pack  3 of 7">>,
                 hexide_bar:line(#{event => progress, name => <<"pack">>, version => undefined, phase => fetch,
                                   done => 3, total => 7}, 30)),
    [has(hexide_bar:line(maps:merge(Event, Odd), 80), Part)
     || {Odd, Part} <- [{#{total => undefined}, "512.0 KiB"}, {#{total => 0, done => 0}, "0 B of 0 B"},
                        {#{done => 2_000_000}, "100%"}]],
    %% A stranger's name steers nothing.
    hasnt(hexide_bar:line(Event#{name => <<"a\e[2J">>}, 80), "\e").

-spec a_bar_is_not_drawn_too_often(term()) -> term().
a_bar_is_not_drawn_too_often(_) ->
    Self = self(),
    Write = fun(Text) -> Self ! {written, unicode:characters_to_binary(Text)}, ok end,
    ok = hexide_screen:start(fun() -> Write end),
    [ok = hexide_screen:progress(fun() -> integer_to_list(Number) end) || Number <- lists:seq(1, 1000)],
    ok = hexide_screen:print("said"),
    ok = hexide_screen:stop(),
    none = hexide_screen:progress(fun() -> error(drawn_after_the_end) end),
    Written = written(),
    ?assertEqual([<<"\r\e[K1">>], lists:sublist(Written, 1)),
    ?assertEqual([<<"\r\e[K">>, <<"said">>], lists:nthtail(length(Written) - 2, Written)),
    ?assert(length(Written) < 100).

written() ->
    receive {written, Text} -> [Text | written()] after 0 -> [] end.

%% --- helpers

%% At a terminal of that many columns; the exit code is that of the line.
at_terminal(Config, Columns, Line, Environment) ->
    Shell = "stty cols " ++ integer_to_list(Columns) ++ " rows 24; rebar3 hex " ++ Line,
    terminal:ended(terminal:start(proplists:get_value(project, Config), "sh", ["-c", Shell],
                                  real_rebar3:environment(Config) ++ [{"COLUMNS", false} | Environment])).

lines(Text) ->
    [string:trim(Line, trailing, "\r") || Line <- string:split(Text, "\n", all)].
