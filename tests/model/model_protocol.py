"""Handshake and first messages of docs/spec/session.md over terms, whole or with a protection left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from model_attacker import Knowledge
from model_terms import Arg, Term, agree, ciphertext, exp, kem_key, make, sealed, secret, shared, signed

CLASSIC, HYBRID = 1, 2
# A suite that does not exist: its agreement is that of suite 1, its cipher is a worse one.
IMAGINED = 3

DISHONEST = "m"
# The attacker makes all of its keys of these; it knows them, so that more of them would tell it nothing more.
OWN, OWN_KEM, OWN_RANDOMNESS, OWN_WORD = map(secret, ("own", "own kem", "own randomness", "own word"))


@dataclass(frozen=True)
class Variant:
    """The protocol; each member is a protection that can be left out."""

    names_of_initiator_in_th: bool = True
    names_of_responder_in_th: bool = True
    bundle_in_th: bool = True
    suite_in_th: bool = True
    suite_in_frame: bool = True
    bundle_signed: bool = True
    one_time_key_signed: bool = True
    statement_checked: bool = True
    th_remembered: bool = True
    one_time_key_erased: bool = True
    dh1: bool = True
    dh2: bool = True
    dh3: bool = True
    dh4: bool = True
    kem: bool = True
    old_exporter: bool = True
    suites: tuple[int, ...] = (CLASSIC, HYBRID)


@dataclass(frozen=True)
class Keys:
    """The private keys of an honest agent."""

    name: str

    def _private(self, what: str) -> Term:
        return secret(f"{what} {self.name}")

    @property
    def sign(self) -> Term:
        return self._private("sign")

    @property
    def agree(self) -> Term:
        return self._private("agree")

    @property
    def spk(self) -> Term:
        return self._private("spk")

    @property
    def pq(self) -> Term:
        return self._private("pq")

    @property
    def opk(self) -> Term:
        return self._private("opk")

    @property
    def opk_kem(self) -> Term:
        return self._private("opk kem")


def sign_key(name: str) -> Term:
    return OWN if name == DISHONEST else Keys(name).sign


def statement(name: str, point: Term) -> Term:
    return signed(sign_key(name), make("statement", name, point))


@dataclass(frozen=True)
class Bundle:
    owner: str
    agree: Term
    suites: tuple[int, ...]
    spk: Term
    pq: Term

    @property
    def message(self) -> Term:
        return make("bundle", self.owner, self.agree, *self.suites, self.spk, self.pq)

    @property
    def hash(self) -> Term:
        return make("hash", self.message)


@dataclass(frozen=True)
class OneTimeKey:
    owner: str
    point: Term
    kem: Term | None = None

    @property
    def message(self) -> Term:
        return make("one-time key", self.owner, self.point, self.kem)


@dataclass(frozen=True)
class Head:
    """What a container says, and a frame with its first message."""

    initiator: str
    responder: str
    suite: int
    agree: Term
    ek: Term
    bundle: Bundle
    one_time_key: OneTimeKey | None
    ct: Term | None
    renews: bool = False

    def th(self, variant: Variant) -> Term:
        """Section 3.2. What is not bound is left out."""
        bound: list[Arg] = [self.agree, self.bundle.agree, self.ek, self.bundle.spk]
        bound += [self.one_time_key.point if self.one_time_key else None, self.kem_key, self.ct]
        bound.append(self.suite if variant.suite_in_th else None)
        bound.append(self.initiator if variant.names_of_initiator_in_th else None)
        bound.append(self.responder if variant.names_of_responder_in_th else None)
        bound.append(self.bundle.hash if variant.bundle_in_th else None)
        return make("th", *bound)

    @property
    def kem_key(self) -> Term | None:
        if self.suite != HYBRID:
            return None
        own = self.one_time_key.kem if self.one_time_key else None
        return own or self.bundle.pq


@dataclass(frozen=True)
class Session:
    """What one side has of a session once it has its keys."""

    head: Head
    th: Term
    sk: Term
    sid: Term
    exporter: Term

    @property
    def about(self) -> tuple[str, str, int, Term, Term]:
        """What both sides have to agree on."""
        return self.head.initiator, self.head.responder, self.head.suite, self.th, self.sid


def session(head: Head, secrets: list[Term | None], variant: Variant) -> Session:
    """Section 3.3."""
    th = head.th(variant)
    ikm = make("ikm", *[one for one in secrets if one is not None])
    return Session(head, th, make("sk", ikm, th), make("sid", ikm, th), make("exporter", ikm, th))


def agreed(
    variant: Variant, dh1: Term, dh2: Term, dh3: Term, dh4: Term | None, ss: Term | None
) -> list[Term | None]:
    parts = (
        (variant.dh1, dh1),
        (variant.dh2, dh2),
        (variant.dh3, dh3),
        (variant.dh4, dh4),
        (variant.kem, ss),
    )
    return [part for kept, part in parts if kept]


@dataclass(frozen=True)
class Frame:
    """A frame of number 0 in its chain."""

    session: Session
    chain: Term
    ratchet_key: Term
    suite_bound: bool

    @property
    def message_key(self) -> Term:
        return make("mk", self.chain)

    @property
    def key(self) -> Term:
        return make("key", self.message_key)

    @property
    def com(self) -> Term:
        return make("commit", self.message_key)

    @property
    def aad(self) -> Term:
        suite = self.session.head.suite if self.suite_bound else None
        return make("aad", self.session.th, suite, self.session.sid, self.ratchet_key, self.com)

    def seal(self, plaintext: Term) -> Term:
        return sealed(self.key, plaintext, self.aad)

    def sent(self, plaintext: Term) -> tuple[Term, ...]:
        """What goes over the network."""
        return self.session.sid, self.ratchet_key, self.com, self.seal(plaintext)

    def words(self, known: Knowledge) -> Iterator[Term]:
        """The plaintexts of frames that the attacker can deliver here: what it saw, and a word of its own."""
        if not known.derives(self.session.sid) or not known.derives(self.com):
            return
        for seen in known.sealed:
            if seen.args[0] is self.key and seen.args[2] is self.aad:
                yield seen.term(1)
        if known.derives(self.key):
            yield OWN_WORD


def turn(root: Term, dh: Term) -> tuple[Term, Term]:
    """KDF_RK: the next root key and the chain key."""
    return make("root", root, dh), make("chain", root, dh)


# --- Runs --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Started:
    """An initiator that has sent its first message."""

    session: Session
    root: Term
    sent: tuple[Term, ...]


@dataclass(frozen=True)
class Answered:
    """An initiator that has opened an answer and sent a second message."""

    session: Session
    word: Term
    sent: tuple[Term, ...]


@dataclass(frozen=True)
class Accepted:
    """A responder that has opened the first message and sent an answer."""

    session: Session
    word: Term
    sent: tuple[Term, ...]


@dataclass(frozen=True)
class Run:
    """One run of an honest agent; its number makes what it draws its own."""

    number: int
    role: str  # initiator or responder
    agent: str
    state: Started | Answered | Accepted | None = None

    def drawn(self, what: str) -> Term:
        return secret(f"{what} {self.number}")

    @property
    def keys(self) -> Keys:
        return Keys(self.agent)

    @property
    def sent(self) -> tuple[Term, ...]:
        return self.state.sent if self.state else ()

    @property
    def peer(self) -> str:
        assert self.state is not None
        head = self.state.session.head
        return head.responder if self.role == "initiator" else head.initiator


@dataclass(frozen=True)
class World:
    """Who takes part, what was published, and what the attacker has in advance."""

    variant: Variant
    agents: tuple[str, ...] = ("a", "b")
    # Whose public keys the attacker publishes as its own. Those of an agent that answers nobody open nothing.
    copied: tuple[str, ...] = ("b",)
    allowed: tuple[int, ...] = (HYBRID, CLASSIC)
    offered: tuple[tuple[int, ...], ...] = ((CLASSIC,),)
    one_time_keys: bool = True
    hybrid_one_time_keys: bool = False
    compromised: tuple[Term, ...] = ()
    # The exporter secret of a session that a and b have had before, where renewals are modelled.
    renewals: bool = False
    facts: frozenset[Term] = field(init=False)

    def __post_init__(self) -> None:
        facts = {OWN, OWN_KEM, OWN_RANDOMNESS, OWN_WORD, exp(OWN), kem_key(OWN_KEM), *self.compromised}
        for name in self.agents:
            keys = Keys(name)
            facts |= {exp(keys.agree), statement(name, exp(keys.agree)), exp(keys.sign)}
            for bundle in self.bundles(name):
                facts |= {bundle.spk, bundle.pq, bundle.message, signed(keys.sign, bundle.message)}
            for one in self.keys_once(name):
                facts |= {one.point, one.message, signed(keys.sign, one.message)}
                facts |= {one.kem} if one.kem else set()
        object.__setattr__(self, "facts", frozenset(facts))

    def bundles(self, name: str) -> list[Bundle]:
        """What an honest agent has published, all with one signed prekey: worse than the page allows."""
        keys = Keys(name)
        points = exp(keys.agree), exp(keys.spk), kem_key(keys.pq)
        return [Bundle(name, points[0], suites, *points[1:]) for suites in self.offered]

    def keys_once(self, name: str) -> list[OneTimeKey]:
        keys = Keys(name)
        kem = kem_key(keys.opk_kem) if self.hybrid_one_time_keys else None
        return [OneTimeKey(name, exp(keys.opk), kem)] if self.one_time_keys else []

    # --- The initiator: section 3.1 -----------------------------------------------------------------

    def offers(self, known: Knowledge, peer: str) -> Iterator[tuple[Bundle, OneTimeKey | None]]:
        """Bundles and one-time keys that the attacker, who is the directory, can hand out as the peer's."""
        real = self.bundles(peer) if peer in self.agents else []
        bundles = [*real, *self._made_bundles(known, peer)]
        keys: list[OneTimeKey | None] = [None, *self._keys_of(known, peer)]
        for bundle in bundles:
            for key in keys:
                yield bundle, key

    def _made_bundles(self, known: Knowledge, peer: str) -> Iterator[Bundle]:
        """Its own keys, and those of the honest under another name."""
        if self.variant.bundle_signed and not known.derives(sign_key(peer)):
            return
        sources = [exp(OWN), *(exp(Keys(name).agree) for name in self.copied)]
        prekeys = [(exp(OWN), kem_key(OWN_KEM))]
        prekeys += [(exp(Keys(name).spk), kem_key(Keys(name).pq)) for name in self.copied]
        for suites in self.offered:
            for point in sources:
                for spk, pq in prekeys:
                    made = Bundle(peer, point, suites, spk, pq)
                    if peer not in self.agents or made not in self.bundles(peer):
                        yield made
        if not self.variant.bundle_signed and peer in self.agents:
            # Without a signature the suites are anybody's.
            for bundle in self.bundles(peer):
                for suite in self.variant.suites:
                    yield Bundle(peer, bundle.agree, (suite,), bundle.spk, bundle.pq)

    def _keys_of(self, known: Knowledge, peer: str) -> list[OneTimeKey]:
        real = self.keys_once(peer) if peer in self.agents else []
        if self.variant.one_time_key_signed and not known.derives(sign_key(peer)):
            return real
        others = [one for name in self.copied for one in self.keys_once(name)]
        made = [OneTimeKey(peer, one.point, one.kem) for one in others]
        own = [OneTimeKey(peer, exp(OWN), kem_key(OWN_KEM))] if peer in self.agents else []
        return [*real, *(one for one in made if one not in real), *own]

    def start(self, run: Run, bundle: Bundle, key: OneTimeKey | None) -> Started | None:
        suite = next((one for one in bundle.suites if one in self.allowed), None)
        if suite is None or bundle.owner == run.agent:
            return None
        ek, dhs = run.drawn("ek"), run.drawn("dhs")
        pq = ((key.kem if key else None) or bundle.pq) if suite == HYBRID else None
        ct, ss = (ciphertext(pq, run.drawn("kem")), shared(pq, run.drawn("kem"))) if pq else (None, None)
        own, renews = run.keys.agree, self.renewals and bundle.owner in self.agents
        head = Head(run.agent, bundle.owner, suite, exp(own), exp(ek), bundle, key, ct, renews)
        dh4 = agree(ek, key.point) if key else None
        parts = agreed(
            self.variant, agree(own, bundle.spk), agree(ek, bundle.agree), agree(ek, bundle.spk), dh4, ss
        )
        made = session(head, [*parts, self._old(renews)], self.variant)
        root, chain = turn(made.sk, agree(dhs, bundle.spk))
        frame = Frame(made, chain, exp(dhs), self.variant.suite_in_frame)
        seen = [exp(ek), *([ct] if ct else [])]
        return Started(made, root, (*seen, *frame.sent(run.drawn("first"))))

    def _old(self, renews: bool) -> Term | None:
        if not renews or not self.variant.old_exporter:
            return None
        return make("renew", secret("old exporter"))

    def answers(self, run: Run, known: Knowledge) -> Iterator[Answered]:
        """What can come of an answer: section 7."""
        assert isinstance(run.state, Started)
        state, own = run.state, run.drawn("dhs")
        for point in known.points:
            root, chain = turn(state.root, agree(own, point))
            frame = Frame(state.session, chain, point, self.variant.suite_in_frame)
            for word in frame.words(known):
                mine = run.drawn("next")
                _, mine_chain = turn(root, agree(mine, point))
                after = Frame(state.session, mine_chain, exp(mine), self.variant.suite_in_frame)
                yield Answered(state.session, word, (*state.sent, *after.sent(run.drawn("second"))))

    # --- The responder: section 3.5 -----------------------------------------------------------------

    def accepts(self, run: Run, known: Knowledge, others: tuple[Run, ...]) -> Iterator[Accepted]:
        """What can come of a container, whatever is in it that the attacker can make."""
        used = [one.state for one in others if one.agent == run.agent and isinstance(one.state, Accepted)]
        for head in self._heads(run.agent, known):
            key = head.one_time_key
            taken = [one.session for one in used]
            if (
                key
                and self.variant.one_time_key_erased
                and any(one.head.one_time_key == key for one in taken)
            ):
                continue
            made = self._respond(run.keys, head)
            # A session that B still has takes no second container; here it has always been erased already.
            if not key and self.variant.th_remembered and any(one.th is made.th for one in taken):
                continue
            if known.derives(made.sid):
                yield from self._opens(run, made, known)

    def _heads(self, agent: str, known: Knowledge) -> Iterator[Head]:
        keys = Keys(agent)
        for name in (*self.agents, DISHONEST):
            for point in known.points if name != agent else ():
                if self.variant.statement_checked and not known.derives(statement(name, point)):
                    continue
                if self.variant.dh1 and not self._possible(known, agree(keys.spk, point)):
                    continue
                for ek in known.points:
                    if self.variant.dh3 and not self._possible(known, agree(keys.spk, ek)):
                        continue
                    yield from self._rest(agent, name, point, ek, known)

    def _rest(self, agent: str, name: str, point: Term, ek: Term, known: Knowledge) -> Iterator[Head]:
        renewals = (False, True) if self.renewals and name in self.agents else (False,)
        for bundle in self.bundles(agent):
            for key in (None, *self.keys_once(agent)):
                for suite in bundle.suites:
                    cts = [*known.ciphertexts, *self._own_cts(agent)] if suite == HYBRID else [None]
                    for ct in cts:
                        for renews in renewals:
                            yield Head(name, agent, suite, point, ek, bundle, key, ct, renews)

    def _own_cts(self, agent: str) -> list[Term]:
        keys = Keys(agent)
        return [ciphertext(kem_key(private), OWN_RANDOMNESS) for private in (keys.pq, keys.opk_kem)]

    @staticmethod
    def _possible(known: Knowledge, dh: Term) -> bool:
        """Whether a session with this in its keys can have a name that the attacker knows."""
        return dh in known.agreed or known.derives(dh)

    def _respond(self, keys: Keys, head: Head) -> Session:
        dh4 = agree(keys.opk, head.ek) if head.one_time_key else None
        ss = None
        if head.ct is not None and head.kem_key is not None:
            own = head.kem_key.term(0)
            fits = head.ct.term(0) is own
            # A ciphertext for another key gives what nobody knows: the implicit rejection of ML-KEM.
            ss = shared(head.kem_key, head.ct.term(1)) if fits else make("rejected", secret("z"), head.ct)
        parts = agreed(
            self.variant,
            agree(keys.spk, head.agree),
            agree(keys.agree, head.ek),
            agree(keys.spk, head.ek),
            dh4,
            ss,
        )
        return session(head, [*parts, self._old(head.renews)], self.variant)

    def _opens(self, run: Run, made: Session, known: Knowledge) -> Iterator[Accepted]:
        spk = run.keys.spk
        for point in known.points:
            root, chain = turn(made.sk, agree(spk, point))
            for word in Frame(made, chain, point, self.variant.suite_in_frame).words(known):
                mine = run.drawn("ratchet")
                _, answer = turn(root, agree(mine, point))
                frame = Frame(made, answer, exp(mine), self.variant.suite_in_frame)
                yield Accepted(made, word, frame.sent(run.drawn("answer")))
