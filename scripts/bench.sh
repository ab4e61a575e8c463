#!/usr/bin/env bash
# Measurements in the release profile; goals are printed beside them, not enforced.
source "$(dirname "$0")/lib.sh"
need cargo python3 node npm
RIVALS="$ROOT/target/rivals"

# The rivals have environments of their own below target/, so that nothing of the product can come to need them.
rivals() {
  local line
  mkdir -p "$RIVALS/wheels" "$RIVALS/rival-js"
  for line in 5.0 4.1 3.7; do
    VENV="$RIVALS/$line" PY="$RIVALS/$line/bin/python" python_env "benches/rivals/python/requirements-$line.txt" || return 1
    [ -e "$RIVALS/wheels/.$line" ] && continue
    "$RIVALS/5.0/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps -d "$RIVALS/wheels" \
      -r "benches/rivals/python/requirements-$line.txt" && touch "$RIVALS/wheels/.$line" || return 1
  done
  cp benches/rivals/node/package.json benches/rivals/node/package-lock.json "$RIVALS/rival-js/"
  (cd "$RIVALS/rival-js" && npm ci --no-audit --no-fund --loglevel=error)
}

# Talos as its users get it: the wheel and the packed npm packages, stripped as `make dist` does it, installed beside nothing.
talos_python() {
  local python="$RIVALS/talos/bin/python"
  [ -x "$python" ] || python3 -m venv "$RIVALS/talos" || return 1
  mkdir -p "$RIVALS/wheels" && rm -f "$RIVALS"/wheels/talos_kernel-*.whl
  CARGO_PROFILE_RELEASE_STRIP=symbols "$python" -m pip wheel --quiet --disable-pip-version-check --no-deps -w "$RIVALS/wheels" ./python &&
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall "$RIVALS"/wheels/talos_kernel-*.whl
}
talos_node() {
  local stage="$RIVALS/npm"
  (cd node && npx --no-install tsc -p tsconfig.build.json --outDir "$stage/javascript") || return 1
  CARGO_PROFILE_RELEASE_STRIP=symbols cargo build --locked --release --package talos-node || return 1
  rm -rf "$stage/packages" "$stage/tarballs" && mkdir -p "$stage/tarballs" "$RIVALS/talos-js" || return 1
  python3 scripts/npm.py "$stage/packages" --arch "$(uname -m)" --javascript "$stage/javascript" --addon target/release/libtalos_node.so &&
    npm pack --silent --ignore-scripts --pack-destination "$stage/tarballs" "$stage"/packages/* &&
    (cd "$RIVALS/talos-js" && npm install --no-audit --no-fund --no-save --loglevel=error "$stage"/tarballs/*.tgz)
}

beside_rivals() {
  python3 benches/rivals/python/bench.py "$RIVALS" --built target/release --json "$LOGS/rivals.jsonl" || return 1
  printf 'rows as JSON: %s\n' "$LOGS/rivals.jsonl"
}

printf 'machine: %s, %s cores\n' "$(uname -sm)" "$(nproc)"
step "node packages" node_deps
export TALOS_BIN="$ROOT/target/release/talos"
step "release binary" cargo build --locked --release --package talos-gateway --bin talos
step "benchmarks" cargo bench --locked --package talos-benches
step "rivals in Rust" cargo bench --locked --manifest-path benches/rivals/Cargo.toml
step "native side" cargo build --locked --release --package talos-benches --bin bench-native
step "rules in Rust" cargo build --locked --release --manifest-path benches/rivals/Cargo.toml --bin bench-rules
step "Python package" talos_python
step "Node package" talos_node
prepare "rivals in Python and Node" rivals
step "SDKs beside rivals" beside_rivals
finish "make bench"
