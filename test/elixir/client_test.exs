defmodule Hexide.ClientTest do
  # What the examples do not show of the client, against a real registry.
  use ExUnit.Case, async: true

  setup do
    %{config: config} = Hexide.Server.start_supervised!(packages: for(n <- 1..5, do: {"pack#{n}", "1.0.#{n}"}))
    %{config: config}
  end

  test "a stream raises where a page cannot be read" do
    assert_raise Hexide.Error, fn -> Enum.to_list(Hexide.Package.stream(nowhere(), "x")) end
  end

  test "a failure says the same as a value, as an exception and in Erlang", %{config: config} do
    {:error, error} = Hexide.Package.get(config, "nothing")
    {:error, reason} = :hexide_package.get(Hexide.Config.to_erlang(config), "nothing")
    assert Hexide.Error.to_erlang(error) == reason
    assert Hexide.Error.from_erlang(reason) == error
    raised = assert_raise Hexide.Error, fn -> Hexide.Package.get!(config, "nothing") end
    assert raised == error
    assert Exception.message(raised) == :hexide_error.format(reason)
  end

  test "every code of the native library is one of Elixir's" do
    assert Enum.sort(Hexide.Error.codes()) == Enum.sort(:hexide_nif.error_codes())
  end

  test "a keyword list, a map and a configuration do the same", %{config: config} do
    map = Hexide.Config.to_erlang(config)
    assert {:ok, user} = Hexide.User.me(config)
    assert {:ok, user} == Hexide.User.me(map)
    assert {:ok, user} == Hexide.User.me(Keyword.new(map))
    assert {:error, %{code: :bad_config}} = Hexide.User.me(api_ulr: "http://127.0.0.1:1")
  end

  test "an option that nobody knows is refused before anything is done", %{config: config} do
    assert_raise ArgumentError, ~r/replcae/, fn -> Hexide.Release.publish(config, "x", replcae: true) end
    assert_raise ArgumentError, ~r/prot/, fn -> Hexide.Server.start_link(prot: 4000) end
  end

  test "nil stands for absent, in options too", %{config: config} do
    assert {:ok, %{outer_checksum: _}} = Hexide.Tarball.create([name: "a", version: "1.0.0", elixir: nil], [])
    assert {:ok, _} = Hexide.Repo.names(config, etag: nil, timeout: nil)
    refute inspect(Hexide.Package.get!(config, "pack1")) =~ ":undefined"
  end

  test "a version that is none stays text, a time too" do
    assert Hexide.Term.read("1.0", :version) == "1.0"
    assert Hexide.Term.read("yesterday", :time) == "yesterday"
    assert Hexide.Term.read(:undefined, :version) == nil
  end

  test "progress is told in Elixir's terms", %{config: config} do
    me = self()
    tarball = Hexide.Repo.tarball!(config, "pack1", "1.0.1")
    Hexide.Release.publish!(config, tarball, replace: true, progress: &send(me, {:progress, &1}))
    assert_received {:progress, %{phase: "upload", total: total, item: nil}}
    assert total == byte_size(tarball)
  end

  test "what a resource says survives encoding" do
    versions = %Hexide.Registry.Versions{
      repository: "acme",
      packages: [
        %{
          name: "tiny",
          versions: [Version.parse!("1.0.0"), Version.parse!("1.1.0")],
          retired: [Version.parse!("1.1.0")],
          with_advisories: []
        }
      ]
    }

    package = %Hexide.Registry.Package{
      repository: "acme",
      name: "tiny",
      advisories: [],
      releases: [
        %Hexide.Registry.Release{
          version: Version.parse!("1.0.0"),
          inner_checksum: String.duplicate("a", 64),
          outer_checksum: String.duplicate("b", 64),
          dependencies: [%Hexide.Registry.Dependency{package: "dep", requirement: "~> 1.0", optional: false}],
          retired: %{reason: :security, message: nil},
          advisory_indexes: [],
          published_at: ~U[2026-01-01 00:00:00Z]
        }
      ]
    }

    for {kind, resource} <- [versions: versions, package: package] do
      assert kind |> Hexide.Registry.encode!(resource) |> then(&Hexide.Registry.decode!(kind, &1)) == resource
    end
  end

  test "many releases are unpacked, each into a folder of its own", %{config: config} do
    folder = Path.join(System.tmp_dir!(), "hexide-#{System.unique_integer([:positive])}")
    on_exit(fn -> File.rm_rf!(folder) end)
    items = [{"pack1", Version.parse!("1.0.1")}, {"pack2", "1.0.2"}]
    assert [{:ok, %{path: path}}, {:ok, _}] = Hexide.Repo.fetch_many!(config, items, to: folder, unpack: true)
    assert Path.basename(path) == "pack1-1.0.1"
    assert File.exists?(Path.join(path, "src/pack1.app.src"))
  end

  defp nowhere, do: [api_url: "http://127.0.0.1:1/api", retries: 0]
end
