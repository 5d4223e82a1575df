defmodule Mix.Tasks.Hexide.Publish do
  use Hexide.Mix.Task, "publish"
end
