defmodule Hexide.Registry.Policy do
  @moduledoc "A dependency policy of an organization."

  @fields [repository: :term, name: :term, description: :term, visibility: :term, repositories: :term, etag: :term]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A policy.

    * `repository` - whose it is
    * `name` - what it is called
    * `description` - what it is for
    * `visibility` - `:private` or `:public`
    * `repositories` - what holds for packages of each: maps with `:repository`, `:restriction` and `:overrides`
    * `etag` - to be given when it is asked for again; `nil` where it was not fetched
  """
  @type t :: %__MODULE__{
          repository: String.t(),
          name: String.t(),
          description: String.t() | nil,
          visibility: :private | :public | nil,
          repositories: [map()],
          etag: String.t() | nil
        }

  @doc false
  def fields, do: @fields
end
