"""The texts and bytes that separate one kind of hash, MAC or signature from another (docs/spec/README.md).

These are all of the list but `talos/tool/1`, which only the MCP connector uses and no operation shows. They
are looked up here at each use, so that a test can change one and see that the comparison notices.
"""

DSSE = b"DSSEv1"
ARGS = b"talos/args/1"
RESULT = b"talos/result/1"
ARGS_COMMIT = b"talos/args-commit/1"
RESULT_COMMIT = b"talos/result-commit/1"
RECEIPT = b"talos/receipt/1"
POLICY = b"talos/policy/1"
APPROVAL = b"talos/approval/1"
CODE = b"talos/approval-code/1"
CODE_LOCK = b"talos/approval-code-lock/1"
CODE_KEY = b"talos/approval-code-key/1"
ENTRY_RECEIPT = b"\x01"
TREE_LEAF = b"\x00"
TREE_NODE = b"\x01"
LOG_KEY_TYPE = b"\x01"

RECEIPT_MEDIA_TYPE = "application/vnd.talos.receipt.v1+json"
RECEIPT_TYP = "talos.receipt/1"
REQUEST_MEDIA_TYPE = "application/vnd.talos.approval-request.v1+json"
REQUEST_TYP = "talos.approval_request/1"
GRANT_MEDIA_TYPE = "application/vnd.talos.approval-grant.v1+json"
GRANT_TYP = "talos.approval_grant/1"
BUNDLE_TYP = "talos.bundle/1"
PROOF_HEADER = "c2sp.org/tlog-proof@v1"

MAX_COUNTER = 2**64 - 1
MAX_SIZE = 2**63
MAX_SAFE = 2**53 - 1
