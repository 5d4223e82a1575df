# Debian and what is made of it: what apt-get has, and how it is installed. Sourced by scripts/setup.sh.
# What it takes from there ($needed, $least_...) shellcheck does not see.
# shellcheck shell=sh disable=SC2154

# apt_candidate PACKAGE: the version that would be installed; nothing where there is none
apt_candidate() {
    LC_ALL=C apt-cache policy "$1" 2>/dev/null |
        awk '$1 == "Candidate:" && $2 != "(none)" { sub(/^[0-9]+:/, "", $2); print $2 }'
}

# apt_first ONE/OTHER: the first that is to be had, and the first where none is
apt_first() {
    for name in $(echo "$1" | tr '/' ' '); do
        if [ -n "$(apt_candidate "$name")" ]; then
            echo "$name"
            return
        fi
    done
    echo "${1%%/*}"
}

# Debian has a set of packages of Rust that stays as it was released, and one ("-web") that follows what browsers need,
# in some releases among the security updates alone. Ubuntu has a set for each version.
apt_rust_sets() {
    printf 'plain\n-web\n'
    apt-cache pkgnames rustc-1. 2>/dev/null | sed -n 's/^rustc\(-1\.[0-9]*\)$/\1/p' | sort -t . -k 2,2nr
}

# The first set that is new enough, by what its names end with; fails where there is none.
apt_rust_set() {
    for set in $(apt_rust_sets); do
        ending=${set#plain}
        rustc=$(apt_candidate "rustc$ending")
        cargo=$(apt_candidate "cargo$ending")
        # Debian's cargo had numbers of its own, 0.66 with 1.63.
        if at_least "${rustc:-0}" "$least_rust" && at_least "${cargo:-0}" "$least_rust"; then
            echo "$set"
            return
        fi
    done
    return 1
}

apt_rust_packages() {
    set=$(apt_rust_set) || return 0
    ending=${set#plain}
    printf '%s' "rustc$ending cargo$ending$(needs check && echo " rustfmt$ending rust$ending-clippy")"
}

# Whether an older Rust would still be found before the set, whose folder is in nobody's PATH.
apt_rust_hidden() {
    case $(apt_rust_set) in
        -1.*) have cargo || have rustc ;;
        *) return 1 ;;
    esac
}

# What Rust there is instead, for a person to read.
apt_old_rust() {
    for set in $(apt_rust_sets); do
        version=$(apt_candidate "rustc${set#plain}")
        if [ -n "$version" ]; then printf '%s' "${sep:-}rustc${set#plain} ${version%%+*}" && sep=", "; fi
    done
}

# Where apt-get has no Rust that will do: how it comes to have one, and what else there is.
apt_rust_elsewhere() {
    # shellcheck disable=SC1091
    codename=$(. /etc/os-release 2>/dev/null && [ "${ID:-}" = debian ] && echo "${VERSION_CODENAME:-}") || codename=
    if [ -n "$codename" ]; then
        # Whatever their format.
        sources=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
            grep -v '^ *#') || :
        case $sources in
            *"$codename-security"*) echo "$(sudo_words)apt-get update    (perhaps what it knows is old)" ;;
            *)
                # The security updates use to be beside the distribution, where a mirror has both.
                place=$(printf '%s\n' "$sources" | tr -s '[:blank:]' '\n' | sed -n 's|^\([a-z+]*://.*/debian\)/*$|\1-security|p' | head -n 1)
                line="deb ${place:-<your mirror of debian-security>} $codename-security main"
                echo "$(sudo_words)sh -c \"echo '$line' >/etc/apt/sources.list.d/security.list\"    (its Rust is newer)"
                ;;
        esac
        echo "or else, with no package of the system:"
    fi
    rustup_command
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

# apt_get WORDS...: nothing that is there is removed for it
apt_get() {
    # shellcheck disable=SC2086
    $root LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 -o Acquire::Retries=1 \
        -y --no-install-recommends --no-remove "$@" </dev/null
}

# apt_plan PACKAGES...: how many would come, and how large they are; fails, and says why, where they cannot
apt_plan() {
    if ! plan=$(apt_get -qq --print-uris install "$@" 2>&1); then
        printf '%s\n' "$plan"
        return 1
    fi
    printf '%s\n' "$plan" | awk '$3 ~ /^[0-9]+$/ { n++; size += $3 } END { printf "%d packages, %.0f MB to download", n, size / 1e6 }'
}

# Debian's rebar3 is one file, and its package asks for all that any of its commands may use, down to graphical tools:
# 250 packages that are not needed to compile or to publish. So only the tests, which use some of them, take all.
rebar3_alone() {
    ! needs test && printf '%s\n' "$1" | grep -q '^rebar3 ' && ! have rebar3
}

apt_rebar3() {
    folder=$(mktemp -d "${TMPDIR:-/tmp}/hexide-setup.XXXXXX")
    done=1
    # As the caller: it is no business of root's until it is copied.
    if (cd "$folder" && apt-get -q download rebar3 && dpkg-deb -x rebar3_*.deb .) &&
        (cd "$folder" && at_least "$(./usr/bin/rebar3 version | awk '$1 == "rebar" { print $2 }')" "$least_rebar3"); then
        $root install -m 755 "$folder/usr/bin/rebar3" /usr/local/bin/rebar3 && done=0
    fi
    rm -rf "$folder"
    return "$done"
}

# Ubuntu's sets have their programs in a folder of their own; where there are no others these get the usual names.
apt_name_rust() {
    set=$(apt_rust_set) || return 0
    for program in "/usr/lib/rust${set#plain}"/bin/*; do
        name=${program##*/}
        if [ -x "$program" ] && ! have "$name"; then
            $root update-alternatives --quiet --install "/usr/bin/$name" "$name" "$program" 50
        fi
    done
}

# apt_old_ones LACKING: what apt-get has, but too old
apt_old_ones() {
    printf '%s\n' "$1" | while read -r word _; do
        case $word in
            erlang) name=erlang-base least=$least_otp ;;
            rebar3) name=rebar3 least=$least_rebar3 ;;
            elixir) name=elixir least=$least_elixir ;;
            *) continue ;;
        esac
        version=$(apt_candidate "$name")
        at_least "${version:-0}" "$least" || echo "$name ${version:-in no version} ($least is needed)"
    done
}

# apt_install LACKING WANTED: what of it can be had; says so and fails before anything is installed where that is not all
apt_install() {
    say "asking apt-get what there is"
    apt_get -qq update || say "apt-get update failed; going on with what was known before"
    rust=
    if printf '%s\n' "$1" | grep -qE '^(rust|rustfmt|clippy) '; then
        rust=$(apt_rust_packages)
        if [ -z "$rust" ]; then
            old=$(apt_old_rust)
            say "nothing was installed: apt-get has no Rust $least_rust or later (it has ${old:-none})"
            return 1
        fi
        if apt_rust_hidden; then
            say "nothing was installed: the older Rust that is here would still be found first"
            return 1
        fi
    fi
    old=$(apt_old_ones "$1")
    if [ -n "$old" ]; then
        say "nothing was installed: what apt-get has is too old:"
        printf '%s\n' "$old" | said
        return 1
    fi

    others=$(printf '%s\n' "$1" | grep -vE '^(rust|rustfmt|clippy) ') || others=
    alone=false
    if rebar3_alone "$others"; then
        alone=true
        others=$(printf '%s\n' "$others" | grep -v '^rebar3 ') || others=
    fi
    names="$rust $(printf '%s\n' "$others" | packages apt)"
    # shellcheck disable=SC2086
    if ! plan=$(apt_plan $names); then
        say "nothing was installed: apt-get cannot, without removing what is there or at all:"
        printf '%s\n' "$plan" | said
        return 1
    fi
    # What is only wanted must not stand in the way.
    more=$(printf '%s\n' "$2" | packages apt)
    # shellcheck disable=SC2086
    if [ -n "$more" ] && with_more=$(apt_plan $names $more); then
        names="$names $more"
        plan=$with_more
    fi
    say "installing through apt-get, $plan: $(echo "$names" | awk '{ $1 = $1; print }')"
    # shellcheck disable=SC2086
    apt_get -q install $names || {
        say "apt-get failed"
        return 1
    }
    if "$alone"; then
        say "installing the one file of the package rebar3 as /usr/local/bin/rebar3"
        apt_rebar3 || apt_get -q install rebar3 || return 1
    fi
    if [ -n "$rust" ]; then apt_name_rust; fi
}
