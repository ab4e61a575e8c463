# Generated from contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The pure operations of the area `session`."""

from typing import cast

from talos._door import invoke
from talos._generated.types import (
    Envelope,
    SessionOpening,
    SessionOpenInput,
    SessionOpenOutput,
    SessionPlay,
    SessionPlayInput,
    SessionPlayOutput,
    SessionReadFrameInput,
    SessionReadFrameOutput,
    SessionVerifyBundleInput,
    SessionVerifyBundleOutput,
    SessionVerifyOneTimeKeyInput,
    SessionVerifyOneTimeKeyOutput,
    SessionVerifyStaticKeyInput,
    SessionVerifyStaticKeyOutput,
)


def verify_static_key(
    *,
    envelope: Envelope,
    owner: str,
    now_ms: int,
) -> SessionVerifyStaticKeyOutput:
    """Verifies the statement in which an agent names its agreement key.

    envelope: The statement.
    owner: Whose it should be.
    now_ms: The time.
    """
    members: SessionVerifyStaticKeyInput = {
        "envelope": envelope,
        "owner": owner,
        "now_ms": now_ms,
    }
    answer = invoke("session.verify_static_key", members)
    return cast(SessionVerifyStaticKeyOutput, answer)


def verify_bundle(
    *,
    envelope: Envelope,
    owner: str,
    now_ms: int,
) -> SessionVerifyBundleOutput:
    """Verifies a prekey bundle. Its suites are experimental.

    envelope: The bundle.
    owner: Whose it should be.
    now_ms: The time.
    """
    members: SessionVerifyBundleInput = {
        "envelope": envelope,
        "owner": owner,
        "now_ms": now_ms,
    }
    answer = invoke("session.verify_bundle", members)
    return cast(SessionVerifyBundleOutput, answer)


def verify_one_time_key(
    *,
    envelope: Envelope,
    owner: str,
    now_ms: int,
) -> SessionVerifyOneTimeKeyOutput:
    """Verifies a one-time key.

    envelope: The one-time key.
    owner: Whose it should be.
    now_ms: The time.
    """
    members: SessionVerifyOneTimeKeyInput = {
        "envelope": envelope,
        "owner": owner,
        "now_ms": now_ms,
    }
    answer = invoke("session.verify_one_time_key", members)
    return cast(SessionVerifyOneTimeKeyOutput, answer)


def read_frame(
    *,
    bytes: str,
) -> SessionReadFrameOutput:
    """Reads what a frame, or a container with its frame, shows to anybody. Authenticates nothing.

    bytes: A frame or a container.
    """
    members: SessionReadFrameInput = {
        "bytes": bytes,
    }
    answer = invoke("session.read_frame", members)
    return cast(SessionReadFrameOutput, answer)


def open(
    *,
    opening: SessionOpening,
    frame_hash: str,
) -> SessionOpenOutput:
    """Opens one message to an auditor, from what a party discloses and the frame hash in a receipt.

    opening: What is disclosed.
    frame_hash: The hash that the receipt names.
    """
    members: SessionOpenInput = {
        "opening": opening,
        "frame_hash": frame_hash,
    }
    answer = invoke("session.open", members)
    return cast(SessionOpenOutput, answer)


def play(
    *,
    play: SessionPlay,
) -> SessionPlayOutput:
    """Plays what agents do with time and randomness given, and says what came of each act.

    play: The agents and their acts.
    """
    members: SessionPlayInput = {
        "play": play,
    }
    answer = invoke("session.play", members)
    return cast(SessionPlayOutput, answer)
