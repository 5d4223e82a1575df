defmodule Hexide.Organization.Member do
  @moduledoc "A member of an organization."

  @fields [
    username: :term,
    role: :term,
    email: :term,
    url: :term,
    full_name: :term,
    handles: :term,
    inserted_at: :time,
    updated_at: :time
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  A member.

    * `username` - who it is
    * `role` - `"admin"`, `"write"` or `"read"`
    * `email` - the public address
    * `url` - the user's address in the API
    * `full_name` - as the user gave it
    * `handles` - names elsewhere, by service
    * `inserted_at` - when the user registered; `nil` in listings
    * `updated_at` - when the user last changed; `nil` in listings
  """
  @type t :: %__MODULE__{
          username: String.t(),
          role: String.t() | nil,
          email: String.t() | nil,
          url: String.t() | nil,
          full_name: String.t() | nil,
          handles: %{String.t() => String.t() | nil},
          inserted_at: Hexide.time() | nil,
          updated_at: Hexide.time() | nil
        }

  @doc false
  def fields, do: @fields
end
