defmodule Hexide.Server.Info do
  @moduledoc "Where a registry is and how to trust it."

  @fields [
    url: :term,
    api_url: :term,
    repo_url: :term,
    docs_url: :term,
    address: :term,
    port: :term,
    data_dir: :term,
    public_key: :term,
    fingerprint: :term,
    repository: :term
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A registry that runs.

    * `url` - its pages for people
    * `api_url` - the base address of the API
    * `repo_url` - the base address of the signed index and the tarballs
    * `docs_url` - the base address of the documentation
    * `address` - what it is bound to
    * `port` - the same
    * `data_dir` - where everything is kept
    * `public_key` - what its index is verified with, PEM
    * `fingerprint` - of that key
    * `repository` - its name in the index
  """
  @type t :: %__MODULE__{
          url: String.t(),
          api_url: String.t(),
          repo_url: String.t(),
          docs_url: String.t(),
          address: String.t(),
          port: :inet.port_number(),
          data_dir: String.t(),
          public_key: String.t(),
          fingerprint: String.t(),
          repository: String.t()
        }

  @doc false
  def fields, do: @fields
end
