defmodule Hexide.Server.Trial do
  @moduledoc "A throw-away registry for tests, of `Hexide.Server.start_supervised!/1`."

  @derive {Inspect, except: [:key]}
  defstruct [:server, :info, :user, :key, :config]

  @typedoc """
  A throw-away registry.

    * `server` - its process, for the functions of `Hexide.Server`
    * `info` - where it is, and its public key
    * `user` - who is registered
    * `key` - an API key that may do everything
    * `config` - what the functions of the library take, to act as that user
  """
  @type t :: %__MODULE__{
          server: pid(),
          info: Hexide.Server.Info.t(),
          user: String.t(),
          key: String.t(),
          config: Hexide.Config.t()
        }

  @doc false
  def from_erlang(%{server: server, info: info, user: user, key: key, config: config}) do
    %__MODULE__{
      server: server,
      info: Hexide.Term.read(info, Hexide.Server.Info),
      user: user,
      key: key,
      config: Hexide.Config.new!(config)
    }
  end
end
