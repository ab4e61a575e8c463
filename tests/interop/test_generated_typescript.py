"""json-schema-to-typescript reads the contracts like our own generator; the TypeScript compiler compares."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from contract_schemas import ROOT, everything, generated_name

NODE = ROOT / "node"

#: json-schema-to-typescript reads a schema that allows any value as `{[k: string]: unknown}`: only objects.
#: These are the members with such a schema in them. They differ as long as the oracle has this defect.
ANY_VALUE_IS_READ_AS_OBJECT = {
    "action",
    "approval_list_output",
    "approval_redeem_code_output",
    "approval_render_input",
    "approval_respond_output",
    "approval_show_output",
    "client_prove_output",
    "client_verify_proof_input",
    "audit_prove_output",
    "bundle",
    "bundle_verify_input",
    "did_resolve_output",
    "envelope_verify_input",
    "json_parse_strict_output",
    "outcome",
    "policy_decide_input",
    "policy_test",
    "policy_test_input",
    "receipt_verify_input",
    "run_authorize_input",
    "run_decide_input",
    "run_settle_input",
    "run_start_input",
}

CHECK = """\
import type { Everything } from "./oracle.js";
import type * as ours from "./types.js";

// Two types are identical, not merely assignable: a missing optional member would be assignable both ways.
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

// Without readonly, which the oracle does not write, and with all names resolved.
type Plain<T, AnyValue> =
  Same<Exclude<T, undefined>, ours.JsonValue> extends true ? AnyValue
  : Same<Exclude<T, undefined>, ours.JsonObject> extends true ? { [name: string]: unknown }
  : Same<T, Record<string, never>> extends true ? {}
  : T extends readonly (infer Item)[] ? Plain<Item, AnyValue>[]
  : T extends object ? { -readonly [Name in keyof T]: Plain<T[Name], AnyValue> }
  : T;

type Compared<Theirs, Ours, AnyValue> = Same<Plain<Theirs, AnyValue>, Plain<Ours, AnyValue>>;
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oracle")
    (folder / "everything.json").write_text(json.dumps(everything()))
    # Without a limit of its own the oracle would write every length of a short list as a tuple.
    options = ["-i", "everything.json", "-o", "oracle.ts", "--maxItems=-1"]
    subprocess.run(
        [str(NODE / "node_modules/.bin/json2ts"), *options], cwd=folder, check=True, capture_output=True
    )
    shutil.copy(NODE / "src/generated/types.ts", folder / "types.ts")
    settings: dict[str, object] = {
        "strict": True,
        "noEmit": True,
        "target": "ES2022",
        "module": "NodeNext",
        "types": [],
    }
    settings["exactOptionalPropertyTypes"] = True
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": settings, "files": ["check.ts"]}))
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def differing(project: Path, any_value: str) -> set[str]:
    """The members of everything() whose types are not identical."""
    lines = CHECK.splitlines()
    first = len(lines) + 1
    members = list(everything()["properties"])
    for name in members:
        compared = f'Compared<Everything["{name}"], ours.{generated_name(name)}, {any_value}>'
        lines.append(f"export const {name}: {compared} = true;")
    (project / "check.ts").write_text("\n".join(lines) + "\n")
    program = [str(NODE / "node_modules/.bin/tsc"), "--pretty", "false"]
    done = subprocess.run(program, cwd=project, capture_output=True, text=True, check=False)
    places = re.findall(r"^check\.ts\((\d+),\d+\): error TS2322", done.stdout, re.MULTILINE)
    assert len(places) == done.stdout.count("error"), done.stdout
    assert bool(places) == bool(done.returncode)
    return {members[int(place) - first] for place in places}


def test_members_requiredness_and_literals_are_those_of_the_oracle(project: Path) -> None:
    assert differing(project, "{ [name: string]: unknown }") == set()


def test_the_known_defect_of_the_oracle_is_still_there(project: Path) -> None:
    assert differing(project, "ours.JsonValue") == ANY_VALUE_IS_READ_AS_OBJECT
