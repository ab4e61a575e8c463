"""docs/spec/session.md, section 17: no attack on the protocol, and one on each that lacks a protection."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from model_opening import read_in_two_ways
from model_protocol import CLASSIC, HYBRID, IMAGINED, Keys, Run, Variant, World
from model_search import (
    CLAIMS,
    Claim,
    attack,
    completed,
    initiators_agree,
    initiators_keep_their_secrets,
    keys_have_one_pair_of_names,
    renewals_agree,
    responders_agree,
    runs,
    secrets_stay_secret,
    states,
    stolen_later,
    suites_are_the_owners,
)
from model_terms import Term, secret

A, B = Keys("a"), Keys("b")
INITIATOR, RESPONDER, ANSWERER = ("initiator", "a"), ("responder", "b"), ("responder", "a")
ONE = runs(INITIATOR, RESPONDER)
TWO_ANSWERS = runs(INITIATOR, RESPONDER, RESPONDER)
WHOLE = Variant()
CLASSICAL = World(WHOLE)
HYBRIDS = World(WHOLE, offered=((HYBRID, CLASSIC),), hybrid_one_time_keys=True)
# Bundles of today and of yesterday, both still served.
OLDER = World(WHOLE, offered=((HYBRID, CLASSIC), (CLASSIC,)))


def found(world: World, begin: tuple[Run, ...], *claims: Claim) -> str | None:
    """The name of the claim that an attack breaks."""
    broken = attack(world, begin, *claims)
    return broken[0] if broken else None


# --- The protocol as it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "begin", "least"),
    [
        (CLASSICAL, runs(INITIATOR, INITIATOR, RESPONDER, RESPONDER), 1_000),
        (
            World(WHOLE, copied=("a", "b")),
            runs(INITIATOR, ("initiator", "b"), RESPONDER, ANSWERER),
            1_000,
        ),
        (HYBRIDS, TWO_ANSWERS, 200),
        (OLDER, TWO_ANSWERS, 300),
    ],
    ids=["two and two", "both ways", "suite 2", "two bundles"],
)
def test_no_interleaving_breaks_a_claim(world: World, begin: tuple[Run, ...], least: int) -> None:
    count = 0
    for state in states(world, begin):
        count += 1
        for claim in CLAIMS:
            assert claim(world, state), claim.__name__
    assert count >= least


@pytest.mark.parametrize("world", [CLASSICAL, HYBRIDS, OLDER], ids=["suite 1", "suite 2", "two bundles"])
def test_the_honest_get_through(world: World) -> None:
    assert found(world, ONE, completed) == "completed"


# --- Each protection is needed ---------------------------------------------------------------------------


def without(*protections: str, world: World = CLASSICAL) -> World:
    left_out: dict[str, Any] = dict.fromkeys(protections, False)
    return replace(world, variant=replace(world.variant, **left_out))


@pytest.mark.parametrize(
    ("claim", "begin", "broken"),
    [
        (initiators_agree, ONE, without("bundle_signed")),
        (secrets_stay_secret, ONE, without("bundle_signed")),
        (suites_are_the_owners, ONE, without("bundle_signed", world=HYBRIDS)),
        (responders_agree, runs(RESPONDER), without("statement_checked")),
        (keys_have_one_pair_of_names, ONE, without("names_of_initiator_in_th")),
        (responders_agree, TWO_ANSWERS, without("th_remembered")),
        (responders_agree, TWO_ANSWERS, without("one_time_key_erased")),
        (responders_agree, runs(RESPONDER), without("dh1")),
    ],
    ids=[
        "the bundle is not signed: agreement",
        "the bundle is not signed: secrecy",
        "the bundle is not signed: downgrade",
        "the statement is not checked",
        "the initiator's names are not in th",
        "th is not remembered",
        "the one-time key is not erased",
        "there is no DH1",
    ],
)
def test_what_is_left_out_is_missed(claim: Claim, begin: tuple[Run, ...], broken: World) -> None:
    assert found(broken, begin, claim) == claim.__name__
    assert found(replace(broken, variant=WHOLE), begin, claim) is None


def test_the_responder_is_named_twice() -> None:
    """By its names and by its bundle. Without both the attacker passes off B's keys as its own."""
    claim = keys_have_one_pair_of_names
    assert found(without("names_of_responder_in_th"), ONE, claim) is None
    assert found(without("bundle_in_th"), ONE, claim) is None
    both = without("names_of_responder_in_th", "bundle_in_th")
    assert found(both, ONE, claim) == claim.__name__


def test_the_suite_is_bound_by_th_and_by_the_frame() -> None:
    """Both suites differ in ct and ss, so neither passes for the other; if they shared all, they would."""
    unbound = ("suite_in_th", "suite_in_frame")
    assert found(without(*unbound, world=HYBRIDS), ONE, responders_agree) is None
    shared = World(WHOLE, offered=((CLASSIC, IMAGINED),), allowed=(CLASSIC, IMAGINED))
    assert found(without(*unbound, world=shared), ONE, responders_agree) == "responders_agree"
    for name in unbound:
        assert found(without(name, world=shared), ONE, responders_agree) is None


def test_without_the_commitment_a_frame_is_read_in_two_ways() -> None:
    assert read_in_two_ways(commits=False)
    assert not read_in_two_ways(commits=True)


# --- What is stolen: section 15 --------------------------------------------------------------------------

LONG_TERM = (A.sign, A.agree, B.sign, B.agree)
LATER = (*LONG_TERM, B.spk, B.pq)
X25519 = (
    A.agree,
    B.agree,
    B.spk,
    B.opk,
    *(secret(f"{name} {run}") for name in ("ek", "dhs", "ratchet", "next") for run in (0, 1)),
)


def test_first_messages_depend_on_the_one_time_key() -> None:
    for world in (CLASSICAL, HYBRIDS):
        assert found(world, ONE, stolen_later(*LATER, one_time_key=True)) is None
        assert found(world, ONE, stolen_later(*LATER)) is not None
        assert found(world, ONE, stolen_later(*LATER, B.opk, B.opk_kem, one_time_key=True)) is not None


def test_keys_are_safe_from_long_term_keys_by_dh3() -> None:
    """Without it first messages are safe by the first step of the ratchet; SK and the exporter are not."""
    keys = stolen_later(*LONG_TERM, keys=True)
    assert found(CLASSICAL, ONE, keys) is None
    assert found(without("dh3", "dh4"), ONE, keys) is not None
    assert found(without("dh3", "dh4"), ONE, stolen_later(*LONG_TERM)) is None


def test_dh4_is_what_the_one_time_key_gives() -> None:
    assert found(without("dh4"), ONE, stolen_later(*LATER, one_time_key=True)) is not None


def test_a_one_time_key_that_nobody_signed_gives_nothing() -> None:
    """The directory hands out one of its own; in suite 2 its ML-KEM key comes in place of the owner's."""
    assert found(without("one_time_key_signed"), ONE, stolen_later(*LATER, one_time_key=True)) is not None
    assert found(without("one_time_key_signed", world=HYBRIDS), ONE, stolen_later(*X25519)) is not None


def test_later_messages_need_no_one_time_key() -> None:
    assert found(CLASSICAL, ONE, stolen_later(*LATER, words=("answer", "second"))) is None


def test_suite_2_outlives_x25519() -> None:
    """Whoever breaks X25519 later reads suite 1, and suite 2 only where the KEM is left out."""
    assert found(HYBRIDS, ONE, stolen_later(*X25519)) is None
    assert found(without("kem", world=HYBRIDS), ONE, stolen_later(*X25519)) is not None
    assert found(CLASSICAL, ONE, stolen_later(*X25519)) is not None


def stolen(*private: Term, world: World = CLASSICAL) -> World:
    """The attacker has these from the start."""
    return replace(world, compromised=private)


def test_who_has_agree_begins_in_its_name_and_nothing_else() -> None:
    """Key compromise impersonation: as the owner, and neither to the owner nor in its own sessions."""
    thief = stolen(A.agree)
    assert found(thief, runs(RESPONDER), responders_agree) == "responders_agree"
    assert found(thief, ONE, initiators_agree, initiators_keep_their_secrets) is None
    to_owner = replace(thief, copied=("a",))
    assert found(to_owner, runs(("initiator", "b"), ANSWERER), *CLAIMS) is None


def test_who_has_spk_poses_to_its_owner_as_anybody() -> None:
    thief = stolen(B.spk)
    assert found(thief, runs(RESPONDER), responders_agree) == "responders_agree"
    assert found(thief, ONE, initiators_agree) is None


def test_dh2_keeps_who_has_spk_from_answering() -> None:
    assert found(stolen(B.spk, world=without("dh2")), ONE, initiators_agree) == "initiators_agree"


def test_who_has_sign_is_its_owner_in_new_sessions() -> None:
    assert found(stolen(B.sign), ONE, initiators_agree) == "initiators_agree"
    assert found(stolen(A.sign), runs(RESPONDER), responders_agree) == "responders_agree"


def test_who_has_sign_and_agree_renews_nothing() -> None:
    renewing = stolen(A.sign, A.agree, world=replace(CLASSICAL, renewals=True))
    assert found(renewing, ONE, renewals_agree) is None
    assert found(renewing, runs(RESPONDER), responders_agree) == "responders_agree"
    assert found(without("old_exporter", world=renewing), runs(RESPONDER), renewals_agree) == "renewals_agree"
