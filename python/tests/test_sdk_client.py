"""Agents that talk to each other, whose frames this test carries."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import talos
from talos import TalosClient

POLICY = "id: talk\nallowed_peers: ['*']\nblocked_patterns: [{kind: substring, pattern: hunter2}]\n"
Talk = Callable[[TalosClient, TalosClient], Awaitable[None]]


async def carry(one: TalosClient, other: TalosClient) -> None:
    """Carries what waits, both ways, until nothing does."""
    at_work = True
    while at_work:
        at_work = False
        for sender, receiver in ((one, other), (other, one)):
            for frame_id, peer, frame in await sender.outgoing():
                assert peer == receiver.did
                assert (await receiver.incoming(frame))["peer"] == sender.did
                await sender.carried(frame_id)
                at_work = True


def talk(work: Talk, keep_days: int = 0) -> None:
    """Runs the work with two agents of two kernels, between whom there is a session."""

    async def run() -> None:
        policy = talos.Policy.parse(POLICY)
        with talos.Kernel.in_memory(policy) as here, talos.Kernel.in_memory(policy) as there:
            async with (
                TalosClient.create("alice", kernel=here, keep_days=keep_days) as alice,
                TalosClient.create("bob", kernel=there, keep_days=keep_days) as bob,
            ):
                await alice.establish_session(bob.did, bob.bundle)
                await work(alice, bob)

    asyncio.run(run())


def test_messages_go_both_ways_with_proofs_and_the_receipt_of_the_other_side() -> None:
    async def work(alice: TalosClient, bob: TalosClient) -> None:
        sent = await alice.send(bob.did, b"Hello!")
        await carry(alice, bob)
        [message] = await bob.receive()
        assert (message.data, message.peer) == (b"Hello!", alice.did)
        assert (message.message_hash, message.frame_hash) == (sent.message_hash, sent.frame_hash)
        assert message.began == "first"
        await bob.send(alice.did, b"Hi.")
        await carry(alice, bob)
        assert [message.data for message in await alice.receive()] == [b"Hi."]
        for client in (alice, bob):
            for name in (hashlib.sha256(b"Hello!").digest(), sent.message_hash, sent.frame_hash):
                proof = client.get_merkle_proof(name)
                assert client.verify_proof(proof)
        assert not bob.verify_proof(alice.get_merkle_proof(sent.frame_hash)), (
            "another kernel's is not trusted"
        )
        assert not alice.verify_proof(talos.Bundle("{}"))
        assert await alice.delivery_receipt(sent.frame_hash) is not None
        [session] = await alice.sessions(bob.did)
        assert (session["suite"], session["answered"], session["current"]) == (2, True, True)

    talk(work)


def test_what_a_policy_does_not_allow_is_not_sent() -> None:
    async def work(alice: TalosClient, bob: TalosClient) -> None:
        with pytest.raises(talos.PolicyDenied) as raised:
            await alice.send(bob.did, b"it is hunter2")
        assert raised.value.code == "policy.blocked_pattern"
        assert await alice.outgoing() == []

    talk(work)


def test_a_task_that_is_cancelled_while_it_waits_loses_no_message() -> None:
    async def work(alice: TalosClient, bob: TalosClient) -> None:
        waiting = asyncio.create_task(bob.receive(wait=60))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await alice.send(bob.did, b"still here")
        await carry(alice, bob)
        assert [message.data for message in await bob.receive(wait=20)] == [b"still here"]

    talk(work)


def test_messages_are_iterated_as_they_come_until_the_client_closes() -> None:
    async def work(alice: TalosClient, bob: TalosClient) -> None:
        async def listen() -> list[bytes]:
            heard = []
            async for message in bob:
                heard.append(message.data)
                if len(heard) == 3:
                    break
            return heard

        listening = asyncio.create_task(listen())
        for text in (b"one", b"two", b"three"):
            await alice.send(bob.did, text)
            await carry(alice, bob)
        assert await asyncio.wait_for(listening, 30) == [b"one", b"two", b"three"]

    talk(work)


def test_what_was_given_waits_until_more_is_asked_for() -> None:
    async def work(alice: TalosClient, bob: TalosClient) -> None:
        await alice.send(bob.did, b"one")
        await carry(alice, bob)
        assert len(await bob.receive()) == 1
        assert [message.data for message in await bob.unconfirmed()] == [b"one"]
        assert await bob.receive() == []
        assert await bob.unconfirmed() == []

    talk(work)


def test_a_message_is_disclosed_only_where_its_key_is_kept() -> None:
    async def kept(alice: TalosClient, bob: TalosClient) -> None:
        sent = await alice.send(bob.did, b"for the auditor")
        opening = await alice.disclose(sent.frame_hash)
        opened = talos.operations.session.open(opening=opening, frame_hash=sent.frame_hash)
        assert opened["valid"]

    async def not_kept(alice: TalosClient, bob: TalosClient) -> None:
        sent = await alice.send(bob.did, b"for nobody")
        with pytest.raises(talos.ClientError):
            await alice.disclose(sent.frame_hash)

    talk(kept, keep_days=1)
    talk(not_kept)


def test_a_session_that_was_ended_takes_no_message() -> None:
    async def work(alice: TalosClient, bob: TalosClient) -> None:
        await alice.send(bob.did, b"bye")
        await alice.end_session(bob.did)
        with pytest.raises(talos.SessionError):
            await alice.send(bob.did, b"one more thing")

    talk(work)


def test_who_has_no_session_and_no_mailbox_is_told_so() -> None:
    async def run() -> None:
        with talos.Kernel.in_memory(talos.Policy.parse(POLICY)) as kernel:
            client = TalosClient.create("alice", kernel=kernel)
            with pytest.raises(talos.ClientError):
                client.did  # noqa: B018 # it is asked for before the client is open
            async with client:
                nobody = "did:key:z6MkwVDfCg9LbbY6xjH3EZk8YSFQZujV5Y4y1ZWeER9tDiN3"
                with pytest.raises(talos.SessionError):
                    await client.send(nobody, b"x")
                with pytest.raises(talos.MailboxError) as raised:
                    await client.establish_session(nobody)
                assert raised.value.code == "mailbox.not_configured"
                with pytest.raises(talos.ClientError) as again:
                    async with TalosClient.create("alice", kernel=kernel):
                        pass
                assert again.value.code == "client.already_open"
            assert await client.close() == 0

    asyncio.run(run())


def test_a_client_on_disk_goes_on_where_it_was(tmp_path: Path) -> None:
    async def run() -> None:
        policy = talos.Policy.parse(POLICY)
        with talos.Kernel.in_memory(policy) as there:
            async with TalosClient.create("bob", kernel=there) as bob:
                for text in (b"before", b"after"):
                    with talos.Kernel(tmp_path, policy=policy) as here:
                        async with TalosClient.create("alice", kernel=here) as alice:
                            if text == b"before":
                                await alice.establish_session(bob.did, bob.bundle)
                            await alice.send(bob.did, text)
                            if text == b"after":
                                await carry(alice, bob)
                assert [message.data for message in await bob.receive()] == [b"before", b"after"]

    asyncio.run(run())
