defmodule Hexide.DependencyTest do
  # What a project of somebody else has of hexide, by the real mix: from the files that a package would have, compiled
  # from nothing. Only the native library is the one that is here already, in place of a build of some minutes.
  use ExUnit.Case, async: true

  @moduletag timeout: 300_000

  setup do
    folder = Path.join(System.tmp_dir!(), "hexide-dependency-#{System.unique_integer([:positive])}")
    on_exit(fn -> File.rm_rf!(folder) end)

    packaged(Path.join(folder, "hexide"))

    write(folder, "app/mix.exs", """
    defmodule App.MixProject do
      use Mix.Project

      def project do
        [app: :app, version: "0.1.0", deps: [{:hexide, path: "../hexide"}], releases: [app: [include_erts: false]]]
      end
    end
    """)

    write(folder, "app/lib/app.ex", ~S"""
    defmodule App do
      def run do
        {:ok, server} = Hexide.Server.start_link()
        {:ok, trial} = Hexide.Server.furnish(server, packages: [{"dep", "1.0.0"}])
        IO.puts("found " <> Hexide.Package.get!(trial.config, "dep").name)
        IO.puts("library in #{:code.priv_dir(:hexide)}")
      end
    end
    """)

    %{folder: folder, app: Path.join(folder, "app")}
  end

  test "it compiles once, and a release has all it needs", %{folder: folder, app: app} do
    assert {first, 0} = mix(app, ["compile"])
    assert first =~ "Generated hexide app"
    assert {_, 0} = System.cmd("test", ["-e", Path.join(app, "_build/prod/lib/hexide/priv/hexide_nif.so")])
    assert mix(app, ["compile"]) == {"", 0}

    assert {_, 0} = mix(app, ["release", "--quiet"])
    moved = Path.join(folder, "elsewhere")
    File.rename!(Path.join(app, "_build/prod/rel/app"), moved)
    # Neither the project nor the dependency is there any more.
    File.rm_rf!(app)
    File.rm_rf!(Path.join(folder, "hexide"))

    assert {output, 0} = run(moved, Path.join(moved, "bin/app"), ["eval", "App.run()"])
    assert output =~ "found dep"
    assert output =~ "library in #{moved}/lib/hexide-"
  end

  # The files that the application's description lists, as the package's are.
  defp packaged(target) do
    files =
      for pattern <- Mix.Project.config()[:package][:files], path <- Path.wildcard(pattern, match_dot: true), do: path

    assert "mix.exs" in files and "lib" in files

    for path <- files do
      File.mkdir_p!(Path.dirname(Path.join(target, path)))
      File.cp_r!(path, Path.join(target, path))
    end

    write(target, "native/build.sh", """
    [ -f priv/hexide_nif.so ] && exit 0
    mkdir -p priv
    cp '#{Path.expand("priv/hexide_nif.so")}' priv/
    touch priv/hexide_nif.built
    """)
  end

  defp mix(folder, arguments), do: run(folder, "mix", arguments)

  defp run(folder, program, arguments) do
    System.cmd(program, arguments,
      cd: folder,
      stderr_to_stdout: true,
      env: [{"MIX_ENV", "prod"}, {"MIX_BUILD_PATH", nil}, {"MIX_DEPS_PATH", nil}, {"MIX_EXS", nil}]
    )
  end

  defp write(folder, name, text) do
    path = Path.join(folder, name)
    File.mkdir_p!(Path.dirname(path))
    File.write!(path, text)
  end
end
