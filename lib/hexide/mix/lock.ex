defmodule Hexide.Mix.Lock do
  @moduledoc false
  # mix.lock, without what wrote it and without running it: only its text is read, and no atom is made of it.

  @doc "The locked dependencies; those in `direct` are the project's own."
  @spec read(Path.t(), [String.t()]) :: {:ok, [:hexide_context.lock()]} | {:error, :hexide_failure.failure()}
  def read(path, direct) do
    # What it says is Mix's own; older and newer Elixir have other names for the silence.
    options = [
      static_atoms_encoder: fn text, _ -> {:ok, text} end,
      warn_on_unnecessary_quotes: false,
      emit_warnings: false
    ]

    with {:ok, text} <- File.read(path),
         {:ok, {:%{}, _, entries}} <- Code.string_to_quoted(text, options) do
      {:ok, for({app, locked} <- entries, is_binary(app), lock <- lock(app, parts(locked), app in direct), do: lock)}
    else
      {:error, :enoent} -> {:ok, []}
      _ -> {:error, :hexide_failure.failed("#{Path.relative_to_cwd(path)} cannot be read; run `mix deps.get`")}
    end
  end

  defp parts({:{}, _, parts}), do: parts
  defp parts({left, right}), do: [left, right]
  defp parts(_), do: []

  # {:hex, package, version, inner checksum, build tools, dependencies, repository, outer checksum}
  defp lock(app, ["hex", package, version | rest], direct) when is_binary(package) and is_binary(version) do
    checksum =
      case Enum.at(rest, 4) do
        outer when is_binary(outer) -> String.downcase(outer)
        _ -> :undefined
      end

    [%{app: app, package: package, version: version, source: :hex, level: level(direct), checksum: checksum}]
  end

  defp lock(app, [scm | _], direct) when is_binary(scm) do
    [%{app: app, package: app, version: "", source: scm, level: level(direct), checksum: :undefined}]
  end

  defp lock(_app, _parts, _direct), do: []

  defp level(true), do: 0
  defp level(false), do: 1
end
