defmodule Mix.Tasks.Hexide.Server do
  use Hexide.Mix.Task, "server"
end
