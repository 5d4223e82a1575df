%% @doc The context of a command, made from rebar3's state.
-module(rebar3_hexide_context).

-export([make/4]).

%% @doc What the command's entry in the table says that it needs, and no more: `search' works outside any
%% project.
-spec make(hexide_command:command(), hexide_command:options(), hexide_dispatch:terms(), rebar_state:t()) ->
          {ok, hexide_context:context()} | {error, hexide_failure:failure()}.
make(Command, Options, Terms, State) ->
    Needs = hexide_command:needs(Command, Options),
    Base = Terms#{config => #{}, sources => #{}, repository => undefined, repositories => [],
                  user_file => rebar3_hexide_state:user_file(State),
                  cache_dir => rebar3_hexide_state:cache_dir(State),
                  rebar_config => rebar3_hexide_state:rebar_config(), system => rebar3_hexide_state:system(),
                  registry_copies => fun() -> rebar3_hexide_state:registry_copies(State) end},
    case hexide_repositories:fill([Need || Need <- Needs, Need =/= project], Base, Options, known(Needs, State)) of
        {ok, Context} -> project(lists:member(project, Needs), Context, State);
        {error, _} = Error -> Error
    end.

%% rebar3 resolves its repositories only for a command that has to do with one.
known([], _) ->
    #{repositories => [], project => fun(_, _) -> #{} end, defaults => fun(_, _) -> #{} end};
known(_, State) ->
    Defaults = rebar3_hexide_state:default_config(),
    #{repositories => rebar3_hexide_state:repositories(State),
      project => fun(Repo, Content) -> rebar3_hexide_repository:settings(Repo, Content, Defaults) end,
      %% Without being told, a person's cache is beside that of rebar3 itself.
      defaults => fun(_, _) -> #{cache_dir => hexide_text:path(rebar3_hexide_state:cache_dir(State))} end}.

project(false, Context, _) ->
    {ok, Context};
project(true, Context, State) ->
    case rebar3_hexide_state:project(State) of
        {ok, Project} ->
            Generator = maps:from_list([{generate_docs, Generate}
                                        || Generate <- [rebar3_hexide_state:generate_docs(State)], Generate =/= none]),
            {ok, maps:merge(Context#{project => Project}, Generator)};
        {error, _} = Error -> Error
    end.
