defmodule Hexide.TelemetryTest do
  # One process of a node is told of what happens, so nothing else may happen beside.
  use ExUnit.Case, async: false

  test "each request is one event with its figures" do
    %{config: config} = Hexide.Server.start_supervised!()
    listen()
    assert {:error, _} = Hexide.Package.get(config, "nothing")
    assert_receive {:event, [:hexide, :request, :stop], %{duration: duration, bytes: bytes, retries: 0}, metadata}
    assert is_integer(duration) and is_integer(bytes)
    assert %{method: "GET", status: 404, error: nil, cached_at: nil} = metadata
    assert metadata.url == config.api_url <> "/packages/nothing"
  end

  test "a request without a reply is an event with the code of its error" do
    listen()
    assert {:error, _} = Hexide.Package.get([api_url: "http://127.0.0.1:1/api", retries: 0], "nothing")
    assert_receive {:event, [:hexide, :request, :stop], %{bytes: nil}, %{status: nil, error: :connect}}
  end

  test "a stream reads no page before it is needed, and ends where there are no more" do
    packages = for n <- 1..5, do: {"pack#{n}", "1.0.#{n}"}
    %{config: config} = Hexide.Server.start_supervised!(packages: packages)
    listen()
    stream = Hexide.Package.stream(config, "pack", per_page: 2, sort: :name)
    assert Enum.map(Enum.take(stream, 2), & &1.name) == ["pack1", "pack2"]
    assert requests() == 1
    assert Enum.map(stream, & &1.name) == ["pack1", "pack2", "pack3", "pack4", "pack5"]
    assert requests() == 3
  end

  @tag :capture_log
  test "a handler that raises is called again for the next event" do
    me = self()

    start_supervised!(
      {Hexide.Telemetry,
       handler: fn _, _, _, _ ->
         send(me, :called)
         raise "broken"
       end}
    )

    for _ <- 1..2 do
      Hexide.Package.get([api_url: "http://127.0.0.1:1/api", retries: 0], "nothing")
      assert_receive :called
    end
  end

  defp listen do
    me = self()
    handler = fn event, measurements, metadata, :mine -> send(me, {:event, event, measurements, metadata}) end
    start_supervised!({Hexide.Telemetry, handler: handler, config: :mine})
  end

  # How many requests were told of; this one more says that all before it were.
  defp requests(count \\ 0, asked \\ false) do
    unless asked, do: Hexide.User.me(api_url: "http://127.0.0.1:1/last", retries: 0)

    receive do
      {:event, [:hexide, :request, :stop], _, %{url: "http://127.0.0.1:1/last" <> _}} -> count
      {:event, [:hexide, :request, :stop], _, _} -> requests(count + 1, true)
    after
      5_000 -> flunk("no event of the last request")
    end
  end
end
