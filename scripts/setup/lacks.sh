# What lacks. Each function prints a line for each thing: a word that scripts/setup/packages knows, then what a person
# would call it. Sourced by scripts/setup.sh.
# What it takes from there ($needed, $least_...) shellcheck does not see.
# shellcheck shell=sh disable=SC2154

needs() {
    case " $needed " in *" $1 "*) return 0 ;; *) return 1 ;; esac
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

# rust_version TOOL: of cargo or rustc, wherever that is; nothing where it does not run
rust_version() {
    "$1" --version 2>/dev/null | awk '{ print $2; exit }'
}

lacking_rust() {
    for tool in cargo rustc; do
        if ! have "$tool"; then
            echo "rust Rust $least_rust or later (there is no $tool)"
            return
        fi
        version=$(rust_version "$tool")
        if ! at_least "${version:-0}" "$least_rust"; then
            echo "rust Rust $least_rust or later (there is $tool ${version:-that does not run})"
            return
        fi
    done
    if needs check; then
        cargo fmt --version >/dev/null 2>&1 || echo "rustfmt rustfmt"
        cargo clippy --version >/dev/null 2>&1 || echo "clippy clippy"
    fi
}

# The header files, too: some systems have the one without the other.
lacking_tools() {
    printf '#include <stdlib.h>\n' | ${CC:-cc} -E - >/dev/null 2>&1 || echo "cc a C compiler with the header files of C"
    have git || echo "git git"
}

# rebar3 runs with the first line of these; edoc is for the documentation that is published.
erlang_applications() {
    echo "crypto public_key ssl inets syntax_tools"
    if needs demo || needs test || needs check; then echo "edoc xmerl"; fi
    if needs test || needs check; then echo "tools eunit"; fi
    if needs test; then echo "common_test"; fi
    if needs check; then echo "dialyzer"; fi
}

lacking_erlang() {
    if ! have erl; then
        echo "erlang Erlang/OTP $least_otp or later"
        for application in $(erlang_applications); do echo "$application its application $application"; done
        if needs test; then echo "headers its header files"; fi
        return
    fi
    # One node, for the release and the applications.
    # shellcheck disable=SC2046
    erl -noinput -boot start_clean -eval '
        [Least | Apps] = init:get_plain_arguments(),
        case list_to_integer(erlang:system_info(otp_release)) >= list_to_integer(Least) of
            true -> ok;
            false -> io:format("erlang Erlang/OTP ~s or later (there is ~s)~n",
                               [Least, erlang:system_info(otp_release)])
        end,
        [io:format("~s the application ~s of Erlang/OTP~n", [App, App])
         || App <- Apps, not is_list(code:lib_dir(list_to_atom(App)))],
        case lists:member("common_test", Apps)
             andalso not (is_list(code:lib_dir(common_test))
                          andalso filelib:is_regular(filename:join(code:lib_dir(common_test), "include/ct.hrl"))) of
            true -> io:put_chars("headers the header files of Erlang/OTP\n");
            false -> ok
        end,
        halt(0).' -extra "$least_otp" $(erlang_applications)
}

# lacking_version WORD NAME VERSION LEAST
lacking_version() {
    at_least "${3:-0}" "$4" || echo "$1 $2 $4 or later (there is ${3:-none that runs})"
}

# Neither of these two says its version without Erlang. They are asked somewhere else: in a project rebar3 would see to
# its plugins first, and mix would compile.
lacking_rebar3() {
    if ! have rebar3; then
        echo "rebar3 rebar3 $least_rebar3 or later"
    elif have erl; then
        lacking_version rebar3 rebar3 "$(cd / && rebar3 version 2>/dev/null | awk '$1 == "rebar" { print $2 }')" "$least_rebar3"
    fi
}

lacking_elixir() {
    needs test || needs check || return 0
    if ! have mix; then
        echo "elixir Elixir $least_elixir or later"
    elif have erl; then
        lacking_version elixir Elixir "$(cd / && mix --version 2>/dev/null | awk '$1 == "Mix" { print $2 }')" "$least_elixir"
    fi
}

# The tests drive the registry's pages in a real browser.
lacking_browser() {
    needs test || return 0
    have chromedriver || echo "chromedriver chromedriver"
    have chromium || have chromium-browser || have google-chrome || [ -d "/Applications/Chromium.app" ] ||
        [ -d "/Applications/Google Chrome.app" ] || echo "chromium Chromium"
}

# Those that start something do so at the same time, since most of this is waiting when all is there.
lacking() {
    lacking_rust &
    lacking_erlang &
    lacking_rebar3 &
    lacking_elixir &
    lacking_tools
    lacking_browser
    wait
}

# What some tests need and skip without, so that nothing waits for it: a keyring, on a bus of its own, and patch.
wanted() {
    needs test && [ "$(uname -s)" = Linux ] || return 0
    have dbus-daemon || echo "dbus dbus"
    have gnome-keyring-daemon || echo "keyring gnome-keyring"
    have patch || echo "patch patch"
}
