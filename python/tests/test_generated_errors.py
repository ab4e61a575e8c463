"""The generated errors say what the files of the contracts say, and survive what Python does to them."""

from __future__ import annotations

import copy
import importlib.util
import json
import pickle
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from talos._generated import errors, types
from talos._generated.errors import CLASSES, TalosError, error_of
from talos._generated.registry import REGISTRY

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
NATIVE = importlib.util.find_spec("talos._native") is not None


def registry_file() -> dict[str, str]:
    """Each code of errors.yaml with the text of its entry; read without the generator's parser."""
    parts = re.split(
        r"^([a-z0-9_]+\.[a-z0-9_]+):$", (CONTRACTS / "errors.yaml").read_text(), flags=re.MULTILINE
    )
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def classes_file() -> dict[str, tuple[str, list[str]]]:
    """Each class of exceptions.yaml with its base and codes."""
    text = (CONTRACTS / "exceptions.yaml").read_text()
    parts = re.split(r"^([A-Z][A-Za-z]+):$", text, flags=re.MULTILINE)
    found = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        base = re.search(r"^  base: (\w+)$", body, re.MULTILINE)
        codes = re.search(r"^  codes: \[(.*)\]$", body, re.MULTILINE)
        assert codes is not None
        found[name] = (base[1] if base else "Exception", [code for code in codes[1].split(", ") if code])
    return found


def expected_class(code: str) -> str:
    file = classes_file()
    exact = [name for name, (_, codes) in file.items() if code in codes]
    family = [name for name, (_, codes) in file.items() if code.split(".")[0] in codes]
    return (exact or family)[0]


def full(code: str) -> TalosError:
    problem = {
        "code": code,
        "detail": "what was got",
        "offset": 7,
        "suggestion": "that",
        "receipt_id": "r" * 43,
        "approval": "a" * 43,
    }
    decision: Any = {"verdict": "deny", "reasons": [{"code": code, "stage": 5, "message": "no"}]}
    return error_of(problem, decision=decision)


def test_the_registry_has_the_codes_of_the_file_and_no_others() -> None:
    assert list(REGISTRY) == list(registry_file()) == list(get_args(types.ErrorCode))


@pytest.mark.parametrize("code", registry_file())
def test_an_entry_says_what_the_file_says(code: str) -> None:
    text, entry = registry_file()[code], REGISTRY[code]
    for name in ("status", "jsonrpc", "retryable", "owasp", "stage"):
        assert re.search(rf"\b{name}: {str(getattr(entry, name)).lower()}[,}}]", text.lower()), name
    assert ("event:" in text) == (entry.event is not None)
    assert entry.event is None or f"event: {entry.event}," in text
    assert f"public: {json.dumps(entry.public)}," in text
    assert f"help: {json.dumps(entry.help)}}}" in text


@pytest.mark.parametrize("code", registry_file())
def test_a_code_is_raised_as_the_class_that_the_file_names(code: str) -> None:
    assert type(full(code)).__name__ == expected_class(code) == REGISTRY[code].class_name


def test_no_class_is_missing_and_each_has_its_base() -> None:
    found = {name: cls.__base__.__name__ for name, cls in CLASSES.items() if cls.__base__ is not None}
    assert found == {name: base for name, (base, _) in classes_file().items()}
    assert all(getattr(errors, name) is cls and cls.__doc__ for name, cls in CLASSES.items())


@pytest.mark.parametrize("code", registry_file())
def test_copies_and_pickles_have_every_member(code: str) -> None:
    error = full(code)
    error.add_note("a note")
    protocols = [pickle.loads(pickle.dumps(error, each)) for each in range(pickle.HIGHEST_PROTOCOL + 1)]  # noqa: S301
    for other in [copy.copy(error), copy.deepcopy(error), *protocols]:
        assert type(other) is type(error)
        assert vars(other) == vars(error)
        assert (other.args, str(other), other.to_problem()) == (error.args, str(error), error.to_problem())
        assert (other.offset, other.suggestion, other.receipt_id) == (7, "that", "r" * 43)
        assert other.decision == error.decision


@pytest.mark.parametrize("code", registry_file())
def test_the_problem_document_has_the_members_of_the_contract(code: str) -> None:
    entry, bare = REGISTRY[code], error_of({"code": code})
    least = {"type": f"urn:talos:error:{code}", "title": entry.public, "status": entry.status, "code": code}
    assert bare.to_problem() == {**least, "detail": entry.public, "retryable": entry.retryable}
    assert set(full(code).to_problem()) == set(types.Problem.__annotations__)
    assert set(bare.to_problem()) == types.Problem.__required_keys__
    assert error_of(dict(full(code).to_problem())).to_problem() == full(code).to_problem()


@pytest.mark.parametrize("code", registry_file())
def test_a_model_is_told_the_public_sentence_and_nothing_of_the_request(code: str) -> None:
    error = full(code)
    assert error.to_model_text() == f"{error.public_message} ({code})"
    assert str(error) == f'{code}: what was got (did you mean "that"?)'
    assert (error.status, error.retryable) == (REGISTRY[code].status, REGISTRY[code].retryable)
    assert error.help == REGISTRY[code].help


def test_what_names_no_known_code_never_passes_for_anything_else() -> None:
    for problem in ({}, {"code": "nothing.known"}, {"code": 7}, {"code": None}):
        error = error_of(problem)
        assert (type(error).__name__, error.code) == ("KernelUnavailable", "internal.fault")
    with pytest.raises(ValueError, match="not in the registry"):
        TalosError("nothing.known")  # type: ignore[arg-type]


def test_evidence_comes_from_the_caller_the_problem_or_the_decision() -> None:
    decision: Any = {"receipt_id": "of the decision"}
    problem = {"code": "limit.tokens", "receipt_id": "of the problem"}
    assert error_of(problem, "given", decision).receipt_id == "given"
    assert error_of(problem, None, decision).receipt_id == "of the problem"
    assert error_of({"code": "limit.tokens"}, None, decision).receipt_id == "of the decision"
    assert error_of({"code": "limit.tokens"}).receipt_id is None


@pytest.mark.skipif(not NATIVE, reason="the native module is not built")
@pytest.mark.parametrize(
    ("operation", "line"),
    [
        ("nothing.known", b"{}"),
        ("audit.root", b"{"),
        ("audit.root", b'{"leaves": 7}'),
        ("audit.root", b'{"leavs": []}'),
        ("did.resolve", b'{"did": "did:web:example.org"}'),
        (
            "policy.decide",
            b'{"policy": "id: x\\nallowed_tool: []\\n", "action": {"kind": "tool_call", "target": "t"}}',
        ),
        ("audit.prove_inclusion", b'{"leaves": [], "index": 0}'),
    ],
)
def test_the_problem_document_is_the_one_that_the_kernel_writes(operation: str, line: bytes) -> None:
    native = importlib.import_module("talos._native")
    written = json.loads(native.call_line(operation, line))
    assert error_of(written).to_problem() == written
    with pytest.raises(TalosError) as raised:
        native.call(operation, line)
    assert raised.value.to_problem() == written
    assert type(raised.value) is CLASSES[REGISTRY[written["code"]].class_name]
