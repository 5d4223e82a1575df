defmodule Hexide.ReadmeTest do
  # The example of the README is what it says: it is run as it stands there.
  use ExUnit.Case, async: true

  import ExUnit.CaptureIO

  test "the example in Elixir runs" do
    assert [[code] | _] = Regex.scan(~r/```elixir\n(.*?)```/s, File.read!("README.md"), capture: :all_but_first)
    assert length(String.split(code, "\n", trim: true)) <= 12
    assert capture_io(fn -> Code.eval_string(code) end) =~ "/packages/nothing does not exist"
  end

  test "the line for tests gives a registry with a package" do
    line = ~r/\| ExUnit \| `%\{config: config\} = (.*?)` \|/
    assert [_, code] = Regex.run(line, File.read!("README.md"))
    assert {%{config: config}, _} = Code.eval_string(code)
    assert Hexide.Package.get!(config, "dep").name == "dep"
  end
end
