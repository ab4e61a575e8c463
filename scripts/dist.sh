#!/usr/bin/env bash
# A stripped release binary and its licences, in dist/.
source "$(dirname "$0")/lib.sh"
need cargo strip sha256sum
export CARGO_PROFILE_RELEASE_STRIP=symbols
step "release binary" cargo build --locked --release --package talos-gateway --bin talos
pack() {
  local name
  name="talos-$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)-$(rustc -vV | sed -n 's/^host: //p')"
  rm -rf "dist/$name" && mkdir -p "dist/$name"
  cp target/release/talos README.md LICENSE CHANGELOG.md SECURITY.md "dist/$name/" &&
    tar -C dist -czf "dist/$name.tar.gz" "$name" && (cd dist && sha256sum "$name.tar.gz" | tee "$name.tar.gz.sha256") && ls -l "dist/$name/talos"
}
step "archive" pack
finish "make dist"
