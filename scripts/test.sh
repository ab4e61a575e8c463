#!/usr/bin/env bash
# The newcomer's tests: Rust, the independent verifier in Python, and the SDKs.
source "$(dirname "$0")/lib.sh"
export WHOLE=1
need cargo rustc python3 node npm cc
export TALOS_PYTHON=python3 TALOS_BIN="$TALOS"
if prepare "python tools" python_env requirements-dev.txt; then
  export TALOS_PYTHON="$PY"
fi
prepare "node packages" node_deps
step "build talos" build_talos
vitest() { (cd node && npx --no-install vitest run); }
step "node sdk" node_sdk
step "vitest" vitest
step "cargo test" cargo test --locked --workspace --no-fail-fast
if [ "$TALOS_PYTHON" = "$PY" ]; then
  step "python sdk" python_sdk
  step "pytest" "$PY" -m pytest --ignore=tests/interop
fi
finish "make test"
