%% @doc The answer of `outdated' as text for people. Pure: a map in, text out.
-module(hexide_outdated_text).

-export([answer/1]).

%% @doc A table, what is wrong with locked releases, and the sum of it.
-spec answer(map()) -> hexide_layout:document().
answer(#{dependencies := [], hidden := 0}) ->
    "There are no dependencies.\n";
answer(#{dependencies := Dependencies, outdated := Outdated, hidden := Hidden}) ->
    [hexide_table:table(["Dependency", "Locked", "Newest", "Allowed", "Status"],
                        [[name(Dependency), Version, Newest, Allowed, status(Dependency)]
                         || #{version := Version, newest := Newest, newest_allowed := Allowed} = Dependency
                                <- Dependencies]),
     [[warnings(Each)] || Each <- Dependencies], "\n", sum(Outdated, Dependencies),
     [[integer_to_list(Hidden), " more are dependencies of these; see them with --all.\n"] || Hidden > 0]].

name(#{app := App, package := App}) -> App;
name(#{app := App, package := Package}) -> [App, " (package ", Package, ")"].

status(#{state := current}) -> "up to date";
status(#{state := outdated, allowed := true}) -> "update possible";
status(#{state := outdated}) -> "update possible; newest needs another requirement";
status(#{state := held_back, requirements := [_ | _] = Requirements}) ->
    ["held back by ", lists:join(" and ", Requirements)];
status(#{state := held_back}) -> "held back";
status(#{state := not_locked}) -> "not locked yet";
status(#{state := not_found}) -> "in no configured repository";
status(#{state := not_hex, source := Source}) -> ["not from Hex (", Source, ")"].

warnings(#{app := App, version := Version, retired := Retired, advisories := Advisories}) ->
    [[[{yellow, ["Warning: ", App, " ", Version, " is retired (", atom_to_list(Reason), ")",
                 [[": ", Message] || #{message := Message} <- [Retired], is_binary(Message)]]}, "\n"]
      || #{reason := Reason} <- [Retired]],
     [[{yellow, ["Warning: ", App, " ", Version, " has a security advisory: ", Id, ", ", Summary,
                 [[" (", Url, ")"] || Url =/= <<>>]]}, "\n"]
      || #{id := Id, summary := Summary, html_url := Url} <- Advisories]].

sum(0, _) -> "Nothing is outdated.\n";
sum(Outdated, Dependencies) ->
    Possible = [App || #{app := App, state := outdated} <- Dependencies],
    [integer_to_list(Outdated), " of ", integer_to_list(length(Dependencies)), " outdated.",
     [[" Update with `", {by_door, ["rebar3 upgrade ", lists:join(",", Possible)],
                          ["mix deps.update ", lists:join(" ", Possible)]}, "`."] || Possible =/= []], "\n"].
