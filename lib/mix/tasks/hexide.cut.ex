defmodule Mix.Tasks.Hexide.Cut do
  use Hexide.Mix.Task, "cut"
end
