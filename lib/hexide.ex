defmodule Hexide do
  @moduledoc """
  Every Hex operation, from Elixir.

  One module a noun: `Hexide.Package`, `Hexide.Release`, `Hexide.Docs`, `Hexide.Owner`, `Hexide.Key`, `Hexide.User` and
  `Hexide.Organization` speak with a registry's API, `Hexide.Repo` with its signed index, `Hexide.Auth` signs in.
  `Hexide.Tarball`, `Hexide.Registry` and `Hexide.Version` need no network. `Hexide.Config` holds the settings,
  `Hexide.Server` is a registry inside the node (and one line makes it one for a test), `Hexide.Telemetry` tells of each
  request.

  Every function blocks the process that calls it and no scheduler. When the caller dies, its request is closed.

  ## Configuration

  What speaks with a registry takes a configuration first: a `Hexide.Config`, or a keyword list of the settings that
  differ from the defaults. Without `:api_url` and `:repo_url` it is hex.pm that is spoken with.

      {:ok, packages} = Hexide.Package.search([], "json")

  ## Answers

  `{:ok, value}` (or `:ok`) and `{:error, %Hexide.Error{}}`. Each function has a variant with `!` that gives the value
  itself and raises the error. What a registry does not say is `nil`, versions are `Version` structs, times `DateTime`
  structs; where a registry sends what is none of these, the text stays as it came.
  """

  @typedoc "A configuration, or the settings of it that differ from the defaults."
  @type config :: Hexide.Config.t() | keyword() | %{optional(atom()) => term()}

  @typedoc "A version; the text only where a registry gives what is no Semantic Version."
  @type version :: Version.t() | String.t()

  @typedoc "A time; the text only where a registry gives what is no RFC 3339 time."
  @type time :: DateTime.t() | String.t()

  @typedoc "The outcome of what has no result."
  @type outcome :: :ok | {:error, Hexide.Error.t()}

  @typedoc "The outcome of what has a result."
  @type outcome(value) :: {:ok, value} | {:error, Hexide.Error.t()}

  @typedoc """
  How far an operation is: `done` of `total` (`nil` while it is unknown) of this phase: bytes of an `"upload"` or a
  `"download"`, items of a `"fetch"`, seconds of an `"approval"`; and which `item`.
  """
  @type progress :: %{
          phase: String.t(),
          done: non_neg_integer(),
          total: non_neg_integer() | nil,
          item: String.t() | nil
        }

  @typedoc "`:progress` is called in the waiting process; `:timeout` (milliseconds) bounds the whole wait."
  @type wait_option :: {:progress, (progress() -> term())} | {:timeout, timeout()}
end
