"""The texts and the limits of sessions (docs/spec/session.md).

They are apart from constants.py, each of whose texts some operation shows.
"""

TRANSCRIPT = b"talos/session/1\x00"
KEYS = b"talos/session/1 keys"
RENEW = b"talos/session/1 renew"
ROOT = b"talos/session/1 root"
KEY = b"talos/session/1 key"
COMMIT = b"talos/session/1 commit"
AAD = b"talos/session/1 aad\x00"
FRAME = b"talos/session/1 frame\x00"
EXPORT = b"talos/session/1 export "
STATE = b"talos/session/1 state"
RECORD = b"talos/session/1 record\x00"
PEER_RECORD, BUNDLE_RECORD, ONE_TIME_RECORD, TH_RECORD = 2, 3, 4, 5
CHAIN_MESSAGE = b"\x01"
CHAIN_NEXT = b"\x02"

VERSION = 1
INIT, MESSAGE, CLOSE, RESET = 1, 2, 3, 4
CLASSIC, HYBRID = 1, 2
SUITES = (CLASSIC, HYBRID)

SECOND = 1_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR
STATEMENT_LIFE = 90 * DAY
BUNDLE_LIFE = 14 * DAY
ONE_TIME_LIFE = 30 * DAY
GRACE = 7 * DAY
SKEW = 60 * SECOND
MINUTE = 60 * SECOND

MAX_STATEMENT = 4_096
MAX_DATA = 16_777_216
BUCKET = 64
MAX_PLAINTEXT = 16_842_752
MAX_SKIP = 1_000
FREE_SKIP = 16
MAX_SKIPPED = 2_000
MAX_CHAINS = 5
MAX_OPENED = 1_000
MAX_FAILURES = 60
MAX_FAILED_CONTAINERS = 6_000
UNREADABLE = 20
MAX_FRESH = 4
MAX_RENEWALS = 60
MAX_STRANGERS = 1_000
MAX_SESSIONS = 4
MAX_ALL_SESSIONS = 10_000
MAX_REMEMBERED = 100_000
RENEW_AFTER = DAY
RENEW_FRAMES = 10_000
RENEW_BYTES = 2**30
UNANSWERED_FRAMES = 10_000
RETIRED = DAY
IDLE = 30 * DAY
