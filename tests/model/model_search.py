"""Every interleaving of some runs, and what may not be true in any of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from model_attacker import Knowledge
from model_protocol import DISHONEST, Accepted, Answered, Run, Started, World
from model_terms import Term


@dataclass(frozen=True)
class State:
    """How far the runs are, and what the attacker knows by that."""

    runs: tuple[Run, ...]
    known: Knowledge

    def of(self, kind: type[Started | Answered | Accepted]) -> list[Run]:
        return [run for run in self.runs if isinstance(run.state, kind)]

    @property
    def begun(self) -> list[Run]:
        """Initiators that have sent something."""
        return self.of(Started) + self.of(Answered)


Claim = Callable[[World, State], bool]


def runs(*roles: tuple[str, str]) -> tuple[Run, ...]:
    return tuple(Run(number, role, agent) for number, (role, agent) in enumerate(roles))


def states(world: World, begin: tuple[Run, ...]) -> Iterator[State]:
    """Each state that can be reached, once. What the attacker knows follows from how far the runs are."""
    seen = {begin}
    ahead = [State(begin, Knowledge(world.facts))]
    while ahead:
        state = ahead.pop()
        yield state
        for run, after in _steps(world, state):
            moved = tuple(after if one is run else one for one in state.runs)
            if moved not in seen:
                seen.add(moved)
                ahead.append(State(moved, state.known.with_more(after.sent)))


def _steps(world: World, state: State) -> Iterator[tuple[Run, Run]]:
    for at, run in enumerate(state.runs):
        # Runs that have not begun and are alike may begin in their order alone.
        alike = (one for one in state.runs[:at] if (one.role, one.agent) == (run.role, run.agent))
        if run.state is None and any(one.state is None for one in alike):
            continue
        others = state.runs[:at] + state.runs[at + 1 :]
        for after in _next(world, run, state.known, others):
            yield run, replace(run, state=after)


def _next(
    world: World, run: Run, known: Knowledge, others: tuple[Run, ...]
) -> Iterator[Started | Answered | Accepted]:
    if run.role == "responder":
        if run.state is None:
            yield from world.accepts(run, known, others)
    elif run.state is None:
        for peer in (*world.agents, DISHONEST):
            for bundle, key in world.offers(known, peer) if peer != run.agent else ():
                started = world.start(run, bundle, key)
                if started is not None:
                    yield started
    elif isinstance(run.state, Started):
        yield from world.answers(run, known)


def attack(world: World, begin: tuple[Run, ...], *claims: Claim) -> tuple[str, State] | None:
    """The first state in which a claim does not hold, and the claim."""
    for state in states(world, begin):
        for claim in claims:
            if not claim(world, state):
                return claim.__name__, state
    return None


# --- Claims --------------------------------------------------------------------------------------------


def _matched(claiming: list[Run], partners: list[Run], fits: Callable[[Run, Run], bool]) -> bool:
    """Whether each has a partner of its own: injective agreement."""
    if not claiming:
        return True
    first, rest = claiming[0], claiming[1:]
    return any(
        fits(first, one) and _matched(rest, [other for other in partners if other is not one], fits)
        for one in partners
    )


def _agree(run: Run, partner: Run) -> bool:
    assert run.state is not None
    assert partner.state is not None
    ours, theirs = run.state.session.about, partner.state.session.about
    return run.peer == partner.agent and partner.peer == run.agent and ours == theirs


def responders_agree(world: World, state: State) -> bool:
    """Who has opened a first frame has a partner that sent it: same names, suite, th and SID; none twice."""

    def fits(run: Run, partner: Run) -> bool:
        assert isinstance(run.state, Accepted)
        return _agree(run, partner) and run.state.word is partner.drawn("first")

    accepted = [run for run in state.of(Accepted) if run.peer in world.agents]
    return _matched(accepted, state.begun, fits)


def initiators_agree(world: World, state: State) -> bool:
    """Who has opened an answer has a partner that sent it."""

    def fits(run: Run, partner: Run) -> bool:
        assert isinstance(run.state, Answered)
        return _agree(run, partner) and run.state.word is partner.drawn("answer")

    answered = [run for run in state.of(Answered) if run.peer in world.agents]
    return _matched(answered, state.of(Accepted), fits)


def keys_have_one_pair_of_names(world: World, state: State) -> bool:
    """No unknown key share: two who have one key think of each other."""
    del world
    for run in state.begun:
        for partner in state.of(Accepted):
            assert run.state is not None
            assert partner.state is not None
            same = run.state.session.sk is partner.state.session.sk
            if same and not (run.peer == partner.agent and partner.peer == run.agent):
                return False
    return True


def secrets_of(world: World, state: State) -> list[Term]:
    """Keys and messages between the honest, of the runs that have any."""
    found = []
    for run in state.runs:
        if run.state is None or run.peer not in world.agents:
            continue
        found.append(run.state.session.sk)
        words = {Started: ("first",), Answered: ("first", "second"), Accepted: ("answer",)}[type(run.state)]
        found += [run.drawn(word) for word in words]
    return found


def secrets_stay_secret(world: World, state: State) -> bool:
    return not any(state.known.derives(term) for term in secrets_of(world, state))


def suites_are_the_owners(world: World, state: State) -> bool:
    """No downgrade: the suite is the first that is allowed of a list that the peer has signed."""
    for run in state.begun:
        assert run.state is not None
        if run.peer not in world.agents:
            continue
        head = run.state.session.head
        firsts = [next((one for one in suites if one in world.allowed), None) for suites in world.offered]
        if head.suite not in firsts:
            return False
    return True


CLAIMS: tuple[Claim, ...] = (
    responders_agree,
    initiators_agree,
    keys_have_one_pair_of_names,
    secrets_stay_secret,
    suites_are_the_owners,
)


def renewals_agree(world: World, state: State) -> bool:
    """responders_agree, of those alone that take the place of a session."""
    renewed = [run for run in state.of(Accepted) if run.state and run.state.session.head.renews]
    return responders_agree(world, replace(state, runs=(*renewed, *state.begun)))


def initiators_keep_their_secrets(world: World, state: State) -> bool:
    return secrets_stay_secret(world, replace(state, runs=tuple(state.begun)))


def stolen_later(
    *private: Term, words: tuple[str, ...] = ("first",), keys: bool = False, one_time_key: bool = False
) -> Claim:
    """What was said stays secret when these are stolen once all is over: forward secrecy.

    With keys: so does SK, whose fate EXP and all values of the exporter share. With a one-time key: in the
    sessions alone that used one.
    """

    def messages_stay_secret(world: World, state: State) -> bool:
        later = state.known.with_more(private)
        for run in state.runs:
            if run.state is None or run.peer not in world.agents:
                continue
            session = run.state.session
            if one_time_key and not session.head.one_time_key:
                continue
            said = [*map(run.drawn, words), *([session.sk] if keys else [])]
            if any(map(later.derives, said)):
                return False
        return True

    return messages_stay_secret


def completed(world: World, state: State) -> bool:
    """That nobody is done: what is claimed to be false, to see that agents get through."""
    return not any(run.peer in world.agents for run in state.of(Answered))
