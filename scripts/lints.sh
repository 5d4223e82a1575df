# shellcheck shell=sh
# Sourced. What `cargo clippy -- -D warnings` does, but upon a build instead of a check, and at every build from here on: so
# all is compiled once, for the lints and for what is checked or tested later.
export RUSTC_WORKSPACE_WRAPPER=clippy-driver CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings
