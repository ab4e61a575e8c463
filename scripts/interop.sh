#!/usr/bin/env bash
# Talos between other people's software: official MCP client and servers, and independent oracles.
source "$(dirname "$0")/lib.sh"
need cargo python3 node npm git
step "python tools" python_env requirements-dev.txt tests/interop/requirements.txt
step "node packages" node_deps
step "build talos" build_talos
export TALOS_BIN="$TALOS" TALOS_PYTHON="$PY"
mcp_servers() { (cd node && node --test --test-reporter=spec interop/); }
step "official MCP servers" mcp_servers
step "oracles" "$PY" -m pytest tests/interop
finish "make interop"
