defmodule Hexide.Package do
  @moduledoc "Packages: searching and showing them."

  import Hexide.Term, only: [bang!: 1, config: 1, options: 2, outcome: 1, outcome: 2]

  @fields [
    name: :term,
    repository: :term,
    meta: :term,
    releases: [Hexide.Release],
    retirements: {:values, :term},
    latest_version: :version,
    latest_stable_version: :version,
    owners: [Hexide.Owner],
    downloads: :term,
    configs: :term,
    docs_html_url: :term,
    html_url: :term,
    url: :term,
    inserted_at: :time,
    updated_at: :time,
    security_advisories: :term
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A package.

    * `name` - what it is called
    * `repository` - the repository it is in, `"hexpm"` for what is public
    * `meta` - what its latest release says of it: a map with `:description`, `:licenses`, `:links` and others
    * `releases` - newest first, each with its `version`, `url`, `has_docs` and `inserted_at`
    * `retirements` - `:reason` and `:message` by version, which is a text here
    * `latest_version` - the newest release
    * `latest_stable_version` - the newest that is no pre-release
    * `owners` - only where one package was asked for
    * `downloads` - how many, by period
    * `configs` - the line to add to `"mix.exs"`, `"rebar.config"` and `"erlang.mk"`
    * `docs_html_url` - where its documentation can be read
    * `html_url` - its page for people
    * `url` - its address in the API
    * `inserted_at` - when it was first published
    * `updated_at` - when it last changed
    * `security_advisories` - a list of maps; only where one package was asked for
  """
  @type t :: %__MODULE__{
          name: String.t(),
          repository: String.t() | nil,
          meta: map(),
          releases: [Hexide.Release.t()],
          retirements: %{String.t() => %{reason: String.t(), message: String.t() | nil}},
          latest_version: Hexide.version() | nil,
          latest_stable_version: Hexide.version() | nil,
          owners: [Hexide.Owner.t()] | nil,
          downloads: %{String.t() => non_neg_integer()} | nil,
          configs: %{String.t() => String.t()},
          docs_html_url: String.t() | nil,
          html_url: String.t() | nil,
          url: String.t(),
          inserted_at: Hexide.time(),
          updated_at: Hexide.time(),
          security_advisories: [map()] | nil
        }

  @typedoc """
  How to search: `:sort` (`:name`, `:recent_downloads`, `:total_downloads`, `:inserted_at` or `:updated_at`), `:page`
  and `:per_page` (at most 100) for one page, `:all` to read every page, up to `:limit` packages, `:timeout` in
  milliseconds for each page.
  """
  @type search_option ::
          {:sort, atom() | String.t()}
          | {:page, pos_integer()}
          | {:per_page, 1..100}
          | {:all, boolean()}
          | {:limit, pos_integer()}
          | {:timeout, timeout()}

  @doc false
  def fields, do: @fields

  @doc """
  Packages that match a query, which `name:`, `description:`, `depends:`, `build_tool:`, `updated_after:` and `extra:`
  narrow. Needs no credentials.

      iex> {:ok, [package]} = Hexide.Package.search(config(), "greet")
      iex> {package.name, to_string(package.latest_version)}
      {"greeting", "1.1.0"}
  """
  @spec search(Hexide.config(), String.t(), [search_option()]) :: Hexide.outcome([t()])
  def search(config, query, options \\ []) do
    options = options(options, [:sort, :page, :per_page, :all, :limit, :timeout])
    config |> config() |> :hexide_package.search(query, options) |> outcome([__MODULE__])
  end

  @doc """
  As `search/3`, but raises.

      iex> Hexide.Package.search!(config(), "nothing of that name")
      []
  """
  @spec search!(Hexide.config(), String.t(), [search_option()]) :: [t()]
  def search!(config, query, options \\ []), do: bang!(search(config, query, options))

  @doc """
  The packages that match a query as a stream, read a page at a time when they are asked for. Raises `Hexide.Error`
  where a page cannot be read. `:sort` and `:timeout` as of `search/3`; `:per_page` is 100 by default.

      iex> config() |> Hexide.Package.stream("greet", per_page: 1) |> Enum.map(& &1.name)
      ["greeting"]
  """
  @spec stream(Hexide.config(), String.t(), [search_option()]) :: Enumerable.t()
  def stream(config, query, options \\ []) do
    options = Keyword.validate!(options, [:sort, :timeout, per_page: 100])

    Stream.resource(
      fn -> 1 end,
      fn
        :end ->
          {:halt, :end}

        page ->
          packages = search!(config, query, [page: page] ++ options)
          {packages, if(length(packages) < options[:per_page], do: :end, else: page + 1)}
      end,
      fn _ -> :ok end
    )
  end

  @doc """
  One package with its releases and owners.

      iex> {:ok, package} = Hexide.Package.get(config(), "greeting")
      iex> Enum.map(package.releases, &to_string(&1.version))
      ["1.1.0", "1.0.0"]
      iex> {:error, %Hexide.Error{code: code}} = Hexide.Package.get(config(), "nothing")
      iex> code
      :not_found
  """
  @spec get(Hexide.config(), String.t()) :: Hexide.outcome(t())
  def get(config, name), do: config |> config() |> :hexide_package.get(name) |> outcome(__MODULE__)

  @doc """
  As `get/2`, but raises.

      iex> [%Hexide.Owner{username: "alice"}] = Hexide.Package.get!(config(), "greeting").owners
      iex> :ok
      :ok
  """
  @spec get!(Hexide.config(), String.t()) :: t()
  def get!(config, name), do: bang!(get(config, name))

  @doc """
  What was done to a package, newest first, as the server tells it.

      iex> {:ok, [latest | _]} = Hexide.Package.audit_log(config(), "greeting")
      iex> latest.action
      "release.publish"
  """
  @spec audit_log(Hexide.config(), String.t()) :: Hexide.outcome([map()])
  def audit_log(config, name), do: config |> config() |> :hexide_package.audit_log(name) |> outcome()

  @doc """
  As `audit_log/2`, but raises.

      iex> length(Hexide.Package.audit_log!(config(), "greeting"))
      2
  """
  @spec audit_log!(Hexide.config(), String.t()) :: [map()]
  def audit_log!(config, name), do: bang!(audit_log(config, name))
end
