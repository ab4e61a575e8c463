#!/usr/bin/env bash
# Talos between other people's software: official MCP client and servers, and independent oracles.
source "$(dirname "$0")/lib.sh"
export WHOLE=1
need cargo python3 node npm git java mvn
step "python tools" python_env requirements-dev.txt tests/interop/requirements.txt
step "node packages" node_deps
step "build talos" build_talos
step "python sdk" python_sdk
export TALOS_BIN="$TALOS" TALOS_PYTHON="$PY"
mcp_servers() { (cd node && node --test --test-reporter=spec interop/); }
step "official MCP servers" mcp_servers
step "oracles" "$PY" -m pytest tests/interop

# Kotlin on the JVM: the bindings are written from the library that the tests then load.
JVM="$ROOT/tests/jvm/target"
jvm_bindings() { rm -rf "$JVM/bindings" && uniffi_bindings kotlin "$JVM/bindings"; }
jvm_quick_start() {
  mkdir -p "$JVM/readme"
  awk '/^```$/ { on = 0 } on; /^```kotlin$/ { on = 1 }' bindings/uniffi/README.md >"$JVM/readme/QuickStart.kt"
}
# One governed call through the binary, and its bundle.
jvm_bundle() {
  local home="$JVM/home" server=("$PY" tests/mcp/fixture_server.py)
  rm -rf "$home" "$JVM/in" && mkdir -p "$JVM/in"
  "$TALOS" init --dir "$home" && printf 'id: jvm\nallowed_tools: [{name: echo, effect: read}]\n' >"$home/policy.yaml" || return 1
  printf '%s\n' "${JVM_CALL[@]}" | FIXTURE_RECORD="$JVM/in/record" "$TALOS" mcp --dir "$home" -- "${server[@]}" >/dev/null || return 1
  "$TALOS" log prove --dir "$home" --last --out "$JVM/in/bundle.json" && cp "$home/log.vkey" "$home/identity.did" "$JVM/in/"
}
JVM_CALL=(
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"jvm","version":"1"}}}'
  '{"jsonrpc":"2.0","method":"notifications/initialized"}'
  '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"echo","arguments":{"text":"hello"}}}'
)
jvm_tests() {
  rm -rf "$JVM/out"
  TALOS_JVM_IN="$JVM/in" TALOS_JVM_OUT="$JVM/out" mvn --batch-mode --no-transfer-progress --file tests/jvm/pom.xml \
    -Dtalos.library="$UNIFFI_LIBRARY" test
}
jvm_verified() {
  local keys=(--log-key "$(cat "$JVM/out/log.vkey")" --issuer "$(cat "$JVM/out/identity.did")")
  "$TALOS" log verify "$JVM/out/bundle.json" "${keys[@]}" && "$PY" tests/oracle/verify.py "$JVM/out/bundle.json" "${keys[@]}"
}
step "bindings for the JVM" jvm_bindings
step "a bundle for the JVM" jvm_bundle
jvm_quick_start
step "Kotlin on the JVM" jvm_tests
step "the bundle of the JVM" jvm_verified
finish "make interop"
