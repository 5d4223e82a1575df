defmodule Mix.Tasks.Hexide do
  use Mix.Task

  @shortdoc "Everything about Hex packages"
  @moduledoc """
  Everything about Hex packages, and an overview of what there is.

      mix hexide
      mix hexide PACKAGE [VERSION]
      mix hexide KEY [VALUE]
      mix hexide COMMAND ...

  Alone it shows the versions at work, the repositories and the commands. A package is shown as by
  `mix hexide.info`, a key of the configuration as by `mix hexide.config`. Each command is a task of its own, too:
  `mix hexide.help` lists them.

  Every task takes `--json`, and then prints one JSON document on stdout. Exit codes: 0 done, 1 a negative answer, 2
  wrong usage, 3 the network or the server failed, 130 interrupted.

  Ctrl-C brings up the menu of the Erlang VM, as in every task of Mix; with `ELIXIR_ERL_OPTIONS=+Bd` in the environment it
  ends the command, which then says what state things are in.
  """

  @impl Mix.Task
  def run(arguments), do: Hexide.Mix.Door.run(arguments)
end
