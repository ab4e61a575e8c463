"""The program `talos` against the oracle, on cases that are new at each run.

TALOS_BIN names the program (else target/debug/talos), TALOS_ORACLE_SEED the seed and TALOS_ORACLE_CASES the
number of cases. Without the program these tests fail in CI and are skipped elsewhere.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

import build
import bundle
import cases_approval
import cases_bundle
import cases_json
import cases_keys
import cases_log
import constants
import differential
import note
import pytest
import test_refusals as table
from areas import AREAS, area_cases
from canonical import PROFILES, Value, canonical
from contract import array_of, text_of
from differential import DEFAULT_PROGRAM, Case, call_one, compare, report, settings
from encoding import from_base64url, to_base64url

HERE = Path(__file__).resolve().parent
SEED, COUNT = settings()
STAND_IN = (sys.executable, str(HERE / "served.py"))
STAND_IN_SEED, STAND_IN_COUNT = 7, 300
LARGE = 1 << 20  # texts longer than this are for the oracle alone
# Chains and whole logs have no operation.
NOT_BY_AN_OPERATION = {
    "receipt.log_mismatch",
    "receipt.chain_fork",
    "receipt.chain_gap",
    "receipt.prev_mismatch",
    "receipt.time_reversed",
    "receipt.incomplete",
}
SEPARATORS = (
    "DSSE",
    "ARGS",
    "RESULT",
    "ARGS_COMMIT",
    "RESULT_COMMIT",
    "RECEIPT",
    "POLICY",
    "ENTRY_RECEIPT",
    "TREE_LEAF",
    "TREE_NODE",
    "LOG_KEY_TYPE",
    "APPROVAL",
    "CODE",
    "CODE_LOCK",
    "CODE_KEY",
)


@pytest.fixture(scope="module")
def program() -> Sequence[str]:
    named = os.environ.get("TALOS_BIN")
    path = Path(named) if named else DEFAULT_PROGRAM
    if path.is_file():
        return (str(path),)
    if named or os.environ.get("CI"):
        pytest.fail(f"the program is not there: {path}")
    pytest.skip("the program is not built; run `cargo build`, or set TALOS_BIN")


@pytest.mark.parametrize("area", AREAS)
def test_both_answer_alike(program: Sequence[str], area: str) -> None:
    print(f"TALOS_ORACLE_SEED={SEED} TALOS_ORACLE_CASES={COUNT}")
    differences = compare(program, area_cases(area, SEED, COUNT))
    assert not differences, report(differences, SEED, COUNT)


def table_cases() -> list[Case]:
    """The fixed cases of test_refusals, as requests: each time every code that a verifier gives."""
    source = random.Random(0)
    key = note.parse_vkey(table.VKEY)
    cases = [
        cases_json.case_of(operation, "table", data, PROFILES[profile])
        for profile, data in table.TEXTS
        for operation in ("json.canonicalize", "json.parse_strict")
        if len(data) < LARGE
    ]
    cases += [cases_keys.resolution("table", did) for did in [*table.DIDS, table.DID] if did]
    cases += [
        cases_keys.verification(label, public, table.MESSAGE, signature)
        for label, public, signature in table.SIGNATURES
        if len(signature) == 64
    ]
    cases += [cases_log.note_check(label, text, key) for label, text in table.NOTES]
    cases += [cases_log.vkey_check(table.CHECKPOINT, vkey) for vkey in [*table.VKEYS, *table.WEAK_VKEYS]]
    cases += [cases_log.inclusion_check(source, "table", *inputs) for inputs in table.INCLUSIONS]
    cases += [cases_log.consistency_check(source, "table", *inputs) for inputs in table.CONSISTENCIES]
    for label, recipe in table.RECIPES:
        cases.append(cases_bundle.bundle_check(label, recipe.make(), [table.VKEY], [table.DID]))
    for label, recipe, vkeys, issuers in table.TRUSTS:
        cases.append(cases_bundle.bundle_check(label, recipe.make(), vkeys, issuers))
    return cases


def test_both_answer_alike_to_the_table(program: Sequence[str]) -> None:
    differences = compare(program, table_cases())
    assert not differences, report(differences, SEED, COUNT)


def made_by(program: Sequence[str], recipes: Sequence[build.Recipe]) -> list[tuple[bytes, str, str]]:
    """Bundles whose every byte is made by the program, each with the vkey and the DID that it names.

    The oracle gives only the bodies of the receipts, and puts the parts together.
    """
    bodies = call_one(
        program,
        "json.canonicalize",
        [{"text": canonical(one.receipt_body()).decode(), "profile": "talos"} for one in recipes],
    )
    sealed = call_one(
        program,
        "envelope.sign",
        [
            {
                "seed": to_base64url(one.issuer_seed),
                "payload_type": constants.RECEIPT_MEDIA_TYPE,
                "payload": to_base64url(text_of(body["canonical"]).encode()),
            }
            for one, body in zip(recipes, bodies, strict=True)
        ],
    )
    keys = call_one(
        program,
        "ed25519.sign",
        [{"seed": to_base64url(one.issuer_seed), "message": ""} for one in recipes],
    )
    dids = call_one(program, "did.key_encode", [{"public_key": key["public_key"]} for key in keys])
    verified = call_one(
        program,
        "receipt.verify",
        [
            {"envelope": envelope["envelope"], "issuers": [did["did"]]}
            for envelope, did in zip(sealed, dids, strict=True)
        ],
    )
    leaves = call_one(program, "audit.leaf_hash", [{"receipt_id": one["receipt_id"]} for one in verified])
    trees: list[dict[str, Value]] = []
    for one, leaf in zip(recipes, leaves, strict=True):
        hashes: list[Value] = [to_base64url(hash_) for hash_ in one.leaves(b"")]
        hashes[one.before] = leaf["leaf_hash"]
        trees.append({"leaves": hashes, "index": one.before})
    proofs = call_one(program, "audit.prove_inclusion", trees)
    checkpoints = call_one(
        program,
        "checkpoint.sign",
        [
            {
                "seed": to_base64url(one.log_seed),
                "origin": one.origin,
                "size": proof["size"],
                "root": proof["root"],
            }
            for one, proof in zip(recipes, proofs, strict=True)
        ],
    )
    texts = []
    for one, envelope, proof, checkpoint in zip(recipes, sealed, proofs, checkpoints, strict=True):
        hashes_of_proof = [from_base64url(text_of(hash_)) or b"" for hash_ in array_of(proof["proof"])]
        proof_text = bundle.proof_text(one.before, hashes_of_proof, text_of(checkpoint["note"]))
        value = build.bundle_value(envelope["envelope"], proof_text, one.bodies())
        texts.append({"text": canonical(value).decode(), "profile": "talos-data"})
    bundles = call_one(program, "json.canonicalize", [dict(one) for one in texts])
    return [
        (text_of(made["canonical"]).encode(), text_of(checkpoint["vkey"]), text_of(did["did"]))
        for made, checkpoint, did in zip(bundles, checkpoints, dids, strict=True)
    ]


def check_made_by(program: Sequence[str], seed: int, count: int) -> None:
    source = random.Random(f"{seed} made")
    recipes = [cases_bundle.random_recipe(source) for _ in range(count)]
    for data, vkey, did in made_by(program, recipes):
        answer = bundle.verify_bundle(data, bundle.Trust.read([vkey], [did]))
        assert answer.reason is None, (seed, data)


def test_the_oracle_accepts_what_the_program_makes(program: Sequence[str]) -> None:
    check_made_by(program, SEED, max(8, COUNT // 50))


# --- the comparison itself -------------------------------------------------------------------------


@pytest.mark.parametrize("area", AREAS)
def test_a_stand_in_answers_alike(area: str) -> None:
    cases = area_cases(area, STAND_IN_SEED, STAND_IN_COUNT)
    assert compare(STAND_IN, cases) == []


def test_a_stand_in_answers_alike_to_the_table() -> None:
    cases = table_cases()
    assert compare(STAND_IN, cases) == []
    given = {code for case in cases for code in case.expected.codes}
    assert {one.code for one in table.PAIRS} - given == NOT_BY_AN_OPERATION


def test_a_stand_in_makes_bundles() -> None:
    check_made_by(STAND_IN, STAND_IN_SEED, 8)


@pytest.mark.parametrize("name", SEPARATORS)
def test_a_changed_separation_is_noticed(name: str) -> None:
    areas = ("envelope", "tree", "checkpoint", "bundle", "approval", "policy")
    cases = [case for area in areas for case in area_cases(area, STAND_IN_SEED, 60)]
    # Of this area so few are few of each kind.
    cases += cases_approval.cases(random.Random(STAND_IN_SEED), 12)
    assert compare((*STAND_IN, "--alter", name), cases) != []


def test_every_separation_is_tried() -> None:
    values = {name for name, value in vars(constants).items() if isinstance(value, bytes)}
    assert values == set(SEPARATORS)


def test_cases_are_the_same_for_the_same_seed() -> None:
    for area in AREAS:
        assert area_cases(area, 1, 100) == area_cases(area, 1, 100)
        assert area_cases(area, 1, 100) != area_cases(area, 2, 100)


def test_differences_are_found() -> None:
    wanted = differential.valid(size=3)
    assert differential.difference(wanted, {"valid": True, "size": "3"}) is None
    assert differential.difference(wanted, {"valid": True, "size": 4}) is not None
    assert differential.difference(wanted, {"valid": True}) is not None
    assert differential.difference(wanted, {"valid": True, "size": 3, "reason": "a.b"}) is not None
    assert differential.difference(wanted, []) is not None
    refused: Value = {"valid": False, "reason": "a.b"}
    trouble: Value = {"type": "urn:talos:error:a.b", "title": "t", "status": 400, "code": "a.b"}
    assert differential.difference(differential.invalid("a.b"), refused) is None
    assert differential.difference(differential.invalid("a.c"), refused) is not None
    assert differential.difference(differential.invalid("a.b"), {"valid": True}) is not None
    assert differential.difference(differential.invalid("a.b"), trouble) is not None
    assert differential.difference(differential.problem("a.b"), trouble) is None
    assert differential.difference(differential.problem("a.c"), trouble) is not None
    assert differential.difference(differential.problem("a.b"), refused) is not None
    assert differential.difference(differential.refusal("a.b"), refused) is None
    assert differential.difference(differential.refusal("a.b"), trouble) is None
    assert differential.difference(wanted, trouble) is not None
