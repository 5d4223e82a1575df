#!/bin/sh
# Compiles the package hexide_server of this checkout with rebar3, upon the client beside it: both are in
# server/_build/default/lib then.
set -eu
cd "$(dirname "$0")/../server"

mkdir -p _checkouts
[ -e _checkouts/hexide ] || ln -s ../.. _checkouts/hexide
exec rebar3 compile
