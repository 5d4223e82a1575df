defmodule Mix.Tasks.Hexide.Retire do
  use Hexide.Mix.Task, "retire"
end
