# The package itself works without hexide; in a project that has it, there is this task.
if Code.ensure_loaded?(:hexide_package) do
  defmodule Mix.Tasks.ReleaseBot do
    use Mix.Task

    @shortdoc "Publishes this package if its version is new and you own it"
    @moduledoc """
    Publishes this package if its version is new and you own it, for a job that runs after every change.

        HEX_API_KEY=... mix release_bot [--dry-run]
    """

    @impl Mix.Task
    def run(arguments) do
      project = Mix.Project.config()
      {name, version} = {to_string(project[:app]), project[:version]}
      {:ok, %{config: config}} = :hexide_config.resolve(%{project: settings(project)})

      with {:ok, %{username: user}} <- :hexide_user.me(config),
           {:ok, known} <- known(config, name) do
        act(MixReleaseBot.decide(known, version, user), "#{name} #{version}", arguments)
      else
        {:error, reason} -> Mix.raise(:hexide_error.format(reason))
      end
    end

    defp settings(project) do
      case project[:hexide][:repos] do
        [repo | _] -> repo |> Map.new() |> Map.put(:repo_name, repo[:name])
        _ -> %{}
      end
    end

    defp known(config, name) do
      case :hexide_package.get(config, name) do
        {:ok, %{releases: releases, owners: owners}} ->
          {:ok, %{releases: Enum.map(releases, & &1.version), owners: Enum.map(owners, & &1.username)}}

        {:error, {:not_found, _}} ->
          {:ok, nil}

        {:error, _} = error ->
          error
      end
    end

    defp act(:publish, _release, arguments), do: Mix.Task.run("hexide.publish", ["package", "--yes" | arguments])
    defp act({:skip, why}, _release, _arguments), do: Mix.shell().info("Nothing to do: #{why}.")
    defp act({:refuse, why}, release, _arguments), do: Mix.raise("#{release} is not published: #{why}")
  end
end
