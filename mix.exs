defmodule Mix.Tasks.Compile.HexideNative do
  @moduledoc false
  # Here and not in lib/, since it has to be there before anything of lib/ is compiled.

  use Mix.Task.Compiler

  @library "priv/hexide_nif.so"
  @stamp "priv/hexide_nif.built"

  @impl true
  def run(_args) do
    before = stamp()

    # The script that rebar.config calls, too; it returns at once when no source is newer than the library.
    case System.cmd("sh", ["native/build.sh"], into: IO.stream(), stderr_to_stdout: true) do
      {_, 0} ->
        link()
        {if(stamp() == before, do: :noop, else: :ok), []}

      {_, status} ->
        Mix.shell().error("native/build.sh ended with exit code #{status}")
        {:error, []}
    end
  end

  @impl true
  def clean do
    File.rm(@library)
    File.rm(@stamp)
    :ok
  end

  # Mix makes that link before it compiles, and at the first time there was no folder yet.
  defp link, do: Mix.Project.build_structure()

  defp stamp do
    case File.stat(@stamp, time: :posix) do
      {:ok, %{mtime: time}} -> time
      {:error, _} -> nil
    end
  end
end

defmodule Hexide.MixProject do
  use Mix.Project

  # One place says what the application is: the file that rebar3 reads.
  {:ok, [{:application, :hexide, description}]} = :file.consult("src/hexide.app.src")
  @description description

  def project do
    [
      app: :hexide,
      version: to_string(@description[:vsn]),
      description: to_string(@description[:description]),
      elixir: "~> 1.14",
      compilers: [:hexide_native | Mix.compilers()],
      # rebar3 has folders of its own in _build.
      build_path: "_build/mix",
      erlc_paths: ["src"],
      test_paths: ["test/elixir"],
      # The tests load the registry's package later, with implementations of its own.
      consolidate_protocols: Mix.env() != :test,
      elixirc_options: [warnings_as_errors: Mix.env() == :test],
      package: package(),
      deps: []
    ]
  end

  def application do
    [
      extra_applications: [:crypto]
    ]
  end

  defp package do
    [
      licenses: Enum.map(@description[:licenses], &to_string/1),
      links: Map.new(@description[:links], fn {name, url} -> {to_string(name), to_string(url)} end),
      files: Enum.map(@description[:files], &to_string/1)
    ]
  end
end
