#!/usr/bin/env bash
# Writes everything that is generated from contracts/.
source "$(dirname "$0")/lib.sh"
need cargo rustfmt
step "generate" cargo run --locked --quiet --package talos-codegen
finish "make generate"
