%% @doc The context of a command, made from rebar3's state.
-module(rebar3_hexide_context).

-export([make/5]).

%% @doc What the command's entry in the table says that it needs, and no more: `search' works outside any
%% project.
-spec make(hexide_command:command(), hexide_command:options(), rebar3_hexide_io:output(),
           rebar3_hexide_interrupt:watch(), rebar_state:t()) ->
          {ok, hexide_context:context()} | {error, hexide_failure:failure()}.
make(Command, Options, Output, Watch, State) ->
    Needs = hexide_command:needs(Command, Options),
    Base = #{config => #{}, sources => #{}, repository => undefined, repositories => [],
             user_file => rebar3_hexide_state:user_file(State), cache_dir => rebar3_hexide_state:cache_dir(State),
             system => rebar3_hexide_state:system(),
             ask => fun(Question) -> rebar3_hexide_io:ask(Output, Watch, Question) end,
             interruptible => fun(Run) -> rebar3_hexide_io:interruptible(Watch, Run) end,
             browse => fun rebar3_hexide_io:browse/1, automated => rebar3_hexide_io:automated(),
             registry_copies => fun() -> rebar3_hexide_state:registry_copies(State) end,
             progress => fun(Event) -> told(Event, rebar3_hexide_state:namespace(State)) end},
    case repository([Need || Need <- Needs, Need =/= project], Base, Options, State) of
        {ok, Context} -> project(lists:member(project, Needs), Context, State);
        {error, _} = Error -> Error
    end.

told(#{event := progress} = Progress, _) -> rebar3_hexide_io:progress(Progress);
told(Event, Namespace) ->
    rebar3_hexide_io:tell(rebar3_hexide_namespace:document(hexide_answer_text:event(Event), Namespace)).

repository([], Context, _, _) ->
    {ok, Context};
repository([repositories], #{user_file := File} = Context, Options, State) ->
    case hexide_user_file:read(File) of
        {ok, Content} -> all(Context#{rebar_config => rebar3_hexide_state:rebar_config()}, Content, Options, State);
        {error, _} = Error -> Error
    end;
repository([repository], #{user_file := File} = Context, Options, State) ->
    case hexide_user_file:read(File) of
        {ok, Content} ->
            Repos = rebar3_hexide_state:repositories(State),
            case rebar3_hexide_repository:choose(Repos, maps:get(repo, Options, undefined),
                                                 maps:get(organization, Options, undefined)) of
                {ok, Repo} -> configured(Context, Repo, Repos, Content, Options, State);
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

%% None of them is meant before the others: the configuration is what all have in common.
all(Context, Content, Options, State) ->
    Repos = rebar3_hexide_state:repositories(State),
    Meant = rebar3_hexide_repository:choose(Repos, maps:get(repo, Options, undefined)),
    case hexide_config:resolve(#{user => hexide_config:for_repository(Content, <<"$hexide">>),
                                 defaults => defaults(State)}) of
        {ok, #{config := Config, sources := From}} ->
            Shown = [shown(Each, Meant, Content, Config) || Each <- Repos],
            Settings = fun(Name) ->
                           case rebar3_hexide_repository:choose(Repos, Name) of
                               {ok, Repo} -> settings(Repo, Meant, Content, State);
                               {error, _} = Error -> Error
                           end
                       end,
            {ok, Context#{config := Config, sources := From, repositories := Shown, settings => Settings}};
        {error, _} = Error -> Error
    end.

%% A secret or an address of the environment is for one repository, the one that is meant where none is named.
settings(Repo, Meant, Content, State) ->
    Environment = case {ok, Repo} of
                      Meant -> os:env();
                      _ -> [Variable || {Name, _} = Variable <- os:env(), not lists:member(Name, of_one())]
                  end,
    case resolved(Repo, Content, #{}, Environment, State) of
        {ok, #{config := Config}} -> {ok, Config};
        {error, _} = Error -> Error
    end.

%% The variables that tell of one repository: what signs in to it, and where it is.
of_one() ->
    lists:append([Names || #{key := Key, secret := Secret, environment := Names} <- hexide_config:keys(),
                           Secret orelse Key =:= api_url]).

resolved(#{name := Name} = Repo, Content, Options, Environment, State) ->
    Defaults = rebar3_hexide_state:default_config(),
    hexide_config:resolve(#{environment => Environment,
                            options => maps:from_list([{api_otp, Code} || #{otp := Code} <- [Options]]),
                            project => rebar3_hexide_repository:settings(Repo, Content, Defaults),
                            user => hexide_config:for_repository(Content, Name), defaults => defaults(State)}).

%% Without being told, a person's cache is beside that of rebar3 itself.
defaults(State) ->
    #{cache_dir => hexide_text:path(rebar3_hexide_state:cache_dir(State))}.

configured(Context, #{name := Name} = Repo, Repos, Content, Options, State) ->
    case resolved(Repo, Content, Options, os:env(), State) of
        {ok, #{config := Config, sources := From}} ->
            Shown = [shown(Each, {ok, Repo}, Content, Config) || Each <- Repos],
            {ok, Context#{config := Config, sources := From, repository := Name, repositories := Shown}};
        {error, _} = Error -> Error
    end.

%% A key that was given signs in to the repository that is meant, and to no other.
shown(Repo, {ok, Repo}, Content, Config) -> rebar3_hexide_repository:shown(Repo, Content, Config);
shown(Repo, _, Content, _) -> rebar3_hexide_repository:shown(Repo, Content, #{}).

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
