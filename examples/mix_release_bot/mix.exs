defmodule MixReleaseBot.MixProject do
  use Mix.Project

  @version "0.1.0"

  def project do
    [
      app: :mix_release_bot,
      version: @version,
      elixir: "~> 1.14",
      description: "Publishes a package when its version is new and the one who runs it may",
      package: [licenses: ["Apache-2.0"], links: %{"hexide" => "https://github.com/example/hexide"}],
      deps: deps(),
      hexide: repositories()
    ]
  end

  def application, do: [extra_applications: [:logger]]

  # Only the task needs it, so the package does not.
  defp deps, do: [{:hexide, path: System.get_env("HEXIDE_PATH", "../.."), only: [:dev, :test]}]

  # hex.pm, or a registry of one's own: its addresses and the file with its public key.
  defp repositories do
    case System.get_env("BOT_REGISTRY") do
      nil ->
        []

      url ->
        key = File.read!(System.fetch_env!("BOT_REGISTRY_KEY"))
        [hexpm: false, repos: [[name: "local", api_url: url <> "/api", repo_url: url <> "/repo", repo_public_key: key]]]
    end
  end
end
