defmodule Hexide.Release do
  @moduledoc "Releases: publishing, showing, reverting and retiring versions of a package."

  import Hexide.Term, only: [bang!: 1, config: 1, options: 2, outcome: 1, outcome: 2, version: 1, write: 1]

  @fields [
    version: :version,
    checksum: :term,
    has_docs: :term,
    meta: :term,
    requirements: :term,
    retirement: :term,
    publisher: :term,
    url: :term,
    html_url: :term,
    package_url: :term,
    docs_html_url: :term,
    downloads: :term,
    configs: :term,
    inserted_at: :time,
    updated_at: :time,
    security_advisories: :term
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A release. In the listing of a package only `version`, `url`, `has_docs` and `inserted_at` are there.

    * `version` - which it is
    * `checksum` - the outer checksum, lower-case hexadecimal
    * `has_docs` - whether there is documentation of it
    * `meta` - a map with `:app`, `:build_tools` and `:elixir`
    * `requirements` - by package name, each with `:requirement`, `:app` and `:optional`
    * `retirement` - a map with `:reason` and `:message` where it is retired
    * `publisher` - a map with `:username`, `:email` and `:url`
    * `url` - its address in the API
    * `html_url` - its page for people
    * `package_url` - the address of its package in the API
    * `docs_html_url` - where its documentation can be read
    * `downloads` - how many, as the server counts them
    * `configs` - the line to add to `"mix.exs"`, `"rebar.config"` and `"erlang.mk"`
    * `inserted_at` - when it was published
    * `updated_at` - when it last changed
    * `security_advisories` - a list of maps, where one release was asked for
  """
  @type t :: %__MODULE__{
          version: Hexide.version(),
          checksum: String.t() | nil,
          has_docs: boolean() | nil,
          meta: map() | nil,
          requirements:
            %{String.t() => %{app: String.t() | nil, optional: boolean(), requirement: String.t() | nil}} | nil,
          retirement: %{reason: String.t(), message: String.t() | nil} | nil,
          publisher: %{username: String.t(), email: String.t() | nil, url: String.t() | nil} | nil,
          url: String.t(),
          html_url: String.t() | nil,
          package_url: String.t() | nil,
          docs_html_url: String.t() | nil,
          downloads: term(),
          configs: %{String.t() => String.t()} | nil,
          inserted_at: Hexide.time() | nil,
          updated_at: Hexide.time() | nil,
          security_advisories: [map()] | nil
        }

  @typedoc "Why a release should not be used any more."
  @type reason :: :other | :invalid | :security | :deprecated | :renamed | String.t()

  @doc false
  def fields, do: @fields

  @doc """
  The same as `Hexide.Tarball.create/3`.

      iex> metadata = %{name: "tiny", version: "1.0.0", app: "tiny", files: ["a"], build_tools: ["mix"]}
      iex> {:ok, %Hexide.Tarball{}} = Hexide.Release.build(metadata, [{"a", "b"}])
      iex> :ok
      :ok
  """
  @spec build(Hexide.Tarball.metadata(), [Hexide.Tarball.file()], [Hexide.Tarball.option()]) ::
          Hexide.outcome(Hexide.Tarball.t())
  def build(metadata, files, options \\ []), do: Hexide.Tarball.create(metadata, files, options)

  @doc """
  As `build/3`, but raises.

      iex> is_binary(Hexide.Release.build!(%{name: "tiny", version: "1.0.0", files: ["a"]}, [{"a", "b"}]).content)
      true
  """
  @spec build!(Hexide.Tarball.metadata(), [Hexide.Tarball.file()], [Hexide.Tarball.option()]) :: Hexide.Tarball.t()
  def build!(metadata, files, options \\ []), do: bang!(build(metadata, files, options))

  @doc """
  Publishes a package tarball: what `build/3` made, or its bytes. A package that is new becomes the caller's.

  With `replace: true` this version is overwritten where the registry still allows it. `:progress` and `:timeout` as of
  `t:Hexide.wait_option/0`.

      iex> tarball = tarball("farewell", "1.0.0")
      iex> {:ok, release} = Hexide.Release.publish(config(), tarball)
      iex> {to_string(release.version), release.checksum == tarball.outer_checksum}
      {"1.0.0", true}
  """
  @spec publish(Hexide.config(), Hexide.Tarball.t() | binary(), [{:replace, boolean()} | Hexide.wait_option()]) ::
          Hexide.outcome(t())
  def publish(config, tarball, options \\ [])
  def publish(config, %Hexide.Tarball{content: bytes}, options), do: publish(config, bytes, options)

  def publish(config, bytes, options) do
    options = options(options, [:replace, :progress, :timeout])
    config |> config() |> :hexide_release.publish(bytes, options) |> outcome(__MODULE__)
  end

  @doc """
  As `publish/3`, but raises.

      iex> Hexide.Release.publish!(config(), tarball("greeting", "1.0.0"), replace: true).checksum
      tarball("greeting", "1.0.0").outer_checksum
  """
  @spec publish!(Hexide.config(), Hexide.Tarball.t() | binary(), [{:replace, boolean()} | Hexide.wait_option()]) :: t()
  def publish!(config, tarball, options \\ []), do: bang!(publish(config, tarball, options))

  @doc """
  One release.

      iex> {:ok, release} = Hexide.Release.get(config(), "greeting", "1.0.0")
      iex> {release.publisher.username, release.retirement, release.inserted_at.time_zone}
      {"alice", nil, "Etc/UTC"}
  """
  @spec get(Hexide.config(), String.t(), Hexide.version()) :: Hexide.outcome(t())
  def get(config, name, version) do
    config |> config() |> :hexide_release.get(name, version(version)) |> outcome(__MODULE__)
  end

  @doc """
  As `get/3`, but raises.

      iex> Hexide.Release.get!(config(), "greeting", Version.parse!("1.1.0")).has_docs
      false
  """
  @spec get!(Hexide.config(), String.t(), Hexide.version()) :: t()
  def get!(config, name, version), do: bang!(get(config, name, version))

  @doc """
  Takes a release back, while the registry still allows it. Reverting the last one removes the package.

      iex> Hexide.Release.revert(config(), "greeting", "1.1.0")
      :ok
  """
  @spec revert(Hexide.config(), String.t(), Hexide.version()) :: Hexide.outcome()
  def revert(config, name, version) do
    config |> config() |> :hexide_release.revert(name, version(version)) |> outcome()
  end

  @doc """
  As `revert/3`, but raises.

      iex> Hexide.Release.revert!(config(), "greeting", "1.1.0")
      :ok
  """
  @spec revert!(Hexide.config(), String.t(), Hexide.version()) :: :ok
  def revert!(config, name, version), do: bang!(revert(config, name, version))

  @doc """
  Marks a release as one not to use any more. It stays available to those who locked it.

      iex> Hexide.Release.retire(config(), "greeting", "1.0.0", :security, "Broken, use 2.0")
      :ok
      iex> Hexide.Release.get!(config(), "greeting", "1.0.0").retirement
      %{reason: "security", message: "Broken, use 2.0"}
  """
  @spec retire(Hexide.config(), String.t(), Hexide.version(), reason(), String.t() | nil) :: Hexide.outcome()
  def retire(config, name, version, reason, message \\ nil) do
    config |> config() |> :hexide_release.retire(name, version(version), reason, write(message)) |> outcome()
  end

  @doc """
  As `retire/5`, but raises.

      iex> Hexide.Release.retire!(config(), "greeting", "1.0.0", :other, "see the changelog")
      :ok
  """
  @spec retire!(Hexide.config(), String.t(), Hexide.version(), reason(), String.t() | nil) :: :ok
  def retire!(config, name, version, reason, message \\ nil), do: bang!(retire(config, name, version, reason, message))

  @doc """
  Takes a retirement back.

      iex> Hexide.Release.unretire(config(), "greeting", "1.0.0")
      :ok
  """
  @spec unretire(Hexide.config(), String.t(), Hexide.version()) :: Hexide.outcome()
  def unretire(config, name, version) do
    config |> config() |> :hexide_release.unretire(name, version(version)) |> outcome()
  end

  @doc """
  As `unretire/3`, but raises.

      iex> Hexide.Release.unretire!(config(), "greeting", "1.0.0")
      :ok
  """
  @spec unretire!(Hexide.config(), String.t(), Hexide.version()) :: :ok
  def unretire!(config, name, version), do: bang!(unretire(config, name, version))

  @doc """
  Retires every release of a package.

      iex> Hexide.Release.retire_all(config(), "greeting", :renamed, "is now called farewell")
      :ok
      iex> Map.keys(Hexide.Package.get!(config(), "greeting").retirements)
      ["1.0.0", "1.1.0"]
  """
  @spec retire_all(Hexide.config(), String.t(), reason(), String.t() | nil) :: Hexide.outcome()
  def retire_all(config, name, reason, message \\ nil) do
    config |> config() |> :hexide_release.retire_all(name, reason, write(message)) |> outcome()
  end

  @doc """
  As `retire_all/4`, but raises.

      iex> Hexide.Release.retire_all!(config(), "greeting", :deprecated, "no longer kept up")
      :ok
  """
  @spec retire_all!(Hexide.config(), String.t(), reason(), String.t() | nil) :: :ok
  def retire_all!(config, name, reason, message \\ nil), do: bang!(retire_all(config, name, reason, message))
end
