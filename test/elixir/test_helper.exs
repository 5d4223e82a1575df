# The registry is a package of its own; `mix compile` in server/ has compiled it.
true = Code.prepend_path("server/_build/mix/#{Mix.env()}/lib/hexide_server/ebin")
:ok = Application.load(:hexide_server)
# For what is logged on purpose in tests that capture it.
{:ok, _} = Application.ensure_all_started(:logger)
# What is awaited comes, however busy the machine is; only what never comes takes as long.
ExUnit.start(timeout: 300_000, assert_receive_timeout: 60_000)
