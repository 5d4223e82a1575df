defmodule Hexide.Registry.Versions do
  @moduledoc "The resource `versions`: every version of every package of a repository."

  alias Hexide.Term

  @fields [repository: :term, packages: [&__MODULE__.from_indexes/1], etag: :term]

  defstruct Keyword.keys(@fields)

  @typedoc """
  Every version.

    * `repository` - whose index it is
    * `packages` - each with its `:name`, its `:versions`, those of them that are `:retired`, and those that have an
      advisory, `:with_advisories`
    * `etag` - to be given when it is asked for again; `nil` where it was not fetched
  """
  @type t :: %__MODULE__{repository: String.t(), packages: [package()], etag: String.t() | nil}

  @typedoc "The versions of one package."
  @type package :: %{
          name: String.t(),
          versions: [Hexide.version()],
          retired: [Hexide.version()],
          with_advisories: [Hexide.version()]
        }

  @doc false
  def fields, do: @fields

  # In the index what is said of versions is said of their places.
  @doc false
  def from_indexes(%{name: name, versions: versions, retired: retired, with_advisories: advisories}) do
    versions = Term.read(versions, [:version])
    places = List.to_tuple(versions)
    at = fn indexes -> for index <- indexes, index < tuple_size(places), do: elem(places, index) end
    %{name: name, versions: versions, retired: at.(retired), with_advisories: at.(advisories)}
  end

  @doc false
  def to_indexes(%__MODULE__{packages: packages} = versions) do
    %{versions | packages: Enum.map(packages, &indexed/1)}
  end

  defp indexed(%{versions: versions} = package) do
    places = versions |> Enum.map(&to_string/1) |> Enum.with_index() |> Map.new()
    at = fn key -> for version <- Map.get(package, key, []), do: Map.fetch!(places, to_string(version)) end
    Map.merge(package, %{retired: at.(:retired), with_advisories: at.(:with_advisories)})
  end
end
