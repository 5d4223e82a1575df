defmodule Hexide.Tarball.Contents do
  @moduledoc "What is in a package tarball."

  @fields [
    metadata: %{version: :version},
    metadata_text: :term,
    problems: :term,
    inner_checksum: :term,
    outer_checksum: :term,
    files: :term
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  What is in a package tarball, after it was verified.

    * `metadata` - a map with `:name`, `:version`, `:app`, `:description`, `:licenses`, `:links`, `:files`,
      `:build_tools`, `:requirements` (a list of maps with `:name`, `:app`, `:requirement`, `:optional`,
      `:repository`), `:elixir` and `:extra`
    * `metadata_text` - the same as it stands in the tarball
    * `problems` - what stands against publishing it as a public package: maps with `:field` and `:message`
    * `inner_checksum` - over its parts, lower-case hexadecimal
    * `outer_checksum` - over its bytes
    * `files` - only where they were unpacked to memory
  """
  @type t :: %__MODULE__{
          metadata: map(),
          metadata_text: String.t(),
          problems: [%{field: String.t(), message: String.t()}],
          inner_checksum: String.t(),
          outer_checksum: String.t(),
          files: [Hexide.Tarball.unpacked_file()] | nil
        }

  @doc false
  def fields, do: @fields
end
