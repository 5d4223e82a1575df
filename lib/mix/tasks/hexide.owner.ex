defmodule Mix.Tasks.Hexide.Owner do
  use Hexide.Mix.Task, "owner"
end
