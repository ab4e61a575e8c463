"""Verify a proof bundle, or a whole exported log, offline.

    python3 verify.py BUNDLE.json [--log-key VKEY]... [--issuer DID]...
    python3 verify.py --log DUMP.jsonl [--complete] [--log-key VKEY]... [--issuer DID]...

Prints one line of JSON. Exit code 0: valid; 3: invalid; 4: sound, but vouched for by nobody who was named;
2: the call is wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bundle import Trust, verify_bundle
from canonical import Value, canonical
from export import verify_log
from refusal import Refusal

USAGE = 2


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Verify a proof bundle or an exported log, offline.")
    parser.add_argument("bundle", nargs="?", type=Path, metavar="BUNDLE.json")
    parser.add_argument("--log", type=Path, metavar="DUMP.jsonl", help="verify a whole exported log instead")
    parser.add_argument("--complete", action="store_true", help="with --log: let no chain miss a receipt")
    parser.add_argument("--log-key", action="append", default=[], metavar="VKEY", help="a log key to trust")
    parser.add_argument("--issuer", action="append", default=[], metavar="DID", help="an issuer to trust")
    options = parser.parse_args(arguments)
    if (options.bundle is None) == (options.log is None) or (options.complete and options.log is None):
        parser.error("name a bundle, or a log with --log")
    try:
        trust = Trust.read(options.log_key, options.issuer)
        data: bytes = (options.log or options.bundle).read_bytes()
    except Refusal as refusal:
        show({"error": refusal.code})
        return USAGE
    except OSError as error:
        parser.error(str(error))
    answer = verify_log(data, trust, options.complete) if options.log else verify_bundle(data, trust)
    show(answer.value())
    return answer.exit_code


def show(value: dict[str, Value]) -> None:
    sys.stdout.buffer.write(canonical(value) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
