#!/bin/sh
# The whole round trip on one machine, as people would do it: a registry of one's own, three packages
# published to it by real `rebar3 hex ...` commands, and a project that never heard of hexide using them.
#
# Everything happens in one temporary folder, which is gone at the end. Each answer is checked; the first
# that is not right ends the demo with exit code 1.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

# The library is compiled with the caller's own cargo, in the profile that was built last (after the tests
# that is dev); the rest runs with homes in the demo's folder.
CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
HEXIDE_PROFILE=${HEXIDE_PROFILE:-$(sed 's/ .*//' "$root/priv/hexide_nif.built" 2>/dev/null || echo quick)}
export CARGO_HOME RUSTUP_HOME HEXIDE_PROFILE

demo=$(mktemp -d "${TMPDIR:-/tmp}/hexide-demo.XXXXXX")
demo=$(cd "$demo" && pwd -P)
answer=$demo/answer
server=

clean_up() {
    stop_registry || true
    cd /
    rm -rf "$demo"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

sh "$root/scripts/plugins.sh" "$demo/plugins"
built=$(date +%s)

# -- What the steps are made of --------------------------------------------------------------------------

title() {
    printf '\n== %s\n' "$*"
}

fail() {
    printf '\ndemo: %s\n' "$*" >&2
    exit 1
}

# in_home USER COMMAND...: with nothing of the caller's environment but where programs are
in_home() {
    home=$demo/home/$1
    shift
    env -i PATH="$PATH" LC_ALL="${LC_ALL:-C.UTF-8}" TERM=dumb HOME="$home" TMPDIR="$demo/tmp" \
        REBAR_GLOBAL_CONFIG_DIR="$home" REBAR_CACHE_DIR="$home/.cache/rebar3" HEX_HOME="$home/.hex" \
        CARGO_HOME="$CARGO_HOME" RUSTUP_HOME="$RUSTUP_HOME" HEXIDE_PROFILE="$HEXIDE_PROFILE" "$@"
}

# The command as a person would type it.
typed() {
    line=
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./:=@-]* | '') word="'$word'" ;;
        esac
        line="$line $word"
    done
    printf '%s' "${line# }"
}

# attempt USER FOLDER COMMAND...: shows the command and what it says; its exit code goes to $status
attempt() {
    user=$1
    folder=$2
    shift 2
    printf '\n%s:%s$ %s\n' "$user" "$folder" "$(typed "$@")"
    status=0
    (cd "$demo/$folder" && in_home "$user" "$@") >"$answer" 2>&1 </dev/null || status=$?
    shown "$answer"
}

# with_key FILE USER FOLDER COMMAND...: the same with the API key that the file holds, by the environment
with_key() {
    file=$1 user=$2 folder=$3
    shift 3
    printf '\n%s:%s$ HEX_API_KEY=... %s\n' "$user" "$folder" "$(typed "$@")"
    status=0
    # The shell reads it: as a word of a command any user of the machine could see it.
    # shellcheck disable=SC2016
    (cd "$demo/$folder" && in_home "$user" sh -c 'read -r HEX_API_KEY <"$1"; export HEX_API_KEY; shift; exec "$@"' \
        sh "$file" "$@") >"$answer" 2>&1 </dev/null || status=$?
    shown "$answer"
}

# Indented, and the middle of what is long left out. Secrets are for the one who asked, not for a screen.
# Without what rebar3 says of plugins that it finds as checkouts, each time; of others it says nothing.
shown() {
    grep -vE '===> Compiling hexide(_server)?' "$1" | concealed |
        awk '
        { line[NR] = $0 }
        END {
            for (i = 1; i <= NR; i++) {
                if (NR <= 44 || i <= 14 || i > NR - 26) print "    " line[i]
                if (NR > 44 && i == 15) print "    ... " NR - 40 " lines ..."
            }
        }
    '
}

concealed() {
    sed -e 's/^\(  Password  *\).*/\1(not shown here)/; s/^\(  API key  *\).*/\1(not shown here)/' \
        -e 's/\(HEX_API_KEY=\).*/\1.../; /secret is shown:$/{n;s/.*/(not shown here)/;}'
}

# run USER FOLDER COMMAND...: the command must succeed
run() {
    attempt "$@"
    [ "$status" = 0 ] || fail "that command failed with exit code $status"
}

# expect TEXT: the last answer must have it
expect() {
    grep -qF -- "$1" "$answer" || fail "the answer lacks \`$1'"
}

refuse() {
    ! grep -qF -- "$1" "$answer" || fail "the answer must not have \`$1'"
}

# fetch URL: shows nothing; the page is the answer
fetch() {
    in_home ada erl -noinput -eval '
        {ok, _} = application:ensure_all_started(inets),
        {ok, {{_, 200, _}, _, Body}} = httpc:request(get, {hd(init:get_plain_arguments()), []}, [], [{body_format, binary}]),
        ok = file:write(standard_io, Body),
        halt(0).' -extra "$1" >"$answer" 2>&1 || fail "$1 cannot be read: $(head -c 300 "$answer")"
}

# use_hexide FOLDER: as plugins that are compiled
use_hexide() {
    ln -s "$demo/plugins" "$demo/$1/_checkouts"
}

# repository FOLDER: git, for what belongs to the project
repository() {
    (
        cd "$demo/$1"
        in_home ada git init -q .
        printf '_build/\n_checkouts\ndoc/\n' >.git/info/exclude
        in_home ada git add .
        in_home ada git commit -q -m "Begin"
    )
}

start_registry() {
    mkfifo "$demo/registry.in"
    printf '\nada:registry$ rebar3 hex server &\n'
    (
        cd "$demo/registry"
        # exec, so that the process number is the registry's own.
        home=$demo/home/ada
        exec env -i PATH="$PATH" LC_ALL="${LC_ALL:-C.UTF-8}" TERM=dumb HOME="$home" TMPDIR="$demo/tmp" \
            REBAR_GLOBAL_CONFIG_DIR="$home" REBAR_CACHE_DIR="$home/.cache/rebar3" HEX_HOME="$home/.hex" \
            CARGO_HOME="$CARGO_HOME" RUSTUP_HOME="$RUSTUP_HOME" HEXIDE_PROFILE="$HEXIDE_PROFILE" \
            rebar3 hex server <"$demo/registry.in" >"$demo/registry.out" 2>"$demo/registry.err"
    ) &
    server=$!
    # It runs as long as this end is open.
    exec 3>"$demo/registry.in"
    tries=0
    until grep -q 'It ends when' "$demo/registry.out" 2>/dev/null; do
        tries=$((tries + 1))
        if ! kill -0 "$server" 2>/dev/null || [ "$tries" -gt 300 ]; then
            cat "$demo/registry.out" "$demo/registry.err" >&2
            fail "the registry did not start"
        fi
        sleep 0.2
    done
    shown "$demo/registry.out"
}

stop_registry() {
    [ -n "$server" ] || return 0
    exec 3>&-
    tries=0
    while kill -0 "$server" 2>/dev/null; do
        tries=$((tries + 1))
        if [ "$tries" -gt 50 ]; then
            kill -KILL "$server" 2>/dev/null || true
            wait "$server" 2>/dev/null || true
            server=
            return 1
        fi
        sleep 0.2
    done
    ended=0
    wait "$server" || ended=$?
    server=
    return "$ended"
}

# said NAME: what the registry said of itself
said() {
    sed -n "s/^  $1  *//p" "$demo/registry.out" | head -n 1
}

# published PACKAGE VERSION: the checksum that the last answer gave of it
published() {
    awk -v line="Published $1 $2 to" 'index($0, line) == 1 { found = 1 } found && $1 == "checksum" { print $2; exit }' \
        "$answer" | tr -d ','
}

# -- Everything has its place ----------------------------------------------------------------------------

cd "$demo"
mkdir -p tmp registry
for person in ada builder visitor doubter; do mkdir -p "home/$person/.config/rebar3"; done
cp -R "$root/examples/greeting" "$root/examples/greeter" .
for copy in greeting greeter; do
    rm -rf "$copy/_build" "$copy/_checkouts" "$copy/doc" "$copy/rebar.lock"
done
mkdir hexide
if ! git -C "$root" archive --format=tar HEAD 2>/dev/null | tar -xf - -C hexide 2>/dev/null; then
    (cd "$root" && tar -cf - --exclude ./target --exclude ./_build --exclude ./priv --exclude ./.git .) | tar -xf - -C hexide
fi
for project in registry greeting greeter hexide hexide/server; do use_hexide "$project"; done

# rebar3's own configuration of the publisher: the plugin in every project.
for person in ada builder; do printf '{plugins, [hexide, hexide_server]}.\n' >"home/$person/.config/rebar3/rebar.config"; done
in_home ada git config --global user.name "Ada Example"
in_home ada git config --global user.email "ada@example.com"
in_home ada git config --global init.defaultBranch main
repository greeting

# -- A registry ------------------------------------------------------------------------------------------

title "A registry of one's own, on a free port of this machine"
start_registry
api=$(said API)
docs=$(said Docs)
(umask 077 && said "API key" >"$demo/home/ada/key")
# Lines of rebar.config that name the registry, with its public key.
sed -n '/^For a project that uses it/,/^It ends/p' "$demo/registry.out" | sed '1d;$d' >"$demo/use_registry.config"
case $api in http://127.0.0.1:*) ;; *) fail "the registry is not on this machine alone: $api" ;; esac
[ -s "$demo/home/ada/key" ] || fail "the registry showed no key of its first user"
grep -q 'BEGIN PUBLIC KEY' "$demo/use_registry.config" || fail "the registry did not say how to use it"

title "The publisher signs in"
cat "$demo/use_registry.config" >>home/ada/.config/rebar3/rebar.config
with_key "$demo/home/ada/key" ada greeting rebar3 hex user auth
expect "Signed in to local as demo"
run ada greeting rebar3 hex user whoami
expect "demo <demo@example.com>"
[ -n "$(find "$demo/home/ada/.config/rebar3/hex.config" -perm 600)" ] ||
    fail "hex.config can be read by others"

# -- Publish ---------------------------------------------------------------------------------------------

title "Publish two small projects, the second of which needs the first"
run ada greeting rebar3 hex publish --dry-run
expect "dry run"
run ada greeting rebar3 hex publish --yes
expect "Published greeting 0.1.0 to local"
expect "fetched back and found the same"
expect "Published the documentation of greeting 0.1.0"
run ada greeter rebar3 hex publish --yes
expect "Published greeter 0.1.0 to local"
expect "Published the documentation of greeter 0.1.0"
greeter_checksum=$(published greeter 0.1.0)

title "Publish hexide itself, and its registry"
run ada hexide rebar3 hex publish --yes
expect "Published hexide"
expect "Published the documentation of hexide"
version=$(sed -n 's/^Published hexide \(.*\) to local.*/\1/p' "$answer")
hexide_checksum=$(published hexide "$version")
run ada hexide/server rebar3 hex publish package --yes
expect "Published hexide_server"

title "Find them"
run ada registry rebar3 hex search greet --repo local
expect "greeter"
expect "greeting"
run ada registry rebar3 hex info greeter
expect "Greets people from the command line"
run ada registry rebar3 hex info greeter 0.1.0
expect "~> 0.1"

title "A second user registers and becomes an owner"
run ada registry env "HEX_PASSWORD=only for the demo" \
    rebar3 hex user register --username grace --email grace@example.com
expect "Registered grace"
run ada registry rebar3 hex owner add greeting grace@example.com
run ada registry rebar3 hex owner list greeting
expect "demo"
expect "grace"
run ada registry rebar3 hex key list
expect "api"

title "Cut the next minor version: raise, commit, tag and publish"
run ada greeting rebar3 hex cut -i minor --yes
expect "Published greeting 0.2.0 to local"
run ada greeting git log --oneline --decorate
expect "v0.2.0"

title "A pre-release for those who try it: tagged, and not published"
run ada greeting rebar3 hex cut -i minor --pre rc --no-publish --yes
expect "0.3.0-rc.1"
in_home ada git -C "$demo/greeting" tag -d v0.3.0-rc.1 >/dev/null
in_home ada git -C "$demo/greeting" reset -q --hard HEAD~1

title "Look into packages before using them"
run ada registry rebar3 hex package diff greeting 0.1.0 0.2.0
expect "0.2.0"
run ada registry rebar3 hex package fetch greeting 0.1.0 --unpack --output fetched
expect "checksum"
run ada registry ls fetched/greeting-0.1.0/src
expect "greeting.erl"

title "Retire a release, and take that back"
run ada registry rebar3 hex retire greeting 0.1.0 deprecated --message "Broken, use 0.2.0"
run ada registry rebar3 hex info greeting
expect "Broken, use 0.2.0"
run ada registry rebar3 hex retire greeting 0.1.0 --unretire
run ada registry rebar3 hex info greeting
refuse "Broken, use 0.2.0"

title "A key for CI: for one package, for a while"
run ada registry rebar3 hex key generate --key-name ci --permission package:local/greeting --expires 2099-12-31
(umask 077 && sed -n '/secret is shown:$/{n;p;}' "$answer" >"$demo/home/builder/key")
[ -s "$demo/home/builder/key" ] || fail "the new key was not shown"
cat "$demo/use_registry.config" >>home/builder/.config/rebar3/rebar.config
in_home builder git config --global user.name "Build Server"
in_home builder git config --global user.email "builder@example.com"
with_key "$demo/home/builder/key" builder greeting rebar3 hex cut -i patch --yes
[ "$status" = 0 ] || fail "the key of the package could not publish it"
expect "Published greeting 0.2.1 to local"
greeting_checksum=$(published greeting 0.2.1)
with_key "$demo/home/builder/key" builder greeter rebar3 hex publish package --replace --yes
[ "$status" != 0 ] || fail "a key for one package published another"
expect "may not publish greeter"
run ada registry rebar3 hex key list
expect "package:local/greeting"
run ada registry rebar3 hex key remove ci
with_key "$demo/home/builder/key" builder greeting rebar3 hex user whoami
[ "$status" != 0 ] || fail "a key that was removed still works"

title "What must not be"
run ada greeter rebar3 hex publish package --yes
expect "already published to local, the same"
cp greeter/src/greeter.app.src greeter.app.src
sed -i.bak 's/Greets people/Greets everybody/' greeter/src/greeter.app.src
attempt ada greeter rebar3 hex publish package --yes
[ "$status" != 0 ] || fail "a release could be published twice"
expect "already published, with other contents"
mv greeter.app.src greeter/src/greeter.app.src
rm greeter/src/greeter.app.src.bak
attempt ada registry rebar3 hex info no_such_package
[ "$status" != 0 ] || fail "a package that is not there was found"
expect "no_such_package"

# -- A stranger ------------------------------------------------------------------------------------------

# project FOLDER APPLICATIONS DEPENDENCIES
project() {
    mkdir -p "$demo/$1/src"
    {
        printf '{deps, [%s]}.\n' "$3"
        cat "$demo/use_registry.config"
    } >"$demo/$1/rebar.config"
    printf '{application, %s, [{description, "Uses what was published"}, {vsn, "1.0.0"}, {applications, [%s]}]}.\n' \
        "$1" "$2" >"$demo/$1/src/$1.app.src"
}

# locked PACKAGE CHECKSUM: rebar3 verified and locked just what publishing said
locked() {
    upper=$(printf '%s' "$2" | tr 'abcdef' 'ABCDEF')
    [ "${#upper}" = 64 ] || fail "publishing gave no checksum of $1"
    sed -n '/pkg_hash_ext/,$p' "$answer" | grep -qF "{<<\"$1\">>, <<\"$upper\">>}" ||
        fail "rebar.lock has another checksum of $1 than $2"
    printf '    (%s: the checksum that publishing showed)\n' "$1"
}

title "A project that never heard of hexide: stock rebar3 fetches, verifies, compiles and runs the two"
project visitor "kernel, stdlib, greeter" '{greeter, "~> 0.1"}'
run visitor visitor cat rebar.config
run visitor visitor rebar3 compile
expect "Compiling greeting"
expect "Compiling greeter"
refuse "hexide"
run visitor visitor cat rebar.lock
locked greeter "$greeter_checksum"
locked greeting "$greeting_checksum"
run visitor visitor erl -noinput -pa _build/default/lib/greeting/ebin -pa _build/default/lib/greeter/ebin \
    -eval 'greeter:main(init:get_plain_arguments())' -extra --language sv Astrid
expect ", Astrid!"

title "Another project fetches and verifies hexide itself (compiling it takes minutes, so not here)"
project adopter "kernel, stdlib, hexide" "{hexide, \"$version\"}"
run visitor adopter rebar3 lock
run visitor adopter cat rebar.lock
locked hexide "$hexide_checksum"
run visitor adopter ls _build/default/lib/hexide
expect "native"
cmp -s "$demo/hexide/src/hexide_tarball.erl" "$demo/adopter/_build/default/lib/hexide/src/hexide_tarball.erl" ||
    fail "what was fetched is not what was published"

title "What is newer than what rebar.lock has"
project dated "kernel, stdlib, greeting" '{greeting, "0.1.0"}'
run visitor dated rebar3 lock
printf '{project_plugins, [hexide]}.\n' >>dated/rebar.config
use_hexide dated
attempt visitor dated rebar3 hex outdated --exit-code
[ "$status" = 1 ] || fail "a program could not tell that something is outdated"
expect "0.2.1"

title "A repository for every project of a person, its key checked by fingerprint"
fingerprint=$(sed -n 's/^  Public key  *//p' "$demo/registry.out" | head -n 1)
repository_url=$(said Repository)
run visitor dated rebar3 hex repo add mine --url "$repository_url" --api-url "$api" --fetch-public-key "$fingerprint"
run visitor dated rebar3 hex repo list
expect "mine"

title "An index that is signed by another key is not believed"
project doubter "kernel, stdlib, greeting" '{greeting, "0.2.0"}'
cat >other_key.escript <<'END'
#!/usr/bin/env escript
main([]) ->
    {ok, [{hex, [{repos, [Repository]}]}]} = file:consult("use_registry.config"),
    %% The fields of a private key: its version, the modulus, the public exponent, and the secret ones.
    [_, _, Modulus, Exponent | _] = tuple_to_list(public_key:generate_key({rsa, 2048, 65537})),
    Entry = public_key:pem_entry_encode('SubjectPublicKeyInfo', {'RSAPublicKey', Modulus, Exponent}),
    Other = Repository#{repo_public_key => public_key:pem_encode([Entry])},
    %% Where one repository has nothing to offer rebar3 asks hex.pm; here it stays on this machine.
    Instead = Other#{name => <<"hexpm">>},
    ok = file:write_file("doubter/rebar.config", io_lib:format("~p.~n~p.~n", [{deps, [{greeting, "0.2.0"}]},
                                                                             {hex, [{repos, [Other, Instead]}]}])).
END
in_home visitor escript other_key.escript
attempt doubter doubter rebar3 compile
[ "$status" != 0 ] || fail "rebar3 took an index that another key signed"
refuse "Compiling greeting"
printf '    (the words of rebar3 3.19 for a signature that does not verify)\n'

# -- The end ---------------------------------------------------------------------------------------------

title "Read the documentation"
for page in greeting greeter hexide; do
    fetch "$docs/$page/"
    expect "$page"
    printf '    %s/%s/ answers with %s bytes\n' "$docs" "$page" "$(wc -c <"$answer" | tr -d ' ')"
done

title "Sign out"
run ada registry rebar3 hex user deauth
expect "Signed out of local"
attempt ada registry rebar3 hex owner remove greeting grace@example.com --yes
[ "$status" != 0 ] || fail "somebody who signed out changed the owners"
expect "Nobody is signed in to local"

title "The registry ends when its input does"
data=$(said Data)
stop_registry || fail "the registry did not end cleanly"
[ ! -e "$data" ] || fail "the registry left its folder behind: $data"
printf '    nothing is left running, and its folder is gone\n'

printf '\ndemo: all is right, in %s seconds. A registry to keep: make server\n' "$(($(date +%s) - built))"
