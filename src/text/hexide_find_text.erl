%% @doc What was found, as text for people: the overview, what a search found, whose packages these are. Pure.
-module(hexide_find_text).

-export([overview/3, search/1, owned/1, event/1]).

%% @doc `rebar3 hex' alone.
-spec overview(map(), [map()], [map()]) -> hexide_layout:document().
overview(#{hexide := Hexide, otp := Otp} = System, Repositories, Commands) ->
    Now = erlang:system_time(second),
    ["hexide ", Hexide, " on ", [[Name, " ", Version, ", "] || {Key, Name} <- [{rebar3, "rebar3"}, {elixir, "Elixir"}],
                                                              #{Key := Version} <- [System]],
     "Erlang/OTP ", Otp, "\n\n", {bold, "Repositories"}, "\n",
     hexide_table:rows([[["  ", Name], place(Repository), login(Repository),
                         copy(maps:get(updated_at, Repository, undefined), Now)]
                        || #{name := Name} = Repository <- Repositories]),
     "\n", {bold, "Commands"}, "\n", hexide_help_text:commands(Commands)].

place(#{api_url := undefined} = Repository) -> maps:get(repo_url, Repository, undefined);
place(#{api_url := Url}) -> Url.

login(#{api_url := undefined}) -> "no API";
login(#{signed_in := false}) -> "not signed in";
login(#{username := Username}) when is_binary(Username) -> ["signed in as ", Username];
login(_) -> "signed in".

copy(undefined, _) -> {by_door, "no copy of the index", ""};
copy(Time, Now) -> ["index updated ", hexide_table:ago(Time, Now)].

%% @doc The answer of `search'. Where there is more than one repository, each package tells its own.
-spec search(map()) -> hexide_layout:document().
search(#{packages := [], repositories := Repositories}) ->
    ["Nothing found in ", lists:join(", ", Repositories), ".\n"];
search(#{packages := Packages, more := More, repositories := Repositories, failed := Failed}) ->
    Several = length(Repositories) + length(Failed) > 1,
    [hexide_table:table(
       ["Package", "Version"] ++ ["Repository" || Several] ++ ["Description"],
       [[Name, Version] ++ [Repository || Several] ++ [short(Description)]
        || #{name := Name, latest_version := Version, repository := Repository, description := Description}
               <- Packages]),
     ["There are more; see them with --all or --limit.\n" || More]].

%% The first line of it.
short(undefined) -> "";
short(Description) ->
    case string:split(string:trim(Description), "\n") of
        [Line, _] -> [string:trim(Line), " ..."];
        [Line] -> Line
    end.

%% @doc The answer of `owner packages'.
-spec owned(map()) -> hexide_layout:document().
owned(#{owner := Owner, packages := []}) ->
    [Owner, " owns no packages.\n"];
owned(#{packages := Packages}) ->
    hexide_table:table(["Package", "Version", "Repository", "Page"],
                       [[Name, Version, Repository, case Package of
                                                        #{html_url := Page} when is_binary(Page) -> Page;
                                                        #{url := Url} -> Url
                                                    end]
                        || #{name := Name, latest_version := Version, repository := Repository} = Package
                               <- Packages]).

%% @doc What happens while it is looked for.
-spec event(hexide_context:event()) -> hexide_layout:document().
event(#{event := not_searched, repository := Repository, why := Why}) ->
    [{yellow, ["Warning: ", Repository, " could not be searched. ", Why]}, "\n"].
