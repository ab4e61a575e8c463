#!/usr/bin/env bash
# What people install, in dist/: wheel, sdist, npm packages, static binary, their SBOMs and checksums. Then all of it is tried in empty places.
source "$(dirname "$0")/lib.sh"
need cargo rustc rustup python3 node npm git sha256sum
[ "$(uname -s)" = Linux ] || die "make dist builds for Linux, on Linux"

VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
ARCH=$(uname -m)
GNU="$ARCH-unknown-linux-gnu"
MUSL="$ARCH-unknown-linux-musl"
# The oldest C library that Rust itself supports; a wheel for it is called manylinux2014.
GLIBC=2.17
DIST="$ROOT/dist"
STAGE="$ROOT/target/dist"
# Node 20 is the oldest that works; this is the first that the packages are made for.
NODE_CPU="linux-x64"
[ "$ARCH" = aarch64 ] && NODE_CPU="linux-arm64"
NEWER_NODE="$TOOLS/node-22/node_modules/node-$NODE_CPU/bin/node"

# zig links against that C library and against musl, so that neither a container nor a package of the system is needed.
export PATH="$VENV/bin:$TOOLS/bin:$PATH"
export ZIG_GLOBAL_CACHE_DIR="$ROOT/target/zig/global" ZIG_LOCAL_CACHE_DIR="$ROOT/target/zig/local" CARGO_ZIGBUILD_CACHE_DIR="$ROOT/target/zig"
# Apart from what maturin compiles: its wrappers of zig have other names, and cargo would compile everything again each time they alternate.
ZIGBUILD="$ROOT/target/zigbuild"
# The same bytes at every time and in every folder. UniFFI needs the symbols that the profile keeps; nothing here does.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH CARGO_PROFILE_RELEASE_STRIP=symbols
CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$ROOT=/talos"$'\x1f'"--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
export CARGO_ENCODED_RUSTFLAGS

cyclonedx() { cargo_tool cargo-cyclonedx 0.5.9; }
sboms() { "$PY" scripts/sbom.py "$DIST/sbom" --arch "$ARCH"; }
wheel() {
  (cd python && maturin build --release --locked --zig --out "$DIST" --sbom-include "$DIST/sbom/wheel.cdx.json")
}
sdist() { (cd python && maturin sdist --out "$DIST") 2>"$LOGS/sdist.err" || { cat "$LOGS/sdist.err"; return 1; }; }
binary() {
  local name="talos-$VERSION-$MUSL"
  rustup target add "$MUSL" && cargo zigbuild --release --locked --package talos-gateway --bin talos --target "$MUSL" --target-dir "$ZIGBUILD" || return 1
  mkdir -p "$STAGE/$name" &&
    cp "$ZIGBUILD/$MUSL/release/talos" README.md LICENSE CHANGELOG.md SECURITY.md "$DIST/sbom/binary.cdx.json" "$STAGE/$name/" &&
    tar -C "$STAGE" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -9n >"$DIST/$name.tar.gz"
}
packages() {
  (cd node && npx --no-install tsc -p tsconfig.build.json --outDir "$STAGE/javascript") || return 1
  cargo zigbuild --release --locked --package talos-node --target "$GNU.$GLIBC" --target-dir "$ZIGBUILD" || return 1
  "$PY" scripts/npm.py "$STAGE/npm" --arch "$ARCH" --javascript "$STAGE/javascript" \
    --addon "$ZIGBUILD/$GNU/release/libtalos_node.so" || return 1
  npm pack --silent --ignore-scripts --pack-destination "$DIST" "$STAGE"/npm/*
}
checksums() { (cd "$DIST" && find . -type f ! -name SHA256SUMS ! -name transcript.txt -printf '%P\0' | sort -z | xargs -0 sha256sum >SHA256SUMS && cat SHA256SUMS); }
newer_node() {
  [ -x "$NEWER_NODE" ] || npm install --silent --no-save --ignore-scripts --prefix "$TOOLS/node-22" "node-$NODE_CPU@22.23.3"
}
tried() { TALOS_NODES="$NEWER_NODE" TALOS_DIST="$DIST" "$PY" -m pytest tests/dist; }

# What is downloaded, then what it is on the disk.
sizes() {
  (cd "$DIST" && stat -c '%10s  %n' ./*.whl ./*.gz ./*.tgz)
  stat -c '%10s  %n' "target/$GNU/release/libtalos_python.so" "$ZIGBUILD/$GNU/release/libtalos_node.so" "$ZIGBUILD/$MUSL/release/talos"
}

# must NAME COMMAND...: nothing after it makes sense without it.
must() { step "$@"; [ ${#FAILED[@]} -eq 0 ] || finish "make dist"; }

rm -rf "$DIST" "$STAGE" && mkdir -p "$DIST" "$STAGE"
must "python tools" python_env requirements-dev.txt tests/dist/requirements.txt
must "node packages" node_deps
must "cargo-cyclonedx" cyclonedx
must "sboms" sboms
must "wheel" wheel
must "sdist" sdist
must "npm packages" packages
must "binary" binary
must "checksums" checksums
must "newer Node" newer_node
must "empty environments" tried
sizes
finish "make dist"
