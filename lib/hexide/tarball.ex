defmodule Hexide.Tarball do
  @moduledoc """
  Package and documentation tarballs, made and taken apart without a network.

  A package tarball made here is byte-identical to the one that hex_core makes from the same metadata and the same files
  in sorted order.
  """

  import Hexide.Term, only: [bang!: 1, options: 2, outcome: 1, outcome: 2, write: 1]

  alias Hexide.Tarball.Contents

  @package_limits [:tarball_max_size, :tarball_max_uncompressed_size, :timeout]
  @docs_limits [:docs_tarball_max_size, :docs_tarball_max_uncompressed_size, :timeout]

  @fields [content: :term, inner_checksum: :term, outer_checksum: :term]

  @derive {Inspect, except: [:content]}
  defstruct Keyword.keys(@fields)

  @typedoc """
  A package tarball. Checksums are lower-case hexadecimal SHA-256.

    * `content` - its bytes
    * `inner_checksum` - over its parts
    * `outer_checksum` - over its bytes; lock files and the registry carry this one
  """
  @type t :: %__MODULE__{content: binary(), inner_checksum: String.t(), outer_checksum: String.t()}

  @typedoc """
  What a package says about itself: `:name`, `:version`, `:app`, `:description`, `:licenses`, `:links`, `:files`,
  `:requirements`, `:build_tools`, `:elixir` and `:extra`; keys may be text. What is `nil` is left out.
  """
  @type metadata :: %{optional(atom() | String.t()) => term()} | keyword()

  @typedoc """
  A path inside the package, and its content (mode `0o644` where none is given), or the file, empty folder or symbolic
  link on disk that it is made of.
  """
  @type file ::
          {Path.t(), binary()} | {Path.t(), binary(), non_neg_integer()} | {Path.t(), {:disk, Path.t()}}

  @typedoc "A file that was unpacked, with its mode."
  @type unpacked_file :: {String.t(), binary() | :directory | {:symlink, String.t()}, non_neg_integer()}

  @typedoc "Where to unpack: to memory, or into a folder that is new or empty."
  @type target :: :memory | Path.t()

  @typedoc """
  Limits in bytes, or `:infinity`, with the defaults of `Hexide.Config`; of documentation those that begin with `docs_`.
  `:timeout` in milliseconds.
  """
  @type option ::
          {:tarball_max_size, non_neg_integer() | :infinity}
          | {:tarball_max_uncompressed_size, non_neg_integer() | :infinity}
          | {:docs_tarball_max_size, non_neg_integer() | :infinity}
          | {:docs_tarball_max_uncompressed_size, non_neg_integer() | :infinity}
          | {:timeout, timeout()}

  @doc false
  def fields, do: @fields

  @doc """
  Makes a package tarball. Files are sorted by path.

      iex> metadata = [name: "tiny", version: Version.parse!("1.0.0"), app: "tiny", files: ["lib/tiny.ex"]]
      iex> {:ok, tarball} = Hexide.Tarball.create(metadata, [{"lib/tiny.ex", "defmodule Tiny, do: nil"}])
      iex> String.length(tarball.outer_checksum)
      64
  """
  @spec create(metadata(), [file()], [option()]) :: Hexide.outcome(t())
  def create(metadata, files, options \\ []) do
    metadata = for {key, value} <- metadata, value != nil, into: %{}, do: {key, write(value)}

    case :hexide_tarball.create(metadata, files, options(options, @package_limits)) do
      {:ok, created} -> outcome({:ok, Map.put(created, :content, created.tarball)}, __MODULE__)
      error -> outcome(error)
    end
  end

  @doc """
  As `create/3`, but raises.

      iex> Hexide.Tarball.create!(%{name: "tiny", version: "1.0.0"}, [{"../escape", ""}])
      ** (Hexide.Error) The path "../escape" contains "..". Use only relative paths inside the package's folder.
  """
  @spec create!(metadata(), [file()], [option()]) :: t()
  def create!(metadata, files, options \\ []), do: bang!(create(metadata, files, options))

  @doc """
  Verifies a package tarball and unpacks it.

      iex> tarball = Hexide.Tarball.create!(%{name: "tiny", version: "1.0.0", app: "tiny", files: ["a"]}, [{"a", "b"}])
      iex> {:ok, contents} = Hexide.Tarball.unpack(tarball, :memory)
      iex> {contents.metadata.name, contents.files}
      {"tiny", [{"a", "b", 0o644}]}
  """
  @spec unpack(t() | binary(), target(), [option()]) :: Hexide.outcome(Contents.t())
  def unpack(tarball, target, options \\ []) do
    tarball |> bytes() |> :hexide_tarball.unpack(target(target), options(options, @package_limits)) |> outcome(Contents)
  end

  @doc """
  As `unpack/3`, but raises.

      iex> Hexide.Tarball.unpack!("no tarball", :memory)
      ** (Hexide.Error) The tar archive is damaged: it is cut short. Build or fetch the tarball again.
  """
  @spec unpack!(t() | binary(), target(), [option()]) :: Contents.t()
  def unpack!(tarball, target, options \\ []), do: bang!(unpack(tarball, target, options))

  @doc """
  Verifies a package tarball and tells what it says about itself, without unpacking it.

      iex> tarball = Hexide.Tarball.create!(%{name: "tiny", version: "1.0.0", app: "tiny", files: ["a"]}, [{"a", "b"}])
      iex> {:ok, contents} = Hexide.Tarball.metadata(tarball.content)
      iex> {to_string(contents.metadata.version), contents.files, contents.outer_checksum == tarball.outer_checksum}
      {"1.0.0", nil, true}
  """
  @spec metadata(t() | binary(), [option()]) :: Hexide.outcome(Contents.t())
  def metadata(tarball, options \\ []) do
    tarball |> bytes() |> :hexide_tarball.metadata(options(options, @package_limits)) |> outcome(Contents)
  end

  @doc """
  As `metadata/2`, but raises.

      iex> tarball = Hexide.Tarball.create!(%{name: "tiny", version: "1.0.0", app: "tiny", files: ["a"]}, [{"a", "b"}])
      iex> Hexide.Tarball.metadata!(tarball).metadata.files
      ["a"]
  """
  @spec metadata!(t() | binary(), [option()]) :: Contents.t()
  def metadata!(tarball, options \\ []), do: bang!(metadata(tarball, options))

  @doc """
  Makes a documentation tarball: its bytes. There must be an `index.html` at its top.

      iex> {:ok, docs} = Hexide.Tarball.create_docs([{"index.html", "<h1>Welcome</h1>"}])
      iex> is_binary(docs)
      true
  """
  @spec create_docs([file()], [option()]) :: Hexide.outcome(binary())
  def create_docs(files, options \\ []) do
    files |> :hexide_tarball.create_docs(options(options, @docs_limits)) |> outcome(:term)
  end

  @doc """
  As `create_docs/2`, but raises.

      iex> is_binary(Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}]))
      true
  """
  @spec create_docs!([file()], [option()]) :: binary()
  def create_docs!(files, options \\ []), do: bang!(create_docs(files, options))

  @doc """
  Unpacks a documentation tarball: `:ok` for a folder, the files for memory.

      iex> docs = Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}])
      iex> Hexide.Tarball.unpack_docs(docs, :memory)
      {:ok, [{"index.html", "<h1>Welcome</h1>", 0o644}]}
  """
  @spec unpack_docs(binary(), target(), [option()]) :: Hexide.outcome() | Hexide.outcome([unpacked_file()])
  def unpack_docs(tarball, target, options \\ []) do
    tarball |> :hexide_tarball.unpack_docs(target(target), options(options, @docs_limits)) |> outcome(:term)
  end

  @doc """
  As `unpack_docs/3`, but raises.

      iex> docs = Hexide.Tarball.create_docs!([{"index.html", "<h1>Welcome</h1>"}])
      iex> length(Hexide.Tarball.unpack_docs!(docs, :memory))
      1
  """
  @spec unpack_docs!(binary(), target(), [option()]) :: :ok | [unpacked_file()]
  def unpack_docs!(tarball, target, options \\ []), do: bang!(unpack_docs(tarball, target, options))

  defp bytes(%__MODULE__{content: bytes}), do: bytes
  defp bytes(bytes), do: bytes

  defp target(:memory), do: :memory
  defp target(folder), do: {:dir, folder}
end
