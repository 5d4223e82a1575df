defmodule MixReleaseBotTest do
  use ExUnit.Case, async: true
  doctest MixReleaseBot

  test "a pre-release after a release is older than it" do
    known = %{releases: ["1.0.0-rc.1", "1.0.0"], owners: ["joe"]}
    assert {:refuse, _} = MixReleaseBot.decide(known, "1.0.0-rc.2", "joe")
    assert MixReleaseBot.decide(known, "1.1.0-rc.1", "joe") == :publish
  end
end
