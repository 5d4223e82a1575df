%% @doc The dispatcher: `rebar3 hex …'. As the provider `do' of the namespace it is handed the arguments
%% as they were written, while rebar3 would split those of any other provider at commas.
-module(rebar3_hexide_do).
-behaviour(provider).

-export([init/1, do/1, run/2, route/1, format_error/1]).

%% @doc Registers it.
-spec init(rebar_state:t()) -> {ok, rebar_state:t()}.
init(State) ->
    Door = "rebar3 " ++ atom_to_list(rebar3_hexide_state:namespace(State)),
    {ok, rebar3_hexide_state:add_provider(State, [{name, do}, {module, ?MODULE}, {example, Door},
                                                  {short_desc, "Everything about Hex packages"},
                                                  {desc, "Everything about Hex packages; see `" ++ Door ++ " help'"},
                                                  {opts, []}])}.

%% @doc Routes what was written. A failure ends rebar3 with our own exit code.
-spec do(rebar_state:t()) -> {ok, rebar_state:t()} | {error, {module(), term()}}.
do(State) ->
    Arguments = rebar3_hexide_state:arguments(State),
    Namespace = rebar3_hexide_state:namespace(State),
    case {run(Arguments, State), rebar3_hexide_state:embedded(State)} of
        {ok, _} -> {ok, State};
        {{negative, Failure}, true} -> {error, {?MODULE, {Namespace, Failure}}};
        {{negative, Failure}, false} -> rebar3_hexide_io:halt(hexide_failure:exit_code(Failure));
        {{error, Failure}, true} -> {error, {?MODULE, {Namespace, Failure}}};
        {{error, Failure}, false} ->
            ok = rebar3_hexide_io:tell([{red, format_error({Namespace, Failure})}, "\n"]),
            rebar3_hexide_io:halt(hexide_failure:exit_code(Failure))
    end.

%% @doc A failure, and the namespace in which it happened, as text.
-spec format_error({atom(), hexide_failure:failure()}) -> iolist().
format_error({Namespace, Failure}) ->
    [rebar3_hexide_namespace:sentence(hexide_failure:format(Failure), Namespace)].

%% @doc Runs a command line: a command's name and its arguments, or one of the short forms. The answer is
%% printed; a failure is returned, and printed only as JSON. `negative': the answer is a no.
-spec run([binary()], rebar_state:t()) ->
          ok | {negative, hexide_failure:failure()} | {error, hexide_failure:failure()}.
run(Arguments, State) ->
    Output = rebar3_hexide_io:claim(),
    Json = lists:member(<<"--json">>, lists:takewhile(fun(Argument) -> Argument =/= <<"--">> end, Arguments)),
    _ = [rebar3_hexide_state:quiet() || Json],
    Namespace = rebar3_hexide_state:namespace(State),
    try
        ok = rivals(Namespace, rebar3_hexide_state:strangers(State)),
        %% What is given on the command line and what hex.config holds is not for rebar3's crash dump.
        Show = fun(Name, Answer) -> show(Name, Answer, Namespace, Json, Output) end,
        Outcome = hexide_exception:bare(fun() -> perform(route(Arguments), Show, Output, State) end),
        finish(hinted(Outcome, Arguments), Namespace, Json, Output)
    after
        rebar3_hexide_io:release(Output)
    end.

finish({error, Failure}, Namespace, true, Output) ->
    #{error := #{message := Message} = Error} = hexide_failure:report(Failure),
    Report = #{error => Error#{message := rebar3_hexide_namespace:sentence(Message, Namespace)}},
    ok = rebar3_hexide_io:answer(Output, [hexide_json:encode(Report), "\n"]),
    {error, Failure};
finish(Outcome, _, _, _) ->
    Outcome.

%% The dispatcher is ours alone; of two providers of the same name rebar3 keeps one, by the order in which it has
%% loaded the plugins.
rivals(_, []) ->
    ok;
rivals(Namespace, Strangers) ->
    Name = atom_to_list(Namespace),
    Others = lists:join(", ", [atom_to_list(Each) || Each <- Strangers]),
    rebar3_hexide_io:tell([{yellow, ["Warning: both hexide and ", Others, " claim the namespace `", Name, "`. `rebar3 ",
                                     Name, "` is hexide; what `rebar3 do` and `rebar3 help` find there may be of "
                                     "the other. Take one out of the plugins, or give hexide another "
                                     "namespace in rebar.config: {hexide, [{namespace, hexide}]}."]}, "\n"]).

%% A word that is no command is taken for a package; where that leads nowhere, it may have been a slip.
hinted({error, {Code, #{message := Message} = Details}} = Error, [Word | _]) ->
    Names = hexide_command:names(),
    case {lists:member(Word, Names), hexide_text:nearest(Word, Names)} of
        {false, {ok, Near}} ->
            {error, {Code, Details#{message := <<Message/binary, "; did you mean the command `", Near/binary,
                                                      "`?">>}}};
        _ -> Error
    end;
hinted(Outcome, _) ->
    Outcome.

%% @doc The command that a command line means: a known command, a known configuration key, else the name
%% of a package.
-spec route([binary()]) -> {ok, hexide_command:command(), [binary()]} | {error, hexide_failure:failure()}.
route(Arguments) ->
    {Given, Words} = leading(Arguments),
    {Help, Options} = lists:partition(fun(Option) -> Option =:= <<"-h">> orelse Option =:= <<"--help">> end, Given),
    Routed = case {Help, Words} of
                 {[_ | _], _} -> command(<<"help">>, Words);
                 {[], []} -> command(<<"info">>, []);
                 {[], [First | Rest]} ->
                     case hexide_command:find(First) of
                         {ok, Found} -> {ok, Found, Rest};
                         error -> short_form(First, Words)
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

short_form(Word, Arguments) ->
    case {hexide_cmd_config:is_key(Word), package_name(Word)} of
        {true, _} -> command(<<"config">>, Arguments);
        {false, true} -> command(<<"info">>, Arguments);
        {false, false} -> {error, hexide_failure:usage(undefined, ["`", Word, "` is no command", hint(Word)])}
    end.

command(Name, Arguments) ->
    {ok, Command} = hexide_command:find(Name),
    {ok, Command, Arguments}.

package_name(Word) ->
    re:run(Word, "^[a-z][a-z0-9_]*$", [{capture, none}]) =:= match.

hint(Word) ->
    case hexide_text:nearest(Word, hexide_command:names()) of
        {ok, Near} -> ["; did you mean `", Near, "`?"];
        error -> []
    end.

perform({error, _} = Error, _, _, _) ->
    Error;
perform({ok, #{name := Name} = Command, Arguments}, Show, Output, State) ->
    case hexide_option:parse(Command, Arguments) of
        {ok, #{help := true}} ->
            {ok, Help} = hexide_cmd_help:run(#{}, #{args => [Name]}),
            Show(Name, Help);
        {ok, Options} ->
            Hold = fun(Answer) -> rebar3_hexide_io:hold(Output, fun() -> Show(Name, Answer) end) end,
            answered(execute(Command, Options, Hold, Output, State), fun(Answer) -> Show(Name, Answer) end);
        {error, _} = Error -> Error
    end.

%% Ctrl-C stops whatever talks to a registry; the server holds until then by itself.
execute(#{needs := []} = Command, Options, Hold, Output, State) ->
    carried_out(Command, Options, Hold, Output, nowhere, State);
execute(#{name := Name} = Command, Options, Hold, Output, State) ->
    rebar3_hexide_interrupt:watched(
      fun(Watch) ->
          Run = fun() -> carried_out(Command, Options, Hold, Output, Watch, State) end,
          hexide_interruption:explained(rebar3_hexide_io:interruptible(Watch, Run), Name, Options)
      end).

carried_out(Command, Options, Hold, Output, Watch, State) ->
    case rebar3_hexide_context:make(Command, Options, Output, Watch, State) of
        {ok, #{config := Config} = Context} ->
            Run = fun() -> hexide_command:run(Command, Context#{hold => Hold}, Options) end,
            {Outcome, CachedAt} = rebar3_hexide_io:narrated(maps:get(offline, Config, false), Run),
            aged(Outcome, CachedAt);
        {error, _} = Error -> Error
    end.

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
    ok = rebar3_hexide_io:tell(hexide_answer_text:event(#{event => from_cache, cached_at => At, seconds => Age})),
    Answer#{cached_at => At}.

answered({ok, Answer}, Show) -> Show(Answer);
answered({negative, Answer, Failure}, Show) ->
    ok = Show(Answer),
    {negative, Failure};
answered(ok, _) -> ok;
answered({error, _} = Error, _) -> Error.

show(_, Answer, _, true, Output) ->
    rebar3_hexide_io:answer(Output, [hexide_json:encode(Answer), "\n"]);
show(Name, Answer, Namespace, false, Output) ->
    Document = hexide_answer_text:answer(Name, Answer),
    rebar3_hexide_io:answer(Output, rebar3_hexide_namespace:document(Document, Namespace)).
