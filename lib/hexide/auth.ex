defmodule Hexide.Auth do
  @moduledoc """
  Logging in: tokens of a user by the device flow of a browser, and of an API key.

  A token is used as `:api_key`: as it is where it is a JSON Web Token, as hex.pm's are, else with `"Bearer "` before
  it, which is right for both. None of these functions stores anything. Tokens and codes go in the bodies of requests,
  to the origin of `:api_url` only. Failures of OAuth carry its own name for them in `details.reason`, such as
  `"expired_token"`.
  """

  import Hexide.Term, only: [bang!: 1, config: 1, options: 2, outcome: 1, outcome: 2, write: 1]

  alias Hexide.Auth.{Device, Tokens}

  @doc """
  Begins a login: show the user the code and the page, then call `device_wait/3`. `:scope`: what the tokens are for,
  separated by blanks, `"api repositories"` by default. `:name`: what the user will see this session called.

      iex> {:ok, device} = Hexide.Auth.device_start(config(), name: "my laptop")
      iex> device.verification_uri =~ info().url
      true
      iex> inspect(device) =~ device.device_code
      false
  """
  @spec device_start(Hexide.config(), scope: String.t(), name: String.t() | nil) :: Hexide.outcome(Device.t())
  def device_start(config, options \\ []) do
    config |> config() |> :hexide_auth.device_start(options(options, [:scope, :name])) |> outcome(Device)
  end

  @doc """
  As `device_start/2`, but raises.

      iex> is_binary(Hexide.Auth.device_start!(config()).user_code)
      true
  """
  @spec device_start!(Hexide.config(), scope: String.t(), name: String.t() | nil) :: Device.t()
  def device_start!(config, options \\ []), do: bang!(device_start(config, options))

  @doc """
  Asks once whether the user approved. `:status` is `"pending"`, `"slow_down"` (wait five seconds more between
  questions) or `"approved"`, and then there are `:tokens`. `:forbidden`: the user refused. `:unauthorized`: the code
  has ended or is unknown.

      iex> Hexide.Auth.device_poll(config(), Hexide.Auth.device_start!(config()))
      {:ok, %{status: "pending", tokens: nil}}
  """
  @spec device_poll(Hexide.config(), Device.t() | String.t()) ::
          Hexide.outcome(%{status: String.t(), tokens: Tokens.t() | nil})
  def device_poll(config, device) do
    config |> config() |> :hexide_auth.device_poll(code(device)) |> outcome(%{tokens: Tokens})
  end

  @doc """
  As `device_poll/2`, but raises.

      iex> Hexide.Auth.device_poll!(config(), Hexide.Auth.device_start!(config())).tokens
      nil
  """
  @spec device_poll!(Hexide.config(), Device.t() | String.t()) :: %{status: String.t(), tokens: Tokens.t() | nil}
  def device_poll!(config, device), do: bang!(device_poll(config, device))

  defp code(%Device{device_code: code}), do: code
  defp code(code), do: code

  @doc """
  Waits until the user has decided or the code has ended, asking as often as the server allows. Failures of the network
  are waited out. `:progress` and `:timeout` as of `t:Hexide.wait_option/0`, in seconds of the code's life. Errors as of
  `device_poll/2`.

      iex> device = Hexide.Auth.device_start!(config())
      iex> Hexide.Server.approve_device!(server(), device.user_code, "alice")
      iex> {:ok, tokens} = Hexide.Auth.device_wait(config(), device)
      iex> inspect(tokens) =~ tokens.access_token
      false
  """
  @spec device_wait(Hexide.config(), Device.t(), [Hexide.wait_option()]) :: Hexide.outcome(Tokens.t())
  def device_wait(config, device, options \\ []) do
    options = options(options, [:progress, :timeout])
    config |> config() |> :hexide_auth.device_wait(write(device), options) |> outcome(Tokens)
  end

  @doc """
  As `device_wait/3`, but raises.

      iex> Hexide.Auth.device_wait!(config(), Hexide.Auth.device_start!(config()), timeout: 10)
      ** (Hexide.Error) The operation took too long. Try again, or allow more time with the `timeout` setting.
  """
  @spec device_wait!(Hexide.config(), Device.t(), [Hexide.wait_option()]) :: Tokens.t()
  def device_wait!(config, device, options \\ []), do: bang!(device_wait(config, device, options))

  @doc """
  Gets new tokens for a refresh token, which is void from then on: use each but once, also across processes. It is asked
  once. `:unauthorized` means that a new login is needed; after `:connect` or `:timeout` the server may have taken the
  token, or not.

      iex> {:error, error} = Hexide.Auth.refresh(config(), "not a token")
      iex> error.code
      :unauthorized
  """
  @spec refresh(Hexide.config(), String.t()) :: Hexide.outcome(Tokens.t())
  def refresh(config, refresh_token), do: config |> config() |> :hexide_auth.refresh(refresh_token) |> outcome(Tokens)

  @doc """
  As `refresh/2`, but raises.

      iex> device = Hexide.Auth.device_start!(config())
      iex> Hexide.Server.approve_device!(server(), device.user_code, "alice")
      iex> tokens = Hexide.Auth.device_wait!(config(), device)
      iex> Hexide.Auth.refresh!(config(), tokens.refresh_token).token_type
      "bearer"
  """
  @spec refresh!(Hexide.config(), String.t()) :: Tokens.t()
  def refresh!(config, refresh_token), do: bang!(refresh(config, refresh_token))

  @doc """
  Ends the session that a token belongs to. A token that the server does not know is no failure.

      iex> Hexide.Auth.revoke(config(), "not a token")
      :ok
  """
  @spec revoke(Hexide.config(), String.t()) :: Hexide.outcome()
  def revoke(config, token), do: config |> config() |> :hexide_auth.revoke(token) |> outcome()

  @doc """
  As `revoke/2`, but raises.

      iex> Hexide.Auth.revoke!(config(), "not a token")
      :ok
  """
  @spec revoke!(Hexide.config(), String.t()) :: :ok
  def revoke!(config, token), do: bang!(revoke(config, token))

  @doc """
  Gets a short-lived token for the API key `:api_key`. The scopes may not exceed what the key may do.

      iex> {:ok, tokens} = Hexide.Auth.exchange(config(), "api:read")
      iex> {tokens.scope, tokens.refresh_token}
      {"api:read", nil}
  """
  @spec exchange(Hexide.config(), String.t()) :: Hexide.outcome(Tokens.t())
  def exchange(config, scope), do: config |> config() |> :hexide_auth.exchange(scope) |> outcome(Tokens)

  @doc """
  As `exchange/2`, but raises.

      iex> token = Hexide.Auth.exchange!(config(), "api:read").access_token
      iex> Hexide.User.me!(%{config() | api_key: "Bearer " <> token}).username
      "alice"
  """
  @spec exchange!(Hexide.config(), String.t()) :: Tokens.t()
  def exchange!(config, scope), do: bang!(exchange(config, scope))

  @doc """
  Whether the credentials reach a thing: a domain such as `:api` or `:repository`, and in it a resource such as `:write`
  or the name of an organization, `nil` for all of it. `:unauthorized` where not. The answer has the `:key` that the
  request carried, with its `:name` and `:owner`, `nil` for other credentials.

      iex> {:ok, access} = Hexide.Auth.test(config(), :api, :write)
      iex> access.key.owner.name
      "alice"
  """
  @spec test(Hexide.config(), atom() | String.t(), atom() | String.t() | nil) :: Hexide.outcome(%{key: map() | nil})
  def test(config, domain, resource \\ nil) do
    config |> config() |> :hexide_auth.test(domain, write(resource)) |> outcome()
  end

  @doc """
  As `test/3`, but raises.

      iex> is_map(Hexide.Auth.test!(config(), :api))
      true
  """
  @spec test!(Hexide.config(), atom() | String.t(), atom() | String.t() | nil) :: %{key: map() | nil}
  def test!(config, domain, resource \\ nil), do: bang!(test(config, domain, resource))
end
