#!/usr/bin/env bash
# Measurements in the release profile; goals are printed beside them, not enforced.
source "$(dirname "$0")/lib.sh"
need cargo python3 node npm
printf 'machine: %s, %s cores\n' "$(uname -sm)" "$(nproc)"
step "node packages" node_deps
export TALOS_BIN="$ROOT/target/release/talos"
step "release binary" cargo build --locked --release --package talos-gateway --bin talos
step "benchmarks" cargo bench --locked --package talos-benches
if [ -f benches/rivals/Cargo.toml ]; then
  step "rivals" cargo bench --locked --manifest-path benches/rivals/Cargo.toml
fi
finish "make bench"
