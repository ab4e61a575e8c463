#!/usr/bin/env bash
# The tests that are marked slow, and the crash tests again and again, for SOAK_ROUNDS rounds (3).
source "$(dirname "$0")/lib.sh"
need cargo python3
step "python tools" python_env requirements-dev.txt
step "build talos" build_talos
export TALOS_BIN="$TALOS" TALOS_PYTHON="$PY"
for round in $(seq "${SOAK_ROUNDS:-3}"); do
  step "round $round" cargo test --locked --workspace -- --include-ignored
done
finish "make soak"
