defmodule Hexide.Server do
  @moduledoc """
  A Hex-compatible registry, run as a program of the operating system beside the node.

  In a supervision tree:

      children = [{Hexide.Server, data_dir: "/var/lib/registry", port: 4000}]

  In a test, with a user, a key and packages, in one line:

      %{config: config} = Hexide.Server.start_supervised!(packages: [{"dep", "1.0.0"}])
  """

  import Hexide.Term, only: [bang!: 1, options: 2, outcome: 1, outcome: 2, version: 1, write: 1]

  alias Hexide.Server.{Info, Trial}

  @options [
    :data_dir,
    :port,
    :address,
    :repository,
    :public_url,
    :blobs,
    :confirm_email,
    :basic_auth,
    :oauth_interval,
    :oauth_access_lifetime,
    :trusted_proxies,
    :mail
  ]

  @typedoc """
  How to run it.

    * `:data_dir` - where everything is kept; `:temporary` (the default) is removed at the end
    * `:port` - 0 (the default) is any free one
    * `:address` - loopback by default
    * `:repository` - the name in the signed index, `"hexpm"` by default
    * `:public_url` - how others reach it, where that differs
    * `:blobs` - the address of a store of blobs, where files are not to be in the folder
    * `:confirm_email` - demand that addresses are confirmed
    * `:basic_auth` - take passwords, on loopback only
    * `:oauth_interval` - how many seconds a device lets pass between two questions
    * `:oauth_access_lifetime` - how many seconds an access token lasts
    * `:trusted_proxies` - addresses and networks whose `x-forwarded-for` is believed
    * `:mail` - a function that takes what is to reach a person by mail: a map with `:subject` (`:password_reset` or
      `:confirmation`), `:username`, `:to` and `:link`. Each runs in a process of its own; without it the log gets it
  """
  @type option ::
          {:data_dir, :temporary | Path.t()}
          | {:port, :inet.port_number()}
          | {:address, :inet.ip_address() | String.t()}
          | {:repository, String.t()}
          | {:public_url, String.t()}
          | {:blobs, String.t()}
          | {:confirm_email, boolean()}
          | {:basic_auth, boolean()}
          | {:oauth_interval, non_neg_integer()}
          | {:oauth_access_lifetime, pos_integer()}
          | {:trusted_proxies, [String.t()]}
          | {:mail, (map() -> term())}

  @typedoc "A package of a trial: `:metadata` is added to its own, `:files` are in place of its own."
  @type package ::
          {String.t(), Hexide.version()}
          | {String.t(), Hexide.version(), metadata: Hexide.Tarball.metadata(), files: [Hexide.Tarball.file()]}

  @doc """
  For a supervisor.

      iex> Hexide.Server.child_spec(port: 0).id
      Hexide.Server
  """
  @spec child_spec([option()]) :: Supervisor.child_spec()
  def child_spec(options) do
    %{id: __MODULE__, start: {__MODULE__, :start_link, [options]}, shutdown: 10_000}
  end

  @doc """
  Starts a registry; it answers when this returns.

      iex> {:ok, server} = Hexide.Server.start_link(repository: "acme")
      iex> Hexide.Server.info(server).repository
      "acme"
      iex> Hexide.Server.stop(server)
      :ok
  """
  @spec start_link([option()]) :: {:ok, pid()} | {:error, Hexide.Error.t()}
  def start_link(options \\ []), do: options |> options(@options) |> :hexide_server.start_link() |> outcome(:term)

  @doc """
  As `start_link/1`, but raises.

      iex> is_pid(Hexide.Server.start_link!())
      true
  """
  @spec start_link!([option()]) :: pid()
  def start_link!(options \\ []), do: bang!(start_link(options))

  @doc """
  A registry for one test, or (from `setup_all`) for the tests of a module: started under the supervisor of ExUnit and
  stopped when they end, with a user, a key and, if wanted, packages.

  `:user` (`"alice"` by default) is who is registered, with the address `USER@example.com`; `:packages` is what that
  user publishes, in this order; the rest is as `start_link/1` takes it.

      iex> %{config: config, user: "bob"} =
      ...>   Hexide.Server.start_supervised!(user: "bob", packages: [{"base", "1.0.0"}, {"base", "1.1.0"}])
      iex> to_string(Hexide.Package.get!(config, "base").latest_version)
      "1.1.0"
  """
  @spec start_supervised!([{:user, String.t()} | {:packages, [package()]} | option()]) :: Trial.t()
  def start_supervised!(options \\ []) do
    {trial, options} = Keyword.split(options, [:user, :packages])
    # Called by a variable: where the code of tests is not loaded, as in a release, this module compiles all the same.
    callbacks = ExUnit.Callbacks
    server = callbacks.start_supervised!(Supervisor.child_spec({__MODULE__, options}, id: make_ref()))
    bang!(furnish(server, trial))
  end

  @doc """
  Gives a registry that runs already a user and packages, as `start_supervised!/1` does.

      iex> server = Hexide.Server.start_link!()
      iex> {:ok, trial} = Hexide.Server.furnish(server, user: "joe")
      iex> Hexide.User.me!(trial.config).username
      "joe"
  """
  @spec furnish(GenServer.server(), [{:user, String.t()} | {:packages, [package()]}]) :: Hexide.outcome(Trial.t())
  def furnish(server, options \\ []) do
    options = Keyword.validate!(options, user: "alice", packages: [])
    packages = Enum.map(options[:packages], &package/1)
    server |> :hexide_trial.furnish(%{user: options[:user], packages: packages}) |> outcome(&Trial.from_erlang/1)
  end

  @doc """
  As `furnish/2`, but raises.

      iex> Hexide.Server.furnish!(Hexide.Server.start_link!()).user
      "alice"
  """
  @spec furnish!(GenServer.server(), [{:user, String.t()} | {:packages, [package()]}]) :: Trial.t()
  def furnish!(server, options \\ []), do: bang!(furnish(server, options))

  defp package({name, version}), do: {name, version(version)}

  defp package({name, version, options}) do
    options = options |> Keyword.validate!([:metadata, :files]) |> Map.new()
    {name, version(version), Map.replace(options, :metadata, metadata(options[:metadata] || []))}
  end

  # Over the defaults, which have text as keys.
  defp metadata(given), do: Map.new(given, fn {key, value} -> {to_string(key), write(value)} end)

  @doc """
  Where it is and how to trust it.

      iex> Hexide.Server.info(server()).url
      info().url
  """
  @spec info(GenServer.server()) :: Info.t()
  def info(server), do: server |> :hexide_server.info() |> outcome(Info) |> bang!()

  @doc """
  Makes an active user with a key that may do everything. Without a `:password` nobody can sign in as that user; the key
  works all the same.

      iex> {:ok, user} = Hexide.Server.add_user(server(), username: "zoe", email: "zoe@example.com")
      iex> Hexide.User.me!(%{config() | api_key: user.key}).username
      "zoe"
  """
  @spec add_user(GenServer.server(), username: String.t(), email: String.t(), password: String.t()) ::
          Hexide.outcome(%{username: String.t(), key: String.t()})
  def add_user(server, user) do
    server |> :hexide_server.add_user(options(user, [:username, :email, :password])) |> outcome()
  end

  @doc """
  As `add_user/2`, but raises.

      iex> Hexide.Server.add_user!(server(), username: "yan", email: "yan@example.com").username
      "yan"
  """
  @spec add_user!(GenServer.server(), username: String.t(), email: String.t(), password: String.t()) ::
          %{username: String.t(), key: String.t()}
  def add_user!(server, user), do: bang!(add_user(server, user))

  @doc """
  Confirms the address of a user, as the link in a mail would.

      iex> Hexide.Server.confirm_user(server(), "bob")
      :ok
  """
  @spec confirm_user(GenServer.server(), String.t()) :: Hexide.outcome()
  def confirm_user(server, username), do: server |> :hexide_server.confirm_user(username) |> outcome()

  @doc """
  As `confirm_user/2`, but raises.

      iex> Hexide.Server.confirm_user!(server(), "bob")
      :ok
  """
  @spec confirm_user!(GenServer.server(), String.t()) :: :ok
  def confirm_user!(server, username), do: bang!(confirm_user(server, username))

  @doc """
  Makes an organization with its private repository; the user becomes its admin.

      iex> Hexide.Server.add_organization(server(), "umbrella", "alice")
      :ok
  """
  @spec add_organization(GenServer.server(), String.t(), String.t()) :: Hexide.outcome()
  def add_organization(server, name, admin), do: server |> :hexide_server.add_organization(name, admin) |> outcome()

  @doc """
  As `add_organization/3`, but raises.

      iex> Hexide.Server.add_organization!(server(), "umbrella", "bob")
      :ok
  """
  @spec add_organization!(GenServer.server(), String.t(), String.t()) :: :ok
  def add_organization!(server, name, admin), do: bang!(add_organization(server, name, admin))

  @doc """
  Approves a login in place of the person at the browser. `user_code`: what the device shows.

      iex> device = Hexide.Auth.device_start!(config())
      iex> Hexide.Server.approve_device(server(), device.user_code, "alice")
      :ok
  """
  @spec approve_device(GenServer.server(), String.t(), String.t()) :: Hexide.outcome()
  def approve_device(server, user_code, username) do
    server |> :hexide_server.approve_device(user_code, username) |> outcome()
  end

  @doc """
  As `approve_device/3`, but raises.

      iex> device = Hexide.Auth.device_start!(config())
      iex> Hexide.Server.approve_device!(server(), device.user_code, "alice")
      :ok
  """
  @spec approve_device!(GenServer.server(), String.t(), String.t()) :: :ok
  def approve_device!(server, user_code, username), do: bang!(approve_device(server, user_code, username))

  @doc """
  Switches two-factor authentication on for a user. The secret makes the codes (RFC 6238; base32).

      iex> {:ok, secret} = Hexide.Server.enable_totp(server(), "alice")
      iex> is_binary(secret)
      true
  """
  @spec enable_totp(GenServer.server(), String.t()) :: Hexide.outcome(String.t())
  def enable_totp(server, username), do: server |> :hexide_server.enable_totp(username) |> outcome()

  @doc """
  As `enable_totp/2`, but raises.

      iex> is_binary(Hexide.Server.enable_totp!(server(), "bob"))
      true
  """
  @spec enable_totp!(GenServer.server(), String.t()) :: String.t()
  def enable_totp!(server, username), do: bang!(enable_totp(server, username))

  @doc """
  Stops it: what is under way gets a moment to end, then everything is released.

      iex> Hexide.Server.stop(Hexide.Server.start_link!())
      :ok
  """
  @spec stop(GenServer.server()) :: :ok
  def stop(server), do: :hexide_server.stop(server)
end
