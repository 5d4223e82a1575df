defmodule MixReleaseBot do
  @moduledoc """
  What is to be done about a version of a package.
  """

  @typedoc "What the registry has of the package; `nil` where it does not know it."
  @type known :: %{releases: [String.t()], owners: [String.t()]} | nil

  @doc """
  Whether this user should publish that version.

      iex> MixReleaseBot.decide(nil, "1.0.0", "joe")
      :publish
      iex> MixReleaseBot.decide(%{releases: ["1.0.0"], owners: ["joe"]}, "1.0.0", "joe")
      {:skip, "1.0.0 is published already"}
      iex> MixReleaseBot.decide(%{releases: ["1.0.0"], owners: ["joe"]}, "0.9.0", "joe")
      {:refuse, "0.9.0 is older than 1.0.0, which is published"}
      iex> MixReleaseBot.decide(%{releases: ["1.0.0"], owners: ["joe"]}, "1.1.0", "amy")
      {:refuse, "amy is none of its owners: joe"}
  """
  @spec decide(known(), String.t(), String.t()) :: :publish | {:skip, String.t()} | {:refuse, String.t()}
  def decide(nil, _version, _user), do: :publish

  def decide(%{releases: releases, owners: owners}, version, user) do
    newest = Enum.max(releases, Version)

    cond do
      version in releases -> {:skip, "#{version} is published already"}
      user not in owners -> {:refuse, "#{user} is none of its owners: #{Enum.join(owners, ", ")}"}
      Version.compare(version, newest) == :lt -> {:refuse, "#{version} is older than #{newest}, which is published"}
      true -> :publish
    end
  end
end
