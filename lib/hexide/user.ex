defmodule Hexide.User do
  @moduledoc "Users of a registry."

  import Hexide.Term, only: [bang!: 1, config: 1, outcome: 1, outcome: 2]

  @fields [
    username: :term,
    email: :term,
    full_name: :term,
    handles: :term,
    url: :term,
    packages: :term,
    owned_packages: :term,
    organizations: :term,
    inserted_at: :time,
    updated_at: :time
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A user.

    * `username` - what they are called
    * `email` - the public address
    * `full_name` - as the user gave it
    * `handles` - names elsewhere, by service
    * `url` - the address in the API
    * `packages` - what they own: maps with `:name`, `:repository`, `:url` and `:html_url`
    * `owned_packages` - the same, as name to address
    * `organizations` - only of oneself: maps with `:name` and `:role`
    * `inserted_at` - when they registered
    * `updated_at` - when they last changed
  """
  @type t :: %__MODULE__{
          username: String.t(),
          email: String.t() | nil,
          full_name: String.t() | nil,
          handles: map() | nil,
          url: String.t() | nil,
          packages: [map()] | nil,
          owned_packages: %{String.t() => String.t()} | nil,
          organizations: [%{name: String.t(), role: String.t()}] | nil,
          inserted_at: Hexide.time() | nil,
          updated_at: Hexide.time() | nil
        }

  @doc false
  def fields, do: @fields

  @doc """
  Registers a new user. hex.pm then sends a mail with a link that confirms the address.

      iex> {:ok, user} = Hexide.User.register(config(), "carol", "carol@example.com", "correct horse battery")
      iex> user.username
      "carol"
  """
  @spec register(Hexide.config(), String.t(), String.t(), String.t()) :: Hexide.outcome(t())
  def register(config, username, email, password) do
    config |> config() |> :hexide_user.register(username, email, password) |> outcome(__MODULE__)
  end

  @doc """
  As `register/4`, but raises.

      iex> Hexide.User.register!(config(), "dora", "dora@example.com", "correct horse battery").email
      "dora@example.com"
  """
  @spec register!(Hexide.config(), String.t(), String.t(), String.t()) :: t()
  def register!(config, username, email, password), do: bang!(register(config, username, email, password))

  @doc """
  The user whose credentials these are.

      iex> {:ok, user} = Hexide.User.me(config())
      iex> {user.username, Enum.map(user.packages, & &1.name)}
      {"alice", ["greeting"]}
  """
  @spec me(Hexide.config()) :: Hexide.outcome(t())
  def me(config), do: config |> config() |> :hexide_user.me() |> outcome(__MODULE__)

  @doc """
  As `me/1`, but raises.

      iex> Hexide.User.me!(config()).organizations
      [%{name: "acme", role: "admin"}]
  """
  @spec me!(Hexide.config()) :: t()
  def me!(config), do: bang!(me(config))

  @doc """
  A user by username, or by e-mail address where the registry takes one.

      iex> {:ok, user} = Hexide.User.get(config(), "bob")
      iex> user.username
      "bob"
  """
  @spec get(Hexide.config(), String.t()) :: Hexide.outcome(t())
  def get(config, user), do: config |> config() |> :hexide_user.get(user) |> outcome(__MODULE__)

  @doc """
  As `get/2`, but raises.

      iex> Hexide.User.get!(config(), "bob").full_name
      nil
  """
  @spec get!(Hexide.config(), String.t()) :: t()
  def get!(config, user), do: bang!(get(config, user))

  @doc """
  Has the server send a mail with which a user (by username or e-mail address) sets a new password. `:not_found` also
  where the server does not offer it; hex.pm no longer does.

      iex> Hexide.User.reset_password(config(), "bob")
      :ok
  """
  @spec reset_password(Hexide.config(), String.t()) :: Hexide.outcome()
  def reset_password(config, user), do: config |> config() |> :hexide_user.reset_password(user) |> outcome()

  @doc """
  As `reset_password/2`, but raises.

      iex> Hexide.User.reset_password!(config(), "bob")
      :ok
  """
  @spec reset_password!(Hexide.config(), String.t()) :: :ok
  def reset_password!(config, user), do: bang!(reset_password(config, user))

  @doc """
  What was done with one's account, newest first, as the server tells it.

      iex> {:ok, [latest | _]} = Hexide.User.audit_log(config())
      iex> latest.action
      "release.publish"
  """
  @spec audit_log(Hexide.config()) :: Hexide.outcome([map()])
  def audit_log(config), do: config |> config() |> :hexide_user.audit_log() |> outcome()

  @doc """
  As `audit_log/1`, but raises.

      iex> List.last(Hexide.User.audit_log!(config())).action
      "user.create"
  """
  @spec audit_log!(Hexide.config()) :: [map()]
  def audit_log!(config), do: bang!(audit_log(config))
end
