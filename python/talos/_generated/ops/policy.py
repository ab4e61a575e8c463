# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `policy`."""

from collections.abc import Sequence
from typing import cast

from talos._door import invoke
from talos._generated.types import (
    Action,
    PolicyCheckInput,
    PolicyCheckOutput,
    PolicyDecideInput,
    PolicyDecideOutput,
    PolicyFile,
    PolicyFormat,
    PolicyState,
    PolicySubject,
)


def check(
    *,
    text: str,
    format: PolicyFormat | None = None,
    files: Sequence[PolicyFile] | None = None,
) -> PolicyCheckOutput:
    """Checks a policy and reports every mistake with its place.

    text: The policy.
    format: The format of the text; absent: yaml.
    files: The files that the policy includes.
    """
    members: PolicyCheckInput = {
        "text": text,
    }
    if format is not None:
        members["format"] = format
    if files is not None:
        members["files"] = files
    answer = invoke("policy.check", members)
    return cast(PolicyCheckOutput, answer)


def decide(
    *,
    policy: str,
    action: Action,
    format: PolicyFormat | None = None,
    files: Sequence[PolicyFile] | None = None,
    state: PolicyState | None = None,
    subject: PolicySubject | None = None,
) -> PolicyDecideOutput:
    """Evaluates the policy stage alone for one action.

    policy: The policy.
    action: The action.
    format: The format of the policy; absent: yaml.
    files: The files that the policy includes.
    state: What the run has used so far; absent: nothing.
    subject: Whose action it is; what is absent is not known.
    """
    members: PolicyDecideInput = {
        "policy": policy,
        "action": action,
    }
    if format is not None:
        members["format"] = format
    if files is not None:
        members["files"] = files
    if state is not None:
        members["state"] = state
    if subject is not None:
        members["subject"] = subject
    answer = invoke("policy.decide", members)
    return cast(PolicyDecideOutput, answer)
