%% @doc What every door does with a command line: finds the command, reads its options, has the door make the
%% context, runs it, and prints the answer as text or as JSON.
-module(hexide_dispatch).

-export([run/2, route/1, format/2]).

-export_type([entrance/0, terms/0, outcome/0]).

-type entrance() :: #{door := hexide_door:door(), quiet => fun(() -> term()), opened => fun(() -> ok),
                      context := fun((hexide_command:command(), hexide_command:options(), terms()) ->
                                         {ok, hexide_context:context()} | {error, hexide_failure:failure()})}.
%% `quiet': keeps the build tool from telling what it does, as the answer is for a program. `opened': is called before
%% the command is looked for, when stdout is the answer's already. `context': of a command, with these funs in it.

-type terms() :: #{ask := fun(), interruptible := fun(), browse := fun(), automated := boolean(), progress := fun(),
                   commands := [hexide_command:command()]}.
%% What {@link hexide_context:context()} has of them, the same at all doors.

-type outcome() :: ok | {negative, hexide_failure:failure()} | {error, hexide_failure:failure()}.

%% @doc Runs a command line: a command's name and its arguments, or one of the short forms. The answer is
%% printed; a failure is returned, and printed only as JSON. `negative': the answer is a no.
-spec run([binary()], entrance()) -> outcome().
run(Arguments, #{door := Door} = Entrance) ->
    Output = hexide_io:claim(),
    Json = lists:member(<<"--json">>, lists:takewhile(fun(Argument) -> Argument =/= <<"--">> end, Arguments)),
    _ = [Quiet() || #{quiet := Quiet} <- [Entrance], Json],
    try
        _ = [ok = Opened() || #{opened := Opened} <- [Entrance]],
        Show = fun(Name, Answer) -> show(Name, Answer, Door, Json, Output) end,
        Commands = hexide_door:commands(Door),
        Outcome = attempt(fun() -> perform(route(Arguments, Commands), Show, Output, Entrance) end),
        finish(hinted(Outcome, Arguments, Commands), Door, Json, Output)
    after
        hexide_io:release(Output)
    end.

%% A fault of ours is a failure as others are, and no exception for the build tool to print: what is given on the
%% command line and what hex.config holds is not for anybody's crash dump.
attempt(Do) ->
    try
        Do()
    catch
        error:{not_loaded, Why} -> {error, hexide_failure:failed(Why)};
        _:Reason:Stack -> {error, hexide_failure:fault(hexide_exception:described(Reason, Stack))}
    end.

finish({error, Failure}, Door, true, Output) ->
    %% Without the native library there is no JSON.
    _ = [ok = hexide_io:answer(Output, [hexide_json:encode(hexide_door:failure(Failure, Door)), "\n"])
         || hexide_nif:missing() =:= undefined],
    {error, Failure};
finish(Outcome, _, _, _) ->
    Outcome.

%% @doc A failure as a sentence, in the words of that door.
-spec format(hexide_failure:failure(), hexide_door:door()) -> binary().
format(Failure, Door) ->
    hexide_door:sentence(hexide_failure:format(Failure), Door).

%% A word that is no command is taken for a package; where that leads nowhere, it may have been a slip.
hinted({error, {Code, #{message := Message} = Details}} = Error, [Word | _], Commands) ->
    Names = names(Commands),
    case {lists:member(Word, Names), hexide_text:nearest(Word, Names)} of
        {false, {ok, Near}} ->
            {error, {Code, Details#{message => <<Message/binary, "; did you mean the command `", Near/binary,
                                                      "`?">>}}};
        _ -> Error
    end;
hinted(Outcome, _, _) ->
    Outcome.

names(Commands) ->
    [Name || #{name := Name} <- Commands].

%% @doc The command that a command line means: a known command, a known configuration key, else the name
%% of a package.
-spec route([binary()]) -> {ok, hexide_command:command(), [binary()]} | {error, hexide_failure:failure()}.
route(Arguments) ->
    route(Arguments, hexide_command:all()).

route(Arguments, Commands) ->
    {Given, Words} = leading(Arguments),
    {Help, Options} = lists:partition(fun(Option) -> Option =:= <<"-h">> orelse Option =:= <<"--help">> end, Given),
    Routed = case {Help, Words} of
                 {[_ | _], _} -> command(<<"help">>, Words, Commands);
                 {[], []} -> command(<<"info">>, [], Commands);
                 {[], [First | Rest]} ->
                     case lists:member(First, names(Commands)) of
                         true -> command(First, Rest, Commands);
                         false -> short_form(First, Words, Commands)
                     end
             end,
    case Routed of
        {ok, Command, Args} -> {ok, Command, Options ++ Args};
        {error, _} = Error -> Error
    end.

%% Options may stand before the command; `--repo' alone among the common ones has a value.
leading([Repo, Name | Rest]) when Repo =:= <<"--repo">>; Repo =:= <<"-r">> ->
    {Options, Words} = leading(Rest),
    {[Repo, Name | Options], Words};
leading([<<"-", _/binary>> = Option | Rest]) ->
    {Options, Words} = leading(Rest),
    {[Option | Options], Words};
leading(Words) ->
    {[], Words}.

short_form(Word, Arguments, Commands) ->
    case {hexide_cmd_config:is_key(Word), package_name(Word)} of
        {true, _} -> command(<<"config">>, Arguments, Commands);
        {false, true} -> command(<<"info">>, Arguments, Commands);
        {false, false} ->
            {error, hexide_failure:usage(undefined, ["`", Word, "` is no command", hint(Word, Commands)])}
    end.

command(Name, Arguments, Commands) ->
    [Command] = [Command || #{name := Each} = Command <- Commands, Each =:= Name],
    {ok, Command, Arguments}.

package_name(Word) ->
    re:run(Word, "^[a-z][a-z0-9_]*$", [{capture, none}]) =:= match.

hint(Word, Commands) ->
    case hexide_text:nearest(Word, names(Commands)) of
        {ok, Near} -> ["; did you mean `", Near, "`?"];
        error -> []
    end.

perform({error, _} = Error, _, _, _) ->
    Error;
perform({ok, #{name := Name} = Command, Arguments}, Show, Output, #{door := Door} = Entrance) ->
    case hexide_option:parse(Command, Arguments) of
        {ok, #{help := true}} ->
            {ok, Help} = hexide_cmd_help:run(#{commands => hexide_door:commands(Door)}, #{args => [Name]}),
            Show(Name, Help);
        {ok, Options} ->
            Hold = fun(Answer) -> hexide_io:hold(Output, fun() -> Show(Name, Answer) end) end,
            answered(execute(Command, Options, Hold, Output, Entrance), fun(Answer) -> Show(Name, Answer) end);
        {error, _} = Error -> Error
    end.

%% Ctrl-C stops whatever talks to a registry; the server holds until then by itself.
execute(#{needs := []} = Command, Options, Hold, Output, Entrance) ->
    carried_out(Command, Options, Hold, Output, nowhere, Entrance);
execute(Command, Options, Hold, Output, Entrance) ->
    %% A command may start processes, in which nobody would see why it cannot be done.
    case hexide_nif:missing() of
        undefined -> watched(Command, Options, Hold, Output, Entrance);
        Why -> {error, hexide_failure:failed(Why)}
    end.

watched(#{name := Name} = Command, Options, Hold, Output, Entrance) ->
    hexide_interrupt:watched(
      fun(Watch) ->
          Run = fun() -> carried_out(Command, Options, Hold, Output, Watch, Entrance) end,
          hexide_interruption:explained(hexide_io:interruptible(Watch, Run), Name, Options)
      end).

carried_out(Command, Options, Hold, Output, Watch, #{door := Door, context := Make}) ->
    case Make(Command, Options, terms(Door, Output, Watch)) of
        {ok, #{config := Config} = Context} ->
            Run = fun() -> hexide_command:run(Command, Context#{hold => Hold}, Options) end,
            {Outcome, CachedAt} = hexide_io:narrated(maps:get(offline, Config, false), Run),
            aged(Outcome, CachedAt);
        {error, _} = Error -> Error
    end.

terms(Door, Output, Watch) ->
    #{ask => fun(Question) -> hexide_io:ask(Output, Watch, asked(Question, Door)) end,
      interruptible => fun(Run) -> hexide_io:interruptible(Watch, Run) end,
      browse => fun hexide_io:browse/1, automated => hexide_io:automated(),
      progress => fun(Event) -> told(Event, Door) end, commands => hexide_door:commands(Door)}.

asked(#{prompt := Prompt} = Question, Door) ->
    Question#{prompt := hexide_door:sentence(Prompt, Door)}.

told(#{event := progress} = Progress, _) -> hexide_io:progress(Progress);
told(Event, Door) -> hexide_io:tell(hexide_door:document(hexide_answer_text:event(Event), Door)).

%% An answer from the cache says how old it is, before it is shown.
aged({ok, Answer}, <<_/binary>> = At) ->
    {ok, dated(Answer, At)};
aged({negative, Answer, Failure}, <<_/binary>> = At) ->
    {negative, dated(Answer, At), Failure};
aged(Outcome, _) ->
    Outcome.

dated(Answer, At) ->
    Fetched = calendar:rfc3339_to_system_time(binary_to_list(At)),
    Age = max(0, erlang:system_time(second) - Fetched),
    ok = hexide_io:tell(hexide_answer_text:event(#{event => from_cache, cached_at => At, seconds => Age})),
    Answer#{cached_at => At}.

answered({ok, Answer}, Show) -> Show(Answer);
answered({negative, Answer, Failure}, Show) ->
    ok = Show(Answer),
    {negative, Failure};
answered(ok, _) -> ok;
answered({error, _} = Error, _) -> Error.

show(_, Answer, _, true, Output) ->
    hexide_io:answer(Output, [hexide_json:encode(Answer), "\n"]);
show(Name, Answer, Door, false, Output) ->
    hexide_io:answer(Output, hexide_door:document(hexide_answer_text:answer(Name, Answer), Door)).
