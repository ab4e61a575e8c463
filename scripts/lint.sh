#!/usr/bin/env bash
# Formatting, lints, licences, generated files.
source "$(dirname "$0")/lib.sh"
need cargo rustfmt python3 node npm
# Built without optimisation and without the parts that need the network: a minute instead of four.
cargo_deny() {
  local version=0.20.2
  if ! "$TOOLS/bin/cargo-deny" --version 2>/dev/null | grep -qF "$version"; then
    CARGO_TARGET_DIR="$TOOLS/build" CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
      CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
      cargo install --quiet --locked --no-default-features --root "$TOOLS" "cargo-deny@$version" || return 1
    rm -rf "$TOOLS/build"
  fi
  "$TOOLS/bin/cargo-deny" --workspace check licenses bans sources
}
typecheck() { "$PY" -m mypy; }
style() { "$PY" -m ruff format --check . && "$PY" -m ruff check .; }
biome() { (cd node && npx --no-install biome ci . ../benches/rivals/node); }

step "python tools" python_env requirements-dev.txt tests/interop/requirements.txt
step "node packages" node_deps
step "cargo fmt" cargo fmt --all --check
for beside in fuzz benches/rivals; do
  step "cargo fmt $beside" cargo fmt --manifest-path "$beside/Cargo.toml" --check
done
step "cargo clippy" cargo clippy --locked --workspace --all-targets --keep-going -- -D warnings
step "generated files" cargo run --locked --quiet --package talos-codegen -- --check
step "vectors" "$PY" vectors/generate.py --check
step "cargo deny" cargo_deny
step "ruff" style
step "mypy" typecheck
step "biome" biome
finish "make lint"
