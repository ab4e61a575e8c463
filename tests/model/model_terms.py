"""Terms of the model: what agents and the attacker can send, made of others by constructors that are free.

Free means that two terms are equal only if they are made alike, and that nothing comes out of one but by the
rules of model_attacker.py. The one equation is that of X25519: exp(x, y) is exp(y, x).
"""

from __future__ import annotations

from itertools import count
from typing import TypeAlias

Arg: TypeAlias = "Term | str | int | None"

_SERIAL = count()


class Term:
    """A term; there is one object for each, so that comparing is cheap."""

    __slots__ = ("args", "op", "serial")

    def __init__(self, op: str, args: tuple[Arg, ...]) -> None:
        self.op = op
        self.args = args
        self.serial = next(_SERIAL)

    def __repr__(self) -> str:
        return f"{self.op}({', '.join(map(str, self.args))})"

    def term(self, at: int) -> Term:
        found = self.args[at]
        assert isinstance(found, Term)
        return found


_MADE: dict[tuple[str, tuple[Arg, ...]], Term] = {}


def make(op: str, *args: Arg) -> Term:
    """The term of this constructor; words and numbers are public and stand as they are."""
    key = (op, args)
    found = _MADE.get(key)
    if found is None:
        found = _MADE[key] = Term(op, args)
    return found


def secret(name: str) -> Term:
    """What somebody has drawn: a private key, a message."""
    return make("secret", name)


def exp(*private: Term) -> Term:
    """The point of one private key, or what two of them agree on."""
    return make("exp", *sorted(private, key=lambda one: one.serial))


def agree(private: Term, public: Term) -> Term:
    """X25519(private, public)."""
    return exp(private, public.term(0))


def kem_key(private: Term) -> Term:
    return make("kem_key", private)


def ciphertext(key: Term, randomness: Term) -> Term:
    return make("ct", key.term(0), randomness)


def shared(key: Term, randomness: Term) -> Term:
    """The shared secret of a ciphertext."""
    return make("ss", key.term(0), randomness)


def signed(private: Term, message: Term) -> Term:
    return make("signed", private, message)


def sealed(key: Term, plaintext: Term, aad: Term) -> Term:
    """AEAD; the nonce is public and the same for all, as each key is used once."""
    return make("sealed", key, plaintext, aad)
