"""The errors of the TypeScript SDK say what those of the Python SDK say, in ES modules and in CommonJS."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from contract_schemas import ROOT
from talos._generated.errors import CLASSES, error_of
from talos._generated.registry import REGISTRY

NODE = ROOT / "node"

MEMBERS: dict[str, Any] = {
    "detail": "what was got",
    "offset": 7,
    "suggestion": "that",
    "receipt_id": "r" * 43,
}

PROGRAM = """
import * as esm from "./esm/errors.js";
import cjs from "./cjs/errors.js";
import { readFileSync } from "node:fs";

const names = Object.keys(esm).filter((name) => esm[name].lineage);
const told = (here, there, error) => ({
  name: error.name,
  message: error.message,
  members: [error.code, error.detail, error.offset, error.suggestion, error.receiptId].map((x) => x ?? null),
  meaning: [error.status, error.retryable, error.publicMessage, error.help],
  problem: error.toProblem(),
  json: JSON.parse(JSON.stringify(error)),
  text: error.toModelText(),
  instance: names.filter((name) => error instanceof here[name]),
  here: names.filter((name) => here[name].is(error)),
  there: names.filter((name) => there[name].is(error)),
});
const problems = JSON.parse(readFileSync(0, "utf8"));
const all = (here, there) => problems.map((problem) => told(here, there, here.errorOf(problem)));
const strangers = [null, undefined, 7, "text", {}, new Error("Denied"), { name: "Denied", code: "x" }];
const taken = strangers.filter((stranger) => names.some((name) => esm[name].is(stranger)));
const refused = (() => { try { new esm.TalosError("toString"); } catch (error) { return error.name; } })();
const evidence = esm.errorOf({ code: "limit.tokens" }, { decision: { receipt_id: "d" }, cause: 1 });
console.log(JSON.stringify({
  esm: all(esm, cjs), cjs: all(cjs, esm), taken, refused, evidence: [evidence.receiptId, evidence.cause],
}));
"""


@pytest.fixture(scope="module")
def problems() -> list[dict[str, Any]]:
    bare = [{"code": code} for code in REGISTRY]
    full = [{"code": code, **MEMBERS} for code in REGISTRY]
    return [*bare, *full, {"code": "nothing.known"}, {"code": 7}, {"code": "toString"}, {}]


@pytest.fixture(scope="module")
def answers(problems: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("errors")
    settings = {
        "strict": True,
        "target": "ES2022",
        "module": "NodeNext",
        "noImplicitOverride": True,
        "types": [],
    }
    for form, kind in (("esm", "module"), ("cjs", "commonjs")):
        package = folder / form
        package.mkdir()
        for name in ("errors", "registry", "types"):
            shutil.copy(NODE / f"src/generated/{name}.ts", package)
        (package / "package.json").write_text(json.dumps({"type": kind}))
        (package / "tsconfig.json").write_text(json.dumps({"compilerOptions": settings}))
        subprocess.run([str(NODE / "node_modules/.bin/tsc")], cwd=package, check=True)
    return node(folder, problems)


def node(folder: Path, problems: list[dict[str, Any]]) -> dict[str, Any]:
    (folder / "program.mjs").write_text(PROGRAM)
    asked = json.dumps(problems)
    done = subprocess.run(
        ["node", "program.mjs"], cwd=folder, input=asked, capture_output=True, text=True, check=True
    )
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("form", ["esm", "cjs"])
def test_an_error_is_the_same_in_both_languages(
    form: str, problems: list[dict[str, Any]], answers: dict[str, Any]
) -> None:
    for problem, theirs in zip(problems, answers[form], strict=True):
        ours = error_of(problem)
        lineage = {base.__name__ for base in type(ours).__mro__} & set(CLASSES)
        assert theirs["problem"] == theirs["json"] == ours.to_problem()
        assert theirs["members"] == [ours.code, ours.detail, ours.offset, ours.suggestion, ours.receipt_id]
        assert theirs["meaning"] == [ours.status, ours.retryable, ours.public_message, ours.help]
        assert (theirs["name"], theirs["text"]) == (type(ours).__name__, ours.to_model_text())
        assert theirs["message"] == str(ours)
        assert set(theirs["instance"]) == set(theirs["here"]) == set(theirs["there"]) == lineage


def test_nothing_else_passes_for_an_error(answers: dict[str, Any]) -> None:
    assert answers["taken"] == []
    assert answers["refused"] == "RangeError"
    assert answers["evidence"] == ["d", 1]
