%% @doc `search': packages by name and description, and by what they are built with, need and say of themselves.
-module(hexide_cmd_search).

-export([run/2]).

-define(LIMIT, 30).

%% @doc Answers `#{repositories => [name], packages => [#{name, repository, latest_version, description, downloads,
%% html_url}], more => boolean(), failed => [#{repository, code, message}]}'; `more' says that the limit cut the
%% list, `failed' which repositories could not be searched. It is an error where that is all of them. Needs no
%% login.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := Words} = Options) ->
    case {hexide_search_query:queries(Words, Options), wanted(Context, Options)} of
        {{ok, [<<>>]}, _} ->
            {error, hexide_failure:usage(<<"search">>, "say what to search for, a word or a filter such as --depends")};
        {{unusable, Why}, _} -> {error, hexide_failure:usage(<<"search">>, Why)};
        {{ok, _}, []} ->
            {error, {bad_config, #{message => <<"no configured repository has an api_url">>}}};
        {{ok, Queries}, Names} -> searched(Context, Options, Queries, Names)
    end.

wanted(_, #{repo := Name}) ->
    [Name];
wanted(#{repositories := Repositories}, _) ->
    lists:foldr(fun(Name, Names) -> [Name | lists:delete(Name, Names)] end, [],
                [Name || #{name := Name, api_url := Url} <- Repositories, is_binary(Url)]).

searched(Context, Options, Queries, Names) ->
    Search = fun(Name, Asking) -> {Name, in_repository(Asking, Options, Queries, Name)} end,
    Found = one_at_a_time(Context,
                          fun(Asking) ->
                              hexide_parallel:map(fun(Name) -> Search(Name, Asking) end, Names, length(Names))
                          end),
    case [Reason || {_, {error, {cancelled, _} = Reason}} <- Found] of
        [Reason | _] -> {error, Reason};
        [] -> answered(Context, Options, Found)
    end.

answered(Context, Options, Found) ->
    Failed = [{Name, Reason} || {Name, {error, Reason}} <- Found],
    case {Failed, [{Name, Packages} || {Name, {ok, Packages}} <- Found]} of
        {[{_, Reason}], []} -> {error, Reason};
        {[{Name, Reason} | Others], []} ->
            ok = warn(Context, Others),
            {error, hexide_failure:about(["no repository could be searched; ", Name], Reason)};
        {_, Searched} ->
            ok = warn(Context, Failed),
            Limit = limit(Options),
            All = merged([[package(Name, Each) || Each <- Packages] || {Name, Packages} <- Searched],
                         maps:get(sort, Options, <<"name">>)),
            {ok, #{repositories => [Name || {Name, _} <- Searched], more => length(All) > Limit,
                   packages => [Shown || {_, Shown} <- first(Limit, All)],
                   failed => [(maps:get(error, hexide_failure:report(Reason)))#{repository => Name}
                              || {Name, Reason} <- Failed]}}
    end.

warn(Context, Failed) ->
    lists:foreach(fun({Name, Reason}) ->
                      hexide_context:tell(Context, #{event => not_searched, repository => Name,
                                                     why => hexide_failure:format(Reason)})
                  end, Failed).

%% --- asking

%% In processes of their own, two repositories might each want a password: they are asked for one after the other,
%% by name.
one_at_a_time(#{ask := Ask} = Context, Work) ->
    Asker = spawn_link(fun() -> hexide_exception:bare(fun() -> ask_for_others(Ask) end) end),
    try
        Work(Context#{ask := fun(Question) ->
                                 Turn = make_ref(),
                                 Asker ! {ask, self(), Turn, Question},
                                 receive {Turn, Answer} -> Answer end
                             end})
    after
        true = unlink(Asker),
        true = exit(Asker, kill)
    end.

ask_for_others(Ask) ->
    receive
        {ask, From, Turn, Question} ->
            From ! {Turn, Ask(Question)},
            ask_for_others(Ask)
    end.

in_repository(#{settings := Settings, ask := Ask} = Context, Options, Queries, Name) ->
    case Settings(Name) of
        {ok, Config} ->
            Named = fun(#{prompt := Prompt} = Question) ->
                        Ask(Question#{prompt := <<Name/binary, ": ", Prompt/binary>>})
                    end,
            Memory = hexide_secrets:memory(),
            try
                Own = Context#{repository => Name, config => Config, memory => Memory, ask := Named},
                hexide_session:visit(Own, fun(Signed) -> found(Signed, Queries, Options, []) end)
            after
                hexide_secrets:close(Memory)
            end;
        {error, _} = Error -> Error
    end.

%% What an earlier query has found is not found again.
found(_, [], _, Found) ->
    {ok, Found};
found(Config, [Query | Queries], Options, Found) ->
    case hexide_package:search(Config, Query, maps:merge(maps:with([sort], Options), bounds(limit(Options)))) of
        {ok, More} ->
            Known = [Name || #{name := Name} <- Found],
            found(Config, Queries, Options,
                  Found ++ [Package || #{name := Name} = Package <- More, not lists:member(Name, Known)]);
        {error, _} = Error -> Error
    end.

limit(#{all := true}) -> infinity;
limit(Options) -> maps:get(limit, Options, ?LIMIT).

bounds(infinity) -> #{all => true};
%% One more than is shown tells whether there are more.
bounds(Limit) -> #{all => true, limit => Limit + 1}.

%% --- what is shown

%% Each with what it is sorted by: several lists become one.
package(Repository, #{name := Name, meta := Meta} = Package) ->
    {Package, #{name => Name, repository => Repository, latest_version => hexide_releases:latest(Package),
                description => maps:get(description, Meta, undefined), downloads => downloads(<<"all">>, Package),
                html_url => maps:get(html_url, Package, undefined)}}.

merged(Lists, By) ->
    Keyed = [{key(By, Package), Each} || {Package, _} = Each <- lists:append(Lists)],
    [Each || {_, Each} <- lists:sort(fun({One, _}, {Two, _}) -> One =< Two end, Keyed)].

%% Names from a to z, all else from the most down.
key(<<"name">>, #{name := Name}) -> Name;
key(<<"recent_downloads">>, Package) -> -number(downloads(<<"recent">>, Package));
key(<<"total_downloads">>, Package) -> -number(downloads(<<"all">>, Package));
key(<<"inserted_at">>, Package) -> -moment(maps:get(inserted_at, Package, undefined));
key(<<"updated_at">>, Package) -> -moment(maps:get(updated_at, Package, undefined)).

number(undefined) -> 0;
number(Number) -> Number.

moment(Time) when is_binary(Time) ->
    try
        calendar:rfc3339_to_system_time(binary_to_list(Time), [{unit, microsecond}])
    catch
        error:_ -> 0
    end;
moment(_) -> 0.

first(infinity, Found) -> Found;
first(Limit, Found) -> lists:sublist(Found, Limit).

downloads(Period, #{downloads := #{} = Downloads}) ->
    case Downloads of
        #{Period := Count} when is_integer(Count) -> Count;
        #{} -> undefined
    end;
downloads(_, _) -> undefined.
