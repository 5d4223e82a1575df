%% @doc Answers about accounts, keys and organizations as text for people. Pure: a map in, text out.
-module(hexide_account_text).

-export([user/1, key/1, organization/1, event/1]).

%% @doc What `user' answers.
-spec user(map()) -> hexide_layout:document().
user(#{registered := #{username := Username}}) ->
    ["Registered ", Username, ". If the registry sends mail, follow the link in it; then sign in with ",
     {own, "`rebar3 hex user auth`.\n"}];
user(#{user := #{username := Username} = User} = Answer) ->
    [Username, [[" <", Email, ">"] || #{email := Email} <- [User], is_binary(Email)], "\n",
     [["member of ", Name, " (", Role, ")\n"] || #{name := Name, role := Role} <- maps:get(organizations, User, [])],
     login(Answer)];
user(#{signed_in := #{username := Username, repository := Repository}}) ->
    ["Signed in to ", Repository, " as ", Username, ".\n"];
user(#{signed_out := #{repository := Repository, was_signed_in := true}}) ->
    ["Signed out of ", Repository, ".\n"];
user(#{signed_out := #{repository := Repository}}) ->
    ["Nobody was signed in to ", Repository, ".\n"];
user(#{reset := #{user := User, sent := true}}) ->
    ["If the registry knows ", User, ", a mail with a link is on its way.\n"];
user(#{reset := #{page := Page}}) ->
    ["This registry resets passwords on its site only; open ", Page, "\n"];
user(Answer) ->
    key(Answer).

login(#{login := session}) -> "signed in by browser\n";
login(#{login := stored_key}) -> {own, "signed in with a key of hex.config\n"};
login(#{login := key}) -> "with the key of HEX_API_KEY or the configuration\n";
login(_) -> [].

%% @doc What `key' answers.
-spec key(map()) -> hexide_layout:document().
key(#{keys := []}) ->
    "There are no keys.\n";
key(#{keys := Keys}) ->
    hexide_table:table(["Key", "Permissions", "Made", "Ends", "In use here"],
                       [[Name, permissions(Permissions),
                         hexide_table:day(maps:get(inserted_at, Key, undefined)),
                         hexide_table:day(maps:get(revoke_at, Key, undefined)),
                         in_use(Key)]
                        || #{name := Name, permissions := Permissions} = Key <- Keys]);
key(#{removed := <<"all">>}) ->
    "Removed all keys. Whoever used one signs in anew, or gets a new one.\n";
key(#{removed := Name}) ->
    ["Removed the key ", Name, ".\n"];
key(#{key := #{name := Name, secret := Secret} = Key}) ->
    ["Made the key ", Name, " for ", permissions(maps:get(permissions, Key, [])),
     ". This is the only time that its secret is shown:\n", Secret, "\n"];
key(#{key := #{name := Name, permissions := Permissions} = Key}) ->
    hexide_table:rows([["Key", Name], ["Permissions", permissions(Permissions)],
                       ["Made", value(maps:get(inserted_at, Key, undefined))],
                       ["Ends", case maps:get(revoke_at, Key, undefined) of undefined -> "never"; End -> End end],
                       ["In use here", case in_use(Key) of "" -> "no"; Yes -> Yes end] | last_use(Key)]).

in_use(#{authing_key := true}) -> "yes";
in_use(_) -> "".

last_use(#{last_use := #{used_at := At} = Use}) when is_binary(At) ->
    [["Last used", At], ["From", value(maps:get(ip, Use, undefined))],
     ["By", value(maps:get(user_agent, Use, undefined))]];
last_use(_) -> [].

permissions(Permissions) ->
    lists:join(", ", [[Domain, [[":", Resource] || Resource =/= undefined]]
                      || #{domain := Domain, resource := Resource} <- Permissions]).

value(undefined) -> "";
value(Value) -> Value.

%% @doc What `organization' answers.
-spec organization(map()) -> hexide_layout:document().
organization(#{authorized := #{repository := <<"hexpm:", _/binary>> = Repository}}) ->
    {by_door, ["rebar3 can now read ", Repository, ". In rebar.config:\n",
               "{hex, [{repos, [", entry(Repository), "]}]}.\n"],
     readable(Repository)};
%% rebar3 takes the addresses from the entry of the repository itself, and wants both.
organization(#{authorized := #{repository := Repository}}) ->
    {by_door, ["rebar3 can now read ", Repository, ". In rebar.config, beside the entry of ",
               hexide_credentials:home(Repository), ":\n", entry(Repository), "\n"],
     readable(Repository)};
organization(#{deauthorized := #{repository := Repository, was_authorized := true}}) ->
    ["Forgot the key of ", Repository, " here. It lives on at the registry: ",
     {own, "`rebar3 hex key list` shows its name, `rebar3 hex key remove NAME` ends it.\n"}];
organization(#{deauthorized := #{repository := Repository}}) ->
    ["There was no key of ", Repository, ".\n"];
organization(#{organizations := []}) ->
    "No organizations.\n";
organization(#{organizations := Organizations}) ->
    hexide_table:table(["Organization", "Readable here"],
                       [[Name, case Authorized of
                                   true -> "yes";
                                   false -> "no"
                               end]
                        || #{name := Name, authorized := Authorized} <- Organizations]);
organization(#{members := Members}) ->
    hexide_table:table(["Member", "E-mail", "Role"],
                       [[User, value(maps:get(email, Member, undefined)), Role]
                        || #{username := User, role := Role} = Member <- Members]);
organization(#{member := User, organization := Organization, done := removed}) ->
    [User, " is no member of ", Organization, " any more.\n"];
organization(#{member := User, organization := Organization, role := Role}) ->
    [User, " is now a member of ", Organization, " (", Role, ").\n"];
organization(#{log := []}) ->
    "The log is empty.\n";
organization(#{log := Log}) ->
    Columns = [{"When", fun(Entry) -> value(maps:get(inserted_at, Entry, undefined)) end},
               {"What", fun(Entry) -> value(maps:get(action, Entry, undefined)) end},
               {"Of", fun(Entry) -> concerned(maps:get(params, Entry, #{})) end},
               {"With", fun(Entry) -> value(maps:get(user_agent, Entry, undefined)) end}],
    %% hex.pm tells no times.
    Told = [Column || {_, Cell} = Column <- Columns, lists:any(fun(Entry) -> Cell(Entry) =/= "" end, Log)],
    hexide_table:table([Heading || {Heading, _} <- Told], [[Cell(Entry) || {_, Cell} <- Told] || Entry <- Log]);
organization(Answer) ->
    key(Answer).

%% What an entry of the log is about, as far as it says so in a way that is known.
concerned(#{<<"user">> := #{<<"username">> := User}, <<"role">> := Role}) when is_binary(User), is_binary(Role) ->
    [User, " (", Role, ")"];
concerned(#{<<"package">> := #{<<"name">> := Package}, <<"release">> := #{<<"version">> := Version}})
  when is_binary(Package), is_binary(Version) ->
    [Package, " ", Version];
concerned(#{<<"package">> := #{<<"name">> := Package}}) when is_binary(Package) -> Package;
concerned(#{<<"name">> := Key, <<"permissions">> := _}) when is_binary(Key) -> Key;
concerned(#{<<"user">> := #{<<"username">> := User}}) when is_binary(User) -> User;
concerned(_) -> "".

%% Mix itself looks elsewhere.
readable(Repository) ->
    ["hexide can now read ", Repository, "; for `mix deps.get`, run `mix hex.organization auth ORG`, too.\n"].

entry(Repository) ->
    ["#{name => <<\"", Repository, "\">>}"].

%% @doc What happens while somebody signs in.
-spec event(hexide_context:event()) -> hexide_layout:document().
event(#{event := enter_code, code := Code, page := Page, opened := Opened, expires_in := Lasts}) ->
    [case Opened of
         true -> ["Your browser should show ", Page, "\n"];
         false -> ["Open ", Page, "\n"]
     end,
     "and confirm this code: ", grouped(Code), "\nWaiting for you there (", integer_to_list(Lasts div 60),
     " minutes; Ctrl-C ends it) ...\n"];
event(#{event := wrong_code}) -> "That code was not accepted.\n";
event(#{event := wrong_password}) -> "That password does not open it.\n";
event(#{event := migrated, repository := Repository}) ->
    ["The key of ", Repository, " was weakly encrypted; it is now kept with Argon2id and AES-256-GCM.\n"].

%% Eight letters are read in two groups.
grouped(<<Left:4/binary, Right:4/binary>>) -> [Left, "-", Right];
grouped(Code) -> Code.
