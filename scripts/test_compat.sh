#!/bin/sh
# The demo and the tests on newer systems than this one: each in a root of its own, where setup.sh installs what
# they need. Takes root's rights, and a Debian or one of its kin with debootstrap.
#
#   sh scripts/test_compat.sh [SYSTEM...] [-- COMMAND...]      (default: trixie sid)
#
# A SYSTEM is a release of Debian by the name that debootstrap has for it. COMMAND is run there in place of `make demo'
# and `make test', in the folder of the checkout.
#
# HEXIDE_ROOTS     where the roots and the logs are kept (default: hexide-roots in the user's cache); a root that is
#                  there is used again, and is as old as it is: delete it for a newer one
# HEXIDE_MIRROR    the mirror of Debian (default: the one that apt is configured with)
#
# What is tried is the files of the checkout as they are, those that git tracks. The last lines are a table of what
# was found. Exits 1 when something failed.
set -eu

project=$(cd "$(dirname "$0")/.." && pwd)
roots=${HEXIDE_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/hexide-roots}
cargo_home=${CARGO_HOME:-$HOME/.cargo}
# In each root.
checkout=/build/hexide

systems=
while [ $# != 0 ]; do
    case $1 in
        --)
            shift
            if [ $# = 0 ]; then
                echo "test_compat: a command has to follow \`--'" >&2
                exit 2
            fi
            break
            ;;
        *[!a-z0-9]* | '')
            echo "test_compat: \`$1' is no release of Debian" >&2
            exit 2
            ;;
        *)
            systems="$systems $1"
            shift
            ;;
    esac
done
systems=${systems:-trixie sid}

say() {
    printf 'test_compat: %s\n' "$*"
}

fail() {
    say "$*" >&2
    exit 1
}

# quoted WORDS...: as a shell reads them
quoted() {
    for word in "$@"; do
        case $word in
            *[!A-Za-z0-9_./:=@-]* | '') printf " '%s'" "$(printf '%s' "$word" | sed "s/'/'\\\\''/g")" ;;
            *) printf ' %s' "$word" ;;
        esac
    done
}

if [ "$(id -u)" != 0 ]; then
    {
        say "this makes roots and mounts into them, for which it has to be root; say:"
        # With the caller's own folders, since root has another home.
        printf '  sudo env%s sh %s%s' "$(quoted "HEXIDE_ROOTS=$roots" "CARGO_HOME=$cargo_home")" \
            "$(quoted "$project/scripts/test_compat.sh" | cut -c 2-)" "$systems"
        if [ $# != 0 ]; then printf ' --%s' "$(quoted "$@")"; fi
        printf '\n'
    } >&2
    exit 1
fi

lacking=
for each in debootstrap git unshare tar; do
    command -v "$each" >/dev/null 2>&1 || lacking="$lacking $each"
done
[ -z "$lacking" ] || fail "this lacks$lacking; install it, then try again:  apt-get install debootstrap git util-linux tar"

# -- This machine's own ways ------------------------------------------------------------------------------

# apt_mirror LABEL: the first mirror that apt takes archives of this label from
apt_mirror() {
    # apt puts in what stands in braces.
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n "s/^$1|//p" | sed -n '1s|/*$||p'
}

mirror=${HEXIDE_MIRROR:-$(apt_mirror Debian)}
security=$(apt_mirror Debian-Security)
[ -n "$mirror" ] || fail "apt is configured with no mirror of Debian (or was never updated); name one in HEXIDE_MIRROR"

# debootstrap reads the environment, where apt has settings of its own.
proxy=
eval "$(apt-config shell proxy Acquire::http::Proxy)"
http_proxy=${http_proxy:-$proxy}
if [ -n "$http_proxy" ]; then export http_proxy; fi

# -- A world apart ----------------------------------------------------------------------------------------

inside=
unfinished=
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hexide-compat.XXXXXX")

# Whatever runs apart ends, and with the last of it its mounts do.
clean_up() {
    if [ -n "$inside" ]; then
        kill -KILL "$inside" 2>/dev/null || true
        wait "$inside" 2>/dev/null || true
    fi
    rm -rf "$scratch"
    if [ -n "$unfinished" ]; then rm -rf "$unfinished" 2>/dev/null || true; fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# apart LOG COMMAND...: with processes and mounts that nobody else sees; its output goes to the screen and to the log,
# its exit code to $status
apart() {
    log=$1
    shift
    : >"$log"
    # A shell has what runs beside it ignore Ctrl-C, and some tests are about just that.
    env --default-signal=INT,QUIT unshare --mount --pid --fork --kill-child --mount-proc "$@" </dev/null >"$log" 2>&1 &
    inside=$!
    tail -n +1 -f --pid="$inside" "$log" &
    shows=$!
    status=0
    wait "$inside" || status=$?
    inside=
    wait "$shows" || true
}

# -- A root -----------------------------------------------------------------------------------------------

# make_root SYSTEM: unless it is there; it gets its name when it is whole
make_root() {
    [ ! -d "$roots/$1" ] || return 0
    say "making the root of $1 (its output goes to $roots/$1.root.log)"
    mkdir -p "$roots"
    unfinished=$roots/$1.new
    rm -rf "$unfinished"
    apart "$roots/$1.root.log" debootstrap --variant=minbase "$1" "$unfinished" "$mirror" >/dev/null
    if [ "$status" != 0 ]; then
        tail -n 20 "$roots/$1.root.log" >&2
        rm -rf "$unfinished"
        return 1
    fi
    mv "$unfinished" "$roots/$1"
    unfinished=
}

# configure_root SYSTEM: how this machine reaches the network, which may have changed since the root was made
configure_root() {
    {
        echo "deb $mirror $1 main"
        case $1 in
            sid | unstable) ;;
            *)
                echo "deb $mirror $1-updates main"
                if [ -n "$security" ]; then echo "deb $security $1-security main"; fi
                ;;
        esac
    } >"$roots/$1/etc/apt/sources.list"
    {
        apt-config dump | grep -iE '^Acquire::[a-z]+::Proxy' || true
        # A mirror may be far behind, which is no harm here.
        echo 'Acquire::Check-Valid-Until "false";'
    } >"$roots/$1/etc/apt/apt.conf.d/90hexide"
    rm -f "$roots/$1/etc/resolv.conf"
    cp -L /etc/resolv.conf "$roots/$1/etc/resolv.conf"
    cp -L /etc/hosts "$roots/$1/etc/hosts"
    # Taken up where ca-certificates are installed.
    mkdir -p "$roots/$1/usr/local/share/ca-certificates"
    cp -RL /usr/local/share/ca-certificates/. "$roots/$1/usr/local/share/ca-certificates" 2>/dev/null || true
}

# fill_root SYSTEM: the checkout, and the crates that cargo has here. What was built there stays.
fill_root() {
    mkdir -p "$roots/$1$checkout" "$roots/$1/build/cargo/registry"
    find "$roots/$1$checkout" -mindepth 1 -maxdepth 1 ! -name target ! -name _build ! -name priv -exec rm -rf {} +
    (
        cd "$project"
        git ls-files | while read -r file; do
            if [ -e "$file" ] || [ -h "$file" ]; then printf '%s\n' "$file"; fi
        done | tar -cf - -T -
    ) | tar -xf - -C "$roots/$1$checkout" --no-same-owner
    for part in cache index; do
        if [ -d "$cargo_home/registry/$part" ]; then
            cp -Ru "$cargo_home/registry/$part" "$roots/$1/build/cargo/registry"
        fi
    done
    if [ -f "$cargo_home/config.toml" ]; then cp "$cargo_home/config.toml" "$roots/$1/build/cargo"; fi
}

# -- In a root --------------------------------------------------------------------------------------------

# The first process of such a world mounts what a root needs, and stays, to bury the orphans.
# shellcheck disable=SC2016
first='
    root=$1
    shift
    mount -t proc proc "$root/proc" &&
        mount --rbind /sys "$root/sys" &&
        mount --rbind /dev "$root/dev" &&
        { [ ! -d "$root/dev/shm" ] || mount -t tmpfs tmpfs "$root/dev/shm"; } || exit 1
    status=0
    chroot "$root" "$@" || status=$?
    exit "$status"
'

# in_root SYSTEM LOG COMMAND...: in the folder of the checkout
in_root() {
    root=$roots/$1
    log=$2
    shift 2
    # With nothing of the caller's environment but how the network is reached.
    apart "$log" sh -c "$first" sh "$root" env -i HOME=/root TERM=dumb LC_ALL=C.UTF-8 CARGO_HOME=/build/cargo \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "http_proxy=${http_proxy:-}" \
        "https_proxy=${https_proxy:-}" "no_proxy=${no_proxy:-}" sh -c "cd $checkout && \"\$@\"" sh "$@"
}

# Before setup.sh there must be make.
# shellcheck disable=SC2016
set_up='
    export DEBIAN_FRONTEND=noninteractive
    # Where it was interrupted the last time.
    dpkg --configure -a || exit 1
    command -v make >/dev/null || { apt-get update -q && apt-get install -q -y --no-install-recommends make; } || exit 1
    sh scripts/setup.sh test demo || exit 1
    # They may have been there before those of this machine.
    update-ca-certificates >/dev/null
    apt-get clean
'

# shellcheck disable=SC2016
versions='
    cd /
    cat "$(erl -noinput -boot start_clean -eval "io:put_chars(code:root_dir()), halt(0)." || true)"/releases/*/OTP_VERSION
    mix --version | sed -n "s/^Mix \([^ ]*\).*/\1/p"
    rebar3 version | sed -n "s/^rebar \([^ ]*\).*/\1/p"
    rustc --version | cut -d " " -f 2
'

# note SYSTEM WHAT RESULT: a row of the table
note() {
    printf '| %s | %s | %s | %s | %s |\n' "$1" "$found" "$2" "$3" "$(date -u +%Y-%m-%d)" >>"$scratch/table"
}

failed=
# broken SYSTEM WHAT RESULT: the same, of what failed
broken() {
    failed=true
    note "$@"
}

# attempt SYSTEM NAME COMMAND...: one row
attempt() {
    system=$1
    name=$2
    shift 2
    what=$(quoted "$@" | cut -c 2- | sed 's/|/\\|/g')
    log=$roots/$system.$name.log
    say "$what, in $system (its output goes to $log, too)"
    in_root "$system" "$log" "$@"
    count=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1) || true
    if [ "$status" = 0 ]; then
        note "$system" "$what" "${count:-it went well}"
    else
        broken "$system" "$what" "${count:+$count, }exit code $status"
    fi
}

for system in $systems; do
    found=" | | | "
    if ! make_root "$system"; then
        broken "$system" debootstrap "it failed"
        continue
    fi
    configure_root "$system"
    fill_root "$system"
    say "sh scripts/setup.sh, in $system (its output goes to $roots/$system.setup.log)"
    in_root "$system" "$roots/$system.setup.log" sh -c "$set_up" >/dev/null
    if [ "$status" != 0 ]; then
        tail -n 20 "$roots/$system.setup.log" >&2
        broken "$system" setup.sh "exit code $status"
        continue
    fi
    in_root "$system" "$scratch/versions" sh -c "$versions" >/dev/null
    found=$(tr '\n' '|' <"$scratch/versions" | sed 's/|$//; s/|/ | /g')
    if [ $# != 0 ]; then
        attempt "$system" command "$@"
    else
        attempt "$system" demo make demo
        attempt "$system" test make test
    fi
done

printf '\n| System | OTP | Elixir | rebar3 | Rust | What | Result | Date |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n'
cat "$scratch/table"
[ -z "$failed" ]
