defmodule Mix.Tasks.Hexide.User do
  use Hexide.Mix.Task, "user"
end
