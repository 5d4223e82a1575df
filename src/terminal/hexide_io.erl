%% @doc The only module that prints or asks. Answers go to stdout; everything else, the build tool's own lines
%% included, goes to stderr.
-module(hexide_io).

-export([claim/0, release/1, answer/2, tell/1, progress/1, ask/3, hold/2, interruptible/2, browse/1, automated/0,
         narrated/2, halt/1]).

-export_type([output/0]).

-opaque output() :: pid().
%% Where answers go, and where somebody may answer.

%% @doc Takes stdout for answers: from now on what the build tool and others print goes to stderr.
-spec claim() -> output().
claim() ->
    Output = group_leader(),
    _ = io:setopts(standard_error, [{encoding, unicode}]),
    true = group_leader(whereis(standard_error), self()),
    case capable() andalso not automated() andalso hexide_terminal:is_attached(stderr) of
        true -> ok = hexide_screen:start(fun writer/0);
        false -> ok
    end,
    Output.

%% Past the device `standard_error', which is not done when it says so: what follows on stdout could come first.
writer() ->
    case file:open("/dev/stderr", [append, raw]) of
        {ok, Terminal} -> fun(Text) -> file:write(Terminal, unicode:characters_to_binary(Text)) end;
        {error, _} -> fun(Text) -> io:put_chars(standard_error, Text) end
    end.

%% @doc Gives stdout back.
-spec release(output()) -> ok.
release(Output) ->
    _ = hexide_screen:stop(),
    true = group_leader(Output, self()),
    ok.

%% @doc Prints an answer on stdout.
-spec answer(output(), hexide_layout:document()) -> ok.
answer(Output, Document) ->
    _ = hexide_screen:wipe(),
    io:put_chars(Output, hexide_layout:text(Document, style(Output, stdout))).

%% @doc Prints something worth knowing on stderr.
-spec tell(hexide_layout:document()) -> ok.
tell(Document) ->
    Text = hexide_layout:text(Document, style(standard_error, stderr)),
    case hexide_screen:print(Text) of
        ok -> ok;
        none -> io:put_chars(standard_error, Text)
    end.

%% @doc Shows how far something is, on a terminal: elsewhere that would be noise.
-spec progress(hexide_bar:progress()) -> ok.
progress(Progress) ->
    _ = hexide_screen:progress(fun() -> hexide_bar:line(Progress, width(standard_error)) end),
    ok.

%% How to write there: for another program, or for a person before a terminal of some width.
style(Device, Stream) ->
    case hexide_terminal:is_attached(Stream) of
        true -> #{width => width(Device), colour => colourful()};
        false -> #{width => unlimited, colour => false}
    end.

width(Device) ->
    case {string:to_integer(os:getenv("COLUMNS", "")), io:columns(Device)} of
        {{Columns, ""}, _} when is_integer(Columns), Columns > 0 -> Columns;
        {_, {ok, Columns}} when Columns > 0 -> Columns;
        _ -> 80
    end.

%% NO_COLOR is everybody's way to say no, the other two are terminals' and rebar3's.
colourful() ->
    os:getenv("NO_COLOR", "") =:= "" andalso capable() andalso os:getenv("REBAR_COLOR") =/= "none".

capable() ->
    not lists:member(os:getenv("TERM", ""), ["", "dumb"]).

%% @doc Asks on the terminal. Where nobody can answer, says what to give instead.
-spec ask(output(), hexide_interrupt:watch(), hexide_context:question()) ->
          {ok, boolean() | binary()} | {error, hexide_failure:failure()}.
ask(Output, Watch, #{environment := Variable} = Question) ->
    case os:getenv(Variable) of
        [_ | _] = Value -> {ok, hexide_text:binary(Value)};
        _ -> ask(Output, Watch, maps:remove(environment, Question))
    end;
ask(_, _, #{unasked := true, default := Default}) ->
    {ok, Default};
ask(Output, Watch, #{kind := Kind, prompt := Prompt} = Question) ->
    case {attended(), Question} of
        {true, _} -> asked(Kind, fun(Offered) -> line(Output, Watch, <<Prompt/binary, Offered/binary>>) end, Question);
        {false, #{default := Default}} -> {ok, Default};
        {false, _} -> {error, unattended(Question)}
    end.

asked(secret, Ask, Question) ->
    case hexide_terminal:hidden(fun() -> Ask(<<" ">>) end) of
        {ok, {ok, Secret}} -> ok = tell("\n"), {ok, Secret};
        {ok, eof} -> {error, unattended(Question)};
        {ok, {error, _} = Error} -> Error;
        {error, {io, _}} -> {error, unattended(Question)};
        {error, _} = Error -> Error
    end;
asked(confirm, Ask, Question) ->
    case Ask(<<" [y/N] ">>) of
        {ok, Answer} -> {ok, lists:member(string:lowercase(Answer), [<<"y">>, <<"yes">>])};
        eof -> {error, unattended(Question)};
        {error, _} = Error -> Error
    end;
asked(text, Ask, Question) ->
    case Ask(<<" ">>) of
        {ok, Answer} -> {ok, Answer};
        eof -> {error, unattended(Question)};
        {error, _} = Error -> Error
    end.

%% Ctrl-C ends the question and not what asked it, which has things to put back: the terminal to begin with.
line(Output, Watch, Prompt) ->
    ok = tell(Prompt),
    case interruptible(Watch, fun() -> io:get_line(Output, "") end) of
        Line when is_list(Line); is_binary(Line) -> {ok, string:trim(hexide_text:binary(Line))};
        {error, {cancelled, _}} = Interrupted -> Interrupted;
        _ -> eof
    end.

unattended(#{prompt := Prompt, flag := Flag}) ->
    %% Without what is for people at a terminal only.
    Question = re:replace(Prompt, "( \\([^)]*\\))?:$", "", [unicode]),
    hexide_failure:usage(undefined, ["there is nobody to ask `", Question, "`; use ", Flag]).

%% @doc Whether a program runs this and no person, as in CI.
-spec automated() -> boolean().
automated() ->
    os:getenv("CI", "") =/= "".

%% Whether a person sits there: not in CI, and stdin is a terminal.
attended() ->
    not automated() andalso hexide_terminal:is_attached(stdin).

%% @doc Shows something, and waits until the input ends or Ctrl-C is pressed.
-spec hold(output(), fun(() -> ok)) -> ok.
hold(Output, Show) ->
    Held = fun() -> ok = Show(), until_end(Output) end,
    _ = hexide_interrupt:watched(fun(Watch) -> hexide_interrupt:run(Watch, Held) end),
    ok.

until_end(Output) ->
    case io:get_line(Output, "") of
        Line when is_list(Line); is_binary(Line) -> until_end(Output);
        _ -> ok
    end.

%% @doc Runs something that Ctrl-C stops.
-spec interruptible(hexide_interrupt:watch(), fun(() -> Outcome)) ->
          Outcome | {error, hexide_failure:failure()}.
interruptible(Watch, Run) ->
    case hexide_interrupt:run(Watch, Run) of
        {ran, Outcome} -> Outcome;
        interrupted ->
            %% The terminal has shown ^C in a line of its own.
            ok = tell("\n"),
            {error, hexide_interruption:failure()}
    end.

%% @doc Opens an address in a browser; whether that could be tried. Over ssh and in CI there is none.
-spec browse(binary()) -> boolean().
browse(Address) ->
    case [Program || Program <- browsers(), Program =/= false] of
        [Program | _] ->
            %% In a process of its own, which takes what the browser prints.
            _ = spawn(fun() ->
                          Port = open_port({spawn_executable, Program},
                                           [{args, [Address]}, stderr_to_stdout, binary, exit_status]),
                          receive {Port, {exit_status, _}} -> ok end
                      end),
            true;
        [] -> false
    end.

browsers() ->
    Set = fun(Variable) -> os:getenv(Variable, "") =/= "" end,
    Chosen = [os:find_executable(Program) || Program <- [os:getenv("BROWSER", "")], Program =/= ""],
    case {automated() orelse Set("SSH_CONNECTION"), os:type()} of
        {true, _} -> Chosen;
        {_, {unix, darwin}} -> Chosen ++ [os:find_executable("open")];
        {_, {unix, _}} ->
            Chosen ++ [os:find_executable("xdg-open") || Set("DISPLAY") orelse Set("WAYLAND_DISPLAY")];
        _ -> Chosen
    end.

%% @doc Runs something and, with rebar3's `DEBUG=1', tells of each request: one line, no secret. Where it is to use
%% no network, gives also when the oldest of the replies was fetched that it had from the cache.
-spec narrated(boolean(), fun(() -> Outcome)) -> {Outcome, CachedAt :: binary() | undefined}.
narrated(Offline, Run) ->
    Debug = lists:any(fun(Variable) -> os:getenv(Variable, "") =/= "" end, ["DEBUG", "DIAGNOSTIC"]),
    case Debug orelse Offline of
        false -> {Run(), undefined};
        true ->
            Caller = self(),
            {Narrator, Narrating} = spawn_monitor(fun() ->
                                                      _ = monitor(process, Caller),
                                                      ok = hexide_log:listen(),
                                                      narrate(Debug, [], infinity)
                                                  end),
            Outcome = try
                          Run()
                      after
                          Narrator ! stop
                      end,
            receive
                {'DOWN', Narrating, process, Narrator, {heard, [_ | _] = Times}} when Offline ->
                    {Outcome, lists:min(Times)};
                {'DOWN', Narrating, process, Narrator, _} -> {Outcome, undefined}
            end
    end.

%% What was sent before the end is told before it.
narrate(Debug, Times, Patience) ->
    receive
        {hexide_log, #{target := Target, text := Text} = Event} ->
            _ = [ok = tell([Target, " ", Text, "\n"]) || Debug],
            narrate(Debug, [Time || #{cached_at := Time} <- [Event]] ++ Times, Patience);
        stop ->
            ok = hexide_log:stop(),
            narrate(Debug, Times, 0);
        %% Ctrl-C ended it.
        {'DOWN', _, process, _, _} ->
            hexide_log:stop()
    after Patience -> exit({heard, Times})
    end.

%% @doc Ends the program, with everything printed.
-spec halt(0..3 | 130) -> no_return().
halt(Code) ->
    erlang:halt(Code, [{flush, true}]).
