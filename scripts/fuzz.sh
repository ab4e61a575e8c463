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
    step "fuzz $target" cargo +nightly fuzz run "$target" -- -max_total_time="$SECONDS_EACH"
  done
fi
finish "make fuzz"
