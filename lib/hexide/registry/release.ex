defmodule Hexide.Registry.Release do
  @moduledoc "A release in the index."

  @fields [
    version: :version,
    inner_checksum: :term,
    outer_checksum: :term,
    dependencies: [Hexide.Registry.Dependency],
    retired: :term,
    advisory_indexes: :term,
    published_at: :time
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A release in the index. Checksums are lower-case hexadecimal.

    * `version` - which it is
    * `inner_checksum` - over the parts of the tarball
    * `outer_checksum` - over its bytes
    * `dependencies` - what it needs
    * `retired` - a map with `:reason` (`:other`, `:invalid`, `:security`, `:deprecated` or `:renamed`) and `:message`
    * `advisory_indexes` - the places (from 0) of what concerns it in the package's `advisories`
    * `published_at` - when it was published
  """
  @type t :: %__MODULE__{
          version: Hexide.version(),
          inner_checksum: String.t(),
          outer_checksum: String.t() | nil,
          dependencies: [Hexide.Registry.Dependency.t()],
          retired: %{reason: atom(), message: String.t() | nil} | nil,
          advisory_indexes: [non_neg_integer()],
          published_at: Hexide.time() | nil
        }

  @doc false
  def fields, do: @fields
end
