"""The contracts as one schema without our own spellings, for tools that know JSON Schema and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import yaml

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"

Schema = dict[str, Any]


def everything() -> Schema:
    """One object whose members are the contracts, and the inputs and outputs of the operations."""
    definitions: Schema = {}
    members: Schema = {}
    for path in sorted((CONTRACTS / "schemas").glob("*.json")):
        schema: Schema = json.loads(path.read_text())
        for name, inner in schema.pop("$defs", {}).items():
            definitions[f"{path.stem}_{name}"] = rewritten(inner, path.stem)
        if "type" in schema:
            definitions[path.stem] = rewritten(schema, path.stem)
            members[path.stem] = {"$ref": f"#/$defs/{path.stem}"}
    for path in sorted((CONTRACTS / "operations").glob("*.yaml")):
        for operation, value in yaml.safe_load(path.read_text()).items():
            for side in ("input", "output"):
                name = f"{operation.replace('.', '_')}_{side}"
                definitions[name] = rewritten(closed(value[side]), "")
                members[name] = {"$ref": f"#/$defs/{name}"}
    # The schema says what a code looks like; which codes there are, the registry says.
    definitions["common_error_code"] = {"type": "string", "enum": list(load("errors.yaml"))}
    for name, schema in definitions.items():
        schema["title"] = pascal(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Everything",
        "type": "object",
        "properties": members,
        "required": list(members),
        "additionalProperties": False,
        "$defs": definitions,
    }


def load(name: str) -> dict[str, Any]:
    return cast(dict[str, Any], yaml.safe_load((CONTRACTS / name).read_text()))


def generated_name(member: str) -> str:
    """The name of the generated type of a member of everything()."""
    return "Problem" if member == "error" else pascal(member)


def pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def closed(short: Schema) -> Schema:
    required = short.get("required", {})
    return {
        "type": "object",
        "properties": {**required, **short.get("optional", {})},
        "required": list(required),
        "additionalProperties": False,
    }


def rewritten(schema: Any, home: str) -> Any:
    """References lead to #/$defs/; annotations and inner titles, which tools make names of, are gone."""
    if isinstance(schema, list):
        return [rewritten(each, home) for each in schema]
    if not isinstance(schema, dict):
        return schema
    out: Schema = {}
    for name, value in schema.items():
        if name == "$ref":
            out[name] = f"#/$defs/{target(value, home)}"
        elif name == "properties":
            out[name] = {member: rewritten(inner, home) for member, inner in value.items()}
        elif name not in ("$id", "$schema", "title") and not name.startswith("x-"):
            out[name] = rewritten(value, home)
    # Beside a reference there is only its description, of which some tools make another type.
    return {"$ref": out["$ref"]} if "$ref" in out else out


def target(reference: str, home: str) -> str:
    """`urn:talos:contract:common:1#/$defs/hash` and `common#hash` as common_hash, `#/$defs/x` with home."""
    contract, _, pointer = reference.partition("#")
    contract = contract.split(":")[3] if contract.startswith("urn:") else contract
    return "_".join(part for part in (contract or home, pointer.split("/")[-1]) if part)
