"""What the attacker knows, and what it can make of that (Dolev and Yao)."""

from __future__ import annotations

from collections.abc import Iterable

from model_terms import Term, ciphertext, exp, kem_key


class Knowledge:
    """The terms that the attacker has seen or opened. Whatever it can make of them, it derives."""

    def __init__(self, facts: Iterable[Term]) -> None:
        self.facts = frozenset(facts)
        self._derived: dict[Term, bool] = {}
        self._open()
        # Points that can stand where a public key is asked for, and ciphertexts.
        self.points = self._of("exp", 1)
        self.ciphertexts = self._of("ct", 2)
        self.sealed = self._of("sealed", 3)
        # What went into the names of sessions that were seen: no other key can come of what is not there.
        agreed = {arg for sid in self._of("sid", 2) for arg in sid.term(0).args if isinstance(arg, Term)}
        self.agreed = frozenset(agreed)

    def _of(self, op: str, size: int) -> list[Term]:
        found = [fact for fact in self.facts if fact.op == op and len(fact.args) == size]
        return sorted(found, key=lambda one: one.serial)

    def with_more(self, facts: Iterable[Term]) -> Knowledge:
        return Knowledge(self.facts.union(facts))

    def _open(self) -> None:
        """Opens what the keys are known of, until nothing more comes out."""
        while True:
            shut = [one for one in self.facts if one.op == "sealed" and one.term(1) not in self.facts]
            opened = [one.term(1) for one in shut if self.derives(one.term(0))]
            if not opened:
                return
            self.facts = self.facts.union(opened)
            self._derived = {}

    def derives(self, term: Term) -> bool:
        found = self._derived.get(term)
        if found is None:
            found = self._derived[term] = term in self.facts or self._makes(term)
        return found

    def _makes(self, term: Term) -> bool:
        match term.op, term.args:
            case "secret", _:
                return False
            case "exp", (Term() as one, Term() as other):
                return any(self.derives(x) and self.derives(exp(y)) for x, y in ((one, other), (other, one)))
            case "ss", (Term() as private, Term() as randomness):
                key = kem_key(private)
                if self.derives(randomness) and self.derives(key):
                    return True
                return self.derives(private) and self.derives(ciphertext(key, randomness))
            case "ct", (Term() as private, Term() as randomness):
                return self.derives(randomness) and self.derives(kem_key(private))
            case _, args:
                return all(self.derives(arg) for arg in args if isinstance(arg, Term))
