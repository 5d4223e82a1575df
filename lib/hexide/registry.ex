defmodule Hexide.Registry do
  @moduledoc """
  The signed index of a repository, as data.

  A resource travels as gzip of a signed envelope around a payload. `verify/3` opens the envelope and checks the
  signature, `decode/4` reads the payload and checks that it is what was asked for, `read/5` does both in one step;
  `encode/2` and `sign/2` go the other way.

      iex> alias Hexide.Registry
      iex> key = Registry.generate_key!()
      iex> tiny = %{name: "tiny", updated_at: ~U[2026-01-01 00:00:00Z]}
      iex> names = %Registry.Names{repository: "acme", packages: [tiny]}
      iex> signed = :names |> Registry.encode!(names) |> Registry.sign!(key)
      iex> payload = Registry.verify!(signed, Registry.public_key!(key))
      iex> Registry.decode!(:names, payload, {"acme", nil}) == names
      true
  """

  import Hexide.Term, only: [bang!: 1, options: 2, outcome: 1, outcome: 2, write: 1]

  alias Hexide.Registry.{Names, Package, Policy, Versions}

  @typedoc "The kinds of resources."
  @type kind :: :names | :versions | :package | :policy

  @typedoc "A resource of the index."
  @type resource :: Names.t() | Versions.t() | Package.t() | Policy.t()

  @typedoc "`:limit`: most bytes that a resource may inflate to; `:only`, for names and versions: the packages wanted."
  @type read_option :: {:limit, non_neg_integer()} | {:only, [String.t()]}

  @typedoc "What was asked for: the repository, and the name of a package or policy."
  @type origin :: {String.t(), String.t() | nil}

  @doc false
  def type(:names), do: Names
  def type(:versions), do: Versions
  def type(:package), do: Package
  def type(:policy), do: Policy

  @doc """
  The payload of a resource.

      iex> versions = %Hexide.Registry.Versions{repository: "acme", packages: []}
      iex> {:ok, payload} = Hexide.Registry.encode(:versions, versions)
      iex> Hexide.Registry.decode(:versions, payload)
      {:ok, versions}
  """
  @spec encode(kind(), resource()) :: Hexide.outcome(binary())
  def encode(kind, resource), do: kind |> :hexide_registry.encode(unread(resource)) |> outcome()

  @doc """
  As `encode/2`, but raises.

      iex> is_binary(Hexide.Registry.encode!(:names, %Hexide.Registry.Names{repository: "acme", packages: []}))
      true
  """
  @spec encode!(kind(), resource()) :: binary()
  def encode!(kind, resource), do: bang!(encode(kind, resource))

  defp unread(%Versions{} = versions), do: versions |> Versions.to_indexes() |> write()
  defp unread(resource), do: write(resource)

  @doc """
  Reads a verified payload; `:bad_origin` where it is another repository's, package's or policy's. Without an origin
  nobody asks whose it is: only for data of one's own. `:only`, for names and versions: the packages that are wanted.
  All of the payload is checked, but nothing is made of the others.

      iex> payload = Hexide.Registry.encode!(:names, %Hexide.Registry.Names{repository: "acme", packages: []})
      iex> {:error, error} = Hexide.Registry.decode(:names, payload, {"hexpm", nil})
      iex> error.code
      :bad_origin
  """
  @spec decode(kind(), binary(), origin() | nil, only: [String.t()]) :: Hexide.outcome(resource())
  def decode(kind, payload, origin \\ nil, options \\ []) do
    kind |> :hexide_registry.decode(payload, origin(origin), options(options, [:only])) |> outcome(type(kind))
  end

  defp origin(nil), do: :undefined
  defp origin({repository, name}), do: {repository, write(name)}

  @doc """
  As `decode/4`, but raises.

      iex> packages = for name <- ["huge", "tiny"], do: %{name: name, updated_at: nil}
      iex> payload = Hexide.Registry.encode!(:names, %Hexide.Registry.Names{repository: "acme", packages: packages})
      iex> Hexide.Registry.decode!(:names, payload, {"acme", nil}, only: ["tiny", "gone"]).packages
      [%{name: "tiny", updated_at: nil}]
  """
  @spec decode!(kind(), binary(), origin() | nil, only: [String.t()]) :: resource()
  def decode!(kind, payload, origin \\ nil, options \\ []), do: bang!(decode(kind, payload, origin, options))

  @doc """
  Signs a payload with a private key (PEM): ready to serve.

      iex> {:ok, signed} = Hexide.Registry.sign("payload", Hexide.Registry.generate_key!())
      iex> is_binary(signed)
      true
  """
  @spec sign(binary(), String.t()) :: Hexide.outcome(binary())
  def sign(payload, private_key), do: payload |> :hexide_registry.sign(private_key) |> outcome()

  @doc """
  As `sign/2`, but raises.

      iex> is_binary(Hexide.Registry.sign!("payload", Hexide.Registry.generate_key!()))
      true
  """
  @spec sign!(binary(), String.t()) :: binary()
  def sign!(payload, private_key), do: bang!(sign(payload, private_key))

  @doc """
  Verifies a resource with a public key (PEM) and gives its payload. `:limit`: most bytes that it may inflate to.

      iex> key = Hexide.Registry.generate_key!()
      iex> signed = Hexide.Registry.sign!("payload", key)
      iex> Hexide.Registry.verify(signed, Hexide.Registry.public_key!(key))
      {:ok, "payload"}
      iex> another = Hexide.Registry.public_key!(Hexide.Registry.generate_key!())
      iex> {:error, error} = Hexide.Registry.verify(signed, another)
      iex> error.code
      :bad_signature
  """
  @spec verify(binary(), String.t(), limit: non_neg_integer()) :: Hexide.outcome(binary())
  def verify(resource, public_key, options \\ []) do
    resource |> :hexide_registry.verify(public_key, options(options, [:limit])) |> outcome()
  end

  @doc """
  As `verify/3`, but raises.

      iex> key = Hexide.Registry.generate_key!()
      iex> "payload" |> Hexide.Registry.sign!(key) |> Hexide.Registry.verify!(Hexide.Registry.public_key!(key))
      "payload"
  """
  @spec verify!(binary(), String.t(), limit: non_neg_integer()) :: binary()
  def verify!(resource, public_key, options \\ []), do: bang!(verify(resource, public_key, options))

  @doc """
  Verifies a resource with a public key (PEM) and reads its payload, as `verify/3` and `decode/4` do one after the
  other.

      iex> key = Hexide.Registry.generate_key!()
      iex> names = %Hexide.Registry.Names{repository: "acme", packages: [%{name: "tiny", updated_at: nil}]}
      iex> signed = :names |> Hexide.Registry.encode!(names) |> Hexide.Registry.sign!(key)
      iex> Hexide.Registry.read(:names, signed, Hexide.Registry.public_key!(key), {"acme", nil}) == {:ok, names}
      true
      iex> another = Hexide.Registry.public_key!(Hexide.Registry.generate_key!())
      iex> {:error, error} = Hexide.Registry.read(:names, signed, another, {"acme", nil})
      iex> error.code
      :bad_signature
  """
  @spec read(kind(), binary(), String.t(), origin() | nil, [read_option()]) :: Hexide.outcome(resource())
  def read(kind, resource, public_key, origin, options \\ []) do
    options = options(options, [:limit, :only])
    kind |> :hexide_registry.read(resource, public_key, origin(origin), options) |> outcome(type(kind))
  end

  @doc """
  As `read/5`, but raises.

      iex> key = Hexide.Registry.generate_key!()
      iex> packages = for name <- ["huge", "tiny"], do: %{name: name, updated_at: nil}
      iex> names = %Hexide.Registry.Names{repository: "acme", packages: packages}
      iex> signed = :names |> Hexide.Registry.encode!(names) |> Hexide.Registry.sign!(key)
      iex> Hexide.Registry.read!(:names, signed, Hexide.Registry.public_key!(key), nil, only: ["tiny"]).packages
      [%{name: "tiny", updated_at: nil}]
  """
  @spec read!(kind(), binary(), String.t(), origin() | nil, [read_option()]) :: resource()
  def read!(kind, resource, public_key, origin, options \\ []),
    do: bang!(read(kind, resource, public_key, origin, options))

  @doc """
  As `read/5`, for many resources of a kind at once, each with what was asked for. The outcomes come in the order of
  the resources; one that is refused spoils no other.

      iex> key = Hexide.Registry.generate_key!()
      iex> empty = %Hexide.Registry.Package{repository: "acme", name: "tiny", releases: [], advisories: []}
      iex> signed = :package |> Hexide.Registry.encode!(empty) |> Hexide.Registry.sign!(key)
      iex> {:ok, [tiny, other]} =
      ...>   Hexide.Registry.read_many(
      ...>     :package,
      ...>     [{signed, {"acme", "tiny"}}, {signed, {"acme", "other"}}],
      ...>     Hexide.Registry.public_key!(key)
      ...>   )
      iex> tiny == {:ok, empty}
      true
      iex> {:error, %Hexide.Error{code: code}} = other
      iex> code
      :bad_origin
  """
  @spec read_many(kind(), Enumerable.t(), String.t(), [read_option()]) ::
          Hexide.outcome([Hexide.outcome(resource())])
  def read_many(kind, resources, public_key, options \\ []) do
    asked = for {resource, origin} <- resources, do: {resource, origin(origin)}
    options = options(options, [:limit, :only])
    kind |> :hexide_registry.read_many(asked, public_key, options) |> outcome([&outcome(&1, type(kind))])
  end

  @doc """
  As `read_many/4`, but raises where nothing could be read at all; a resource that could not be is still an answer.

      iex> Hexide.Registry.read_many!(:names, [], info().public_key)
      []
  """
  @spec read_many!(kind(), Enumerable.t(), String.t(), [read_option()]) ::
          [Hexide.outcome(resource())]
  def read_many!(kind, resources, public_key, options \\ []),
    do: bang!(read_many(kind, resources, public_key, options))

  @doc """
  A new private key for a registry, PEM.

      iex> {:ok, "-----BEGIN " <> _} = Hexide.Registry.generate_key()
      iex> :ok
      :ok
  """
  @spec generate_key() :: Hexide.outcome(String.t())
  def generate_key, do: outcome(:hexide_registry.generate_key())

  @doc """
  As `generate_key/0`, but raises.

      iex> Hexide.Registry.generate_key!() == Hexide.Registry.generate_key!()
      false
  """
  @spec generate_key!() :: String.t()
  def generate_key!, do: bang!(generate_key())

  @doc """
  The public half of a private key, PEM.

      iex> {:ok, "-----BEGIN PUBLIC KEY-----" <> _} = Hexide.Registry.public_key(Hexide.Registry.generate_key!())
      iex> :ok
      :ok
  """
  @spec public_key(String.t()) :: Hexide.outcome(String.t())
  def public_key(private_key), do: outcome(:hexide_registry.public_key(private_key))

  @doc """
  As `public_key/1`, but raises.

      iex> Hexide.Registry.public_key!(Hexide.Registry.generate_key!()) =~ "PUBLIC KEY"
      true
  """
  @spec public_key!(String.t()) :: String.t()
  def public_key!(private_key), do: bang!(public_key(private_key))

  @doc """
  The fingerprint of a public key (PEM).

      iex> {:ok, "SHA256:" <> _} = Hexide.Registry.fingerprint(info().public_key)
      iex> :ok
      :ok
  """
  @spec fingerprint(String.t()) :: Hexide.outcome(String.t())
  def fingerprint(public_key), do: outcome(:hexide_registry.fingerprint(public_key))

  @doc """
  As `fingerprint/1`, but raises.

      iex> Hexide.Registry.fingerprint!(info().public_key) == info().fingerprint
      true
  """
  @spec fingerprint!(String.t()) :: String.t()
  def fingerprint!(public_key), do: bang!(fingerprint(public_key))
end
