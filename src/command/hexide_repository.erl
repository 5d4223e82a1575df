%% @doc Which of the repositories is meant, and what to show of it. Pure.
-module(hexide_repository).

-export([choose/2, choose/3, shown/3]).

-export_type([repo/0]).

-type repo() :: #{name := binary(), atom() => term()}.
%% With the keys of a configuration, as the build tool knows it.

%% @doc The repository of that name; without one, the first that can publish. A project's own come
%% before hex.pm, so code of a company does not go public by accident.
-spec choose([repo()], binary() | undefined) -> {ok, repo()} | {error, hexide_failure:failure()}.
choose(Repos, undefined) ->
    case [Repo || #{api_url := Url} = Repo <- Repos, Url =/= undefined, not is_map_key(mirror_of, Repo)] of
        [Repo | _] -> {ok, Repo};
        [] -> {error, {bad_config, #{message => <<"no configured repository has an api_url">>}}}
    end;
choose(Repos, Name) ->
    case {[Repo || #{name := Each} = Repo <- Repos, Each =:= Name], binary:split(Name, <<":">>)} of
        {[Repo | _], _} -> {ok, Repo};
        {[], [Parent, Organization]} when Organization =/= <<>> ->
            case [Repo || #{name := Each} = Repo <- Repos, Each =:= Parent] of
                [Repo | _] ->
                    {ok, Repo#{name := Name, parent => Parent, repo_organization => Organization,
                               api_organization => Organization, api_repository => Organization}};
                [] -> {error, unknown(Parent, Repos)}
            end;
        {[], _} -> {error, unknown(Name, Repos)}
    end.

unknown(Name, Repos) ->
    Names = [Each || #{name := Each} <- Repos],
    Hint = case hexide_text:nearest(Name, Names) of
               {ok, Near} -> ["; did you mean `", Near, "`?"];
               error -> ["; there are ", lists:join(", ", Names)]
           end,
    hexide_failure:usage(undefined, ["no repository `", Name, "` is configured", Hint]).

%% @doc The same, or that organization's part of it.
-spec choose([repo()], binary() | undefined, binary() | undefined) -> {ok, repo()} | {error, hexide_failure:failure()}.
choose(Repos, Name, undefined) ->
    choose(Repos, Name);
choose(Repos, Name, Organization) ->
    case choose(Repos, Name) of
        {ok, #{name := Chosen}} ->
            choose(Repos, <<(hexide_credentials:home(Chosen))/binary, ":", Organization/binary>>);
        {error, _} = Error -> Error
    end.

section(Name, Content) ->
    case Content of
        #{Name := #{} = Section} -> Section;
        #{} -> #{}
    end.

%% @doc What the overview says of it.
-spec shown(repo(), hexide_user_file:content(), hexide_config:config()) -> hexide_context:repository().
shown(#{name := Name} = Repo, Content, Config) ->
    Api = url(api_url, Repo),
    Known = Api =/= undefined andalso hexide_credentials:find(Content, Name, Api),
    %% A key that was given comes before what is kept, and tells nothing of whose it is.
    {SignedIn, Username} = case {maps:get(api_key, Config, undefined), Known} of
                               {undefined, {ok, _}} -> {true, username(Name, Content)};
                               {undefined, _} -> {false, undefined};
                               _ -> {true, undefined}
                           end,
    #{name => Name, api_url => Api, repo_url => url(repo_url, Repo),
      public_key => url(repo_public_key, Repo), signed_in => SignedIn, username => Username}.

username(Name, Content) ->
    case [User || Each <- [Name, hexide_credentials:home(Name)], #{username := User} <- [section(Each, Content)]] of
        [User | _] -> hexide_text:optional(User);
        [] -> undefined
    end.

url(Key, Repo) ->
    hexide_text:optional(maps:get(Key, Repo, undefined)).
