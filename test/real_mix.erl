%% @doc Real `mix' commands in projects that have hexide as a dependency, by its path.
%%
%% Everything that Mix and hexide read and write for their user is in the folder `base' of the suite. All projects of a
%% suite share one build folder, so that hexide is compiled once.
-module(real_mix).

-export([prepare/2, app/4, app/5, project/3, mix/3, mix/4, environment/1, unfetched/1, user_file/1]).

-import(real_rebar3, [write/3]).

%% @doc The suite's configuration with `root' and `base', a folder of that name, in which hexide is compiled.
-spec prepare([tuple()], string()) -> {ok, [tuple()]} | {skip, string()}.
prepare(Config, Folder) ->
    case {os:find_executable("mix"), real_rebar3:prepare(Config, Folder)} of
        {false, _} -> {skip, "Elixir is not installed"};
        {_, {skip, _} = Skip} -> Skip;
        {_, {ok, Prepared}} ->
            Dir = filename:join(proplists:get_value(base, Prepared), "first"),
            ok = app(Prepared, Dir, "first", "0.1.0"),
            ok = stand_in(Prepared, Dir),
            {0, _, _} = mix(Prepared, Dir, ["deps.compile", "hexide"]),
            {ok, Prepared}
    end.

%% Mix asks its Hex client, an archive, about every dependency without a path, and where that is not to be had it goes
%% no further. This stands in for it as far as Mix needs to read a project: it knows such dependencies, and fetches
%% none.
stand_in(Config, Dir) ->
    Functions = ["def fetchable?, do: true\n", "def format(_), do: \"Hex\"\n", "def format_lock(_), do: nil\n",
                 "def accepts_options(app, opts), do: Keyword.put_new(opts, :hex, Atom.to_string(app))\n",
                 [["def ", Name, "(_), do: ", Value, "\n"]
                  || {Name, Value} <- [{"checked_out?", "false"}, {"lock_status", ":ok"}, {"managers", "[]"},
                                       {"checkout", "nil"}, {"update", "nil"}]],
                 "def equal?(left, right), do: left[:hex] == right[:hex]\n"],
    ok = write(Dir, "hex.ex", ["defmodule Hex do\n def start, do: Mix.SCM.append(Hex.SCM)\n",
                               " def version, do: \"9.9.9\"\nend\n",
                               "defmodule Hex.SCM do\n @behaviour Mix.SCM\n", Functions, "end\n"]),
    Ebin = filename:join([proplists:get_value(base, Config), "mix", "archives", "hex-9.9.9", "hex-9.9.9", "ebin"]),
    ok = filelib:ensure_dir(filename:join(Ebin, "x")),
    {0, _, _} = real_rebar3:run(Config, Dir, "elixirc", ["-o", Ebin, "hex.ex"], environment(Config)),
    write(Ebin, "hex.app", "{application, hex, [{vsn, \"9.9.9\"}, {modules, []}, {applications, []}]}.\n").

%% @equiv app(Config, Dir, App, Version, "")
-spec app([tuple()], file:filename_all(), string(), string()) -> ok.
app(Config, Dir, App, Version) ->
    app(Config, Dir, App, Version, "").

%% @doc Writes a project of one module; `More' stands among the keys of its mix.exs, each with a comma after it.
-spec app([tuple()], file:filename_all(), string(), string(), iodata()) -> ok.
app(Config, Dir, App, Version, More) ->
    Module = string:titlecase(App),
    ok = project(Config, Dir, ["app: :", App, ", version: \"", Version, "\", elixir: \"~> 1.14\", ",
                               "description: \"A project\", package: [licenses: [\"MIT\"], ",
                               "links: %{\"Page\" => \"https://example.com\"}], ", More]),
    ok = write(Dir, "README.md", "A project\n"),
    write(Dir, "lib/" ++ App ++ ".ex", ["defmodule ", Module, " do\n  def name, do: :", App, "\nend\n"]).

%% @doc Writes a mix.exs with these keys, in which hexide is a dependency for development. `deps: deps(...)' adds
%% others.
-spec project([tuple()], file:filename_all(), iodata()) -> ok.
project(Config, Dir, Keys) ->
    Module = ["P", integer_to_list(erlang:unique_integer([positive]))],
    Deps = ["[{:hexide, path: \"", proplists:get_value(root, Config), "\", only: :dev}]"],
    Listed = case string:find(Keys, "deps:") of
                 nomatch -> "deps: deps([])";
                 _ -> []
             end,
    write(Dir, "mix.exs", ["defmodule ", Module, ".MixProject do\n  use Mix.Project\n", "  def project, do: [", Keys,
                           Listed,
                           "]\n  def deps(others), do: others ++ ", Deps, "\nend\n"]).

%% @equiv mix(Config, Dir, Args, [])
-spec mix([tuple()], file:filename_all(), [string() | binary()]) -> {integer(), binary(), binary()}.
mix(Config, Dir, Args) ->
    mix(Config, Dir, Args, []).

%% @doc Exit code, stdout, stderr. Nobody is at its input. The answer of `mix hexide.… --json' is checked by its schema.
-spec mix([tuple()], file:filename_all(), [string() | binary()], [{string(), string() | false}]) ->
          {integer(), binary(), binary()}.
mix(Config, Dir, Args, Environment) ->
    {_, Output, _} = Ended = real_rebar3:run(Config, Dir, "mix", Args, environment(Config) ++ Environment),
    ok = as_documented(Config, Args, Output),
    Ended.

as_documented(Config, ["hexide." ++ Name | Args], <<_, _/binary>> = Printed) ->
    Words = [unicode:characters_to_binary(Arg) || Arg <- Args],
    Schema = case lists:member(<<"--help">>, Words) of
                 true -> <<"help">>;
                 false -> list_to_binary(Name)
             end,
    case lists:member(<<"--json">>, Words) of
        true -> json_schema:check(proplists:get_value(root, Config), Schema, Printed);
        false -> ok
    end;
as_documented(_, _, _) ->
    ok.

%% @doc What Mix is started with, besides what {@link real_rebar3:environment/1} sets.
-spec environment([tuple()]) -> [{string(), string() | false}].
environment(Config) ->
    Base = proplists:get_value(base, Config),
    [{"MIX_HOME", filename:join(Base, "mix")}, {"HEX_HOME", filename:join(Base, "hex")}, {"MIX_ENV", "dev"},
     {"MIX_BUILD_PATH", filename:join(Base, "build")}, {"MIX_DEPS_PATH", filename:join(Base, "deps")},
     {"HEXIDE_PROFILE", "dev"}, {"CI", false}, {"MIX_XDG", false}, {"MIX_EXS", false}, {"MIX_DEBUG", false}].

%% @doc Has Mix find the tasks although dependencies of the project are not there, which can be fetched nowhere.
-spec unfetched([tuple()]) -> [{string(), string()}].
unfetched(Config) ->
    [{"ELIXIR_ERL_OPTIONS", "-pa " ++ filename:join(proplists:get_value(base, Config), "build/lib/hexide/ebin")}].

%% @doc The path of that person's file.
-spec user_file([tuple()]) -> file:filename_all().
user_file(Config) ->
    filename:join([proplists:get_value(base, Config), "hex", "hexide.config"]).
