#!/usr/bin/env bash
# Writes everything that is generated: from contracts/, and Swift from bindings/uniffi, and the native types of Node from bindings/node.
source "$(dirname "$0")/lib.sh"
need cargo rustfmt node
step "generate" cargo run --locked --quiet --package talos-codegen
node_binding_types() { cargo build --locked --package talos-node && node node/binding-types.mjs "$NODE_TYPES"; }
step "native types of node" node_binding_types
step "swift" uniffi_bindings swift bindings/uniffi/swift
finish "make generate"
