defmodule Hexide.Mix.Door do
  @moduledoc false
  # `mix hexide...`: what all tasks run. Answers go to stdout, everything else to stderr; a failure is a `Mix.Error`
  # with the exit code of its kind, so that a task may run another one and rescue what it raises.

  @doc false
  @spec run([String.t()]) :: :ok
  def run(arguments) do
    case :hexide_dispatch.run(arguments, %{door: :mix, context: &Hexide.Mix.Context.make/3}) do
      :ok ->
        :ok

      # It has been shown; there is nothing to add.
      {:negative, failure} ->
        exit({:shutdown, :hexide_failure.exit_code(failure)})

      {:error, failure} ->
        Mix.raise(:hexide_dispatch.format(failure, :mix), exit_status: :hexide_failure.exit_code(failure))
    end
  end
end
