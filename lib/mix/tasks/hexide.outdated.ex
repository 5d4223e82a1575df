defmodule Mix.Tasks.Hexide.Outdated do
  use Hexide.Mix.Task, "outdated"
end
