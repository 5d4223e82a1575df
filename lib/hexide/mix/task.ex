defmodule Hexide.Mix.Task do
  @moduledoc false
  # What the tasks of all commands have in common: help out of the table of commands, and the way to the door.

  defmacro __using__(name) do
    quote do
      use Mix.Task

      # The words of the help are there.
      @external_resource "src/command/hexide_command.erl"
      @external_resource "src/text/hexide_door.erl"

      @shortdoc Hexide.Mix.Help.summary(unquote(name))
      @moduledoc Hexide.Mix.Help.page(unquote(name))

      @impl Mix.Task
      def run(arguments), do: Hexide.Mix.Door.run([unquote(name) | arguments])
    end
  end
end
