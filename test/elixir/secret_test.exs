defmodule Hexide.SecretTest do
  # What must not be seen is not: wherever a term is inspected, and in what is raised.
  use ExUnit.Case, async: true

  @mark "do-not-show-me"

  test "a configuration shows no secret, given as text, as a function, in an address or put in later" do
    config = Hexide.Config.new!(api_key: @mark, repo_key: fn -> @mark end, api_otp: @mark)
    hidden!(config)
    hidden!(%{config | api_key: @mark, api_url: "https://joe:#{@mark}@hex.example.com/api"})
    hidden!(Hexide.Config.new!(https_proxy: "http://joe:#{@mark}@proxy.example.com"))
    hidden!(Hexide.Config.resolve!(environment: %{"HEX_API_KEY" => @mark, "http_proxy" => "http://joe:#{@mark}@h"}))
    assert inspect(config) =~ "api_key: hidden"
    assert Hexide.Config.reveal(config.api_key) == @mark
  end

  test "a check that is switched off is shown" do
    assert inspect(Hexide.Config.new!(repo_verify: false)) =~ "repo_verify: false"
  end

  test "keys, tokens, logins and trials show none" do
    hidden!(%Hexide.Key{name: "ci", secret: @mark})
    hidden!(%Hexide.Auth.Tokens{access_token: @mark, refresh_token: @mark})
    hidden!(%Hexide.Auth.Device{device_code: @mark})
    hidden!(%Hexide.Server.Trial{key: @mark, config: Hexide.Config.new!(api_key: @mark)})
  end

  test "what is raised for a wrong call shows none" do
    config = [api_url: "http://127.0.0.1:1", retries: 0]

    for call <- [
          fn -> Hexide.Config.new(api_key: [@mark | :bad]) end,
          fn -> Hexide.Config.new({@mark}) end,
          fn -> Hexide.User.me(@mark) end,
          fn -> Hexide.User.me([@mark]) end,
          fn -> Hexide.User.me(%Hexide.Key{secret: @mark}) end,
          fn -> Hexide.User.register(config, "joe", "joe@example.com", {@mark}) end,
          fn -> Hexide.Auth.refresh(config, {@mark}) end,
          fn -> Hexide.Auth.revoke(config, [@mark | :bad]) end,
          fn -> Hexide.Auth.device_poll(config, %{device_code: @mark}) end,
          fn -> Hexide.Auth.device_wait(config, %{device_code: @mark}) end,
          fn -> Hexide.Auth.device_wait(config, {@mark}) end
        ] do
      refute raised(call) =~ @mark
    end
  end

  defp raised(call) do
    inspect(call.())
  rescue
    error ->
      {error, stack} = Exception.blame(:error, error, __STACKTRACE__)
      Exception.format(:error, error, stack) <> inspect(stack)
  end

  defp hidden!(term) do
    refute inspect(term) =~ @mark
    refute inspect([nested: term], limit: :infinity) =~ @mark
  end
end
