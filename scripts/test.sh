#!/usr/bin/env bash
# The newcomer's tests: Rust, and the independent verifier in Python.
source "$(dirname "$0")/lib.sh"
need cargo rustc python3 node npm cc
step "python tools" python_env requirements-dev.txt
step "node packages" node_deps
export TALOS_PYTHON="$PY" TALOS_BIN="$TALOS"
step "build talos" build_talos
step "cargo test" cargo test --locked --workspace --no-fail-fast
step "pytest" "$PY" -m pytest --ignore=tests/interop
finish "make test"
