%% @doc The table of all commands: the one source of what a door parses, of what `help' says and of what
%% rebar3 is told about its providers.
-module(hexide_command).

-export([all/0, names/0, find/1, options/1, needs/2, run/3]).

-export_type([command/0, option/0, options/0, outcome/0]).

-type command() :: #{name := binary(), module := module(), summary := binary(), forms := [binary(), ...],
                     options := [option()], examples := [binary(), ...],
                     needs := [need()], anywhere => [binary()], notes => [binary()],
                     mix => #{notes => [binary()], examples => [binary(), ...]}}.
%% `module': whose `run/2' does it. `forms': the ways to write it, without the door's prefix. `needs':
%% what the context must hold: the project's apps, the one repository that is meant, or all of them alike.
%% `anywhere': first arguments with which it needs no project.
%% `notes': paragraphs of its help. `mix': what is said instead to those who build with Mix.

-type need() :: project | repository | repositories.

-type option() :: #{name := atom(), long := binary(), short => char(), type := type(), value => binary(),
                    many => boolean(), help := binary()}.
%% `name': its key in {@link options()}. `value': the placeholder of its value in the help text. `many':
%% it may be repeated, and the value is a list.

-type type() :: flag | text | number | {one_of, [binary()]}.
-type options() :: #{args := [binary()], atom() => boolean() | binary() | integer() | [binary()]}.
%% `args': what is no option, in order. An option that was not given is not in the map.

-type outcome() :: ok | {ok, map()} | {negative, map(), hexide_failure:failure()}
                 | {error, hexide_failure:failure()}.
%% `ok': the answer has been shown already. `negative': an answer like any other, by which the program that
%% asked is to end as the failure says: with its exit code, or with its sentence as one task among others.

%% @doc All commands, in the order of the overview.
-spec all() -> [command()].
all() ->
    [publish(), docs(), build(), cut(), search(), info(), package(), outdated(), owner(), retire(), user(), key(),
     organization(), repo_command(), config(), server(), help()].

%% @doc Their names.
-spec names() -> [binary()].
names() ->
    [Name || #{name := Name} <- all()].

%% @doc The command of that name.
-spec find(binary()) -> {ok, command()} | error.
find(Name) ->
    case [Command || #{name := Each} = Command <- all(), Each =:= Name] of
        [Command] -> {ok, Command};
        [] -> error
    end.

%% @doc All options that a command takes, the common ones last.
-spec options(command()) -> [option()].
options(#{options := Own, needs := Needs}) ->
    Own ++ [Common || Common <- [repo(), otp()], lists:member(repository, Needs)]
        ++ [flag(json, "json", "Print one JSON document instead of text"),
            (flag(help, "help", "Show this help"))#{short => $h}].

%% @doc What the context must hold for that use of the command.
-spec needs(command(), options()) -> [need()].
needs(#{needs := Needs, anywhere := Words}, #{args := [Word | _]}) ->
    [Need || Need <- Needs, Need =/= project orelse not lists:member(Word, Words)];
needs(#{needs := Needs}, _) ->
    Needs.

%% @doc Does what the command does.
-spec run(command(), hexide_context:context(), options()) -> outcome().
run(#{module := Module}, Context, Options) ->
    Memory = hexide_secrets:memory(),
    try
        %% Options and contexts hold secrets, and a crash would tell them.
        hexide_exception:bare(fun() -> Module:run(Context#{memory => Memory}, Options) end)
    after
        hexide_secrets:close(Memory)
    end.

publish() ->
    #{name => <<"publish">>, module => hexide_cmd_publish, needs => [project, repository],
      summary => <<"Publish a package and its documentation">>,
      forms => [<<"publish">>, <<"publish package">>, <<"publish docs">>, <<"publish --revert VERSION">>],
      options => [yes(), dry_run(), flag(replace, "replace", "Replace a release that is already published"),
                  text(revert, "revert", "VERSION", "Take a published version back"), app(), doc_dir(),
                  organization_option(), source_ref(),
                  flag(no_verify, "no-verify", "Do not fetch the release back to compare it")],
      notes => [<<"Shows what will be in the package and asks once. After the upload the release is fetched "
                  "back and its checksum compared. In an umbrella all apps are published, those that others "
                  "need first. A dry run does everything short of the upload and needs no login.">>,
                <<"A version that is already there with the same checksum counts as done: after a failure the same "
                  "command goes on where it stopped. With another checksum it is refused; raise the version, or "
                  "give --replace while the registry allows it.">>],
      examples => [<<"publish">>, <<"publish --dry-run">>, <<"publish package --app my_app --yes">>,
                   <<"publish --revert 1.0.1">>]}.

docs() ->
    #{name => <<"docs">>, module => hexide_cmd_docs, needs => [project, repository],
      anywhere => [<<"fetch">>, <<"open">>],
      summary => <<"Publish the documentation of a published version; fetch and read that of any package">>,
      forms => [<<"docs">>, <<"docs --revert VERSION">>, <<"docs fetch PACKAGE [VERSION]">>,
                <<"docs open PACKAGE [VERSION]">>],
      options => [yes(), dry_run(), text(revert, "revert", "VERSION", "Remove the documentation of a version"),
                  app(), doc_dir(), organization_option(),
                  text(output, "output", "DIR", "Folder for what is fetched (default: where you are)"),
                  flag(refresh, "refresh", "Open it as it is published now, not as it was kept")],
      notes => [<<"Generates with what {hex, [{doc, ...}]} in rebar.config names: a task of any plugin, such as edoc "
                  "or ex_doc ({doc, TASK}, {doc, {NAMESPACE, TASK}}), an alias, or a command line for the shell ({doc, "
                  "\"make docs\"}); {doc, none} where it is there already. Where nothing is named, a task or an alias "
                  "`docs` is run, else edoc. The result is the folder doc or docs, whichever was written, and has an "
                  "index.html. With --doc-dir it takes what is in that folder.">>,
                <<"`docs fetch` unpacks documentation into a new folder PACKAGE-VERSION-docs. `docs open` keeps it in "
                  "the cache (cache_dir), shows it in the browser and prints where it is; what is kept can be read "
                  "without a network. Without a version, both take the newest stable release that has any. Neither "
                  "needs a project or a login; the documentation of private packages needs the repository's key.">>],
      mix => #{notes => [<<"Generates with the task or the alias `docs` where the project has one, such as that of "
                           "ex_doc; else takes the folder doc as it is. It must have an index.html. With --doc-dir it "
                           "takes what is in that folder.">>,
                         <<"`docs fetch` unpacks documentation into a new folder PACKAGE-VERSION-docs. `docs open` "
                           "keeps it in the cache (cache_dir), shows it in the browser and prints where it is. Neither "
                           "needs a project or a login; the documentation of private packages needs the repository's "
                           "key.">>]},
      examples => [<<"docs">>, <<"docs --doc-dir doc --yes">>, <<"docs open cowboy">>, <<"docs fetch cowboy 2.9.0">>]}.

build() ->
    #{name => <<"build">>, module => hexide_cmd_build, needs => [project, repositories],
      summary => <<"Build the package without publishing it">>,
      forms => [<<"build">>, <<"build package">>, <<"build docs">>],
      options => [app(), doc_dir(), text(output, "output", "DIR", "Folder for the result (default: where you are)"),
                  flag(unpack, "unpack", "Write the package's files instead of a tarball"), source_ref()],
      examples => [<<"build">>, <<"build package --output /tmp">>, <<"build --unpack">>]}.

cut() ->
    #{name => <<"cut">>, module => hexide_cmd_cut, needs => [project, repository],
      summary => <<"Raise the version, commit, tag and publish">>,
      forms => [<<"cut -i major|minor|patch">>, <<"cut -i major|minor|patch --pre NAME">>, <<"cut --pre NAME">>],
      options => [(choice(increment, "increment", [<<"major">>, <<"minor">>, <<"patch">>],
                          "Which part of the version to raise; asked for on a terminal"))#{short => $i},
                  text(pre, "pre", "NAME", "Make it a pre-release of that name, such as rc"),
                  flag(push, "push", "Push the branch and the tag to the branch's remote"),
                  flag(no_publish, "no-publish", "Only raise the version, commit and tag"),
                  flag(prefix_tag, "prefix-tag", "Begin the tag with v; with --no-prefix-tag, do not (default: as the "
                       "tags that are there)"),
                  yes(), dry_run(), app(), doc_dir()],
      notes => [<<"Changes only the version's own place, commits only that file and tags the commit. If a step "
                  "fails, everything local is put back as it was.">>,
                <<"From 1.0.0, `-i minor --pre rc` gives 1.1.0-rc.1; then `--pre rc` gives 1.1.0-rc.2, and `-i minor` "
                  "1.1.0. The next version is always a later one.">>,
                <<"With --push the remote is asked first whether it would take the branch: the one that the branch "
                  "follows, else the only one, else origin. The push comes last, branch and tag together. Should it "
                  "fail after the release is published, commit and tag stay, and the error says what to run; with "
                  "--no-publish they are taken back.">>],
      examples => [<<"cut -i minor">>, <<"cut -i patch --yes --push">>, <<"cut -i major --pre rc">>,
                   <<"cut -i patch --no-publish --dry-run">>]}.

search() ->
    #{name => <<"search">>, module => hexide_cmd_search, needs => [repositories],
      summary => <<"Find packages">>,
      forms => [<<"search TERM">>, <<"search --depends PACKAGE">>],
      options => [many(build_tool, "build-tool", "NAME", "Only what is built with this (rebar3, mix, make, ...)"),
                  many(depends, "depends", "PACKAGE", "Only what depends on this package (or REPOSITORY/PACKAGE)"),
                  many(extra, "extra", "KEY[.KEY]:VALUE", "Only what says this in the `extra` of its metadata"),
                  choice(sort, "sort", [<<"name">>, <<"recent_downloads">>, <<"total_downloads">>,
                                        <<"inserted_at">>, <<"updated_at">>], "Order of the results"),
                  number(limit, "limit", "N", "Most results to show (default 30)"),
                  flag(all, "all", "Show all results"),
                  (text(repo, "repo", "NAME", "Only this repository (default: all that have an API)"))#{short => $r}],
      notes => [<<"Looks in names and descriptions; needs no login. A filter alone is a search, too; of several, all "
                  "must be met. Where one repository does not answer, what the others have is shown, and a warning.">>],
      examples => [<<"search json">>, <<"search http --sort recent_downloads --limit 10">>,
                   <<"search --depends cowboy --build-tool rebar3">>],
      mix => #{examples => [<<"search json">>, <<"search http --sort recent_downloads --limit 10">>,
                            <<"search --depends plug --build-tool mix">>]}}.

package() ->
    #{name => <<"package">>, module => hexide_cmd_package, needs => [repository],
      summary => <<"Fetch a package, or show what changed between two releases">>,
      forms => [<<"package fetch PACKAGE [VERSION]">>, <<"package diff PACKAGE VERSION VERSION">>],
      options => [text(output, "output", "DIR", "Folder for what is fetched (default: where you are)"),
                  flag(unpack, "unpack", "Write the package's files instead of the tarball"),
                  flag(stat, "stat", "Of a diff, only count the lines")],
      notes => [<<"What is fetched is verified: the signature of the index, and the checksum that it gives. Nothing "
                  "is overwritten. The diff is of the files and the metadata as they were published.">>],
      examples => [<<"package fetch cowboy --unpack">>, <<"package diff cowboy 2.8.0 2.9.0">>,
                   <<"package diff cowboy 2.8.0 2.9.0 --stat">>]}.

info() ->
    #{name => <<"info">>, module => hexide_cmd_info, needs => [repository],
      summary => <<"Show this system, a package, or one release of it">>,
      forms => [<<"info">>, <<"info PACKAGE">>, <<"info PACKAGE VERSION">>, <<"PACKAGE [VERSION]">>],
      options => [],
      notes => [<<"Of a release, the Git address and commit that it was built from are shown where its metadata has "
                  "them. They are read from the verified tarball, if the repository has it to give.">>],
      examples => [<<"info">>, <<"info cowboy">>, <<"info cowboy 2.9.0">>]}.

outdated() ->
    #{name => <<"outdated">>, module => hexide_cmd_outdated, needs => [project, repositories],
      summary => <<"Show which dependencies have newer releases">>,
      forms => [<<"outdated">>],
      options => [flag(all, "all", "Dependencies of dependencies, too"),
                  flag(pre, "pre", "Count pre-releases as newer"),
                  flag(within_requirements, "within-requirements", "Count only what the requirements allow"),
                  flag(exit_code, "exit-code", "Exit with 1 when something is outdated")],
      notes => [<<"Compares rebar.lock with the signed index of the configured repositories; needs no login. Each "
                  "package is looked up where rebar3 would find it: in the first repository that has the locked "
                  "release. A retired release is never proposed; a pre-release only with --pre, or where one is "
                  "locked.">>],
      mix => #{notes => [<<"Compares mix.lock with the signed index of the configured repositories; needs no login. A "
                           "retired release is never proposed; a pre-release only with --pre, or where one is "
                           "locked.">>]},
      examples => [<<"outdated">>, <<"outdated --all --within-requirements">>, <<"outdated --exit-code --json">>]}.

owner() ->
    #{name => <<"owner">>, module => hexide_cmd_owner, needs => [repository],
      summary => <<"List, add, remove and transfer owners of a package">>,
      forms => [<<"owner list PACKAGE">>, <<"owner add PACKAGE USER">>, <<"owner remove PACKAGE USER">>,
                <<"owner transfer PACKAGE USER">>, <<"owner packages">>],
      options => [yes(), choice(level, "level", [<<"full">>, <<"maintainer">>],
                                "What a new owner may do (default full)")],
      notes => [<<"USER is a username or an e-mail address. `owner packages` lists all packages that you own.">>],
      examples => [<<"owner list cowboy">>, <<"owner add my_app joe@example.com --level maintainer">>]}.

retire() ->
    #{name => <<"retire">>, module => hexide_cmd_retire, needs => [repository],
      summary => <<"Mark a release as one that nobody should use, or take the mark away">>,
      forms => [<<"retire PACKAGE VERSION REASON --message TEXT">>, <<"retire PACKAGE VERSION --unretire">>,
                <<"retire PACKAGE --all REASON --message TEXT">>],
      options => [text(message, "message", "TEXT", "What users of the release should know (3 to 140 characters)"),
                  flag(unretire, "unretire", "Take the mark away"),
                  flag(all, "all", "Mark every release of the package")],
      notes => [<<"REASON is one of other, invalid, security, deprecated, renamed.">>],
      examples => [<<"retire my_app 1.0.0 security --message 'Leaks files, use 1.0.1'">>,
                   <<"retire my_app 1.0.0 --unretire">>]}.

user() ->
    #{name => <<"user">>, module => hexide_cmd_user, needs => [repository],
      summary => <<"Register, sign in and out, show who is signed in">>,
      forms => [<<"user register">>, <<"user auth">>, <<"user whoami">>, <<"user deauth">>,
                <<"user reset_password [NAME]">>, <<"user key ...">>],
      options => [flag(no_browser, "no-browser", "Do not open a browser, only show the address"),
                  text(key, "key", "KEY", "Sign in with an API key (better: HEX_API_KEY, which nobody else sees)"),
                  flag(local, "local", "Sign out on this machine only"),
                  text(username, "username", "NAME", "Name of the new user, or whose password is forgotten"),
                  text(email, "email", "ADDRESS", "E-mail address of the new user")] ++ key_options(),
      notes => [<<"`user auth` shows a code and opens the page where you enter it. The session is renewed as long "
                  "as it is used, and kept in hex.config, which only you may read; `rebar3 hex config secrets "
                  "keyring' keeps it in the system's keyring instead. An API key that is kept is encrypted when you "
                  "give a local password (asked for, or HEX_LOCAL_PASSWORD).">>,
                <<"`user deauth` ends the session at the registry, too. In CI nobody signs in: set HEX_API_KEY to a "
                  "key made by `key generate`.">>],
      examples => [<<"user auth">>, <<"user register --username joe --email joe@example.com">>, <<"user whoami">>]}.

key() ->
    #{name => <<"key">>, module => hexide_cmd_key, needs => [repository],
      summary => <<"List, generate and remove API keys">>,
      forms => [<<"key list">>, <<"key get NAME">>, <<"key generate">>, <<"key remove NAME">>,
                <<"key remove --all">>],
      options => key_options(),
      notes => [<<"The secret of a new key is shown once. DOMAIN is api (all that you may do, or api:read, "
                  "api:write), package (RESOURCE is REPOSITORY/NAME), repository (RESOURCE is its name), "
                  "repositories or docs. Keys of an organization: `organization key ORG ...`.">>],
      examples => [<<"key list">>, <<"key generate --key-name ci --permission package:hexpm/my_app">>,
                   <<"key remove ci">>]}.

key_options() ->
    [yes(), text(key_name, "key-name", "NAME", "Name of the new key (default: this machine's)"),
     many(permission, "permission", "DOMAIN[:RESOURCE]", "What the new key may do (default api); may be repeated"),
     text(expires, "expires", "DATE", "When the new key ends: a day, or RFC 3339"),
     flag(all, "all", "Remove all keys")].

organization() ->
    #{name => <<"organization">>, module => hexide_cmd_organization, needs => [repository],
      summary => <<"Private repositories: access, members, keys">>,
      forms => [<<"organization auth ORG">>, <<"organization deauth ORG">>, <<"organization list">>,
                <<"organization members list ORG">>, <<"organization members add ORG USER">>,
                <<"organization members role ORG USER ROLE">>, <<"organization members remove ORG USER">>,
                <<"organization audit-log ORG">>, <<"organization key ORG list|get|generate|remove ...">>],
      options => [choice(role, "role", [<<"admin">>, <<"write">>, <<"read">>], "What a member may do (default read)"),
                  text(key, "key", "KEY", "Use this key for reading, and make none")] ++ key_options(),
      notes => [<<"`organization auth` makes a key that reads the organization's packages and keeps it in hex.config, "
                  "where rebar3 itself finds it: name the repository `hexpm:ORG` in rebar.config. Publish to it with "
                  "--repo hexpm:ORG.">>],
      mix => #{notes => [<<"`organization auth` makes a key that reads the organization's packages and keeps it in "
                           "hex.config, for these tasks; Mix itself reads with what `mix hex.organization auth` keeps. "
                           "Publish to it with --repo hexpm:ORG.">>]},
      examples => [<<"organization auth acme">>, <<"organization members add acme joe --role write">>,
                   <<"organization key acme generate --key-name ci --permission repository:acme">>]}.

repo_command() ->
    #{name => <<"repo">>, module => hexide_cmd_repo, needs => [repositories],
      summary => <<"List, add, change, remove and show repositories">>,
      forms => [<<"repo list">>, <<"repo add NAME --url URL --public-key FILE">>,
                <<"repo add NAME --url URL --fetch-public-key FINGERPRINT">>, <<"repo set NAME ...">>,
                <<"repo remove NAME">>, <<"repo show NAME">>],
      options => [text(url, "url", "URL", "Base address of the repository: of its index and packages"),
                  text(api_url, "api-url", "URL", "Base address of its API, for publishing to it"),
                  text(public_key, "public-key", "FILE", "Its public key, PEM"),
                  text(fetch_public_key, "fetch-public-key", "FINGERPRINT",
                       "Take the public key that it offers, which must have this fingerprint (SHA256:...)"),
                  text(auth_key, "auth-key", "KEY", "Key that reads its packages, to be kept in hex.config")],
      notes => [<<"Repositories are kept in the rebar.config of your rebar3, where rebar3 itself finds them for every "
                  "project; only the entry that is meant changes, comments and layout stay. Keys that read are kept "
                  "in hex.config, which only you may read, and are never shown. A project's own repositories come "
                  "first, and hide these where it says {repos, replace, ...}.">>,
                <<"`repo show` prints the lines for a rebar.config. An organization of a repository is named "
                  "REPOSITORY:ORGANIZATION and needs no address.">>],
      examples => [<<"repo list">>,
                   <<"repo add acme --url https://hex.example.com/repo --fetch-public-key SHA256:O1LOYhHFW4k...">>,
                   <<"repo set acme --auth-key 0123456789abcdef">>, <<"repo show acme">>]}.

config() ->
    #{name => <<"config">>, module => hexide_cmd_config, needs => [repository],
      summary => <<"Show and change the configuration">>,
      forms => [<<"config">>, <<"config KEY">>, <<"config KEY VALUE">>, <<"config --delete KEY">>, <<"KEY [VALUE]">>],
      options => [flag(delete, "delete", "Remove the key from hex.config")],
      notes => [<<"Without a key, shows all with where each value comes from. Secrets are not shown.">>],
      examples => [<<"config">>, <<"config http_proxy http://localhost:3128">>, <<"config --delete http_proxy">>]}.

server() ->
    #{name => <<"server">>, module => hexide_cmd_server, needs => [],
      summary => <<"Run a registry of your own in the foreground">>,
      forms => [<<"server">>],
      options => [number(port, "port", "N", "Port to listen on (default: a free one)"),
                  text(address, "address", "IP", "Address to listen on (default: this machine only)"),
                  text(data, "data", "DIR", "Folder that keeps the registry (default: a temporary one)"),
                  text(repository, "name", "NAME", "Name of the repository (default local)"),
                  flag(seed, "seed", "Make a user and show its key; done unasked for a temporary registry")],
      notes => [<<"Ends when its input ends or with Ctrl-C.">>],
      examples => [<<"server">>, <<"server --port 4000 --data ./registry --seed">>]}.

help() ->
    #{name => <<"help">>, module => hexide_cmd_help, needs => [],
      summary => <<"Explain a command">>,
      forms => [<<"help">>, <<"help COMMAND">>], options => [], examples => [<<"help publish">>]}.

flag(Name, Long, Help) -> option(Name, Long, flag, Help).

text(Name, Long, Value, Help) -> (option(Name, Long, text, Help))#{value => list_to_binary(Value)}.

many(Name, Long, Value, Help) -> (text(Name, Long, Value, Help))#{many => true}.

number(Name, Long, Value, Help) -> (option(Name, Long, number, Help))#{value => list_to_binary(Value)}.

choice(Name, Long, Values, Help) ->
    (option(Name, Long, {one_of, Values}, Help))#{value => iolist_to_binary(lists:join("|", Values))}.

option(Name, Long, Type, Help) ->
    #{name => Name, long => list_to_binary(Long), type => Type, help => list_to_binary(Help)}.

yes() -> (flag(yes, "yes", "Do not ask"))#{short => $y}.

dry_run() -> flag(dry_run, "dry-run", "Do everything short of the upload").

app() -> (text(app, "app", "NAME", "Only this app of the project; may be repeated"))#{many => true}.

organization_option() ->
    text(organization, "organization", "ORG", "This organization's private part of the repository").

source_ref() ->
    flag(source_ref, "source-ref", "Record the Git address and the commit in the package (setting source_ref)").

doc_dir() -> text(doc_dir, "doc-dir", "DIR", "Take existing documentation from this folder of the app").

otp() -> text(otp, "otp", "CODE", "Two-factor code (or set HEX_OTP; asked for on a terminal)").

repo() -> (text(repo, "repo", "NAME", "The repository (default: the first that can publish)"))#{short => $r}.
