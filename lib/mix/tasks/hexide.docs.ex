defmodule Mix.Tasks.Hexide.Docs do
  use Hexide.Mix.Task, "docs"
end
