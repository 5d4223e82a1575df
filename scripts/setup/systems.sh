# What a person can do where scripts/setup.sh may not install: the commands of each system. Sourced by scripts/setup.sh.
# What it takes from there ($needed, $least_...) shellcheck does not see.
# shellcheck shell=sh disable=SC2154

# The program that installs here; nothing where none is known.
installer() {
    for each in apt-get brew dnf pacman apk zypper pkg; do
        if have "$each"; then
            echo "${each%-get}"
            return
        fi
    done
}

# row SYSTEM WORD: what the table has there
row() {
    awk -v kind="$1" -v word="$2" '
        /^# what / { for (i = 3; i <= NF; i++) column[$i] = i - 1 }
        $1 == word { print $column[kind] }' scripts/setup/packages
}

# packages SYSTEM <LACKING: their names, each once
packages() {
    while read -r word _; do
        for each in $(row "$1" "$word" | tr ',' ' '); do
            if [ "$each" = - ]; then continue; fi
            case $1 in apt) apt_first "$each" ;; *) echo "${each%%/*}" ;; esac
        done
    done | awk '!seen[$0]++' | tr '\n' ' ' | sed 's/ $//'
}

# Words that a person puts before a command for root.
sudo_words() {
    if [ "$(id -u)" != 0 ]; then
        if have sudo; then echo "sudo "; else echo "(as root) "; fi
    fi
}

# offered_rust SYSTEM: the version of Rust that this has, as far as it can say without a network; the newest where it
# always follows
offered_rust() {
    case $1 in
        brew) echo "$least_rust" ;;
        dnf) dnf -q -C info rust 2>/dev/null | awk '$1 == "Version" { print $3 }' | tail -n 1 ;;
        pacman) pacman -Si rust 2>/dev/null | awk '$1 == "Version" { sub(/^[0-9]+:/, "", $3); print $3; exit }' ;;
        apk) apk search -x rust 2>/dev/null | sed -n 's/^rust-\([0-9.]*\)-r.*/\1/p' | tail -n 1 ;;
        zypper) zypper -q --no-refresh info rust 2>/dev/null | awk '$1 == "Version" { print $3; exit }' ;;
        pkg) pkg rquery %v rust 2>/dev/null | head -n 1 ;;
    esac
}

# Rust as rustup has it, for whom there is one already and for whom there is none; it needs no root.
rustup_command() {
    cargo_home=${CARGO_HOME:-$HOME/.cargo}
    if [ -x "$cargo_home/bin/cargo" ] && ! have cargo; then
        echo ". \"$cargo_home/env\"    (Rust is installed, but not in PATH)"
    elif have rustup; then
        echo "rustup update stable && rustup default stable$(needs check && echo ' && rustup component add rustfmt clippy')"
    else
        echo "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- --profile minimal$(
            needs check && echo ' -c rustfmt -c clippy') && . \"$cargo_home/env\""
    fi
}

# Whether there is a Rust that is not the system's: no package would come before it.
own_rust() {
    if have rustup || [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then return 0; fi
    have dpkg-query || return 1
    for tool in cargo rustc; do
        if have "$tool" && ! dpkg-query -S "$(readlink -f "$(command -v "$tool")")" >/dev/null 2>&1; then return 0; fi
    done
    return 1
}

# install_command SYSTEM PACKAGES
install_command() {
    case $1 in
        apt) echo "$(sudo_words)apt-get install --no-install-recommends $2" ;;
        brew) echo "brew install $2" ;;
        dnf) echo "$(sudo_words)dnf install $2" ;;
        pacman) echo "$(sudo_words)pacman -S --needed $2" ;;
        apk) echo "$(sudo_words)apk add $2" ;;
        zypper) echo "$(sudo_words)zypper install $2" ;;
        pkg) echo "$(sudo_words)pkg install $2" ;;
    esac
}

# what_to_do LACKING: the commands, one a line
what_to_do() {
    system=$(installer)
    rust=$(printf '%s\n' "$1" | grep -E '^(rust|rustfmt|clippy) ') || rust=
    others=$(printf '%s\n' "$1" | grep -vE '^(rust|rustfmt|clippy) ') || others=
    names=
    if [ -n "$rust" ]; then
        if own_rust; then
            rustup_command
        elif [ "$system" = apt ]; then
            names=$(apt_rust_packages)
            if [ -z "$names" ]; then
                apt_rust_elsewhere
            elif apt_rust_hidden; then
                echo "export PATH=/usr/lib/rust$(apt_rust_set)/bin:\$PATH    (after what follows)"
            fi
        elif [ -n "$system" ]; then
            offered=$(offered_rust "$system")
            if [ -z "$offered" ] || at_least "$offered" "$least_rust"; then names=$(printf '%s\n' "$rust" | packages "$system"); fi
            if [ -z "$offered" ]; then
                echo "$(rustup_command)    (if your system's Rust is older than $least_rust; leave out $names below, then)"
            elif [ -z "$names" ]; then
                rustup_command
            fi
        else
            rustup_command
        fi
    fi
    if [ -z "$system" ]; then
        if [ -n "$others" ]; then echo "your system's packages of$(printf '%s\n' "$others" | cut -d ' ' -f 2- | awk '{ printf "%s %s", sep, $0; sep = "," }')"; fi
        return
    fi
    if [ "$system" = brew ] && printf '%s\n' "$others" | grep -q '^cc '; then echo "xcode-select --install"; fi
    names="$names $(printf '%s\n' "$others" | packages "$system")"
    names=${names# }
    names=${names% }
    if [ -n "$names" ]; then install_command "$system" "$names"; fi
    case $others in
        *"there is"*) echo "(where that gives an older one: https://www.erlang.org/downloads, https://rebar3.org)" ;;
    esac
}
