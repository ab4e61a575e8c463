"""Opening a message to an auditor, where the sender is the attacker (docs/spec/session.md, section 10).

ChaCha20-Poly1305 does not commit to its key: who knows two keys can make one ciphertext that opens with both.
Here that is a constructor of its own, so that only the commitment stands against two openings of a frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from model_terms import Term, make, sealed, secret

KEYS = tuple(secret(f"mk {number}") for number in range(2))
WORDS = tuple(secret(f"word {number}") for number in range(2))
AAD = make("aad")


def commitment(mk: Term) -> Term:
    return make("commit", mk)


def key_of(mk: Term) -> Term:
    return make("key", mk)


def frames() -> Iterator[tuple[Term, Term]]:
    """Every com with every ciphertext that the sender can make of two message keys and two messages."""
    coms = (*(commitment(mk) for mk in KEYS), make("zeros"))
    texts = [sealed(key_of(mk), word, AAD) for mk, word in product(KEYS, WORDS)]
    first, second = map(key_of, KEYS)
    texts += [make("both", first, one, second, other) for one, other in product(WORDS, WORDS)]
    yield from product(coms, texts)


def opened(com: Term, text: Term, mk: Term, commits: bool) -> Term | None:
    """What the auditor reads, who is given mk."""
    if commits and com is not commitment(mk):
        return None
    pairs = zip(text.args[::2], text.args[1::2], strict=False)
    return next((word for key, word in pairs if key is key_of(mk) and isinstance(word, Term)), None)


def read_in_two_ways(commits: bool) -> bool:
    """Whether some frame shows an auditor one message with one key and another with the other."""
    for com, text in frames():
        found = {opened(com, text, mk, commits) for mk in KEYS} - {None}
        if len(found) > 1:
            return True
    return False
