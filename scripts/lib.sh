# Shared by the scripts behind the Makefile. Sourced, not run.
set -uo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1
VENV="$ROOT/.venv"
PY="$VENV/bin/python"
TOOLS="$ROOT/target/tools"
LOGS="$ROOT/target/logs"
# One target directory for the workspace and for the workspaces beside it.
export CARGO_TARGET_DIR="$ROOT/target" CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}" PYTHONDONTWRITEBYTECODE=1
mkdir -p "$LOGS"

STEPS=()
FAILED=()
SKIPPED=()
STARTED=$SECONDS

bold() { if [ -t 1 ]; then printf '\033[1m%s\033[0m\n' "$*"; else printf '%s\n' "$*"; fi; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# timed NAME COMMAND...: runs it, keeps its output in target/logs, remembers its seconds, and answers with its status.
timed() {
  local name=$1 begin=$SECONDS status=0
  shift
  bold "== $name"
  "$@" 2>&1 | tee "$LOGS/${name//[^A-Za-z0-9]/-}.log" || status=$?
  STEPS+=("$(printf '%6d s  %s' $((SECONDS - begin)) "$name")")
  [ "$status" -eq 0 ] || bold "-- $name FAILED ($status)"
  return "$status"
}

# step NAME COMMAND...: a failure is remembered, not fatal: the other steps still say what they have to say.
step() { timed "$@" || FAILED+=("$1"); }

# skip NAME REASON: outside CI a step may be left out, with its reason; in CI that is a failure.
skip() {
  if [ "${CI:-}" = true ]; then
    FAILED+=("$1 (may not be skipped in CI: $2)")
  else
    SKIPPED+=("$1: $2")
  fi
}

# prepare NAME COMMAND...: installs what other steps need. Outside CI its failure (no network, say) is a reason to skip them.
prepare() { timed "$@" || { skip "$1" "could not be installed, see target/logs"; return 1; }; }

# finish TITLE: the table of seconds, then success or failure.
finish() {
  bold "== $1"
  [ ${#STEPS[@]} -eq 0 ] || printf '%s\n' "${STEPS[@]}"
  printf '%6d s  in all\n' $((SECONDS - STARTED))
  [ ${#SKIPPED[@]} -eq 0 ] || printf 'skipped: %s\n' "${SKIPPED[@]}"
  if [ ${#FAILED[@]} -gt 0 ]; then
    printf 'FAILED: %s\n' "${FAILED[@]}"
    exit 1
  fi
}

have() { command -v "$1" >/dev/null 2>&1; }

need() {
  local tool
  for tool in "$@"; do
    have "$tool" || die "$tool is needed and was not found; README.md lists what to install"
  done
}

# need_version NAME COMMAND MINIMUM: compares dotted versions.
need_version() {
  local got
  got=$($2 --version 2>&1 | grep -oE '[0-9]+(\.[0-9]+)+' | head -1)
  [ "$(printf '%s\n%s\n' "$3" "$got" | sort -V | head -1)" = "$3" ] || die "$1 $3 or later is needed, found ${got:-none}"
}

# python_env FILE...: a virtual environment in .venv with the named requirement files, made once per content.
python_env() {
  need_version Python python3 3.11
  [ -x "$PY" ] || python3 -m venv "$VENV" || return 1
  local stamp
  for file in "$@"; do
    stamp="$VENV/.$(cksum <"$file" | tr ' ' -)"
    [ -e "$stamp" ] && continue
    "$PY" -m pip install --quiet --disable-pip-version-check -r "$file" || return 1
    touch "$stamp"
  done
}

# node_deps: node/node_modules from the lock file, made once per content.
node_deps() {
  need_version Node node 20
  local stamp
  stamp="node/node_modules/.$(cksum <node/package-lock.json | tr ' ' -)"
  [ -e "$stamp" ] && return 0
  (cd node && npm ci --no-audit --no-fund --loglevel=error) && touch "$stamp"
}

# cargo_tool NAME VERSION [FLAG...]: target/tools/bin/NAME, built without optimisation: a minute instead of four.
cargo_tool() {
  local name=$1 version=$2
  shift 2
  [ -x "$TOOLS/bin/$name" ] && grep -qF "\"$name $version " "$TOOLS/.crates.toml" 2>/dev/null && return 0
  CARGO_TARGET_DIR="$TOOLS/build" CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo install --quiet --locked "$@" --root "$TOOLS" "$name@$version" || return 1
  rm -rf "$TOOLS/build"
}

# compiled PACKAGE [FLAG...]: builds a package; with WHOLE, together with all that is tested. Each selection of packages has its own features of
# what they share, and would compile that again.
compiled() {
  if [ -n "${WHOLE:-}" ]; then
    cargo build --locked --workspace --lib --bins --tests
  else
    cargo build --locked --package "$@"
  fi
}

# node_sdk: builds the addon in the test profile, and the package around it; puts the addon where the package looks in a checkout.
NODE_TYPES="$ROOT/target/debug/talos-node-types/talos-node"
node_sdk() {
  compiled talos-node && (cd node && npx --no-install tsc -p tsconfig.build.json) || return 1
  local addon built
  addon="node/native/talos-kernel.$(node -p 'require("./node/dist/platform.js").platform()').node"
  built=$(ls target/debug/libtalos_node.{so,dylib} target/debug/talos_node.dll 2>/dev/null | head -1)
  mkdir -p node/native
  # Moved into place: a process that runs keeps the file that it has mapped.
  cmp -s "$built" "$addon" || { cp "$built" "$addon.new" && mv "$addon.new" "$addon"; }
}

# talos: builds the binary in the test profile and says where it is.
TALOS="$ROOT/target/debug/talos"
build_talos() { compiled talos-gateway --bin talos; }

# uniffi_bindings LANGUAGE DIRECTORY: builds the library for Kotlin and Swift, and writes their side of it, unformatted, so that it is the same on
# every machine.
UNIFFI_LIBRARY="$ROOT/target/debug/libtalos_uniffi.so"
uniffi_bindings() {
  compiled talos-bindgen && compiled talos-uniffi || return 1
  target/debug/talos-bindgen generate --no-format --language "$1" --out-dir "$2" "$UNIFFI_LIBRARY"
}

# python_sdk: builds the native module in the test profile, and puts the package where the virtual environment finds it.
python_sdk() {
  compiled talos-python || return 1
  local library=python/talos/_native.abi3.so built
  built=$(ls target/debug/libtalos_python.{so,dylib} 2>/dev/null | head -1)
  # Moved into place: a process that runs keeps the file that it has mapped.
  cmp -s "$built" "$library" || { cp "$built" "$library.new" && mv "$library.new" "$library"; } || return 1
  "$PY" -c 'import pathlib, sys, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "talos-sdk.pth").write_text(sys.argv[1] + "\n")' "$ROOT/python"
}

# python_stubs FILE: writes the types of the native module, as the compiler knows them.
python_stubs() {
  local into="$ROOT/target/stubs"
  (cd python && "$VENV/bin/maturin" generate-stubs --quiet --locked --features stubs --profile dev --out "$into") || return 1
  {
    echo '# Generated from bindings/python by `make generate`; do not edit.'
    echo 'import asyncio'
    cat "$into/talos/_native.pyi"
  } >"$1" && "$PY" -m ruff check --quiet --fix --select I,UP "$1" && "$PY" -m ruff format --quiet "$1"
}
