#!/bin/sh
# Everything that can be said of the code without running it. Goes through all checks and names at the
# end those that failed.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

HEXIDE_PROFILE=${HEXIDE_PROFILE:-dev}
# Both workspaces share what they compile.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
TERM=dumb
export HEXIDE_PROFILE CARGO_TARGET_DIR TERM
. scripts/lints.sh

failed=

# check NAME COMMAND...
check() {
    name=$1
    shift
    printf '== %s\n' "$name"
    if ! "$@"; then failed="$failed
  $name"; fi
}

# each COMMAND...: in both workspaces
each() {
    "$@" && (cd server && "$@")
}

# Without dependencies of cargo's own, what a crate is built on.
depends_on() {
    cargo tree --locked --offline -p "$1" -e normal,build --prefix none --format '{p}' |
        awk '{ print $1 }' | sort -u
}

core_is_pure() {
    impure=$(depends_on hexide-core | grep -xE 'tokio|reqwest|hyper|axum|rustler|hexide-(client|server|nif)') || true
    [ -z "$impure" ] || {
        printf 'hexide-core must not depend on:\n%s\n' "$impure"
        return 1
    }
}

client_and_server_are_strangers() {
    registry=$(depends_on hexide-nif | grep -xE 'hexide-server|axum|rusqlite|object_store|qrcode') || true
    [ -z "$registry" ] || {
        printf 'the client must have nothing of the registry, and depends on:\n%s\n' "$registry"
        return 1
    }
    if (cd server && depends_on hexide-server) | grep -xE 'hexide-(client|nif)|reqwest|rustler'; then
        echo "hexide-server must not depend on the client"
        return 1
    fi
}

# What both manifests say of a dependency's version or a lint, and the versions that both lock files have, are the same.
# Features may differ.
workspaces_agree() {
    differing=$(awk '
        /^\[/ { section = $0 }
        section ~ /workspace\.(dependencies|package|lints)/ && / = / && !/path = / {
            name = $1
            sub(/, features = .*/, "")
            if (FILENAME == ARGV[1]) ours[section, name] = $0
            else if ((section, name) in ours && ours[section, name] != $0) print "  " $0
        }' Cargo.toml server/Cargo.toml
        awk '
        # What cargo takes as one version: the first part of it that is not 0.
        function line(version,    part) {
            gsub(/"/, "", version); split(version, part, ".")
            return part[1] > 0 ? part[1] : part[1] "." part[2]
        }
        $1 == "name" { name = $3 }
        $1 == "version" && /"/ {
            if (FILENAME == ARGV[1]) ours[name, line($3)] = $3
            else if ((name, line($3)) in ours && ours[name, line($3)] != $3) print "  " name, $3
        }' Cargo.lock server/Cargo.lock)
    [ -z "$differing" ] || {
        printf 'server/Cargo.toml or server/Cargo.lock has what the client has otherwise:\n%s\n' "$differing"
        return 1
    }
}

# The files that a commit would hold, deleted ones left out.
tracked() {
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        if [ -f "$file" ]; then printf '%s\n' "$file"; fi
    done
}

# none PATTERN WHY PATHS...: no line of these files matches
none() {
    pattern=$1
    why=$2
    shift 2
    found=$(tracked "$@" | grep -vxF scripts/check.sh | tr '\n' '\0' | xargs -0 grep -nIE -e "$pattern" /dev/null) || true
    [ -z "$found" ] || {
        printf '%s:\n%s\n' "$why" "$found"
        return 1
    }
}

natives_in_one_place() {
    none 'rustler::(nif|init|resource_impl)' 'only the crate in native/nif may speak to Erlang' \
        native/core native/client server/native
}

no_machine_paths() {
    none '(^|[^A-Za-z0-9_.])/(root|home/[a-z]+|work|Users)/' 'paths of one machine' .
}

# Every address that is written down is one that everybody may use, or one that nobody has.
known_addresses() {
    known='hex\.pm|repo\.hex\.pm|hexdocs\.pm|www\.apache\.org|github\.com|(sh\.)?rustup\.rs|(www\.)?erlang\.org|(www\.)?rebar3\.org'
    known="$known|elixir-lang\.org|json-schema\.org|keepachangelog\.com|semver\.org|www\.rfc-editor\.org|spdx\.org|docs\.rs"
    known="$known|www\.w3\.org|ogp\.me"
    nobody='[^.]*|[0-9.]+|(.*\.)?(test|invalid|example|localhost|example\.(com|org|net))'
    strange=$(tracked | grep -vxF Cargo.lock | tr '\n' '\0' | xargs -0 grep -noIE 'https?://([^/@ ]*@)?[A-Za-z0-9.-]+' |
        grep -vE "://([^/@ ]*@)?($known|$nobody)\.?\$") || true
    [ -z "$strange" ] || {
        printf 'addresses of hosts that scripts/check.sh does not know:\n%s\n' "$strange"
        return 1
    }
}

# Dependencies come from where cargo looks by itself, and from one place.
one_source_of_crates() {
    sources=$(grep -h '^source = ' Cargo.lock server/Cargo.lock | sort -u | wc -l)
    if [ "$sources" -ne 1 ] || [ -n "$(tracked .cargo)" ]; then
        echo "Cargo.lock names several sources, or cargo is configured in the project"
        return 1
    fi
}

# Whoever has the project has all that its tests read; none of them is left out because something beside it is missing.
nothing_from_beside() {
    none '(^|[^A-Za-z0-9_])shared/' 'files that are no part of the project' .
}

# What is cited of docs/protocol.md, by number and perhaps by name, is a heading there.
cited_sections() {
    lost=$(tracked native src server/native | tr '\n' '\0' |
        xargs -0 grep -noE 'protocol\.md §[0-9]+(, "[^"]+")*' /dev/null |
        awk '
            FILENAME == "docs/protocol.md" {
                if (sub(/^## /, "")) { section = $1 + 0; known[section] = 1 }
                else if (sub(/^### /, "")) known[section, $0] = 1
                next
            }
            {
                cited = $0
                sub(/.*protocol\.md §/, "", cited)
                names = split(cited, part, "\"")
                found = (cited + 0) in known
                for (i = 2; i <= names; i += 2) if (!((cited + 0, part[i]) in known)) found = 0
                if (!found) print
            }' docs/protocol.md -)
    [ -z "$lost" ] || {
        printf 'docs/protocol.md has no such heading:\n%s\n' "$lost"
        return 1
    }
}

nothing_unfinished() {
    none '(TODO|FIXME)([^A-Za-z]|$)|todo!\(|unimplemented!\(' 'unfinished' native src rebar3 lib test scripts examples server
}

one_place_prints() {
    # shellcheck disable=SC2046
    none '(^|[^_a-z:])io:(format|put_chars|fwrite)\(' 'only hexide_io prints' $(tracked src rebar3 server/src | grep -v 'hexide_io.erl$')
    none '(^|[^A-Za-z.])(IO\.(puts|write|inspect|gets)|Mix\.shell)' 'the tasks of Mix print by hexide_io' lib server/lib
}

one_place_calls_rebar3() {
    # shellcheck disable=SC2046
    none '(^|[^_a-z])(rebar_[a-z0-9_]+|r3_[a-z_]+|providers):[a-z_]{2,}\(' 'only rebar3_hexide_state calls rebar3' \
        src $(tracked rebar3 | grep -v 'rebar3_hexide_state.erl$')
}

shell_syntax() {
    for script in $(tracked | grep -E '(\.sh|^bench/run)$'); do sh -n "$script" || return 1; done
    bash -n .ci/run || return 1
    if command -v shellcheck >/dev/null 2>&1; then
        tracked | grep -E '(\.sh|^bench/run|^\.ci/run)$' | tr '\n' '\0' | xargs -0 shellcheck
    fi
}

stand_ins() {
    rm -rf _build/stubs
    mkdir -p _build/stubs
    erlc +debug_info -o _build/stubs test/stubs/*.erl
}

# rebar3 shows warnings and goes on, so that those of another compiler break nobody; here none may be.
no_warnings() {
    rm -rf _build/strict
    mkdir -p _build/strict
    # shellcheck disable=SC2046
    erlc -Werror +warn_missing_spec +warn_export_all +warn_unused_vars +warn_shadow_vars +debug_info -pa _build/stubs \
        -pa _build/default/lib/hexide/ebin -o _build/strict $(tracked src rebar3 server/src | grep '\.erl$')
}

# What OTP says of itself, kept from one run to the next; named after what it was made of.
plt=_build/otp-$(erl -noinput -eval '
    Otp = filename:join([code:root_dir(), "releases", erlang:system_info(otp_release), "OTP_VERSION"]),
    {ok, Version} = file:read_file(Otp),
    io:put_chars(string:trim(Version)), halt(0).').plt

make_table() {
    [ ! -f "$plt" ] || return 0
    mkdir -p _build
    dialyzer --quiet --build_plt --output_plt "$plt.new" --apps erts kernel stdlib crypto || [ $? = 2 ] || return 1
    mv "$plt.new" "$plt"
}

types() {
    wait "$table_is_made" &&
        dialyzer --plt "$plt" -Wunmatched_returns -Wunknown -Werror_handling \
            _build/default/lib/hexide/ebin server/_build/default/lib/hexide_server/ebin _build/stubs
}

# In the environment of the tests a warning is an error; everything anew, since what is compiled warns no more.
elixir_compiles() {
    MIX_ENV="test" mix compile --force && (cd server && MIX_ENV="test" mix compile --force)
}

# The core is the client's, too.
clippy() {
    cargo build --locked --all-targets --workspace --features keyring &&
        (cd server && cargo build --locked --all-targets -p hexide-server)
}

# A minute where it is not kept; cargo leaves a core free now and then.
make_table &
table_is_made=$!

check "formatting" each cargo fmt --all --check
check "clippy" clippy
check "the core is pure" core_is_pure
check "client and server do not know each other" client_and_server_are_strangers
check "the workspaces agree" workspaces_agree
check "one crate speaks to Erlang" natives_in_one_place
check "one module prints" one_place_prints
check "one module calls rebar3" one_place_calls_rebar3
check "nothing is unfinished" nothing_unfinished
check "nothing is taken from beside the project" nothing_from_beside
check "what is cited of the protocol is there" cited_sections
check "no paths of one machine" no_machine_paths
check "addresses" known_addresses
check "one source of crates" one_source_of_crates
check "shell scripts" shell_syntax
check "Erlang compiles" rebar3 compile
check "the registry's package compiles" sh scripts/build_server.sh
check "stand-ins of rebar3" stand_ins
check "no warnings" no_warnings
check "xref" rebar3 xref
check "pages of the commands" escript scripts/pages.escript --check _build/default/lib/hexide/ebin
check "dialyzer" types
check "Elixir compiles without warnings" elixir_compiles
check "Elixir formatting" each mix format --check-formatted

if [ -n "$failed" ]; then
    printf '\ncheck: these failed:%s\n' "$failed" >&2
    exit 1
fi
printf '\ncheck: all is right\n'
