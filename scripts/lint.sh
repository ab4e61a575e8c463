#!/usr/bin/env bash
# Formatting, lints, licences, generated files.
source "$(dirname "$0")/lib.sh"
export WHOLE=1
need cargo rustfmt python3 node npm
cargo_deny() {
  # Without the parts that need the network.
  cargo_tool cargo-deny 0.20.2 --no-default-features && "$TOOLS/bin/cargo-deny" --workspace check licenses bans sources
}
# The package apart from the rest: its tests have a conftest.py, too.
# The crates of the workspace change without anybody building those beside it.
locked() { cargo metadata --locked --format-version 1 --manifest-path "$1" >/dev/null; }
typecheck() { "$PY" -m mypy && MYPYPATH=python/tests "$PY" -m mypy python/talos python/tests/*.py; }
stubtest() { python_sdk && MYPYPATH=python "$PY" -m mypy.stubtest talos._native; }
python_types() {
  python_stubs target/_native.pyi && diff target/_native.pyi python/talos/_native.pyi || { echo "run make generate"; return 1; }
}
style() { "$PY" -m ruff format --check . && "$PY" -m ruff check .; }
swift() {
  rm -rf target/swift
  uniffi_bindings swift target/swift && diff -r target/swift bindings/uniffi/swift || { echo "run make generate"; return 1; }
}
# The package's own types, those of its tests, and the native part's, which the compiler wrote.
node_types() {
  node_sdk && (cd node && npx --no-install tsc --noEmit) && node node/binding-types.mjs --check "$NODE_TYPES"
}
biome() { (cd node && npx --no-install biome ci . ../benches/rivals/node); }

step "python tools" python_env requirements-dev.txt tests/interop/requirements.txt tests/dist/requirements.txt
step "node packages" node_deps
step "cargo fmt" cargo fmt --all --check
for beside in fuzz benches/rivals; do
  step "cargo fmt $beside" cargo fmt --manifest-path "$beside/Cargo.toml" --check
  step "lock file $beside" locked "$beside/Cargo.toml"
done
step "cargo clippy" cargo clippy --locked --workspace --all-targets --keep-going -- -D warnings
step "generated files" cargo run --locked --quiet --package talos-codegen -- --check
step "swift" swift
step "vectors" "$PY" vectors/generate.py --check
step "cargo deny" cargo_deny
step "ruff" style
step "python types" python_types
step "mypy" typecheck
step "stubtest" stubtest
step "biome" biome
step "node types" node_types
finish "make lint"
