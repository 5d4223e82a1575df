#!/bin/sh
# A registry in the foreground, by the plugin of this checkout. What is written after the script's name
# goes to `rebar3 hex server'; paths are relative to the checkout.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
sh native/build.sh

# rebar3 takes plugins from a project, so there is one that has nothing but hexide. It reads the user's
# own configuration of rebar3 nowhere: other plugins have no part in this.
place=$root/_build/server
mkdir -p "$place/_checkouts" "$place/home"
rm -f "$place/_checkouts/hexide"
ln -s "$root" "$place/_checkouts/hexide"
printf '{project_plugins, [hexide]}.\n' >"$place/rebar.config"

CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
REBAR_GLOBAL_CONFIG_DIR=$place/home
REBAR_CACHE_DIR=$place/home/cache
export CARGO_HOME RUSTUP_HOME REBAR_GLOBAL_CONFIG_DIR REBAR_CACHE_DIR
cd "$place"
exec rebar3 hex server "$@"
