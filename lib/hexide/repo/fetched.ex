defmodule Hexide.Repo.Fetched do
  @moduledoc "One of many releases that were fetched."

  @fields [name: :term, version: :version, outer_checksum: :term, tarball: :term, path: :term, files: :term]

  @derive {Inspect, except: [:tarball, :files]}
  defstruct Keyword.keys(@fields)

  @typedoc """
  A release that was fetched and verified.

    * `name` - of the package
    * `version` - of the release
    * `outer_checksum` - lower-case hexadecimal
    * `tarball` - its bytes, where it was fetched to memory
    * `path` - where it was written or unpacked to
    * `files` - its files, where they were unpacked to memory
  """
  @type t :: %__MODULE__{
          name: String.t(),
          version: Hexide.version(),
          outer_checksum: String.t(),
          tarball: binary() | nil,
          path: String.t() | nil,
          files: [Hexide.Tarball.unpacked_file()] | nil
        }

  @doc false
  def fields, do: @fields
end
