defmodule Hexide.Mix.Docs do
  @moduledoc false
  # The documentation's generator: the task or the alias `docs`, which ex_doc brings.

  @task "docs"

  @doc "Whether the project has one."
  @spec generator?() :: boolean()
  def generator? do
    aliases = if Mix.Project.get(), do: Mix.Project.config()[:aliases] || [], else: []
    Keyword.has_key?(aliases, String.to_atom(@task)) or Mix.Task.get(@task) != nil
  end

  @doc "Runs it for these apps."
  @spec generate([:hexide_context.app()]) :: :ok | {:error, :hexide_failure.failure()}
  def generate(apps) do
    Enum.each(apps, fn %{name: name, dir: dir} ->
      if Mix.Project.umbrella?() do
        Mix.Project.in_project(String.to_existing_atom(name), dir, fn _ -> Mix.Task.rerun(@task, []) end)
      else
        Mix.Task.rerun(@task, [])
      end
    end)
  rescue
    error ->
      {:error,
       :hexide_failure.failed(
         "the documentation could not be generated with `mix #{@task}`: #{Exception.message(error)}"
       )}
  catch
    :exit, _ -> {:error, :hexide_failure.failed("the documentation could not be generated: `mix #{@task}` has ended")}
  end
end
