# For what is logged on purpose in tests that capture it.
{:ok, _} = Application.ensure_all_started(:logger)
ExUnit.start()
