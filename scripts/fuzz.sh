#!/usr/bin/env bash
# Each fuzz target for SECONDS_EACH seconds (60). Needs a nightly compiler; the kept corpus is replayed by `make test` without one.
source "$(dirname "$0")/lib.sh"
need cargo
SECONDS_EACH=${SECONDS_EACH:-60}
if ! cargo +nightly --version >/dev/null 2>&1; then
  skip fuzz "no nightly compiler (rustup toolchain install nightly)"
else
  have cargo-fuzz || cargo install --quiet --locked --root "$TOOLS" cargo-fuzz || die "cargo-fuzz could not be installed"
  export PATH="$TOOLS/bin:$PATH"
  for target in $(cd fuzz && cargo +nightly fuzz list); do
    # The first folder takes what is found; the kept corpus stays as it is.
    found="$ROOT/target/fuzz-corpus/$target"
    mkdir -p "$found"
    step "fuzz $target" cargo +nightly fuzz run "$target" "$found" "fuzz/corpus/$target" -- -max_total_time="$SECONDS_EACH" -timeout=20
  done
fi
finish "make fuzz"
