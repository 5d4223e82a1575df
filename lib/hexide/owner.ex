defmodule Hexide.Owner do
  @moduledoc "Owners of packages."

  import Hexide.Term, only: [bang!: 1, config: 1, options: 2, outcome: 1, outcome: 2]

  @fields [
    username: :term,
    email: :term,
    level: :term,
    url: :term,
    full_name: :term,
    handles: :term,
    inserted_at: :time,
    updated_at: :time
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  Somebody who owns a package.

    * `username` - who it is
    * `email` - the public address
    * `level` - `"full"` (may publish and manage owners) or `"maintainer"` (may publish)
    * `url` - the user's address in the API
    * `full_name` - as the user gave it
    * `handles` - names elsewhere, by service
    * `inserted_at` - when the user registered
    * `updated_at` - when the user last changed
  """
  @type t :: %__MODULE__{
          username: String.t(),
          email: String.t() | nil,
          level: String.t() | nil,
          url: String.t() | nil,
          full_name: String.t() | nil,
          handles: map() | nil,
          inserted_at: Hexide.time() | nil,
          updated_at: Hexide.time() | nil
        }

  @doc false
  def fields, do: @fields

  @doc """
  Everybody who owns a package.

      iex> {:ok, [owner]} = Hexide.Owner.list(config(), "greeting")
      iex> {owner.username, owner.level}
      {"alice", "full"}
  """
  @spec list(Hexide.config(), String.t()) :: Hexide.outcome([t()])
  def list(config, package), do: config |> config() |> :hexide_owner.list(package) |> outcome([__MODULE__])

  @doc """
  As `list/2`, but raises.

      iex> Enum.map(Hexide.Owner.list!(config(), "greeting"), & &1.username)
      ["alice"]
  """
  @spec list!(Hexide.config(), String.t()) :: [t()]
  def list!(config, package), do: bang!(list(config, package))

  @doc """
  One owner, by username or e-mail address; `:not_found` where the user is none.

      iex> {:error, error} = Hexide.Owner.get(config(), "greeting", "bob")
      iex> error.code
      :not_found
  """
  @spec get(Hexide.config(), String.t(), String.t()) :: Hexide.outcome(t())
  def get(config, package, user), do: config |> config() |> :hexide_owner.get(package, user) |> outcome(__MODULE__)

  @doc """
  As `get/3`, but raises.

      iex> Hexide.Owner.get!(config(), "greeting", "alice@example.com").username
      "alice"
  """
  @spec get!(Hexide.config(), String.t(), String.t()) :: t()
  def get!(config, package, user), do: bang!(get(config, package, user))

  @doc """
  Makes somebody an owner, or changes their level (`level: :full` by default).

      iex> Hexide.Owner.add(config(), "greeting", "bob", level: :maintainer)
      :ok
      iex> Hexide.Owner.get!(config(), "greeting", "bob").level
      "maintainer"
  """
  @spec add(Hexide.config(), String.t(), String.t(), level: :full | :maintainer) :: Hexide.outcome()
  def add(config, package, user, options \\ []) do
    config |> config() |> :hexide_owner.add(package, user, options(options, [:level])) |> outcome()
  end

  @doc """
  As `add/4`, but raises.

      iex> Hexide.Owner.add!(config(), "greeting", "bob@example.com")
      :ok
  """
  @spec add!(Hexide.config(), String.t(), String.t(), level: :full | :maintainer) :: :ok
  def add!(config, package, user, options \\ []), do: bang!(add(config, package, user, options))

  @doc """
  Takes ownership from somebody. A package keeps at least one owner.

      iex> {:error, error} = Hexide.Owner.remove(config(), "greeting", "alice")
      iex> error.code
      :invalid
  """
  @spec remove(Hexide.config(), String.t(), String.t()) :: Hexide.outcome()
  def remove(config, package, user), do: config |> config() |> :hexide_owner.remove(package, user) |> outcome()

  @doc """
  As `remove/3`, but raises.

      iex> Hexide.Owner.add!(config(), "greeting", "bob")
      iex> Hexide.Owner.remove!(config(), "greeting", "bob")
      :ok
  """
  @spec remove!(Hexide.config(), String.t(), String.t()) :: :ok
  def remove!(config, package, user), do: bang!(remove(config, package, user))

  @doc """
  Makes somebody the only owner.

      iex> Hexide.Owner.transfer(config(), "greeting", "bob")
      :ok
      iex> Enum.map(Hexide.Owner.list!(config(), "greeting"), & &1.username)
      ["bob"]
  """
  @spec transfer(Hexide.config(), String.t(), String.t()) :: Hexide.outcome()
  def transfer(config, package, user), do: config |> config() |> :hexide_owner.transfer(package, user) |> outcome()

  @doc """
  As `transfer/3`, but raises.

      iex> Hexide.Owner.transfer!(config(), "greeting", "bob")
      :ok
  """
  @spec transfer!(Hexide.config(), String.t(), String.t()) :: :ok
  def transfer!(config, package, user), do: bang!(transfer(config, package, user))
end
