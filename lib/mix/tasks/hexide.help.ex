defmodule Mix.Tasks.Hexide.Help do
  use Hexide.Mix.Task, "help"
end
