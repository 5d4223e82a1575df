defmodule Mix.Tasks.Hexide.Organization do
  use Hexide.Mix.Task, "organization"
end
