%% @doc `repo': the repositories that rebar3 fetches from.
%%
%% Those of the user live in the user's own rebar.config, where rebar3 itself reads them for every project;
%% the keys that read them in hex.config. Both change under the lock of hex.config.
-module(hexide_cmd_repo).

-export([run/2]).

-define(BUILT_IN, <<"hexpm">>).

%% What reaching a repository for its public key may take from the configuration: no credentials.
-define(TRANSPORT, [http_proxy, https_proxy, no_proxy, cacerts_path, unsafe_https, connect_timeout, timeout,
                    retries, offline, user_agent_fragment]).

%% @doc Answers `#{repositories => [repository], file}', `#{repository => repository}' or `#{name, done => added |
%% changed | removed, file, fingerprint, auth_key}', with a repository as `#{name, from => built_in | user |
%% project, used, repo_url, api_url, public_key, fingerprint, auth_key, rebar_config}'. `used': it counts where
%% the command runs. `auth_key': whether a key that reads it is kept.
-spec run(hexide_context:context(), hexide_command:options()) -> hexide_command:outcome().
run(#{rebar_config := File} = Context, #{args := [<<"list">>]}) ->
    with_all(Context, fun(All) -> {ok, #{repositories => All, file => hexide_text:path(File)}} end);
run(Context, #{args := [<<"show">>, Name]}) ->
    with_all(Context, fun(All) -> found(Name, All, fun(Repository) -> {ok, #{repository => Repository}} end) end);
run(Context, #{args := [<<"add">>, Name, Url]} = Options) when not is_map_key(url, Options) ->
    run(Context, Options#{args := [<<"add">>, Name], url => Url});
run(Context, #{args := [<<"add">>, Name]} = Options) ->
    checked([fun() -> check_name(Name) end, fun() -> check_complete(Name, Options) end],
            fun() -> change(Context, Name, added, Options) end);
run(Context, #{args := [<<"set">>, Name]} = Options) ->
    checked([fun() -> check_change(Options) end, fun() -> check_built_in(Name, Options) end],
            fun() -> change(Context, Name, changed, Options) end);
run(Context, #{args := [<<"remove">>, Name]}) ->
    remove(Context, Name);
run(_, #{args := [Action]}) when Action =:= <<"add">>; Action =:= <<"set">>; Action =:= <<"remove">>;
                                 Action =:= <<"show">> ->
    {error, usage(["repo ", Action, " needs the name of a repository"])};
run(_, #{args := [Action, _ | _]}) when Action =:= <<"add">>; Action =:= <<"set">>; Action =:= <<"remove">>;
                                        Action =:= <<"show">> ->
    {error, usage(["repo ", Action, " takes one name"])};
run(_, #{args := Args}) ->
    {error, hexide_argument:action(<<"repo">>, Args, [<<"list">>, <<"add">>, <<"set">>, <<"remove">>, <<"show">>])}.

usage(Message) ->
    hexide_failure:usage(<<"repo">>, Message).

%% --- what there is

with_all(#{rebar_config := File, user_file := UserFile, repositories := Used}, Answer) ->
    case {hexide_rebar_file:read(File), hexide_user_file:read(UserFile)} of
        {{ok, Text}, {ok, Content}} ->
            case hexide_rebar_config:repositories(Text) of
                {ok, Entries} -> Answer(all(Used, Entries, Content));
                {error, {refused, Why}} -> {error, unreadable(File, Why)}
            end;
        {{error, _} = Error, _} -> Error;
        {_, {error, _} = Error} -> Error
    end.

all(Used, Entries, Content) ->
    Own = [Name || #{name := Name} <- Entries],
    Here = [Name || #{name := Name} <- Used],
    [described(Each, origin(Name, Own), true, Content) || #{name := Name} = Each <- Used]
        ++ [described(Each, user, false, Content) || #{name := Name} = Each <- Entries, not lists:member(Name, Here)].

origin(Name, Own) ->
    case lists:member(Name, Own) of
        true -> user;
        false when Name =:= ?BUILT_IN -> built_in;
        false -> project
    end.

described(#{name := Name} = Each, From, Used, Content) ->
    Key = known(public_key, known(repo_public_key, undefined, Each), Each),
    Facts = #{name => Name, from => From, used => Used, repo_url => known(repo_url, undefined, Each),
              api_url => known(api_url, undefined, Each), public_key => Key, fingerprint => fingerprint(Key),
              auth_key => has_key(Name, Content)},
    Facts#{rebar_config => case From of
                               built_in -> undefined;
                               _ -> iolist_to_binary(hexide_rebar_config:lines(written(Facts)))
                           end}.

known(Key, Default, Map) ->
    case Map of
        #{Key := Text} when is_binary(Text) -> Text;
        #{Key := [_ | _] = Text} -> hexide_text:binary(Text);
        #{} -> Default
    end.

fingerprint(undefined) -> undefined;
fingerprint(Key) ->
    case hexide_registry:fingerprint(Key) of
        {ok, Fingerprint} -> Fingerprint;
        {error, _} -> undefined
    end.

has_key(Name, Content) ->
    case Content of
        #{Name := #{repo_key := Key}} -> Key =/= undefined;
        #{} -> false
    end.

%% An organization has the addresses of its repository.
written(#{name := Name} = Facts) ->
    case binary:match(Name, <<":">>) of
        nomatch ->
            Settings = #{name => Name, repo_url => known(repo_url, undefined, Facts),
                         api_url => known(api_url, undefined, Facts),
                         repo_public_key => known(public_key, undefined, Facts)},
            maps:filter(fun(_, Value) -> Value =/= undefined end, Settings);
        _ -> #{name => Name}
    end.

found(Name, All, Answer) ->
    case [Each || #{name := Same} = Each <- All, Same =:= Name] of
        [Repository | _] -> Answer(Repository);
        [] -> {error, unknown(Name, [Each || #{name := Each} <- All])}
    end.

unknown(Name, Names) ->
    Hint = case hexide_text:nearest(Name, Names) of
               {ok, Near} -> ["; did you mean `", Near, "`?"];
               error -> ["; there are: ", lists:join(", ", Names)]
           end,
    hexide_failure:failed(["there is no repository `", Name, "`", Hint]).

%% --- what is wrong

checked([], Do) ->
    Do();
checked([Check | Checks], Do) ->
    case Check() of
        ok -> checked(Checks, Do);
        {error, _} = Error -> Error
    end.

check_name(?BUILT_IN) ->
    {error, usage("hexpm is there already: it is built into rebar3")};
check_name(Name) ->
    case re:run(Name, "^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$", [{capture, none}]) of
        match -> ok;
        nomatch -> {error, usage(["`", Name, "` is no name for a repository: use letters, digits, _, . and -"])}
    end.

check_complete(Name, Options) ->
    case {binary:match(Name, <<":">>), Options} of
        {nomatch, #{url := _, public_key := _}} -> ok;
        {nomatch, #{url := _, fetch_public_key := _}} -> ok;
        {nomatch, #{url := _}} ->
            {error, usage("say which key its index is signed with: --public-key FILE, or --fetch-public-key "
                          "FINGERPRINT")};
        {nomatch, _} -> {error, usage("say where it is: --url URL")};
        {_, _} -> check_built_in(Name, Options)
    end.

check_change(Options) ->
    case maps:with([url, api_url, public_key, fetch_public_key, auth_key], Options) of
        None when map_size(None) =:= 0 ->
            {error, usage("say what to change: --url, --api-url, --public-key, --fetch-public-key or --auth-key")};
        _ -> ok
    end.

%% rebar3 has the addresses of hexpm and takes those of an organization from its repository.
check_built_in(Name, Options) ->
    Addresses = maps:with([url, api_url, public_key, fetch_public_key], Options),
    case {Name, binary:match(Name, <<":">>), map_size(Addresses)} of
        {_, _, 0} -> ok;
        {?BUILT_IN, _, _} ->
            {error, usage("hexpm is built into rebar3 and only its --auth-key can be set; for a mirror of it set "
                          "HEX_MIRROR_URL")};
        {_, nomatch, _} -> ok;
        _ -> {error, usage("an organization has the addresses of its repository; only its --auth-key can be set")}
    end.

%% --- changing

change(#{rebar_config := File} = Context, Name, Done, Options) ->
    case with_all(Context, fun(All) -> {ok, All} end) of
        {ok, All} ->
            Known = [Each || #{name := Same, from := user} = Each <- All, Same =:= Name],
            case {Done, Known} of
                {added, [_ | _]} ->
                    {error, hexide_failure:failed([Name, " is in ", hexide_text:path(File), " already; change it with "
                                                   "`rebar3 hex repo set ", Name, "`"])};
                {changed, []} when Name =/= ?BUILT_IN ->
                    {error, unknown(Name, [Each || #{name := Each, from := From} <- All, From =/= project])};
                _ ->
                    case settings(Context, Known, Options) of
                        {ok, Settings} -> keep(Context, Name, Done, Settings, maps:get(auth_key, Options, undefined));
                        {error, _} = Error -> Error
                    end
            end;
        {error, _} = Error -> Error
    end.

%% What the entry is to say, checked before anything is written.
settings(Context, Known, Options) ->
    try
        Urls = [{Key, url(Option, Options)} || {Key, Option} <- [{repo_url, url}, {api_url, api_url}],
                                               is_map_key(Option, Options)],
        Settings = maps:from_list(Urls),
        {ok, maps:merge(Settings, public_key(Context, Settings, Known, Options))}
    catch
        throw:{wrong, Failure} -> {error, Failure}
    end.

url(Option, Options) ->
    Given = maps:get(Option, Options),
    case hexide_config:convert(url, Given) of
        {ok, Url} -> Url;
        error ->
            Flag = string:replace(atom_to_list(Option), "_", "-"),
            throw({wrong, usage(["--", Flag, " must be an http or https address, not `", Given, "`"])})
    end.

public_key(_, _, _, #{public_key := _, fetch_public_key := _}) ->
    throw({wrong, usage("give --public-key or --fetch-public-key, not both")});
public_key(_, _, _, #{public_key := File}) ->
    case file:read_file(File) of
        {ok, Key} -> trusted(Key, File);
        {error, Posix} -> throw({wrong, hexide_rebar_file:unreachable("read", File, Posix)})
    end;
public_key(Context, Settings, Known, #{fetch_public_key := Expected} = Options) ->
    Url = case {Settings, Known} of
              {#{repo_url := Given}, _} -> Given;
              {_, [#{repo_url := <<_, _/binary>> = Before} | _]} -> Before;
              _ -> throw({wrong, usage("say where to fetch it from: --url URL")})
          end,
    Config = maps:merge(maps:with(?TRANSPORT, maps:get(config, Context)),
                        #{repo_url => Url, repo_key => key_of(Options)}),
    case hexide_repo:public_key(Config) of
        {ok, Key} ->
            #{repo_public_key := _} = Trusted = trusted(Key, Url),
            expected(fingerprint(Key), Expected, Url),
            Trusted;
        {error, Reason} -> throw({wrong, hexide_failure:about("cannot fetch the public key", Reason)})
    end;
public_key(_, _, _, _) ->
    #{}.

key_of(#{auth_key := Key}) -> hexide_config:hide(Key);
key_of(_) -> undefined.

trusted(Key, Where) ->
    case hexide_registry:fingerprint(Key) of
        {ok, _} -> #{repo_public_key => Key};
        {error, Reason} -> throw({wrong, hexide_failure:about(["what ", Where, " has is no public key"], Reason)})
    end.

%% With or without the name of the digest, and with the padding that some programs print.
expected(Fingerprint, Expected, Url) ->
    Bare = fun(Text) ->
               string:trim(re:replace(string:trim(Text), "^SHA256:", "", [{return, binary}]), trailing, "=")
           end,
    case Bare(Fingerprint) =:= Bare(Expected) of
        true -> ok;
        false ->
            Message = ["the public key that is offered there has the fingerprint ", Fingerprint, ", not ", Expected,
                       "; nothing was changed"],
            throw({wrong, {bad_signature, #{url => Url, expected => Expected, actual => Fingerprint,
                                            message => iolist_to_binary(Message)}}})
    end.

%% The entry first: a key of a repository that is nowhere is of no use.
keep(#{rebar_config := File, user_file := UserFile}, Name, Done, Settings, AuthKey) ->
    Keep = fun(Content) ->
               case enter(File, Name, Done, Settings) of
                   ok when AuthKey =:= undefined -> {ok, has_key(Name, Content), Content};
                   ok -> {ok, true, hexide_credentials:keep_repo_key(Content, Name, AuthKey)};
                   {error, _} = Error -> Error
               end
           end,
    case hexide_user_file:transaction(UserFile, Keep) of
        {ok, HasKey} ->
            {ok, #{name => Name, done => Done, file => hexide_text:path(File), auth_key => HasKey,
                   fingerprint => fingerprint(maps:get(repo_public_key, Settings, undefined))}};
        {error, _} = Error -> Error
    end.

%% Only hex.config changes where the entry is to say nothing new.
enter(_, _, changed, Settings) when map_size(Settings) =:= 0 ->
    ok;
enter(File, Name, _, Settings) ->
    Instead = ["{hex, [{repos, ...}]} needs this entry: ", hexide_rebar_config:lines(Settings#{name => Name})],
    hexide_rebar_file:edit(File, Instead, fun(Text) -> hexide_rebar_config:put(Text, Name, Settings) end).

remove(#{rebar_config := File, user_file := UserFile} = Context, Name) ->
    Forget = fun(Content) ->
                 Rest = hexide_credentials:forget_repo_key(Content, Name),
                 Instead = ["take the entry of ", Name, " out by hand"],
                 case hexide_rebar_file:edit(File, Instead, fun(Text) -> hexide_rebar_config:remove(Text, Name) end) of
                     ok -> {ok, removed, Rest};
                     %% An organization may have a key and no entry.
                     not_there when Rest =/= Content -> {ok, removed, Rest};
                     not_there -> {ok, not_there, Content};
                     {error, _} = Error -> Error
                 end
             end,
    case hexide_user_file:transaction(UserFile, Forget) of
        {ok, removed} ->
            {ok, #{name => Name, done => removed, file => hexide_text:path(File), auth_key => false,
                   fingerprint => undefined}};
        {ok, not_there} -> not_removed(Context, Name);
        {error, _} = Error -> Error
    end.

not_removed(Context, Name) ->
    with_all(Context,
             fun(All) ->
                 found(Name, All,
                       fun(#{from := built_in}) ->
                               {error, hexide_failure:failed("hexpm is built into rebar3; a project leaves it out with "
                                                             "{repos, replace, [...]}")};
                          (_) ->
                               {error, hexide_failure:failed([Name, " is named by this project's rebar.config, not by "
                                                              "yours; take it out there"])}
                       end)
             end).

unreadable(File, Why) ->
    Name = hexide_text:path(File),
    {bad_config, #{path => Name, message => <<"cannot read ", Name/binary, ": ", Why/binary>>}}.
