#!/bin/sh
# Compiles the native library and puts it into priv/. rebar3 calls this at every compile, so it
# returns at once when no source is newer than the library.
#
# HEXIDE_PROFILE=quick     compiled in a few minutes (default)
# HEXIDE_PROFILE=release   small and fast, as it is shipped; takes longer
# HEXIDE_PROFILE=dev       the debug profile, with everything the tests need
# HEXIDE_FEATURES=keyring  with the keyring of the operating system; the debug profile has it unless this is `default'
set -eu
cd "$(dirname "$0")/.."

profile=${HEXIDE_PROFILE:-quick}
features=${HEXIDE_FEATURES:-}
if [ "$profile" = dev ]; then features=${features:-keyring}; fi
library=priv/hexide_nif.so
built_with="$profile $features"
stamp=priv/hexide_nif.built

if [ -f "$library" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$built_with" ] &&
    [ -z "$(find native Cargo.toml Cargo.lock -newer "$stamp" -type f -print -quit 2>/dev/null)" ]; then
    exit 0
fi

# Rust first, and new enough: what an old cargo says of a newer edition helps nobody.
least_rust=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
for tool in cargo rustc; do
    there=$("$tool" --version 2>/dev/null | awk '{ print $2; exit }') || there=
    if printf '%s\n%s\n' "$least_rust" "${there:-0}" | sort -c -t . -k 1,1n -k 2,2n 2>/dev/null; then continue; fi
    {
        echo "hexide: Rust $least_rust or later is needed to compile the native library, and ${there:+$tool is }${there:-no $tool runs here}."
        if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
            echo "hexide: It is installed: . \"${CARGO_HOME:-$HOME/.cargo}/env\", then try again."
        elif command -v rustup >/dev/null 2>&1; then
            echo "hexide: rustup update stable && rustup default stable, then try again."
        elif [ -f scripts/setup.sh ]; then
            echo "hexide: sh scripts/setup.sh installs it or says how; then try again."
        else
            echo "hexide: Install it as https://rustup.rs says, or as rustc-web and cargo-web on Debian; then try again."
        fi
    } >&2
    exit 1
done

if [ "$profile" = dev ]; then
    # The same selection of packages as the tests', so that nothing is compiled twice.
    cargo build --quiet --locked --workspace --all-targets --features "$features"
    folder=debug
else
    echo "hexide: compiling the native library; the first time takes some minutes" >&2
    # Without this the first random number of a process waits for 14 ms until the jitter of the CPU was measured; what
    # is left are the system's random numbers and the CPU's own.
    export AWS_LC_SYS_NO_JITTER_ENTROPY=1
    cargo build --quiet --locked --profile "$profile" -p hexide-nif ${features:+--features "$features"}
    folder=$profile
fi

folder=${CARGO_TARGET_DIR:-target}/$folder
for built in "$folder/libhexide_nif.so" "$folder/libhexide_nif.dylib"; do
    [ -f "$built" ] || continue
    mkdir -p priv
    # A node may have the old library mapped: it keeps its file, the new one gets its own.
    rm -f "$library"
    cp "$built" "$library.new"
    # cargo leaves the names of local symbols in a library.
    [ "$profile" = dev ] || strip -x "$library.new" 2>/dev/null || :
    mv "$library.new" "$library"
    printf '%s\n' "$built_with" >"$stamp"
    exit 0
done
echo "hexide: cargo built no library in $folder" >&2
exit 1
