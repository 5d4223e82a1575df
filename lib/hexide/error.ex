defmodule Hexide.Error do
  @moduledoc ~S"""
  What went wrong, as a value and as an exception.

  `Exception.message/1` is one sentence or two: what happened, where, and what to do next.

      iex> {:error, error} = Hexide.Version.bump("1.2", :minor)
      iex> error.code
      :bad_version
      iex> Exception.message(error)
      ~s("1.2" is not a version such as 1.2.3 (unexpected end of input while parsing minor version number\). ) <>
        "Versions have three numbers, such as 1.2.3 or 2.0.0-rc.1."
  """

  @codes ~w(unauthorized forbidden otp_required otp_invalid not_found invalid already_published rate_limited too_large
            bad_signature bad_origin bad_checksum bad_tarball bad_metadata unsafe_path bad_version bad_requirement
            bad_config connect tls timeout protocol server io cancelled busy internal offline)a

  defexception [:code, details: %{}]

  @typedoc """
  A failure.

    * `code` - what kind of failure it is, from a closed list
    * `details` - what is known of it: `:message` (always, a text), and as it applies `:status` (of the HTTP reply),
      `:errors` (the server's field errors as it sent them), `:url`, `:retry_after` (seconds), `:path`, `:key`, `:limit`
      (bytes), `:expected`, `:actual`, `:reason` (which of several causes of one code it is). No secret is among them.
  """
  @type t :: %__MODULE__{code: code(), details: %{optional(atom()) => term()}}

  @typedoc "What kind of failure it is."
  @type code ::
          unquote(
            Enum.reduce(Enum.reverse(@codes), fn code, union ->
              {:|, [], [code, union]}
            end)
          )

  @doc """
  All codes.

      iex> :not_found in Hexide.Error.codes()
      true
  """
  @spec codes() :: [code()]
  def codes, do: @codes

  @doc """
  The error of a failure that an Erlang function returned.

      iex> Hexide.Error.from_erlang({:not_found, %{message: "no such package"}})
      %Hexide.Error{code: :not_found, details: %{message: "no such package"}}
  """
  @spec from_erlang(:hexide_error.reason()) :: t()
  def from_erlang({code, details}), do: %__MODULE__{code: code, details: Hexide.Term.read(details, :term)}

  @doc """
  The same failure as Erlang functions return it.

      iex> Hexide.Error.to_erlang(%Hexide.Error{code: :busy, details: %{message: "too much at once"}})
      {:busy, %{message: "too much at once"}}
  """
  @spec to_erlang(t()) :: :hexide_error.reason()
  def to_erlang(%__MODULE__{code: code, details: details}), do: {code, Hexide.Term.write(details)}

  @impl true
  @doc "What happened, where, and what to do next."
  @spec message(t()) :: String.t()
  def message(%__MODULE__{} = error), do: :hexide_error.format(to_erlang(error))
end
