"""Policies, receipts and bundles: what can be held in hand without a kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Self, cast

from talos._native import canonical, invoke

if TYPE_CHECKING:
    from os import PathLike

    from talos._generated.types import (
        Action,
        AuditProveInput,
        BundleVerifyOutput,
        Envelope,
        ErrorCode,
        JsonValue,
        PolicyCheckOutput,
        PolicyDecideOutput,
        PolicyFormat,
        PolicyState,
        PolicySubject,
        ReceiptGetOutput,
        ReceiptVerifyOutput,
    )
    from talos._generated.types import Receipt as ReceiptBody
    from talos._kernel import Kernel


class Identity(NamedTuple):
    """A named agent."""

    name: str
    """The name, as the directory knows it."""
    did: str
    """The DID that acts in its runs."""


class Policy:
    """A policy that was checked. Make one with `parse` or `load`."""

    __slots__ = ("format", "hash", "id", "text", "tools")

    def __init__(self, text: str, format: PolicyFormat, checked: PolicyCheckOutput) -> None:
        self.text: Final = text
        self.format: Final = format
        self.id: Final = checked["id"]
        self.hash: Final = checked["hash"]
        self.tools: Final = tuple(checked["tools"])

    @classmethod
    def parse(cls, text: str, format: PolicyFormat = "yaml") -> Self:
        """A policy from its text. Raises ConfigError with the first mistake; `check` lists all."""
        checked = cls.check(text, format)
        if not checked["valid"]:
            from talos._generated.errors import error_of

            first = checked["errors"][0]
            detail = f"policy:{first['line']}:{first['column']}: {first['message']}"
            raise error_of({**first, "detail": detail})
        return cls(text, format, checked)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """A policy from a file: TOML and JSON by their endings, all else is YAML."""
        path = Path(path)
        formats: Mapping[str, PolicyFormat] = {".toml": "toml", ".json": "json"}
        return cls.parse(path.read_text(encoding="utf-8"), formats.get(path.suffix, "yaml"))

    @staticmethod
    def check(text: str, format: PolicyFormat = "yaml") -> PolicyCheckOutput:
        """Every mistake of a policy, with its place."""
        return cast("PolicyCheckOutput", invoke("policy.check", {"text": text, "format": format}))

    def decide(
        self, action: Action, state: PolicyState | None = None, subject: PolicySubject | None = None
    ) -> PolicyDecideOutput:
        """What the policy alone says of somebody's action, after what a run has used so far."""
        members: dict[str, object] = {"policy": self.text, "format": self.format, "action": action}
        if state is not None:
            members["state"] = state
        if subject is not None:
            members["subject"] = subject
        return cast("PolicyDecideOutput", invoke("policy.decide", members))

    def __repr__(self) -> str:
        return f"<talos.Policy {self.id} {self.hash}>"


class Verification:
    """What a verifier says. Truthy if, and only if, the evidence is valid and trusted."""

    __slots__ = ("index", "reason", "receipt", "receipt_id", "size", "trusted", "valid")

    def __init__(self, found: BundleVerifyOutput | ReceiptVerifyOutput) -> None:
        self.valid: Final = found["valid"]
        self.reason: Final[ErrorCode | None] = found.get("reason")
        self.trusted: Final = cast("bool | None", found.get("trusted"))
        self.receipt_id: Final = found.get("receipt_id")
        self.receipt: Final[ReceiptBody | None] = found.get("receipt")
        self.index: Final = cast("int | str | None", found.get("index"))
        self.size: Final = cast("int | str | None", found.get("size"))

    def __bool__(self) -> bool:
        return self.valid

    def __repr__(self) -> str:
        return f"<talos.Verification {'valid' if self.valid else self.reason}>"


class Bundle:
    """One receipt with its proof, for a stranger. Carries no trust: the keys come from who verifies."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text: Final = text

    @classmethod
    def parse(cls, bundle: str | bytes | bytearray | memoryview | Mapping[str, object]) -> Self:
        """A bundle as it was received. Whether it is one is for `verify` to say."""
        if isinstance(bundle, str):
            return cls(bundle)
        data = canonical(dict(bundle)) if isinstance(bundle, Mapping) else bytes(bundle)
        try:
            return cls(data.decode())
        except UnicodeDecodeError as error:
            from talos._generated.errors import Malformed

            raise Malformed("malformed.utf8", "the bundle is not UTF-8", offset=error.start) from None

    def verify(self, *, log_keys: Sequence[str] = (), issuers: Sequence[str] = ()) -> Verification:
        """Checks everything offline, against the log keys and issuers that the caller trusts."""
        members = {"bundle": self.text, "log_keys": list(log_keys), "issuers": list(issuers)}
        return Verification(cast("BundleVerifyOutput", invoke("bundle.verify", members)))

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the bundle to a file."""
        Path(path).write_bytes(self.text.encode())


class Receipt:
    """A receipt of a kernel's log."""

    __slots__ = ("_kernel", "body", "envelope", "id", "index")

    def __init__(self, kernel: Kernel, found: ReceiptGetOutput) -> None:
        self._kernel = kernel
        self.id: Final = found["receipt_id"]
        self.index: Final = found["index"]
        self.body: Final[ReceiptBody] = found["receipt"]
        self.envelope: Final[Envelope] = found["envelope"]

    def prove(self, *, disclose: bool = False) -> Bundle:
        """The receipt with its proof under a signed checkpoint; disclosed, with arguments and result."""
        members: AuditProveInput = {"receipt_id": self.id, "disclose": disclose}
        return Bundle(self._kernel.prove(cast("dict[str, object]", members)).decode())

    def verify(self, *, issuers: Sequence[str] | None = None) -> Verification:
        """Checks envelope, signature and body; the proof that it is in a log is in `prove`."""
        return verify_receipt(cast("JsonValue", self.envelope), issuers)

    def __repr__(self) -> str:
        return f"<talos.Receipt {self.index} {self.body['kind']} {self.id}>"


def verify_receipt(envelope: JsonValue, issuers: Sequence[str] | None = None) -> Verification:
    """Checks a receipt's envelope, as an object or as its text."""
    members = {"envelope": envelope} if issuers is None else {"envelope": envelope, "issuers": list(issuers)}
    return Verification(cast("ReceiptVerifyOutput", invoke("receipt.verify", members)))
