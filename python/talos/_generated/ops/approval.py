# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `approval`."""

from collections.abc import Sequence
from typing import cast

from talos._door import invoke
from talos._generated.types import (
    Action,
    ApprovalAbout,
    ApprovalCheckCodeInput,
    ApprovalCheckCodeOutput,
    ApprovalFile,
    ApprovalIdInput,
    ApprovalIdOutput,
    ApprovalMakeCodeInput,
    ApprovalMakeCodeOutput,
    ApprovalRenderInput,
    ApprovalRenderOutput,
    ApprovalResponse,
    ApprovalSignInput,
    ApprovalSignOutput,
    ApprovalVerifyInput,
    ApprovalVerifyOutput,
    Envelope,
)


def id(
    *,
    request: Envelope,
) -> ApprovalIdOutput:
    """Gives the id of a request for approval. Verifies nothing.

    request: The request.
    """
    members: ApprovalIdInput = {
        "request": request,
    }
    answer = invoke("approval.id", members)
    return cast(ApprovalIdOutput, answer)


def sign(
    *,
    seed: str,
    approval: str,
    name: str,
    response: ApprovalResponse,
    iat: int,
    note: str | None = None,
) -> ApprovalSignOutput:
    """Signs the answer of a person to a request for approval.

    seed: The seed of the person's key.
    approval: Id of the request.
    name: The person, as the request names them.
    response: What the person says.
    iat: When: at least the request's own iat.
    note: A sentence for the record.
    """
    members: ApprovalSignInput = {
        "seed": seed,
        "approval": approval,
        "name": name,
        "response": response,
        "iat": iat,
    }
    if note is not None:
        members["note"] = note
    answer = invoke("approval.sign", members)
    return cast(ApprovalSignOutput, answer)


def verify(
    *,
    request: Envelope,
    issuer: str,
    now_ms: int,
    grants: Sequence[Envelope] | None = None,
    about: ApprovalAbout | None = None,
) -> ApprovalVerifyOutput:
    """Verifies a request for approval with its answers, says where it stands, and whether it is for what is
    about to run.

    request: The request.
    issuer: The kernel that is trusted to ask.
    now_ms: The time.
    grants: The answers, in any order; absent: none.
    about: What is about to run; absent: not compared.
    """
    members: ApprovalVerifyInput = {
        "request": request,
        "issuer": issuer,
        "now_ms": now_ms,
    }
    if grants is not None:
        members["grants"] = grants
    if about is not None:
        members["about"] = about
    answer = invoke("approval.verify", members)
    return cast(ApprovalVerifyOutput, answer)


def make_code(
    *,
    seed: str,
    approval: str,
    name: str,
    entropy: str,
) -> ApprovalMakeCodeOutput:
    """Makes the one-time code of a person for a request, and what a store keeps of it.

    seed: The seed of the kernel's key.
    approval: Id of the request.
    name: The person.
    entropy: Five random bytes.
    """
    members: ApprovalMakeCodeInput = {
        "seed": seed,
        "approval": approval,
        "name": name,
        "entropy": entropy,
    }
    answer = invoke("approval.make_code", members)
    return cast(ApprovalMakeCodeOutput, answer)


def check_code(
    *,
    seed: str,
    request: Envelope,
    name: str,
    code: str,
    lock: str,
    attempts: int,
    now_ms: int,
) -> ApprovalCheckCodeOutput:
    """Tries a one-time code.

    seed: The seed of the kernel's key.
    request: The request, by the same key.
    name: The person.
    code: The code as it was typed. A secret.
    lock: What the store kept.
    attempts: Attempts before this one.
    now_ms: The time.
    """
    members: ApprovalCheckCodeInput = {
        "seed": seed,
        "request": request,
        "name": name,
        "code": code,
        "lock": lock,
        "attempts": attempts,
        "now_ms": now_ms,
    }
    answer = invoke("approval.check_code", members)
    return cast(ApprovalCheckCodeOutput, answer)


def render(
    *,
    action: Action,
    files: Sequence[ApprovalFile] | None = None,
) -> ApprovalRenderOutput:
    """Shows what would run, for people. Hostile text is neutralised, and what is clipped is said.

    action: The action.
    files: What the files hold now that the arguments name; absent: not known.
    """
    members: ApprovalRenderInput = {
        "action": action,
    }
    if files is not None:
        members["files"] = files
    answer = invoke("approval.render", members)
    return cast(ApprovalRenderOutput, answer)
