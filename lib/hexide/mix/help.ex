defmodule Hexide.Mix.Help do
  @moduledoc false
  # The help of a command as `mix help` wants it, Markdown, out of what `mix hexide.help` answers.

  @doc false
  @spec summary(String.t()) :: String.t()
  def summary(name), do: command(name).summary

  @doc false
  @spec page(String.t()) :: String.t()
  def page(name) do
    %{summary: summary, forms: forms, notes: notes, options: options, examples: examples} = command(name)

    IO.iodata_to_binary([
      [summary, ".\n\n## Usage\n\n", Enum.map(forms, &line/1)],
      Enum.map(notes, &["\n", &1, "\n"]),
      ["\n## Options\n\n", Enum.map(options, &option/1)],
      ["\n## Examples\n\n", Enum.map(examples, &line/1)]
    ])
  end

  defp command(name) do
    commands = :hexide_door.commands(:mix)
    {:ok, %{command: command}} = :hexide_cmd_help.run(%{commands: commands}, %{args: [name]})
    command
  end

  defp line(written), do: ["    ", :hexide_door.sentence("rebar3 hex " <> written, :mix), "\n"]

  defp option(%{long: long, help: help} = option) do
    short = if option.short == :undefined, do: "", else: "`-#{option.short}`, "
    value = if option.value == :undefined, do: "", else: " " <> option.value
    ["  * ", short, "`--", long, value, "` - ", help, "\n"]
  end
end
