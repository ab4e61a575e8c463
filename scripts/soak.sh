#!/usr/bin/env bash
# The crash tests with ten times the power losses, 100,000 frames through a mailbox, the differential with ten times the cases, and sessions with ten
# times the hostile frames and lives, SOAK_ROUNDS times (3).
source "$(dirname "$0")/lib.sh"
need cargo python3
step "python tools" python_env requirements-dev.txt
step "build talos" build_talos
export TALOS_BIN="$TALOS" TALOS_PYTHON="$PY"
for round in $(seq "${SOAK_ROUNDS:-3}"); do
  step "crashes $round" env TALOS_CRASH_ROUNDS=2000 cargo test --locked --package talos-crash-test
  step "sessions $round" env TALOS_SESSION_FRAMES=1000000 PROPTEST_CASES=1000 cargo test --locked --package talos-session
  step "mailbox $round" cargo test --locked --package talos-gateway --test mailbox -- --ignored --nocapture
  step "differential $round" env TALOS_ORACLE_CASES=20000 "$PY" -m pytest tests/oracle/test_differential.py
done
finish "make soak"
