defmodule Hexide.Version do
  @moduledoc "What Elixir's `Version` does not have: the next version."

  import Hexide.Term, only: [bang!: 1, outcome: 2, options: 2]

  @doc """
  The next version. With `:pre`, its next pre-release of that name.

      iex> Hexide.Version.bump("1.2.3", :minor)
      {:ok, Version.parse!("1.3.0")}
      iex> Hexide.Version.bump("2.0.0-rc.1", :major, pre: "rc")
      {:ok, Version.parse!("2.0.0-rc.2")}
  """
  @spec bump(Hexide.version(), :major | :minor | :patch, pre: String.t() | nil) :: Hexide.outcome(Version.t())
  def bump(version, part, options \\ []) do
    version |> to_string() |> :hexide_version.bump(part, options(options, [:pre])) |> outcome(:version)
  end

  @doc """
  As `bump/3`, but raises.

      iex> to_string(Hexide.Version.bump!(Version.parse!("1.2.3"), :patch))
      "1.2.4"
  """
  @spec bump!(Hexide.version(), :major | :minor | :patch, pre: String.t() | nil) :: Version.t()
  def bump!(version, part, options \\ []), do: bang!(bump(version, part, options))
end
