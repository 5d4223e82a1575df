defmodule Mix.Tasks.Hexide.Info do
  use Hexide.Mix.Task, "info"
end
