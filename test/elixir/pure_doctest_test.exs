defmodule Hexide.PureDoctestTest do
  # The examples that need no registry.
  use ExUnit.Case, async: true

  doctest Hexide.Config
  doctest Hexide.Error
  doctest Hexide.Tarball
  doctest Hexide.Telemetry
  doctest Hexide.Version
end
