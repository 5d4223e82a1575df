%% @doc The repositories that a context holds, and the configuration of the one that is meant: out of what the build
%% tool knows, the user's file and the environment.
-module(hexide_repositories).

-export([fill/4]).

-export_type([known/0]).

-type known() :: #{repositories := [hexide_repository:repo()],
                   project := fun((hexide_repository:repo(), hexide_user_file:content()) -> hexide_config:config()),
                   defaults := fun((hexide_repository:repo() | none, hexide_user_file:content()) ->
                                       hexide_config:config())}.
%% What the build tool knows: `repositories', a project's own first; `project': the settings that the project gives
%% one; `defaults': what counts where nothing else is said, of one of them or of none.

%% @doc The context with what a command needs of repositories: the one that is meant, or all of them alike.
-spec fill([repository | repositories], hexide_context:context(), hexide_command:options(), known()) ->
          {ok, hexide_context:context()} | {error, hexide_failure:failure()}.
fill([], Context, _, _) ->
    {ok, Context};
fill([Need], #{user_file := File} = Context, Options, Known) ->
    case hexide_user_file:read(File) of
        {ok, Content} -> filled(Need, Context, Content, Options, Known);
        {error, _} = Error -> Error
    end.

filled(repositories, Context, Content, Options, Known) ->
    all(Context, Content, Options, Known);
filled(repository, Context, Content, Options, #{repositories := Repos} = Known) ->
    Organization = maps:get(organization, Options, undefined),
    case hexide_repository:choose(Repos, maps:get(repo, Options, undefined), Organization) of
        {ok, Repo} -> configured(Context, Repo, Content, Options, Known);
        {error, _} = Error -> Error
    end.

%% None of them is meant before the others: the configuration is what all have in common.
all(Context, Content, Options, #{repositories := Repos, defaults := Defaults} = Known) ->
    Meant = hexide_repository:choose(Repos, maps:get(repo, Options, undefined)),
    case hexide_config:resolve(#{user => hexide_config:for_repository(Content, <<"$hexide">>),
                                 defaults => Defaults(none, Content)}) of
        {ok, #{config := Config, sources := From}} ->
            Shown = [shown(Each, Meant, Content, Config) || Each <- Repos],
            Settings = fun(Name) ->
                           case hexide_repository:choose(Repos, Name) of
                               {ok, Repo} -> settings(Repo, Meant, Content, Known);
                               {error, _} = Error -> Error
                           end
                       end,
            {ok, Context#{config := Config, sources := From, repositories := Shown, settings => Settings}};
        {error, _} = Error -> Error
    end.

%% A secret or an address of the environment is for one repository, the one that is meant where none is named.
settings(Repo, Meant, Content, Known) ->
    Environment = case {ok, Repo} of
                      Meant -> os:env();
                      _ -> [Variable || {Name, _} = Variable <- os:env(), not lists:member(Name, of_one())]
                  end,
    case resolved(Repo, Content, #{}, Environment, Known) of
        {ok, #{config := Config}} -> {ok, Config};
        {error, _} = Error -> Error
    end.

%% The variables that tell of one repository: what signs in to it, and where it is.
of_one() ->
    lists:append([Names || #{key := Key, secret := Secret, environment := Names} <- hexide_config:keys(),
                           Secret orelse Key =:= api_url]).

resolved(#{name := Name} = Repo, Content, Options, Environment, #{project := Project, defaults := Defaults}) ->
    hexide_config:resolve(#{environment => Environment,
                            options => maps:from_list([{api_otp, Code} || #{otp := Code} <- [Options]]),
                            project => Project(Repo, Content),
                            user => hexide_config:for_repository(Content, Name), defaults => Defaults(Repo, Content)}).

configured(Context, #{name := Name} = Repo, Content, Options, #{repositories := Repos} = Known) ->
    case resolved(Repo, Content, Options, os:env(), Known) of
        {ok, #{config := Config, sources := From}} ->
            Shown = [shown(Each, {ok, Repo}, Content, Config) || Each <- Repos],
            {ok, Context#{config := Config, sources := From, repository := Name, repositories := Shown}};
        {error, _} = Error -> Error
    end.

%% A key that was given signs in to the repository that is meant, and to no other.
shown(Repo, {ok, Repo}, Content, Config) -> hexide_repository:shown(Repo, Content, Config);
shown(Repo, _, Content, _) -> hexide_repository:shown(Repo, Content, #{}).
