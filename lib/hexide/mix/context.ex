defmodule Hexide.Mix.Context do
  @moduledoc false
  # The context of a command, made from what Mix knows.

  alias Hexide.Mix.{Docs, Home, Project, Repositories}

  @doc "What the command's entry in the table says that it needs, and no more: `search` works outside any project."
  @spec make(:hexide_command.command(), :hexide_command.options(), map()) ::
          {:ok, :hexide_context.context()} | {:error, :hexide_failure.failure()}
  def make(command, options, terms) do
    needs = :hexide_command.needs(command, options)

    base =
      Map.merge(terms, %{
        config: %{},
        sources: %{},
        repository: :undefined,
        repositories: [],
        user_file: Home.user_file(),
        cache_dir: Home.cache_dir(),
        system: system()
      })

    with {:ok, context} <- project(:project in needs, base),
         {:ok, options} <- meant(options, context) do
      repositories(List.delete(needs, :project), context, options)
    end
  end

  defp repositories([], context, _options), do: {:ok, context}

  defp repositories(needs, context, options) do
    with {:ok, known} <- Repositories.known(), do: :hexide_repositories.fill(needs, context, options, known)
  end

  defp project(false, context), do: {:ok, context}

  defp project(true, context) do
    with {:ok, project} <- Project.facts() do
      generator = if Docs.generator?(), do: %{generate_docs: &Docs.generate/1}, else: %{}
      {:ok, context |> Map.put(:project, project) |> Map.merge(generator)}
    end
  end

  # `package: [organization: ...]` says where the package goes, and that is not public.
  defp meant(options, %{project: %{apps: apps}})
       when not is_map_key(options, :repo) and not is_map_key(options, :organization) do
    case apps |> Enum.map(& &1.organization) |> Enum.uniq() do
      [organization] when is_binary(organization) ->
        {:ok, Map.put(options, :organization, organization)}

      [_, _ | _] ->
        message =
          "the project's apps belong to different organizations; name one with --organization, and apps with --app"

        {:error, :hexide_failure.usage(:undefined, message)}

      _ ->
        {:ok, options}
    end
  end

  defp meant(options, _context), do: {:ok, options}

  defp system do
    %{
      hexide: version(:hexide),
      elixir: System.version(),
      otp: System.otp_release(),
      erts: to_string(:erlang.system_info(:version)),
      system: to_string(:erlang.system_info(:system_architecture))
    }
  end

  defp version(app) do
    _ = Application.load(app)
    to_string(Application.spec(app, :vsn) || "unknown")
  end
end
