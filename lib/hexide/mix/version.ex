defmodule Hexide.Mix.Version do
  @moduledoc false
  # The version in the text of a mix.exs: the literal after `version:` or after `@version`.

  @doc "The same text with another version in place of the one that it has; `:error` where no such literal is found."
  @spec set(String.t(), String.t(), String.t()) :: {:ok, String.t()} | :error
  def set(text, from, to) do
    options = [columns: true, token_metadata: true, literal_encoder: &{:ok, {:__block__, &2, [&1]}}]

    with {:ok, code} <- Code.string_to_quoted(text, [{:static_atoms_encoder, &atom/2} | options]),
         [{line, column} | _] <- places(code, from) do
      {before, [found | rest]} = Enum.split(String.split(text, "\n"), line - 1)
      # The column counts characters, and begins with the quotation mark.
      {left, right} = String.split_at(found, column)
      ^from = String.slice(right, 0, String.length(from))
      changed = left <> to <> String.slice(right, String.length(from)..-1)
      {:ok, Enum.join(before ++ [changed | rest], "\n")}
    else
      _ -> :error
    end
  end

  # No atom is made of what somebody's file says.
  defp atom(text, _), do: {:ok, {:word, text}}

  # An attribute comes first: where there is one, the other place only names it.
  defp places(code, from) do
    {_, found} = Macro.prewalk(code, [], fn part, found -> {part, place(part, from) ++ found} end)
    found |> Enum.sort() |> Enum.map(fn {_kind, place} -> place end)
  end

  defp place({{:word, "version"}, _, [literal]}, from), do: at(0, literal, from)
  defp place({{:__block__, _, [{:word, "version"}]}, literal}, from), do: at(1, literal, from)
  defp place(_, _), do: []

  defp at(kind, {:__block__, meta, [from]}, from) do
    if meta[:delimiter] == "\"", do: [{kind, {meta[:line], meta[:column]}}], else: []
  end

  defp at(_kind, _other, _from), do: []
end
