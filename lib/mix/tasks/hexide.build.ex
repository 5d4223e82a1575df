defmodule Mix.Tasks.Hexide.Build do
  use Hexide.Mix.Task, "build"
end
