%% @doc Answers of commands as text for people. Pure: a map in, text out.
-module(hexide_answer_text).

-export([answer/2, event/1]).

%% @doc The answer of a command.
-spec answer(binary(), map()) -> hexide_layout:document().
answer(_, #{command := Command}) ->
    hexide_help_text:command(Command);
answer(_, #{system := System, repositories := Repositories, commands := Commands}) ->
    hexide_find_text:overview(System, Repositories, Commands);
answer(_, #{commands := Commands, exit_codes := Codes}) ->
    [hexide_help_text:commands(Commands), hexide_help_text:exit_codes(Codes)];
answer(<<"outdated">>, Answer) ->
    hexide_outdated_text:answer(Answer);
answer(<<"repo">>, Answer) ->
    hexide_repo_text:answer(Answer);
answer(<<"search">>, Answer) ->
    hexide_find_text:search(Answer);
answer(<<"owner">>, #{packages := _} = Answer) ->
    hexide_find_text:owned(Answer);
answer(<<"package">>, Answer) ->
    hexide_diff_text:package(Answer);
answer(_, #{package := #{releases := _} = Package}) ->
    hexide_package_text:package(Package);
answer(_, #{release := Release}) ->
    hexide_package_text:release(Release);
answer(_, #{reverted := #{name := Name, version := Version, what := docs}}) ->
    ["Removed the documentation of ", Name, " ", Version, ".\n"];
answer(_, #{reverted := #{name := Name, version := Version}}) ->
    ["Took back ", Name, " ", Version, ".\n"];
answer(<<"docs">>, #{fetched := #{name := Name, version := Version, path := Path, size := Size}}) ->
    ["Fetched the documentation of ", Name, " ", Version, " (", hexide_table:size(Size), ") to ", Path, "\n"];
answer(<<"docs">>, #{opened := #{name := Name, version := Version, index := Index, url := Url, cached := Cached,
                                 fetched_at := At, browser := Browser}}) ->
    ["Documentation of ", Name, " ", Version, [[", as it was on ", hexide_table:day(At)] || Cached], "\n  ",
     Index, "\n  ", Url, "\n", ["There is no browser to open it in.\n" || not Browser]];
answer(_, #{cut := Cut, published := Published}) ->
    cut(Cut, Published);
answer(<<"build">>, #{packages := _} = Built) ->
    hexide_package_text:built(Built);
answer(_, #{packages := _, docs := _} = Published) ->
    hexide_package_text:published(Published);
answer(_, #{owners := Owners}) ->
    hexide_table:table(["User", "E-mail", "Level"],
                       [[User, maps:get(email, Owner, undefined), maps:get(level, Owner, undefined)]
                        || #{username := User} = Owner <- Owners]);
answer(<<"owner">>, #{package := Package, user := User, done := Done}) ->
    case Done of
        added -> [User, " is now an owner of ", Package, ".\n"];
        removed -> [User, " is no owner of ", Package, " any more.\n"];
        transferred -> [User, " is now the only owner of ", Package, ".\n"]
    end;
answer(<<"retire">>, #{name := Name, version := Version, retired := false}) ->
    [Name, " ", Version, " is not retired any more.\n"];
answer(<<"retire">>, #{name := Name, version := all, reason := Reason, message := Message}) ->
    ["All releases of ", Name, " are retired (", Reason, ")", [[": ", Message] || Message =/= undefined], ".\n"];
answer(<<"retire">>, #{name := Name, version := Version, reason := Reason, message := Message}) ->
    [Name, " ", Version, " is retired (", Reason, ")", [[": ", Message] || Message =/= undefined], ".\n"];
answer(<<"user">>, Answer) -> hexide_account_text:user(Answer);
answer(<<"organization">>, Answer) -> hexide_account_text:organization(Answer);
answer(<<"key">>, Answer) -> hexide_account_text:key(Answer);
answer(<<"config">>, Answer) -> config(Answer);
answer(<<"server">>, Answer) -> server(Answer).

cut(#{name := Name, from := From, to := To, tag := Tag, commit := undefined, pushed := Pushed}, Published) ->
    [[hexide_package_text:published(Published) || Published =/= undefined],
     "Would raise ", Name, " from ", From, " to ", To, ", tag it ", Tag,
     [[", push ", Branch, " to ", Remote] || #{remote := Remote, branch := Branch} <- [Pushed]],
     [" and publish nothing" || Published =:= undefined], ".\n"];
cut(#{name := Name, from := From, to := To, tag := Tag, commit := Commit, pushed := Pushed}, Published) ->
    [[hexide_package_text:published(Published) || Published =/= undefined],
     "Raised ", Name, " from ", From, " to ", To, ", tagged ", Tag, " at ", binary:part(Commit, 0, 10), ".\n",
     [["Pushed ", Branch, " and the tag to ", Remote, ".\n"] || #{remote := Remote, branch := Branch} <- [Pushed]],
     ["Nothing was published.\n" || Published =:= undefined]].

config(#{settings := [#{value := Value}]}) ->
    [value(Value), "\n"];
config(#{settings := Settings, repository := Repository, file := File}) ->
    ["Repository ", Repository, "; user settings in ", File, "\n\n",
     hexide_table:table(["Key", "Value", "From"],
                        [[Key, first_line(value(Value)), Source]
                         || #{key := Key, value := Value, source := Source} <- Settings])];
config(#{done := set, key := Key, value := Value}) ->
    [atom_to_list(Key), " is now ", value(Value), ".\n"];
config(#{done := deleted, key := Key}) ->
    [atom_to_list(Key), {own, " is removed from hex.config.\n"}].

value(undefined) -> "";
value(Value) when is_binary(Value) -> Value;
value(Value) -> io_lib:format("~0tp", [Value]).

%% A public key has many lines; its first tells enough in a table.
first_line(Text) ->
    case string:split(Text, "\n") of
        [Line, _] -> [Line, " ..."];
        [Line] -> Line
    end.

server(#{server := #{api_url := Api, repo_url := Repo, docs_url := Docs, fingerprint := Fingerprint,
                     data_dir := Dir, repository := Name} = Server, user := User, rebar_config := RebarConfig}) ->
    ["The registry `", Name, "` is running.\n\n",
     hexide_table:rows([["  API", Api], ["  Repository", Repo], ["  Docs", Docs], ["  Data", Dir],
                        ["  Public key", Fingerprint]]),
     case User of
         #{username := Username, key := undefined} ->
             ["\nUser ", Username, " is there from an earlier run; a key is shown only when it is made.\n"];
         #{username := Username, password := Password, key := Key} ->
             ["\nUser ", Username, ", whose password and API key are shown only now:\n",
              hexide_table:rows([["  Password", Password], ["  API key", Key]]),
              {own, "\nSign in by browser with\n  rebar3 hex user auth --repo "}, Name,
              "\nor without one, for scripts:\n  export HEX_API_KEY=", Key, "\n"];
         undefined -> []
     end,
     {by_door, ["\nFor a project that uses it, in rebar.config:\n", RebarConfig],
      ["\nFor a project that publishes to it, in project/0 of mix.exs:\n", mix_repository(Server)]},
     "\nIt ends when its input ends or with Ctrl-C.\n"].

mix_repository(#{repository := Name, api_url := Api, repo_url := Repo, public_key := Key}) ->
    ["hexide: [repos: [[name: \"", Name, "\",\n"
     "                  api_url: \"", Api, "\",\n"
     "                  repo_url: \"", Repo, "\",\n"
     "                  repo_public_key: \"", string:replace(string:trim(Key), "\n", "\\n", all), "\"]]]\n"].

%% @doc What happens while a command runs.
-spec event(hexide_context:event()) -> hexide_layout:document().
event(#{event := about_to_publish} = About) -> hexide_package_text:about(About);
event(#{event := not_searched} = Warning) -> hexide_find_text:event(Warning);
event(#{event := generating_docs}) -> "Generating documentation ...\n";
event(#{event := uploading, name := Name, version := Version, size := Size}) ->
    ["Uploading ", Name, " ", Version, " (", hexide_table:size(Size), ") ...\n"];
event(#{event := uploading_docs, name := Name, version := Version, size := Size}) ->
    ["Uploading the documentation of ", Name, " ", Version, " (", hexide_table:size(Size), ") ...\n"];
event(#{event := verifying, name := Name, version := Version}) ->
    ["Fetching ", Name, " ", Version, " back to compare ...\n"];
event(#{event := asking_whether_published, name := Name, version := Version}) ->
    ["Asking whether ", Name, " ", Version, " is published ...\n"];
event(#{event := mail, subject := Subject, username := Username, link := Link}) ->
    ["Mail to ", Username, " (", string:replace(atom_to_list(Subject), "_", " "), "): ", Link, "\n"];
event(#{event := Event} = Account)
  when Event =:= enter_code; Event =:= wrong_code; Event =:= wrong_password; Event =:= migrated ->
    hexide_account_text:event(Account);
event(#{event := cutting, tag := Tag}) -> ["Committing and tagging ", Tag, " ...\n"];
event(#{event := pushing, tag := Tag, remote := Remote, branch := Branch}) ->
    ["Pushing ", Branch, " and ", Tag, " to ", Remote, " ...\n"];
event(#{event := from_cache, cached_at := At, seconds := Age}) ->
    ["Offline: what follows was fetched ", ago(Age), " (", At, ").\n"].

ago(Seconds) ->
    case [{Seconds div Length, Name} || {Length, Name} <- [{86400, "day"}, {3600, "hour"}, {60, "minute"}],
                                        Seconds >= Length] of
        [{1, Name} | _] -> ["1 ", Name, " ago"];
        [{Count, Name} | _] -> [integer_to_list(Count), " ", Name, "s ago"];
        [] -> "just now"
    end.
