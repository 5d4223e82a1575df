defmodule Hexide.Key do
  @moduledoc "API keys, of a user or (with `:api_organization` in the configuration) of an organization."

  import Hexide.Term, only: [bang!: 1, config: 1, options: 2, outcome: 1, outcome: 2, write: 1]

  @fields [
    name: :term,
    permissions: :term,
    secret: :term,
    authing_key: :term,
    revoke_at: :time,
    last_use: %{used_at: :time},
    url: :term,
    inserted_at: :time,
    updated_at: :time
  ]

  @derive {Inspect, except: [:secret]}
  defstruct Keyword.keys(@fields)

  @typedoc """
  A key.

    * `name` - what it is called
    * `permissions` - maps with `:domain` and `:resource` (`nil` for all of the domain)
    * `secret` - the key itself, only in the answer that makes it; not shown by `inspect/2`
    * `authing_key` - whether this request used it
    * `revoke_at` - when it ends by itself
    * `last_use` - a map with `:ip`, `:used_at` and `:user_agent`
    * `url` - its address in the API
    * `inserted_at` - when it was made
    * `updated_at` - when it last changed
  """
  @type t :: %__MODULE__{
          name: String.t(),
          permissions: [%{domain: String.t(), resource: String.t() | nil}],
          secret: String.t() | nil,
          authing_key: boolean() | nil,
          revoke_at: Hexide.time() | nil,
          last_use: map() | nil,
          url: String.t() | nil,
          inserted_at: Hexide.time() | nil,
          updated_at: Hexide.time() | nil
        }

  @typedoc """
  What a key may do: `:api`, `{:api, :read}`, `{:package, "hexpm/hexide"}`, `{:repository, "acme"}`, `:repositories`,
  or a map with `:domain` and `:resource`.
  """
  @type permission ::
          atom()
          | String.t()
          | {atom() | String.t(), atom() | String.t() | nil}
          | %{required(:domain) => atom() | String.t(), optional(:resource) => atom() | String.t() | nil}

  @doc false
  def fields, do: @fields

  @doc """
  All keys that are not revoked.

      iex> {:ok, [key]} = Hexide.Key.list(config())
      iex> {key.authing_key, key.secret}
      {true, nil}
  """
  @spec list(Hexide.config()) :: Hexide.outcome([t()])
  def list(config), do: config |> config() |> :hexide_key.list() |> outcome([__MODULE__])

  @doc """
  As `list/1`, but raises.

      iex> length(Hexide.Key.list!(config()))
      1
  """
  @spec list!(Hexide.config()) :: [t()]
  def list!(config), do: bang!(list(config))

  @doc """
  One key.

      iex> {:error, error} = Hexide.Key.get(config(), "ci")
      iex> error.code
      :not_found
  """
  @spec get(Hexide.config(), String.t()) :: Hexide.outcome(t())
  def get(config, name), do: config |> config() |> :hexide_key.get(name) |> outcome(__MODULE__)

  @doc """
  As `get/2`, but raises.

      iex> Hexide.Key.add!(config(), "ci", [:api])
      iex> Hexide.Key.get!(config(), "ci").permissions
      [%{domain: "api", resource: nil}]
  """
  @spec get!(Hexide.config(), String.t()) :: t()
  def get!(config, name), do: bang!(get(config, name))

  @doc """
  Makes a key. Without permissions it may do everything the API offers. The registry gives a name that is taken a
  suffix, so read `name` in the answer. `:revoke_at` is a `DateTime` or an RFC 3339 text.

      iex> {:ok, key} = Hexide.Key.add(config(), "ci", [{:api, :read}], revoke_at: ~U[2100-01-01 00:00:00Z])
      iex> {key.name, key.permissions, key.revoke_at.year, is_binary(key.secret)}
      {"ci", [%{domain: "api", resource: "read"}], 2100, true}
      iex> inspect(key) =~ key.secret
      false
  """
  @spec add(Hexide.config(), String.t(), [permission()], revoke_at: Hexide.time() | nil) :: Hexide.outcome(t())
  def add(config, name, permissions \\ [], options \\ []) do
    permissions = Enum.map(permissions, &permission/1)
    config |> config() |> :hexide_key.add(name, permissions, options(options, [:revoke_at])) |> outcome(__MODULE__)
  end

  @doc """
  As `add/4`, but raises.

      iex> secret = Hexide.Key.add!(config(), "ci").secret
      iex> Hexide.User.me!(%{config() | api_key: secret}).username
      "alice"
  """
  @spec add!(Hexide.config(), String.t(), [permission()], revoke_at: Hexide.time() | nil) :: t()
  def add!(config, name, permissions \\ [], options \\ []), do: bang!(add(config, name, permissions, options))

  defp permission({domain, resource}), do: %{domain: domain, resource: write(resource)}
  defp permission(%{domain: domain} = given), do: permission({domain, given[:resource]})
  defp permission(domain), do: permission({domain, nil})

  @doc """
  Revokes a key.

      iex> Hexide.Key.add!(config(), "ci")
      iex> Hexide.Key.remove(config(), "ci")
      :ok
  """
  @spec remove(Hexide.config(), String.t()) :: Hexide.outcome()
  def remove(config, name), do: config |> config() |> :hexide_key.remove(name) |> outcome()

  @doc """
  As `remove/2`, but raises.

      iex> Hexide.Key.add!(config(), "ci")
      iex> Hexide.Key.remove!(config(), "ci")
      :ok
  """
  @spec remove!(Hexide.config(), String.t()) :: :ok
  def remove!(config, name), do: bang!(remove(config, name))

  @doc """
  Revokes every key, the one in use included.

      iex> Hexide.Key.remove_all(config())
      :ok
      iex> {:error, error} = Hexide.Key.list(config())
      iex> error.code
      :unauthorized
  """
  @spec remove_all(Hexide.config()) :: Hexide.outcome()
  def remove_all(config), do: config |> config() |> :hexide_key.remove_all() |> outcome()

  @doc """
  As `remove_all/1`, but raises.

      iex> Hexide.Key.remove_all!(config())
      :ok
  """
  @spec remove_all!(Hexide.config()) :: :ok
  def remove_all!(config), do: bang!(remove_all(config))
end
