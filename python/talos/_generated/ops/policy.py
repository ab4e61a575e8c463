# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `policy`."""

from collections.abc import Sequence
from typing import cast

from talos._door import invoke
from talos._generated.types import (
    Action,
    PolicyCase,
    PolicyCheckInput,
    PolicyCheckOutput,
    PolicyDecideInput,
    PolicyDecideOutput,
    PolicyDiffInput,
    PolicyDiffOutput,
    PolicyExplainInput,
    PolicyExplainOutput,
    PolicyFile,
    PolicyFormat,
    PolicyFormatInput,
    PolicyFormatOutput,
    PolicySchemaInput,
    PolicySchemaOutput,
    PolicyState,
    PolicySubject,
    PolicyTestInput,
    PolicyTestOutput,
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
    subject: Whose action it is; absent: not known.
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


def explain(
    *,
    policy: str,
    format: PolicyFormat | None = None,
    files: Sequence[PolicyFile] | None = None,
    tool: str | None = None,
) -> PolicyExplainOutput:
    """Says in words what each rule of a policy matches, and what its author may not have meant.

    policy: The policy.
    format: The format of the policy; absent: yaml.
    files: The files that the policy includes.
    tool: Only the rules that a call of this tool meets; absent: all.
    """
    members: PolicyExplainInput = {
        "policy": policy,
    }
    if format is not None:
        members["format"] = format
    if files is not None:
        members["files"] = files
    if tool is not None:
        members["tool"] = tool
    answer = invoke("policy.explain", members)
    return cast(PolicyExplainOutput, answer)


def test(
    *,
    policy: str,
    cases: Sequence[PolicyCase],
    format: PolicyFormat | None = None,
    files: Sequence[PolicyFile] | None = None,
) -> PolicyTestOutput:
    """Runs cases against a policy.

    policy: The policy.
    cases: The cases.
    format: The format of the policy; absent: yaml.
    files: The files that the policy includes.
    """
    members: PolicyTestInput = {
        "policy": policy,
        "cases": cases,
    }
    if format is not None:
        members["format"] = format
    if files is not None:
        members["files"] = files
    answer = invoke("policy.test", members)
    return cast(PolicyTestOutput, answer)


def diff(
    *,
    before: str,
    after: str,
    before_format: PolicyFormat | None = None,
    after_format: PolicyFormat | None = None,
    before_files: Sequence[PolicyFile] | None = None,
    after_files: Sequence[PolicyFile] | None = None,
) -> PolicyDiffOutput:
    """Says in which rules two policies differ, and whether the second allows more or less.

    before: The one policy.
    after: The other.
    before_format: The format of before; absent: yaml.
    after_format: The format of after; absent: yaml.
    before_files: The files that the policy includes.
    after_files: The files that the policy includes.
    """
    members: PolicyDiffInput = {
        "before": before,
        "after": after,
    }
    if before_format is not None:
        members["before_format"] = before_format
    if after_format is not None:
        members["after_format"] = after_format
    if before_files is not None:
        members["before_files"] = before_files
    if after_files is not None:
        members["after_files"] = after_files
    answer = invoke("policy.diff", members)
    return cast(PolicyDiffOutput, answer)


def format(
    *,
    text: str,
    format: PolicyFormat | None = None,
) -> PolicyFormatOutput:
    """Writes a policy in the canonical order and layout of its format.

    text: The policy.
    format: The format of the text; absent: yaml.
    """
    members: PolicyFormatInput = {
        "text": text,
    }
    if format is not None:
        members["format"] = format
    answer = invoke("policy.format", members)
    return cast(PolicyFormatOutput, answer)


def schema() -> PolicySchemaOutput:
    """Gives the JSON Schema of policy files, for editors."""
    members: PolicySchemaInput = {}
    answer = invoke("policy.schema", members)
    return cast(PolicySchemaOutput, answer)
