# Generated from contracts/schemas/ and contracts/operations/ by `cargo run -p talos-codegen`; do not edit.
"""The contracts, and the inputs and outputs of the operations, as types."""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, Required, TypeAlias, TypedDict

JsonValue: TypeAlias = bool | int | float | str | Sequence[object] | Mapping[str, object] | None
"""Any JSON value."""

Size: TypeAlias = int | str
"""A 64-bit count: an integer, or decimal digits from 2^53 on."""

ErrorCode: TypeAlias = Literal[
    "malformed.syntax",
    "malformed.utf8",
    "malformed.bom",
    "malformed.duplicate_name",
    "malformed.number",
    "malformed.surrogate",
    "malformed.depth",
    "malformed.size",
    "malformed.nul",
    "malformed.name",
    "malformed.not_canonical",
    "malformed.base64",
    "malformed.member_unknown",
    "malformed.member_missing",
    "malformed.type",
    "malformed.value",
    "malformed.typ",
    "malformed.media_type",
    "malformed.batch",
    "caller.unknown",
    "signature.invalid",
    "signature.key_invalid",
    "signature.keyid",
    "signature.missing",
    "signature.payload_type",
    "did.malformed",
    "did.method_unsupported",
    "did.key_type_unsupported",
    "proof.index_out_of_range",
    "proof.size_out_of_range",
    "proof.length",
    "proof.root_mismatch",
    "proof.from_empty",
    "proof.malformed",
    "checkpoint.malformed",
    "checkpoint.signature_invalid",
    "checkpoint.key_unknown",
    "checkpoint.origin_mismatch",
    "trust.none",
    "trust.log_unknown",
    "trust.issuer_unknown",
    "receipt.malformed",
    "receipt.kind_members",
    "receipt.chain_gap",
    "receipt.chain_fork",
    "receipt.prev_mismatch",
    "receipt.seq",
    "receipt.time_reversed",
    "receipt.incomplete",
    "receipt.log_mismatch",
    "receipt.unknown",
    "receipt.body_missing",
    "receipt.commit_mismatch",
    "bundle.malformed",
    "policy.syntax",
    "policy.unknown_key",
    "policy.invalid",
    "policy.include_unreadable",
    "policy.include_hash",
    "policy.no_policy",
    "policy.tool_not_allowed",
    "policy.tool_hash_mismatch",
    "policy.tool_hash_unknown",
    "policy.blocked_pattern",
    "policy.cedar_denied",
    "policy.cedar_error",
    "policy.argument_missing",
    "policy.argument_type",
    "policy.argument_denied",
    "policy.argument_unknown",
    "policy.path_unresolved",
    "policy.egress_denied",
    "limit.tool_calls",
    "limit.tokens",
    "limit.amount",
    "limit.amount_missing",
    "limit.currency",
    "limit.rate",
    "preflight.consent_missing",
    "preflight.kyc_missing",
    "budget.exceeded",
    "budget.debt",
    "budget.price_unknown",
    "budget.currency",
    "budget.conflict",
    "budget.unknown",
    "budget.state",
    "approval.required",
    "approval.unavailable",
    "approval.rejected",
    "approval.expired",
    "approval.mismatch",
    "approval.unknown",
    "approval.redeemed",
    "approval.not_approver",
    "approval.own_request",
    "approval.duplicate",
    "approval.code_wrong",
    "approval.code_locked",
    "approval.limit",
    "drift.detected",
    "drift.stopped",
    "standing.killed",
    "standing.suspended",
    "standing.not_held",
    "clock.behind",
    "call.conflict",
    "call.state",
    "call.expired",
    "call.unknown",
    "call.args_mismatch",
    "run.busy",
    "run.closed",
    "run.exhausted",
    "run.dead",
    "store.full",
    "store.read_only",
    "store.corrupt",
    "store.busy",
    "store.io",
    "store.unavailable",
    "store.version",
    "log.rolled_back",
    "log.forked",
    "log.head_missing",
    "key.missing",
    "key.malformed",
    "key.permissions",
    "config.malformed",
    "config.missing",
    "mcp.method_unknown",
    "mcp.id_invalid",
    "mcp.id_in_use",
    "mcp.message_too_large",
    "mcp.server_response",
    "mcp.server_gone",
    "session.malformed",
    "session.suite",
    "session.recipient",
    "session.peer",
    "session.expired",
    "session.key_invalid",
    "session.prekey_unknown",
    "session.init_replayed",
    "session.renewal_unknown",
    "session.renewal_required",
    "session.limit",
    "session.throttled",
    "session.unknown",
    "session.authentication",
    "session.skip_limit",
    "session.duplicate",
    "session.fork",
    "session.key_gone",
    "session.closed",
    "session.unanswered",
    "session.opening_mismatch",
    "mailbox.request_expired",
    "mailbox.request_mismatch",
    "mailbox.request_replayed",
    "mailbox.forbidden",
    "mailbox.unknown",
    "mailbox.too_large",
    "mailbox.quota",
    "mailbox.full",
    "mailbox.busy",
    "mailbox.unreachable",
    "mailbox.not_configured",
    "client.not_open",
    "client.already_open",
    "client.unknown_message",
    "client.backlog",
    "notify.failed",
    "input.unreadable",
    "operation.unknown",
    "context.missing",
    "kernel.not_open",
    "kernel.already_open",
    "kernel.closed",
    "kernel.poisoned",
    "kernel.forked",
    "kernel.mismatch",
    "internal.panic",
    "internal.fault",
]
"""A code of the error registry."""

ActionKind: TypeAlias = Literal[
    "tool_call",
    "resource_read",
    "prompt_get",
    "sampling",
    "message",
    "http",
]
"""What kind of thing the agent wants to do.

`tool_call`: Call a tool.
`resource_read`: Read a resource.
`prompt_get`: Get a prompt.
`sampling`: Ask a model.
`message`: Send a message to another agent.
`http`: Make an HTTP request.
"""


class Amount(TypedDict):
    """A sum of money."""

    micro: Required[int]
    """Money in millionths of the currency's unit."""
    currency: Required[str]
    """ISO 4217 code of a currency."""


Effect: TypeAlias = Literal[
    "read",
    "write",
    "external",
    "spend",
    "irreversible",
]
"""What an action does to the world, from harmless to final.

`read`: Reads, and changes nothing.
`write`: Changes state that can be restored.
`external`: Reaches other parties.
`spend`: Spends money.
`irreversible`: Cannot be undone.
"""


class SessionRef(TypedDict):
    """The session and the frame that carried an action."""

    sid: Required[str]
    """Id of the session."""
    frame_hash: NotRequired[str]
    """Hash of the frame that carried the action."""


class Action(TypedDict):
    """What an agent wants to do: the input of a decision."""

    run: NotRequired[str]
    """The run that the action belongs to; absent: the kernel's own."""
    call: NotRequired[str]
    """The id of the call; absent: the kernel makes one."""
    kind: Required[ActionKind]
    """What kind of thing the agent wants to do."""
    target: Required[str]
    """What the action is aimed at: a tool's name, a resource's URI, a URL."""
    effect: NotRequired[Effect]
    """The effect that the operator declared; absent: taken from the policy, else irreversible."""
    tool_hash: NotRequired[str]
    """Hash of the tool's description and schema as it is now."""
    args: NotRequired[JsonValue]
    """The arguments, any JSON value of profile talos-data; absent: an empty object."""
    tokens: NotRequired[int]
    """Tokens that the action asks for."""
    amount: NotRequired[Amount]
    """Money that the action would spend."""
    principal: NotRequired[str]
    """On whose behalf the agent acts, as the host names it."""
    model: NotRequired[str]
    """The model that is asked."""
    key_id: NotRequired[str]
    """The public id of a caller's key; never the key."""
    consent: NotRequired[bool]
    """Whether the principal consented to this action, as the host knows it; absent: not known."""
    kyc: NotRequired[bool]
    """Whether the principal's identity was checked, as the host knows it; absent: not known."""
    session: NotRequired[SessionRef]
    """The session and the frame that carried it."""


class ApprovalMissing(TypedDict):
    """What a rule lacks."""

    rule: Required[str]
    """The name of the rule."""
    people: Required[int]
    """How many people have to approve yet."""
    approvers: Required[Sequence[str]]
    """Who of them could."""


ApprovalStale: TypeAlias = Literal[
    "run_ended",
    "rules_changed",
]
"""Why nothing waits for the answers to a request that is pending or granted; absent: something does.

`run_ended`: Its run is not open: nothing runs under it unless the run is opened again.
`rules_changed`: Its run is decided on by other rules since: nothing runs under it unless these come back.
"""

ApprovalState: TypeAlias = Literal[
    "pending",
    "granted",
    "denied",
    "expired",
    "redeemed",
]
"""Where a request stands.

`pending`: People have to answer yet.
`granted`: It may be redeemed, once.
`denied`: Somebody refused.
`expired`: Its time is over.
`redeemed`: It was used.
"""


class Approval(TypedDict):
    """A request for approval as lists show it (docs/spec/approval.md)."""

    id: Required[str]
    """Id of the request."""
    state: Required[ApprovalState]
    """Where a request stands."""
    stale: NotRequired[ApprovalStale]
    """Why nothing waits for the answers to a request that is pending or granted; absent: something does."""
    run: Required[str]
    """The run."""
    actor: Required[str]
    """The agent."""
    principal: NotRequired[str]
    """On whose behalf the agent acts, as the host names it."""
    kind: Required[ActionKind]
    """What kind of thing the agent wants to do."""
    target: Required[str]
    """What the action is aimed at: a tool's name, a resource's URI, a URL."""
    effect: Required[Effect]
    """What an action does to the world, from harmless to final."""
    amount: NotRequired[Amount]
    """Money that the action would spend."""
    rules: Required[Sequence[str]]
    """The names of the rules that ask."""
    missing: Required[Sequence[ApprovalMissing]]
    """What unfulfilled rules lack."""
    iat: Required[int]
    """When it was asked."""
    expires: Required[int]
    """When it ends."""


class ApprovalPerson(TypedDict):
    """A person who may approve."""

    name: Required[str]
    """The name."""
    key: NotRequired[str]
    """The key that signs; absent: a one-time code."""


class ApprovalRule(TypedDict):
    """A rule that asks for approval."""

    id: Required[str]
    """The name of the rule."""
    quorum: Required[int]
    """How many different people have to approve."""
    approvers: Required[Sequence[ApprovalPerson]]
    """Who may approve."""


class PolicyRef(TypedDict):
    """Which policy decided."""

    id: Required[str]
    """The id of the policy."""
    hash: Required[str]
    """Hash of the policy's canonical form."""


class ApprovalAbout(TypedDict):
    """What is about to run, to be compared with what was asked for."""

    run: Required[str]
    """The run."""
    actor: Required[str]
    """The agent."""
    principal: NotRequired[str]
    """On whose behalf the agent acts, as the host names it."""
    kind: Required[ActionKind]
    """What kind of thing the agent wants to do."""
    target: Required[str]
    """What the action is aimed at: a tool's name, a resource's URI, a URL."""
    effect: Required[Effect]
    """What an action does to the world, from harmless to final."""
    tool_hash: NotRequired[str]
    """Hash of the tool's description and schema."""
    args_digest: Required[str]
    """Digest of the arguments."""
    amount: NotRequired[Amount]
    """Money that the action would spend."""
    tokens: NotRequired[int]
    """Tokens that the action asks for."""
    model: NotRequired[str]
    """The model that is asked."""
    key_id: NotRequired[str]
    """The public id of a caller's key; never the key."""
    consent: NotRequired[bool]
    """Whether the principal consented, as the host knew it; absent: not known."""
    kyc: NotRequired[bool]
    """Whether the principal's identity was checked, as the host knew it; absent: not known."""
    policy: Required[PolicyRef]
    """Which policy decided."""
    rules: Required[Sequence[ApprovalRule]]
    """The rules that ask for approval."""


class ApprovalFile(TypedDict):
    """What a file holds now."""

    path: Required[str]
    """The path, as the arguments have it."""
    text: NotRequired[str]
    """What it holds; absent: there is no such file."""


class ApprovalArgument(TypedDict):
    """A leaf of the arguments."""

    pointer: Required[str]
    """JSON pointer to the leaf."""
    lines: Required[Sequence[str]]
    """The value: JSON, or the lines of a text."""
    clipped: Required[bool]
    """Whether something of it is not shown."""


ApprovalDiffStatus: TypeAlias = Literal[
    "created",
    "changed",
    "unchanged",
    "unknown",
]
"""What would happen to the file.

`created`: It does not exist yet.
`changed`: Its text changes.
`unchanged`: Its text stays.
`unknown`: The host did not give its text, the text to replace is not in it, or it is too large to compare.
"""


class ApprovalDiff(TypedDict):
    """What a file would become, if the tool does what the names of its arguments say."""

    path: Required[str]
    """The path."""
    status: Required[ApprovalDiffStatus]
    """What would happen to the file."""
    lines: Required[Sequence[str]]
    """Lines of a unified diff."""
    clipped: Required[bool]
    """Whether lines are not shown."""


class ApprovalOmitted(TypedDict):
    """How much is not shown."""

    arguments: Required[int]
    """Leaves of the arguments."""
    recipients: Required[int]
    """Addresses."""
    urls: Required[int]
    """URLs."""
    diffs: Required[int]
    """Files."""


class ApprovalUrl(TypedDict):
    """A URL in the arguments."""

    pointer: Required[str]
    """JSON pointer to where it is."""
    url: Required[str]
    """The URL."""
    host: Required[str]
    """The host that it leads to."""
    credentials: Required[bool]
    """Whether it has a user name before the host."""


class ApprovalView(TypedDict):
    """What would run, for people: every text in it is neutralised, bounded, and says where it was clipped."""

    heading: Required[str]
    """Kind, target and effect."""
    clipped: Required[bool]
    """Whether something of it is not shown here; whoever approves looks at the rest first."""
    amount: NotRequired[str]
    """The money, with its currency."""
    tokens: NotRequired[int]
    """Tokens that the action asks for."""
    model: NotRequired[str]
    """The model that is asked."""
    args_digest: Required[str]
    """Digest of the whole arguments, of which some may not be shown."""
    arguments: Required[Sequence[ApprovalArgument]]
    """Every leaf of the arguments."""
    omitted: Required[ApprovalOmitted]
    """How much is not shown."""
    recipients: Required[Sequence[str]]
    """E-mail addresses in the arguments."""
    urls: Required[Sequence[ApprovalUrl]]
    """URLs in the arguments."""
    diffs: Required[Sequence[ApprovalDiff]]
    """What files would become."""
    lines: Required[Sequence[str]]
    """All of it as lines for a terminal."""


class ApprovalDamaged(TypedDict):
    """Stored as a request for approval, and none: nobody can answer it, nothing runs under it."""

    approval: NotRequired[str]
    """The id under which it is stored; absent: it cannot be read."""
    code: Required[ErrorCode]
    """A code of the error registry."""
    detail: Required[str]
    """What is wrong with it."""


ApprovalResponse: TypeAlias = Literal[
    "grant",
    "deny",
]
"""What the person says.

`grant`: The action may run, once.
`deny`: The action may not run.
"""


class ApprovalGrant(TypedDict):
    """The answer of one person to a request for approval, signed by that person's key
    (docs/spec/approval.md).
    """

    typ: Required[Literal["talos.approval_grant/1"]]
    """Contract and major version."""
    iss: Required[str]
    """DID URL of the key that signs: the person's, or the kernel's where a one-time code was given."""
    approval: Required[str]
    """Id of the request."""
    name: Required[str]
    """The name of the person."""
    response: Required[ApprovalResponse]
    """What the person says."""
    iat: Required[int]
    """When."""
    note: NotRequired[str]
    """A sentence for the record."""


class ApprovalRequest(TypedDict):
    """What people are asked to approve: signed by the kernel that asks (docs/spec/approval.md)."""

    typ: Required[Literal["talos.approval_request/1"]]
    """Contract and major version."""
    iss: Required[str]
    """DID URL of the key that signs the request."""
    run: Required[str]
    """The run."""
    actor: Required[str]
    """The agent."""
    principal: NotRequired[str]
    """On whose behalf the agent acts, as the host names it."""
    kind: Required[ActionKind]
    """What kind of thing the agent wants to do."""
    target: Required[str]
    """What the action is aimed at: a tool's name, a resource's URI, a URL."""
    effect: Required[Effect]
    """What an action does to the world, from harmless to final."""
    tool_hash: NotRequired[str]
    """Hash of the tool's description and schema."""
    args_digest: Required[str]
    """Digest of the arguments."""
    amount: NotRequired[Amount]
    """Money that the action would spend."""
    tokens: NotRequired[int]
    """Tokens that the action asks for."""
    model: NotRequired[str]
    """The model that is asked."""
    key_id: NotRequired[str]
    """The public id of a caller's key; never the key."""
    consent: NotRequired[bool]
    """Whether the principal consented, as the host knew it; absent: not known."""
    kyc: NotRequired[bool]
    """Whether the principal's identity was checked, as the host knew it; absent: not known."""
    policy: Required[PolicyRef]
    """Which policy decided."""
    rules: Required[Sequence[ApprovalRule]]
    """What has to be fulfilled: each of them."""
    iat: Required[int]
    """When it was asked."""
    expires: Required[int]
    """When it ends."""
    nonce: Required[str]
    """Sixteen random bytes."""


class EnvelopeSignature(TypedDict):
    """One signature over the pre-authentication encoding."""

    keyid: Required[str]
    """DID URL of the key; counts only through the body's iss."""
    sig: Required[str]
    """The signature: padded base64."""


class Envelope(TypedDict):
    """A DSSE envelope: a payload and the signatures over it."""

    payloadType: Required[str]
    """Media type of the payload."""
    payload: Required[str]
    """The payload: padded base64 of RFC 4648 section 4."""
    signatures: Required[Sequence[EnvelopeSignature]]
    """The signatures; the first is the issuer's. Empty only where the log vouches for the payload."""


class ApprovalCase(TypedDict):
    """A request for approval with what has become of it."""

    approval: Required[str]
    """Id of the request."""
    state: Required[ApprovalState]
    """Where a request stands."""
    stale: NotRequired[ApprovalStale]
    """Why nothing waits for the answers to a request that is pending or granted; absent: something does."""
    request: Required[ApprovalRequest]
    """What it says."""
    envelope: Required[Envelope]
    """The request as it was signed."""
    answers: Required[Sequence[ApprovalGrant]]
    """The answers that count, in the order in which they came."""
    missing: Required[Sequence[ApprovalMissing]]
    """What unfulfilled rules lack."""
    args: NotRequired[JsonValue]
    """The arguments that would run; absent where they were erased."""


class ApprovalResource(TypedDict):
    """A request for approval as whoever asked may see it: what the Location of a response 202 leads to
    (docs/spec/approval.md).
    """

    approval: Required[str]
    """Id of the request."""
    state: Required[ApprovalState]
    """Where a request stands."""
    stale: NotRequired[ApprovalStale]
    """Why nothing waits for the answers to a request that is pending or granted; absent: something does."""
    target: Required[str]
    """What the action is aimed at: a tool's name, a resource's URI, a URL."""
    iat: Required[int]
    """When it was asked."""
    expires: Required[int]
    """When it ends."""


BudgetMode: TypeAlias = Literal[
    "off",
    "warn",
    "hard",
]
"""What becomes of an action beyond the cap.

`off`: Nothing is counted.
`warn`: It is counted, and the decision carries a warning.
`hard`: It is denied.
"""

BudgetUnit: TypeAlias = Literal[
    "calls",
    "tokens",
    "money",
]
"""What is counted.

`calls`: Actions.
`tokens`: Tokens of models.
`money`: Micro-units of a currency.
"""

BudgetWindowKind: TypeAlias = Literal[
    "fixed",
    "sliding",
]
"""How it moves.

`fixed`: Starts anew at each multiple of its length since 1970.
`sliding`: Ends now, always.
"""


class BudgetWindow(TypedDict):
    """A stretch of time."""

    kind: Required[BudgetWindowKind]
    """How it moves."""
    seconds: Required[int]
    """Its length."""


ScopeLevel: TypeAlias = Literal[
    "all",
    "organisation",
    "team",
    "agent",
    "principal",
    "run",
    "tool",
    "model",
    "key",
]
"""What a scope is about.

`all`: Everything.
`organisation`: An organisation.
`team`: A team.
`agent`: An agent, by its name or its DID.
`principal`: On whose behalf the agent acts.
`run`: A run.
`tool`: A tool, a prompt, or a resource, by its target.
`model`: A model.
`key`: A key of a caller, by its public id.
"""


class Scope(TypedDict):
    """A part of what the kernel decides on."""

    level: Required[ScopeLevel]
    """What a scope is about."""
    name: NotRequired[str]
    """The name; absent for the level all."""


class Budget(TypedDict):
    """How much a part of what the kernel decides on may use (docs/spec/budget.md)."""

    scope: Required[Scope]
    """Whose budget it is; the name * stands for each of the level on its own."""
    unit: Required[BudgetUnit]
    """What is counted."""
    currency: NotRequired[str]
    """The currency; of money only."""
    cap: Required[int]
    """How much may be used in the window, equality included: calls, tokens, or micro-units."""
    window: NotRequired[BudgetWindow]
    """The time that the cap is for; absent: for good."""
    mode: NotRequired[BudgetMode]
    """What becomes of an action beyond the cap; absent: hard."""
    default_cost: NotRequired[int]
    """What an action counts for whose cost is not known; absent: it is denied."""


class BudgetAccount(TypedDict):
    """Where a budget stands."""

    budget: Required[Budget]
    """The budget; its scope has a name of its own where the budget is one of each."""
    held: Required[int]
    """Reserved by calls that have not ended."""
    spent: Required[int]
    """Used in this window."""
    debt: Required[int]
    """What calls cost beyond their reservation and the cap."""
    left: Required[int]
    """What can still be reserved."""
    turns_in_ms: NotRequired[int]
    """Milliseconds until a fixed window starts anew."""


class BudgetPath(TypedDict):
    """Whose action it is: the names that budgets are looked up by. Each absent member has no budget."""

    run: NotRequired[str]
    """The run."""
    tool: NotRequired[str]
    """The target."""
    model: NotRequired[str]
    """The model."""
    key: NotRequired[str]
    """The public id of the caller's key."""
    agent: NotRequired[str]
    """The agent."""
    team: NotRequired[str]
    """The team."""
    organisation: NotRequired[str]
    """The organisation."""
    principal: NotRequired[str]
    """On whose behalf."""


BudgetStepKind: TypeAlias = Literal[
    "reserve",
    "settle",
    "release",
    "expire",
    "set",
    "remove",
    "advance",
    "turn_back",
]
"""What happens.

`reserve`: An action asks.
`settle`: It ended, and cost so much.
`release`: It did not start.
`expire`: Nobody knows what became of it.
`set`: The operator sets a budget.
`remove`: The operator removes one.
`advance`: Time passes.
`turn_back`: The clock is set back.
"""


class BudgetStep(TypedDict):
    """One thing that happens to budgets."""

    step: Required[BudgetStepKind]
    """What happens."""
    id: NotRequired[str]
    """The reservation."""
    path: NotRequired[BudgetPath]
    """Whose action it is: the names that budgets are looked up by. Each absent member has no budget."""
    kind: NotRequired[ActionKind]
    """Of reserve: the kind of action; absent: tool_call."""
    effect: NotRequired[Effect]
    """Of reserve: its effect; absent: irreversible."""
    tokens: NotRequired[int]
    """Of reserve: tokens at most. Of settle: tokens used; absent: all that were reserved."""
    amount: NotRequired[Amount]
    """Of reserve: money at most. Of settle: money spent; absent: all that was reserved."""
    budget: NotRequired[Budget]
    """Of set and remove: the budget."""
    ms: NotRequired[int]
    """Of advance and turn_back: how many milliseconds."""


BudgetHoldState: TypeAlias = Literal[
    "held",
    "settled",
    "released",
]
"""Where the reservation is.

`held`: It waits for its end.
`settled`: It was charged.
`released`: It was given back.
"""


class BudgetResult(TypedDict):
    """What came of a step."""

    ok: Required[bool]
    """Whether it was done."""
    code: NotRequired[ErrorCode]
    """Why not."""
    level: NotRequired[ScopeLevel]
    """The first level, from the leaf, that said no."""
    retry_after_ms: NotRequired[int]
    """After so many milliseconds the same step may be done."""
    state: NotRequired[BudgetHoldState]
    """Where the reservation is."""
    warnings: NotRequired[Sequence[ScopeLevel]]
    """Budgets in mode warn that it is beyond."""


class BundleBody(TypedDict):
    """A disclosed value and the key of its commitment."""

    key: Required[str]
    """The key of the commitment."""
    value: Required[JsonValue]
    """The disclosed value."""


class BundleBodies(TypedDict):
    """Disclosed bodies."""

    args: NotRequired[BundleBody]
    """The arguments."""
    result: NotRequired[BundleBody]
    """The result."""


class Bundle(TypedDict):
    """A receipt with the proof that it is in a log; carries no trust of its own."""

    typ: Required[Literal["talos.bundle/1"]]
    """Contract and major version."""
    envelope: Required[Envelope]
    """The receipt's envelope, as it was delivered."""
    tlog_proof: Required[str]
    """Inclusion proof and checkpoint (C2SP tlog-proof), as text."""
    bodies: NotRequired[BundleBodies]
    """Disclosed bodies."""


class Checkpoint(TypedDict):
    """A signed statement about the whole log (C2SP tlog-checkpoint)."""

    origin: Required[str]
    """The name of a log: the first line of its checkpoints."""
    size: Required[Size]
    """A number of leaves: an integer, or in decimal digits up to 2^64-1."""
    root: Required[str]
    """Root of the tree of that size."""
    note: NotRequired[str]
    """The signed note as text, signatures included."""


class ClientSession(TypedDict):
    """A session of a client, as it is shown (docs/spec/client.md)."""

    peer: Required[str]
    """The other side."""
    sid: Required[str]
    """Its name."""
    suite: Required[int]
    """Its suite."""
    initiator: Required[bool]
    """Whether this side began it."""
    answered: Required[bool]
    """Whether the other side is known to have it."""
    retired: Required[bool]
    """Whether it seals no more."""
    current: Required[bool]
    """Whether it is the one to send on."""


ClientBegan: TypeAlias = Literal[
    "first",
    "renewed",
    "fresh",
]
"""Where it began the session: what is known of the peer.

`first`: There was no answered session with it.
`renewed`: It renewed one.
`fresh`: There was one, and this does not follow from it.
"""


class ClientMessage(TypedDict):
    """A message that was opened."""

    peer: Required[str]
    """Who sealed it."""
    data: Required[str]
    """The message."""
    message_hash: Required[str]
    """SHA-256 of the message."""
    frame_hash: Required[str]
    """The hash of its frame, which its receipt names."""
    sid: Required[str]
    """The session."""
    received: Required[int]
    """When it was opened."""
    receipt_id: NotRequired[str]
    """The receipt of its arrival."""
    began: NotRequired[ClientBegan]
    """Where it began the session: what is known of the peer."""


class ClientFrame(TypedDict):
    """A frame that waits to be carried to a peer."""

    id: Required[str]
    """SHA-256 of the bytes."""
    peer: Required[str]
    """To whom."""
    bytes: Required[str]
    """A frame or a container."""


class SessionOpening(TypedDict):
    """What discloses one message of a session, and no other."""

    frame: Required[str]
    """The frame."""
    transcript_hash: Required[str]
    """th of its session."""
    message_key: Required[str]
    """mk."""


Verdict: TypeAlias = Literal[
    "allow",
    "transform",
    "needs_approval",
    "deny",
]
"""The answer to an action, in rising order of weight.

`allow`: The action may run.
`transform`: The action may run with changed arguments.
`needs_approval`: The action may run once a person approves it.
`deny`: The action may not run.
"""

Event: TypeAlias = Literal[
    "TOOL_CALL_BLOCKED",
    "POLICY_VIOLATION",
    "DRIFT_DETECTED",
]
"""An audit event that a code raises.

`TOOL_CALL_BLOCKED`: A tool call was not allowed.
`POLICY_VIOLATION`: A rule of the policy was broken.
`DRIFT_DETECTED`: Confidence fell below the threshold.
"""

OutcomeStatus: TypeAlias = Literal[
    "ok",
    "error",
    "cancelled",
    "unknown",
]
"""How an action ended.

`ok`: It ended well.
`error`: It ended with an error.
`cancelled`: It was cancelled.
`unknown`: Nobody knows how it ended.
"""

PermitState: TypeAlias = Literal[
    "pending",
    "issued",
    "started",
    "settled",
    "expired",
    "released",
]
"""Where a permit is in its life.

`pending`: Waits for an approval.
`issued`: May be started once.
`started`: The action runs.
`settled`: The outcome is known.
`expired`: Was not started or settled in time.
`released`: Was given back unused.
"""

SignMode: TypeAlias = Literal[
    "self",
    "log",
]
"""Who vouches for a receipt.

`self`: The receipt has a signature of its own.
`log`: The receipt counts only together with its inclusion in a signed checkpoint.
"""

JsonProfile: TypeAlias = Literal[
    "talos",
    "talos-data",
    "rfc8785",
]
"""Which rules a JSON text has to keep.

`talos`: Contract bodies: integers only, names of [a-z0-9_].
`talos-data`: User data: any names, numbers that survive the canonical form.
`rfc8785`: RFC 8785 and nothing more.
"""

PolicyFormat: TypeAlias = Literal[
    "yaml",
    "toml",
    "json",
]
"""The format of a policy text.

`yaml`: YAML.
`toml`: TOML.
`json`: JSON.
"""


class PolicyFile(TypedDict):
    """A file that a policy includes."""

    path: Required[str]
    """Its path, as the policy names it; for a file that an included file names, from the policy on."""
    text: Required[str]
    """What is in it."""


KeyType: TypeAlias = Literal[
    "ed25519",
    "x25519",
]
"""The type of a key in a did:key.

`ed25519`: Ed25519, for signatures.
`x25519`: X25519, for agreement.
"""


class StandingHold(TypedDict):
    """A scope that is held."""

    scope: Required[Scope]
    """A part of what the kernel decides on."""
    why: NotRequired[str]
    """A note of whoever turned it."""


class NotifyWebhook(TypedDict):
    """A URL that the notice is posted to."""

    url: Required[str]
    """The URL: https, or http with allow_private."""
    secret_file: NotRequired[str]
    """File, relative to this one, with the secret that signs notices (Standard Webhooks): whsec_ and base64;
    absent: not signed.
    """
    allow_private: NotRequired[bool]
    """Whether the host may have an address that is not public; absent: false."""
    codes: NotRequired[bool]
    """Whether one-time codes go with it; absent: false."""


class ConfigurationNotify(TypedDict):
    """Who is told of a new request for approval (docs/spec/approval.md, section 8); absent: nobody."""

    command: NotRequired[Sequence[str]]
    """A program and its arguments, run without a shell with the notice on its standard input."""
    webhook: NotRequired[NotifyWebhook]
    """A URL that the notice is posted to."""


class Configuration(TypedDict):
    """The file talos.toml."""

    origin: Required[str]
    """The name of a log: the first line of its checkpoints."""
    policy: NotRequired[str]
    """Path of the policy file, relative to this one."""
    cedar: NotRequired[Sequence[str]]
    """Paths of files with Cedar policies, relative to this one; they have to allow, too."""
    tools: NotRequired[str]
    """Path of the file with the tools' definitions that the Cedar policies are validated against; absent: the
    policy's with the extension tools.json, if there is one.
    """
    sign_reads: NotRequired[SignMode]
    """Who vouches for receipts of reads; absent: self."""
    permit_seconds: NotRequired[int]
    """How long a permit may wait for its start, in seconds; absent: 60."""
    store_bodies: NotRequired[bool]
    """Whether arguments and results are kept, so that they can be disclosed; absent: false."""
    mailbox: NotRequired[str]
    """The base URL of the mailbox by which the agents of this directory reach others; absent: none."""
    organisation: NotRequired[str]
    """The organisation that the agents of this directory belong to."""
    team: NotRequired[str]
    """The team that the agents of this directory belong to."""
    notify: NotRequired[ConfigurationNotify]
    """Who is told of a new request for approval (docs/spec/approval.md, section 8); absent: nobody."""


class DecisionReason(TypedDict):
    """One reason of a decision."""

    code: Required[ErrorCode]
    """A code of the error registry."""
    stage: Required[int]
    """The pipeline stage that found it."""
    message: Required[str]
    """A sentence for people."""
    rule: NotRequired[str]
    """The rule of the policy that was hit."""
    event: NotRequired[Event]
    """An audit event that a code raises."""


class DecisionShadow(TypedDict):
    """What the policy in shadow mode would have decided."""

    policy: Required[PolicyRef]
    """Which policy decided."""
    verdict: Required[Verdict]
    """The answer to an action, in rising order of weight."""
    reasons: Required[Sequence[DecisionReason]]
    """Why, sorted by stage and code."""


class Decision(TypedDict):
    """The answer to an action."""

    decision_id: Required[str]
    """The id of this decision, valid before its receipt is durable."""
    call: Required[str]
    """The id of a call within its run, made by the connector."""
    verdict: Required[Verdict]
    """The answer to an action, in rising order of weight."""
    effect: Required[Effect]
    """The effect that was decided on."""
    reasons: Required[Sequence[DecisionReason]]
    """Why, sorted by stage and code."""
    warnings: NotRequired[Sequence[str]]
    """What was noticed and did not change the verdict."""
    policy: Required[PolicyRef]
    """Which policy decided."""
    permit: NotRequired[PermitState]
    """State of the call's permit; absent when there is none."""
    approval: NotRequired[str]
    """Id of the approval that is waited for or was redeemed."""
    observed: NotRequired[Verdict]
    """The verdict that a policy in mode observe would have given, where it allowed the action all the same.
    """
    shadow: NotRequired[DecisionShadow]
    """What the policy in shadow mode would have decided."""
    retry_after_ms: NotRequired[int]
    """After so many milliseconds the same action may be allowed: where a rate or a budget's window denied it.
    """
    receipt_id: NotRequired[str]
    """Id of the decision's receipt, once it is durable."""
    index: NotRequired[int]
    """Leaf index of the receipt in the log, once it is durable."""


class Problem(TypedDict):
    """An error as a problem document (RFC 9457)."""

    type: Required[str]
    """urn:talos:error: and the code."""
    title: Required[str]
    """The public sentence of the code."""
    status: Required[int]
    """HTTP status; 202 where the action waits for people."""
    code: Required[ErrorCode]
    """A code of the error registry."""
    detail: Required[str]
    """What was got and what was expected."""
    retryable: Required[bool]
    """Whether the same request can succeed later."""
    offset: NotRequired[int]
    """Byte offset of the mistake in the text that was sent."""
    suggestion: NotRequired[str]
    """The nearest thing that would have been accepted."""
    receipt_id: NotRequired[str]
    """Id of the receipt that is evidence of the refusal, where there is one."""
    approval: NotRequired[str]
    """Id of the request for approval that the action waits for."""


MailboxMethod: TypeAlias = Literal[
    "GET",
    "PUT",
    "POST",
    "DELETE",
]
"""The method of an HTTP request.

`GET`: Reads.
`PUT`: Replaces.
`POST`: Adds.
`DELETE`: Erases.
"""


class MailboxRequest(TypedDict):
    """Who makes one HTTP request to a mailbox, signed by the agent (docs/spec/mailbox.md)."""

    typ: Required[Literal["talos.mailbox_request/1"]]
    """Contract and major version."""
    iss: Required[str]
    """DID URL of the agent's key that signs."""
    mailbox: Required[str]
    """The base URL of the mailbox that is meant, without a slash at its end."""
    method: Required[MailboxMethod]
    """The method of an HTTP request."""
    path: Required[str]
    """The path with its query, as it is sent."""
    body: Required[str]
    """SHA-256 of the body; of no bytes where there is none."""
    iat: Required[int]
    """When."""
    nonce: Required[str]
    """Sixteen random bytes."""


class MailboxStatus(TypedDict):
    """What a mailbox tells an agent of its own (docs/spec/mailbox.md)."""

    one_time_keys: Required[int]
    """How many one-time keys it can still give away."""
    low: Required[bool]
    """Whether that is less than the low-water mark: time to publish more."""
    frames: Required[int]
    """Frames that wait."""
    bytes: Required[int]
    """Their bytes."""
    bundle_expires: NotRequired[int]
    """When the published bundle ends; absent: there is none."""


class MailboxBundle(TypedDict):
    """What somebody needs to begin a session with an agent."""

    bundle: Required[Envelope]
    """The prekey bundle."""
    one_time_key: NotRequired[Envelope]
    """A one-time key, given to nobody else; absent: none is left, or this requester had its share."""


class MailboxKeys(TypedDict):
    """One-time keys to publish."""

    keys: Required[Sequence[Envelope]]
    """The keys."""


class MailboxPosted(TypedDict):
    """A frame that is kept until it is fetched or expires."""

    id: Required[str]
    """SHA-256 of the bytes."""
    expires: Required[int]
    """When the mailbox erases it."""


class MailboxFrame(TypedDict):
    """A frame that waits."""

    seq: Required[int]
    """Its place in the queue of this agent: rises, and is never given twice."""
    id: Required[str]
    """SHA-256 of the bytes."""
    sender: Required[str]
    """Who posted it. The session says who sealed it."""
    received: Required[int]
    """When the mailbox took it."""
    expires: Required[int]
    """When the mailbox erases it."""
    bytes: Required[str]
    """A frame or a container, as it was posted: base64url without padding, up to 17 MiB."""


class MailboxFrames(TypedDict):
    """Frames that wait, oldest first."""

    frames: Required[Sequence[MailboxFrame]]
    """The frames."""
    more: Required[bool]
    """Whether more wait."""


class MailboxAck(TypedDict):
    """Frames that are kept elsewhere now and may be erased."""

    seqs: Required[Sequence[int]]
    """Their places."""


class MailboxAcked(TypedDict):
    """What was erased."""

    erased: Required[int]
    """How many."""


class OneTimeKey(TypedDict):
    """Keys for one handshake, signed one by one so that nobody can put others in their place
    (docs/spec/session.md).
    """

    typ: Required[Literal["talos.one_time_key/1"]]
    """Contract and major version."""
    iss: Required[str]
    """DID URL of the owner's key that signs."""
    id: Required[str]
    """Its id; never given to another key."""
    x25519: Required[str]
    """The X25519 key."""
    mlkem768: NotRequired[str]
    """The ML-KEM-768 encapsulation key; absent: the bundle's is used."""
    iat: Required[int]
    """From when it is valid."""
    exp: Required[int]
    """When it ends: at most 30 days after iat."""


class Outcome(TypedDict):
    """How an action ended: the input of a settlement."""

    status: Required[OutcomeStatus]
    """How an action ended."""
    result: NotRequired[JsonValue]
    """The result, any JSON value of profile talos-data."""
    tokens: NotRequired[int]
    """Tokens that were used."""
    amount: NotRequired[Amount]
    """Money that was spent."""
    confidence_bp: NotRequired[int]
    """Confidence in the result, in basis points."""
    session: NotRequired[SessionRef]
    """The session and the frame that carried it away."""


class Permit(TypedDict):
    """The right to run one action once."""

    run: Required[str]
    """The run of the call."""
    call: Required[str]
    """The id of a call within its run, made by the connector."""
    state: Required[PermitState]
    """Where a permit is in its life."""
    effect: Required[Effect]
    """What an action does to the world, from harmless to final."""
    expires_at: Required[int]
    """When the permit expires, in milliseconds since 1970."""


class PolicyOnlyFor(TypedDict):
    """Whom a rule is for: each member that is there has to name the agent's."""

    organisations: NotRequired[Sequence[str]]
    """Names of organisations."""
    teams: NotRequired[Sequence[str]]
    """Names of teams."""
    agents: NotRequired[Sequence[str]]
    """Names or DIDs of agents."""
    principals: NotRequired[Sequence[str]]
    """Names of principals."""
    runs: NotRequired[Sequence[str]]
    """Ids of runs."""


class PolicyApproval(TypedDict):
    """What needs approval, and whose."""

    id: Required[str]
    """The name of the rule, as reasons show it."""
    tools: NotRequired[Sequence[str]]
    """Names of tools that the rule is for; absent: all."""
    effects: NotRequired[Sequence[Effect]]
    """Effects that the rule is for; absent: all."""
    only_for: NotRequired[PolicyOnlyFor]
    """Whom the rule is for; absent: everybody. Who is not known is meant, too."""
    above: NotRequired[Amount]
    """Only what spends more than this, or an unknown amount; absent: whatever it spends."""
    approvers: NotRequired[Sequence[str]]
    """Names of those who may approve; absent: all approvers of the policy."""
    quorum: NotRequired[int]
    """How many different people have to approve; absent: 1."""
    expires_seconds: NotRequired[int]
    """How long the request waits; absent: 900."""


class PolicyApprover(TypedDict):
    """A person who may approve."""

    name: Required[str]
    """The name."""
    key: NotRequired[str]
    """The key that signs the grants; absent: a one-time code is sent."""


class PolicyEgress(TypedDict):
    """Where URLs in the arguments may lead."""

    hosts: Required[Sequence[str]]
    """Hosts: exact, or *. and a domain for all hosts below it."""
    schemes: NotRequired[Sequence[str]]
    """Schemes; absent: https."""
    ports: NotRequired[Sequence[int]]
    """Ports; absent: the scheme's own."""
    allow_private: NotRequired[bool]
    """Whether an address that is loopback, private, link-local or reserved is allowed; absent: false."""


class PolicyInclude(TypedDict):
    """A file whose rules are added."""

    file: Required[str]
    """Its path, relative to this file."""
    hash: Required[str]
    """The policy hash of that file."""


class PolicyMaxAmount(TypedDict):
    """A limit of money."""

    currency: Required[str]
    """ISO 4217 code of a currency."""
    per_call_micro: NotRequired[int]
    """The most that one call may spend, in micro-units."""
    per_run_micro: NotRequired[int]
    """The most that one run may spend, in micro-units."""


PolicyMode: TypeAlias = Literal[
    "enforce",
    "shadow",
    "observe",
]
"""What the policy's denials lead to; absent: enforce.

`enforce`: What is denied does not run.
`shadow`: Nothing; the policy is decided on beside another one, and recorded.
`observe`: Nothing; what would have been denied runs, and its receipt says so.
"""

PolicyOnDrift: TypeAlias = Literal[
    "flag",
    "needs_approval",
    "stop",
]
"""What a result below the threshold leads to.

`flag`: The outcome is flagged.
`needs_approval`: What follows needs approval.
`stop`: The run is stopped.
"""

PolicyPatternKind: TypeAlias = Literal[
    "substring",
    "regex",
    "glob",
]
"""How the pattern is matched.

`substring`: Anywhere in the string.
`regex`: A regular expression, anywhere in the string.
`glob`: The whole string; ** crosses separators.
"""


class PolicyPattern(TypedDict):
    """A pattern that is blocked."""

    id: NotRequired[str]
    """The name of the pattern, as reasons show it."""
    kind: Required[PolicyPatternKind]
    """How the pattern is matched."""
    pattern: Required[str]
    """The pattern."""
    case_sensitive: NotRequired[bool]
    """Whether case counts; absent: only for regex and glob."""
    only_for: NotRequired[PolicyOnlyFor]
    """Whom the pattern is for; absent: everybody. Who is not known is meant, too."""


PolicyRateBy: TypeAlias = Literal[
    "run",
    "tool",
    "agent",
    "principal",
    "team",
    "organisation",
    "all",
]
"""What is counted apart; absent: run.

`run`: Each run.
`tool`: Each tool.
`agent`: Each agent.
`principal`: Each principal.
`team`: Each team.
`organisation`: Each organisation.
`all`: All together.
"""


class PolicyRate(TypedDict):
    """How often actions may happen (GCRA)."""

    id: Required[str]
    """The name of the rate, as reasons show it."""
    tools: NotRequired[Sequence[str]]
    """Names of tools that the rate is for; absent: all."""
    effects: NotRequired[Sequence[Effect]]
    """Effects that the rate is for; absent: all."""
    only_for: NotRequired[PolicyOnlyFor]
    """Whom the rate is for; absent: everybody. Who is not known is meant, too."""
    calls: Required[int]
    """So many calls."""
    per_seconds: Required[int]
    """In so many seconds."""
    burst: NotRequired[int]
    """So many at once; absent: calls."""
    by: NotRequired[PolicyRateBy]
    """What is counted apart; absent: run."""


class PolicyResource(TypedDict):
    """A resource that may be read."""

    uri: Required[str]
    """A glob of the URI."""
    effect: NotRequired[Effect]
    """What reading it does; absent: read."""


PolicyResourceItem: TypeAlias = str | PolicyResource
"""A resource by a glob of its URI, or a rule for it."""


class PolicyAmountArgs(TypedDict):
    """Where the arguments say how much is spent."""

    amount_arg: Required[str]
    """Argument that holds the amount in micro-units."""
    currency_arg: NotRequired[str]
    """Argument that holds the currency."""


PolicyArgumentDialect: TypeAlias = Literal[
    "generic",
    "postgres",
    "mysql",
    "sqlite",
]
"""The dialect; absent: generic.

`generic`: What most databases share.
`postgres`: PostgreSQL.
`mysql`: MySQL.
`sqlite`: SQLite.
"""

PolicyArgumentKind: TypeAlias = Literal[
    "url",
    "path",
    "sql",
    "shell",
    "email",
    "money",
    "date",
    "number",
    "string",
    "boolean",
]
"""What the argument is.

`url`: A URL (WHATWG).
`path`: A path of a file or directory.
`sql`: SQL statements.
`shell`: A command line of a POSIX shell, or the words of a command.
`email`: An e-mail address.
`money`: A sum of money.
`date`: A date, or date and time (RFC 3339).
`number`: A number.
`string`: A string.
`boolean`: True or false.
"""

PolicyArgumentLinks: TypeAlias = Literal[
    "resolve",
    "lexical",
]
"""How symbolic links are seen; absent: resolve.

`resolve`: The host resolves them; where it cannot, the path is denied.
`lexical`: They are not: for paths that are not of this machine.
"""

SqlStatement: TypeAlias = Literal[
    "select",
    "insert",
    "update",
    "delete",
    "create",
    "alter",
    "drop",
    "transaction",
]
"""A kind of SQL statement.

`select`: Reads.
`insert`: Adds rows.
`update`: Changes rows.
`delete`: Deletes rows.
`create`: Makes tables, views and the like.
`alter`: Changes them.
`drop`: Drops them.
`transaction`: Begins, commits and rolls back.
"""


class PolicyArgument(TypedDict):
    """What an argument has to be."""

    arg: Required[str]
    """JSON pointer to the argument; a step * stands for each item of an array, which has at least one."""
    kind: Required[PolicyArgumentKind]
    """What the argument is."""
    id: NotRequired[str]
    """The name of the rule, as reasons show it; absent: tool and pointer."""
    may_be_absent: NotRequired[bool]
    """Whether the argument may be left out; absent: false."""
    schemes: NotRequired[Sequence[str]]
    """Schemes; absent: https."""
    hosts: NotRequired[Sequence[str]]
    """Hosts: exact, or *. and a domain for all hosts below it."""
    ports: NotRequired[Sequence[int]]
    """Ports; absent: the scheme's own."""
    paths: NotRequired[Sequence[str]]
    """Globs of the URL's path; absent: any."""
    allow_private: NotRequired[bool]
    """Whether an address that is loopback, private, link-local or reserved is allowed; absent: false."""
    under: NotRequired[Sequence[str]]
    """Directories, one of which the path has to be in."""
    base: NotRequired[str]
    """The directory that a relative path starts from; absent: relative paths are denied."""
    denied: NotRequired[Sequence[str]]
    """Globs that no part of the way below the directory may match."""
    extensions: NotRequired[Sequence[str]]
    """Extensions of the file, without the dot; absent: any."""
    links: NotRequired[PolicyArgumentLinks]
    """How symbolic links are seen; absent: resolve."""
    statements: NotRequired[Sequence[SqlStatement]]
    """Kinds of statements; absent: select."""
    tables: NotRequired[Sequence[str]]
    """Tables, as schema.table or table; absent: any."""
    functions: NotRequired[Sequence[str]]
    """Functions beside the harmless built-in ones."""
    dialect: NotRequired[PolicyArgumentDialect]
    """The dialect; absent: generic."""
    max_statements: NotRequired[int]
    """How many statements at most; absent: 1."""
    commands: NotRequired[Sequence[str]]
    """Commands, as the words that a call has to begin with: git status."""
    denied_words: NotRequired[Sequence[str]]
    """Globs that no word after those of the command may match."""
    pipes: NotRequired[bool]
    """Whether commands may be joined by pipes; absent: false."""
    as_array: NotRequired[bool]
    """Whether the command is an array of its words, for a tool that runs it without a shell; absent: false,
    and an array is denied.
    """
    addresses: NotRequired[Sequence[str]]
    """Whole addresses."""
    domains: NotRequired[Sequence[str]]
    """Domains: exact, or *. and a domain for all below it."""
    currency: NotRequired[str]
    """ISO 4217 code of a currency."""
    currency_arg: NotRequired[str]
    """JSON pointer to the argument that holds the currency."""
    min_micro: NotRequired[int]
    """The least sum."""
    max_micro: NotRequired[int]
    """The largest sum."""
    unit_micro: NotRequired[int]
    """How many micro-units one unit of the argument is: 1000000 for whole units, 10000 for cents; absent: 1.
    """
    as_string: NotRequired[bool]
    """Whether the number is written as a string; absent: false, and a string is denied."""
    earliest: NotRequired[str]
    """The first date."""
    latest: NotRequired[str]
    """The last date."""
    ahead_days: NotRequired[int]
    """How many days ahead of now at most."""
    back_days: NotRequired[int]
    """How many days before now at most."""
    min: NotRequired[int]
    """The smallest number."""
    max: NotRequired[int]
    """The largest number."""
    fractions: NotRequired[bool]
    """Whether the number may have a fraction; absent: false."""
    one_of: NotRequired[Sequence[str]]
    """The strings that are allowed."""
    glob: NotRequired[str]
    """A glob that the whole string has to match."""
    regex: NotRequired[str]
    """A regular expression that the whole string has to match."""
    max_chars: NotRequired[int]
    """Characters at most."""
    value: NotRequired[bool]
    """The value that is allowed; absent: both."""


class PolicyTool(TypedDict):
    """A tool that may be called."""

    name: Required[str]
    """The exact name of the tool."""
    effect: NotRequired[Effect]
    """What the tool does; absent: irreversible."""
    tool_hash: NotRequired[str]
    """Hash of the tool's description and schema when it was approved."""
    only_for: NotRequired[PolicyOnlyFor]
    """Whom the tool is allowed; absent: everybody."""
    args: NotRequired[Sequence[PolicyArgument]]
    """What the arguments have to be."""
    no_other_args: NotRequired[bool]
    """Whether an argument at the top level that args does not name is denied; absent: false."""
    max_amount: NotRequired[PolicyMaxAmount]
    """The most money of this tool's calls."""
    amount: NotRequired[PolicyAmountArgs]
    """Where the arguments say how much is spent."""
    consent_required: NotRequired[bool]
    """Whether a call needs the stated consent of the principal; absent: false."""
    kyc_required: NotRequired[bool]
    """Whether a call needs a principal whose identity was checked; absent: false."""
    description: NotRequired[str]
    """A note of the operator."""


PolicyToolItem: TypeAlias = str | PolicyTool
"""A tool by its name, or a rule for it."""


class Policy(TypedDict):
    """What an agent may do. Denies what it does not allow."""

    typ: NotRequired[Literal["talos.policy/1"]]
    """Contract and major version; may be left out of a file."""
    version: NotRequired[Literal[1]]
    """Major version; may be left out of a file."""
    id: Required[str]
    """The name of the policy, as receipts show it."""
    description: NotRequired[str]
    """What the policy is for."""
    mode: NotRequired[PolicyMode]
    """What the policy's denials lead to; absent: enforce."""
    includes: NotRequired[Sequence[PolicyInclude]]
    """Files whose rules are added to these, each pinned by its hash."""
    allowed_tools: NotRequired[Sequence[PolicyToolItem]]
    """The tools that may be called; absent: none, "*": all."""
    blocked_patterns: NotRequired[Sequence[PolicyPattern]]
    """Patterns that no string of the arguments may match."""
    redact: NotRequired[Sequence[PolicyPattern]]
    """Patterns that a viewer hides: a string that one of them matches is not shown."""
    allowed_resources: NotRequired[Sequence[PolicyResourceItem]]
    """The resources that may be read; absent: none."""
    allowed_prompts: NotRequired[Sequence[str]]
    """The prompts that may be used; absent: none."""
    allowed_peers: NotRequired[Sequence[str]]
    """The agents with whom messages may be exchanged; absent: none."""
    max_tool_calls_per_request: NotRequired[int]
    """The most tool calls of one run."""
    max_tokens_per_request: NotRequired[int]
    """The most tokens of one run."""
    max_amount: NotRequired[PolicyMaxAmount]
    """The most money of one call and of one run."""
    consent_required: NotRequired[bool]
    """Whether an action that spends or is irreversible needs the stated consent of the principal; absent:
    false.
    """
    kyc_required: NotRequired[bool]
    """Whether an action that spends or is irreversible needs a principal whose identity was checked; absent:
    false.
    """
    egress: NotRequired[PolicyEgress]
    """Where URLs in the arguments may lead; absent: anywhere."""
    rates: NotRequired[Sequence[PolicyRate]]
    """How often actions may happen."""
    approvers: NotRequired[Sequence[PolicyApprover]]
    """The people who may approve."""
    approvals: NotRequired[Sequence[PolicyApproval]]
    """What needs the approval of people."""
    confidence_threshold_bp: NotRequired[int]
    """Least confidence of a result, in basis points."""
    on_drift: NotRequired[PolicyOnDrift]
    """What a result below the threshold leads to."""


class PolicyExpectation(TypedDict):
    """What is expected; what is absent may be anything."""

    verdict: Required[Verdict]
    """The answer to an action, in rising order of weight."""
    effect: NotRequired[Effect]
    """The effect that is decided on."""
    reasons: NotRequired[Sequence[ErrorCode]]
    """The codes of all reasons, each once, in any order."""
    asks: NotRequired[Sequence[str]]
    """The approval rules that ask, in any order."""
    rates: NotRequired[Sequence[str]]
    """The rates that have to be kept, in any order."""


class PolicyLink(TypedDict):
    """A symbolic link."""

    path: Required[str]
    """Where the link is."""
    real: NotRequired[str]
    """Where it leads, as an absolute path; absent: it cannot be followed."""


class PolicyState(TypedDict):
    """What a run has used so far, and what its host knows."""

    tool_calls_admitted: NotRequired[int]
    """Calls that ended or expired."""
    tool_calls_in_flight: NotRequired[int]
    """Calls whose permit is open."""
    tokens_reserved: NotRequired[int]
    """Tokens that are reserved or used."""
    spent_micro: NotRequired[int]
    """Money that is reserved or spent."""
    now_ms: NotRequired[int]
    """The time in milliseconds since 1970; absent: not known."""
    real_paths: NotRequired[Sequence[PolicyLink]]
    """The symbolic links that there are; absent: nobody can follow links."""


class PolicySubject(TypedDict):
    """Whose action it is; what is absent is not known."""

    organisation: NotRequired[str]
    """The name of the organisation that the agent belongs to."""
    team: NotRequired[str]
    """The name of the team that the agent belongs to."""
    agent: NotRequired[str]
    """The name of the agent."""
    actor: NotRequired[str]
    """The DID that acts."""
    run: NotRequired[str]
    """The run."""


class PolicyCase(TypedDict):
    """An action, and what the policy is expected to say to it."""

    name: Required[str]
    """What the case shows."""
    action: Required[Action]
    """The action."""
    state: NotRequired[PolicyState]
    """What the run has used so far; absent: nothing."""
    subject: NotRequired[PolicySubject]
    """Whose action it is; absent: not known."""
    expect: Required[PolicyExpectation]
    """What is expected; what is absent may be anything."""


class PolicyTest(TypedDict):
    """What a policy is expected to say, case by case."""

    typ: NotRequired[Literal["talos.policy_test/1"]]
    """Contract and major version; may be left out of a file."""
    version: NotRequired[Literal[1]]
    """Major version; may be left out of a file."""
    description: NotRequired[str]
    """What the cases are about."""
    cases: Required[Sequence[PolicyCase]]
    """The cases."""


class KemPrekey(TypedDict):
    """An ML-KEM-768 prekey."""

    id: Required[str]
    """Its id; never given to another key."""
    key: Required[str]
    """The ML-KEM-768 encapsulation key."""


class SignedPrekey(TypedDict):
    """An X25519 prekey."""

    id: Required[str]
    """Its id; never given to another key."""
    key: Required[str]
    """The X25519 key."""


class PrekeyBundle(TypedDict):
    """Keys with which anybody can begin a session with an agent that is away (docs/spec/session.md)."""

    typ: Required[Literal["talos.prekey_bundle/1"]]
    """Contract and major version."""
    iss: Required[str]
    """DID URL of the owner's key that signs."""
    agree: Required[str]
    """The X25519 key that agrees on sessions."""
    suites: Required[Sequence[int]]
    """The suites that the owner accepts, best first, each once; 1 is X25519, 2 is X25519 and ML-KEM-768. Both
    are experimental.
    """
    spk: Required[SignedPrekey]
    """The signed prekey."""
    pq: NotRequired[KemPrekey]
    """The ML-KEM-768 key of last resort: present if and only if suites has 2."""
    iat: Required[int]
    """From when it is valid."""
    exp: Required[int]
    """When it ends: at most 14 days after iat."""


TokenEncoding: TypeAlias = Literal[
    "cl100k",
    "o200k",
]
"""The vocabulary that its tokens are counted in; absent: not public, so bytes are counted.

`cl100k`: cl100k_base.
`o200k`: o200k_base.
"""


class Price(TypedDict):
    """What a model costs."""

    model: Required[str]
    """The model, as actions name it."""
    currency: Required[str]
    """ISO 4217 code of a currency."""
    input_micro: Required[int]
    """Micro-units for a million input tokens, at the dearest tier."""
    output_micro: Required[int]
    """Micro-units for a million output tokens, at the dearest tier."""
    max_output: NotRequired[int]
    """Output tokens of one answer at most, as the maker says; absent: not known."""
    encoding: NotRequired[TokenEncoding]
    """The vocabulary that its tokens are counted in; absent: not public, so bytes are counted."""
    source: Required[str]
    """Where the price is published."""
    date: Required[str]
    """The day for which the price is known to have been so."""


class PriceCatalogue(TypedDict):
    """What models cost, as their makers publish it (docs/spec/budget.md)."""

    prices: Required[Sequence[Price]]
    """One entry a model and currency; a later one replaces an earlier one."""


Durability: TypeAlias = Literal[
    "before_release",
    "after_release",
]
"""Whether the action was released before its receipt was durable.

`before_release`: Durable before the action was released.
`after_release`: Released first; for reads only.
"""


class ReceiptAction(TypedDict):
    """What was decided on."""

    kind: Required[ActionKind]
    """What kind of thing the agent wants to do."""
    target: Required[str]
    """What the action is aimed at: a tool's name, a resource's URI, a URL."""
    effect: Required[Effect]
    """What an action does to the world, from harmless to final."""
    tool_hash: NotRequired[str]
    """Hash of the tool's description and schema."""
    args_commit: Required[str]
    """Commitment to the arguments."""


class ReceiptBudget(TypedDict):
    """What was reserved or spent."""

    tokens: NotRequired[int]
    """A number of model tokens."""
    amount_micro: NotRequired[int]
    """Money in millionths of the currency's unit."""
    currency: NotRequired[str]
    """ISO 4217 code of a currency."""


ReceiptKind: TypeAlias = Literal[
    "open",
    "decision",
    "start",
    "outcome",
    "release",
    "gap",
    "standing",
    "policy",
    "heartbeat",
    "close",
]
"""What the receipt is evidence of.

`open`: A chain begins.
`decision`: An action was decided on.
`start`: An action was started.
`outcome`: An action ended.
`release`: A permit was given back unused.
`gap`: Permits of an earlier chain whose outcome nobody knows.
`standing`: The kill switch or a suspension was turned.
`policy`: Another policy came into force.
`heartbeat`: The chain is alive.
`close`: The chain ends.
"""


class ReceiptOutcome(TypedDict):
    """How the action ended."""

    status: Required[OutcomeStatus]
    """How an action ended."""
    result_commit: NotRequired[str]
    """Commitment to the result."""


class ReceiptPermit(TypedDict):
    """A permit without an outcome."""

    call: Required[str]
    """The id of a call within its run, made by the connector."""
    ref: Required[str]
    """Id of the decision's receipt."""


class ReceiptShadow(TypedDict):
    """What the policy in shadow mode would have decided."""

    policy: Required[PolicyRef]
    """Which policy decided."""
    verdict: Required[Verdict]
    """The answer to an action, in rising order of weight."""
    reasons: Required[Sequence[str]]
    """Reason codes, sorted by stage and code."""


class ReceiptStanding(TypedDict):
    """What was turned."""

    scope: Required[Scope]
    """A part of what the kernel decides on."""
    held: Required[bool]
    """Whether the scope is held from now on: nothing is allowed in it, nothing starts."""
    why: NotRequired[str]
    """A note of whoever turned it."""


class Receipt(TypedDict):
    """Signed evidence of one step of one action (docs/spec/receipt.md)."""

    typ: Required[Literal["talos.receipt/1"]]
    """Contract and major version."""
    iss: Required[str]
    """DID URL of the signing key."""
    log: Required[str]
    """Origin of the log that holds the receipt."""
    chain: Required[str]
    """Id of the chain: sixteen random bytes."""
    seq: Required[int]
    """Place in the chain, from zero."""
    iat: Required[int]
    """When the receipt was issued, in milliseconds since 1970; a claim of the issuer."""
    kind: Required[ReceiptKind]
    """What the receipt is evidence of."""
    run: Required[str]
    """The run that the chain belongs to."""
    actor: Required[str]
    """The agent."""
    sign: Required[SignMode]
    """Who vouches for a receipt."""
    dur: Required[Durability]
    """Whether the action was released before its receipt was durable."""
    salt: Required[str]
    """Sixteen random bytes that blind the leaf."""
    prev: NotRequired[str]
    """Id of the receipt before; absent at seq 0."""
    boot: NotRequired[str]
    """Id of the writer's boot."""
    predecessor: NotRequired[str]
    """Last durable receipt of the run's chain before."""
    hb: NotRequired[bool]
    """Whether the chain promises a heartbeat every 60 seconds."""
    call: NotRequired[str]
    """The id of a call within its run, made by the connector."""
    ref: NotRequired[str]
    """Id of the decision's receipt."""
    principal: NotRequired[str]
    """On whose behalf the agent acts, as the host names it."""
    action: NotRequired[ReceiptAction]
    """What was decided on."""
    verdict: NotRequired[Verdict]
    """The answer to an action, in rising order of weight."""
    reasons: NotRequired[Sequence[str]]
    """Reason codes, sorted by stage and code."""
    rules: NotRequired[Sequence[str]]
    """The rules of the policy, budgets and rates that gave the reasons, in their order, each once."""
    caps: NotRequired[Sequence[str]]
    """Ids of the capabilities that were used."""
    policy: NotRequired[PolicyRef]
    """Which policy decided."""
    approval: NotRequired[str]
    """Id of the request for approval that the decision is about: where it is allow, the one that it redeemed.
    """
    observed: NotRequired[Verdict]
    """The verdict that the policy, in mode observe, would have given."""
    shadow: NotRequired[ReceiptShadow]
    """What the policy in shadow mode would have decided."""
    session: NotRequired[SessionRef]
    """The session that carried the action."""
    outcome: NotRequired[ReceiptOutcome]
    """How the action ended."""
    budget: NotRequired[ReceiptBudget]
    """What was reserved or spent."""
    late: NotRequired[bool]
    """Whether the outcome came after the permit had expired."""
    final_seq: NotRequired[int]
    """seq of the last receipt of the chain."""
    permits: NotRequired[Sequence[ReceiptPermit]]
    """Permits without an outcome."""
    standing: NotRequired[ReceiptStanding]
    """What was turned."""
    replaces: NotRequired[PolicyRef]
    """The policy that was in force before."""
    ext: NotRequired[Mapping[str, object]]
    """Extensions: members that Talos carries and never interprets."""


SessionActKind: TypeAlias = Literal[
    "bundle",
    "one_time_key",
    "begin",
    "seal",
    "close",
    "reset",
    "receive",
    "export",
    "due",
    "sweep",
    "save",
    "restore",
]
"""What an agent does.

`bundle`: Makes a prekey bundle.
`one_time_key`: Makes a one-time key.
`begin`: Begins a session.
`seal`: Seals a message.
`close`: Seals a close.
`reset`: Seals a reset notice.
`receive`: Takes what came from the network.
`export`: Gives a value of the exporter.
`due`: Says what is due towards a peer.
`sweep`: Erases what is over.
`save`: Remembers its state, as a backup does.
`restore`: Goes back to the state that was saved, as a backup does; failures are forgotten.
"""

SessionCause: TypeAlias = Literal[
    "fork",
    "reset",
    "failures",
    "unanswered",
]
"""Of begin: why it heals; absent: it does not.

`fork`: A fork.
`reset`: A reset notice was opened.
`failures`: Twenty frames failed in a row.
`unanswered`: A renewal has waited an hour for its answer.
"""


class SessionAct(TypedDict):
    """One thing that an agent does."""

    act: Required[SessionActKind]
    """What an agent does."""
    agent: Required[str]
    """Who."""
    now_ms: Required[int]
    """When."""
    entropy: NotRequired[str]
    """The random bytes that it draws, in the order of section 12; absent: none."""
    id: NotRequired[str]
    """Of bundle: the id of spk; of one_time_key: its id."""
    pq_id: NotRequired[str]
    """Of bundle: the id of pq, where suite 2 is offered."""
    suites: NotRequired[Sequence[int]]
    """Of bundle: the suites, best first."""
    hybrid: NotRequired[bool]
    """Of one_time_key: whether it has an ML-KEM key; absent: false."""
    iat: NotRequired[int]
    """Of bundle and one_time_key: from when it is valid."""
    exp: NotRequired[int]
    """Of bundle and one_time_key: when it ends."""
    bundle: NotRequired[Envelope]
    """Of begin: the bundle of the other side."""
    one_time_key: NotRequired[Envelope]
    """Of begin: a one-time key of the other side; absent: none."""
    peer: NotRequired[str]
    """Of begin and due: the other side."""
    cause: NotRequired[SessionCause]
    """Of begin: why it heals; absent: it does not."""
    afresh: NotRequired[bool]
    """Of begin with a cause: whether it names no old session; absent: false."""
    sid: NotRequired[str]
    """Of seal, close, reset and export: the session."""
    data: NotRequired[str]
    """Of seal: the message."""
    bytes: NotRequired[str]
    """Of receive: a frame or a container."""
    label: NotRequired[str]
    """Of export: the label."""
    length: NotRequired[int]
    """Of export: how many bytes."""


class SessionRules(TypedDict):
    """What the policy of an agent says of sessions."""

    suites: NotRequired[Sequence[int]]
    """The suites that are allowed; absent: 2 and 1."""
    continuity: NotRequired[bool]
    """Whether a peer with whom there is a session has to renew it; absent: false."""
    bucket: NotRequired[int]
    """What plaintexts are padded to a multiple of; absent: 64."""


class SessionAgent(TypedDict):
    """An agent, with all of its private keys: for tests."""

    name: Required[str]
    """Its name in this play."""
    seed: Required[str]
    """The seed of its sign key."""
    agree: Required[str]
    """Its private X25519 key."""
    iat: Required[int]
    """From when its statement is valid."""
    exp: Required[int]
    """When its statement ends."""
    rules: NotRequired[SessionRules]
    """What the policy of an agent says of sessions."""


class SessionPlay(TypedDict):
    """Agents and what they do, with time and randomness given: for tests of implementations
    (docs/spec/session.md).
    """

    agents: Required[Sequence[SessionAgent]]
    """The agents, each name once."""
    acts: Required[Sequence[SessionAct]]
    """What they do, in order."""


SessionContent: TypeAlias = Literal[
    "message",
    "close",
    "reset",
]
"""Of receive: what is in the frame.

`message`: Data.
`close`: The sender is done.
`reset`: The sender cannot read what is sent to it.
"""

SessionDue: TypeAlias = Literal[
    "renewal",
    "retry",
]
"""Of due: what is due; absent: nothing.

`renewal`: The current session is to be renewed.
`retry`: A renewal has waited an hour for its answer.
"""

SessionKnown: TypeAlias = Literal[
    "first",
    "renewed",
    "fresh",
]
"""Of a frame that began its session: what is known of the peer.

`first`: There was no answered session with it.
`renewed`: It renewed one.
`fresh`: There was one, and this does not follow from it.
"""


class SessionResult(TypedDict):
    """What came of an act."""

    ok: Required[bool]
    """Whether it was done."""
    code: NotRequired[ErrorCode]
    """Why not."""
    envelope: NotRequired[Envelope]
    """Of bundle and one_time_key: what is published."""
    sid: NotRequired[str]
    """The session."""
    suite: NotRequired[int]
    """Of begin: its suite."""
    bytes: NotRequired[str]
    """Of seal, close and reset: what goes out."""
    frame_hash: NotRequired[str]
    """Of what was sealed or opened; with session.fork: of the frame that was refused."""
    before: NotRequired[str]
    """With session.fork: of the frame that was opened with the key."""
    message_key: NotRequired[str]
    """mk of what was sealed or opened."""
    peer: NotRequired[str]
    """Of receive: who sent it."""
    content: NotRequired[SessionContent]
    """Of receive: what is in the frame."""
    data: NotRequired[str]
    """Of receive: the message."""
    missing: NotRequired[int]
    """Of receive of a close: how many messages have not come."""
    known: NotRequired[SessionKnown]
    """Of a frame that began its session: what is known of the peer."""
    one_time_key: NotRequired[bool]
    """Of a frame that began its session: whether a one-time key was used."""
    value: NotRequired[str]
    """Of export: the value."""
    due: NotRequired[SessionDue]
    """Of due: what is due; absent: nothing."""
    erased: NotRequired[int]
    """Of sweep: how many sessions, bundles and one-time keys were over."""


class SessionSeen(TypedDict):
    """A session at the end."""

    agent: Required[str]
    """Whose."""
    sid: Required[str]
    """Its name."""
    peer: Required[str]
    """The other side."""
    suite: Required[int]
    """Its suite."""
    initiator: Required[bool]
    """Whether this side began it."""
    answered: Required[bool]
    """Whether the other side is known to have it."""
    retired: Required[bool]
    """Whether it seals no more."""
    current: Required[bool]
    """Whether its agent sends on it."""
    missing: Required[int]
    """Messages that were passed over."""
    transcript_hash: Required[str]
    """th."""


class StaticKey(TypedDict):
    """The X25519 key of an agent, said by its signing key (docs/spec/session.md)."""

    typ: Required[Literal["talos.static_key/1"]]
    """Contract and major version."""
    iss: Required[str]
    """DID URL of the owner's key that signs."""
    agree: Required[str]
    """The X25519 key that agrees on sessions."""
    iat: Required[int]
    """From when it is valid."""
    exp: Required[int]
    """When it ends: at most 90 days after iat."""


class ApprovalIdInput(TypedDict):
    """Input of `approval.id`."""

    request: Required[Envelope]
    """The request."""


class ApprovalIdOutput(TypedDict):
    """Output of `approval.id`."""

    approval: Required[str]
    """The id."""


class ApprovalSignInput(TypedDict):
    """Input of `approval.sign`."""

    seed: Required[str]
    """The seed of the person's key."""
    approval: Required[str]
    """Id of the request."""
    name: Required[str]
    """The person, as the request names them."""
    response: Required[ApprovalResponse]
    """What the person says."""
    iat: Required[int]
    """When: at least the request's own iat."""
    note: NotRequired[str]
    """A sentence for the record."""


class ApprovalSignOutput(TypedDict):
    """Output of `approval.sign`."""

    grant: Required[Envelope]
    """The answer."""


class ApprovalVerifyInput(TypedDict):
    """Input of `approval.verify`."""

    request: Required[Envelope]
    """The request."""
    issuer: Required[str]
    """The kernel that is trusted to ask."""
    now_ms: Required[int]
    """The time."""
    grants: NotRequired[Sequence[Envelope]]
    """The answers, in any order; absent: none."""
    about: NotRequired[ApprovalAbout]
    """What is about to run; absent: not compared."""


class ApprovalGrantFault(TypedDict):
    """An answer that does not count."""

    index: Required[int]
    """Its place, from zero."""
    code: Required[ErrorCode]
    """A code of the error registry."""


class ApprovalVerifyOutput(TypedDict):
    """Output of `approval.verify`."""

    valid: Required[bool]
    """Whether request and answers verify, and the request is for what is about to run."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    approval: NotRequired[str]
    """Id of the request."""
    state: NotRequired[ApprovalState]
    """Where the request stands by the answers that verify."""
    missing: NotRequired[Sequence[ApprovalMissing]]
    """What unfulfilled rules lack."""
    denied_by: NotRequired[str]
    """Who refused."""
    errors: NotRequired[Sequence[ApprovalGrantFault]]
    """The answers that do not count."""


class ApprovalMakeCodeInput(TypedDict):
    """Input of `approval.make_code`."""

    seed: Required[str]
    """The seed of the kernel's key."""
    approval: Required[str]
    """Id of the request."""
    name: Required[str]
    """The person."""
    entropy: Required[str]
    """Five random bytes."""


class ApprovalMakeCodeOutput(TypedDict):
    """Output of `approval.make_code`."""

    code: Required[str]
    """The code. A secret."""
    lock: Required[str]
    """What a store keeps."""


class ApprovalCheckCodeInput(TypedDict):
    """Input of `approval.check_code`."""

    seed: Required[str]
    """The seed of the kernel's key."""
    request: Required[Envelope]
    """The request, by the same key."""
    name: Required[str]
    """The person."""
    code: Required[str]
    """The code as it was typed. A secret."""
    lock: Required[str]
    """What the store kept."""
    attempts: Required[int]
    """Attempts before this one."""
    now_ms: Required[int]
    """The time."""


class ApprovalCheckCodeOutput(TypedDict):
    """Output of `approval.check_code`."""

    valid: Required[bool]
    """Whether the code is right."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    attempts: NotRequired[int]
    """Attempts with this one, which the store keeps before anything else happens."""


class ApprovalRenderInput(TypedDict):
    """Input of `approval.render`."""

    action: Required[Action]
    """The action."""
    files: NotRequired[Sequence[ApprovalFile]]
    """What the files hold now that the arguments name; absent: not known."""


class ApprovalRenderOutput(TypedDict):
    """Output of `approval.render`."""

    view: Required[ApprovalView]
    """What would run, for people: every text in it is neutralised, bounded, and says where it was clipped."""


class ApprovalListInput(TypedDict):
    """Input of `approval.list`."""

    state: NotRequired[ApprovalState]
    """Only those in this state; absent: all."""
    limit: NotRequired[int]
    """How many are listed, at most; absent: 1000."""


class ApprovalListOutput(TypedDict):
    """Output of `approval.list`."""

    approvals: Required[Sequence[ApprovalCase]]
    """The requests."""
    more: NotRequired[bool]
    """Whether there are more; absent: these are all."""
    damaged: NotRequired[Sequence[ApprovalDamaged]]
    """Those looked at that are stored as requests and are none, whatever their state was; absent: nothing."""


class ApprovalShowInput(TypedDict):
    """Input of `approval.show`."""

    approval: Required[str]
    """Id of the request."""


class ApprovalShowOutput(TypedDict):
    """Output of `approval.show`."""

    case: Required[ApprovalCase]
    """A request for approval with what has become of it."""


class ApprovalRespondInput(TypedDict):
    """Input of `approval.respond`."""

    approval: Required[str]
    """Id of the request."""
    grant: Required[Envelope]
    """The answer, as approval.sign makes it."""


class ApprovalRespondOutput(TypedDict):
    """Output of `approval.respond`."""

    case: Required[ApprovalCase]
    """A request for approval with what has become of it."""


class ApprovalRedeemCodeInput(TypedDict):
    """Input of `approval.redeem_code`."""

    approval: Required[str]
    """Id of the request."""
    name: Required[str]
    """The person, as the request names them."""
    code: Required[str]
    """The code, as it was typed. A secret."""
    response: Required[ApprovalResponse]
    """What the person says."""
    note: NotRequired[str]
    """A sentence for the record."""


class ApprovalRedeemCodeOutput(TypedDict):
    """Output of `approval.redeem_code`."""

    case: Required[ApprovalCase]
    """A request for approval with what has become of it."""


class AuditLeafHashInput(TypedDict):
    """Input of `audit.leaf_hash`."""

    entry: NotRequired[str]
    """The entry; either this or receipt_id."""
    receipt_id: NotRequired[str]
    """The id of the receipt, whose entry is 0x01 and the id."""


class AuditLeafHashOutput(TypedDict):
    """Output of `audit.leaf_hash`."""

    leaf_hash: Required[str]
    """The leaf hash."""


class AuditRootInput(TypedDict):
    """Input of `audit.root`."""

    leaves: Required[Sequence[str]]
    """The leaf hashes in order."""


class AuditRootOutput(TypedDict):
    """Output of `audit.root`."""

    root: Required[str]
    """The root."""
    size: Required[Size]
    """A number of leaves: an integer, or in decimal digits up to 2^64-1."""


class AuditProveInclusionInput(TypedDict):
    """Input of `audit.prove_inclusion`."""

    leaves: Required[Sequence[str]]
    """The leaf hashes in order."""
    index: Required[Size]
    """Index of the leaf, from zero."""
    size: NotRequired[Size]
    """Size of the tree to prove in; absent: all leaves."""


class AuditProveInclusionOutput(TypedDict):
    """Output of `audit.prove_inclusion`."""

    leaf_hash: Required[str]
    """The leaf hash."""
    proof: Required[Sequence[str]]
    """The hashes from leaf to root."""
    root: Required[str]
    """The root."""
    size: Required[Size]
    """A number of leaves: an integer, or in decimal digits up to 2^64-1."""


class AuditVerifyInclusionInput(TypedDict):
    """Input of `audit.verify_inclusion`."""

    leaf_hash: Required[str]
    """The leaf hash, 32 bytes."""
    index: Required[Size]
    """Index of the leaf, from zero."""
    size: Required[Size]
    """Size of the tree."""
    proof: Required[Sequence[str]]
    """The hashes from leaf to root."""
    root: Required[str]
    """The root, 32 bytes."""


class AuditVerifyInclusionOutput(TypedDict):
    """Output of `audit.verify_inclusion`."""

    valid: Required[bool]
    """Whether the leaf is in the tree."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""


class AuditVerifyConsistencyInput(TypedDict):
    """Input of `audit.verify_consistency`."""

    size1: Required[Size]
    """Size of the smaller tree."""
    size2: Required[Size]
    """Size of the larger tree."""
    proof: Required[Sequence[str]]
    """The hashes of the proof."""
    root1: Required[str]
    """Root of the smaller tree, 32 bytes."""
    root2: Required[str]
    """Root of the larger tree, 32 bytes."""


class AuditVerifyConsistencyOutput(TypedDict):
    """Output of `audit.verify_consistency`."""

    valid: Required[bool]
    """Whether the larger tree continues the smaller one."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""


class CheckpointSignInput(TypedDict):
    """Input of `checkpoint.sign`."""

    seed: Required[str]
    """The 32-byte seed of an Ed25519 key: base64url without padding. A secret."""
    origin: Required[str]
    """The name of a log: the first line of its checkpoints."""
    size: Required[Size]
    """A number of leaves: an integer, or in decimal digits up to 2^64-1."""
    root: Required[str]
    """The root of the tree of that size."""


class CheckpointSignOutput(TypedDict):
    """Output of `checkpoint.sign`."""

    note: Required[str]
    """The signed note."""
    vkey: Required[str]
    """Verifier key of a log (C2SP signed-note): name, key id and key."""


class CheckpointVerifyInput(TypedDict):
    """Input of `checkpoint.verify`."""

    note: Required[str]
    """The signed note."""
    vkey: Required[str]
    """The verifier key of the log."""


class CheckpointVerifyOutput(TypedDict):
    """Output of `checkpoint.verify`."""

    valid: Required[bool]
    """Whether the checkpoint verifies."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    origin: NotRequired[str]
    """The name of a log: the first line of its checkpoints."""
    size: NotRequired[Size]
    """A number of leaves: an integer, or in decimal digits up to 2^64-1."""
    root: NotRequired[str]
    """The root of the tree of that size."""


class BudgetGcraInput(TypedDict):
    """Input of `budget.gcra`."""

    calls: Required[int]
    """So many calls"""
    per_seconds: Required[int]
    """in so many seconds,"""
    burst: Required[int]
    """so many at once."""
    now_ms: Required[int]
    """The time of the call."""
    cost: NotRequired[int]
    """How many calls it counts for; absent: 1."""
    tat_us: NotRequired[int]
    """The state: when the next call would be due, in microseconds since 1970; absent: a rate that was never
    used.
    """


class BudgetGcraOutput(TypedDict):
    """Output of `budget.gcra`."""

    allowed: Required[bool]
    """Whether the call keeps the rate."""
    tat_us: Required[int]
    """The next state; a denial leaves it, unless the clock has gone back since."""
    retry_after_ms: NotRequired[int]
    """After so many milliseconds it would; absent on a denial: never."""


class BudgetSimulateInput(TypedDict):
    """Input of `budget.simulate`."""

    budgets: Required[Sequence[Budget]]
    """The budgets."""
    steps: Required[Sequence[BudgetStep]]
    """The steps, in order."""
    now_ms: NotRequired[int]
    """The time at the start; absent: 0."""


class BudgetSimulateOutput(TypedDict):
    """Output of `budget.simulate`."""

    allowed: Required[bool]
    """Whether every step was done."""
    results: Required[Sequence[BudgetResult]]
    """What came of each step."""
    accounts: Required[Sequence[BudgetAccount]]
    """Where the budgets stand in the end, by scope and unit."""


class BudgetPriceInput(TypedDict):
    """Input of `budget.price`."""

    model: Required[str]
    """The name of a model."""
    input_tokens: Required[int]
    """Input tokens, as they were counted."""
    output_tokens: NotRequired[int]
    """Output tokens that are asked for; absent: as many as the model gives."""
    max_output_tokens: NotRequired[int]
    """Output tokens that the operator allows; absent: no limit of theirs."""
    currency: NotRequired[str]
    """The currency; absent: USD."""
    catalogue: NotRequired[PriceCatalogue]
    """Prices that go before those of this program."""


class BudgetPriceOutput(TypedDict):
    """Output of `budget.price`."""

    amount: Required[Amount]
    """The worst case, rounded up."""
    tokens: Required[int]
    """Input and output together, at most."""
    price: Required[Price]
    """The price that was used."""


class BudgetCountTokensInput(TypedDict):
    """Input of `budget.count_tokens`."""

    model: Required[str]
    """The name of a model."""
    text: Required[str]
    """The text."""
    catalogue: NotRequired[PriceCatalogue]
    """Prices that go before those of this program, with the vocabularies of their models."""


class BudgetCountTokensOutput(TypedDict):
    """Output of `budget.count_tokens`."""

    tokens: Required[int]
    """A number of model tokens."""
    exact: Required[bool]
    """Whether the model's own vocabulary was used; else each byte counts as a token, which is never too few.
    """


class BudgetSetInput(TypedDict):
    """Input of `budget.set`."""

    budget: Required[Budget]
    """How much a part of what the kernel decides on may use (docs/spec/budget.md)."""


class BudgetSetOutput(TypedDict):
    """Output of `budget.set`."""

    budget: Required[Budget]
    """The budget, with what was absent filled in."""


class BudgetRemoveInput(TypedDict):
    """Input of `budget.remove`."""

    scope: Required[Scope]
    """A part of what the kernel decides on."""
    unit: Required[BudgetUnit]
    """What is counted."""
    currency: NotRequired[str]
    """The currency; of money only."""
    window: NotRequired[BudgetWindow]
    """Its window; absent: for good."""


class BudgetRemoveOutput(TypedDict):
    """Output of `budget.remove`."""


class BudgetShowInput(TypedDict):
    """Input of `budget.show`."""

    scope: NotRequired[Scope]
    """The budgets of this scope, or of this level if it has no name; absent: all."""


class BudgetShowOutput(TypedDict):
    """Output of `budget.show`."""

    accounts: Required[Sequence[BudgetAccount]]
    """Where they stand, by scope and unit; at most 8192."""


class BudgetTopInput(TypedDict):
    """Input of `budget.top`."""

    limit: NotRequired[int]
    """How many; absent: 10."""
    unit: NotRequired[BudgetUnit]
    """Of this unit; absent: of any."""


class BudgetTopOutput(TypedDict):
    """Output of `budget.top`."""

    accounts: Required[Sequence[BudgetAccount]]
    """Where they stand, the fullest first."""


class ClientOpenInput(TypedDict):
    """Input of `client.open`."""

    agent: Required[str]
    """The agent; its keys are made on first use."""
    mailbox: NotRequired[str]
    """The base URL of the mailbox; absent: of talos.toml or $TALOS_MAILBOX, else none, and the host carries
    the frames.
    """
    rules: NotRequired[SessionRules]
    """What the policy of an agent says of sessions."""
    keep_days: NotRequired[int]
    """For how many days the frame and the key of each message are kept, so that it can be disclosed: whoever
    has them can read it; absent: 0, neither is kept.
    """


class ClientOpenOutput(TypedDict):
    """Output of `client.open`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    did: Required[str]
    """A did:key."""
    bundle: Required[Envelope]
    """Its prekey bundle, for peers that the mailbox does not serve."""
    mailbox: NotRequired[str]
    """The mailbox; absent: none."""


class ClientEstablishInput(TypedDict):
    """Input of `client.establish`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    peer: Required[str]
    """The other side."""
    bundle: NotRequired[Envelope]
    """Its bundle; absent: asked of the mailbox."""
    one_time_key: NotRequired[Envelope]
    """A one-time key of it; absent: none, or the mailbox's."""


class ClientEstablishOutput(TypedDict):
    """Output of `client.establish`."""

    session: Required[ClientSession]
    """A session of a client, as it is shown (docs/spec/client.md)."""


class ClientSendInput(TypedDict):
    """Input of `client.send`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    peer: Required[str]
    """To whom."""
    data: Required[str]
    """The message."""
    wait_ms: NotRequired[int]
    """How long to wait while too much is on its way; absent: 30,000."""


class ClientSendOutput(TypedDict):
    """Output of `client.send`."""

    message_hash: Required[str]
    """SHA-256 of the message."""
    frame_hash: Required[str]
    """The hash of its frame, which its receipt names."""
    sid: Required[str]
    """The session."""
    receipt_id: Required[str]
    """The receipt that names the frame."""


class ClientReceiveInput(TypedDict):
    """Input of `client.receive`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    wait_ms: NotRequired[int]
    """How long to wait for the first; absent: 0."""
    max: NotRequired[int]
    """How many at most; absent: 64."""


class ClientReceiveOutput(TypedDict):
    """Output of `client.receive`."""

    messages: Required[Sequence[ClientMessage]]
    """The messages, in the order in which they were opened."""


class ClientUnconfirmedInput(TypedDict):
    """Input of `client.unconfirmed`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""


class ClientUnconfirmedOutput(TypedDict):
    """Output of `client.unconfirmed`."""

    messages: Required[Sequence[ClientMessage]]
    """The messages, in the order in which they were opened."""


class ClientOutgoingInput(TypedDict):
    """Input of `client.outgoing`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    max: NotRequired[int]
    """How many at most; absent: 64."""


class ClientOutgoingOutput(TypedDict):
    """Output of `client.outgoing`."""

    frames: Required[Sequence[ClientFrame]]
    """The frames, oldest first."""


class ClientCarriedInput(TypedDict):
    """Input of `client.carried`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    ids: Required[Sequence[str]]
    """Their ids."""


class ClientCarriedOutput(TypedDict):
    """Output of `client.carried`."""

    erased: Required[int]
    """How many of them were there."""


class ClientIncomingInput(TypedDict):
    """Input of `client.incoming`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    bytes: Required[str]
    """A frame or a container."""


class ClientIncomingOutput(TypedDict):
    """Output of `client.incoming`."""

    frame_hash: Required[str]
    """The hash of the frame."""
    peer: Required[str]
    """Who sealed it."""


class ClientSessionsInput(TypedDict):
    """Input of `client.sessions`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    peer: NotRequired[str]
    """Only those with this peer; absent: all."""


class ClientSessionsOutput(TypedDict):
    """Output of `client.sessions`."""

    sessions: Required[Sequence[ClientSession]]
    """The sessions."""
    outgoing: Required[int]
    """Frames that wait to go out."""
    incoming: Required[int]
    """Messages that wait for the host."""


class ClientEndInput(TypedDict):
    """Input of `client.end`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    peer: Required[str]
    """The other side."""


class ClientEndOutput(TypedDict):
    """Output of `client.end`."""

    sid: Required[str]
    """The session."""
    frame_hash: Required[str]
    """The hash of the frame that says so."""


class ClientProveInput(TypedDict):
    """Input of `client.prove`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    hash: Required[str]
    """message_hash, of which the newest counts, or frame_hash."""


class ClientProveOutput(TypedDict):
    """Output of `client.prove`."""

    bundle: Required[Bundle]
    """A receipt with the proof that it is in a log; carries no trust of its own."""


class ClientDeliveryInput(TypedDict):
    """Input of `client.delivery`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    frame_hash: Required[str]
    """The message."""


class ClientDeliveryOutput(TypedDict):
    """Output of `client.delivery`."""

    receipt: NotRequired[Envelope]
    """The receipt, whose signature was verified; absent: it has not come."""


class ClientVerifyProofInput(TypedDict):
    """Input of `client.verify_proof`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    bundle: Required[JsonValue]
    """The bundle, as an object or as its text."""


class ClientVerifyProofOutput(TypedDict):
    """Output of `client.verify_proof`."""

    valid: Required[bool]
    """Whether everything that it says is proven."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""


class ClientDiscloseInput(TypedDict):
    """Input of `client.disclose`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    frame_hash: Required[str]
    """The message."""


class ClientDiscloseOutput(TypedDict):
    """Output of `client.disclose`."""

    opening: Required[SessionOpening]
    """What discloses one message of a session, and no other."""


class ClientCloseInput(TypedDict):
    """Input of `client.close`."""

    agent: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    wait_ms: NotRequired[int]
    """How long to wait for the mailbox to take what waits; absent: 5,000."""


class ClientCloseOutput(TypedDict):
    """Output of `client.close`."""

    outgoing: Required[int]
    """Frames that still wait."""


class Ed25519SignInput(TypedDict):
    """Input of `ed25519.sign`."""

    seed: Required[str]
    """The 32-byte seed of an Ed25519 key: base64url without padding. A secret."""
    message: Required[str]
    """What is signed."""


class Ed25519SignOutput(TypedDict):
    """Output of `ed25519.sign`."""

    public_key: Required[str]
    """The public key of the seed."""
    signature: Required[str]
    """Ed25519 signature: base64url of 64 bytes, without padding."""


class Ed25519VerifyInput(TypedDict):
    """Input of `ed25519.verify`."""

    public_key: Required[str]
    """The public key, 32 bytes."""
    message: Required[str]
    """What was signed."""
    signature: Required[str]
    """The signature, 64 bytes."""


class Ed25519VerifyOutput(TypedDict):
    """Output of `ed25519.verify`."""

    valid: Required[bool]
    """Whether the signature verifies."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""


class EnvelopeSignInput(TypedDict):
    """Input of `envelope.sign`."""

    seed: Required[str]
    """The 32-byte seed of an Ed25519 key: base64url without padding. A secret."""
    payload_type: Required[str]
    """Media type of the payload."""
    payload: Required[str]
    """The payload: base64url without padding, up to 65,024 bytes."""
    keyid: NotRequired[str]
    """Key id of the signature; absent: the DID URL of the seed's did:key."""


class EnvelopeSignOutput(TypedDict):
    """Output of `envelope.sign`."""

    envelope: Required[Envelope]
    """The envelope."""


class EnvelopeVerifyInput(TypedDict):
    """Input of `envelope.verify`."""

    envelope: Required[JsonValue]
    """The envelope, as an object or as its text."""
    public_key: NotRequired[str]
    """The key, 32 bytes; absent: the one that keyid names."""


class EnvelopeVerifyOutput(TypedDict):
    """Output of `envelope.verify`."""

    valid: Required[bool]
    """Whether the signature verifies."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    payload: NotRequired[str]
    """The payload."""
    payload_type: NotRequired[str]
    """Media type of the payload."""
    keyid: NotRequired[str]
    """Key id of the signature."""


class DidKeyEncodeInput(TypedDict):
    """Input of `did.key_encode`."""

    public_key: Required[str]
    """The public key, 32 bytes."""
    key_type: NotRequired[KeyType]
    """The type of the key; absent: ed25519."""


class DidKeyEncodeOutput(TypedDict):
    """Output of `did.key_encode`."""

    did: Required[str]
    """A did:key."""


class DidResolveInput(TypedDict):
    """Input of `did.resolve`."""

    did: Required[str]
    """The DID."""


class DidResolveOutput(TypedDict):
    """Output of `did.resolve`."""

    key_type: Required[KeyType]
    """The type of a key in a did:key."""
    public_key: Required[str]
    """The public key."""
    document: Required[JsonValue]
    """The DID document, in its own foreign names."""


class JsonCanonicalizeInput(TypedDict):
    """Input of `json.canonicalize`."""

    profile: Required[JsonProfile]
    """Which rules a JSON text has to keep."""
    text: NotRequired[str]
    """The JSON text; either this or bytes."""
    bytes: NotRequired[str]
    """The JSON text as bytes, so that bytes which are not UTF-8 can be sent."""


class JsonCanonicalizeOutput(TypedDict):
    """Output of `json.canonicalize`."""

    canonical: Required[str]
    """The canonical form."""


class JsonParseStrictInput(TypedDict):
    """Input of `json.parse_strict`."""

    profile: Required[JsonProfile]
    """Which rules a JSON text has to keep."""
    text: NotRequired[str]
    """The JSON text; either this or bytes."""
    bytes: NotRequired[str]
    """The JSON text as bytes, so that bytes which are not UTF-8 can be sent."""


class JsonParseStrictOutput(TypedDict):
    """Output of `json.parse_strict`."""

    value: Required[JsonValue]
    """The value."""


class KernelOpenInput(TypedDict):
    """Input of `kernel.open`."""

    directory: NotRequired[str]
    """The directory with keys, policy and log, made if it is missing; absent: $TALOS_DIR, else the user's
    data directory.
    """
    memory: NotRequired[bool]
    """Keep everything in memory, with keys of its own: for tests; absent: false."""
    policy: NotRequired[str]
    """The policy itself; absent: policy_path."""
    policy_format: NotRequired[PolicyFormat]
    """The format of policy; absent: yaml."""
    policy_path: NotRequired[str]
    """The policy's file; absent: the directory's own policy, else the built-in one."""
    cedar_paths: NotRequired[Sequence[str]]
    """Files with Cedar policies, which have to allow, too; absent: the directory's own."""
    tools_path: NotRequired[str]
    """The file with the tools' definitions that cedar_paths is validated against; absent: the one beside
    policy_path, if there is one.
    """
    shadow: NotRequired[str]
    """A policy that is decided on beside it and recorded, in policy_format; absent: none."""


class KernelOpenOutput(TypedDict):
    """Output of `kernel.open`."""

    issuer: Required[str]
    """The DID that issues the receipts."""
    origin: Required[str]
    """The name of a log: the first line of its checkpoints."""
    log_key: Required[str]
    """Verifier key of a log (C2SP signed-note): name, key id and key."""
    policy: Required[PolicyRef]
    """Which policy decided."""
    directory: NotRequired[str]
    """The directory; absent: in memory."""


class KernelDescribeInput(TypedDict):
    """Input of `kernel.describe`."""


class KernelDescribeOutput(TypedDict):
    """Output of `kernel.describe`."""

    issuer: Required[str]
    """The DID that issues the receipts."""
    origin: Required[str]
    """The name of a log: the first line of its checkpoints."""
    log_key: Required[str]
    """Verifier key of a log (C2SP signed-note): name, key id and key."""
    policy: Required[PolicyRef]
    """Which policy decided."""
    directory: NotRequired[str]
    """The directory; absent: in memory."""


class KernelIdentityInput(TypedDict):
    """Input of `kernel.identity`."""

    name: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""


class KernelIdentityOutput(TypedDict):
    """Output of `kernel.identity`."""

    name: Required[str]
    """A name: lower-case letters, digits, - and _, the first a letter or digit."""
    did: Required[str]
    """A did:key."""


class KernelReloadInput(TypedDict):
    """Input of `kernel.reload`."""

    policy: NotRequired[str]
    """The policy itself; absent: policy_path."""
    policy_format: NotRequired[PolicyFormat]
    """The format of policy; absent: yaml."""
    policy_path: NotRequired[str]
    """The policy's file; absent: the directory's own policy, else the built-in one."""
    shadow: NotRequired[str]
    """A policy that is decided on beside it and recorded, in policy_format; absent: none."""


class KernelReloadOutput(TypedDict):
    """Output of `kernel.reload`."""

    policy: Required[PolicyRef]
    """Which policy decided."""


class KernelCloseInput(TypedDict):
    """Input of `kernel.close`."""


class KernelCloseOutput(TypedDict):
    """Output of `kernel.close`."""


class RunOpenInput(TypedDict):
    """Input of `run.open`."""

    run: NotRequired[str]
    """The run; absent: a new one."""
    agent: NotRequired[str]
    """The named agent that acts; absent: actor."""
    actor: NotRequired[str]
    """The DID that acts; absent: the kernel's issuer."""
    principal: NotRequired[str]
    """On whose behalf all actions of the run are, unless they say otherwise."""
    organisation: NotRequired[str]
    """The organisation of the agent; absent: the configuration's."""
    team: NotRequired[str]
    """The team of the agent; absent: the configuration's."""


class RunOpenOutput(TypedDict):
    """Output of `run.open`."""

    run: Required[str]
    """The run."""
    actor: Required[str]
    """The DID that acts."""


class RunDecideInput(TypedDict):
    """Input of `run.decide`."""

    action: Required[Action]
    """The action; its run is named."""


class RunDecideOutput(TypedDict):
    """Output of `run.decide`."""

    decision: Required[Decision]
    """The answer to an action."""


class RunAuthorizeInput(TypedDict):
    """Input of `run.authorize`."""

    action: Required[Action]
    """The action; its run is named."""


class RunAuthorizeOutput(TypedDict):
    """Output of `run.authorize`."""

    decision: Required[Decision]
    """The answer to an action."""


class RunRefuseInput(TypedDict):
    """Input of `run.refuse`."""

    run: Required[str]
    """The run."""
    target: Required[str]
    """What was attempted, as far as it is known."""
    code: Required[ErrorCode]
    """Why it was refused."""
    call: NotRequired[str]
    """The id of the call; absent: the kernel makes one."""


class RunRefuseOutput(TypedDict):
    """Output of `run.refuse`."""

    decision: Required[Decision]
    """The answer to an action."""


class RunStartInput(TypedDict):
    """Input of `run.start`."""

    action: Required[Action]
    """The action that was decided on, with run and call."""


class RunStartOutput(TypedDict):
    """Output of `run.start`."""

    state: Required[PermitState]
    """Where a permit is in its life."""


class RunSettleInput(TypedDict):
    """Input of `run.settle`."""

    run: Required[str]
    """The run."""
    call: Required[str]
    """The id of a call within its run, made by the connector."""
    outcome: Required[Outcome]
    """How an action ended: the input of a settlement."""


class RunSettleOutput(TypedDict):
    """Output of `run.settle`."""

    state: Required[PermitState]
    """Where a permit is in its life."""
    receipt_id: NotRequired[str]
    """Id of the outcome's receipt, once it is durable."""
    index: NotRequired[Size]
    """Its leaf index, once it is durable."""


class RunReleaseInput(TypedDict):
    """Input of `run.release`."""

    run: Required[str]
    """The run."""
    call: Required[str]
    """The id of a call within its run, made by the connector."""


class RunReleaseOutput(TypedDict):
    """Output of `run.release`."""

    state: Required[PermitState]
    """Where a permit is in its life."""
    receipt_id: NotRequired[str]
    """Id of the release's receipt, once it is durable."""
    index: NotRequired[Size]
    """Its leaf index, once it is durable."""


class RunPermitInput(TypedDict):
    """Input of `run.permit`."""

    run: Required[str]
    """The run."""
    call: Required[str]
    """The id of a call within its run, made by the connector."""


class RunPermitOutput(TypedDict):
    """Output of `run.permit`."""

    state: NotRequired[PermitState]
    """The state; absent: the call has no permit."""


class RunCountersInput(TypedDict):
    """Input of `run.counters`."""

    run: Required[str]
    """The run."""


class RunCountersOutput(TypedDict):
    """Output of `run.counters`."""

    tool_calls_admitted: Required[int]
    """Calls that ended or expired."""
    tool_calls_in_flight: Required[int]
    """Calls whose permit is open."""
    tokens_reserved: Required[int]
    """Tokens that are reserved or used."""
    spent_micro: Required[int]
    """Money that is reserved or spent."""


class RunCloseInput(TypedDict):
    """Input of `run.close`."""

    run: Required[str]
    """The run."""


class RunCloseOutput(TypedDict):
    """Output of `run.close`."""

    receipt_id: Required[str]
    """Id of the closing receipt."""
    index: Required[Size]
    """Its leaf index."""


class ReceiptGetInput(TypedDict):
    """Input of `receipt.get`."""

    receipt_id: NotRequired[str]
    """The id."""
    index: NotRequired[Size]
    """The leaf index, from zero."""


class ReceiptGetOutput(TypedDict):
    """Output of `receipt.get`."""

    receipt_id: Required[str]
    """The id."""
    index: Required[Size]
    """The leaf index."""
    receipt: Required[Receipt]
    """The body."""
    envelope: Required[Envelope]
    """The signed receipt as it was delivered."""


class AuditProveInput(TypedDict):
    """Input of `audit.prove`."""

    receipt_id: NotRequired[str]
    """The receipt; this or index, else the last one."""
    index: NotRequired[Size]
    """The leaf index, from zero."""
    disclose: NotRequired[bool]
    """Whether the bodies are in the bundle; absent: false."""


class AuditProveOutput(TypedDict):
    """Output of `audit.prove`."""

    bundle: Required[Bundle]
    """A receipt with the proof that it is in a log; carries no trust of its own."""


class AuditCheckpointInput(TypedDict):
    """Input of `audit.checkpoint`."""


class AuditCheckpointOutput(TypedDict):
    """Output of `audit.checkpoint`."""

    note: Required[str]
    """The signed note."""


class AuditVerifyLogInput(TypedDict):
    """Input of `audit.verify_log`."""


class AuditVerifyLogOutput(TypedDict):
    """Output of `audit.verify_log`."""

    size: Required[Size]
    """A number of leaves: an integer, or in decimal digits up to 2^64-1."""
    root: Required[str]
    """The root over all leaves."""
    chains: Required[int]
    """Chains of receipts."""
    closed: Required[int]
    """Chains that were closed."""
    open: Required[int]
    """Calls without an end."""


class MailboxSignRequestInput(TypedDict):
    """Input of `mailbox.sign_request`."""

    seed: Required[str]
    """The seed of the agent's sign key."""
    mailbox: Required[str]
    """The base URL of the mailbox, without a slash at its end."""
    method: Required[MailboxMethod]
    """The method of an HTTP request."""
    path: Required[str]
    """The path with its query."""
    iat: Required[int]
    """When."""
    nonce: Required[str]
    """Sixteen random bytes."""
    body: NotRequired[str]
    """The body; absent: none."""


class MailboxSignRequestOutput(TypedDict):
    """Output of `mailbox.sign_request`."""

    request: Required[Envelope]
    """The signed request."""
    header: Required[str]
    """The value of the header."""


class MailboxVerifyRequestInput(TypedDict):
    """Input of `mailbox.verify_request`."""

    header: Required[str]
    """The value of the header."""
    mailbox: Required[str]
    """The base URL of this mailbox, without a slash at its end."""
    method: Required[MailboxMethod]
    """The method of an HTTP request."""
    path: Required[str]
    """The path with its query."""
    now_ms: Required[int]
    """The time."""
    body: NotRequired[str]
    """The body; absent: none."""


class MailboxVerifyRequestOutput(TypedDict):
    """Output of `mailbox.verify_request`."""

    valid: Required[bool]
    """Whether the request is what somebody signed for this mailbox now."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    agent: NotRequired[str]
    """Who."""
    nonce: NotRequired[str]
    """Its nonce, to be remembered for 120 seconds after iat."""


class PolicyCheckInput(TypedDict):
    """Input of `policy.check`."""

    text: Required[str]
    """The policy."""
    format: NotRequired[PolicyFormat]
    """The format of the text; absent: yaml."""
    files: NotRequired[Sequence[PolicyFile]]
    """The files that the policy includes."""


class PolicyMistake(TypedDict):
    """A mistake in a policy."""

    file: NotRequired[str]
    """The included file that has it; absent: the policy itself."""
    code: Required[ErrorCode]
    """A code of the error registry."""
    message: Required[str]
    """What was got and what was expected."""
    line: Required[int]
    """The line, from one."""
    column: Required[int]
    """The column, from one, in characters."""
    suggestion: NotRequired[str]
    """The nearest thing that would have been accepted."""


class PolicyCheckOutput(TypedDict):
    """Output of `policy.check`."""

    valid: Required[bool]
    """Whether the policy can be used."""
    id: NotRequired[str]
    """The name of the policy."""
    hash: NotRequired[str]
    """Hash of the policy (docs/spec/policy.md)."""
    tools: NotRequired[Sequence[str]]
    """The tools that may be called."""
    errors: NotRequired[Sequence[PolicyMistake]]
    """The mistakes, in the order of the text."""


class PolicyDecideInput(TypedDict):
    """Input of `policy.decide`."""

    policy: Required[str]
    """The policy."""
    action: Required[Action]
    """The action."""
    format: NotRequired[PolicyFormat]
    """The format of the policy; absent: yaml."""
    files: NotRequired[Sequence[PolicyFile]]
    """The files that the policy includes."""
    state: NotRequired[PolicyState]
    """What the run has used so far; absent: nothing."""
    subject: NotRequired[PolicySubject]
    """Whose action it is; absent: not known."""


class PolicyRateKept(TypedDict):
    """A rate that the action has to keep."""

    rule: Required[str]
    """The rule."""
    key: Required[str]
    """What is counted apart: rule, level and name."""
    calls: Required[int]
    """So many calls."""
    per_seconds: Required[int]
    """In so many seconds."""
    burst: Required[int]
    """So many at once."""


class PolicyDecideOutput(TypedDict):
    """Output of `policy.decide`."""

    verdict: Required[Verdict]
    """The answer to an action, in rising order of weight."""
    effect: Required[Effect]
    """The effect that was decided on."""
    reasons: Required[Sequence[DecisionReason]]
    """Why, sorted by stage and code."""
    rates: NotRequired[Sequence[PolicyRateKept]]
    """The rates that the action has to keep, sorted by rule."""
    asks: NotRequired[Sequence[ApprovalRule]]
    """The approvals that the action needs, sorted by rule."""
    asks_expire_ms: NotRequired[int]
    """How long the request for them may wait."""


class PolicyExplainInput(TypedDict):
    """Input of `policy.explain`."""

    policy: Required[str]
    """The policy."""
    format: NotRequired[PolicyFormat]
    """The format of the policy; absent: yaml."""
    files: NotRequired[Sequence[PolicyFile]]
    """The files that the policy includes."""
    tool: NotRequired[str]
    """Only the rules that a call of this tool meets; absent: all."""


class PolicyExplanation(TypedDict):
    """One rule in words."""

    rule: Required[str]
    """The rule: the name of a tool, an id, a key."""
    matches: Required[str]
    """What it matches and what follows."""
    warnings: Required[Sequence[str]]
    """What the author may not have meant."""


class PolicyExplainOutput(TypedDict):
    """Output of `policy.explain`."""

    rules: Required[Sequence[PolicyExplanation]]
    """The rules."""


class PolicyTestInput(TypedDict):
    """Input of `policy.test`."""

    policy: Required[str]
    """The policy."""
    cases: Required[Sequence[PolicyCase]]
    """The cases."""
    format: NotRequired[PolicyFormat]
    """The format of the policy; absent: yaml."""
    files: NotRequired[Sequence[PolicyFile]]
    """The files that the policy includes."""


class PolicyCaseResult(TypedDict):
    """What came of a case."""

    name: Required[str]
    """The case."""
    passed: Required[bool]
    """Whether the policy says what was expected."""
    verdict: Required[Verdict]
    """The answer to an action, in rising order of weight."""
    problems: Required[Sequence[str]]
    """What was expected and what was found."""
    reasons: Required[Sequence[DecisionReason]]
    """Why, sorted by stage and code."""


class PolicyTestOutput(TypedDict):
    """Output of `policy.test`."""

    passed: Required[int]
    """How many cases passed."""
    failed: Required[int]
    """How many did not."""
    results: Required[Sequence[PolicyCaseResult]]
    """What came of each case, in their order."""


class PolicyDiffInput(TypedDict):
    """Input of `policy.diff`."""

    before: Required[str]
    """The one policy."""
    after: Required[str]
    """The other."""
    before_format: NotRequired[PolicyFormat]
    """The format of before; absent: yaml."""
    after_format: NotRequired[PolicyFormat]
    """The format of after; absent: yaml."""
    before_files: NotRequired[Sequence[PolicyFile]]
    """The files that the policy includes."""
    after_files: NotRequired[Sequence[PolicyFile]]
    """The files that the policy includes."""


PolicyChangeKind: TypeAlias = Literal[
    "added",
    "removed",
    "changed",
]
"""What became of the rule.

`added`: It is new.
`removed`: It is gone.
`changed`: It is another.
"""

PolicyDirection: TypeAlias = Literal[
    "wider",
    "narrower",
    "neutral",
    "unclear",
]
"""What that does to what is allowed.

`wider`: More may be allowed.
`narrower`: Less is allowed.
`neutral`: Nothing.
`unclear`: More or less, depending on the action.
"""


class PolicyChange(TypedDict):
    """A rule that differs."""

    rule: Required[str]
    """The rule: its list, and its name or id."""
    change: Required[PolicyChangeKind]
    """What became of the rule."""
    direction: Required[PolicyDirection]
    """What that does to what is allowed."""
    detail: Required[str]
    """What differs in it, as before -> after."""


class PolicyDiffOutput(TypedDict):
    """Output of `policy.diff`."""

    changes: Required[Sequence[PolicyChange]]
    """The differences, in the order of the members."""


class PolicyFormatInput(TypedDict):
    """Input of `policy.format`."""

    text: Required[str]
    """The policy."""
    format: NotRequired[PolicyFormat]
    """The format of the text; absent: yaml."""


class PolicyFormatOutput(TypedDict):
    """Output of `policy.format`."""

    text: Required[str]
    """The policy in its layout."""
    changed: Required[bool]
    """Whether that is another text."""


class PolicySchemaInput(TypedDict):
    """Input of `policy.schema`."""


class PolicySchemaOutput(TypedDict):
    """Output of `policy.schema`."""

    schema: Required[str]
    """The schema (JSON Schema 2020-12)."""


class SessionVerifyStaticKeyInput(TypedDict):
    """Input of `session.verify_static_key`."""

    envelope: Required[Envelope]
    """The statement."""
    owner: Required[str]
    """Whose it should be."""
    now_ms: Required[int]
    """The time."""


class SessionVerifyStaticKeyOutput(TypedDict):
    """Output of `session.verify_static_key`."""

    valid: Required[bool]
    """Whether it is theirs and valid now."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    agree: NotRequired[str]
    """The X25519 key."""


class SessionVerifyBundleInput(TypedDict):
    """Input of `session.verify_bundle`."""

    envelope: Required[Envelope]
    """The bundle."""
    owner: Required[str]
    """Whose it should be."""
    now_ms: Required[int]
    """The time."""


class SessionVerifyBundleOutput(TypedDict):
    """Output of `session.verify_bundle`."""

    valid: Required[bool]
    """Whether it is theirs and valid now."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    hash: NotRequired[str]
    """The hash of the message that is signed; a handshake names it."""
    suites: NotRequired[Sequence[int]]
    """What the owner accepts, best first."""


class SessionVerifyOneTimeKeyInput(TypedDict):
    """Input of `session.verify_one_time_key`."""

    envelope: Required[Envelope]
    """The one-time key."""
    owner: Required[str]
    """Whose it should be."""
    now_ms: Required[int]
    """The time."""


class SessionVerifyOneTimeKeyOutput(TypedDict):
    """Output of `session.verify_one_time_key`."""

    valid: Required[bool]
    """Whether it is theirs and valid now."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    id: NotRequired[str]
    """Its id."""
    hybrid: NotRequired[bool]
    """Whether it has an ML-KEM key."""


class SessionReadFrameInput(TypedDict):
    """Input of `session.read_frame`."""

    bytes: Required[str]
    """A frame or a container."""


SessionFrameKind: TypeAlias = Literal[
    "message",
    "close",
    "reset",
]
"""What is said to be in it.

`message`: Data.
`close`: The sender is done.
`reset`: The sender cannot read what is sent to it.
"""


class SessionReadFrameOutput(TypedDict):
    """Output of `session.read_frame`."""

    kind: Required[SessionFrameKind]
    """What is said to be in it."""
    suite: Required[int]
    """The suite."""
    sid: Required[str]
    """The session."""
    ratchet_key: Required[str]
    """DHs, the sender's public ratchet key."""
    previous: Required[int]
    """PN."""
    number: Required[int]
    """N."""
    frame_hash: Required[str]
    """The hash of the frame."""
    initiator: NotRequired[str]
    """Of a container: who began the session."""
    responder: NotRequired[str]
    """Of a container: with whom."""


class SessionOpenInput(TypedDict):
    """Input of `session.open`."""

    opening: Required[SessionOpening]
    """What is disclosed."""
    frame_hash: Required[str]
    """The hash that the receipt names."""


class SessionOpenOutput(TypedDict):
    """Output of `session.open`."""

    valid: Required[bool]
    """Whether what is disclosed is of the frame of the receipt."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    data: NotRequired[str]
    """The message; of a close or a reset notice nothing."""
    sid: NotRequired[str]
    """The session."""


class SessionPlayInput(TypedDict):
    """Input of `session.play`."""

    play: Required[SessionPlay]
    """The agents and their acts."""


class SessionPlayOutput(TypedDict):
    """Output of `session.play`."""

    results: Required[Sequence[SessionResult]]
    """What came of each act, in order."""
    sessions: Required[Sequence[SessionSeen]]
    """Where the sessions stand in the end, by agent and name."""


class StandingSetInput(TypedDict):
    """Input of `standing.set`."""

    scope: Required[Scope]
    """What it is about."""
    held: Required[bool]
    """Whether it is held from now on."""
    why: NotRequired[str]
    """A note for the record."""


class StandingSetOutput(TypedDict):
    """Output of `standing.set`."""

    holds: Required[Sequence[StandingHold]]
    """What is held now."""
    receipt_id: NotRequired[str]
    """Id of the receipt; absent where a hold began and none could be written."""
    index: NotRequired[Size]
    """Its leaf index."""


class StandingShowInput(TypedDict):
    """Input of `standing.show`."""


class StandingShowOutput(TypedDict):
    """Output of `standing.show`."""

    holds: Required[Sequence[StandingHold]]
    """What is held."""


class ReceiptVerifyInput(TypedDict):
    """Input of `receipt.verify`."""

    envelope: Required[JsonValue]
    """The receipt's envelope, as an object or as its text."""
    issuers: NotRequired[Sequence[str]]
    """The issuers that are trusted; absent: whoever signed."""


class ReceiptVerifyOutput(TypedDict):
    """Output of `receipt.verify`."""

    valid: Required[bool]
    """Whether the receipt verifies."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    receipt_id: NotRequired[str]
    """Id of the receipt."""
    receipt: NotRequired[Receipt]
    """The body."""


class BundleVerifyInput(TypedDict):
    """Input of `bundle.verify`."""

    bundle: Required[JsonValue]
    """The bundle, as an object or as its text."""
    log_keys: NotRequired[Sequence[str]]
    """Verifier keys of the logs that are trusted; absent: none."""
    issuers: NotRequired[Sequence[str]]
    """The issuers that are trusted; absent: none."""


class BundleVerifyOutput(TypedDict):
    """Output of `bundle.verify`."""

    valid: Required[bool]
    """Whether everything verifies, trust included."""
    reason: NotRequired[ErrorCode]
    """Why the answer is false."""
    trusted: NotRequired[bool]
    """Whether log and issuer are among those that are trusted."""
    receipt_id: NotRequired[str]
    """Id of the receipt."""
    index: NotRequired[Size]
    """Leaf index of the receipt."""
    size: NotRequired[Size]
    """Size of the tree of the checkpoint."""
    receipt: NotRequired[Receipt]
    """The body."""
