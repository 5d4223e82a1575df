defmodule Hexide.Auth.Device do
  @moduledoc "A login by browser that is under way."

  @fields [
    device_code: :term,
    user_code: :term,
    verification_uri: :term,
    verification_uri_complete: :term,
    expires_in: :term,
    interval: :term
  ]

  @derive {Inspect, except: [:device_code]}
  defstruct Keyword.keys(@fields)

  @typedoc """
  A login under way.

    * `device_code` - what the server is asked with, a secret; not shown by `inspect/2`
    * `user_code` - what the user enters on the page
    * `verification_uri` - that page
    * `verification_uri_complete` - the same page with the code filled in
    * `expires_in` - seconds until the code ends
    * `interval` - seconds between two questions
  """
  @type t :: %__MODULE__{
          device_code: String.t(),
          user_code: String.t(),
          verification_uri: String.t(),
          verification_uri_complete: String.t() | nil,
          expires_in: non_neg_integer(),
          interval: non_neg_integer()
        }

  @doc false
  def fields, do: @fields
end
