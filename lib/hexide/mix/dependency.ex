defmodule Hexide.Mix.Dependency do
  @moduledoc false
  # A dependency of mix.exs, as facts.

  # What says that it is from somewhere else than Hex.
  @elsewhere [:path, :git, :github, :svn, :hg]

  @doc "The facts; `nil` where no package needs it, as it is for tests or for development."
  @spec facts(term()) :: :hexide_context.dependency() | nil
  def facts({app, requirement, options}) when is_atom(app) and is_list(options),
    do: dependency(app, requirement, options)

  def facts({app, options}) when is_atom(app) and is_list(options), do: dependency(app, nil, options)
  def facts({app, requirement}) when is_atom(app), do: dependency(app, requirement, [])

  def facts(other) do
    text = inspect(other)
    %{app: text, package: text, requirement: :undefined, source: "something unknown"}
  end

  defp dependency(app, requirement, options) do
    if :prod in List.wrap(Keyword.get(options, :only, :prod)) do
      name = Atom.to_string(app)

      %{
        app: name,
        package: to_string(Keyword.get(options, :hex, name)),
        requirement: if(is_binary(requirement), do: requirement, else: :undefined),
        source: source(options),
        optional: Keyword.get(options, :optional, false) == true,
        override: Keyword.get(options, :override, false) == true
      }
      |> Map.merge(repository(options))
      |> beside(app, options)
    end
  end

  defp source(options) do
    case Enum.find(@elsewhere, &Keyword.has_key?(options, &1)) do
      nil -> :hex
      :github -> "git"
      other -> Atom.to_string(other)
    end
  end

  defp repository(options) do
    case {Keyword.get(options, :organization), Keyword.get(options, :repo)} do
      {nil, nil} -> %{}
      {nil, "hexpm"} -> %{}
      {nil, repo} -> %{repository: to_string(repo)}
      {organization, _} -> %{repository: "hexpm:" <> to_string(organization)}
    end
  end

  # An app of the same umbrella is a package of its own, of the version that it has now.
  defp beside(%{requirement: :undefined} = facts, app, options) do
    with true <- Keyword.get(options, :in_umbrella, false),
         path = Path.expand(Path.join("..", Atom.to_string(app))),
         true <- File.regular?(Path.join(path, "mix.exs")) do
      config = Mix.Project.in_project(app, path, fn _ -> Mix.Project.config() end)
      %{facts | requirement: "~> " <> to_string(config[:version]), package: to_string(config[:package][:name] || app)}
    else
      _ -> facts
    end
  end

  defp beside(facts, _app, _options), do: facts
end
