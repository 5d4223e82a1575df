%% @doc A throw-away registry for tests: with a user, a key and, if wanted, packages, in one line.
%%
%% ```
%% {ok, #{config := Config}} = hexide_trial:start_link(#{packages => [{"dep", "1.0.0"}]}),
%% {ok, #{name := <<"dep">>}} = hexide_package:get(Config, "dep").
%% '''
%% It is a real registry on a free port of the loopback interface, with a folder that is removed at the end. What
%% {@link start_link/1} started ends with the process that called it: a case of Common Test, a test of EUnit. For
%% `init_per_suite', whose process ends before the cases run, and for EUnit's `setup' there are {@link start/1} and
%% {@link stop/1}.
-module(hexide_trial).

-export([start_link/0, start_link/1, start/0, start/1, furnish/2, stop/1]).

-export_type([options/0, trial/0, package/0]).

-type options() :: #{user => unicode:chardata(), packages => [package()], atom() => term()}.
%% `user': who is registered, with the address `USER@example.com'; `alice' by default. `packages': what that user
%% publishes, in this order. The rest as {@link hexide_server:start_link/1} takes it.

-type package() :: {Name :: unicode:chardata(), hexide_version:version()}
                 | {Name :: unicode:chardata(), hexide_version:version(),
                    #{metadata => hexide_tarball:metadata(), files => [hexide_tarball:file()]}}.
%% A package that rebar3 and Mix compile. `metadata': what is to be added to it, with text as keys. `files': in place
%% of its own.

-type trial() :: #{server := pid(), info := hexide_server:info(), user := binary(), key := binary(),
                   config := hexide_config:config()}.
%% `server': see {@link hexide_server}. `info': where it is, and its public key. `user': who is registered. `key': an
%% API key that may do everything. `config': what the functions of the API take, to act as that user.

%% @equiv start_link(#{})
-spec start_link() -> {ok, trial()} | {error, hexide_error:reason()}.
start_link() ->
    start_link(#{}).

%% @doc Starts one that ends with the calling process.
-spec start_link(options()) -> {ok, trial()} | {error, hexide_error:reason()}.
start_link(Options) ->
    case hexide_server:start_link(maps:without([user, packages], Options)) of
        {ok, Server} -> furnished(Server, Options);
        {error, _} = Error -> Error
    end.

%% @equiv start(#{})
-spec start() -> {ok, trial()} | {error, hexide_error:reason()}.
start() ->
    start(#{}).

%% @doc Starts one that runs until {@link stop/1}, whatever becomes of the calling process.
-spec start(options()) -> {ok, trial()} | {error, hexide_error:reason()}.
start(Options) ->
    case start_link(Options) of
        {ok, #{server := Server} = Trial} ->
            true = unlink(Server),
            {ok, Trial};
        {error, _} = Error -> Error
    end.

%% @doc Gives a registry that runs already a user and packages.
-spec furnish(pid(), options()) -> {ok, trial()} | {error, hexide_error:reason()}.
furnish(Server, Options) ->
    User = hexide_text:binary(maps:get(user, Options, <<"alice">>)),
    {ok, #{api_url := Api, repo_url := Repo, repository := Repository, public_key := PublicKey} = Info} =
        hexide_server:info(Server),
    case hexide_server:add_user(Server, #{username => User, email => <<User/binary, "@example.com">>}) of
        {ok, #{key := Key}} ->
            Config = #{api_url => Api, repo_url => Repo, repo_name => Repository, repo_public_key => PublicKey,
                       api_key => hexide_config:hide(Key)},
            case publish(Config, maps:get(packages, Options, [])) of
                ok -> {ok, #{server => Server, info => Info, user => User, key => Key, config => Config}};
                {error, _} = Error -> Error
            end;
        {error, _} = Error -> Error
    end.

%% @doc Stops it; nothing of it is left.
-spec stop(trial()) -> ok.
stop(#{server := Server}) ->
    hexide_server:stop(Server).

%% Half of a registry is none.
furnished(Server, Options) ->
    case furnish(Server, Options) of
        {ok, _} = Furnished -> Furnished;
        {error, _} = Error ->
            ok = hexide_server:stop(Server),
            Error
    end.

publish(_, []) ->
    ok;
publish(Config, [Package | Rest]) ->
    case published(Config, Package) of
        {ok, _} -> publish(Config, Rest);
        {error, _} = Error -> Error
    end.

published(Config, {Name, Version}) ->
    published(Config, {Name, Version, #{}});
published(Config, {Name, Version, Options}) ->
    Package = hexide_text:binary(Name),
    Release = hexide_text:binary(Version),
    Files = maps:get(files, Options, files(Package, Release)),
    Metadata = #{<<"name">> => Package, <<"version">> => Release, <<"app">> => Package,
                 <<"description">> => <<"A package of a test">>, <<"licenses">> => [<<"Apache-2.0">>],
                 <<"links">> => #{}, <<"requirements">> => #{}, <<"build_tools">> => [<<"rebar3">>, <<"mix">>],
                 <<"files">> => [element(1, File) || File <- Files]},
    case hexide_tarball:create(maps:merge(Metadata, maps:get(metadata, Options, #{})), Files) of
        {ok, #{tarball := Tarball}} -> hexide_release:publish(Config, Tarball);
        {error, _} = Error -> Error
    end.

%% An application with one module.
files(Name, Version) ->
    [{<<"src/", Name/binary, ".app.src">>,
      text("{application, ~ts, [{description, \"A package of a test\"}, {vsn, \"~ts\"},~n"
           "    {applications, [kernel, stdlib]}]}.~n", [Name, Version])},
     {<<"src/", Name/binary, ".erl">>,
      text("-module(~ts).~n-export([version/0]).~n~nversion() -> <<\"~ts\">>.~n", [Name, Version])},
     {<<"rebar.config">>, <<"{deps, []}.\n">>},
     {<<"mix.exs">>,
      text("defmodule :~ts_mix do~n  use Mix.Project~n~n  def project, do: [app: :~ts, version: \"~ts\"]~nend~n",
           [Name, Name, Version])}].

text(Format, Values) ->
    unicode:characters_to_binary(io_lib:format(Format, Values)).
