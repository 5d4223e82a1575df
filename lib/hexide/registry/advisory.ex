defmodule Hexide.Registry.Advisory do
  @moduledoc "What is known against releases of a package in the index."

  @fields [
    id: :term,
    summary: :term,
    html_url: :term,
    severity: :term,
    cvss_score: :term,
    api_url: :term,
    aliases: :term
  ]

  defstruct Keyword.keys(@fields)

  @typedoc """
  An advisory.

    * `id` - what it is known by
    * `summary` - in one sentence
    * `html_url` - its page for people
    * `severity` - `:none`, `:low`, `:medium`, `:high` or `:critical`
    * `cvss_score` - from 0 to 10
    * `api_url` - its address for programs
    * `aliases` - what else it is known by
  """
  @type t :: %__MODULE__{
          id: String.t(),
          summary: String.t(),
          html_url: String.t(),
          severity: atom() | nil,
          cvss_score: float() | nil,
          api_url: String.t() | nil,
          aliases: [String.t()]
        }

  @doc false
  def fields, do: @fields
end
