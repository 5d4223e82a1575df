defmodule Hexide.Term do
  @moduledoc false
  # Between the terms of the Erlang API and those that Elixir code expects. What a field becomes is said by the table
  # `fields/0` of its struct, with these types:
  #
  #   :term           as it is, with nil for undefined, however deep
  #   :version, :time a Version, a DateTime, else the text
  #   module          the struct of that module
  #   [type]          a list
  #   {:values, type} a map with keys as they are
  #   %{key: type}    a map of which these keys have a type of their own
  #   function        what it makes of the term

  @type type :: atom() | [type()] | {:values, type()} | %{atom() => type()} | (term() -> term())

  @doc "The outcome of a call, with its value as the type says."
  @spec outcome(:ok | {:ok, term()} | {:error, :hexide_error.reason()}, type()) ::
          Hexide.outcome() | Hexide.outcome(term())
  def outcome(result, type \\ :term)
  def outcome(:ok, _), do: :ok
  def outcome({:ok, value}, type), do: {:ok, read(value, type)}
  def outcome({:error, reason}, _), do: {:error, Hexide.Error.from_erlang(reason)}

  @doc "The value itself; an error is raised."
  @spec bang!(Hexide.outcome() | Hexide.outcome(term())) :: term()
  def bang!(:ok), do: :ok
  def bang!({:ok, value}), do: value
  def bang!({:error, %Hexide.Error{} = error}), do: raise(error)

  @doc "An Erlang term as the type says."
  @spec read(term(), type()) :: term()
  def read(:undefined, _), do: nil
  def read(list, :term) when is_list(list), do: Enum.map(list, &read(&1, :term))
  def read(map, :term) when is_map(map), do: Map.new(map, fn {key, value} -> {key, read(value, :term)} end)
  def read(value, :term), do: value
  def read(value, function) when is_function(function, 1), do: function.(value)
  def read(text, :version), do: parsed(Version.parse(text), text)
  def read(text, :time), do: time(DateTime.from_iso8601(text), text)
  def read(list, [type]) when is_list(list), do: Enum.map(list, &read(&1, type))
  def read(map, {:values, type}), do: Map.new(map, fn {key, value} -> {key, read(value, type)} end)

  def read(map, %{} = types) do
    Map.new(map, fn {key, value} -> {key, read(value, Map.get(types, key, :term))} end)
  end

  # What is no list where one should be is said by the server, as an empty map for none.
  def read(value, [_]), do: read(value, :term)

  def read(map, module) when is_atom(module) do
    struct!(module, for({key, type} <- module.fields(), is_map_key(map, key), do: {key, read(map[key], type)}))
  end

  defp parsed({:ok, version}, _), do: version
  defp parsed(:error, text), do: text

  defp time({:ok, time, _offset}, _), do: time
  defp time({:error, _}, text), do: text

  @doc "An Elixir term as the Erlang API takes it: structs as maps, versions and times as text, undefined for nil."
  @spec write(term()) :: term()
  def write(nil), do: :undefined
  def write(%Version{} = version), do: to_string(version)
  def write(%DateTime{} = time), do: DateTime.to_iso8601(time)
  def write(%_{} = struct), do: struct |> Map.from_struct() |> write()
  def write(%{} = map), do: Map.new(map, fn {key, value} -> {write_key(key), write(value)} end)
  def write(list) when is_list(list), do: Enum.map(list, &write/1)
  def write({key, value}), do: {write_key(key), write(value)}
  def write(value), do: value

  defp write_key(nil), do: "nil"
  defp write_key(key), do: key

  @doc "The text of a version."
  @spec version(Hexide.version()) :: String.t()
  def version(version), do: to_string(version)

  @doc "The map of a configuration. Raises without showing what it was given: there may be a secret in it."
  @spec config(Hexide.config()) :: :hexide_config.config()
  def config(%Hexide.Config{} = config), do: Hexide.Config.to_erlang(config)
  def config(%_{}), do: raise(ArgumentError, "a struct that is no Hexide.Config was given as the configuration")
  def config(%{} = map), do: without_nil(map)

  def config(list) do
    if Keyword.keyword?(list) do
      without_nil(Map.new(list))
    else
      raise ArgumentError, "a configuration is a Hexide.Config or a keyword list"
    end
  end

  # Given as nil, a setting has its default.
  defp without_nil(map), do: for({key, value} <- map, value not in [nil, :undefined], into: %{}, do: {key, value})

  @doc "The map of options. One that is not known is the caller's mistake; nil is as if it were not there."
  @spec options(keyword(), [atom()]) :: map()
  def options(options, known) do
    for {key, value} <- Keyword.validate!(options, known), value != nil, into: %{}, do: {key, option(key, value)}
  end

  defp option(:progress, function), do: fn report -> function.(read(report, :term)) end
  defp option(_, value), do: write(value)
end
