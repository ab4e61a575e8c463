"""vectors/outside: cases of other people, with their sources. The oracle has to agree with their answers."""

from __future__ import annotations

import struct

import didkey
import dsse
import ed25519
import outside_data as data
import tree
from build import signed
from canonical import RFC8785, Value, canonical, parse
from contract import object_of
from door import Request
from encoding import from_base64, to_base64url
from make_keys import ISSUER, OTHER
from make_log import consistency, hashes, inclusion
from note import LogKey, parse_vkey
from suite import Suite


def hexed(text: str) -> str:
    return to_base64url(bytes.fromhex(text))


def rfc8032() -> Suite:
    suite = Suite(
        "outside/rfc8032.json", "Ed25519, all five tests.", "RFC 8032, section 7.1", default="ed25519.verify"
    )
    for name, seed, key, message, signature in data.RFC8032:
        made: Value = {"public_key": hexed(key), "signature": hexed(signature)}
        suite.published(
            f"{name}, sign", {"seed": hexed(seed), "message": hexed(message)}, made, "ed25519.sign"
        )
        request: Request = {
            "public_key": hexed(key),
            "message": hexed(message),
            "signature": hexed(signature),
        }
        suite.published(name, request, {"valid": True})
        suite.bad(
            name, "signature.invalid", "the message is longer by a byte", {"message": hexed(message + "00")}
        )
    return suite


def speccheck() -> Suite:
    suite = Suite(
        "outside/speccheck.json",
        "The twelve edge cases of Taming the Many EdDSAs; strict verifiers accept one.",
        "github.com/novifinancial/ed25519-speccheck, cases.json at 65519336fda78a3d016e947df6d82848aca0c9da",
        default="ed25519.verify",
    )
    for number, (what, message, key, signature) in enumerate(data.SPECCHECK):
        request: Request = {
            "public_key": hexed(key),
            "message": hexed(message),
            "signature": hexed(signature),
        }
        name = f"case {number}: {what}"
        if number == 3:
            suite.published(name, request, {"valid": True})
            continue
        weak = not ed25519.key_usable(bytes.fromhex(key))
        suite.refused(name, request, "signature.key_invalid" if weak else "signature.invalid")
    return suite


def rfc8785() -> Suite:
    suite = Suite(
        "outside/rfc8785.json",
        "Canonical JSON.",
        "RFC 8785, sections 3.2.2 and 3.2.3, appendix B",
        default="json.canonicalize",
    )

    def check(name: str, text: str, output: str) -> str:
        return suite.published(name, {"profile": "rfc8785", "text": text}, {"canonical": output})

    check("section 3.2.2", data.RFC8785_TEXT, data.RFC8785_OUTPUT)
    values = object_of(parse(data.RFC8785_SORTING.encode(), RFC8785))
    order = {value: name for name, value in values.items() if isinstance(value, str)}
    sorted_text = ",".join(
        f"{canonical(order[value]).decode()}:{canonical(value).decode()}" for value in data.RFC8785_ORDER
    )
    check("section 3.2.3", data.RFC8785_SORTING, "{" + sorted_text + "}")
    for bits, text in data.RFC8785_NUMBERS:
        (number,) = struct.unpack(">d", bytes.fromhex(bits))
        for how, written in (("in 17 digits", f"{number:.17g}"), ("as it is", text)):
            check(f"appendix B, {bits}, {how}", written, text)
    number = "appendix B, 0000000000000000, as it is"
    suite.bad(number, "malformed.syntax", "the bits are 7fffffffffffffff", {"text": "NaN"})
    suite.bad(number, "malformed.syntax", "the bits are 7ff0000000000000", {"text": "Infinity"})
    return suite


def rfc6962() -> Suite:
    suite = Suite(
        "outside/rfc6962.json",
        "The tree of eight leaves of the Certificate Transparency implementations.",
        "github.com/transparency-dev/merkle, testonly; first in google/certificate-transparency",
    )
    leaves = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in data.CT_LEAVES]
    suite.published("leaf 0", {"entry": ""}, {"leaf_hash": hexed(data.CT_ROOTS[1])}, "audit.leaf_hash")
    for size, head in enumerate(data.CT_ROOTS):
        made: Value = {"root": hexed(head), "size": size}
        suite.published(f"root of {size}", {"leaves": hashes(leaves[:size])}, made, "audit.root")
    for index, size, path in data.CT_INCLUSION:
        proof, root = [bytes.fromhex(one) for one in path], bytes.fromhex(data.CT_ROOTS[size])
        proved: Value = {
            "leaf_hash": to_base64url(leaves[index]),
            "proof": hashes(proof),
            "root": to_base64url(root),
            "size": size,
        }
        request: Request = {"leaves": hashes(leaves[:size]), "index": index}
        suite.published(f"proof for {index} of {size}", request, proved, "audit.prove_inclusion")
        name = f"{index} in {size}"
        checked = inclusion(leaves[index], index, size, proof, root)
        suite.published(name, checked, {"valid": True}, "audit.verify_inclusion")
        suite.bad(name, "proof.root_mismatch", "the root is another", {"root": hexed(data.CT_ROOTS[0])})
    for size1, size2, path in data.CT_CONSISTENCY:
        proof = [bytes.fromhex(one) for one in path]
        roots = [bytes.fromhex(data.CT_ROOTS[size]) for size in (size1, size2)]
        name = f"from {size1} to {size2}"
        checked = consistency(size1, size2, proof, *roots)
        suite.published(name, checked, {"valid": True}, "audit.verify_consistency")
        suite.bad(
            name, "proof.root_mismatch", "the second root is another", {"root2": hexed(data.CT_ROOTS[0])}
        )
    return suite


def dsse_suite() -> Suite:
    suite = Suite(
        "outside/dsse.json",
        "The example's encoding under a signature of our own; the example's key is on P-256.",
        "github.com/secure-systems-lab/dsse, protocol.md",
        default="envelope.verify",
    )
    kind, body, encoding = data.DSSE
    if dsse.signed_message(kind, body.encode()) != encoding.encode():
        raise AssertionError("the pre-authentication encoding differs")
    key, signature = ed25519.public_key_of(ISSUER), ed25519.sign(ISSUER, encoding.encode())
    request: Request = {
        "public_key": to_base64url(key),
        "message": to_base64url(encoding.encode()),
        "signature": to_base64url(signature),
    }
    suite.published("the encoding, signed as bytes", request, {"valid": True}, "ed25519.verify")
    value = signed(ISSUER, body.encode(), kind).value()
    made: Value = {
        "valid": True,
        "payload": to_base64url(body.encode()),
        "payload_type": kind,
        "keyid": signed(ISSUER, b"").signatures[0][0],
    }
    suite.published("the same signature in an envelope", {"envelope": value}, made)
    wrong = value | {"payloadType": kind + "/"}
    suite.bad(
        "the same signature in an envelope",
        "signature.invalid",
        "the payload type is longer",
        {"envelope": wrong},
    )
    return suite


def did_key() -> Suite:
    suite = Suite(
        "outside/did-key.json",
        "Keys and their names. Documents are ours: the examples have those of older contexts.",
        "w3c-ccg.github.io/did-key-spec, and its test vectors",
        default="did.key_encode",
    )
    for number, did in data.DID_ED25519:
        key = ed25519.public_key_of(number.to_bytes(32, "big"))
        suite.published(f"the Ed25519 key of seed {number}", {"public_key": to_base64url(key)}, {"did": did})
        suite.good(f"the document of the Ed25519 key of seed {number}", {"did": did}, "did.resolve")
    public, did = data.DID_X25519
    suite.published("the X25519 key", {"public_key": hexed(public), "key_type": "x25519"}, {"did": did})
    for name in (did, *data.DID_NAMED):
        suite.good(f"the document of {name}", {"did": name}, "did.resolve")
        named = didkey.resolve(name)
        request: Request = {"public_key": to_base64url(named.public_key), "key_type": named.key_type}
        suite.published(f"the name {name}", request, {"did": name})
    for kind, other in data.DID_OTHER:
        suite.bad(
            f"the document of {did}", "did.key_type_unsupported", f"the key is on {kind}", {"did": other}
        )
    return suite


def c2sp() -> Suite:
    suite = Suite(
        "outside/c2sp.json",
        "Notes. Those that are no checkpoints are verified as signatures.",
        "c2sp.org/signed-note, c2sp.org/tlog-checkpoint, golang.org/x/mod/sumdb/note",
        default="ed25519.verify",
    )
    for name, text, vkey, line in data.NOTES:
        key, signature = parse_vkey(vkey), from_base64(line)
        if signature is None or signature[:4] != key.key_id:
            raise AssertionError(f"{name}: the key ids differ")
        request: Request = {
            "public_key": to_base64url(key.public_key),
            "message": to_base64url(text.encode()),
            "signature": to_base64url(signature[4:]),
        }
        suite.published(name, request, {"valid": True})
        suite.bad(
            name, "signature.invalid", "the last LF is missing", {"message": to_base64url(text[:-1].encode())}
        )
        note = f"{text}\n\u2014 {key.name} {line}\n"
        suite.refused(
            f"{name}, as a checkpoint",
            {"note": note, "vkey": vkey},
            "checkpoint.malformed",
            "checkpoint.verify",
        )
    other = LogKey("example.com/behind-the-sofa", ed25519.public_key_of(OTHER)).vkey
    suite.refused(
        "C2SP tlog-checkpoint, which is well-formed, under a key of that name",
        {"note": data.CHECKPOINT, "vkey": other},
        "checkpoint.key_unknown",
        "checkpoint.verify",
    )
    return suite


def suites() -> list[Suite]:
    return [rfc8032(), speccheck(), rfc8785(), rfc6962(), dsse_suite(), did_key(), c2sp()]
