"""What the tests of the package share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from talos import Kernel, Policy

# One tool of each effect. `look` is the read: nothing about it waits for a disk.
POLICY = """\
id: tests
allowed_tools:
  - {name: look, effect: read}
  - {name: write, effect: write}
  - {name: send, effect: external}
  - {name: pay, effect: spend}
  - {name: erase, effect: irreversible}
blocked_patterns:
  - {id: no-keys, kind: substring, pattern: "SECRET"}
"""


@pytest.fixture(scope="session")
def policy() -> Policy:
    return Policy.parse(POLICY)


@pytest.fixture
def kernel(policy: Policy) -> Iterator[Kernel]:
    with Kernel.in_memory(policy) as kernel:
        yield kernel
