defmodule Hexide.Registry.Package do
  @moduledoc "The resource of one package: its releases, with their checksums and dependencies."

  @fields [
    repository: :term,
    name: :term,
    releases: [Hexide.Registry.Release],
    advisories: [Hexide.Registry.Advisory],
    etag: :term
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A package in the index.

    * `repository` - whose index it is
    * `name` - of the package
    * `releases` - oldest first
    * `advisories` - what is known against releases of it, which refer to them by their places in this list
    * `etag` - to be given when it is asked for again; `nil` where it was not fetched
  """
  @type t :: %__MODULE__{
          repository: String.t(),
          name: String.t(),
          releases: [Hexide.Registry.Release.t()],
          advisories: [Hexide.Registry.Advisory.t()],
          etag: String.t() | nil
        }

  @doc false
  def fields, do: @fields
end
