defmodule Mix.Tasks.Hexide.Key do
  use Hexide.Mix.Task, "key"
end
