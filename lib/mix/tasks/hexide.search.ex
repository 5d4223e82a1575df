defmodule Mix.Tasks.Hexide.Search do
  use Hexide.Mix.Task, "search"
end
