# The package itself works without hexide; in a project that has it, there is this task.
if Code.ensure_loaded?(Hexide) do
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
      config = Hexide.Config.resolve!(project: settings(project))

      with {:ok, %{username: user}} <- Hexide.User.me(config),
           {:ok, known} <- known(config, name) do
        act(MixReleaseBot.decide(known, version, user), "#{name} #{version}", arguments)
      else
        {:error, error} -> Mix.raise(Exception.message(error))
      end
    end

    defp settings(project) do
      case project[:hexide][:repos] do
        [repo | _] -> repo |> Keyword.delete(:name) |> Keyword.put(:repo_name, repo[:name])
        _ -> []
      end
    end

    defp known(config, name) do
      case Hexide.Package.get(config, name) do
        {:ok, %{releases: releases, owners: owners}} ->
          {:ok, %{releases: Enum.map(releases, &to_string(&1.version)), owners: Enum.map(owners, & &1.username)}}

        {:error, %Hexide.Error{code: :not_found}} ->
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
