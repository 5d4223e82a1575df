#!/bin/sh
# Compiles the registry's program and puts it into priv/. rebar3 calls this at every compile, so it returns at once when
# no source is newer than the program.
#
# HEXIDE_PROFILE=quick     compiled in a few minutes (default)
# HEXIDE_PROFILE=release   small and fast, as it is shipped; takes longer
# HEXIDE_PROFILE=dev       the debug profile, with everything the tests need
# HEXIDE_SERVER_FEATURES   cargo features of hexide-server: "cloud" for object stores
set -eu
cd "$(dirname "$0")/.."

profile=${HEXIDE_PROFILE:-quick}
features=${HEXIDE_SERVER_FEATURES:-}
program=priv/hexide-server
built_with="$profile $features"
stamp=priv/hexide-server.built

if [ -f "$program" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$built_with" ] &&
    [ -z "$(find -H native core Cargo.toml Cargo.lock -newer "$stamp" -type f -print -quit 2>/dev/null)" ]; then
    exit 0
fi

# Rust first, and new enough: what an old cargo says of a newer edition helps nobody.
least_rust=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
for tool in cargo rustc; do
    there=$("$tool" --version 2>/dev/null | awk '{ print $2; exit }') || there=
    if printf '%s\n%s\n' "$least_rust" "${there:-0}" | sort -c -t . -k 1,1n -k 2,2n 2>/dev/null; then continue; fi
    {
        echo "hexide_server: Rust $least_rust or later is needed to compile the registry, and ${there:+$tool is }${there:-no $tool runs here}."
        if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
            echo "hexide_server: It is installed: . \"${CARGO_HOME:-$HOME/.cargo}/env\", then try again."
        elif command -v rustup >/dev/null 2>&1; then
            echo "hexide_server: rustup update stable && rustup default stable, then try again."
        elif [ -f ../scripts/setup.sh ]; then
            echo "hexide_server: In the repository, sh scripts/setup.sh installs it or says how; then try again."
        else
            echo "hexide_server: Install it as https://rustup.rs says, or as rustc-web and cargo-web on Debian; then try again."
        fi
    } >&2
    exit 1
done

# In the repository the client's crates are compiled there, too, and most dependencies are the same.
if [ -z "${CARGO_TARGET_DIR:-}" ] && [ -L core ]; then
    CARGO_TARGET_DIR=$(cd .. && pwd)/target
    export CARGO_TARGET_DIR
fi

case $profile in
    # The same selection of packages as the tests', so that nothing is compiled twice.
    dev) cargo build --quiet --locked -p hexide-server --all-targets ;;
    *)
        echo "hexide_server: compiling the registry; the first time takes some minutes" >&2
        # Without this the first random number waits until the jitter of the CPU was measured.
        export AWS_LC_SYS_NO_JITTER_ENTROPY=1
        # Parts of SQLite that the registry does not use.
        LIBSQLITE3_FLAGS="-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 -USQLITE_ENABLE_RTREE"
        export LIBSQLITE3_FLAGS="$LIBSQLITE3_FLAGS -USQLITE_ENABLE_DBSTAT_VTAB"
        cargo build --quiet --locked --profile "$profile" -p hexide-server ${features:+--features "$features"}
        ;;
esac

case $profile in dev) folder=debug ;; *) folder=$profile ;; esac
built=${CARGO_TARGET_DIR:-target}/$folder/hexide-server
if [ ! -f "$built" ]; then
    echo "hexide_server: cargo built no program $built" >&2
    exit 1
fi
mkdir -p priv
# A registry may run from the old file: it keeps that one, and the new one gets its own.
cp "$built" "$program.new"
mv "$program.new" "$program"
printf '%s\n' "$built_with" >"$stamp"
