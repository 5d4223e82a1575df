#!/bin/sh
# Looks for what hexide needs, installs what lacks where it may, and otherwise says how.
#
#   sh scripts/setup.sh [build] [test] [check] [demo]      (default: build)
#
# Returns at once when all is there. Through apt-get (as root, or by a sudo that asks no password) it
# installs Erlang/OTP, rebar3, git, a C compiler and, for the tests, Elixir, a keyring and Chromium with its driver.
# Where that is not to be had it prints the command for this platform and exits 1.
set -eu

least_otp=25
least_rebar3=3.19
least_elixir=1.14
least_rust=1.89

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

needs() {
    case " $needed " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

needs_elixir() {
    needs test || needs check
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# at_least 3.24.0 3.19: numbers are compared as numbers, what follows them is left out
at_least() {
    awk -v have="$1" -v least="$2" 'BEGIN {
        sub(/[^0-9.].*/, "", have)
        split(have, h, "."); n = split(least, l, ".")
        for (i = 1; i <= n; i++) {
            if (h[i] + 0 > l[i] + 0) exit 0
            if (h[i] + 0 < l[i] + 0) exit 1
        }
        exit 0
    }'
}

# Each line of these: what lacks, as a person would say it.

lacking_erlang() {
    if ! have erl; then
        echo "Erlang/OTP $least_otp or later"
        return
    fi
    apps="crypto public_key ssl inets"
    if needs test || needs check || needs demo; then apps="$apps edoc xmerl tools eunit common_test"; fi
    if needs check; then apps="$apps dialyzer"; fi
    # One node, for the release and the applications.
    # shellcheck disable=SC2086
    erl -noinput -boot start_clean -eval '
        [Least | Apps] = init:get_plain_arguments(),
        case list_to_integer(erlang:system_info(otp_release)) >= list_to_integer(Least) of
            true -> ok;
            false -> io:format("Erlang/OTP ~s or later (there is ~s)~n", [Least, erlang:system_info(otp_release)])
        end,
        [io:format("the application ~s of Erlang/OTP~n", [App])
         || App <- Apps, not is_list(code:lib_dir(list_to_atom(App)))],
        case lists:member("common_test", Apps) andalso is_list(code:lib_dir(common_test))
             andalso not filelib:is_regular(filename:join(code:lib_dir(common_test), "include/ct.hrl")) of
            true -> io:put_chars("the header files of Erlang/OTP\n");
            false -> ok
        end,
        halt(0).' -extra "$least_otp" $apps
}

lacking_rebar3() {
    if ! have rebar3; then
        echo "rebar3 $least_rebar3 or later"
        return
    fi
    # Asked somewhere else: in a project rebar3 would first see to its plugins.
    version=$(cd / && rebar3 version 2>/dev/null | awk '$1 == "rebar" { print $2 }') || version=
    at_least "${version:-0}" "$least_rebar3" || echo "rebar3 $least_rebar3 or later (there is ${version:-none that runs})"
}

lacking_elixir() {
    if ! have mix; then
        echo "Elixir $least_elixir or later"
        return
    fi
    # Elsewhere, so that no project is compiled.
    version=$(cd / && mix --version 2>/dev/null | awk '$1 == "Mix" { print $2 }') || version=
    at_least "${version:-0}" "$least_elixir" || echo "Elixir $least_elixir or later (there is ${version:-none that runs})"
}

lacking_tools() {
    have cc || have gcc || have clang || echo "a C compiler"
    have git || echo "git"
}

# The tests drive the registry's pages in a real browser.
lacking_browser() {
    have chromedriver || echo "chromedriver"
    have chromium || have chromium-browser || have google-chrome || [ -d "/Applications/Chromium.app" ] ||
        [ -d "/Applications/Google Chrome.app" ] || echo "Chromium"
}

lacking_rust() {
    if ! have cargo || ! have rustc; then
        echo "Rust $least_rust or later (cargo and rustc)"
        return
    fi
    version=$(rustc --version 2>/dev/null | awk '{ print $2 }') || version=
    if ! at_least "${version:-0}" "$least_rust"; then
        echo "Rust $least_rust or later (there is ${version:-none that runs})"
        return
    fi
    if needs check; then
        cargo fmt --version >/dev/null 2>&1 || echo "rustfmt"
        cargo clippy --version >/dev/null 2>&1 || echo "clippy"
    fi
}

lacking_packaged() {
    # rebar3 needs erl to say its version.
    lacking_tools
    erlang=$(lacking_erlang)
    if [ -n "$erlang" ]; then printf '%s\n' "$erlang"; fi
    if have erl || ! have rebar3; then lacking_rebar3; fi
    if needs_elixir && { have erl || ! have mix; }; then lacking_elixir; fi
    if needs test; then lacking_browser; fi
}

debian_packages() {
    echo "build-essential ca-certificates git erlang-nox erlang-dev erlang-common-test erlang-dialyzer rebar3"
    if needs_elixir; then echo "elixir"; fi
    if ! needs test; then return; fi
    # Ubuntu has other names than Debian.
    if apt-cache show chromium-driver >/dev/null 2>&1; then
        echo "chromium chromium-driver"
    else
        echo "chromium-browser chromium-chromedriver"
    fi
}

# browser_packages NAMES...: those, where the browser is needed
browser_packages() {
    if needs test; then echo " $*"; fi
}

# elixir_package NAME: that, where it is needed
elixir_package() {
    if needs_elixir; then echo " $1"; fi
}

# What some tests need and skip without, so that nothing waits for it: a keyring, on a bus of its own.
lacking_wanted() {
    needs test && [ "$(uname -s)" = Linux ] || return 0
    have dbus-daemon || echo "dbus"
    have gnome-keyring-daemon || echo "gnome-keyring"
}

# The words that give this process root's rights: nothing for root itself; fails where a password is asked.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo "env"
    elif have sudo && sudo -n true 2>/dev/null; then
        echo "sudo -n env"
    else
        return 1
    fi
}

packages_command() {
    if have apt-get; then
        echo "sudo apt-get install $(debian_packages | tr '\n' ' ')"
    elif have brew; then
        echo "brew install erlang rebar3 git$(elixir_package elixir)$(browser_packages chromium chromedriver)"
    elif have dnf; then
        echo "sudo dnf install gcc make git erlang erlang-rebar3$(elixir_package elixir)$(browser_packages chromium chromedriver)"
    elif have pacman; then
        echo "sudo pacman -S base-devel git erlang rebar3$(elixir_package elixir)$(browser_packages chromium)"
    elif have apk; then
        echo "sudo apk add build-base git erlang erlang-dev rebar3$(elixir_package elixir)$(browser_packages chromium chromium-chromedriver)"
    elif have zypper; then
        echo "sudo zypper install gcc make git erlang erlang-rebar3$(elixir_package elixir)$(browser_packages chromium chromedriver)"
    elif have pkg; then
        echo "sudo pkg install git erlang rebar3$(elixir_package elixir)$(browser_packages chromium)"
    else
        echo "your system's packages of Erlang/OTP, rebar3, git, a C compiler$(elixir_package "and Elixir")$(browser_packages and Chromium with its driver)"
    fi
}

rust_command() {
    if ! have cargo && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        echo "Rust is installed but not in PATH; put it there: . \"${CARGO_HOME:-$HOME/.cargo}/env\""
    elif have rustup; then
        echo "With rustup: rustup update stable && rustup component add rustfmt clippy"
    else
        echo "With rustup, as https://rustup.rs says (it needs no root)."
    fi
}

packaged=$(lacking_packaged)
if [ -n "$packaged" ] && have apt-get && root=$(as_root); then
    printf 'setup: installing through apt-get, since these lack:\n'
    printf '%s\n' "$packaged" | sed 's/^/setup:   /'
    # shellcheck disable=SC2046
    {
        $root DEBIAN_FRONTEND=noninteractive apt-get update -q &&
            $root DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(debian_packages)
    } </dev/null || echo "setup: apt-get failed" >&2
    packaged=$(lacking_packaged)
fi

wanted=$(lacking_wanted)
if [ -n "$wanted" ] && have apt-get && root=$(as_root); then
    printf 'setup: installing through apt-get, for some of the tests:\n'
    printf '%s\n' "$wanted" | sed 's/^/setup:   /'
    # shellcheck disable=SC2086
    {
        $root DEBIAN_FRONTEND=noninteractive apt-get update -q &&
            $root DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $wanted
    } </dev/null || echo "setup: apt-get failed; the tests of the keyring will be skipped" >&2
fi

rust=$(lacking_rust)
if [ -n "$packaged$rust" ]; then
    {
        echo "setup: this lacks:"
        printf '%s\n%s\n' "$packaged" "$rust" | sed -n 's/^..*$/setup:   &/p'
        echo "setup: install it, then try again:"
        if [ -n "$packaged" ]; then
            echo "setup:   $(packages_command)"
            case $packaged in
                *"there is"*) echo "setup:   (where that gives an older one: https://www.erlang.org/downloads, https://rebar3.org)" ;;
            esac
        fi
        if [ -n "$rust" ]; then echo "setup:   $(rust_command)"; fi
    } >&2
    exit 1
fi
