defmodule Hexide.TwinTest do
  # What Erlang code can call, Elixir code can.
  use ExUnit.Case, async: true

  # Every module of the Erlang API: its twin, or why it has none.
  @modules %{
    hexide_auth: Hexide.Auth,
    hexide_config: Hexide.Config,
    hexide_docs: Hexide.Docs,
    hexide_error: Hexide.Error,
    hexide_key: Hexide.Key,
    hexide_org: Hexide.Organization,
    hexide_owner: Hexide.Owner,
    hexide_package: Hexide.Package,
    hexide_registry: Hexide.Registry,
    hexide_release: Hexide.Release,
    hexide_repo: Hexide.Repo,
    hexide_server: Hexide.Server,
    hexide_server_program: "for inside",
    hexide_tarball: Hexide.Tarball,
    hexide_user: Hexide.User,
    hexide_version: Hexide.Version,
    hexide_credentials: "the commands' knowledge of hex.config",
    hexide_exception: "for inside",
    hexide_job: "each function waits by itself",
    hexide_json: "for the doors",
    hexide_log: "Hexide.Telemetry",
    hexide_nif: "for inside",
    hexide_terminal: "for the doors",
    hexide_text: "for inside",
    hexide_trial: "Hexide.Server.start_supervised!/1",
    hexide_user_file: "the commands' knowledge of hex.config",
    hexide_vault: "the commands' knowledge of hex.config"
  }

  # Functions that have another name there, or none, and why.
  @omitted %{
    hexide_config: [
      complete: "new/1",
      native: "for inside",
      default: "new/1 fills them in",
      convert: "for the commands",
      canonical: "for the commands",
      for_repository: "for the commands",
      hide: "new/1 does"
    ],
    hexide_error: [format: "Exception.message/1"],
    hexide_version: [parse: "Version", compare: "Version", match: "Version", sort: "Enum.sort/2 with Version"]
  }

  # What cannot fail in a way that its caller would handle.
  @without_bang [child_spec: 1, info: 1, stop: 1, keys: 0, reveal: 1]

  test "every Erlang module of the API has a twin, or a reason why not" do
    files = Path.wildcard("src/*.erl") ++ Path.wildcard("server/src/*.erl")
    assert files != []

    assert Enum.sort(Enum.map(files, &Path.basename(&1, ".erl"))) ==
             Enum.sort(Enum.map(Map.keys(@modules), &to_string/1))
  end

  for {erlang, twin} <- @modules, is_atom(twin) do
    test "#{inspect(twin)} has what #{erlang} has" do
      names = Enum.uniq(for {name, _} <- unquote(erlang).module_info(:exports), name != :module_info, do: name)
      omitted = Keyword.keys(@omitted[unquote(erlang)] || [])
      assert omitted -- names == []
      there = Enum.uniq(Keyword.keys(unquote(twin).__info__(:functions)))
      assert (names -- omitted) -- there == []
    end

    test "what may fail in #{inspect(twin)} has a variant that raises" do
      {:docs_v1, _, _, _, _, _, docs} = Code.fetch_docs(unquote(twin))
      names = for {{:function, name, arity}, _, _, %{}, _} <- docs, do: {name, arity}
      calm = for {name, arity} <- names, not String.ends_with?(to_string(name), "!"), do: {name, arity}
      failing = (calm -- @without_bang) -- [stream: 3, codes: 0, from_erlang: 1, to_erlang: 1, message: 1, exception: 1]
      assert for({name, arity} <- failing, {:"#{name}!", arity} not in names, do: {name, arity}) == []
    end
  end

  test "every public function says what it does, and its types" do
    for {:ok, module} <- Enum.map(modules(), &{:ok, &1}) do
      {:docs_v1, _, _, _, moduledoc, _, docs} = Code.fetch_docs(module)
      {:ok, specs} = Code.Typespec.fetch_specs(module)
      specified = Enum.map(specs, &elem(&1, 0))

      if moduledoc != :hidden do
        for {{:function, name, arity}, _, _, doc, _} <- docs, doc != :hidden, not behaviour?(module, name) do
          assert {module, name, is_map(doc)} == {module, name, true}
          assert {module, name, {name, arity} in specified} == {module, name, true}
        end
      end
    end
  end

  test "every struct says what each of its fields is" do
    for module <- modules(), function_exported?(module, :__struct__, 0) do
      {:docs_v1, _, _, _, _, _, docs} = Code.fetch_docs(module)
      [text] = for {{:type, :t, 0}, _, _, %{"en" => text}, _} <- docs, do: text

      for field <- Map.keys(module.__struct__()) -- [:__struct__, :__exception__] do
        assert {module, field, text =~ "`#{field}` - "} == {module, field, true}
      end
    end
  end

  defp modules do
    for application <- [:hexide, :hexide_server],
        {:ok, modules} = :application.get_key(application, :modules),
        module <- modules,
        match?("Elixir.Hexide" <> _, to_string(module)),
        Code.ensure_loaded?(module),
        do: module
  end

  defp behaviour?(Hexide.Telemetry, name), do: name in [:init, :handle_info, :child_spec]
  defp behaviour?(_, name), do: name in [:exception, :impl_for, :impl_for!, :protocol]
end
