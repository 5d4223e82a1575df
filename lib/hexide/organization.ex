defmodule Hexide.Organization do
  @moduledoc """
  Organizations and their members. Keys of an organization are made by `Hexide.Key` with `:api_organization` in the
  configuration.
  """

  import Hexide.Term, only: [bang!: 1, config: 1, outcome: 1, outcome: 2]

  alias Hexide.Organization.Member

  @fields [name: :term, billing_active: :term, seats: :term, inserted_at: :time, updated_at: :time]

  defstruct Keyword.keys(@fields)

  @typedoc """
  An organization.

    * `name` - also that of its repository
    * `billing_active` - whether it is paid for
    * `seats` - how many members it may have, `nil` in listings
    * `inserted_at` - when it was made
    * `updated_at` - when it last changed
  """
  @type t :: %__MODULE__{
          name: String.t(),
          billing_active: boolean() | nil,
          seats: non_neg_integer() | nil,
          inserted_at: Hexide.time() | nil,
          updated_at: Hexide.time() | nil
        }

  @typedoc "What a member may do: everything, publish and fetch, or fetch."
  @type role :: :admin | :write | :read | String.t()

  @doc false
  def fields, do: @fields

  @doc """
  All organizations that one is a member of.

      iex> {:ok, [organization]} = Hexide.Organization.list(config())
      iex> organization.name
      "acme"
  """
  @spec list(Hexide.config()) :: Hexide.outcome([t()])
  def list(config), do: config |> config() |> :hexide_org.list() |> outcome([__MODULE__])

  @doc """
  As `list/1`, but raises.

      iex> length(Hexide.Organization.list!(config()))
      1
  """
  @spec list!(Hexide.config()) :: [t()]
  def list!(config), do: bang!(list(config))

  @doc """
  One organization; `:not_found` also where one is no member.

      iex> {:ok, organization} = Hexide.Organization.get(config(), "acme")
      iex> is_integer(organization.seats)
      true
  """
  @spec get(Hexide.config(), String.t()) :: Hexide.outcome(t())
  def get(config, name), do: config |> config() |> :hexide_org.get(name) |> outcome(__MODULE__)

  @doc """
  As `get/2`, but raises.

      iex> Hexide.Organization.get!(config(), "acme").billing_active
      true
  """
  @spec get!(Hexide.config(), String.t()) :: t()
  def get!(config, name), do: bang!(get(config, name))

  @doc """
  Changes how many members an organization may have, and so what it costs.

      iex> {:ok, organization} = Hexide.Organization.update(config(), "acme", seats: 7)
      iex> organization.seats
      7
  """
  @spec update(Hexide.config(), String.t(), seats: non_neg_integer()) :: Hexide.outcome(t())
  def update(config, name, changes) do
    seats = changes |> Keyword.validate!([:seats]) |> Keyword.fetch!(:seats)
    config |> config() |> :hexide_org.update(name, %{seats: seats}) |> outcome(__MODULE__)
  end

  @doc """
  As `update/3`, but raises.

      iex> Hexide.Organization.update!(config(), "acme", seats: 5).seats
      5
  """
  @spec update!(Hexide.config(), String.t(), seats: non_neg_integer()) :: t()
  def update!(config, name, changes), do: bang!(update(config, name, changes))

  @doc """
  All members.

      iex> {:ok, [member]} = Hexide.Organization.members(config(), "acme")
      iex> {member.username, member.role}
      {"alice", "admin"}
  """
  @spec members(Hexide.config(), String.t()) :: Hexide.outcome([Member.t()])
  def members(config, name), do: config |> config() |> :hexide_org.members(name) |> outcome([Member])

  @doc """
  As `members/2`, but raises.

      iex> length(Hexide.Organization.members!(config(), "acme"))
      1
  """
  @spec members!(Hexide.config(), String.t()) :: [Member.t()]
  def members!(config, name), do: bang!(members(config, name))

  @doc """
  One member, by username or e-mail address; `:not_found` also where the user is no member.

      iex> {:error, error} = Hexide.Organization.member(config(), "acme", "bob")
      iex> error.code
      :not_found
  """
  @spec member(Hexide.config(), String.t(), String.t()) :: Hexide.outcome(Member.t())
  def member(config, name, user), do: config |> config() |> :hexide_org.member(name, user) |> outcome(Member)

  @doc """
  As `member/3`, but raises.

      iex> Hexide.Organization.member!(config(), "acme", "alice").role
      "admin"
  """
  @spec member!(Hexide.config(), String.t(), String.t()) :: Member.t()
  def member!(config, name, user), do: bang!(member(config, name, user))

  @doc """
  Makes somebody a member; `:invalid` where no seat is left.

      iex> {:ok, member} = Hexide.Organization.add_member(config(), "acme", "bob", :read)
      iex> {member.username, member.role}
      {"bob", "read"}
  """
  @spec add_member(Hexide.config(), String.t(), String.t(), role()) :: Hexide.outcome(Member.t())
  def add_member(config, name, user, role) do
    config |> config() |> :hexide_org.add_member(name, user, role) |> outcome(Member)
  end

  @doc """
  As `add_member/4`, but raises.

      iex> Hexide.Organization.add_member!(config(), "acme", "bob", :write).role
      "write"
  """
  @spec add_member!(Hexide.config(), String.t(), String.t(), role()) :: Member.t()
  def add_member!(config, name, user, role), do: bang!(add_member(config, name, user, role))

  @doc """
  Changes what a member may do.

      iex> Hexide.Organization.add_member!(config(), "acme", "bob", :read)
      iex> {:ok, member} = Hexide.Organization.set_role(config(), "acme", "bob", :admin)
      iex> member.role
      "admin"
  """
  @spec set_role(Hexide.config(), String.t(), String.t(), role()) :: Hexide.outcome(Member.t())
  def set_role(config, name, user, role) do
    config |> config() |> :hexide_org.set_role(name, user, role) |> outcome(Member)
  end

  @doc """
  As `set_role/4`, but raises.

      iex> Hexide.Organization.add_member!(config(), "acme", "bob", :read)
      iex> Hexide.Organization.set_role!(config(), "acme", "bob", :write).role
      "write"
  """
  @spec set_role!(Hexide.config(), String.t(), String.t(), role()) :: Member.t()
  def set_role!(config, name, user, role), do: bang!(set_role(config, name, user, role))

  @doc """
  Removes a member.

      iex> Hexide.Organization.add_member!(config(), "acme", "bob", :read)
      iex> Hexide.Organization.remove_member(config(), "acme", "bob")
      :ok
  """
  @spec remove_member(Hexide.config(), String.t(), String.t()) :: Hexide.outcome()
  def remove_member(config, name, user), do: config |> config() |> :hexide_org.remove_member(name, user) |> outcome()

  @doc """
  As `remove_member/3`, but raises.

      iex> Hexide.Organization.add_member!(config(), "acme", "bob", :read)
      iex> Hexide.Organization.remove_member!(config(), "acme", "bob")
      :ok
  """
  @spec remove_member!(Hexide.config(), String.t(), String.t()) :: :ok
  def remove_member!(config, name, user), do: bang!(remove_member(config, name, user))

  @doc """
  What was done in an organization, newest first, as the server tells it.

      iex> {:ok, entries} = Hexide.Organization.audit_log(config(), "acme")
      iex> List.last(entries).action
      "organization.create"
  """
  @spec audit_log(Hexide.config(), String.t()) :: Hexide.outcome([map()])
  def audit_log(config, name), do: config |> config() |> :hexide_org.audit_log(name) |> outcome()

  @doc """
  As `audit_log/2`, but raises.

      iex> is_list(Hexide.Organization.audit_log!(config(), "acme"))
      true
  """
  @spec audit_log!(Hexide.config(), String.t()) :: [map()]
  def audit_log!(config, name), do: bang!(audit_log(config, name))
end
