%% @doc Organizations, keys and sessions by real `rebar3 hex …' commands, and what stock rebar3 makes of what
%% they write into hex.config. The registry runs in the node of the tests; `real_rebar3' says what the
%% commands run in.
%%
%% amy is the admin of the organization acme and signs in where nothing else is said; bob comes to it as a
%% member; eve is a stranger.
-module(rebar3_hexide_organization_SUITE).

-include_lib("stdlib/include/assert.hrl").

-export([suite/0, all/0, groups/0, init_per_suite/1, end_per_suite/1]).
-export([reading_gets_a_key_of_its_own/1, a_stored_login_makes_the_key_as_well/1, a_wrong_reading_key_is_not_kept/1,
         members_come_change_and_go/1, private_packages_are_published_and_shown/1, strangers_see_nothing/1,
         stock_rebar3_fetches_what_it_may_read/1, stock_rebar3_is_refused_without_the_key/1,
         a_key_of_one_package_publishes_it_alone/1, keys_are_shown_without_their_secrets/1,
         a_key_signs_in_to_every_command/1, two_at_once_renew_a_session_once/1, the_last_keys_are_removed/1]).

-import(real_rebar3, [app/4, write/3, plugin/2, hex/3, hex/4, run/4, run/5, hex_config/1, has/2, hasnt/2]).

-spec suite() -> [tuple()].
suite() ->
    [{timetrap, {minutes, 3}}].

-spec all() -> [{group, atom()}].
all() ->
    [{group, story}].

-spec groups() -> [tuple()].
groups() ->
    [{story, [sequence],
      [reading_gets_a_key_of_its_own, a_stored_login_makes_the_key_as_well, a_wrong_reading_key_is_not_kept,
       members_come_change_and_go, private_packages_are_published_and_shown, strangers_see_nothing,
       stock_rebar3_fetches_what_it_may_read, stock_rebar3_is_refused_without_the_key,
       a_key_of_one_package_publishes_it_alone, keys_are_shown_without_their_secrets,
       a_key_signs_in_to_every_command, two_at_once_renew_a_session_once, the_last_keys_are_removed]}].

%% The process that sets the suite up ends before its cases begin.
-spec init_per_suite([tuple()]) -> [tuple()] | {skip, string()}.
init_per_suite(Config) ->
    case real_rebar3:prepare(Config, "organization") of
        {ok, Started} ->
            {ok, Server} = hexide_server:start_link(#{repository => <<"local">>, oauth_interval => 0}),
            true = unlink(Server),
            {ok, #{api_url := Api, repo_url := Repo, public_key := Public}} = hexide_server:info(Server),
            Keys = [begin
                        User = #{username => Name, email => Name ++ "@example.com"},
                        {ok, #{key := Key}} = hexide_server:add_user(Server, User),
                        {list_to_atom(Name), binary_to_list(Key)}
                    end || Name <- ["amy", "bob", "eve"]],
            ok = hexide_server:add_organization(Server, "acme", "amy"),
            Ready = [{server, Server}, {api, Api}, {repo, Repo}, {public, Public} | Keys] ++ Started,
            Project = filename:join(proplists:get_value(base, Ready), "apps_of_amy"),
            _ = [ok = app(filename:join([Project, "apps", Name]), Name, "0.1.0", [])
                 || Name <- ["secret_sauce", "open_one", "other_one"]],
            ok = write(Project, "rebar.config", ["{project_plugins, [hexide]}.\n", repositories(Ready, [])]),
            ok = write(Project, ".gitignore", "_build\n_checkouts\ndoc\n"),
            ok = plugin(Ready, Project),
            [{project, Project} | Ready];
        {skip, _} = Skip -> Skip
    end.

-spec end_per_suite([tuple()]) -> term().
end_per_suite(Config) ->
    hexide_server:stop(proplists:get_value(server, Config)).

%% --- organizations

-spec reading_gets_a_key_of_its_own([tuple()]) -> term().
reading_gets_a_key_of_its_own(Config) ->
    {1, <<>>, Nobody} = hex(Config, project, ["organization", "auth", "acme"]),
    has(Nobody, "HEX_API_KEY"),
    Given = [{"HEX_API_KEY", key(Config, amy)}],
    {0, Out, _} = hex(Config, project, ["organization", "auth", "acme"], Given),
    has(Out, "beside the entry of local:\n#{name => <<\"local:acme\">>}\n"),
    #{<<"local:acme">> := #{name := <<"local:acme">>, repo_key := Made} = Section} = Content = kept(Config),
    %% Only that: rebar3 takes it all for settings of the repository.
    ?assertEqual([name, repo_key], lists:sort(maps:keys(Section))),
    %% The key that was given is not kept, and the one that is does nothing but read.
    ?assertEqual([<<"local:acme">>], maps:keys(Content)),
    Settings = #{api_url => proplists:get_value(api, Config), api_key => Made},
    ?assertMatch({ok, _}, hexide_auth:test(Settings, repository, acme)),
    [?assertMatch({error, {unauthorized, _}}, hexide_auth:test(Settings, Domain, Resource))
     || {Domain, Resource} <- [{api, read}, {api, write}]],
    {0, Forgot, _} = hex(Config, project, ["organization", "deauth", "acme"]),
    has(Forgot, "local:acme"),
    ?assertEqual(#{}, kept(Config)).

-spec a_stored_login_makes_the_key_as_well([tuple()]) -> term().
a_stored_login_makes_the_key_as_well(Config) ->
    {0, _, _} = hex(Config, project, ["user", "auth"], [{"HEX_API_KEY", key(Config, amy)}]),
    {0, Before, _} = hex(Config, project, ["organization", "list"]),
    {match, _} = re:run(Before, "\n *acme +no\n"),
    {0, _, _} = hex(Config, project, ["organization", "auth", "acme"]),
    #{<<"local:acme">> := #{repo_key := Made}, <<"$hexide:local">> := #{api_key := _}} = kept(Config),
    ?assertNotEqual(Made, list_to_binary(key(Config, amy))),
    {0, After, _} = hex(Config, project, ["organization", "list"]),
    {match, _} = re:run(After, "\n *acme +yes\n").

-spec a_wrong_reading_key_is_not_kept([tuple()]) -> term().
a_wrong_reading_key_is_not_kept(Config) ->
    Before = kept(Config),
    %% One that nobody knows, and one of somebody who is no member.
    [begin
         {1, <<>>, Err} = hex(Config, project, ["organization", "auth", "acme", "--key", Wrong]),
         [has(Err, Part) || Part <- ["This key does not read acme and was not kept",
                                     "Give a key that may do this"]],
         hasnt(Err, Wrong),
         ?assertEqual(Before, kept(Config))
     end || Wrong <- ["0123456789abcdef0123456789abcdef", key(Config, eve)]],
    Settings = #{api_url => proplists:get_value(api, Config), api_key => key(Config, amy)},
    {ok, #{secret := Reads}} = hexide_key:add(Settings, "reads", [#{domain => repository, resource => acme}]),
    {0, _, _} = hex(Config, project, ["organization", "auth", "acme", "--key", binary_to_list(Reads)]),
    ?assertMatch(#{<<"local:acme">> := #{repo_key := Reads}}, kept(Config)).

-spec members_come_change_and_go([tuple()]) -> term().
members_come_change_and_go(Config) ->
    Members = fun(Args) -> hex(Config, project, ["organization", "members" | Args]) end,
    {0, _, _} = Members(["add", "acme", "bob", "--role", "write"]),
    {0, Both, _} = Members(["list", "acme"]),
    [{match, _} = re:run(Both, Row) || Row <- ["\n *amy +.*admin", "\n *bob +.*write"]],
    {0, _, _} = Members(["role", "acme", "bob", "read"]),
    {0, Json, _} = Members(["list", "acme", "--json"]),
    {match, _} = re:run(Json, "\"role\": \"read\""),
    {2, <<>>, Unasked} = Members(["remove", "acme", "bob"]),
    has(Unasked, "--yes"),
    {0, _, _} = Members(["remove", "acme", "bob", "--yes"]),
    {0, One, _} = Members(["list", "acme"]),
    hasnt(One, "bob"),
    {1, <<>>, Unknown} = Members(["add", "acme", "nobody_at_all"]),
    has(Unknown, "Cannot add nobody_at_all to acme: "),
    %% What is not there is named, and where to see what is.
    Absent = [{["members", "add", "acmee", "bob"], "there is no organization acmee", "organization list"},
              {["members", "remove", "acme", "bob", "--yes"], "there is no member bob of acme", "members list ORG"},
              {["members", "role", "acmee", "bob", "read"], "there is no organization acmee", "organization list"},
              {["key", "acmee", "list"], "There is no organization acmee", "organization list"},
              {["key", "acme", "get", "cii"], "There is no key cii of the organization acme", "key ORG list"}],
    [begin
         {1, <<>>, Said} = hex(Config, project, ["organization" | Args]),
         [has(Said, Part) || Part <- [What, Next]]
     end || {Args, What, Next} <- Absent],
    {0, Log, _} = hex(Config, project, ["organization", "audit-log", "acme"]),
    [{match, _} = re:run(Log, Row)
     || Row <- ["^What +Of +With", "organization.member.add +bob \\(write\\)",
                "organization.member.role +bob \\(read\\)", "organization.member.remove +bob"]].

%% --- private packages

-spec private_packages_are_published_and_shown([tuple()]) -> term().
private_packages_are_published_and_shown(Config) ->
    Private = ["--repo", "local:acme"],
    {0, Out, _} = hex(Config, project, ["publish", "--app", "secret_sauce", "--yes" | Private]),
    [has(Out, Part) || Part <- ["Published secret_sauce 0.1.0 to local:acme.", "fetched back and found the same",
                                "Published the documentation of secret_sauce 0.1.0."]],
    {0, Package, _} = hex(Config, project, ["info", "secret_sauce" | Private]),
    has(Package, "{secret_sauce, \"0.1.0\"}"),
    {0, Release, _} = hex(Config, project, ["info", "secret_sauce", "0.1.0" | Private]),
    has(Release, "Checksum:"),
    {0, Found, _} = hex(Config, project, ["search", "sauce" | Private]),
    has(Found, "secret_sauce"),
    #{<<"local:acme">> := #{repo_key := Reads}} = kept(Config),
    Settings = #{repo_url => proplists:get_value(repo, Config), repo_organization => "acme", repo_key => Reads},
    {ok, Docs} = hexide_repo:docs(Settings, "secret_sauce", "0.1.0"),
    {ok, Files} = erl_tar:extract({binary, Docs}, [compressed, memory]),
    ?assert(lists:keymember("index.html", 1, Files)),
    ?assertMatch({error, {_, _}}, hexide_repo:docs(Settings#{repo_key := undefined}, "secret_sauce", "0.1.0")).

-spec strangers_see_nothing([tuple()]) -> term().
strangers_see_nothing(Config) ->
    Eve = [{home, "eve"} | Config],
    Given = [{"HEX_API_KEY", key(Config, eve)}],
    Shown = ["info", "secret_sauce", "--repo", "local:acme"],
    {1, <<>>, Hidden} = hex(Eve, project, Shown, Given),
    has(Hidden, "Check the spelling; a private package needs its repository and a key that may see it."),
    {1, <<>>, _} = hex(Eve, project, ["search", "sauce", "--repo", "local:acme"], Given),
    {1, <<>>, Nobody} = hex(Eve, project, Shown),
    has(Nobody, "rebar3 hex user auth"),
    %% It is not among the public ones, either.
    {0, Public, _} = hex(Eve, project, ["search", "sauce"], Given),
    hasnt(Public, "secret_sauce"),
    {1, <<>>, Absent} = hex(Eve, project, ["organization", "auth", "acme"], Given),
    has(Absent, "Cannot make a key that reads acme: "),
    ?assertNot(filelib:is_file(hex_config(Eve))).

-spec stock_rebar3_fetches_what_it_may_read([tuple()]) -> term().
stock_rebar3_fetches_what_it_may_read(Config) ->
    Consumer = consumer(Config, "consumer"),
    {0, _, _} = run(Config, Consumer, "rebar3", ["compile"]),
    ?assert(filelib:is_regular(beam(Consumer))),
    {ok, Lock} = file:read_file(filename:join(Consumer, "rebar.lock")),
    {0, Info, _} = hex(Config, project, ["info", "secret_sauce", "0.1.0", "--repo", "local:acme", "--json"]),
    {match, [Checksum]} = re:run(Info, "\"checksum\": \"([0-9a-f]{64})\"", [{capture, all_but_first, list}]),
    has(Lock, string:uppercase(Checksum)).

-spec stock_rebar3_is_refused_without_the_key([tuple()]) -> term().
stock_rebar3_is_refused_without_the_key(Config) ->
    Stranger = consumer(Config, "stranger"),
    {1, Unknown, _} = run([{home, "eve"} | Config], Stranger, "rebar3", ["compile"]),
    has(Unknown, "Package not found in any repo: secret_sauce"),
    ?assertNot(filelib:is_regular(beam(Stranger))),
    %% What it fetched was verified: with another public key it is nothing.
    {ok, Other} = hexide_server:start_link(#{}),
    {ok, #{public_key := Public}} = hexide_server:info(Other),
    ok = hexide_server:stop(Other),
    Mistrusting = consumer([{public, Public} | Config], "mistrusting"),
    {1, Unverified, _} = run(Config, Mistrusting, "rebar3", ["compile"],
                             [{"REBAR_CACHE_DIR", filename:join(Mistrusting, "cache")}]),
    has(Unverified, "Package not found in any repo: secret_sauce"),
    ?assertNot(filelib:is_regular(beam(Mistrusting))).

%% --- keys

-spec a_key_of_one_package_publishes_it_alone([tuple()]) -> term().
a_key_of_one_package_publishes_it_alone(Config) ->
    {0, _, _} = hex(Config, project, ["publish", "package", "--app", "open_one", "--yes"]),
    {0, Made, _} = hex(Config, project, ["key", "generate", "--key-name", "ci", "--permission",
                                         "package:local/open_one", "--expires", "2099-01-01"]),
    [Secret] = secrets(Made),
    %% On another machine, of somebody who never signed in.
    Ci = [{home, "ci"} | Config],
    Given = [{"HEX_API_KEY", Secret}],
    ok = version(Config, "open_one", "0.2.0"),
    {0, Out, _} = hex(Ci, project, ["publish", "--app", "open_one", "--yes"], Given),
    [has(Out, Part) || Part <- ["Published open_one 0.2.0 to local.", "fetched back and found the same",
                                "Published the documentation of open_one 0.2.0."]],
    {1, <<>>, Refused} = hex(Ci, project, ["publish", "package", "--app", "other_one", "--yes"], Given),
    [has(Refused, Part) || Part <- ["This login may not publish other_one to local: ",
                                    "key not authorized for this action", "(with the key of HEX_API_KEY)",
                                    "a key that may do this"]],
    hasnt(Refused, Secret),
    {1, <<>>, _} = hex(Ci, project, ["info", "other_one"]),
    ?assertNot(filelib:is_file(hex_config(Ci))).

-spec keys_are_shown_without_their_secrets([tuple()]) -> term().
keys_are_shown_without_their_secrets(Config) ->
    {0, Bot, _} = hex(Config, project, ["organization", "key", "acme", "generate", "--key-name", "bot"]),
    [Secret] = secrets(Bot),
    {0, Listed, _} = hex(Config, project, ["key", "list"]),
    {match, _} = re:run(Listed, "\n *ci +package:local/open_one +[-0-9]+ +2099-01-01"),
    %% The same by the other door; and an organization's are its own.
    {0, Listed, _} = hex(Config, project, ["user", "key", "list"]),
    {0, Theirs, _} = hex(Config, project, ["organization", "key", "acme", "list"]),
    {match, _} = re:run(Theirs, "\n *bot +repository:acme"),
    {0, One, _} = hex(Config, project, ["user", "key", "get", "ci"]),
    {match, _} = re:run(One, "Last used"),
    {0, Its, _} = hex(Config, project, ["organization", "key", "acme", "get", "bot"]),
    ?assertEqual([], lists:append([secrets(Text) || Text <- [Listed, Theirs, One, Its]])),
    hasnt(Listed, "bot"),
    %% It reads what is the organization's, with nobody behind it.
    Reader = [{home, "reader"} | Config],
    {0, _, _} = hex(Reader, project, ["organization", "auth", "acme", "--key", Secret]),
    {0, _, _} = hex(Config, project, ["organization", "key", "acme", "remove", "bot"]),
    {0, _, _} = hex(Config, project, ["key", "remove", "ci"]),
    {0, Rest, _} = hex(Config, project, ["key", "list"]),
    hasnt(Rest, "package:local/open_one"),
    {1, <<>>, Gone} = hex(Config, project, ["key", "get", "ci"]),
    has(Gone, "ci").

%% Every command is in the table below, so that a new one is thought of.
-spec a_key_signs_in_to_every_command([tuple()]) -> term().
a_key_signs_in_to_every_command(Config) ->
    Project = proplists:get_value(project, Config),
    Nowhere = [{home, "nowhere"} | Config],
    Commands = [[binary_to_list(Name) | Args] || Name <- hexide_command:names(), Args <- needs_login(Name)],
    [begin
         {1, <<>>, Nobody} = hex(Nowhere, project, Command),
         has(Nobody, "HEX_API_KEY")
     end || Command <- Commands],
    [{0, _, _} = run(Config, Project, "git", Args)
     || Args <- [["init", "-q"], ["config", "user.name", "Amy"], ["config", "user.email", "amy@example.com"],
                 ["add", "."], ["commit", "-q", "-m", "first"]]],
    %% All of them as tasks of one run, which ends with the first that fails.
    [{0, _, _} = run(Nowhere, Project, "rebar3", ["do" | tasks([Command ++ Repository || Command <- Commands])],
                     [{"HEX_API_KEY", key(Config, amy)}])
     || Repository <- [[], ["--repo", "local"]]],
    %% What anybody may do in public needs somebody in private.
    Private = [Command ++ ["--repo", "local:acme"]
               || Command <- [["info", "secret_sauce"], ["search", "sauce"],
                              ["publish", "--app", "secret_sauce", "--yes", "--replace"]]],
    {0, _, _} = run(Nowhere, Project, "rebar3", ["do" | tasks(Private)], [{"HEX_API_KEY", key(Config, amy)}]),
    ?assertNot(filelib:is_file(hex_config(Nowhere))).

needs_login(<<"publish">>) -> [["package", "--app", "open_one", "--yes", "--replace"]];
needs_login(<<"docs">>) -> [["--app", "open_one", "--yes"]];
needs_login(<<"cut">>) -> [["-i", "patch", "--app", "open_one", "--yes"]];
needs_login(<<"owner">>) -> [["packages"], ["add", "open_one", "eve"], ["remove", "open_one", "eve", "--yes"]];
needs_login(<<"retire">>) -> [["open_one", "0.1.0", "other"], ["open_one", "0.1.0", "--unretire"],
                              ["open_one", "--all", "deprecated", "--message", "see another"]];
needs_login(<<"user">>) -> [["whoami"], ["key", "list"]];
needs_login(<<"key">>) -> [["list"]];
needs_login(<<"organization">>) -> [["list"], ["members", "list", "acme"], ["key", "acme", "list"]];
needs_login(Open) when Open =:= <<"build">>; Open =:= <<"search">>; Open =:= <<"info">>; Open =:= <<"config">>;
                       Open =:= <<"outdated">>; Open =:= <<"repo">>; Open =:= <<"package">>; Open =:= <<"server">>;
                       Open =:= <<"help">> -> [].

tasks([Command]) -> ["hex" | Command];
tasks([Command | Rest]) -> ["hex" | lists:droplast(Command)] ++ [lists:last(Command) ++ "," | tasks(Rest)].

-spec the_last_keys_are_removed([tuple()]) -> term().
the_last_keys_are_removed(Config) ->
    {2, <<>>, Unasked} = hex(Config, project, ["key", "remove", "--all"]),
    has(Unasked, "--yes"),
    {0, _, _} = hex(Config, project, ["key", "remove", "--all", "--yes"]),
    {1, <<>>, Revoked} = hex(Config, project, ["user", "whoami"]),
    has(Revoked, "revoked (with the key that hex.config keeps)"),
    %% What read the organization's packages was one of them.
    Late = consumer(Config, "late"),
    {1, Unknown, _} = run(Config, Late, "rebar3", ["compile"], [{"REBAR_CACHE_DIR", filename:join(Late, "cache")}]),
    has(Unknown, "Package not found in any repo: secret_sauce").

%% --- sessions

-spec two_at_once_renew_a_session_once([tuple()]) -> term().
two_at_once_renew_a_session_once(Config) ->
    Bob = [{home, "bob"} | Config],
    {Count, Api} = counting_proxy:start(proplists:get_value(api, Config), <<"POST /api/oauth/token ">>),
    Settings = #{api_url => proplists:get_value(api, Config)},
    {ok, #{user_code := Code} = Device} = hexide_auth:device_start(Settings),
    ok = hexide_server:approve_device(proplists:get_value(server, Config), Code, "bob"),
    {ok, Tokens} = hexide_auth:device_wait(Settings, Device),
    Expired = (maps:with([access_token, refresh_token], Tokens))#{expires_at => erlang:system_time(second) - 1},
    Owner = #{api_url => Api, username => <<"bob">>},
    Start = fun() -> real_rebar3:start(Bob, proplists:get_value(project, Bob), "rebar3", ["hex", "user", "whoami"],
                                       [{"HEX_API_URL", binary_to_list(Api)}])
            end,
    %% The lock is let go when both have found the session expired and want to renew it.
    Together = fun(Content) ->
                   Started = [Start() || _ <- [1, 2]],
                   ok = wanted(hex_config(Bob) ++ ".lock", 2, deadline()),
                   {ok, Started, Content}
               end,
    Keep = fun(Content) -> hexide_credentials:keep_session(Content, <<"local">>, Expired, Owner) end,
    ok = hexide_user_file:update(hex_config(Bob), Keep),
    {ok, Both} = hexide_user_file:transaction(hex_config(Bob), Together),
    [begin
         {0, Who, _} = real_rebar3:ended(Each),
         has(Who, "bob")
     end || Each <- Both],
    ?assertEqual(1, Count()),
    #{<<"$hexide:local">> := #{session := #{access_token := Access, expires_at := End}}} = kept(Bob),
    ?assertNotEqual(maps:get(access_token, Tokens), Access),
    ?assert(End > erlang:system_time(second)).

%% Waits until that many other processes of the system have the file open. Only Linux tells; elsewhere the
%% two may also come one after the other.
wanted(File, Count, Deadline) ->
    Links = filelib:wildcard("/proc/[0-9]*/fd/*"),
    Open = [Link || Link <- Links, not lists:prefix("/proc/" ++ os:getpid() ++ "/", Link),
                    file:read_link(Link) =:= {ok, File}],
    case length(Open) >= Count orelse not filelib:is_dir("/proc/self/fd") of
        true -> ok;
        false ->
            ?assert(erlang:monotonic_time(millisecond) < Deadline),
            wanted(File, Count, Deadline)
    end.

deadline() ->
    erlang:monotonic_time(millisecond) + 60_000.

%% --- helpers

key(Config, User) ->
    proplists:get_value(User, Config).

kept(Config) ->
    {ok, Info} = file:read_file_info(hex_config(Config)),
    ?assertEqual(8#600, element(8, Info) band 8#777),
    {ok, [Content]} = file:consult(hex_config(Config)),
    Content.

%% What looks like a key, alone in its line.
secrets(Text) ->
    case re:run(Text, "^([0-9a-f]{32,})$", [global, multiline, {capture, all_but_first, list}]) of
        {match, Found} -> lists:append(Found);
        nomatch -> []
    end.

%% As a person writes them who has read what `organization auth' says. hex.pm is not among them.
repositories(Config, More) ->
    Values = [["\n   ", atom_to_list(Key), " => <<\"", string:replace(string:trim(Value), "\n", "\\n", all), "\">>"]
              || {Key, Value} <- [{name, "local"}, {api_url, proplists:get_value(api, Config)},
                                  {repo_url, proplists:get_value(repo, Config)},
                                  {repo_public_key, proplists:get_value(public, Config)}]],
    ["{hex, [{repos, replace, [", lists:join(", ", [["#{", lists:join(",", Values), "}"] | More]), "]}]}.\n"].

%% A project that has no hexide and needs the private package.
consumer(Config, Folder) ->
    Dir = filename:join(proplists:get_value(base, Config), Folder),
    ok = app(Dir, Folder, "0.1.0", ["secret_sauce"]),
    ok = write(Dir, "rebar.config",
               ["{deps, [{secret_sauce, \"~> 0.1\"}]}.\n",
                repositories(Config, ["#{name => <<\"local:acme\">>}"])]),
    Dir.

beam(Dir) ->
    filename:join(Dir, "_build/default/lib/secret_sauce/ebin/secret_sauce.beam").

version(Config, App, Version) ->
    app(filename:join([proplists:get_value(project, Config), "apps", App]), App, Version, []).
