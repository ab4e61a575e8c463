#!/usr/bin/env bash
# Formatting, lints, licences, generated files.
source "$(dirname "$0")/lib.sh"
need cargo rustfmt python3 node npm
cargo_deny() {
  local version=0.20.2
  if ! "$TOOLS/bin/cargo-deny" --version 2>/dev/null | grep -qF "$version"; then
    cargo install --quiet --locked --root "$TOOLS" "cargo-deny@$version" || return 1
  fi
  "$TOOLS/bin/cargo-deny" --workspace check licenses bans sources
}
typecheck() { "$PY" -m mypy; }
style() { "$PY" -m ruff format --check . && "$PY" -m ruff check .; }
biome() { (cd node && npx --no-install biome ci .); }

step "python tools" python_env requirements-dev.txt
step "node packages" node_deps
step "cargo fmt" cargo fmt --all --check
step "cargo clippy" cargo clippy --locked --workspace --all-targets -- -D warnings
step "generated files" cargo run --locked --quiet --package talos-codegen -- --check
step "cargo deny" cargo_deny
step "ruff" style
step "mypy" typecheck
step "biome" biome
finish "make lint"
