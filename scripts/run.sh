#!/usr/bin/env bash
# The main job, shown: an agent's calls and two programs' functions, allowed and denied, and the proofs of it.
source "$(dirname "$0")/lib.sh"
need cargo python3 node npm
ready() { python_env requirements-dev.txt && node_deps && build_talos && python_sdk && node_sdk; }
# What the demonstration says goes to standard output, and nothing else does.
ready >&2 || die "the tools of the demo could not be made ready"
exec env TALOS_BIN="$TALOS" TALOS_PYTHON="$PY" node node/demo/run.mjs
