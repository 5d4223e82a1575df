defmodule Hexide.Docs do
  @moduledoc "Documentation of releases."

  import Hexide.Term, only: [bang!: 1, config: 1, options: 2, outcome: 1, outcome: 2, version: 1]

  @doc """
  Publishes the documentation of a release: a tarball of `Hexide.Tarball.create_docs/2`. `:location` says where it can
  be read. Options as of `t:Hexide.wait_option/0`.

      iex> docs = Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}])
      iex> {:ok, %{location: "http://" <> _}} = Hexide.Docs.publish(config(), "greeting", "1.0.0", docs)
      iex> Hexide.Docs.fetch!(config(), "greeting", "1.0.0") == docs
      true
  """
  @spec publish(Hexide.config(), String.t(), Hexide.version(), binary(), [Hexide.wait_option()]) ::
          Hexide.outcome(%{location: String.t() | nil})
  def publish(config, name, version, tarball, options \\ []) do
    options = options(options, [:progress, :timeout])
    config |> config() |> :hexide_docs.publish(name, version(version), tarball, options) |> outcome(:term)
  end

  @doc """
  As `publish/5`, but raises.

      iex> docs = Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}])
      iex> %{location: _} = Hexide.Docs.publish!(config(), "greeting", "1.0.0", docs)
      iex> Hexide.Release.get!(config(), "greeting", "1.0.0").has_docs
      true
  """
  @spec publish!(Hexide.config(), String.t(), Hexide.version(), binary(), [Hexide.wait_option()]) ::
          %{location: String.t() | nil}
  def publish!(config, name, version, tarball, options \\ []) do
    bang!(publish(config, name, version, tarball, options))
  end

  @doc """
  Takes the documentation of a release back.

      iex> docs = Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}])
      iex> Hexide.Docs.publish!(config(), "greeting", "1.0.0", docs)
      iex> Hexide.Docs.revert(config(), "greeting", "1.0.0")
      :ok
  """
  @spec revert(Hexide.config(), String.t(), Hexide.version()) :: Hexide.outcome()
  def revert(config, name, version) do
    config |> config() |> :hexide_docs.revert(name, version(version)) |> outcome()
  end

  @doc """
  As `revert/3`, but raises.

      iex> docs = Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}])
      iex> Hexide.Docs.publish!(config(), "greeting", "1.0.0", docs)
      iex> Hexide.Docs.revert!(config(), "greeting", "1.0.0")
      :ok
  """
  @spec revert!(Hexide.config(), String.t(), Hexide.version()) :: :ok
  def revert!(config, name, version), do: bang!(revert(config, name, version))

  @doc """
  The documentation tarball of a release, as `Hexide.Repo.docs/3`.

      iex> {:error, error} = Hexide.Docs.fetch(config(), "greeting", "1.0.0")
      iex> error.code
      :not_found
  """
  @spec fetch(Hexide.config(), String.t(), Hexide.version()) :: Hexide.outcome(binary())
  def fetch(config, name, version), do: Hexide.Repo.docs(config, name, version)

  @doc """
  As `fetch/3`, but raises.

      iex> docs = Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}])
      iex> Hexide.Docs.publish!(config(), "greeting", "1.0.0", docs)
      iex> Hexide.Docs.fetch!(config(), "greeting", "1.0.0") == docs
      true
  """
  @spec fetch!(Hexide.config(), String.t(), Hexide.version()) :: binary()
  def fetch!(config, name, version), do: bang!(fetch(config, name, version))
end
