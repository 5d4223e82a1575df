#!/bin/sh
# Compiles both packages of this checkout and lays them into a folder as plugins that are compiled already, so that
# rebar3 compiles neither again in each project that has the folder as its _checkouts.
#
#   sh scripts/plugins.sh FOLDER
set -eu

folder=$1
root=$(cd "$(dirname "$0")/.." && pwd)

sh "$root/scripts/build_server.sh" >&2
for package in hexide hexide_server; do
    mkdir -p "$folder/$package"
    for part in ebin priv include; do
        rm -f "$folder/$package/$part"
        ln -s "$root/server/_build/default/lib/$package/$part" "$folder/$package/$part"
    done
done
