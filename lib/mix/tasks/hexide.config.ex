defmodule Mix.Tasks.Hexide.Config do
  use Hexide.Mix.Task, "config"
end
