defmodule Hexide.Repo do
  @moduledoc """
  The repository: the signed index, tarballs and documentation.

  Everything is verified before it is used: an index by its signature and by what it says it is, a tarball by its
  checksums. What is asked for with the `:etag` of an earlier answer is `:not_modified` when nothing changed since.
  """

  import Hexide.Term, only: [bang!: 1, config: 1, options: 2, outcome: 1, outcome: 2, version: 1]

  alias Hexide.Registry.{Names, Package, Policy, Versions}
  alias Hexide.Repo.Fetched

  @typedoc "`:etag` of an earlier answer; `:timeout` in milliseconds."
  @type fetch_option :: {:etag, String.t()} | {:timeout, timeout()}

  @typedoc "What to fetch: name, version, and the outer checksum to demand."
  @type item :: {String.t(), Hexide.version()} | {String.t(), Hexide.version(), String.t()}

  @typedoc "The same, and `:only`: the packages that are wanted; nothing is made of the others."
  @type index_option :: {:only, [String.t()]} | fetch_option()

  @doc """
  Every package of the repository, or `:only` those that are named.

      iex> {:ok, names} = Hexide.Repo.names(config())
      iex> Enum.map(names.packages, & &1.name)
      ["greeting"]
      iex> Hexide.Repo.names(config(), etag: names.etag)
      {:ok, :not_modified}
  """
  @spec names(Hexide.config(), [index_option()]) :: Hexide.outcome(Names.t() | :not_modified)
  def names(config, options \\ []) do
    config |> config() |> :hexide_repo.names(options(options, [:etag, :only, :timeout])) |> index(Names)
  end

  @doc """
  As `names/2`, but raises.

      iex> Hexide.Repo.names!(config()).repository
      "hexpm"
      iex> for %{name: name} <- Hexide.Repo.names!(config(), only: ["farewell", "greeting"]).packages, do: name
      ["greeting"]
  """
  @spec names!(Hexide.config(), [index_option()]) :: Names.t() | :not_modified
  def names!(config, options \\ []), do: bang!(names(config, options))

  @doc """
  Every version of every package of the repository, or `:only` of those that are named.

      iex> Hexide.Release.retire!(config(), "greeting", "1.0.0", :other)
      iex> {:ok, %{packages: [greeting]}} = Hexide.Repo.versions(config())
      iex> {Enum.map(greeting.versions, &to_string/1), Enum.map(greeting.retired, &to_string/1)}
      {["1.0.0", "1.1.0"], ["1.0.0"]}
      iex> Hexide.Repo.versions!(config(), only: ["farewell"]).packages
      []
  """
  @spec versions(Hexide.config(), [index_option()]) :: Hexide.outcome(Versions.t() | :not_modified)
  def versions(config, options \\ []) do
    config |> config() |> :hexide_repo.versions(options(options, [:etag, :only, :timeout])) |> index(Versions)
  end

  @doc """
  As `versions/2`, but raises.

      iex> length(Hexide.Repo.versions!(config()).packages)
      1
      iex> [greeting] = Hexide.Repo.versions!(config(), only: ["greeting"]).packages
      iex> Enum.map(greeting.versions, &to_string/1)
      ["1.0.0", "1.1.0"]
  """
  @spec versions!(Hexide.config(), [index_option()]) :: Versions.t() | :not_modified
  def versions!(config, options \\ []), do: bang!(versions(config, options))

  @doc """
  The releases of one package, with their checksums and dependencies.

      iex> {:ok, package} = Hexide.Repo.package(config(), "greeting")
      iex> Enum.map(package.releases, &{to_string(&1.version), &1.retired, &1.dependencies})
      [{"1.0.0", nil, []}, {"1.1.0", nil, []}]
  """
  @spec package(Hexide.config(), String.t(), [fetch_option()]) :: Hexide.outcome(Package.t() | :not_modified)
  def package(config, name, options \\ []) do
    config |> config() |> :hexide_repo.package(name, options(options, [:etag, :timeout])) |> index(Package)
  end

  @doc """
  As `package/3`, but raises.

      iex> Hexide.Repo.package!(config(), "greeting").name
      "greeting"
  """
  @spec package!(Hexide.config(), String.t(), [fetch_option()]) :: Package.t() | :not_modified
  def package!(config, name, options \\ []), do: bang!(package(config, name, options))

  @doc """
  A dependency policy of an organization.

      iex> {:error, error} = Hexide.Repo.policy(config(), "strict")
      iex> error.code
      :not_found
  """
  @spec policy(Hexide.config(), String.t(), [fetch_option()]) :: Hexide.outcome(Policy.t() | :not_modified)
  def policy(config, name, options \\ []) do
    config |> config() |> :hexide_repo.policy(name, options(options, [:etag, :timeout])) |> index(Policy)
  end

  @doc "As `policy/3`, but raises."
  @spec policy!(Hexide.config(), String.t(), [fetch_option()]) :: Policy.t() | :not_modified
  def policy!(config, name, options \\ []), do: bang!(policy(config, name, options))

  defp index({:ok, :not_modified}, _), do: {:ok, :not_modified}
  defp index(result, type), do: outcome(result, type)

  @doc """
  The tarball of a release, verified. Without a `:checksum` to demand, the one in the signed index is. `:progress` and
  `:timeout` as of `t:Hexide.wait_option/0`.

      iex> {:ok, bytes} = Hexide.Repo.tarball(config(), "greeting", "1.0.0")
      iex> Hexide.Tarball.metadata!(bytes).metadata.name
      "greeting"
  """
  @spec tarball(Hexide.config(), String.t(), Hexide.version(), [{:checksum, String.t()} | Hexide.wait_option()]) ::
          Hexide.outcome(binary())
  def tarball(config, name, version, options \\ []) do
    options = options(options, [:checksum, :progress, :timeout])
    config |> config() |> :hexide_repo.tarball(name, version(version), options) |> outcome()
  end

  @doc """
  As `tarball/4`, but raises.

      iex> is_binary(Hexide.Repo.tarball!(config(), "greeting", Version.parse!("1.0.0")))
      true
  """
  @spec tarball!(Hexide.config(), String.t(), Hexide.version(), [{:checksum, String.t()} | Hexide.wait_option()]) ::
          binary()
  def tarball!(config, name, version, options \\ []), do: bang!(tarball(config, name, version, options))

  @doc """
  The documentation tarball of a release. No checksum of it is recorded anywhere.

      iex> {:error, error} = Hexide.Repo.docs(config(), "greeting", "1.0.0")
      iex> error.code
      :not_found
  """
  @spec docs(Hexide.config(), String.t(), Hexide.version()) :: Hexide.outcome(binary())
  def docs(config, name, version), do: config |> config() |> :hexide_repo.docs(name, version(version)) |> outcome()

  @doc """
  As `docs/3`, but raises.

      iex> docs = Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}])
      iex> Hexide.Docs.publish!(config(), "greeting", "1.0.0", docs)
      iex> Hexide.Repo.docs!(config(), "greeting", "1.0.0") == docs
      true
  """
  @spec docs!(Hexide.config(), String.t(), Hexide.version()) :: binary()
  def docs!(config, name, version), do: bang!(docs(config, name, version))

  @doc """
  The public key that the repository offers, PEM. It says nothing about whom it belongs to: compare its
  `Hexide.Registry.fingerprint/1` with one that you trust.

      iex> Hexide.Repo.public_key(config()) == {:ok, info().public_key}
      true
  """
  @spec public_key(Hexide.config()) :: Hexide.outcome(String.t())
  def public_key(config), do: config |> config() |> :hexide_repo.public_key() |> outcome()

  @doc """
  As `public_key/1`, but raises.

      iex> Hexide.Registry.fingerprint!(Hexide.Repo.public_key!(config())) == info().fingerprint
      true
  """
  @spec public_key!(Hexide.config()) :: String.t()
  def public_key!(config), do: bang!(public_key(config))

  @doc """
  Fetches and verifies many releases at once, `:http_concurrency` of the configuration at a time. The answers stand in
  the order of the items.

  `:to` is `:memory` (the default) or a folder; with `unpack: true` the files instead of the tarballs, in memory or
  each in its folder `NAME-VERSION` of that one. `:progress` and `:timeout` as of `t:Hexide.wait_option/0`.

      iex> {:ok, [fetched, missing]} =
      ...>   Hexide.Repo.fetch_many(config(), [{"greeting", "1.0.0"}, {"nothing", "1.0.0"}], unpack: true)
      iex> {:ok, %Hexide.Repo.Fetched{name: "greeting", files: [_ | _]}} = fetched
      iex> {:error, %Hexide.Error{code: code}} = missing
      iex> code
      :not_found
  """
  @spec fetch_many(Hexide.config(), Enumerable.t(), [
          {:to, :memory | Path.t()} | {:unpack, boolean()} | Hexide.wait_option()
        ]) :: Hexide.outcome([Hexide.outcome(Fetched.t())])
  def fetch_many(config, items, options \\ []) do
    options = options |> options([:to, :unpack, :progress, :timeout]) |> Map.update(:to, :memory, &target/1)
    config |> config() |> :hexide_repo.fetch_many(Enum.map(items, &item/1), options) |> outcome([&outcome(&1, Fetched)])
  end

  @doc """
  As `fetch_many/3`, but raises where nothing could be fetched at all; a release that could not be is still an answer.

      iex> [{:ok, fetched}] = Hexide.Repo.fetch_many!(config(), [{"greeting", "1.0.0"}])
      iex> is_binary(fetched.tarball)
      true
  """
  @spec fetch_many!(Hexide.config(), Enumerable.t(), keyword()) :: [Hexide.outcome(Fetched.t())]
  def fetch_many!(config, items, options \\ []), do: bang!(fetch_many(config, items, options))

  defp target(:memory), do: :memory
  defp target(folder), do: {:dir, folder}

  defp item({name, version}), do: {name, version(version)}
  defp item({name, version, checksum}), do: {name, version(version), checksum}
end
