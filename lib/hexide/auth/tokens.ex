defmodule Hexide.Auth.Tokens do
  @moduledoc "What a login gives."

  @fields [access_token: :term, refresh_token: :term, expires_in: :term, scope: :term, token_type: :term]

  @derive {Inspect, except: [:access_token, :refresh_token]}
  defstruct Keyword.keys(@fields)

  @typedoc """
  Tokens. The first two are not shown by `inspect/2`.

    * `access_token` - what requests carry
    * `refresh_token` - what gets the next tokens, once; `nil` where an API key was exchanged
    * `expires_in` - seconds that the access token is good for
    * `scope` - what it may be used for, separated by blanks
    * `token_type` - `"bearer"`
  """
  @type t :: %__MODULE__{
          access_token: String.t(),
          refresh_token: String.t() | nil,
          expires_in: non_neg_integer(),
          scope: String.t() | nil,
          token_type: String.t() | nil
        }

  @doc false
  def fields, do: @fields
end
