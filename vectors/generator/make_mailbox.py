"""vectors/mailbox.json (docs/spec/mailbox.md, section 2)."""

from __future__ import annotations

import dsse
import ed25519
import mailbox_request
from build import EPOCH, key_of
from canonical import TALOS, Value, canonical, parse
from contract import object_of
from door import Request
from edits import Edit, cosign, drop, put, signature_entry
from encoding import from_base64, from_base64url, to_base64url
from mailbox_request import Asked
from make_keys import ENVELOPE_FAULTS, ISSUER, NOT_BASE64URL, OTHER, WEAK, X25519, edited
from suite import MARK, Repeat, Suite, blob

URL = "https://mailbox.example/talos"
NONCE = blob("nonce", 16)
FRAME = blob("frame", 100)
PATH = f"/v1/agents/{key_of(OTHER).did}/frames"
POST = Asked(URL, "POST", PATH, FRAME)
GET = Asked(URL, "GET", "/v1/frames?after=0&max=64&wait=30", b"")
SKEW = mailbox_request.SKEW_MS

Body = dict[str, Value]


def signing(asked: Asked, seed: bytes = ISSUER) -> Request:
    request: Request = {
        "seed": to_base64url(seed),
        "mailbox": asked.mailbox,
        "method": asked.method,
        "path": asked.path,
        "iat": EPOCH,
        "nonce": to_base64url(NONCE),
    }
    return request | ({"body": to_base64url(asked.body)} if asked.body else {})


def verifying(asked: Asked, header: str, now: int = EPOCH) -> Request:
    request: Request = {
        "header": header,
        "mailbox": asked.mailbox,
        "method": asked.method,
        "path": asked.path,
        "now_ms": now,
    }
    return request | ({"body": to_base64url(asked.body)} if asked.body else {})


def envelope(asked: Asked = POST) -> Body:
    return mailbox_request.sign(ISSUER, asked, EPOCH, NONCE).value()


def plain(value: Value) -> str:
    return to_base64url(canonical(value))


def resigned(edit: Edit, kind: str = mailbox_request.MEDIA_TYPE) -> str:
    """The header of a body that was changed before it was signed."""
    made = mailbox_request.sign(ISSUER, POST, EPOCH, NONCE)
    body = object_of(parse(made.payload, TALOS))
    edit(body)
    return over(canonical(body), kind)


def over(payload: bytes, kind: str = mailbox_request.MEDIA_TYPE) -> str:
    signature = ed25519.sign(ISSUER, dsse.signed_message(kind, payload))
    return plain(dsse.Envelope(kind, payload, ((key_of(ISSUER).url, signature),)).value())


def mailbox_suite() -> Suite:
    suite = Suite(
        "mailbox.json", "Requests to a mailbox (docs/spec/mailbox.md).", default="mailbox.verify_request"
    )
    _signed(suite)
    whole = suite.good("a frame is posted", verifying(POST, mailbox_request.header(envelope())))
    suite.good("frames are asked for", verifying(GET, mailbox_request.header(envelope(GET))))
    _times(suite, whole)
    _headers(suite, whole)
    _bodies(suite, whole)
    for member, value in (
        ("mailbox", URL + "/"),
        ("mailbox", "http://mailbox.example/talos"),
        ("method", "PUT"),
        ("path", PATH + "?"),
        ("path", PATH.replace(":", "%3A")),
        ("body", to_base64url(FRAME[:-1])),
        ("body", ""),
    ):
        suite.bad(whole, "mailbox.request_mismatch", f"its {member} is {value or 'empty'}", {member: value})
    suite.bad(whole, "malformed.value", "its method is PATCH", {"method": "PATCH"})
    suite.bad(whole, "malformed.base64", "its body has padding", {"body": to_base64url(FRAME) + "="})
    return suite


def _signed(suite: Suite) -> None:
    for name, asked in (("a frame that is posted", POST), ("frames that are asked for", GET)):
        suite.good(f"{name} is signed", signing(asked), "mailbox.sign_request")
    whole = suite.good(
        "a path of 2,048 characters is signed",
        signing(GET) | {"path": "/" + MARK},
        "mailbox.sign_request",
        Repeat("path", "a", 2_047),
    )
    # Each of these takes six bytes in JSON.
    long = Repeat("path", "\u0001", 2_047)
    suite.bad(whole, "malformed.size", "the header has no room for it", {"path": "/" + MARK}, long)


def _times(suite: Suite, whole: str) -> None:
    header = mailbox_request.header(envelope())
    for name, now in (("a minute before", EPOCH - SKEW), ("a minute after", EPOCH + SKEW)):
        suite.good(f"a frame is posted, {name} it was signed", verifying(POST, header, now))
    for what, now in (
        ("it is of the future", EPOCH - SKEW - 1),
        ("it is too old", EPOCH + SKEW + 1),
        ("the clock is at 0", 0),
    ):
        suite.bad(whole, "mailbox.request_expired", what, {"now_ms": now})


def _headers(suite: Suite, whole: str) -> None:
    header = mailbox_request.header(envelope())
    for what, change in NOT_BASE64URL:
        suite.bad(whole, "malformed.base64", f"the header {what}", {"header": change(header)})
    raw = from_base64url(header) or b""
    suite.good("its envelope need not be canonical", verifying(POST, to_base64url(raw.replace(b",", b", "))))
    cosigned = edited(envelope(), cosign(OTHER))
    suite.good("another key signs, too", verifying(POST, mailbox_request.header(cosigned)))
    for code, what, text in (
        ("malformed.syntax", "the header is empty", b""),
        ("malformed.syntax", "the envelope is cut", raw[:-1]),
        ("malformed.utf8", "the envelope is not UTF-8", b"\xff" + raw),
        ("malformed.bom", "the envelope has a byte order mark", b"\xef\xbb\xbf" + raw),
        ("malformed.duplicate_name", "a member stands twice", raw.replace(b"{", b'{"payload":"e30=",', 1)),
        ("malformed.surrogate", "the type is half a pair", raw.replace(b"application/vnd", rb"\ud800", 1)),
        ("malformed.number", "a member is -0", raw.replace(b"{", b'{"extra":-0,', 1)),
        ("malformed.depth", "the envelope is nine arrays deep", b"[" * 9 + b"]" * 9),
    ):
        suite.bad(whole, code, what, {"header": to_base64url(text)})
    # 6,144 bytes are 8,192 characters; three spaces behind a whole number of groups are four of them.
    fill = 6_144 - len(raw)
    padded = to_base64url(raw + b" " * (fill % 3)) + MARK
    long = suite.good(
        "a header of 8,192 characters",
        verifying(POST, padded),
        repeat=Repeat("header", to_base64url(b"   "), fill // 3),
    )
    more = Repeat("header", to_base64url(b"   "), fill // 3 + 1)
    suite.bad(long, "malformed.size", "four more", {"header": padded}, more)
    for code, what, edit in ENVELOPE_FAULTS:
        suite.bad(whole, code, what, {"header": plain(edited(envelope(), edit))})
    for code, what, edit in (
        ("signature.missing", "there is no signature", put("signatures", [])),
        ("signature.payload_type", "it is an envelope of another type", put("payloadType", "text/plain")),
        (
            "signature.keyid",
            "the first signature is by another key",
            signature_entry(put("keyid", key_of(OTHER).url)),
        ),
    ):
        suite.bad(whole, code, what, {"header": plain(edited(envelope(), edit))})


def _bodies(suite: Suite, whole: str) -> None:
    payload = from_base64(str(envelope()["payload"])) or b""
    for code, what, data in (
        ("malformed.not_canonical", "the body has a space", payload.replace(b",", b", ", 1)),
        ("malformed.syntax", "the body is cut", payload[:-1]),
        ("malformed.syntax", "the body is empty", b""),
        ("malformed.utf8", "the body is not UTF-8", b"\xff"),
        ("malformed.number", "the time is a fraction", payload.replace(b'"iat":', b'"iat":0.5,"x":', 1)),
        ("malformed.name", "a member is in capitals", payload.replace(b'"path"', b'"Path"', 1)),
        ("malformed.nul", "the path has U+0000", payload.replace(b"/v1/", rb"/v1\u0000", 1)),
    ):
        suite.bad(whole, code, what, {"header": over(data)})
    for code, what, edit in (
        ("malformed.member_unknown", "the body has a member too many", put("ext", {})),
        ("malformed.typ", "the contract is another", put("typ", "talos.mailbox_request/2")),
        ("malformed.type", "the time is a text", put("iat", str(EPOCH))),
        ("malformed.value", "the time is negative", put("iat", -1)),
        ("malformed.value", "the method is PATCH", put("method", "PATCH")),
        ("malformed.value", "the method is in small letters", put("method", "post")),
        ("malformed.value", "the mailbox is empty", put("mailbox", "")),
        ("malformed.value", "the mailbox has 513 characters", put("mailbox", "a" * 513)),
        ("malformed.value", "the path is empty", put("path", "")),
        ("malformed.value", "the path has 2,049 characters", put("path", "/" * 2_049)),
        ("malformed.base64", "the hash has 31 bytes", put("body", to_base64url(bytes(31)))),
        ("malformed.base64", "the nonce has 15 bytes", put("nonce", to_base64url(bytes(15)))),
        ("malformed.value", "iss is the DID alone", put("iss", key_of(ISSUER).did)),
        ("malformed.value", "iss is an X25519 key", put("iss", X25519)),
        ("malformed.value", "iss is a key of small order", put("iss", WEAK)),
        ("signature.keyid", "iss is another key", put("iss", key_of(OTHER).url)),
        (
            "mailbox.request_mismatch",
            "it was signed for another mailbox",
            put("mailbox", "https://a.example"),
        ),
        ("mailbox.request_mismatch", "it was signed for another method", put("method", "DELETE")),
        ("mailbox.request_mismatch", "it was signed for another path", put("path", "/v1/status")),
        ("mailbox.request_expired", "it was signed at another time", put("iat", EPOCH + SKEW + 1)),
        ("mailbox.request_mismatch", "it was signed for no body", put("body", to_base64url(_nothing()))),
    ):
        suite.bad(whole, code, what, {"header": resigned(edit)})
    for name in ("iss", "mailbox", "method", "path", "body", "iat", "nonce", "typ"):
        suite.bad(
            whole, "malformed.member_missing", f"the body has no {name}", {"header": resigned(drop(name))}
        )
    moved = edited(envelope(), put("payload", envelope(GET)["payload"]))
    suite.bad(whole, "signature.invalid", "the body is of another request", {"header": plain(moved)})


def _nothing() -> bytes:
    return from_base64url("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU") or b""
