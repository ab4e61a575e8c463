"""Serves the operations of the differential from the oracle itself, over the same lines.

    python3 served.py [--alter CONSTANT] call OPERATION --lines

With it the tests show that the comparison passes where two implementations agree, and that it notices when
one of them has another domain separation: `--alter` gives a constant of constants.py another value.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import approval
import bundle
import constants
import contract
import didkey
import dsse
import ed25519
import note
import receipt
import render
import tree
from build import key_of, signed
from canonical import PROFILES, Value, canonical, parse
from cases_policy import policy_hash
from differential import WIRE
from encoding import from_base64url, from_decimal, to_base64url
from refusal import Refusal

Request = dict[str, Value]


def text(request: Request, name: str) -> str:
    return contract.text_of(request[name])


def data(value: Value, length: int | None = None) -> bytes:
    found = from_base64url(contract.text_of(value))
    if found is None or (length is not None and len(found) != length):
        raise Refusal("malformed.base64")
    return found


def hashes(value: Value) -> list[bytes]:
    return [data(one, 32) for one in contract.array_of(value)]


def texts(value: Value) -> list[str]:
    return [contract.text_of(one) for one in contract.array_of(value)]


def counter(value: Value) -> int:
    if isinstance(value, str):
        number = from_decimal(value, constants.MAX_COUNTER)
        if number is None:
            raise Refusal("malformed.value")
        return number
    contract.integer(0, constants.MAX_SAFE)(value)
    assert isinstance(value, int)
    return value


def json_input(request: Request) -> Value:
    raw = data(request["bytes"]) if "bytes" in request else text(request, "text").encode("utf-8")
    return parse(raw, PROFILES[text(request, "profile")])


def canonicalize(request: Request) -> Value:
    return {"canonical": canonical(json_input(request)).decode("utf-8")}


def parse_strict(request: Request) -> Value:
    return {"value": json_input(request)}


def ed25519_sign(request: Request) -> Value:
    seed, message = data(request["seed"], 32), data(request["message"])
    return {
        "public_key": to_base64url(ed25519.public_key_of(seed)),
        "signature": to_base64url(ed25519.sign(seed, message)),
    }


def ed25519_verify(request: Request) -> Value:
    public, signature = data(request["public_key"], 32), data(request["signature"])
    fault = ed25519.fault(public, data(request["message"]), signature)
    return {"valid": True} if fault is None else {"valid": False, "reason": fault}


def envelope_sign(request: Request) -> Value:
    made = signed(data(request["seed"], 32), data(request["payload"]), text(request, "payload_type"))
    return {"envelope": made.value()}


def envelope_verify(request: Request) -> Value:
    envelope = dsse.verify_alone(request["envelope"])
    return {
        "valid": True,
        "payload": to_base64url(envelope.payload),
        "payload_type": envelope.payload_type,
        "keyid": envelope.signatures[0][0],
    }


def key_encode(request: Request) -> Value:
    key_type = contract.text_of(request.get("key_type", "ed25519"))
    return {"did": didkey.Key(key_type, data(request["public_key"], 32)).did}


def did_resolve(request: Request) -> Value:
    return didkey.resolve(text(request, "did")).resolution()


def leaf_hash(request: Request) -> Value:
    entry = data(request["entry"]) if "entry" in request else tree.entry(data(request["receipt_id"], 32))
    return {"leaf_hash": to_base64url(tree.leaf_hash(entry))}


def audit_root(request: Request) -> Value:
    leaves = hashes(request["leaves"])
    return {"root": to_base64url(tree.root(leaves)), "size": len(leaves)}


def prove_inclusion(request: Request) -> Value:
    leaves = hashes(request["leaves"])
    leaves = leaves[: counter(request.get("size", len(leaves)))]
    index = counter(request["index"])
    return {
        "leaf_hash": to_base64url(leaves[index]),
        "proof": [to_base64url(one) for one in tree.prove_inclusion(leaves, index)],
        "root": to_base64url(tree.root(leaves)),
        "size": str(len(leaves)),
    }


def verify_inclusion(request: Request) -> Value:
    tree.verify_inclusion(
        data(request["leaf_hash"], 32),
        counter(request["index"]),
        counter(request["size"]),
        hashes(request["proof"]),
        data(request["root"], 32),
    )
    return {"valid": True}


def verify_consistency(request: Request) -> Value:
    tree.verify_consistency(
        counter(request["size1"]),
        counter(request["size2"]),
        hashes(request["proof"]),
        data(request["root1"], 32),
        data(request["root2"], 32),
    )
    return {"valid": True}


def checkpoint_sign(request: Request) -> Value:
    seed, root, size = data(request["seed"], 32), data(request["root"], 32), counter(request["size"])
    made, vkey = note.sign_checkpoint(seed, text(request, "origin"), size, root)
    return {"note": made, "vkey": vkey}


def checkpoint_verify(request: Request) -> Value:
    checkpoint = note.verify_checkpoint(text(request, "note"), text(request, "vkey"))
    return {
        "valid": True,
        "origin": checkpoint.origin,
        "size": str(checkpoint.size),
        "root": to_base64url(checkpoint.root),
    }


def receipt_verify(request: Request) -> Value:
    found = receipt.verify_alone(request["envelope"])
    if "issuers" in request and receipt.issuer_did(found) not in texts(request["issuers"]):
        raise Refusal("trust.issuer_unknown")
    return {"valid": True, "receipt_id": to_base64url(found.receipt_id), "receipt": found.body}


def bundle_verify(request: Request) -> Value:
    given = request["bundle"]
    raw = given.encode("utf-8") if isinstance(given, str) else canonical(given)
    try:
        trust = bundle.Trust.read(texts(request["log_keys"]), texts(request["issuers"]))
    except Refusal as refused:
        return problem(refused.code)
    return bundle.verify_bundle(raw, trust).value()


def policy_check(request: Request) -> Value:
    policy = contract.object_of(parse(text(request, "text").encode("utf-8"), PROFILES["talos-data"]))
    return {"valid": True, "hash": to_base64url(policy_hash(policy)), "id": policy["id"]}


def approval_id(request: Request) -> Value:
    return {"approval": to_base64url(approval.id_of(request["request"]))}


def approval_sign(request: Request) -> Value:
    seed, of = data(request["seed"], 32), text(request, "approval")
    note = text(request, "note") if "note" in request else None
    body = approval.grant_body(
        seed, of, text(request, "name"), text(request, "response"), counter(request["iat"]), note
    )
    approval.check_grant(body)
    return {"grant": approval.signed(seed, body, constants.GRANT_MEDIA_TYPE).value()}


def approval_verify(request: Request) -> Value:
    contract.satisfying(lambda did: did.startswith("did:key:z"))(request["issuer"])
    about = contract.object_of(request["about"]) if "about" in request else None
    grants = contract.array_of(request.get("grants", []))
    now = counter(request["now_ms"])
    return approval.verify(request["request"], text(request, "issuer"), now, grants, about)


def approval_make_code(request: Request) -> Value:
    code = approval.code_of(data(request["entropy"], 5))
    approval.PERSON(request["name"])
    seed, of = data(request["seed"], 32), data(request["approval"], 32)
    return {"code": code, "lock": to_base64url(approval.lock(seed, of, text(request, "name"), code))}


def approval_check_code(request: Request) -> Value:
    seed = data(request["seed"], 32)
    found = approval.verify_request(request["request"], key_of(seed).did)
    return approval.check_code(
        found,
        seed,
        text(request, "name"),
        text(request, "code"),
        data(request["lock"], 32),
        counter(request["attempts"]),
        counter(request["now_ms"]),
    )


OPERATIONS: dict[str, Callable[[Request], Value]] = {
    "json.canonicalize": canonicalize,
    "json.parse_strict": parse_strict,
    "ed25519.sign": ed25519_sign,
    "ed25519.verify": ed25519_verify,
    "envelope.sign": envelope_sign,
    "envelope.verify": envelope_verify,
    "did.key_encode": key_encode,
    "did.resolve": did_resolve,
    "audit.leaf_hash": leaf_hash,
    "audit.root": audit_root,
    "audit.prove_inclusion": prove_inclusion,
    "audit.verify_inclusion": verify_inclusion,
    "audit.verify_consistency": verify_consistency,
    "checkpoint.sign": checkpoint_sign,
    "checkpoint.verify": checkpoint_verify,
    "receipt.verify": receipt_verify,
    "bundle.verify": bundle_verify,
    "policy.check": policy_check,
    "approval.id": approval_id,
    "approval.sign": approval_sign,
    "approval.verify": approval_verify,
    "approval.make_code": approval_make_code,
    "approval.check_code": approval_check_code,
    "approval.render": render.render,
}


def problem(code: str) -> Value:
    return {
        "type": f"urn:talos:error:{code}",
        "title": code,
        "status": 400,
        "code": code,
        "detail": "",
        "retryable": False,
    }


def answer(operation: str, line: bytes) -> Value:
    try:
        return OPERATIONS[operation](contract.object_of(parse(line, WIRE)))
    except Refusal as refused:
        verdict = ".verify" in operation and not refused.code.startswith("malformed.")
        verdict |= operation.endswith(".verify")
        return {"valid": False, "reason": refused.code} if verdict else problem(refused.code)


def main(arguments: Sequence[str]) -> int:
    if arguments[0] == "--alter":
        name = arguments[1]
        setattr(constants, name, bytes([getattr(constants, name)[0] ^ 2]) + getattr(constants, name)[1:])
        arguments = arguments[2:]
    _, operation, _ = arguments
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(canonical(answer(operation, line)) + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
