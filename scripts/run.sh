#!/usr/bin/env bash
# The main job, shown: one call allowed, one denied by policy, one denied by a limit, and the proof of it.
source "$(dirname "$0")/lib.sh"
need cargo python3 node npm
{ python_env requirements-dev.txt && node_deps && build_talos; } || die "the tools of the demo could not be made ready"
exec env TALOS_BIN="$TALOS" TALOS_PYTHON="$PY" node node/demo/run.mjs
