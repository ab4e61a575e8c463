#!/usr/bin/env bash
# Makes docs/recording/walkthrough.cast: a place of its own, then scripts/record.py. Needs `talos` and the Python package on their paths.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME="$place/home" NO_COLOR=1
# Paths are shown as those of somebody at home.
mkdir -p "$HOME" "$place/work/notes"
key=$(talos --json approvals keygen ada | python3 -c 'import json, sys; print(json.load(sys.stdin)["key"])')
sed "s|KEY|$key|; s|PLACE|$place/work|" "$here/policy.yaml" > "$place/work/policy.yaml"
cp "$here/agent.py" "$place/work/"
(cd "$place/work" && python3 "$here/../../scripts/record.py" "$here/commands" "$here/walkthrough.cast")
sed -i "s|$place/work|/home/me|g" "$here/walkthrough.cast"
