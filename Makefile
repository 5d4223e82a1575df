# The only entry to everything. Each target installs what it lacks, or says how.

.POSIX:
.PHONY: help demo test test-compat check bench fmt pages server

help:
	@echo "make demo         the whole round trip on this machine: publish, find, fetch, use"
	@echo "make test         all tests: Rust, Erlang, Elixir, and end to end with real rebar3"
	@echo "make test-compat  the demo and the tests on newer systems; takes root   (ARGS='trixie')"
	@echo "make check        formatting, lints, xref, dialyzer and the rules of the house"
	@echo "make bench        speed, beside the reference implementation            (ARGS='--seconds 2 tarball')"
	@echo "make fmt          formats the Rust and Elixir code"
	@echo "make pages        writes docs/commands and docs/schema from the tables of commands"
	@echo "make server       a registry of your own                                (ARGS='--port 4000 --data ./registry')"

demo:
	@sh scripts/setup.sh demo
	@sh scripts/demo.sh

test:
	@sh scripts/setup.sh test
	@sh scripts/test.sh

test-compat:
	@sh scripts/test_compat.sh $(ARGS)

check:
	@sh scripts/setup.sh check
	@sh scripts/check.sh

bench:
	@sh scripts/setup.sh build
	@sh bench/run $(ARGS)

fmt:
	@sh scripts/setup.sh check
	cargo fmt --all
	mix format
	cd server && cargo fmt --all && mix format

pages:
	@sh scripts/setup.sh check
	rebar3 compile
	escript scripts/pages.escript _build/default/lib/hexide/ebin

server:
	@sh scripts/setup.sh build
	@sh scripts/server.sh $(ARGS)
