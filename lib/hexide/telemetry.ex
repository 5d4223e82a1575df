defmodule Hexide.Telemetry do
  @moduledoc """
  What happens underneath, as events of the shape that `:telemetry` has: a name, measurements, metadata.

  It is a process, so that it stands in a supervision tree; while it runs each event is handed on:

      children = [Hexide.Telemetry]

  to `:telemetry.execute/3`, where the application `telemetry` is part of the system. hexide does not depend on it: it
  is called only if it is there. Without it, or instead of it, give a function:

      children = [{Hexide.Telemetry, handler: &MyApp.handle_event/4, config: nil}]

  There is one such process in a node: one that is started later takes the events over, as `hexide_log` has one
  listener.

  ## Events

  `[:hexide, :request, :stop]`, when a request has ended, one for each:

    * measurements: `:duration` in native units of time (from milliseconds), `:bytes` of the reply (`nil` where none
      came), `:retries`, how often it was repeated
    * metadata: `:method` and `:url` (without a query) as text, `:status` of the reply, `:error` (a code of
      `Hexide.Error`) where none came, `:cached_at` (a `DateTime`) where a kept reply was given

  `[:hexide, :log]`, for whatever else the native side tells of (a registry in this node, the cache, a notice of a
  server):

    * measurements: `:system_time` in native units
    * metadata: `:level` (`:debug`, `:info`, `:warning` or `:error`), `:target` (what it is about), `:text`

  No event holds a secret. A handler that raises is told of in the log and called again for the next event.
  """

  use GenServer

  # It is not among the applications that this one is compiled with.
  @compile {:no_warn_undefined, :telemetry}

  @requests "hexide::http"

  @typedoc "As `:telemetry` calls them: event, measurements, metadata, and the `:config` that was given."
  @type handler :: ([atom()], map(), map(), term() -> term())

  @doc "Starts to listen. Without a `:handler` events go to `:telemetry`."
  @spec start_link(handler: handler(), config: term()) :: GenServer.on_start()
  def start_link(options \\ []) do
    options = Keyword.validate!(options, handler: &__MODULE__.execute/4, config: nil)
    GenServer.start_link(__MODULE__, {options[:handler], options[:config]})
  end

  @doc """
  The handler by default: `:telemetry.execute/3`, or nothing where it is not there.

      iex> Hexide.Telemetry.execute([:hexide, :log], %{}, %{}, nil)
      :ok
  """
  @spec execute([atom()], map(), map(), term()) :: :ok
  def execute(event, measurements, metadata, _config) do
    if Code.ensure_loaded?(:telemetry) do
      :telemetry.execute(event, measurements, metadata)
    else
      :ok
    end
  end

  @impl true
  def init(state) do
    :ok = :hexide_log.listen()
    {:ok, state}
  end

  @impl true
  def handle_info({:hexide_log, told}, {handler, config} = state) do
    {event, measurements, metadata} = event(told)

    try do
      handler.(event, measurements, metadata, config)
    catch
      kind, reason -> :logger.error("Hexide.Telemetry: ~ts", [Exception.format(kind, reason, __STACKTRACE__)])
    end

    {:noreply, state}
  end

  def handle_info(_, state), do: {:noreply, state}

  defp event(%{target: @requests, text: text} = told) do
    fields =
      for part <- String.split(text), [name, value] <- [String.split(part, "=", parts: 2)], into: %{}, do: {name, value}

    {[:hexide, :request, :stop],
     %{
       duration: System.convert_time_unit(number(fields["ms"]) || 0, :millisecond, :native),
       bytes: number(fields["bytes"]),
       retries: number(fields["retries"])
     },
     %{
       method: fields["method"],
       url: fields["url"],
       status: number(fields["status"]),
       error: Enum.find(Hexide.Error.codes(), &(to_string(&1) == fields["error"])),
       cached_at: Hexide.Term.read(Map.get(told, :cached_at, :undefined), :time)
     }}
  end

  defp event(told) do
    {[:hexide, :log], %{system_time: System.system_time()}, Map.take(told, [:level, :target, :text])}
  end

  defp number(nil), do: nil

  defp number(text) do
    case Integer.parse(text) do
      {number, ""} -> number
      _ -> nil
    end
  end
end
