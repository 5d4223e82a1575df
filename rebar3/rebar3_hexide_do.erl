%% @doc The dispatcher: `rebar3 hex …'. As the provider `do' of the namespace it is handed the arguments
%% as they were written, while rebar3 would split those of any other provider at commas.
-module(rebar3_hexide_do).
-behaviour(provider).

-export([init/1, do/1, run/2, format_error/1]).

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
        {{negative, Failure}, false} -> hexide_io:halt(hexide_failure:exit_code(Failure));
        {{error, Failure}, true} -> {error, {?MODULE, {Namespace, Failure}}};
        {{error, Failure}, false} ->
            ok = hexide_io:tell([{red, format_error({Namespace, Failure})}, "\n"]),
            hexide_io:halt(hexide_failure:exit_code(Failure))
    end.

%% @doc A failure, and the namespace in which it happened, as text.
-spec format_error({atom(), hexide_failure:failure()}) -> iolist().
format_error({Namespace, Failure}) ->
    [hexide_dispatch:format(Failure, {rebar3, Namespace})].

%% @doc Runs a command line, as {@link hexide_dispatch:run/2} does.
-spec run([binary()], rebar_state:t()) -> hexide_dispatch:outcome().
run(Arguments, State) ->
    Namespace = rebar3_hexide_state:namespace(State),
    hexide_dispatch:run(Arguments,
                        #{door => {rebar3, Namespace}, quiet => fun rebar3_hexide_state:quiet/0,
                          opened => fun() -> rivals(Namespace, rebar3_hexide_state:strangers(State)) end,
                          context => fun(Command, Options, Terms) ->
                                         rebar3_hexide_context:make(Command, Options, Terms, State)
                                     end}).

%% The dispatcher is ours alone; of two providers of the same name rebar3 keeps one, by the order in which it has
%% loaded the plugins.
rivals(_, []) ->
    ok;
rivals(Namespace, Strangers) ->
    Name = atom_to_list(Namespace),
    Others = lists:join(", ", [atom_to_list(Each) || Each <- Strangers]),
    hexide_io:tell([{yellow, ["Warning: both hexide and ", Others, " claim the namespace `", Name, "`. `rebar3 ",
                              Name, "` is hexide; what `rebar3 do` and `rebar3 help` find there may be of "
                              "the other. Take one out of the plugins, or give hexide another "
                              "namespace in rebar.config: {hexide, [{namespace, hexide}]}."]}, "\n"]).
