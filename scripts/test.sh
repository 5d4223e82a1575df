#!/bin/sh
# All tests, in their layers: the crates (cargo), the Erlang library and its doors (Common Test, which
# also runs real rebar3), the Elixir library (ExUnit), the examples (EUnit). Uses no network once cargo has the crates.
#
# The last line counts all layers: `N passed, N failed, N skipped'. Exits 1 when a test failed, when
# something could not be built, or when a layer ran no test at all.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"

# Nothing of the caller's own configuration plays a part, and nothing of it is changed.
CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hexide-test.XXXXXX")
trap 'cd /; rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir -p "$scratch/home" "$scratch/tmp"
HOME=$scratch/home
TMPDIR=$scratch/tmp
REBAR_GLOBAL_CONFIG_DIR=$scratch/home
REBAR_CACHE_DIR=$scratch/home/cache
MIX_HOME=$scratch/home/mix
MIX_ENV="test"
HEX_HOME=$scratch/home/hex
HEXIDE_PROFILE=dev
TERM=dumb
# Names of files have letters beyond ASCII in some tests.
LC_ALL=${LC_ALL:-C.UTF-8}
export LC_ALL CARGO_HOME RUSTUP_HOME HOME TMPDIR REBAR_GLOBAL_CONFIG_DIR REBAR_CACHE_DIR MIX_HOME MIX_ENV HEX_HOME \
    HEXIDE_PROFILE TERM
unset REBAR_CONFIG REBAR_PROFILE MIX_EXS MIX_TARGET MIX_BUILD_PATH MIX_DEPS_PATH MIX_ARCHIVES HEX_API_KEY HEX_API_URL HEX_MIRROR HEX_CDN HEX_REPO_KEY HEX_OFFLINE \
    http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY all_proxy 2>/dev/null || true

passed=0
failed=0
skipped=0
broken=
unbuilt="the crates do not build"

# logged NAME COMMAND...: the output goes to the screen and to $scratch/NAME; the exit code to $status
logged() {
    log=$scratch/$1
    shift
    { status=0; "$@" 2>&1 || status=$?; echo "$status" >"$scratch/status"; } | tee "$log"
    status=$(cat "$scratch/status")
}

echo "== Build"
both_workspaces() {
    cargo build --locked --workspace --all-targets --features keyring && (cd server && cargo build --locked -p hexide-server --all-targets)
}
# The server's crates share what is compiled.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
export CARGO_TARGET_DIR
logged build both_workspaces
if [ "$status" != 0 ]; then broken=$unbuilt; fi

# Of a test that passed only that it was skipped is worth a line; of one that failed, everything.
crates() {
    cargo test --locked --workspace --features keyring --no-fail-fast -- --show-output 2>&1 || echo "cargo test: exit code $?"
    (cd server && cargo test --locked -p hexide-server --no-fail-fast -- --show-output) 2>&1 || echo "cargo test: exit code $?"
}

# Counts from cargo's log. Of each program its last result is its own: a test may run another program of
# tests, whose output comes before. A test that says `skipped: why' did not do its work.
count_crates() {
    awk '
        function add(    word, n, i) {
            n = split(result, word, " ")
            for (i = 1; i < n; i++) {
                if (word[i + 1] ~ /^passed;/) passed += word[i]
                if (word[i + 1] ~ /^failed;/) failed += word[i]
                if (word[i + 1] ~ /^ignored;/) skipped += word[i]
            }
            result = ""
        }
        /^ *(Running|Doc-tests) / { add(); within = 0; listed = 0 }
        /^test result:/ { result = $0 }
        /^successes:/ { listed = 1 }
        /^failures:/ { listed = 0 }
        /^---- .* stdout ----$/ { within = listed }
        /^skipped:/ && within { told++; within = 0 }
        END { add(); print passed - told, failed + 0, skipped + told }
    ' "$1"
}

# What is worth a line: the programs, their results, what was skipped, and all of what failed.
show_crates() {
    awk '
        function finish() {
            if (result != "") print result
            result = ""; failing = 0
        }
        /^ *(Running|Doc-tests) / || /^cargo test: / { finish(); print; fflush(); next }
        failing { print; fflush(); next }
        /^failures:/ { failing = 1; result = ""; print; next }
        /^test result:/ { result = $0; next }
        /^test .* (FAILED|ignored.*)$/ || /^skipped:/ || /^error(\[|:)/ || /^warning:/ { print; fflush() }
        END { finish() }
    '
}

if [ -z "$broken" ]; then
    echo "== Crates"
    crates | tee "$scratch/crates" | show_crates
    read -r crates_passed crates_failed crates_skipped <<END
$(count_crates "$scratch/crates")
END
    passed=$((passed + crates_passed))
    failed=$((failed + crates_failed))
    skipped=$((skipped + crates_skipped))
    if [ $((crates_passed + crates_failed)) = 0 ]; then broken="no test of the crates ran"; fi
    if [ "$crates_failed" = 0 ] && grep -q '^cargo test: exit code' "$scratch/crates"; then
        broken="cargo test ended with an error"
    fi
fi

# Each suite in a node of its own, three at a time: most of them wait for programs that they start. The longest first.
suites() {
    sh scripts/build_server.sh && rebar3 ct --compile_only || return 1
    built=$root/_build/test/lib/hexide
    server=$root/server/_build/default/lib/hexide_server
    logs=$root/_build/test/logs
    rm -rf "$logs"
    {
        printf '%s_SUITE\n' hexide_packages rebar3_hexide_every_command rebar3_hexide_mistake rebar3_hexide_organization \
            rebar3_hexide_publish rebar3_hexide_e2e
        ls test/mix_*_SUITE.erl test/rebar3_*_SUITE.erl
        ls server/test/*_SUITE.erl test/hexide_*_SUITE.erl test/readme_SUITE.erl
    } | sed 's/\.erl$//; s|.*test/||' | awk '!seen[$0]++' >"$scratch/order"
    # shellcheck disable=SC2016
    xargs -P 3 -n 1 <"$scratch/order" sh -c 'mkdir -p "$2/$3" &&
        erl -noinput -pa "$0/ebin" "$0/test" "$0/server/test" "$1/ebin" \
            -run suite_run main "$3" "$2/$3" 2>&1 >"$2/$3/console"' "$built" "$server" "$logs"
}

# The closing line of each: `hexide_job_SUITE: 10 passed, 0 failed, 0 skipped'.
count_suites() {
    awk '
        /^[a-z0-9_]+_SUITE: [0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { passed += $2; failed += $4; skipped += $6 }
        END { print passed + 0, failed + 0, skipped + 0 }
    ' "$1"
}

if [ "$broken" != "$unbuilt" ]; then
    echo "== Suites"
    logged suites suites
    read -r suites_passed suites_failed suites_skipped <<END
$(count_suites "$scratch/suites")
END
    passed=$((passed + suites_passed))
    failed=$((failed + suites_failed))
    skipped=$((skipped + suites_skipped))
    if [ $((suites_passed + suites_failed)) = 0 ]; then
        broken=${broken:-no test of the suites ran}
    elif [ "$status" != 0 ] && [ "$suites_failed" = 0 ]; then
        broken=${broken:-some suite did not run to its end}
    fi
fi

# ExUnit's closing line: `40 doctests, 12 tests, 1 failure, 2 skipped', since Elixir 1.20 `Result: 51/52 passed, 2 skipped';
# tests whose setup failed are `invalid'.
count_elixir() {
    awk '
        /^([0-9]+ doctests?, )?[0-9]+ tests?, [0-9]+ failures?/ || /^[0-9]+ doctests?, [0-9]+ failures?/ || /^Result: / {
            total = failed = skipped = 0
            for (i = 1; i < NF; i++) {
                if ($(i + 1) ~ /^(doc)?tests?,/) total += $i
                if ($(i + 1) ~ /^(failures?|invalid),?$/) failed += $i
                if ($(i + 1) ~ /^(skipped|excluded),?$/) skipped += $i
            }
            if ($1 == "Result:") {
                ran = split($2, part, "/")
                total = part[ran] + failed + skipped
                failed += part[ran] - part[1]
            }
        }
        END { print total - failed - skipped, failed + 0, skipped + 0 }
    ' "$1"
}

# The registry's package first, which the client's tests start. No dependencies but each other, so neither Hex nor a
# network.
elixir() {
    (cd server && mix compile) && mix test
}

if [ "$broken" != "$unbuilt" ]; then
    echo "== Elixir"
    logged elixir elixir
    read -r elixir_passed elixir_failed elixir_skipped <<END
$(count_elixir "$scratch/elixir")
END
    passed=$((passed + elixir_passed))
    failed=$((failed + elixir_failed))
    skipped=$((skipped + elixir_skipped))
    if [ $((elixir_passed + elixir_failed)) = 0 ]; then
        broken=${broken:-no test in Elixir ran}
    elif [ "$status" != 0 ] && [ "$elixir_failed" = 0 ]; then
        broken=${broken:-mix test ended with exit code $status}
    fi
fi

# The examples are projects of their own, tried away from here; one finds the other beside it.
if [ "$broken" != "$unbuilt" ]; then
    echo "== Examples"
    cp -R examples "$scratch/examples"
    rm -rf "$scratch"/examples/*/_build "$scratch"/examples/*/_checkouts
    mkdir -p "$scratch/examples/greeter/_checkouts"
    ln -s ../../greeting "$scratch/examples/greeter/_checkouts/greeting"
    for example in greeting greeter; do
        cd "$scratch/examples/$example"
        logged "$example" rebar3 eunit
        cd "$root"
        # eunit's closing line: `5 tests, 0 failures'.
        count=$(grep -oE '[0-9]+ tests, [0-9]+ failures' "$scratch/$example" | tail -n 1) || true
        read -r tests _ failures _ <<END
${count:-0 tests, 0 failures}
END
        passed=$((passed + tests - failures))
        failed=$((failed + failures))
        if [ "$tests" = 0 ]; then
            broken=${broken:-no test of examples/$example ran}
        elif [ "$status" != 0 ] && [ "$failures" = 0 ]; then
            broken=${broken:-rebar3 eunit in examples/$example ended with exit code $status}
        fi
    done
fi

# At the end, where a reader of a long log looks first.
if [ "$failed" != 0 ]; then
    echo "== What failed"
    for log in "$scratch"/crates "$scratch"/suites "$scratch"/elixir "$scratch"/greeting "$scratch"/greeter; do
        [ -f "$log" ] || continue
        grep -hE '^test .* FAILED$|: FAILED$|did not run|^ *[0-9]+\) test ' "$log" || true
    done
fi

if [ -n "$broken" ]; then
    echo "test: $broken" >&2
    # So that nobody takes the count alone for a success.
    failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
