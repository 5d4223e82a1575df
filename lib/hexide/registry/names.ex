defmodule Hexide.Registry.Names do
  @moduledoc "The resource `names`: every package of a repository."

  @fields [repository: :term, packages: [%{updated_at: :time}], etag: :term]

  defstruct Keyword.keys(@fields)

  @typedoc """
  Every package.

    * `repository` - whose index it is
    * `packages` - each with its `:name` and when it was changed, `:updated_at`
    * `etag` - to be given when it is asked for again; `nil` where it was not fetched
  """
  @type t :: %__MODULE__{
          repository: String.t(),
          packages: [%{name: String.t(), updated_at: Hexide.time() | nil}],
          etag: String.t() | nil
        }

  @doc false
  def fields, do: @fields
end
