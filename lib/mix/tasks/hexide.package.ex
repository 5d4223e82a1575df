defmodule Mix.Tasks.Hexide.Package do
  use Hexide.Mix.Task, "package"
end
