%% @doc The context of a command, made from rebar3's state.
-module(rebar3_hexide_context).

-export([make/4]).

%% @doc What the command's entry in the table says that it needs, and no more: `search' works outside any
%% project.
-spec make(hexide_command:command(), hexide_command:options(), rebar3_hexide_io:output(), rebar_state:t()) ->
          {ok, hexide_context:context()} | {error, hexide_failure:failure()}.
make(#{needs := Needs}, Options, Output, State) ->
    Base = #{config => #{}, sources => #{}, repository => undefined, repositories => [],
             user_file => rebar3_hexide_state:user_file(State), system => rebar3_hexide_state:system(),
             ask => fun(Question) -> rebar3_hexide_io:ask(Output, Question) end,
             interruptible => fun rebar3_hexide_io:interruptible/1, browse => fun rebar3_hexide_io:browse/1,
             automated => rebar3_hexide_io:automated(),
             progress => fun(Event) -> rebar3_hexide_io:tell(rebar3_hexide_text:event(Event)) end},
    case repository(lists:member(repository, Needs), Base, Options, State) of
        {ok, Context} -> project(lists:member(project, Needs), Context, State);
        {error, _} = Error -> Error
    end.

repository(false, Context, _, _) ->
    {ok, Context};
repository(true, #{user_file := File} = Context, Options, State) ->
    case hexide_user_file:read(File) of
        {ok, Content} ->
            Repos = rebar3_hexide_state:repositories(State),
            case rebar3_hexide_repository:choose(Repos, maps:get(repo, Options, undefined)) of
                {ok, Repo} -> configured(Context, Repo, Repos, Content, Options);
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

configured(Context, #{name := Name} = Repo, Repos, Content, Options) ->
    Defaults = rebar3_hexide_state:default_config(),
    Sources = #{options => maps:from_list([{api_otp, Code} || #{otp := Code} <- [Options]]),
                project => rebar3_hexide_repository:settings(Repo, Content, Defaults),
                user => hexide_config:for_repository(Content, Name)},
    case hexide_config:resolve(Sources) of
        {ok, #{config := Config, sources := From}} ->
            Shown = [rebar3_hexide_repository:shown(Each, Content, Config) || Each <- Repos],
            {ok, Context#{config := Config, sources := From, repository := Name, repositories := Shown}};
        {error, _} = Error -> Error
    end.

project(false, Context, _) ->
    {ok, Context};
project(true, Context, State) ->
    case rebar3_hexide_state:project(State) of
        {ok, Project} ->
            {ok, Context#{project => Project, generate_docs => rebar3_hexide_state:generate_docs(State)}};
        {error, _} = Error -> Error
    end.
