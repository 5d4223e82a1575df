#!/bin/sh
# Looks for what hexide needs, installs what lacks where it may, and otherwise says how.
#
#   sh scripts/setup.sh [build] [test] [check] [demo]      (default: build)
#
# Returns at once when all is there. Through apt-get (as root, or by a sudo that asks no password) it installs what lacks
# for these and no more: Rust, Erlang/OTP, rebar3, git, a C compiler and, for the tests, Elixir, a keyring and Chromium
# with its driver. It says how much that is first; where something cannot be had it installs nothing. Elsewhere it prints
# the command for this platform. Exits 1 where something lacks at the end.
set -eu
cd "$(dirname "$0")/.."

least_otp=25
least_rebar3=3.19
least_elixir=1.14
least_rust=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)

needed=${*:-build}
for each in $needed; do
    case $each in
        build | test | check | demo) ;;
        *)
            echo "setup: \`$each' is unknown; say build, test, check or demo" >&2
            exit 2
            ;;
    esac
done

# shellcheck source=scripts/setup/lacks.sh disable=SC1091
. scripts/setup/lacks.sh
# shellcheck source=scripts/setup/systems.sh disable=SC1091
. scripts/setup/systems.sh
# shellcheck source=scripts/setup/apt.sh disable=SC1091
. scripts/setup/apt.sh

say() {
    echo "setup: $*" >&2
}

# said <LINES
said() {
    sed 's/^/setup:   /' >&2
}

# The first word of each line is not for people. What comes with Erlang is not worth lines of its own.
show() {
    printf '%s\n' "$1" | sed -n '/^[a-z_0-9]* its /d; s/^[^ ]* //p' | said
}

lacks=$(lacking)
wants=$(wanted)
if [ -z "$lacks$wants" ]; then exit 0; fi

if [ -n "$lacks" ]; then
    say "this lacks:"
    show "$lacks"
fi
rust_is_ours() {
    ! printf '%s\n' "$lacks" | grep -qE '^(rust|rustfmt|clippy) ' || ! own_rust
}
if [ "$(installer)" = apt ] && rust_is_ours && root=$(as_root); then
    if [ -z "$lacks" ]; then
        say "some of the tests are skipped without:"
        show "$wants"
    fi
    if apt_install "$lacks" "$wants"; then
        lacks=$(lacking)
        if [ -n "$lacks" ]; then
            say "still this lacks:"
            show "$lacks"
        fi
    fi
fi

if [ -n "$lacks" ]; then
    say "do this, then try again:"
    what_to_do "$lacks" | said
    exit 1
fi
