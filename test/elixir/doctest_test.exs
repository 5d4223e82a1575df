defmodule Hexide.DoctestTest do
  # The examples of the documentation, each against a registry of its own: `config()` acts as alice, who has published
  # two versions of `greeting` there and is the admin of `acme`; bob is another user.
  use ExUnit.Case, async: true

  setup do
    trial = Hexide.Server.start_supervised!(mail: fn _ -> :ok end)
    Hexide.Server.add_organization!(trial.server, "acme", trial.user)

    for version <- ["1.0.0", "1.1.0"],
        do: Hexide.Release.publish!(trial.config, tarball("greeting", version))

    Hexide.Server.add_user!(trial.server, username: "bob", email: "bob@example.com")
    Process.put(:trial, trial)
    :ok
  end

  doctest Hexide.Auth
  doctest Hexide.Docs
  doctest Hexide.Key
  doctest Hexide.Organization
  doctest Hexide.Owner
  doctest Hexide.Package
  doctest Hexide.Registry
  doctest Hexide.Release
  doctest Hexide.Repo
  doctest Hexide.Server
  doctest Hexide.User

  defp config, do: Process.get(:trial).config
  defp server, do: Process.get(:trial).server
  defp info, do: Process.get(:trial).info

  defp tarball(name, version) do
    Hexide.Tarball.create!(
      [
        name: name,
        version: version,
        app: name,
        description: "Greets",
        licenses: ["Apache-2.0"],
        links: %{},
        requirements: %{},
        build_tools: ["mix"],
        files: ["lib/a.ex"]
      ],
      [{"lib/a.ex", "defmodule A, do: nil"}]
    )
  end
end
