defmodule Hexide.Config do
  @keys :hexide_config.keys()
  @secret for(%{key: key, type: type} <- @keys, type in [:secret, :proxy], do: key)
  @addresses for(%{key: key, type: :url} <- @keys, do: key)

  @moduledoc """
  The settings of a client.

      iex> config = Hexide.Config.new!(api_url: "https://hex.example.com/api", api_key: "not to be seen")
      iex> inspect(config)
      ~s(#Hexide.Config<api_key: hidden, api_url: "https://hex.example.com/api">)

  A secret is kept as a function without arguments, and may be given as one. `reveal/1` gives its text. Inspecting shows
  what differs from the defaults, and no secret.
  """

  defstruct Enum.map(@keys, & &1.key) ++ [sources: %{}]

  @typedoc """
  All settings.

  #{for %{key: key, help: help, default: default} <- @keys do
    given = if default in [:undefined, nil], do: "", else: " (`#{inspect(default)}`)"
    "  * `#{key}` - #{help}#{given}\n"
  end}  * `sources` - where each setting comes from, of `resolve/1`
  """
  @type t :: %__MODULE__{
          unquote_splicing(Enum.map(@keys, &{&1.key, quote(do: term())})),
          sources: %{optional(atom()) => source()}
        }

  @typedoc "Where a setting comes from."
  @type source :: :option | :environment | :project | :user | :default

  @typedoc "What is known of a setting: the variables it is read from, its default, its type, one line of help."
  @type key :: %{
          key: atom(),
          environment: [String.t()],
          default: term(),
          type: atom() | {:one_of, [atom()]},
          secret: boolean(),
          help: String.t()
        }

  alias Hexide.Term

  @doc """
  A configuration of these settings, with the defaults for the rest.

      iex> {:ok, config} = Hexide.Config.new(timeout: 5_000)
      iex> {config.timeout, config.repo_name}
      {5000, "hexpm"}
      iex> {:error, error} = Hexide.Config.new(api_ulr: "https://hex.example.com/api")
      iex> error.details.message
      "unknown configuration key `api_ulr`; did you mean `api_url`?"
  """
  @spec new(Hexide.config()) :: Hexide.outcome(t())
  def new(settings \\ []) do
    case :hexide_config.complete(Term.config(settings)) do
      {:ok, config} -> {:ok, from_erlang(config)}
      {:error, _} = error -> Term.outcome(error)
    end
  end

  @doc """
  As `new/1`, but raises.

      iex> Hexide.Config.new!(offline: true).offline
      true
  """
  @spec new!(Hexide.config()) :: t()
  def new!(settings \\ []), do: Term.bang!(new(settings))

  @doc """
  One configuration out of all sources: an option wins over the environment, that over the project, that over the user's
  file, that over the default.

  `:options`, `:project`, `:user` and `:defaults` are settings; `:environment` is a map or list of variables, by default
  those of the operating system.

      iex> {:ok, config} =
      ...>   Hexide.Config.resolve(
      ...>     options: [timeout: 1_000],
      ...>     environment: %{"HEX_API_URL" => "https://hex.example.com/api"}
      ...>   )
      iex> {config.api_url, config.sources.api_url, config.sources.timeout, config.sources.repo_url}
      {"https://hex.example.com/api", :environment, :option, :default}
  """
  @spec resolve(
          options: Hexide.config(),
          environment: Enumerable.t(),
          project: Hexide.config(),
          user: Hexide.config(),
          defaults: Hexide.config()
        ) :: Hexide.outcome(t())
  def resolve(sources \\ []) do
    sources = Keyword.validate!(sources, [:options, :environment, :project, :user, :defaults])

    case :hexide_config.resolve(Map.new(sources, &source/1)) do
      {:ok, %{config: config, sources: from}} -> {:ok, %{from_erlang(config) | sources: from}}
      {:error, _} = error -> Term.outcome(error)
    end
  end

  @doc """
  As `resolve/1`, but raises.

      iex> Hexide.Config.resolve!(environment: []).api_url
      "https://hex.pm/api"
  """
  @spec resolve!(keyword()) :: t()
  def resolve!(sources \\ []), do: Term.bang!(resolve(sources))

  defp source({:environment, variables}) do
    {:environment, for({name, value} <- variables, do: {to_charlist(name), to_charlist(value)})}
  end

  defp source({name, settings}), do: {name, Term.config(settings)}

  @doc """
  All settings that there are.

      iex> Enum.find(Hexide.Config.keys(), &(&1.key == :offline)).environment
      ["HEX_OFFLINE", "REBAR_OFFLINE"]
  """
  @spec keys() :: [key()]
  def keys do
    for key <- @keys, do: %{Term.read(key, :term) | environment: Enum.map(key.environment, &to_string/1)}
  end

  @doc """
  The text of a secret; other values as they are.

      iex> Hexide.Config.reveal(Hexide.Config.new!(api_key: "secret").api_key)
      "secret"
  """
  @spec reveal(term()) :: term()
  def reveal(value), do: Term.read(:hexide_config.reveal(value), :term)

  @doc """
  The map that Erlang functions take.

      iex> %{timeout: 5_000} = Hexide.Config.to_erlang(Hexide.Config.new!(timeout: 5_000))
      iex> :ok
      :ok
  """
  @spec to_erlang(t()) :: :hexide_config.config()
  def to_erlang(%__MODULE__{} = config) do
    for {key, value} <- Map.drop(Map.from_struct(config), [:sources]), value != nil, into: %{}, do: {key, value}
  end

  defp from_erlang(config), do: struct!(__MODULE__, Enum.map(config, fn {key, value} -> {key, absent(value)} end))

  defp absent(:undefined), do: nil
  defp absent(value), do: value

  @doc false
  def shown(%__MODULE__{} = config) do
    for %{key: key, default: default} <- Enum.sort_by(@keys, & &1.key),
        value <- [Map.fetch!(config, key)],
        value not in [nil, default],
        do: {key, shown(key, value)}
  end

  defp shown(key, _) when key in @secret, do: :hidden
  defp shown(key, value) when key in @addresses and is_binary(value), do: without_user(URI.parse(value), value)
  defp shown(_, value), do: value

  # A password in an address is a secret, too.
  defp without_user(%URI{userinfo: nil}, text), do: text
  defp without_user(uri, _), do: to_string(%{uri | userinfo: "hidden", authority: nil})

  defimpl Inspect do
    import Inspect.Algebra

    def inspect(config, options) do
      container_doc("#Hexide.Config<", Hexide.Config.shown(config), ">", options, &field/2, break: :flex)
    end

    defp field({key, :hidden}, _), do: "#{key}: hidden"
    defp field({key, value}, options), do: concat("#{key}: ", to_doc(value, options))
  end
end
