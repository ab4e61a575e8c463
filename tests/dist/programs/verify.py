"""verify.py LOG_KEY ISSUER BUNDLE...: what the installed package says of each bundle."""

import sys
from pathlib import Path

import talos

log_key, issuer = (Path(name).read_text() for name in sys.argv[1:3])
for name in sys.argv[3:]:
    try:
        verification = talos.Bundle.parse(Path(name).read_bytes()).verify(
            log_keys=[log_key], issuers=[issuer]
        )
        print(name, "valid" if verification else f"refused {verification.reason}")
    except (talos.TalosError, UnicodeDecodeError) as error:
        print(name, f"refused {getattr(error, 'code', type(error).__name__)}")
