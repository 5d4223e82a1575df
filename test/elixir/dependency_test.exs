defmodule Hexide.DependencyTest do
  # What a project of somebody else has of hexide and of its registry, by the real mix: from the files that the packages
  # have, compiled from nothing. Only what is native is what is here already, in place of a build of some minutes.
  use ExUnit.Case, async: true

  @moduletag timeout: 300_000

  setup do
    folder = Path.join(System.tmp_dir!(), "hexide-dependency-#{System.unique_integer([:positive])}")
    on_exit(fn -> File.rm_rf!(folder) end)

    packaged(".", Path.join(folder, "hexide"), "hexide_nif.so")
    packaged("server", Path.join(folder, "hexide_server"), "hexide-server")

    # A requirement needs Hex itself, which is not here.
    mix_exs = Path.join(folder, "hexide_server/mix.exs")
    text = File.read!(mix_exs)
    assert text =~ ~s({:hexide, "~> 0.1"})
    File.write!(mix_exs, String.replace(text, ~s({:hexide, "~> 0.1"}), ~s({:hexide, path: "../hexide"})))

    write(folder, "app/mix.exs", """
    defmodule App.MixProject do
      use Mix.Project

      def project do
        [app: :app, version: "0.1.0", deps: deps(), releases: [app: [include_erts: false]]]
      end

      defp deps, do: [{:hexide, path: "../hexide"}, #{inspect(of_readme())}]
    end
    """)

    write(folder, "app/lib/app.ex", ~S"""
    defmodule App do
      def run do
        {:ok, server} = Hexide.Server.start_link()
        {:ok, trial} = Hexide.Server.furnish(server, packages: [{"dep", "1.0.0"}])
        IO.puts("found " <> Hexide.Package.get!(trial.config, "dep").name)
        IO.puts("library in #{:code.priv_dir(:hexide)}, registry in #{:code.priv_dir(:hexide_server)}")
      end
    end
    """)

    %{folder: folder, app: Path.join(folder, "app")}
  end

  test "it compiles once, and a release has all it needs", %{folder: folder, app: app} do
    assert {first, 0} = mix(app, ["compile"])
    assert first =~ "Generated hexide app" and first =~ "Generated hexide_server app"
    assert {_, 0} = System.cmd("test", ["-e", Path.join(app, "_build/prod/lib/hexide/priv/hexide_nif.so")])
    assert mix(app, ["compile"]) == {"", 0}

    assert {_, 0} = mix(app, ["release", "--quiet"])
    moved = Path.join(folder, "elsewhere")
    File.rename!(Path.join(app, "_build/prod/rel/app"), moved)
    # Neither the project nor the dependency is there any more.
    File.rm_rf!(app)
    File.rm_rf!(Path.join(folder, "hexide"))
    File.rm_rf!(Path.join(folder, "hexide_server"))

    assert {output, 0} = run(moved, Path.join(moved, "bin/app"), ["eval", "App.run()"])
    assert output =~ "found dep"
    assert output =~ "library in #{moved}/lib/hexide-"
    assert output =~ "registry in #{moved}/lib/hexide_server-"
  end

  # The line of the README for tests, with a path in place of the requirement, which would need Hex itself, and for the
  # release, too.
  defp of_readme do
    text = File.read!("README.md")
    [_, line] = Regex.run(~r/# mix.exs, in deps\n(.*)\n/, text)
    {{:hexide_server, requirement, [only: :test]}, _} = Code.eval_string(line)
    assert Version.match?("0.1.0", requirement)
    {:hexide_server, path: "../hexide_server"}
  end

  # The files that the application's description lists, as the package's are.
  defp packaged(source, target, native) do
    [description] = Path.wildcard(Path.join(source, "src/*.app.src"))
    {:ok, [{:application, _, properties}]} = :file.consult(description)

    files =
      for pattern <- properties[:files],
          path <- Path.wildcard(Path.join(source, to_string(pattern)), match_dot: true),
          do: Path.relative_to(path, source)

    assert "mix.exs" in files and "lib" in files

    for path <- files do
      File.mkdir_p!(Path.dirname(Path.join(target, path)))
      File.cp_r!(Path.join(source, path), Path.join(target, path))
    end

    write(target, "native/build.sh", """
    [ -f priv/#{native} ] && exit 0
    mkdir -p priv
    cp -p '#{Path.expand(Path.join([source, "priv", native]))}' priv/
    touch priv/#{Path.rootname(native)}.built
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
