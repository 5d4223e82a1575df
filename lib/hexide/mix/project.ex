defmodule Hexide.Mix.Project do
  @moduledoc false
  # The project's facts, in the form that the commands take (`t::hexide_context.project/0`): one app, or those of an
  # umbrella.

  alias Hexide.Mix.{Dependency, Lock, Version}

  @doc "The facts of the project in which Mix runs."
  @spec facts() :: {:ok, :hexide_context.project()} | {:error, :hexide_failure.failure()}
  def facts do
    if Mix.Project.get() do
      config = Mix.Project.config()
      apps = if Mix.Project.umbrella?(), do: of_umbrella(), else: [app(config)]
      own = dependencies(config)
      direct = for %{app: app} <- own ++ Enum.flat_map(apps, & &1.dependencies), uniq: true, do: app

      with {:ok, locks} <- Lock.read(Path.expand(config[:lockfile] || "mix.lock"), direct) do
        {:ok, %{root: File.cwd!(), dependencies: own, locks: locks, apps: Enum.map(apps, &Map.put(&1, :locks, locks))}}
      end
    else
      {:error, :hexide_failure.failed("there is no mix.exs here: run this in a project")}
    end
  end

  defp of_umbrella do
    for {name, path} <- Enum.sort(Mix.Project.apps_paths()) do
      Mix.Project.in_project(name, path, fn _ -> app(Mix.Project.config()) end)
    end
  end

  defp app(config) do
    package = if Keyword.keyword?(config[:package] || []), do: config[:package] || [], else: []
    version = to_string(config[:version])
    dir = File.cwd!()

    %{
      name: Atom.to_string(config[:app]),
      version: version,
      version_source: version,
      dir: dir,
      mix_exs: %{
        file: Path.join(dir, "mix.exs"),
        elixir: config[:elixir] || :undefined,
        native: (config[:compilers] || Mix.compilers()) -- Mix.compilers() != [],
        set_version: &Version.set(&1, version, &2)
      },
      details: details(config, package),
      dependencies: dependencies(config),
      locks: [],
      doc_dir: to_string(docs(config)[:output] || "doc"),
      organization: organization(package[:organization])
    }
  end

  defp docs(config) do
    case config[:docs] do
      options when is_function(options, 0) -> options.()
      options when is_list(options) -> options
      _ -> []
    end
  end

  defp organization(nil), do: nil
  defp organization(name), do: to_string(name)

  defp dependencies(config), do: for(written <- config[:deps] || [], facts = Dependency.facts(written), do: facts)

  # By the keys of an .app.src, each only where it is said.
  defp details(config, package) do
    [
      description: config[:description],
      pkg_name: package[:name],
      licenses: package[:licenses],
      links: package[:links],
      files: package[:files],
      exclude_patterns: expressions(package[:exclude_patterns]),
      build_tools: package[:build_tools],
      extra: strings(package[:extra])
    ]
    |> Enum.reject(fn {_, value} -> is_nil(value) end)
  end

  # A text excludes what it is a part of, as with Mix's own client.
  defp expressions(patterns) when is_list(patterns) do
    Enum.map(patterns, fn
      %Regex{} = regex -> "(?" <> flags(Regex.opts(regex)) <> ")" <> Regex.source(regex)
      text -> Regex.escape(to_string(text))
    end)
  end

  defp expressions(other), do: other

  defp flags(options) when is_binary(options), do: String.replace(options, ~r/[^imsx]/, "")

  defp flags(options) do
    names = [caseless: "i", multiline: "m", dotall: "s", extended: "x"]
    for {option, flag} <- names, option in options, into: "", do: flag
  end

  # Metadata holds texts, lists and maps.
  defp strings(%{} = map), do: Map.new(map, fn {key, value} -> {to_string(key), strings(value)} end)
  defp strings(list) when is_list(list), do: Enum.map(list, &strings/1)
  defp strings(atom) when is_atom(atom) and atom not in [nil, true, false], do: Atom.to_string(atom)
  defp strings(other), do: other
end
