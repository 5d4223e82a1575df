%% @doc `docs': the documentation of a version that is published already; and reading that of others.
-module(hexide_cmd_docs).

-export([run/2]).

%% Without a version: how many of the newest releases are asked for their documentation.
-define(MOST_TRIES, 20).

%% @doc Answers as `publish docs' does; or `#{fetched => #{name, version, path, index, size}}': the folder, its
%% index.html and the bytes of the tarball; or `#{opened => #{name, version, path, index, url, cached, fetched_at,
%% browser}}', `browser' being whether one could be started.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(Context, #{args := []} = Options) ->
    hexide_cmd_publish:run(Context, Options#{args := [<<"docs">>]});
run(Context, #{args := [What, Name | Rest]} = Options)
  when What =:= <<"fetch">> orelse What =:= <<"open">>, length(Rest) =< 1 ->
    case release(Name, Rest) of
        ok when What =:= <<"fetch">> -> fetch(Context, Options, Name, Rest);
        ok -> open(Context, Options, Name, Rest);
        {error, _} = Error -> Error
    end;
run(_, #{args := [What | _]}) when What =:= <<"fetch">>; What =:= <<"open">> ->
    {error, usage(["docs ", What, " takes a package and, if not the newest, a version"])};
run(_, #{args := [Arg | _]}) ->
    Hint = case hexide_text:nearest(Arg, [<<"fetch">>, <<"open">>]) of
               {ok, Near} -> ["did you mean `docs ", Near, "`?"];
               error -> "say fetch PACKAGE or open PACKAGE, or nothing to publish"
           end,
    {error, usage(["`", Arg, "` means nothing here; ", Hint])}.

usage(Message) ->
    hexide_failure:usage(<<"docs">>, Message).

%% Both become names of folders.
release(Name, Versions) ->
    case {re:run(Name, "^[a-z][a-z0-9_]*$", [{capture, none}, dollar_endonly]),
          [Version || Version <- Versions, {error, _} <- [hexide_version:parse(Version)]]} of
        {match, []} -> ok;
        {nomatch, _} -> {error, usage(["`", Name, "` is no name of a package"])};
        {match, [Version]} ->
            {error, usage(["`", Version, "` is no version: versions have three numbers, such as 1.2.3"])}
    end.

fetch(#{config := Config} = Context, Options, Name, Versions) ->
    case obtained(Context, Name, Versions, fun(Version) -> hexide_docs:fetch(Config, Name, Version) end) of
        {ok, Version, Tarball} ->
            Folder = filename:join(maps:get(output, Options, <<".">>), <<Name/binary, "-", Version/binary, "-docs">>),
            case hexide_tarball:unpack_docs(Tarball, {dir, Folder}, Config) of
                ok ->
                    {ok, #{fetched => #{name => Name, version => Version, path => Folder,
                                        index => filename:join(Folder, "index.html"), size => byte_size(Tarball)}}};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

open(Context, Options, Name, Versions) ->
    Refresh = maps:get(refresh, Options, false),
    case obtained(Context, Name, Versions, fun(Version) -> kept(Context, Name, Version, Refresh) end) of
        {ok, Version, {Kept, Cached}} -> {ok, opened(Context, Name, Version, Kept, Cached)};
        {error, {Code, _}} = Error when Versions =:= [], not Refresh ->
            %% What is cached is better than nothing where there is no network.
            Away = lists:member(Code, [offline, connect, tls, timeout, server]),
            case [{Version, Kept} || Away, {ok, Version} <- [hexide_docs_cache:newest(Context, Name)],
                                     {ok, Kept} <- [hexide_docs_cache:find(Context, Name, Version)]] of
                [{Version, Kept}] -> {ok, opened(Context, Name, Version, Kept, true)};
                [] -> Error
            end;
        {error, _} = Error -> Error
    end.

kept(#{config := Config} = Context, Name, Version, Refresh) ->
    case [Kept || not Refresh, {ok, Kept} <- [hexide_docs_cache:find(Context, Name, Version)]] of
        [Kept] -> {ok, {Kept, true}};
        [] ->
            case hexide_docs:fetch(Config, Name, Version) of
                {ok, Tarball} ->
                    case hexide_docs_cache:keep(Context, Name, Version, Tarball) of
                        {ok, Kept} -> {ok, {Kept, false}};
                        {error, _} = Error -> Error
                    end;
                {error, _} = Error -> Error
            end
    end.

opened(#{browse := Browse}, Name, Version, #{folder := Folder, fetched_at := At}, Cached) ->
    Index = filename:absname(filename:join(Folder, "index.html")),
    Url = <<"file://", (uri_string:quote(Index, "/"))/binary>>,
    #{opened => #{name => Name, version => Version, path => Folder, index => Index, url => Url, cached => Cached,
                  fetched_at => At, browser => Browse(Url)}}.

%% Of that version, or of the newest release that has documentation.
obtained(Context, Name, Versions, Get) ->
    Wanted = case Versions of
                 [_] -> {ok, Versions};
                 [] -> versions(Context, Name)
             end,
    Obtained = case Wanted of
                   {ok, Tried} -> first(Tried, Get);
                   {error, _} -> Wanted
               end,
    case Obtained of
        {error, Reason} -> {error, explained(Context, Name, Reason)};
        _ -> Obtained
    end.

%% Stable releases that are not retired come first, the newest of them before.
versions(#{config := Config}, Name) ->
    case hexide_repo:package(Config, Name) of
        {ok, #{releases := [_ | _] = Releases}} ->
            Retired = [Version || #{version := Version, retired := Retirement} <- Releases, Retirement =/= undefined],
            case hexide_version:sort([Version || #{version := Version} <- Releases]) of
                {ok, Sorted} ->
                    {Good, Other} = lists:partition(fun(Version) ->
                                                        is_stable(Version) andalso not lists:member(Version, Retired)
                                                    end, lists:reverse(Sorted)),
                    {ok, lists:sublist(Good ++ Other, ?MOST_TRIES)};
                {error, _} = Error -> Error
            end;
        {ok, _} -> {error, {not_found, #{message => <<Name/binary, " has no releases">>}}};
        {error, _} = Error -> Error
    end.

is_stable(Version) ->
    case hexide_version:parse(Version) of
        {ok, #{pre := <<>>}} -> true;
        _ -> false
    end.

%% The first that is there; some registries say `forbidden' of what they do not have.
first([Version | Rest], Get) ->
    case Get(Version) of
        {ok, Got} -> {ok, Version, Got};
        {error, {Code, _}} when Rest =/= [], Code =:= not_found orelse Code =:= forbidden -> first(Rest, Get);
        {error, _} = Error -> Error
    end.

explained(#{repository := Repository, config := Config}, Name, {Code, _} = Reason) ->
    Missing = lists:member(Code, [not_found, forbidden, unauthorized]),
    Keyless = maps:get(repo_key, Config, undefined) =:= undefined,
    Key = case maps:get(repo_organization, Config, undefined) of
              Organization when is_binary(Organization) ->
                  [", which needs the repository's key (`rebar3 hex organization auth ", Organization, "`, or "
                   "HEX_REPO_KEY)"];
              _ -> ""
          end,
    hexide_failure:about(["there is no documentation of ", Name, " to be had from ", Repository,
                          [Key || Missing, Keyless]], Reason).
