# Writes versions.txt: pairs of a version and a requirement, and what Elixir's own Version module answers.
#
#     elixir versions.exs > versions.txt
#
# A line is VERSION|REQUIREMENT|ANSWERS, with two letters of answers, without and with allow_pre: y (matches),
# n (does not), v (not a version), r (not a requirement). Lines of ordering are compare|A|B|lt, eq or gt.
# The pairs are a fixed choice of edges, then pseudo-random ones of a fixed seed; made with Elixir 1.14.0.

answer = fn version, requirement, allow_pre ->
  case Version.parse_requirement(requirement) do
    :error ->
      "r"

    {:ok, parsed} ->
      case Version.parse(version) do
        :error -> "v"
        {:ok, _} -> if Version.match?(version, parsed, allow_pre: allow_pre), do: "y", else: "n"
      end
  end
end

line = fn version, requirement ->
  IO.puts("#{version}|#{requirement}|#{answer.(version, requirement, false)}#{answer.(version, requirement, true)}")
end

edges = [
  {"1.0.0", ""}, {"1.0.0", " "}, {"1.0.0", "1.0.0"}, {"1.0.0", "  1.0.0 "}, {"1.0.0", "1.0"}, {"1.0.0", "1"},
  {"1.0.0", "== 1.0"}, {"1.0.0", ">= 1.0"}, {"1.0.0", "> 1"}, {"1.0.0", "~> 1"}, {"1.0.0", "~> 1.0"},
  {"1.0.0", "~>1.0"}, {"1.0.0", "~> 1.0.0.0"}, {"1.0.0", "~> 1.0."}, {"1.0.0", "~> .1"}, {"1.0.0", "~> 01.0"},
  {"1.0.0", "~> 1.00"}, {"1.0.0", "~> v1.0"}, {"1.0.0", "~> 1.x"}, {"1.0.0", "*"}, {"1.0.0", "^1.0.0"},
  {"1.0.0", "= 1.0.0"}, {"1.0.0", "=> 1.0.0"}, {"1.0.0", "=== 1.0.0"}, {"1.0.0", "=1.0.0"}, {"1.0.0", "~ 1.0"},
  {"1.0.0", "!= 1.0.0"}, {"1.0.0", "!1.0.0"}, {"1.0.0", "! 1.0.1"}, {"1.0.0", "!!1.0.1"}, {"1.0.0", "!=1.0.1"},
  {"1.0.0", "> = 1.0.0"}, {"1.0.0", ">= >= 1.0.0"}, {"1.0.0", "== == 1.0.0"}, {"1.0.0", ">= 1.0.0 2.0.0"},
  {"1.0.0", ">= 1.0.0 < 2.0.0"}, {"1.0.0", ">= 1.0.0, < 2.0.0"}, {"1.0.0", ">= 1.0.0 and < 2.0.0"},
  {"1.0.0", ">=1.0.0 and <2.0.0"}, {"1.0.0", ">= 1.0.0  and  < 2.0.0"}, {"1.0.0", ">= 1.0.0 and< 2.0.0"},
  {"1.0.0", ">= 1.0.0and < 2.0.0"}, {"1.0.0", ">= 1.0.0 AND < 2.0.0"}, {"1.0.0", ">= 1.0.0 && < 2.0.0"},
  {"1.0.0", "and 1.0.0"}, {"1.0.0", " and 1.0.0"}, {"1.0.0", "1.0.0 and"}, {"1.0.0", "1.0.0 and "},
  {"1.0.0", "1.0.0 and and 1.0.0"}, {"1.0.0", "1.0.0 and  and 1.0.0"}, {"1.0.0", "1.0.0 or  and 1.0.0"},
  {"1.0.0", "1.0.0 or"}, {"1.0.0", "or"}, {"1.0.0", " or "}, {"1.0.0", ">"}, {"1.0.0", "> and 1.0.0"},
  {"1.0.0", "1.0.0 or 2.0.0"}, {"2.0.0", "1.0.0 or 2.0.0"}, {"3.0.0", "1.0.0 or 2.0.0"},
  {"1.0.0", "1.0.0 or 2.0.0 and 3.0.0"}, {"3.0.0", "1.0.0 and 2.0.0 or 3.0.0"},
  {"1.0.0", "2.0.0 and 3.0.0 or 1.0.0 and 1.0.0"}, {"1.0.0", "1.0.0 or 2.0.0 and 3.0.0 or 4.0.0 and 5.0.0"},
  {"5.0.0", "1.0.0 and 5.0.0 or 5.0.0 and 1.0.0 or > 4.0.0 and < 6.0.0"}, {"1.0.0", "1.0.0\t"},
  {"1.0.0", "1 . 0.0"}, {"1.0.0", "1.0.0-"}, {"1.0.0", "1.0.0+"}, {"1.0.0", "1.0.0-a..b"}, {"1.0.0", "~> 1.0-"},
  {"1.0.0", "~> 1.0+b"}, {"1.0.0", "== 1.0.0+b"}, {"1.0.0+a", "== 1.0.0+b"}, {"1.0.0+a", "> 1.0.0"},
  {"1.0.0+a+b", "> 0.9.0"}, {"1.0", "> 0.9.0"}, {"1", "> 0.9.0"}, {"1.0.0.0", "> 0.9.0"}, {"01.0.0", "> 0.9.0"},
  {"1.0.0-01", "> 0.9.0-a"}, {"1.0.0-0a", "> 0.9.0-a"}, {"1.0.0-00a", "> 0.9.0-a"}, {"1.0.0--", "> 0.9.0-a"},
  {"1.0.0-a_b", "> 0.9.0-a"}, {"1.0.0-é", "> 0.9.0-a"}, {"v1.0.0", "> 0.9.0"}, {" 1.0.0", "> 0.9.0"},
  {"1.0.0 ", "> 0.9.0"}, {"", "> 0.9.0"}, {"-1.0.0", "> 0.9.0"}, {"1.0.0+01", "> 0.9.0"}, {"1..0", "> 0.9.0"},
  {"2.0.0-rc.1", "~> 1.2"}, {"2.0.0-rc.1", ">= 1.2.0 and < 2.0.0"}, {"2.0.0-0", "~> 1.2"}, {"2.0.0-0", "< 2.0.0"},
  {"1.3.0-0", "~> 1.2.0"}, {"2.1.0-dev", "~> 2.1-dev"}, {"2.2.0-dev", "~> 2.1-dev"}, {"2.0.0-dev", "~> 2.0-dev"},
  {"2.0.0-dev", "~> 2.0"}, {"3.0.0-dev", "~> 2.0-dev"}, {"2.1.3-dev", "~> 2.1.2"}, {"2.1.3-dev", "~> 2.1.2-dev"},
  {"2.1.2-alpha", "~> 2.1.2-dev"}, {"2.2.0-dev", "~> 2.1.2-dev"}, {"2.0.0-rc.1", "< 2.0.0"},
  {"2.0.0-rc.1", "<= 2.0.0"}, {"2.0.0-rc.1", "!= 2.0.0"}, {"2.0.0-rc.1", "== 2.0.0-rc.1"},
  {"2.0.0-rc.1", "> 1.0.0 or > 1.0.0-a"}, {"2.0.0-rc.1", "> 1.0.0 and > 1.0.0-a"},
  {"0.1.0", "~> 0.0"}, {"0.1.0", "~> 0.0.0"}, {"1.2.3", "~> 1.2.3+b"}, {"1.2.3", "~> 1.2-rc.1+b.c"},
  {"18446744073709551615.0.0", "~> 18446744073709551615.0"}, {"1.18446744073709551615.0", "~> 1.18446744073709551615.0"}
]

IO.puts("# Made by versions.exs, which says what the columns are.")
Enum.each(edges, fn {version, requirement} -> line.(version, requirement) end)

:rand.seed(:exsss, {1, 2, 3})
numbers = [0, 1, 1, 2, 2, 10]
pres = ["", "", "", "-0", "-1", "-2", "-10", "-a", "-b", "-rc.1", "-rc.2", "-rc.10", "-rc", "-rc.1.1", "-A", "-a-b"]
builds = ["", "", "", "", "+b"]
version = fn -> Enum.map_join(1..3, ".", fn _ -> Enum.random(numbers) end) <> Enum.random(pres) <> Enum.random(builds) end
two = fn -> Enum.map_join(1..2, ".", fn _ -> Enum.random(numbers) end) <> Enum.random(pres) end

comparison = fn ->
  case Enum.random(["== ", "!= ", "> ", ">= ", "< ", "<= ", "~> ", "~> ", ">=", ">", "", "! "]) do
    "~> " -> "~> " <> if(:rand.uniform(2) == 1, do: two.(), else: version.())
    operator -> operator <> version.()
  end
end

for count <- [1, 1, 1, 2, 2, 3, 4], _ <- 1..60 do
  requirement =
    Enum.reduce(2..count//1, comparison.(), fn _, text -> text <> Enum.random([" and ", " or "]) <> comparison.() end)

  line.(version.(), requirement)
end

for _ <- 1..60 do
  bound = Enum.random(["", "0."]) <> Enum.random(["0.1", "1.0", "1.1", "0.2"]) <> Enum.random(["", ".0", ".1"])
  requirement = Enum.random(["~> ", ">= ", "> "]) <> bound <> Enum.random(["", "", "-b"])
  line.(Enum.random(["1.1.0", "1.2.0", "0.1.1", "0.2.0", "2.0.0"]) <> Enum.random(["-a", "-b", "-c", "-0"]), requirement)
end

for _ <- 1..80 do
  {a, b} = {version.(), version.()}
  IO.puts("compare|#{a}|#{b}|#{Version.compare(a, b)}")
end
