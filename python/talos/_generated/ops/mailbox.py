# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `mailbox`."""

from typing import cast

from talos._door import invoke
from talos._generated.types import (
    MailboxMethod,
    MailboxSignRequestInput,
    MailboxSignRequestOutput,
    MailboxVerifyRequestInput,
    MailboxVerifyRequestOutput,
)


def sign_request(
    *,
    seed: str,
    mailbox: str,
    method: MailboxMethod,
    path: str,
    iat: int,
    nonce: str,
    body: str | None = None,
) -> MailboxSignRequestOutput:
    """Signs one HTTP request to a mailbox; the envelope goes into the header talos-request.

    seed: The seed of the agent's sign key.
    mailbox: The base URL of the mailbox, without a slash at its end.
    method: The method of an HTTP request.
    path: The path with its query.
    iat: When.
    nonce: Sixteen random bytes.
    body: The body; absent: none.
    """
    members: MailboxSignRequestInput = {
        "seed": seed,
        "mailbox": mailbox,
        "method": method,
        "path": path,
        "iat": iat,
        "nonce": nonce,
    }
    if body is not None:
        members["body"] = body
    answer = invoke("mailbox.sign_request", members)
    return cast(MailboxSignRequestOutput, answer)


def verify_request(
    *,
    header: str,
    mailbox: str,
    method: MailboxMethod,
    path: str,
    now_ms: int,
    body: str | None = None,
) -> MailboxVerifyRequestOutput:
    """Verifies who makes an HTTP request to a mailbox. Whether its nonce was seen before is for the mailbox
    to know.

    header: The value of the header.
    mailbox: The base URL of this mailbox, without a slash at its end.
    method: The method of an HTTP request.
    path: The path with its query.
    now_ms: The time.
    body: The body; absent: none.
    """
    members: MailboxVerifyRequestInput = {
        "header": header,
        "mailbox": mailbox,
        "method": method,
        "path": path,
        "now_ms": now_ms,
    }
    if body is not None:
        members["body"] = body
    answer = invoke("mailbox.verify_request", members)
    return cast(MailboxVerifyRequestOutput, answer)
