%% @doc The only module that prints or asks. Answers go to stdout; everything else, rebar3's own lines
%% included, goes to stderr.
-module(rebar3_hexide_io).

-export([claim/0, release/1, answer/2, tell/1, plain/1, ask/3, hold/2, interruptible/2, browse/1, automated/0,
         narrated/1, halt/1]).

-export_type([output/0]).

-opaque output() :: pid().
%% Where answers go, and where somebody may answer.

%% @doc Takes stdout for answers: from now on what rebar3 and others print goes to stderr.
-spec claim() -> output().
claim() ->
    Output = group_leader(),
    _ = io:setopts(standard_error, [{encoding, unicode}]),
    true = group_leader(whereis(standard_error), self()),
    Output.

%% @doc Gives stdout back.
-spec release(output()) -> ok.
release(Output) ->
    true = group_leader(Output, self()),
    ok.

%% @doc Prints an answer on stdout.
-spec answer(output(), unicode:chardata()) -> ok.
answer(Output, Text) ->
    io:put_chars(Output, plain(Text)).

%% @doc Prints something worth knowing on stderr.
-spec tell(unicode:chardata()) -> ok.
tell(Text) ->
    io:put_chars(standard_error, plain(Text)).

%% @doc The text without control characters: what strangers write must not steer the terminal.
-spec plain(unicode:chardata()) -> string().
plain(Text) ->
    [Char || Char <- unicode:characters_to_list(Text), Char >= $\s orelse Char =:= $\n orelse Char =:= $\t,
             Char < 16#7F orelse Char > 16#9F].

%% @doc Asks on the terminal. Where nobody can answer, says what to give instead.
-spec ask(output(), rebar3_hexide_interrupt:watch(), hexide_context:question()) ->
          {ok, boolean() | binary()} | {error, hexide_failure:failure()}.
ask(Output, Watch, #{environment := Variable} = Question) ->
    case os:getenv(Variable) of
        [_ | _] = Value -> {ok, hexide_text:binary(Value)};
        _ -> ask(Output, Watch, maps:remove(environment, Question))
    end;
ask(_, _, #{unasked := true, default := Default}) ->
    {ok, Default};
ask(Output, Watch, #{kind := Kind, prompt := Prompt} = Question) ->
    case {attended(Output), Question} of
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
    hexide_failure:usage(undefined, ["there is nobody to ask `", Prompt, "`; use ", Flag]).

%% @doc Whether a program runs this and no person, as in CI.
-spec automated() -> boolean().
automated() ->
    os:getenv("CI", "") =/= "".

%% Whether a person sits there: not in CI, and stdin is a terminal.
attended(Output) ->
    case {automated(), file:read_link("/proc/self/fd/0")} of
        {true, _} -> false;
        {_, {ok, Target}} -> lists:prefix("/dev/tty", Target) orelse lists:prefix("/dev/pts/", Target);
        %% Without /proc, a terminal that has a width is the best sign there is.
        {_, {error, _}} -> io:columns(Output) =/= {error, enotsup}
    end.

%% @doc Shows something, and waits until the input ends or Ctrl-C is pressed.
-spec hold(output(), fun(() -> ok)) -> ok.
hold(Output, Show) ->
    Held = fun() -> ok = Show(), until_end(Output) end,
    _ = rebar3_hexide_interrupt:watched(fun(Watch) -> rebar3_hexide_interrupt:run(Watch, Held) end),
    ok.

until_end(Output) ->
    case io:get_line(Output, "") of
        Line when is_list(Line); is_binary(Line) -> until_end(Output);
        _ -> ok
    end.

%% @doc Runs something that Ctrl-C stops.
-spec interruptible(rebar3_hexide_interrupt:watch(), fun(() -> Outcome)) ->
          Outcome | {error, hexide_failure:failure()}.
interruptible(Watch, Run) ->
    case rebar3_hexide_interrupt:run(Watch, Run) of
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

%% @doc Runs something and, with rebar3's `DEBUG=1', tells of each request: one line, no secret.
-spec narrated(fun(() -> Outcome)) -> Outcome.
narrated(Run) ->
    case [Variable || Variable <- ["DEBUG", "DIAGNOSTIC"], os:getenv(Variable, "") =/= ""] of
        [] -> Run();
        _ ->
            {Narrator, Narrating} = spawn_monitor(fun narrate/0),
            try
                Run()
            after
                Narrator ! stop,
                receive {'DOWN', Narrating, process, Narrator, _} -> ok end
            end
    end.

narrate() ->
    ok = hexide_log:listen(),
    narrate(infinity).

%% What was sent before the end is told before it.
narrate(Patience) ->
    receive
        {hexide_log, #{target := Target, text := Text}} ->
            ok = tell([Target, " ", Text, "\n"]),
            narrate(Patience);
        stop ->
            ok = hexide_log:stop(),
            narrate(0)
    after Patience -> ok
    end.

%% @doc Ends the program, with everything printed.
-spec halt(0..3 | 130) -> no_return().
halt(Code) ->
    erlang:halt(Code, [{flush, true}]).
