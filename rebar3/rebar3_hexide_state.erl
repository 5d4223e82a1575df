%% @doc The only module that calls rebar3. Everything else here works on what it returns.
-module(rebar3_hexide_state).

-export([namespace/1, strangers/1, add_provider/2, arguments/1, embedded/1, quiet/0]).
-export([repositories/1, registry_copies/1, default_config/0, user_file/1, cache_dir/1, rebar_config/0, project/1,
         generate_docs/1, system/0]).

-include_lib("kernel/include/file.hrl").

-define(DOC_DIR, "doc").
%% Set in the state that a generator is given: one that runs `hex docs' would never end.
-define(GENERATING, hexide_generates_docs).
%% The name of rebar3's table of what it knows of packages.
-define(INDEX, package_index).

%% @doc The namespace in which the commands are: where they have been registered, else where they are to be. The
%% configuration that counted then is the global one where the plugin is global.
-spec namespace(rebar_state:t()) -> atom().
namespace(State) ->
    case [providers:namespace(Provider) || Provider <- rebar_state:providers(State),
                                           providers:module(Provider) =:= rebar3_hexide_do] of
        [Namespace | _] -> Namespace;
        [] -> rebar3_hexide_namespace:chosen(rebar_state:get(State, hexide, []))
    end.

%% @doc The other plugins in the namespace that is ours. Of two that want the same name there rebar3 keeps the first,
%% and says nothing of the other: rebar3_hex is also known by being loaded.
-spec strangers(rebar_state:t()) -> [module()].
strangers(State) ->
    Namespace = namespace(State),
    Modules = [providers:module(Provider) || Provider <- rebar_state:providers(State),
                                             providers:namespace(Provider) =:= Namespace],
    Loaded = [rebar3_hex || Namespace =:= hex, code:is_loaded(rebar3_hex) =/= false],
    lists:usort(Loaded ++ [plugin(atom_to_list(Module), Module)
                           || Module <- Modules, not lists:prefix("rebar3_hexide", atom_to_list(Module))]).

plugin("rebar3_hex_" ++ _, _) -> rebar3_hex;
plugin(_, Module) -> Module.

%% @doc Registers a provider in that namespace. Without dependencies: each command fetches what it
%% needs of the project itself, so that `search' works anywhere.
-spec add_provider(rebar_state:t(), [{atom(), term()}]) -> rebar_state:t().
add_provider(State, Properties) ->
    Provider = providers:create([{namespace, namespace(State)}, {bare, true}, {deps, []} | Properties]),
    rebar_state:add_provider(State, Provider).

%% @doc What was written after the task's name.
-spec arguments(rebar_state:t()) -> [binary()].
arguments(State) ->
    [hexide_text:binary(Arg) || Arg <- rebar_state:command_args(State)].

%% @doc Whether rebar3 runs inside another program, which must not be halted.
-spec embedded(rebar_state:t()) -> boolean().
embedded(State) ->
    rebar_state:get(State, caller, command_line) =:= api.

%% @doc Keeps rebar3 from telling what it does; errors still show.
-spec quiet() -> ok.
quiet() ->
    _ = rebar_log:init(command_line, rebar_log:error_level()),
    ok.

%% @doc The repositories as rebar3 resolved them, a project's own first.
-spec repositories(rebar_state:t()) -> [hexide_repository:repo()].
repositories(State) ->
    without_environment(fun() -> rebar_hex_repos:from_state(#{}, State) end).

%% Newer versions of rebar3 put what the environment says, the API key too, into every repository, whosever it is.
%% hexide_config knows to which one it belongs.
without_environment(Read) ->
    Hidden = [Variable || {Name, _} = Variable <- os:env(), lists:prefix("HEX_", Name)],
    _ = [os:unsetenv(Name) || {Name, _} <- Hidden],
    try
        Read()
    after
        [os:putenv(Name, Value) || {Name, Value} <- Hidden]
    end.

%% @doc When rebar3 last wrote its copy of each repository's index, RFC 3339. It keeps what it has read of all
%% repositories in one file, so the time is the file's, for those of which something is in it.
-spec registry_copies(rebar_state:t()) -> #{binary() => binary()}.
registry_copies(State) ->
    File = filename:join([rebar_dir:global_cache_dir(rebar_state:opts(State)), "hex", "packages.idx"]),
    case file:read_file_info(File, [{time, posix}]) of
        {ok, #file_info{mtime = Seconds}} ->
            Time = list_to_binary(calendar:system_time_to_rfc3339(Seconds, [{offset, "Z"}])),
            maps:from_list([{Name, Time} || Name <- in_copy(File)]);
        {error, _} -> #{}
    end.

%% The file holds a table with a name, which rebar3 may have loaded already; a process of its own ends with what
%% it loads.
in_copy(File) ->
    Caller = self(),
    {Reader, Reading} = spawn_monitor(fun() -> Caller ! {self(), names_in(File)} end),
    receive
        {Reader, Names} ->
            true = demonitor(Reading, [flush]),
            Names;
        {'DOWN', Reading, process, Reader, _} -> []
    end.

names_in(File) ->
    Table = case ets:whereis(?INDEX) of
                undefined -> ets:file2tab(File);
                _ -> {ok, ?INDEX}
            end,
    case Table of
        {ok, Loaded} -> lists:usort([Name || Row <- ets:tab2list(Loaded), {_, _, Name} <- [element(2, Row)],
                                             is_binary(Name)]);
        {error, _} -> []
    end.

%% @doc hex_core's defaults, which rebar3 puts into every map of hex.pm.
-spec default_config() -> map().
default_config() ->
    r3_hex_core:default_config().

%% @doc The path of hex.config.
-spec user_file(rebar_state:t()) -> file:filename_all().
user_file(State) ->
    filename:join(rebar_dir:global_config_dir(State), "hex.config").

%% @doc Our folder in the cache that rebar3 keeps for all projects.
-spec cache_dir(rebar_state:t()) -> file:filename_all().
cache_dir(State) ->
    filename:join(rebar_dir:global_cache_dir(rebar_state:opts(State)), "hexide").

%% @doc The path of the user's own rebar.config, which counts in all projects.
-spec rebar_config() -> file:filename_all().
rebar_config() ->
    rebar_dir:global_config().

%% @doc Versions of the programs at work.
-spec system() -> #{atom() => binary()}.
system() ->
    #{hexide => version(hexide), rebar3 => version(rebar),
      otp => hexide_text:binary(erlang:system_info(otp_release)),
      erts => hexide_text:binary(erlang:system_info(version)),
      system => hexide_text:binary(erlang:system_info(system_architecture))}.

version(App) ->
    _ = application:load(App),
    case application:get_key(App, vsn) of
        {ok, Version} -> hexide_text:binary(Version);
        undefined -> <<"unknown">>
    end.

%% @doc The project's apps, versions resolved as rebar3 does.
-spec project(rebar_state:t()) -> {ok, hexide_context:project()} | {error, hexide_failure:failure()}.
project(State) ->
    try
        Discovered = discovered(State),
        Root = rebar_dir:root_dir(Discovered),
        Locks = lists:filtermap(fun rebar3_hexide_deps:lock/1, rebar_state:get(Discovered, {locks, default}, [])),
        {ok, #{root => Root, locks => Locks, dependencies => listed(Root),
               apps => [app(Info, Root, Locks, Discovered) || Info <- rebar_state:project_apps(Discovered)]}}
    catch
        throw:{failed, Message} -> {error, hexide_failure:failed(Message)};
        %% rebar3 has said on stderr what is wrong.
        throw:rebar_abort -> {error, hexide_failure:failed(<<"rebar3 cannot read this project">>)};
        throw:{error, {Module, Reason}} ->
            {error, hexide_failure:failed(unicode:characters_to_binary(Module:format_error(Reason)))}
    end.

discovered(State) ->
    case rebar_state:project_apps(State) of
        [] ->
            case rebar_prv_app_discovery:do(State) of
                {ok, Discovered} -> Discovered;
                {error, {Module, Reason}} -> throw({failed, unicode:characters_to_binary(Module:format_error(Reason))});
                {error, Message} -> throw({failed, hexide_text:binary(Message)})
            end;
        _ -> State
    end.

app(Info, Root, Locks, State) ->
    Name = rebar_app_info:name(Info),
    Dir = rebar_app_info:dir(Info),
    {AppSrc, Details} = details(Info),
    Source = proplists:get_value(vsn, Details, "0"),
    Version = rebar_utils:vcs_vsn(Info, Source, State),
    #{name => hexide_text:binary(Name), version => hexide_text:binary(Version), version_source => Source,
      dir => Dir, app_src => AppSrc, details => Details, locks => Locks,
      dependencies => dependencies(Dir, Root, Details), doc_dir => doc_dir(Info)}.

%% The file that a person wrote; a script computes what its plain namesake leaves out.
details(Info) ->
    Files = [File || File <- [rebar_app_info:app_file_src_script(Info), rebar_app_info:app_file_src(Info)],
                     File =/= undefined, filelib:is_regular(File)],
    case Files of
        [File | _] ->
            case rebar_config:consult_app_file(File) of
                [{application, _, Details}] -> {File, Details};
                _ -> throw({failed, <<(hexide_text:binary(File))/binary, " does not describe an application">>})
            end;
        [] -> throw({failed, <<"there is no .app.src file of ", (rebar_app_info:name(Info))/binary>>})
    end.

%% An app has its own dependencies and, in an umbrella, those of the whole project that it names as
%% applications.
dependencies(Dir, Root, Details) ->
    Own = listed(Dir),
    Shared = case filename:absname(Dir) =:= filename:absname(Root) of
                 true -> [];
                 false ->
                     Applications = proplists:get_value(applications, Details, [])
                         ++ proplists:get_value(included_applications, Details, []),
                     Names = [hexide_text:binary(Each) || Each <- Applications],
                     [Dependency || #{app := App} = Dependency <- listed(Root), lists:member(App, Names),
                                    not lists:any(fun(#{app := Each}) -> Each =:= App end, Own)]
             end,
    Own ++ Shared.

listed(Dir) ->
    [rebar3_hexide_deps:dependency(Each) || Each <- proplists:get_value(deps, rebar_config:consult(Dir), [])].

%% As the generators have it, edoc and ex_doc.
doc_dir(Info) ->
    Set = [proplists:get_value(Key, Options)
           || {Generator, Key} <- [{edoc_opts, dir}, {ex_doc, output}],
              Options <- [rebar_opts:get(rebar_app_info:opts(Info), Generator, [])], is_list(Options)],
    case [Dir || Dir <- Set, Dir =/= undefined] of
        [Dir | _] -> Dir;
        [] -> ?DOC_DIR
    end.

%% @doc A fun that runs the generator which the project names; `none' where it says that there is none. Where it says
%% nothing, a task or an alias `docs' is meant, as ever, and else edoc.
-spec generate_docs(rebar_state:t()) -> none | fun(([hexide_context:app()]) -> ok | {error, hexide_failure:failure()}).
generate_docs(State) ->
    case {hexide_doc_generator:read(rebar_state:get(State, hex, [])), rebar_state:get(State, ?GENERATING, false)} of
        {{ok, none}, _} -> none;
        {_, true} -> fun(_) -> {error, hexide_failure:failed(<<"the documentation's generator runs hex itself">>)} end;
        {{ok, {command, Line}}, _} ->
            Root = rebar_dir:root_dir(State),
            fun(_) -> hexide_doc_generator:command(Root, Line, fun hexide_io:tell/1) end;
        {{ok, Generator}, _} ->
            case doc_provider(Generator, rebar_state:providers(State)) of
                {ok, Provider} -> fun(Apps) -> run_generator(Provider, Apps, State) end;
                {error, _} = Error -> fun(_) -> Error end
            end;
        {{error, _} = Error, _} -> fun(_) -> Error end
    end.

doc_provider(default, Providers) ->
    case providers:get_provider(docs, Providers) of
        not_found -> {ok, {default, edoc}};
        _ -> {ok, {default, docs}}
    end;
doc_provider({provider, Wanted, Name}, Providers) ->
    Namespaces = [Namespace || Provider <- Providers, providers:impl(Provider) =:= Name,
                               Namespace <- [providers:namespace(Provider)],
                               Wanted =:= any orelse Wanted =:= Namespace, {Namespace, Name} =/= {hex, docs}],
    case lists:sort(fun(Namespace, _) -> Namespace =:= default end, Namespaces) of
        [Namespace | _] -> {ok, {Namespace, Name}};
        [] ->
            Shown = [[atom_to_list(Wanted), " "] || Wanted =/= any] ++ [atom_to_list(Name)],
            {error, hexide_failure:failed(["the documentation cannot be generated: rebar3 has no task `", Shown,
                                           "`, which {hex, [{doc, ...}]} in rebar.config names; is its plugin listed?"])}
    end.

run_generator(Provider, Apps, State) ->
    Names = [Name || #{name := Name} <- Apps],
    try
        Discovered = discovered(State),
        Wanted = [Info || Info <- rebar_state:project_apps(Discovered),
                          lists:member(rebar_app_info:name(Info), Names)],
        Ready = rebar_state:command_args(rebar_state:project_apps(Discovered, Wanted), []),
        generated(Provider, generate(Provider, rebar_state:set(Ready, ?GENERATING, true)))
    catch
        throw:{failed, Message} -> {error, hexide_failure:failed(Message)};
        throw:Reason -> generated(Provider, {error, Reason});
        _:Reason:Stack -> generated(Provider, {error, ["it crashed: ", hexide_exception:described(Reason, Stack)]})
    after
        loadable()
    end.

%% A provider has rebar3 unload the plugin's modules where the project has an app of the same name: when
%% hexide itself is published. The native library cannot be loaded while the module's old code is there.
loadable() ->
    case code:is_loaded(hexide_nif) of
        false -> code:purge(hexide_nif);
        {file, _} -> false
    end.

%% edoc reads sources; others may want the project compiled, so rebar3 runs what they depend on.
generate({default, edoc}, State) ->
    providers:do(providers:get_provider(edoc, rebar_state:providers(State)), rebar_state:namespace(State, default));
generate({Namespace, Name}, State) ->
    rebar_core:process_command(rebar_state:namespace(State, Namespace), Name).

generated(_, {ok, _}) ->
    ok;
generated({_, Name}, {error, Reason}) ->
    Why = case Reason of
              {Module, Detail} when is_atom(Module) -> Module:format_error(Detail);
              _ when is_list(Reason); is_binary(Reason) -> Reason;
              _ -> io_lib:format("~0tp", [Reason])
          end,
    {error, hexide_failure:failed(["the documentation could not be generated with ", atom_to_list(Name), ": ",
                                   unicode:characters_to_binary(Why)])}.
