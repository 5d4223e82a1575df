%% @doc What a command is given besides its options: the resolved configuration, the project's facts and
%% the funs by which it asks and tells. Each door makes one of these from its own build tool.
-module(hexide_context).

-export([confirm/4, given/4, tell/2, transfer/3, apps/2, app/2]).

-export_type([context/0, app/0, project/0, dependency/0, lock/0, repository/0, question/0, event/0]).

-type context() :: #{config := hexide_config:config(),
                     sources := #{atom() => hexide_config:source()},
                     repository := binary() | undefined,
                     repositories := [repository()],
                     user_file := file:filename_all(), cache_dir => file:filename_all(),
                     rebar_config => file:filename_all(),
                     registry_copies => fun(() -> #{binary() => binary()}),
                     settings => fun((binary()) -> {ok, hexide_config:config()} | {error, hexide_failure:failure()}),
                     system := #{atom() => binary()},
                     ask := fun((question()) -> {ok, boolean() | binary()} | {error, hexide_failure:failure()}),
                     progress := fun((event()) -> term()),
                     interruptible := fun((fun(() -> Outcome)) -> Outcome | {error, hexide_failure:failure()}),
                     browse := fun((binary()) -> boolean()), automated := boolean(),
                     memory => hexide_secrets:memory(), commands => [hexide_command:command()],
                     project => project(),
                     generate_docs => fun(([app()]) -> ok | {error, hexide_failure:failure()}),
                     hold => fun((map()) -> ok)}.
%% `sources': where each value of the configuration is from. `repository': the name of the one that is
%% meant. `user_file': the path of hex.config. `cache_dir': the folder of what can
%% be fetched again, where the configuration names no other. `rebar_config': that of the user's own
%% rebar.config, for all projects. `registry_copies': when the build tool last wrote its copy of each
%% repository's index, RFC 3339. `settings': the configuration for each of `repositories', and for one that a
%% person names. `system': versions of the programs at work. `generate_docs': runs the project's documentation
%% generator, which leaves a folder in each app; not there where it has none. `hold': shows an
%% answer and waits until the person ends the command. `interruptible': runs something that Ctrl-C may end.
%% `browse': opens an address in the person's browser, where there is one. `automated': nobody is there, as in
%% CI. `memory': what was asked once. `commands': those that the door has, as it describes them.

-type repository() :: #{name := binary(), api_url := binary() | undefined, repo_url := binary() | undefined,
                        public_key => binary() | undefined, signed_in := boolean(),
                        username => binary() | undefined}.
%% `username': of the one who is signed in, where it is known without asking the registry.

-type project() :: #{root := file:filename_all(), apps := [app()], dependencies := [dependency()],
                     locks := [lock()]}.
%% `dependencies': of the project as a whole; those of an umbrella's apps are theirs.

-type app() :: #{name := binary(), version := binary(), version_source := term(), dir := file:filename_all(),
                 app_src => file:filename_all(), mix_exs => mix_exs(), details := [{atom(), term()}],
                 dependencies := [dependency()], locks := [lock()], doc_dir := file:filename_all(),
                 source => #{url := binary(), ref := binary()}}.
%% An app of the project. `version': resolved; `version_source': what its file says (a string, `git', a
%% command …). `app_src': its `.app.src' file, where rebar3 builds it; `mix_exs': where Mix does. `details': the
%% property list of the `.app.src', or what mix.exs says, by the same keys. `dependencies': as its build file lists
%% them. `locks': of the whole project. `doc_dir': where its generated documentation goes, from `dir'. `source': the Git
%% repository and commit that its package is to name.

-type mix_exs() :: #{file := file:filename_all(), elixir := binary() | undefined, native := boolean(),
                     set_version := fun((Text :: binary(), Version :: binary()) -> {ok, binary()} | error)}.
%% `elixir': the versions of Elixir that it is for. `native': whether something compiles native code. `set_version': the
%% text of the file with another version.

-type dependency() :: #{app := binary(), package := binary(), requirement := binary() | undefined,
                        source := hex | binary(), optional => boolean(), override => boolean(),
                        repository => binary()}.
%% `requirement': as written, `undefined' where none is. `source': `hex', or what it is instead. `override': it counts
%% against what others require. `repository': the one that it is in, where it is another one.

-type lock() :: #{app := binary(), package := binary(), version := binary(), source := hex | binary(),
                  level := non_neg_integer(), checksum := binary() | undefined}.
%% `level': 0 for a dependency of the project, more for those of dependencies. `checksum': the outer one.

-type question() :: #{kind := confirm | text | secret, prompt := binary(), flag := binary(),
                      environment => string(), default => binary(), unasked => boolean()}.
%% `flag': what to give instead where nobody can be asked. `environment': a variable that answers it.
%% `default': the answer where nobody can be asked, or is to be (`unasked').

-type event() :: #{event := atom(), atom() => term()}.
%% Something worth telling while a command runs.

%% @doc Asks whether to go on, unless the options say yes.
-spec confirm(context(), hexide_command:options(), unicode:chardata(), binary()) ->
          ok | {error, hexide_failure:failure()}.
confirm(_, #{yes := true}, _, _) ->
    ok;
confirm(#{ask := Ask}, _, Prompt, Refusal) ->
    case Ask(#{kind => confirm, prompt => unicode:characters_to_binary(Prompt), flag => <<"--yes">>}) of
        {ok, true} -> ok;
        {ok, _} -> {error, {cancelled, #{message => Refusal}}};
        {error, Failure} -> {error, hexide_interruption:unchanged(Failure)}
    end.

%% @doc What an option gives, else a person. Nothing is no answer.
-spec given(context(), hexide_command:options(), atom(), question()) ->
          {ok, binary()} | {error, hexide_failure:failure()}.
given(#{ask := Ask}, Options, Name, #{flag := Flag} = Question) ->
    Answer = case Options of
                 #{Name := Value} -> {ok, Value};
                 #{} -> Ask(Question)
             end,
    case Answer of
        {ok, <<>>} -> {error, hexide_failure:usage(undefined, ["nothing was given for ", Flag])};
        {ok, _} -> Answer;
        {error, Failure} -> {error, hexide_interruption:unchanged(Failure)}
    end.

%% @doc Tells how far it is.
-spec tell(context(), event()) -> ok.
tell(#{progress := Progress}, Event) ->
    _ = Progress(Event),
    ok.

%% @doc Reports how far the transfer of a release is, as the event
%% `#{event => progress, name, version, phase, done, total}'.
-spec transfer(context(), binary(), binary() | undefined) -> fun((hexide_job:progress()) -> ok).
transfer(Context, Name, Version) ->
    fun(#{phase := Phase, done := Done, total := Total}) ->
        tell(Context, #{event => progress, name => Name, version => Version, phase => Phase, done => Done,
                        total => Total})
    end.

%% @doc The apps that are meant: those that the options name, else all; each after those that it needs.
-spec apps(context(), hexide_command:options()) -> {ok, [app(), ...]} | {error, hexide_failure:failure()}.
apps(#{project := #{apps := []}}, _) ->
    {error, hexide_failure:failed(<<"there is no app here: run this in a project that has a src/NAME.app.src">>)};
apps(#{project := #{apps := Apps}}, #{app := Wanted}) ->
    Names = [Name || #{name := Name} <- Apps],
    case [Each || Each <- Wanted, not lists:member(Each, Names)] of
        [] -> {ok, [App || #{name := Name} = App <- ordered(Apps), lists:member(Name, Wanted)]};
        [Unknown | _] ->
            {error, hexide_failure:usage(undefined, ["the project has no app `", Unknown, "`, only ",
                                                     lists:join(", ", Names)])}
    end;
apps(#{project := #{apps := Apps}}, _) ->
    {ok, ordered(Apps)}.

%% @doc The one app that is meant.
-spec app(context(), hexide_command:options()) -> {ok, app()} | {error, hexide_failure:failure()}.
app(Context, Options) ->
    case apps(Context, Options) of
        {ok, [App]} -> {ok, App};
        {ok, Apps} ->
            Names = lists:join(", ", [Name || #{name := Name} <- Apps]),
            {error, hexide_failure:usage(undefined, ["the project has several apps, name one with --app: ", Names])};
        {error, _} = Error -> Error
    end.

%% Depth first over what each app needs of the others; a ring is cut where it is entered.
ordered(Apps) ->
    {Ordered, _} = lists:foldl(fun(App, State) -> visit(App, Apps, State) end, {[], []}, Apps),
    lists:reverse(Ordered).

visit(#{name := Name} = App, Apps, {Ordered, Seen}) ->
    case lists:member(Name, Seen) of
        true -> {Ordered, Seen};
        false ->
            Needed = [Other || #{name := Each} = Other <- Apps, lists:member(Each, needs(App))],
            {Done, AllSeen} = lists:foldl(fun(Other, State) -> visit(Other, Apps, State) end,
                                          {Ordered, [Name | Seen]}, Needed),
            {[App | Done], AllSeen}
    end.

needs(#{details := Details, dependencies := Dependencies}) ->
    Applications = lists:append([proplists:get_value(Key, Details, [])
                                 || Key <- [applications, included_applications]]),
    [hexide_text:binary(Each) || Each <- Applications, is_atom(Each)] ++ [App || #{app := App} <- Dependencies].
