# The registry is a package of its own; `mix compile` in server/ has compiled it.
true = Code.prepend_path("server/_build/mix/#{Mix.env()}/lib/hexide_server/ebin")
:ok = Application.load(:hexide_server)
# For what is logged on purpose in tests that capture it.
{:ok, _} = Application.ensure_all_started(:logger)
ExUnit.start()
