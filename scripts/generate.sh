#!/usr/bin/env bash
# Writes everything that is generated: from contracts/, Swift from bindings/uniffi, the native types of Node and Python from their bindings.
source "$(dirname "$0")/lib.sh"
need cargo rustfmt node python3
step "generate" cargo run --locked --quiet --package talos-codegen
node_binding_types() { cargo build --locked --package talos-node && node node/binding-types.mjs "$NODE_TYPES"; }
step "node packages" node_deps
step "native types of node" node_binding_types
step "python tools" python_env requirements-dev.txt
step "native types of python" python_stubs python/talos/_native.pyi
step "swift" uniffi_bindings swift bindings/uniffi/swift
finish "make generate"
