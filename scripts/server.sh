#!/bin/sh
# A registry in the foreground, by the plugin of this checkout. What is written after the script's name
# goes to `rebar3 hex server'.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

# rebar3 will run in another folder than this one, so the registry's must not be relative.
folder=
for word in "$@"; do
    shift
    case $folder$word in
        --data=/* | --data/*) ;;
        --data=*) word=--data=$PWD/${word#--data=} ;;
        --data?*) word=$PWD/$word ;;
    esac
    if [ "$word" = --data ]; then folder=--data; else folder=; fi
    set -- "$@" "$word"
done

cd "$root"
# In the profile that was built last; after the tests that is dev.
HEXIDE_PROFILE=${HEXIDE_PROFILE:-$(sed 's/ .*//' priv/hexide_nif.built 2>/dev/null || echo quick)}
export HEXIDE_PROFILE

# rebar3 takes plugins from a project, so there is one that has nothing but these. It reads the user's
# own configuration of rebar3 nowhere: other plugins have no part in this.
place=$root/_build/server
mkdir -p "$place/home"
sh scripts/plugins.sh "$place/_checkouts"
printf '{project_plugins, [hexide, hexide_server]}.\n' >"$place/rebar.config"

CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
REBAR_GLOBAL_CONFIG_DIR=$place/home
REBAR_CACHE_DIR=$place/home/cache
export CARGO_HOME RUSTUP_HOME REBAR_GLOBAL_CONFIG_DIR REBAR_CACHE_DIR
cd "$place"
exec rebar3 hex server "$@"
