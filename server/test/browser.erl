%% A headless Chromium, driven over WebDriver. It dies with the process that opened it.
%%
%% Fields are found by the text of their label, buttons and links by theirs, as people find them; or by
%% `{css, Selector}'.
-module(browser).

-export([open/1, close/1, visit/2, fill/3, click/2, text/1, text/2, attribute/3, url/1, title/1, wait_for/2,
         wait_for/3, run/2, devtools/3, screenshot/2]).

-define(DEADLINE, 60_000).

%% Opens a browser that keeps its profile in a fresh folder below that one.
open(Folder) ->
    {ok, _} = application:ensure_all_started(inets),
    Profile = filename:join(Folder, "chromium-" ++ integer_to_list(erlang:unique_integer([positive]))),
    ok = filelib:ensure_dir(filename:join(Profile, "any")),
    {Port, Driver} = start_driver(driver_program()),
    Arguments = [<<"--headless">>, <<"--no-sandbox">>, <<"--disable-gpu">>, <<"--disable-quic">>, <<"--no-first-run">>,
                 <<"--disable-background-networking">>, <<"--disable-component-update">>, <<"--disable-sync">>,
                 <<"--disable-dev-shm-usage">>, <<"--window-size=1000,900">>,
                 unicode:characters_to_binary(["--user-data-dir=", Profile])],
    Options = browser_program(#{args => Arguments}),
    Capabilities = #{alwaysMatch => #{browserName => <<"chrome">>, 'goog:chromeOptions' => Options}},
    #{<<"sessionId">> := Session} = post(Driver ++ "/session", #{capabilities => Capabilities}),
    Browser = #{port => Port, session => Driver ++ "/session/" ++ binary_to_list(Session), profile => Profile},
    %% What a click leads to may take its time to be there.
    null = command(Browser, "/timeouts", #{implicit => ?DEADLINE}),
    Browser.

%% A test that cannot see a page must fail, not be left out.
driver_program() ->
    case os:find_executable("chromedriver") of
        false -> error({missing, "chromedriver", "sh scripts/setup.sh test"});
        Path -> Path
    end.

%% Where none is in the path, the driver knows where browsers use to be.
browser_program(Options) ->
    Names = ["chromium", "chromium-browser", "google-chrome"],
    case [Path || Name <- Names, Path <- [os:find_executable(Name)], Path =/= false] of
        [Path | _] -> Options#{binary => list_to_binary(Path)};
        [] -> Options
    end.

%% The driver and its browsers are one process group, which ends when the port is closed, however that
%% comes about.
start_driver(Program) ->
    Script = "\"$0\" --port=0 & read _; kill -KILL 0",
    Port = open_port({spawn_executable, "/bin/sh"}, [{args, ["-c", Script, Program]}, {line, 4096}, stderr_to_stdout]),
    {Port, "http://127.0.0.1:" ++ driver_port(Port)}.

driver_port(Port) ->
    receive
        {Port, {data, {_, Line}}} ->
            case re:run(Line, "successfully on port (\\d+)", [{capture, [1], list}]) of
                {match, [Number]} -> Number;
                nomatch -> driver_port(Port)
            end
    after ?DEADLINE -> error(no_driver)
    end.

close(#{port := Port, session := Session, profile := Profile}) ->
    _ = request(delete, {Session, []}),
    true = port_close(Port),
    _ = file:del_dir_r(Profile),
    ok.

visit(Browser, Url) ->
    command(Browser, "/url", #{url => unicode:characters_to_binary(Url)}).

fill(Browser, Field, Text) ->
    Element = find(Browser, field(Field)),
    command(Browser, Element ++ "/clear", #{}),
    command(Browser, Element ++ "/value", #{text => unicode:characters_to_binary(Text)}).

click(Browser, What) ->
    command(Browser, find(Browser, target(What)) ++ "/click", #{}).

%% All that is to be seen on the page.
text(Browser) ->
    text(Browser, "body").

text(Browser, Selector) ->
    get(Browser, find(Browser, {css, Selector}) ++ "/text").

attribute(Browser, Selector, Name) ->
    get(Browser, find(Browser, {css, Selector}) ++ "/attribute/" ++ Name).

url(Browser) ->
    get(Browser, "/url").

title(Browser) ->
    get(Browser, "/title").

wait_for(Browser, Text) ->
    wait_for(Browser, Text, ?DEADLINE).

%% Until that text is on the page; at the deadline the error holds what is there instead.
wait_for(Browser, Text, Deadline) ->
    wait_until(Browser, unicode:characters_to_binary(Text), erlang:monotonic_time(millisecond) + Deadline).

wait_until(Browser, Text, End) ->
    Shown = try text(Browser) catch error:{browser, _, _} -> <<>> end,
    case {binary:match(Shown, Text), erlang:monotonic_time(millisecond) < End} of
        {nomatch, true} -> wait_until(Browser, Text, End);
        {nomatch, false} -> error({not_shown, Text, url(Browser), Shown});
        {_, _} -> ok
    end.

%% The value of a function body in JavaScript.
run(Browser, Script) ->
    command(Browser, "/execute/sync", #{script => unicode:characters_to_binary(Script), args => []}).

%% A command of the developer tools.
devtools(Browser, Command, Parameters) ->
    command(Browser, "/goog/cdp/execute", #{cmd => Command, params => Parameters}).

screenshot(Browser, File) ->
    ok = filelib:ensure_dir(File),
    ok = file:write_file(File, base64:decode(get(Browser, "/screenshot"))).

field({css, _} = Css) -> Css;
field(Label) -> {xpath, ["//*[@id = //label[normalize-space() = ", literal(Label), "]/@for]"]}.

target({css, _} = Css) ->
    Css;
target(Text) ->
    Literal = literal(Text),
    {xpath, ["//button[normalize-space() = ", Literal, " or @aria-label = ", Literal, "] | ",
             "//a[normalize-space() = ", Literal, "]"]}.

literal(Text) ->
    [$", Text, $"].

find(Browser, {Kind, Selector}) ->
    Strategy = case Kind of css -> <<"css selector">>; xpath -> <<"xpath">> end,
    Found = command(Browser, "/element", #{using => Strategy, value => unicode:characters_to_binary(Selector)}),
    [Id] = maps:values(Found),
    "/element/" ++ binary_to_list(Id).

get(#{session := Session}, Path) ->
    request(get, {Session ++ Path, []}).

command(#{session := Session}, Path, Body) ->
    post(Session ++ Path, Body).

post(Url, Body) ->
    request(post, {Url, [], "application/json", hexide_json:encode(Body)}).

request(Method, Request) ->
    Options = [{timeout, 2 * ?DEADLINE}],
    {ok, {{_, Status, _}, _, Body}} = httpc:request(Method, Request, Options, [{body_format, binary}]),
    {#{<<"value">> := Value}, _} = value(skip(Body)),
    case Status of
        200 -> Value;
        _ -> error({browser, maps:get(<<"error">>, Value), maps:get(<<"message">>, Value)})
    end.

%% Reads JSON; the first OTP that does is 27.
value(<<"{", Rest/binary>>) -> object(skip(Rest), #{});
value(<<"[", Rest/binary>>) -> array(skip(Rest), []);
value(<<"\"", Rest/binary>>) -> string(Rest, []);
value(<<"null", Rest/binary>>) -> {null, Rest};
value(<<"true", Rest/binary>>) -> {true, Rest};
value(<<"false", Rest/binary>>) -> {false, Rest};
value(Text) ->
    {match, [{0, Length}]} = re:run(Text, "^-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?", [{capture, first}]),
    <<Number:Length/binary, Rest/binary>> = Text,
    {try binary_to_integer(Number) catch error:badarg -> binary_to_float(Number) end, Rest}.

object(<<"}", Rest/binary>>, Map) ->
    {Map, Rest};
object(<<",", Rest/binary>>, Map) ->
    object(skip(Rest), Map);
object(<<"\"", Rest/binary>>, Map) ->
    {Key, Rest1} = string(Rest, []),
    <<":", Rest2/binary>> = skip(Rest1),
    {Value, Rest3} = value(skip(Rest2)),
    object(skip(Rest3), Map#{Key => Value}).

array(<<"]", Rest/binary>>, Items) ->
    {lists:reverse(Items), Rest};
array(<<",", Rest/binary>>, Items) ->
    array(skip(Rest), Items);
array(Text, Items) ->
    {Item, Rest} = value(Text),
    array(skip(Rest), [Item | Items]).

string(<<"\"", Rest/binary>>, Parts) ->
    {unicode:characters_to_binary(lists:reverse(Parts)), Rest};
string(<<"\\u", Hex:4/binary, Rest/binary>>, Parts) ->
    case {binary_to_integer(Hex, 16), Rest} of
        {High, <<"\\u", Low:4/binary, Rest1/binary>>} when High >= 16#D800, High < 16#DC00 ->
            Point = 16#10000 + ((High - 16#D800) bsl 10) + (binary_to_integer(Low, 16) - 16#DC00),
            string(Rest1, [Point | Parts]);
        {Point, _} ->
            string(Rest, [Point | Parts])
    end;
string(<<"\\", C, Rest/binary>>, Parts) ->
    string(Rest, [proplists:get_value(C, [{$n, $\n}, {$t, $\t}, {$r, $\r}, {$b, $\b}, {$f, $\f}], C) | Parts]);
string(<<C/utf8, Rest/binary>>, Parts) ->
    string(Rest, [C | Parts]).

skip(<<C, Rest/binary>>) when C =:= $\s; C =:= $\n; C =:= $\r; C =:= $\t -> skip(Rest);
skip(Rest) -> Rest.
