"""Where the artefacts are: `make dist` says it. Without them only the tests that need none are collected."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# The pages' code blocks are found by the same reader as in tests/docs.
sys.path.append(str(HERE.parent / "docs"))

collect_ignore = (
    []
    if "TALOS_DIST" in os.environ
    else ["test_artefacts.py", "test_install.py", "test_sbom.py", "test_sdist.py"]
)
