defmodule Hexide.Registry.Dependency do
  @moduledoc "What a release in the index needs."

  @fields [package: :term, requirement: :term, optional: :term, app: :term, repository: :term]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A dependency.

    * `package` - which package
    * `requirement` - in which versions, such as `"~> 1.2"`
    * `optional` - whether it is only used where something else needs it
    * `app` - the application, where it is called otherwise
    * `repository` - where it is another one's
  """
  @type t :: %__MODULE__{
          package: String.t(),
          requirement: String.t(),
          optional: boolean(),
          app: String.t() | nil,
          repository: String.t() | nil
        }

  @doc false
  def fields, do: @fields
end
