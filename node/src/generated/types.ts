// Generated from contracts/schemas/ and contracts/operations/ by `cargo run -p talos-codegen`; do not edit.

/** Any JSON value. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** Any JSON object; a member that is undefined counts as absent. */
export type JsonObject = { readonly [name: string]: JsonValue | undefined };

/** A 64-bit count: an integer, or decimal digits from 2^53 on. */
export type Size = number | string;

/** A code of the error registry. */
export type ErrorCode =
  | "malformed.syntax"
  | "malformed.utf8"
  | "malformed.bom"
  | "malformed.duplicate_name"
  | "malformed.number"
  | "malformed.surrogate"
  | "malformed.depth"
  | "malformed.size"
  | "malformed.nul"
  | "malformed.name"
  | "malformed.not_canonical"
  | "malformed.base64"
  | "malformed.member_unknown"
  | "malformed.member_missing"
  | "malformed.type"
  | "malformed.value"
  | "malformed.typ"
  | "malformed.media_type"
  | "malformed.batch"
  | "caller.unknown"
  | "signature.invalid"
  | "signature.key_invalid"
  | "signature.keyid"
  | "signature.missing"
  | "signature.payload_type"
  | "did.malformed"
  | "did.method_unsupported"
  | "did.key_type_unsupported"
  | "proof.index_out_of_range"
  | "proof.size_out_of_range"
  | "proof.length"
  | "proof.root_mismatch"
  | "proof.from_empty"
  | "proof.malformed"
  | "checkpoint.malformed"
  | "checkpoint.signature_invalid"
  | "checkpoint.key_unknown"
  | "checkpoint.origin_mismatch"
  | "trust.none"
  | "trust.log_unknown"
  | "trust.issuer_unknown"
  | "receipt.malformed"
  | "receipt.kind_members"
  | "receipt.chain_gap"
  | "receipt.chain_fork"
  | "receipt.prev_mismatch"
  | "receipt.seq"
  | "receipt.time_reversed"
  | "receipt.incomplete"
  | "receipt.log_mismatch"
  | "receipt.unknown"
  | "receipt.body_missing"
  | "receipt.commit_mismatch"
  | "bundle.malformed"
  | "policy.syntax"
  | "policy.unknown_key"
  | "policy.invalid"
  | "policy.include_unreadable"
  | "policy.include_hash"
  | "policy.no_policy"
  | "policy.tool_not_allowed"
  | "policy.tool_hash_mismatch"
  | "policy.tool_hash_unknown"
  | "policy.blocked_pattern"
  | "policy.cedar_denied"
  | "policy.cedar_error"
  | "policy.argument_missing"
  | "policy.argument_type"
  | "policy.argument_denied"
  | "policy.argument_unknown"
  | "policy.path_unresolved"
  | "policy.egress_denied"
  | "limit.tool_calls"
  | "limit.tokens"
  | "limit.amount"
  | "limit.amount_missing"
  | "limit.currency"
  | "limit.rate"
  | "preflight.consent_missing"
  | "preflight.kyc_missing"
  | "budget.exceeded"
  | "budget.debt"
  | "budget.price_unknown"
  | "budget.currency"
  | "budget.conflict"
  | "budget.unknown"
  | "budget.state"
  | "approval.required"
  | "approval.unavailable"
  | "approval.rejected"
  | "approval.expired"
  | "approval.mismatch"
  | "approval.unknown"
  | "approval.redeemed"
  | "approval.not_approver"
  | "approval.own_request"
  | "approval.duplicate"
  | "approval.code_wrong"
  | "approval.code_locked"
  | "approval.limit"
  | "drift.detected"
  | "drift.stopped"
  | "standing.killed"
  | "standing.suspended"
  | "standing.not_held"
  | "clock.behind"
  | "call.conflict"
  | "call.state"
  | "call.expired"
  | "call.unknown"
  | "call.args_mismatch"
  | "run.busy"
  | "run.closed"
  | "run.exhausted"
  | "run.dead"
  | "store.full"
  | "store.read_only"
  | "store.corrupt"
  | "store.busy"
  | "store.io"
  | "store.unavailable"
  | "store.version"
  | "log.rolled_back"
  | "log.forked"
  | "log.head_missing"
  | "key.missing"
  | "key.malformed"
  | "key.permissions"
  | "config.malformed"
  | "config.missing"
  | "mcp.method_unknown"
  | "mcp.id_invalid"
  | "mcp.id_in_use"
  | "mcp.message_too_large"
  | "mcp.server_response"
  | "mcp.server_gone"
  | "session.malformed"
  | "session.suite"
  | "session.recipient"
  | "session.peer"
  | "session.expired"
  | "session.key_invalid"
  | "session.prekey_unknown"
  | "session.init_replayed"
  | "session.renewal_unknown"
  | "session.renewal_required"
  | "session.limit"
  | "session.throttled"
  | "session.unknown"
  | "session.authentication"
  | "session.skip_limit"
  | "session.duplicate"
  | "session.fork"
  | "session.key_gone"
  | "session.closed"
  | "session.unanswered"
  | "session.opening_mismatch"
  | "mailbox.request_expired"
  | "mailbox.request_mismatch"
  | "mailbox.request_replayed"
  | "mailbox.forbidden"
  | "mailbox.unknown"
  | "mailbox.too_large"
  | "mailbox.quota"
  | "mailbox.full"
  | "mailbox.busy"
  | "mailbox.unreachable"
  | "mailbox.not_configured"
  | "client.not_open"
  | "client.already_open"
  | "client.unknown_message"
  | "client.backlog"
  | "notify.failed"
  | "input.unreadable"
  | "operation.unknown"
  | "context.missing"
  | "kernel.not_open"
  | "kernel.already_open"
  | "kernel.closed"
  | "kernel.poisoned"
  | "kernel.forked"
  | "kernel.mismatch"
  | "internal.panic"
  | "internal.fault";

/**
 * What kind of thing the agent wants to do.
 *
 * - `tool_call`: Call a tool.
 * - `resource_read`: Read a resource.
 * - `prompt_get`: Get a prompt.
 * - `sampling`: Ask a model.
 * - `message`: Send a message to another agent.
 * - `http`: Make an HTTP request.
 */
export type ActionKind = "tool_call" | "resource_read" | "prompt_get" | "sampling" | "message" | "http";

/** A sum of money. */
export type Amount = {
  /** Money in millionths of the currency's unit. */
  readonly micro: number;
  /** ISO 4217 code of a currency. */
  readonly currency: string;
};

/**
 * What an action does to the world, from harmless to final.
 *
 * - `read`: Reads, and changes nothing.
 * - `write`: Changes state that can be restored.
 * - `external`: Reaches other parties.
 * - `spend`: Spends money.
 * - `irreversible`: Cannot be undone.
 */
export type Effect = "read" | "write" | "external" | "spend" | "irreversible";

/** The session and the frame that carried an action. */
export type SessionRef = {
  /** Id of the session. */
  readonly sid: string;
  /** Hash of the frame that carried the action. */
  readonly frame_hash?: string;
};

/** What an agent wants to do: the input of a decision. */
export type Action = {
  /** The run that the action belongs to; absent: the kernel's own. */
  readonly run?: string;
  /** The id of the call; absent: the kernel makes one. */
  readonly call?: string;
  /** What kind of thing the agent wants to do. */
  readonly kind: ActionKind;
  /** What the action is aimed at: a tool's name, a resource's URI, a URL. */
  readonly target: string;
  /** The effect that the operator declared; absent: taken from the policy, else irreversible. */
  readonly effect?: Effect;
  /** Hash of the tool's description and schema as it is now. */
  readonly tool_hash?: string;
  /** The arguments, any JSON value of profile talos-data; absent: an empty object. */
  readonly args?: JsonValue;
  /** Tokens that the action asks for. */
  readonly tokens?: number;
  /** Money that the action would spend. */
  readonly amount?: Amount;
  /** On whose behalf the agent acts, as the host names it. */
  readonly principal?: string;
  /** The model that is asked. */
  readonly model?: string;
  /** The public id of a caller's key; never the key. */
  readonly key_id?: string;
  /** Whether the principal consented to this action, as the host knows it; absent: not known. */
  readonly consent?: boolean;
  /** Whether the principal's identity was checked, as the host knows it; absent: not known. */
  readonly kyc?: boolean;
  /** The session and the frame that carried it. */
  readonly session?: SessionRef;
};

/** What a rule lacks. */
export type ApprovalMissing = {
  /** The name of the rule. */
  readonly rule: string;
  /** How many people have to approve yet. */
  readonly people: number;
  /** Who of them could. */
  readonly approvers: readonly string[];
};

/**
 * Why nothing waits for the answers to a request that is pending or granted; absent: something does.
 *
 * - `run_ended`: Its run is not open: nothing runs under it unless the run is opened again.
 * - `rules_changed`: Its run is decided on by other rules since: nothing runs under it unless these come back.
 */
export type ApprovalStale = "run_ended" | "rules_changed";

/**
 * Where a request stands.
 *
 * - `pending`: People have to answer yet.
 * - `granted`: It may be redeemed, once.
 * - `denied`: Somebody refused.
 * - `expired`: Its time is over.
 * - `redeemed`: It was used.
 */
export type ApprovalState = "pending" | "granted" | "denied" | "expired" | "redeemed";

/** A request for approval as lists show it (docs/spec/approval.md). */
export type Approval = {
  /** Id of the request. */
  readonly id: string;
  /** Where a request stands. */
  readonly state: ApprovalState;
  /** Why nothing waits for the answers to a request that is pending or granted; absent: something does. */
  readonly stale?: ApprovalStale;
  /** The run. */
  readonly run: string;
  /** The agent. */
  readonly actor: string;
  /** On whose behalf the agent acts, as the host names it. */
  readonly principal?: string;
  /** What kind of thing the agent wants to do. */
  readonly kind: ActionKind;
  /** What the action is aimed at: a tool's name, a resource's URI, a URL. */
  readonly target: string;
  /** What an action does to the world, from harmless to final. */
  readonly effect: Effect;
  /** Money that the action would spend. */
  readonly amount?: Amount;
  /** The names of the rules that ask. */
  readonly rules: readonly string[];
  /** What unfulfilled rules lack. */
  readonly missing: readonly ApprovalMissing[];
  /** When it was asked. */
  readonly iat: number;
  /** When it ends. */
  readonly expires: number;
};

/** A person who may approve. */
export type ApprovalPerson = {
  /** The name. */
  readonly name: string;
  /** The key that signs; absent: a one-time code. */
  readonly key?: string;
};

/** A rule that asks for approval. */
export type ApprovalRule = {
  /** The name of the rule. */
  readonly id: string;
  /** How many different people have to approve. */
  readonly quorum: number;
  /** Who may approve. */
  readonly approvers: readonly ApprovalPerson[];
};

/** Which policy decided. */
export type PolicyRef = {
  /** The id of the policy. */
  readonly id: string;
  /** Hash of the policy's canonical form. */
  readonly hash: string;
};

/** What is about to run, to be compared with what was asked for. */
export type ApprovalAbout = {
  /** The run. */
  readonly run: string;
  /** The agent. */
  readonly actor: string;
  /** On whose behalf the agent acts, as the host names it. */
  readonly principal?: string;
  /** What kind of thing the agent wants to do. */
  readonly kind: ActionKind;
  /** What the action is aimed at: a tool's name, a resource's URI, a URL. */
  readonly target: string;
  /** What an action does to the world, from harmless to final. */
  readonly effect: Effect;
  /** Hash of the tool's description and schema. */
  readonly tool_hash?: string;
  /** Digest of the arguments. */
  readonly args_digest: string;
  /** Money that the action would spend. */
  readonly amount?: Amount;
  /** Tokens that the action asks for. */
  readonly tokens?: number;
  /** The model that is asked. */
  readonly model?: string;
  /** The public id of a caller's key; never the key. */
  readonly key_id?: string;
  /** Whether the principal consented, as the host knew it; absent: not known. */
  readonly consent?: boolean;
  /** Whether the principal's identity was checked, as the host knew it; absent: not known. */
  readonly kyc?: boolean;
  /** Which policy decided. */
  readonly policy: PolicyRef;
  /** The rules that ask for approval. */
  readonly rules: readonly ApprovalRule[];
};

/** What a file holds now. */
export type ApprovalFile = {
  /** The path, as the arguments have it. */
  readonly path: string;
  /** What it holds; absent: there is no such file. */
  readonly text?: string;
};

/** A leaf of the arguments. */
export type ApprovalArgument = {
  /** JSON pointer to the leaf. */
  readonly pointer: string;
  /** The value: JSON, or the lines of a text. */
  readonly lines: readonly string[];
  /** Whether something of it is not shown. */
  readonly clipped: boolean;
};

/**
 * What would happen to the file.
 *
 * - `created`: It does not exist yet.
 * - `changed`: Its text changes.
 * - `unchanged`: Its text stays.
 * - `unknown`: The host did not give its text, the text to replace is not in it, or it is too large to compare.
 */
export type ApprovalDiffStatus = "created" | "changed" | "unchanged" | "unknown";

/** What a file would become, if the tool does what the names of its arguments say. */
export type ApprovalDiff = {
  /** The path. */
  readonly path: string;
  /** What would happen to the file. */
  readonly status: ApprovalDiffStatus;
  /** Lines of a unified diff. */
  readonly lines: readonly string[];
  /** Whether lines are not shown. */
  readonly clipped: boolean;
};

/** How much is not shown. */
export type ApprovalOmitted = {
  /** Leaves of the arguments. */
  readonly arguments: number;
  /** Addresses. */
  readonly recipients: number;
  /** URLs. */
  readonly urls: number;
  /** Files. */
  readonly diffs: number;
};

/** A URL in the arguments. */
export type ApprovalUrl = {
  /** JSON pointer to where it is. */
  readonly pointer: string;
  /** The URL. */
  readonly url: string;
  /** The host that it leads to. */
  readonly host: string;
  /** Whether it has a user name before the host. */
  readonly credentials: boolean;
};

/** What would run, for people: every text in it is neutralised, bounded, and says where it was clipped. */
export type ApprovalView = {
  /** Kind, target and effect. */
  readonly heading: string;
  /** Whether something of it is not shown here; whoever approves looks at the rest first. */
  readonly clipped: boolean;
  /** The money, with its currency. */
  readonly amount?: string;
  /** Tokens that the action asks for. */
  readonly tokens?: number;
  /** The model that is asked. */
  readonly model?: string;
  /** Digest of the whole arguments, of which some may not be shown. */
  readonly args_digest: string;
  /** Every leaf of the arguments. */
  readonly arguments: readonly ApprovalArgument[];
  /** How much is not shown. */
  readonly omitted: ApprovalOmitted;
  /** E-mail addresses in the arguments. */
  readonly recipients: readonly string[];
  /** URLs in the arguments. */
  readonly urls: readonly ApprovalUrl[];
  /** What files would become. */
  readonly diffs: readonly ApprovalDiff[];
  /** All of it as lines for a terminal. */
  readonly lines: readonly string[];
};

/** Stored as a request for approval, and none: nobody can answer it, nothing runs under it. */
export type ApprovalDamaged = {
  /** The id under which it is stored; absent: it cannot be read. */
  readonly approval?: string;
  /** A code of the error registry. */
  readonly code: ErrorCode;
  /** What is wrong with it. */
  readonly detail: string;
};

/**
 * What the person says.
 *
 * - `grant`: The action may run, once.
 * - `deny`: The action may not run.
 */
export type ApprovalResponse = "grant" | "deny";

/** The answer of one person to a request for approval, signed by that person's key (docs/spec/approval.md). */
export type ApprovalGrant = {
  /** Contract and major version. */
  readonly typ: "talos.approval_grant/1";
  /** DID URL of the key that signs: the person's, or the kernel's where a one-time code was given. */
  readonly iss: string;
  /** Id of the request. */
  readonly approval: string;
  /** The name of the person. */
  readonly name: string;
  /** What the person says. */
  readonly response: ApprovalResponse;
  /** When. */
  readonly iat: number;
  /** A sentence for the record. */
  readonly note?: string;
};

/** What people are asked to approve: signed by the kernel that asks (docs/spec/approval.md). */
export type ApprovalRequest = {
  /** Contract and major version. */
  readonly typ: "talos.approval_request/1";
  /** DID URL of the key that signs the request. */
  readonly iss: string;
  /** The run. */
  readonly run: string;
  /** The agent. */
  readonly actor: string;
  /** On whose behalf the agent acts, as the host names it. */
  readonly principal?: string;
  /** What kind of thing the agent wants to do. */
  readonly kind: ActionKind;
  /** What the action is aimed at: a tool's name, a resource's URI, a URL. */
  readonly target: string;
  /** What an action does to the world, from harmless to final. */
  readonly effect: Effect;
  /** Hash of the tool's description and schema. */
  readonly tool_hash?: string;
  /** Digest of the arguments. */
  readonly args_digest: string;
  /** Money that the action would spend. */
  readonly amount?: Amount;
  /** Tokens that the action asks for. */
  readonly tokens?: number;
  /** The model that is asked. */
  readonly model?: string;
  /** The public id of a caller's key; never the key. */
  readonly key_id?: string;
  /** Whether the principal consented, as the host knew it; absent: not known. */
  readonly consent?: boolean;
  /** Whether the principal's identity was checked, as the host knew it; absent: not known. */
  readonly kyc?: boolean;
  /** Which policy decided. */
  readonly policy: PolicyRef;
  /** What has to be fulfilled: each of them. */
  readonly rules: readonly ApprovalRule[];
  /** When it was asked. */
  readonly iat: number;
  /** When it ends. */
  readonly expires: number;
  /** Sixteen random bytes. */
  readonly nonce: string;
};

/** One signature over the pre-authentication encoding. */
export type EnvelopeSignature = {
  /** DID URL of the key; counts only through the body's iss. */
  readonly keyid: string;
  /** The signature: padded base64. */
  readonly sig: string;
};

/** A DSSE envelope: a payload and the signatures over it. */
export type Envelope = {
  /** Media type of the payload. */
  readonly payloadType: string;
  /** The payload: padded base64 of RFC 4648 section 4. */
  readonly payload: string;
  /** The signatures; the first is the issuer's. Empty only where the log vouches for the payload. */
  readonly signatures: readonly EnvelopeSignature[];
};

/** A request for approval with what has become of it. */
export type ApprovalCase = {
  /** Id of the request. */
  readonly approval: string;
  /** Where a request stands. */
  readonly state: ApprovalState;
  /** Why nothing waits for the answers to a request that is pending or granted; absent: something does. */
  readonly stale?: ApprovalStale;
  /** What it says. */
  readonly request: ApprovalRequest;
  /** The request as it was signed. */
  readonly envelope: Envelope;
  /** The answers that count, in the order in which they came. */
  readonly answers: readonly ApprovalGrant[];
  /** What unfulfilled rules lack. */
  readonly missing: readonly ApprovalMissing[];
  /** The arguments that would run; absent where they were erased. */
  readonly args?: JsonValue;
};

/** A request for approval as whoever asked may see it: what the Location of a response 202 leads to (docs/spec/approval.md). */
export type ApprovalResource = {
  /** Id of the request. */
  readonly approval: string;
  /** Where a request stands. */
  readonly state: ApprovalState;
  /** Why nothing waits for the answers to a request that is pending or granted; absent: something does. */
  readonly stale?: ApprovalStale;
  /** What the action is aimed at: a tool's name, a resource's URI, a URL. */
  readonly target: string;
  /** When it was asked. */
  readonly iat: number;
  /** When it ends. */
  readonly expires: number;
};

/**
 * What becomes of an action beyond the cap.
 *
 * - `off`: Nothing is counted.
 * - `warn`: It is counted, and the decision carries a warning.
 * - `hard`: It is denied.
 */
export type BudgetMode = "off" | "warn" | "hard";

/**
 * What is counted.
 *
 * - `calls`: Actions.
 * - `tokens`: Tokens of models.
 * - `money`: Micro-units of a currency.
 */
export type BudgetUnit = "calls" | "tokens" | "money";

/**
 * How it moves.
 *
 * - `fixed`: Starts anew at each multiple of its length since 1970.
 * - `sliding`: Ends now, always.
 */
export type BudgetWindowKind = "fixed" | "sliding";

/** A stretch of time. */
export type BudgetWindow = {
  /** How it moves. */
  readonly kind: BudgetWindowKind;
  /** Its length. */
  readonly seconds: number;
};

/**
 * What a scope is about.
 *
 * - `all`: Everything.
 * - `organisation`: An organisation.
 * - `team`: A team.
 * - `agent`: An agent, by its name or its DID.
 * - `principal`: On whose behalf the agent acts.
 * - `run`: A run.
 * - `tool`: A tool, a prompt, or a resource, by its target.
 * - `model`: A model.
 * - `key`: A key of a caller, by its public id.
 */
export type ScopeLevel =
  | "all"
  | "organisation"
  | "team"
  | "agent"
  | "principal"
  | "run"
  | "tool"
  | "model"
  | "key";

/** A part of what the kernel decides on. */
export type Scope = {
  /** What a scope is about. */
  readonly level: ScopeLevel;
  /** The name; absent for the level all. */
  readonly name?: string;
};

/** How much a part of what the kernel decides on may use (docs/spec/budget.md). */
export type Budget = {
  /** Whose budget it is; the name * stands for each of the level on its own. */
  readonly scope: Scope;
  /** What is counted. */
  readonly unit: BudgetUnit;
  /** The currency; of money only. */
  readonly currency?: string;
  /** How much may be used in the window, equality included: calls, tokens, or micro-units. */
  readonly cap: number;
  /** The time that the cap is for; absent: for good. */
  readonly window?: BudgetWindow;
  /** What becomes of an action beyond the cap; absent: hard. */
  readonly mode?: BudgetMode;
  /** What an action counts for whose cost is not known; absent: it is denied. */
  readonly default_cost?: number;
};

/** Where a budget stands. */
export type BudgetAccount = {
  /** The budget; its scope has a name of its own where the budget is one of each. */
  readonly budget: Budget;
  /** Reserved by calls that have not ended. */
  readonly held: number;
  /** Used in this window. */
  readonly spent: number;
  /** What calls cost beyond their reservation and the cap. */
  readonly debt: number;
  /** What can still be reserved. */
  readonly left: number;
  /** Milliseconds until a fixed window starts anew. */
  readonly turns_in_ms?: number;
};

/** Whose action it is: the names that budgets are looked up by. Each absent member has no budget. */
export type BudgetPath = {
  /** The run. */
  readonly run?: string;
  /** The target. */
  readonly tool?: string;
  /** The model. */
  readonly model?: string;
  /** The public id of the caller's key. */
  readonly key?: string;
  /** The agent. */
  readonly agent?: string;
  /** The team. */
  readonly team?: string;
  /** The organisation. */
  readonly organisation?: string;
  /** On whose behalf. */
  readonly principal?: string;
};

/**
 * What happens.
 *
 * - `reserve`: An action asks.
 * - `settle`: It ended, and cost so much.
 * - `release`: It did not start.
 * - `expire`: Nobody knows what became of it.
 * - `set`: The operator sets a budget.
 * - `remove`: The operator removes one.
 * - `advance`: Time passes.
 * - `turn_back`: The clock is set back.
 */
export type BudgetStepKind =
  | "reserve"
  | "settle"
  | "release"
  | "expire"
  | "set"
  | "remove"
  | "advance"
  | "turn_back";

/** One thing that happens to budgets. */
export type BudgetStep = {
  /** What happens. */
  readonly step: BudgetStepKind;
  /** The reservation. */
  readonly id?: string;
  /** Whose action it is: the names that budgets are looked up by. Each absent member has no budget. */
  readonly path?: BudgetPath;
  /** Of reserve: the kind of action; absent: tool_call. */
  readonly kind?: ActionKind;
  /** Of reserve: its effect; absent: irreversible. */
  readonly effect?: Effect;
  /** Of reserve: tokens at most. Of settle: tokens used; absent: all that were reserved. */
  readonly tokens?: number;
  /** Of reserve: money at most. Of settle: money spent; absent: all that was reserved. */
  readonly amount?: Amount;
  /** Of set and remove: the budget. */
  readonly budget?: Budget;
  /** Of advance and turn_back: how many milliseconds. */
  readonly ms?: number;
};

/**
 * Where the reservation is.
 *
 * - `held`: It waits for its end.
 * - `settled`: It was charged.
 * - `released`: It was given back.
 */
export type BudgetHoldState = "held" | "settled" | "released";

/** What came of a step. */
export type BudgetResult = {
  /** Whether it was done. */
  readonly ok: boolean;
  /** Why not. */
  readonly code?: ErrorCode;
  /** The first level, from the leaf, that said no. */
  readonly level?: ScopeLevel;
  /** After so many milliseconds the same step may be done. */
  readonly retry_after_ms?: number;
  /** Where the reservation is. */
  readonly state?: BudgetHoldState;
  /** Budgets in mode warn that it is beyond. */
  readonly warnings?: readonly ScopeLevel[];
};

/** A disclosed value and the key of its commitment. */
export type BundleBody = {
  /** The key of the commitment. */
  readonly key: string;
  /** The disclosed value. */
  readonly value: JsonValue;
};

/** Disclosed bodies. */
export type BundleBodies = {
  /** The arguments. */
  readonly args?: BundleBody;
  /** The result. */
  readonly result?: BundleBody;
};

/** A receipt with the proof that it is in a log; carries no trust of its own. */
export type Bundle = {
  /** Contract and major version. */
  readonly typ: "talos.bundle/1";
  /** The receipt's envelope, as it was delivered. */
  readonly envelope: Envelope;
  /** Inclusion proof and checkpoint (C2SP tlog-proof), as text. */
  readonly tlog_proof: string;
  /** Disclosed bodies. */
  readonly bodies?: BundleBodies;
};

/** A signed statement about the whole log (C2SP tlog-checkpoint). */
export type Checkpoint = {
  /** The name of a log: the first line of its checkpoints. */
  readonly origin: string;
  /** A number of leaves: an integer, or in decimal digits up to 2^64-1. */
  readonly size: Size;
  /** Root of the tree of that size. */
  readonly root: string;
  /** The signed note as text, signatures included. */
  readonly note?: string;
};

/** A session of a client, as it is shown (docs/spec/client.md). */
export type ClientSession = {
  /** The other side. */
  readonly peer: string;
  /** Its name. */
  readonly sid: string;
  /** Its suite. */
  readonly suite: number;
  /** Whether this side began it. */
  readonly initiator: boolean;
  /** Whether the other side is known to have it. */
  readonly answered: boolean;
  /** Whether it seals no more. */
  readonly retired: boolean;
  /** Whether it is the one to send on. */
  readonly current: boolean;
};

/**
 * Where it began the session: what is known of the peer.
 *
 * - `first`: There was no answered session with it.
 * - `renewed`: It renewed one.
 * - `fresh`: There was one, and this does not follow from it.
 */
export type ClientBegan = "first" | "renewed" | "fresh";

/** A message that was opened. */
export type ClientMessage = {
  /** Who sealed it. */
  readonly peer: string;
  /** The message. */
  readonly data: string;
  /** SHA-256 of the message. */
  readonly message_hash: string;
  /** The hash of its frame, which its receipt names. */
  readonly frame_hash: string;
  /** The session. */
  readonly sid: string;
  /** When it was opened. */
  readonly received: number;
  /** The receipt of its arrival. */
  readonly receipt_id?: string;
  /** Where it began the session: what is known of the peer. */
  readonly began?: ClientBegan;
};

/** A frame that waits to be carried to a peer. */
export type ClientFrame = {
  /** SHA-256 of the bytes. */
  readonly id: string;
  /** To whom. */
  readonly peer: string;
  /** A frame or a container. */
  readonly bytes: string;
};

/** What discloses one message of a session, and no other. */
export type SessionOpening = {
  /** The frame. */
  readonly frame: string;
  /** th of its session. */
  readonly transcript_hash: string;
  /** mk. */
  readonly message_key: string;
};

/**
 * The answer to an action, in rising order of weight.
 *
 * - `allow`: The action may run.
 * - `transform`: The action may run with changed arguments.
 * - `needs_approval`: The action may run once a person approves it.
 * - `deny`: The action may not run.
 */
export type Verdict = "allow" | "transform" | "needs_approval" | "deny";

/**
 * An audit event that a code raises.
 *
 * - `TOOL_CALL_BLOCKED`: A tool call was not allowed.
 * - `POLICY_VIOLATION`: A rule of the policy was broken.
 * - `DRIFT_DETECTED`: Confidence fell below the threshold.
 */
export type Event = "TOOL_CALL_BLOCKED" | "POLICY_VIOLATION" | "DRIFT_DETECTED";

/**
 * How an action ended.
 *
 * - `ok`: It ended well.
 * - `error`: It ended with an error.
 * - `cancelled`: It was cancelled.
 * - `unknown`: Nobody knows how it ended.
 */
export type OutcomeStatus = "ok" | "error" | "cancelled" | "unknown";

/**
 * Where a permit is in its life.
 *
 * - `pending`: Waits for an approval.
 * - `issued`: May be started once.
 * - `started`: The action runs.
 * - `settled`: The outcome is known.
 * - `expired`: Was not started or settled in time.
 * - `released`: Was given back unused.
 */
export type PermitState = "pending" | "issued" | "started" | "settled" | "expired" | "released";

/**
 * Who vouches for a receipt.
 *
 * - `self`: The receipt has a signature of its own.
 * - `log`: The receipt counts only together with its inclusion in a signed checkpoint.
 */
export type SignMode = "self" | "log";

/**
 * Which rules a JSON text has to keep.
 *
 * - `talos`: Contract bodies: integers only, names of [a-z0-9_].
 * - `talos-data`: User data: any names, numbers that survive the canonical form.
 * - `rfc8785`: RFC 8785 and nothing more.
 */
export type JsonProfile = "talos" | "talos-data" | "rfc8785";

/**
 * The format of a policy text.
 *
 * - `yaml`: YAML.
 * - `toml`: TOML.
 * - `json`: JSON.
 */
export type PolicyFormat = "yaml" | "toml" | "json";

/** A file that a policy includes. */
export type PolicyFile = {
  /** Its path, as the policy names it; for a file that an included file names, from the policy on. */
  readonly path: string;
  /** What is in it. */
  readonly text: string;
};

/**
 * The type of a key in a did:key.
 *
 * - `ed25519`: Ed25519, for signatures.
 * - `x25519`: X25519, for agreement.
 */
export type KeyType = "ed25519" | "x25519";

/** A scope that is held. */
export type StandingHold = {
  /** A part of what the kernel decides on. */
  readonly scope: Scope;
  /** A note of whoever turned it. */
  readonly why?: string;
};

/** A URL that the notice is posted to. */
export type NotifyWebhook = {
  /** The URL: https, or http with allow_private. */
  readonly url: string;
  /** File, relative to this one, with the secret that signs notices (Standard Webhooks): whsec_ and base64; absent: not signed. */
  readonly secret_file?: string;
  /** Whether the host may have an address that is not public; absent: false. */
  readonly allow_private?: boolean;
  /** Whether one-time codes go with it; absent: false. */
  readonly codes?: boolean;
};

/** Who is told of a new request for approval (docs/spec/approval.md, section 8); absent: nobody. */
export type ConfigurationNotify = {
  /** A program and its arguments, run without a shell with the notice on its standard input. */
  readonly command?: readonly string[];
  /** A URL that the notice is posted to. */
  readonly webhook?: NotifyWebhook;
};

/** The file talos.toml. */
export type Configuration = {
  /** The name of a log: the first line of its checkpoints. */
  readonly origin: string;
  /** Path of the policy file, relative to this one. */
  readonly policy?: string;
  /** Paths of files with Cedar policies, relative to this one; they have to allow, too. */
  readonly cedar?: readonly string[];
  /** Path of the file with the tools' definitions that the Cedar policies are validated against; absent: the policy's with the extension tools.json, if there is one. */
  readonly tools?: string;
  /** Who vouches for receipts of reads; absent: self. */
  readonly sign_reads?: SignMode;
  /** How long a permit may wait for its start, in seconds; absent: 60. */
  readonly permit_seconds?: number;
  /** Whether arguments and results are kept, so that they can be disclosed; absent: false. */
  readonly store_bodies?: boolean;
  /** The base URL of the mailbox by which the agents of this directory reach others; absent: none. */
  readonly mailbox?: string;
  /** The organisation that the agents of this directory belong to. */
  readonly organisation?: string;
  /** The team that the agents of this directory belong to. */
  readonly team?: string;
  /** Who is told of a new request for approval (docs/spec/approval.md, section 8); absent: nobody. */
  readonly notify?: ConfigurationNotify;
};

/** One reason of a decision. */
export type DecisionReason = {
  /** A code of the error registry. */
  readonly code: ErrorCode;
  /** The pipeline stage that found it. */
  readonly stage: number;
  /** A sentence for people. */
  readonly message: string;
  /** The rule of the policy that was hit. */
  readonly rule?: string;
  /** An audit event that a code raises. */
  readonly event?: Event;
};

/** What the policy in shadow mode would have decided. */
export type DecisionShadow = {
  /** Which policy decided. */
  readonly policy: PolicyRef;
  /** The answer to an action, in rising order of weight. */
  readonly verdict: Verdict;
  /** Why, sorted by stage and code. */
  readonly reasons: readonly DecisionReason[];
};

/** The answer to an action. */
export type Decision = {
  /** The id of this decision, valid before its receipt is durable. */
  readonly decision_id: string;
  /** The id of a call within its run, made by the connector. */
  readonly call: string;
  /** The answer to an action, in rising order of weight. */
  readonly verdict: Verdict;
  /** The effect that was decided on. */
  readonly effect: Effect;
  /** Why, sorted by stage and code. */
  readonly reasons: readonly DecisionReason[];
  /** What was noticed and did not change the verdict. */
  readonly warnings?: readonly string[];
  /** Which policy decided. */
  readonly policy: PolicyRef;
  /** State of the call's permit; absent when there is none. */
  readonly permit?: PermitState;
  /** Id of the approval that is waited for or was redeemed. */
  readonly approval?: string;
  /** The verdict that a policy in mode observe would have given, where it allowed the action all the same. */
  readonly observed?: Verdict;
  /** What the policy in shadow mode would have decided. */
  readonly shadow?: DecisionShadow;
  /** After so many milliseconds the same action may be allowed: where a rate or a budget's window denied it. */
  readonly retry_after_ms?: number;
  /** Id of the decision's receipt, once it is durable. */
  readonly receipt_id?: string;
  /** Leaf index of the receipt in the log, once it is durable. */
  readonly index?: number;
};

/** An error as a problem document (RFC 9457). */
export type Problem = {
  /** urn:talos:error: and the code. */
  readonly type: string;
  /** The public sentence of the code. */
  readonly title: string;
  /** HTTP status; 202 where the action waits for people. */
  readonly status: number;
  /** A code of the error registry. */
  readonly code: ErrorCode;
  /** What was got and what was expected. */
  readonly detail: string;
  /** Whether the same request can succeed later. */
  readonly retryable: boolean;
  /** Byte offset of the mistake in the text that was sent. */
  readonly offset?: number;
  /** The nearest thing that would have been accepted. */
  readonly suggestion?: string;
  /** Id of the receipt that is evidence of the refusal, where there is one. */
  readonly receipt_id?: string;
  /** Id of the request for approval that the action waits for. */
  readonly approval?: string;
};

/**
 * The method of an HTTP request.
 *
 * - `GET`: Reads.
 * - `PUT`: Replaces.
 * - `POST`: Adds.
 * - `DELETE`: Erases.
 */
export type MailboxMethod = "GET" | "PUT" | "POST" | "DELETE";

/** Who makes one HTTP request to a mailbox, signed by the agent (docs/spec/mailbox.md). */
export type MailboxRequest = {
  /** Contract and major version. */
  readonly typ: "talos.mailbox_request/1";
  /** DID URL of the agent's key that signs. */
  readonly iss: string;
  /** The base URL of the mailbox that is meant, without a slash at its end. */
  readonly mailbox: string;
  /** The method of an HTTP request. */
  readonly method: MailboxMethod;
  /** The path with its query, as it is sent. */
  readonly path: string;
  /** SHA-256 of the body; of no bytes where there is none. */
  readonly body: string;
  /** When. */
  readonly iat: number;
  /** Sixteen random bytes. */
  readonly nonce: string;
};

/** What a mailbox tells an agent of its own (docs/spec/mailbox.md). */
export type MailboxStatus = {
  /** How many one-time keys it can still give away. */
  readonly one_time_keys: number;
  /** Whether that is less than the low-water mark: time to publish more. */
  readonly low: boolean;
  /** Frames that wait. */
  readonly frames: number;
  /** Their bytes. */
  readonly bytes: number;
  /** When the published bundle ends; absent: there is none. */
  readonly bundle_expires?: number;
};

/** What somebody needs to begin a session with an agent. */
export type MailboxBundle = {
  /** The prekey bundle. */
  readonly bundle: Envelope;
  /** A one-time key, given to nobody else; absent: none is left, or this requester had its share. */
  readonly one_time_key?: Envelope;
};

/** One-time keys to publish. */
export type MailboxKeys = {
  /** The keys. */
  readonly keys: readonly Envelope[];
};

/** A frame that is kept until it is fetched or expires. */
export type MailboxPosted = {
  /** SHA-256 of the bytes. */
  readonly id: string;
  /** When the mailbox erases it. */
  readonly expires: number;
};

/** A frame that waits. */
export type MailboxFrame = {
  /** Its place in the queue of this agent: rises, and is never given twice. */
  readonly seq: number;
  /** SHA-256 of the bytes. */
  readonly id: string;
  /** Who posted it. The session says who sealed it. */
  readonly sender: string;
  /** When the mailbox took it. */
  readonly received: number;
  /** When the mailbox erases it. */
  readonly expires: number;
  /** A frame or a container, as it was posted: base64url without padding, up to 17 MiB. */
  readonly bytes: string;
};

/** Frames that wait, oldest first. */
export type MailboxFrames = {
  /** The frames. */
  readonly frames: readonly MailboxFrame[];
  /** Whether more wait. */
  readonly more: boolean;
};

/** Frames that are kept elsewhere now and may be erased. */
export type MailboxAck = {
  /** Their places. */
  readonly seqs: readonly number[];
};

/** What was erased. */
export type MailboxAcked = {
  /** How many. */
  readonly erased: number;
};

/** Keys for one handshake, signed one by one so that nobody can put others in their place (docs/spec/session.md). */
export type OneTimeKey = {
  /** Contract and major version. */
  readonly typ: "talos.one_time_key/1";
  /** DID URL of the owner's key that signs. */
  readonly iss: string;
  /** Its id; never given to another key. */
  readonly id: string;
  /** The X25519 key. */
  readonly x25519: string;
  /** The ML-KEM-768 encapsulation key; absent: the bundle's is used. */
  readonly mlkem768?: string;
  /** From when it is valid. */
  readonly iat: number;
  /** When it ends: at most 30 days after iat. */
  readonly exp: number;
};

/** How an action ended: the input of a settlement. */
export type Outcome = {
  /** How an action ended. */
  readonly status: OutcomeStatus;
  /** The result, any JSON value of profile talos-data. */
  readonly result?: JsonValue;
  /** Tokens that were used. */
  readonly tokens?: number;
  /** Money that was spent. */
  readonly amount?: Amount;
  /** Confidence in the result, in basis points. */
  readonly confidence_bp?: number;
  /** The session and the frame that carried it away. */
  readonly session?: SessionRef;
};

/** The right to run one action once. */
export type Permit = {
  /** The run of the call. */
  readonly run: string;
  /** The id of a call within its run, made by the connector. */
  readonly call: string;
  /** Where a permit is in its life. */
  readonly state: PermitState;
  /** What an action does to the world, from harmless to final. */
  readonly effect: Effect;
  /** When the permit expires, in milliseconds since 1970. */
  readonly expires_at: number;
};

/** Whom a rule is for: each member that is there has to name the agent's. */
export type PolicyOnlyFor = {
  /** Names of organisations. */
  readonly organisations?: readonly string[];
  /** Names of teams. */
  readonly teams?: readonly string[];
  /** Names or DIDs of agents. */
  readonly agents?: readonly string[];
  /** Names of principals. */
  readonly principals?: readonly string[];
  /** Ids of runs. */
  readonly runs?: readonly string[];
};

/** What needs approval, and whose. */
export type PolicyApproval = {
  /** The name of the rule, as reasons show it. */
  readonly id: string;
  /** Names of tools that the rule is for; absent: all. */
  readonly tools?: readonly string[];
  /** Effects that the rule is for; absent: all. */
  readonly effects?: readonly Effect[];
  /** Whom the rule is for; absent: everybody. Who is not known is meant, too. */
  readonly only_for?: PolicyOnlyFor;
  /** Only what spends more than this, or an unknown amount; absent: whatever it spends. */
  readonly above?: Amount;
  /** Names of those who may approve; absent: all approvers of the policy. */
  readonly approvers?: readonly string[];
  /** How many different people have to approve; absent: 1. */
  readonly quorum?: number;
  /** How long the request waits; absent: 900. */
  readonly expires_seconds?: number;
};

/** A person who may approve. */
export type PolicyApprover = {
  /** The name. */
  readonly name: string;
  /** The key that signs the grants; absent: a one-time code is sent. */
  readonly key?: string;
};

/** Where URLs in the arguments may lead. */
export type PolicyEgress = {
  /** Hosts: exact, or *. and a domain for all hosts below it. */
  readonly hosts: readonly string[];
  /** Schemes; absent: https. */
  readonly schemes?: readonly string[];
  /** Ports; absent: the scheme's own. */
  readonly ports?: readonly number[];
  /** Whether an address that is loopback, private, link-local or reserved is allowed; absent: false. */
  readonly allow_private?: boolean;
};

/** A file whose rules are added. */
export type PolicyInclude = {
  /** Its path, relative to this file. */
  readonly file: string;
  /** The policy hash of that file. */
  readonly hash: string;
};

/** A limit of money. */
export type PolicyMaxAmount = {
  /** ISO 4217 code of a currency. */
  readonly currency: string;
  /** The most that one call may spend, in micro-units. */
  readonly per_call_micro?: number;
  /** The most that one run may spend, in micro-units. */
  readonly per_run_micro?: number;
};

/**
 * What the policy's denials lead to; absent: enforce.
 *
 * - `enforce`: What is denied does not run.
 * - `shadow`: Nothing; the policy is decided on beside another one, and recorded.
 * - `observe`: Nothing; what would have been denied runs, and its receipt says so.
 */
export type PolicyMode = "enforce" | "shadow" | "observe";

/**
 * What a result below the threshold leads to.
 *
 * - `flag`: The outcome is flagged.
 * - `needs_approval`: What follows needs approval.
 * - `stop`: The run is stopped.
 */
export type PolicyOnDrift = "flag" | "needs_approval" | "stop";

/**
 * How the pattern is matched.
 *
 * - `substring`: Anywhere in the string.
 * - `regex`: A regular expression, anywhere in the string.
 * - `glob`: The whole string; ** crosses separators.
 */
export type PolicyPatternKind = "substring" | "regex" | "glob";

/** A pattern that is blocked. */
export type PolicyPattern = {
  /** The name of the pattern, as reasons show it. */
  readonly id?: string;
  /** How the pattern is matched. */
  readonly kind: PolicyPatternKind;
  /** The pattern. */
  readonly pattern: string;
  /** Whether case counts; absent: only for regex and glob. */
  readonly case_sensitive?: boolean;
  /** Whom the pattern is for; absent: everybody. Who is not known is meant, too. */
  readonly only_for?: PolicyOnlyFor;
};

/**
 * What is counted apart; absent: run.
 *
 * - `run`: Each run.
 * - `tool`: Each tool.
 * - `agent`: Each agent.
 * - `principal`: Each principal.
 * - `team`: Each team.
 * - `organisation`: Each organisation.
 * - `all`: All together.
 */
export type PolicyRateBy = "run" | "tool" | "agent" | "principal" | "team" | "organisation" | "all";

/** How often actions may happen (GCRA). */
export type PolicyRate = {
  /** The name of the rate, as reasons show it. */
  readonly id: string;
  /** Names of tools that the rate is for; absent: all. */
  readonly tools?: readonly string[];
  /** Effects that the rate is for; absent: all. */
  readonly effects?: readonly Effect[];
  /** Whom the rate is for; absent: everybody. Who is not known is meant, too. */
  readonly only_for?: PolicyOnlyFor;
  /** So many calls. */
  readonly calls: number;
  /** In so many seconds. */
  readonly per_seconds: number;
  /** So many at once; absent: calls. */
  readonly burst?: number;
  /** What is counted apart; absent: run. */
  readonly by?: PolicyRateBy;
};

/** A resource that may be read. */
export type PolicyResource = {
  /** A glob of the URI. */
  readonly uri: string;
  /** What reading it does; absent: read. */
  readonly effect?: Effect;
};

/** A resource by a glob of its URI, or a rule for it. */
export type PolicyResourceItem = string | PolicyResource;

/** Where the arguments say how much is spent. */
export type PolicyAmountArgs = {
  /** Argument that holds the amount in micro-units. */
  readonly amount_arg: string;
  /** Argument that holds the currency. */
  readonly currency_arg?: string;
};

/**
 * The dialect; absent: generic.
 *
 * - `generic`: What most databases share.
 * - `postgres`: PostgreSQL.
 * - `mysql`: MySQL.
 * - `sqlite`: SQLite.
 */
export type PolicyArgumentDialect = "generic" | "postgres" | "mysql" | "sqlite";

/**
 * What the argument is.
 *
 * - `url`: A URL (WHATWG).
 * - `path`: A path of a file or directory.
 * - `sql`: SQL statements.
 * - `shell`: A command line of a POSIX shell, or the words of a command.
 * - `email`: An e-mail address.
 * - `money`: A sum of money.
 * - `date`: A date, or date and time (RFC 3339).
 * - `number`: A number.
 * - `string`: A string.
 * - `boolean`: True or false.
 */
export type PolicyArgumentKind =
  | "url"
  | "path"
  | "sql"
  | "shell"
  | "email"
  | "money"
  | "date"
  | "number"
  | "string"
  | "boolean";

/**
 * How symbolic links are seen; absent: resolve.
 *
 * - `resolve`: The host resolves them; where it cannot, the path is denied.
 * - `lexical`: They are not: for paths that are not of this machine.
 */
export type PolicyArgumentLinks = "resolve" | "lexical";

/**
 * A kind of SQL statement.
 *
 * - `select`: Reads.
 * - `insert`: Adds rows.
 * - `update`: Changes rows.
 * - `delete`: Deletes rows.
 * - `create`: Makes tables, views and the like.
 * - `alter`: Changes them.
 * - `drop`: Drops them.
 * - `transaction`: Begins, commits and rolls back.
 */
export type SqlStatement =
  | "select"
  | "insert"
  | "update"
  | "delete"
  | "create"
  | "alter"
  | "drop"
  | "transaction";

/** What an argument has to be. */
export type PolicyArgument = {
  /** JSON pointer to the argument; a step * stands for each item of an array, which has at least one. */
  readonly arg: string;
  /** What the argument is. */
  readonly kind: PolicyArgumentKind;
  /** The name of the rule, as reasons show it; absent: tool and pointer. */
  readonly id?: string;
  /** Whether the argument may be left out; absent: false. */
  readonly may_be_absent?: boolean;
  /** Schemes; absent: https. */
  readonly schemes?: readonly string[];
  /** Hosts: exact, or *. and a domain for all hosts below it. */
  readonly hosts?: readonly string[];
  /** Ports; absent: the scheme's own. */
  readonly ports?: readonly number[];
  /** Globs of the URL's path; absent: any. */
  readonly paths?: readonly string[];
  /** Whether an address that is loopback, private, link-local or reserved is allowed; absent: false. */
  readonly allow_private?: boolean;
  /** Directories, one of which the path has to be in. */
  readonly under?: readonly string[];
  /** The directory that a relative path starts from; absent: relative paths are denied. */
  readonly base?: string;
  /** Globs that no part of the way below the directory may match. */
  readonly denied?: readonly string[];
  /** Extensions of the file, without the dot; absent: any. */
  readonly extensions?: readonly string[];
  /** How symbolic links are seen; absent: resolve. */
  readonly links?: PolicyArgumentLinks;
  /** Kinds of statements; absent: select. */
  readonly statements?: readonly SqlStatement[];
  /** Tables, as schema.table or table; absent: any. */
  readonly tables?: readonly string[];
  /** Functions beside the harmless built-in ones. */
  readonly functions?: readonly string[];
  /** The dialect; absent: generic. */
  readonly dialect?: PolicyArgumentDialect;
  /** How many statements at most; absent: 1. */
  readonly max_statements?: number;
  /** Commands, as the words that a call has to begin with: git status. */
  readonly commands?: readonly string[];
  /** Globs that no word after those of the command may match. */
  readonly denied_words?: readonly string[];
  /** Whether commands may be joined by pipes; absent: false. */
  readonly pipes?: boolean;
  /** Whether the command is an array of its words, for a tool that runs it without a shell; absent: false, and an array is denied. */
  readonly as_array?: boolean;
  /** Whole addresses. */
  readonly addresses?: readonly string[];
  /** Domains: exact, or *. and a domain for all below it. */
  readonly domains?: readonly string[];
  /** ISO 4217 code of a currency. */
  readonly currency?: string;
  /** JSON pointer to the argument that holds the currency. */
  readonly currency_arg?: string;
  /** The least sum. */
  readonly min_micro?: number;
  /** The largest sum. */
  readonly max_micro?: number;
  /** How many micro-units one unit of the argument is: 1000000 for whole units, 10000 for cents; absent: 1. */
  readonly unit_micro?: number;
  /** Whether the number is written as a string; absent: false, and a string is denied. */
  readonly as_string?: boolean;
  /** The first date. */
  readonly earliest?: string;
  /** The last date. */
  readonly latest?: string;
  /** How many days ahead of now at most. */
  readonly ahead_days?: number;
  /** How many days before now at most. */
  readonly back_days?: number;
  /** The smallest number. */
  readonly min?: number;
  /** The largest number. */
  readonly max?: number;
  /** Whether the number may have a fraction; absent: false. */
  readonly fractions?: boolean;
  /** The strings that are allowed. */
  readonly one_of?: readonly string[];
  /** A glob that the whole string has to match. */
  readonly glob?: string;
  /** A regular expression that the whole string has to match. */
  readonly regex?: string;
  /** Characters at most. */
  readonly max_chars?: number;
  /** The value that is allowed; absent: both. */
  readonly value?: boolean;
};

/** A tool that may be called. */
export type PolicyTool = {
  /** The exact name of the tool. */
  readonly name: string;
  /** What the tool does; absent: irreversible. */
  readonly effect?: Effect;
  /** Hash of the tool's description and schema when it was approved. */
  readonly tool_hash?: string;
  /** Whom the tool is allowed; absent: everybody. */
  readonly only_for?: PolicyOnlyFor;
  /** What the arguments have to be. */
  readonly args?: readonly PolicyArgument[];
  /** Whether an argument at the top level that args does not name is denied; absent: false. */
  readonly no_other_args?: boolean;
  /** The most money of this tool's calls. */
  readonly max_amount?: PolicyMaxAmount;
  /** Where the arguments say how much is spent. */
  readonly amount?: PolicyAmountArgs;
  /** Whether a call needs the stated consent of the principal; absent: false. */
  readonly consent_required?: boolean;
  /** Whether a call needs a principal whose identity was checked; absent: false. */
  readonly kyc_required?: boolean;
  /** A note of the operator. */
  readonly description?: string;
};

/** A tool by its name, or a rule for it. */
export type PolicyToolItem = string | PolicyTool;

/** What an agent may do. Denies what it does not allow. */
export type Policy = {
  /** Contract and major version; may be left out of a file. */
  readonly typ?: "talos.policy/1";
  /** Major version; may be left out of a file. */
  readonly version?: 1;
  /** The name of the policy, as receipts show it. */
  readonly id: string;
  /** What the policy is for. */
  readonly description?: string;
  /** What the policy's denials lead to; absent: enforce. */
  readonly mode?: PolicyMode;
  /** Files whose rules are added to these, each pinned by its hash. */
  readonly includes?: readonly PolicyInclude[];
  /** The tools that may be called; absent: none, "*": all. */
  readonly allowed_tools?: readonly PolicyToolItem[];
  /** Patterns that no string of the arguments may match. */
  readonly blocked_patterns?: readonly PolicyPattern[];
  /** Patterns that a viewer hides: a string that one of them matches is not shown. */
  readonly redact?: readonly PolicyPattern[];
  /** The resources that may be read; absent: none. */
  readonly allowed_resources?: readonly PolicyResourceItem[];
  /** The prompts that may be used; absent: none. */
  readonly allowed_prompts?: readonly string[];
  /** The agents with whom messages may be exchanged; absent: none. */
  readonly allowed_peers?: readonly string[];
  /** The most tool calls of one run. */
  readonly max_tool_calls_per_request?: number;
  /** The most tokens of one run. */
  readonly max_tokens_per_request?: number;
  /** The most money of one call and of one run. */
  readonly max_amount?: PolicyMaxAmount;
  /** Whether an action that spends or is irreversible needs the stated consent of the principal; absent: false. */
  readonly consent_required?: boolean;
  /** Whether an action that spends or is irreversible needs a principal whose identity was checked; absent: false. */
  readonly kyc_required?: boolean;
  /** Where URLs in the arguments may lead; absent: anywhere. */
  readonly egress?: PolicyEgress;
  /** How often actions may happen. */
  readonly rates?: readonly PolicyRate[];
  /** The people who may approve. */
  readonly approvers?: readonly PolicyApprover[];
  /** What needs the approval of people. */
  readonly approvals?: readonly PolicyApproval[];
  /** Least confidence of a result, in basis points. */
  readonly confidence_threshold_bp?: number;
  /** What a result below the threshold leads to. */
  readonly on_drift?: PolicyOnDrift;
};

/** What is expected; what is absent may be anything. */
export type PolicyExpectation = {
  /** The answer to an action, in rising order of weight. */
  readonly verdict: Verdict;
  /** The effect that is decided on. */
  readonly effect?: Effect;
  /** The codes of all reasons, each once, in any order. */
  readonly reasons?: readonly ErrorCode[];
  /** The approval rules that ask, in any order. */
  readonly asks?: readonly string[];
  /** The rates that have to be kept, in any order. */
  readonly rates?: readonly string[];
};

/** A symbolic link. */
export type PolicyLink = {
  /** Where the link is. */
  readonly path: string;
  /** Where it leads, as an absolute path; absent: it cannot be followed. */
  readonly real?: string;
};

/** What a run has used so far, and what its host knows. */
export type PolicyState = {
  /** Calls that ended or expired. */
  readonly tool_calls_admitted?: number;
  /** Calls whose permit is open. */
  readonly tool_calls_in_flight?: number;
  /** Tokens that are reserved or used. */
  readonly tokens_reserved?: number;
  /** Money that is reserved or spent. */
  readonly spent_micro?: number;
  /** The time in milliseconds since 1970; absent: not known. */
  readonly now_ms?: number;
  /** The symbolic links that there are; absent: nobody can follow links. */
  readonly real_paths?: readonly PolicyLink[];
};

/** Whose action it is; what is absent is not known. */
export type PolicySubject = {
  /** The name of the organisation that the agent belongs to. */
  readonly organisation?: string;
  /** The name of the team that the agent belongs to. */
  readonly team?: string;
  /** The name of the agent. */
  readonly agent?: string;
  /** The DID that acts. */
  readonly actor?: string;
  /** The run. */
  readonly run?: string;
};

/** An action, and what the policy is expected to say to it. */
export type PolicyCase = {
  /** What the case shows. */
  readonly name: string;
  /** The action. */
  readonly action: Action;
  /** What the run has used so far; absent: nothing. */
  readonly state?: PolicyState;
  /** Whose action it is; absent: not known. */
  readonly subject?: PolicySubject;
  /** What is expected; what is absent may be anything. */
  readonly expect: PolicyExpectation;
};

/** What a policy is expected to say, case by case. */
export type PolicyTest = {
  /** Contract and major version; may be left out of a file. */
  readonly typ?: "talos.policy_test/1";
  /** Major version; may be left out of a file. */
  readonly version?: 1;
  /** What the cases are about. */
  readonly description?: string;
  /** The cases. */
  readonly cases: readonly PolicyCase[];
};

/** An ML-KEM-768 prekey. */
export type KemPrekey = {
  /** Its id; never given to another key. */
  readonly id: string;
  /** The ML-KEM-768 encapsulation key. */
  readonly key: string;
};

/** An X25519 prekey. */
export type SignedPrekey = {
  /** Its id; never given to another key. */
  readonly id: string;
  /** The X25519 key. */
  readonly key: string;
};

/** Keys with which anybody can begin a session with an agent that is away (docs/spec/session.md). */
export type PrekeyBundle = {
  /** Contract and major version. */
  readonly typ: "talos.prekey_bundle/1";
  /** DID URL of the owner's key that signs. */
  readonly iss: string;
  /** The X25519 key that agrees on sessions. */
  readonly agree: string;
  /** The suites that the owner accepts, best first, each once; 1 is X25519, 2 is X25519 and ML-KEM-768. Both are experimental. */
  readonly suites: readonly number[];
  /** The signed prekey. */
  readonly spk: SignedPrekey;
  /** The ML-KEM-768 key of last resort: present if and only if suites has 2. */
  readonly pq?: KemPrekey;
  /** From when it is valid. */
  readonly iat: number;
  /** When it ends: at most 14 days after iat. */
  readonly exp: number;
};

/**
 * The vocabulary that its tokens are counted in; absent: not public, so bytes are counted.
 *
 * - `cl100k`: cl100k_base.
 * - `o200k`: o200k_base.
 */
export type TokenEncoding = "cl100k" | "o200k";

/** What a model costs. */
export type Price = {
  /** The model, as actions name it. */
  readonly model: string;
  /** ISO 4217 code of a currency. */
  readonly currency: string;
  /** Micro-units for a million input tokens, at the dearest tier. */
  readonly input_micro: number;
  /** Micro-units for a million output tokens, at the dearest tier. */
  readonly output_micro: number;
  /** Output tokens of one answer at most, as the maker says; absent: not known. */
  readonly max_output?: number;
  /** The vocabulary that its tokens are counted in; absent: not public, so bytes are counted. */
  readonly encoding?: TokenEncoding;
  /** Where the price is published. */
  readonly source: string;
  /** The day for which the price is known to have been so. */
  readonly date: string;
};

/** What models cost, as their makers publish it (docs/spec/budget.md). */
export type PriceCatalogue = {
  /** One entry a model and currency; a later one replaces an earlier one. */
  readonly prices: readonly Price[];
};

/**
 * Whether the action was released before its receipt was durable.
 *
 * - `before_release`: Durable before the action was released.
 * - `after_release`: Released first; for reads only.
 */
export type Durability = "before_release" | "after_release";

/** What was decided on. */
export type ReceiptAction = {
  /** What kind of thing the agent wants to do. */
  readonly kind: ActionKind;
  /** What the action is aimed at: a tool's name, a resource's URI, a URL. */
  readonly target: string;
  /** What an action does to the world, from harmless to final. */
  readonly effect: Effect;
  /** Hash of the tool's description and schema. */
  readonly tool_hash?: string;
  /** Commitment to the arguments. */
  readonly args_commit: string;
};

/** What was reserved or spent. */
export type ReceiptBudget = {
  /** A number of model tokens. */
  readonly tokens?: number;
  /** Money in millionths of the currency's unit. */
  readonly amount_micro?: number;
  /** ISO 4217 code of a currency. */
  readonly currency?: string;
};

/**
 * What the receipt is evidence of.
 *
 * - `open`: A chain begins.
 * - `decision`: An action was decided on.
 * - `start`: An action was started.
 * - `outcome`: An action ended.
 * - `release`: A permit was given back unused.
 * - `gap`: Permits of an earlier chain whose outcome nobody knows.
 * - `standing`: The kill switch or a suspension was turned.
 * - `policy`: Another policy came into force.
 * - `heartbeat`: The chain is alive.
 * - `close`: The chain ends.
 */
export type ReceiptKind =
  | "open"
  | "decision"
  | "start"
  | "outcome"
  | "release"
  | "gap"
  | "standing"
  | "policy"
  | "heartbeat"
  | "close";

/** How the action ended. */
export type ReceiptOutcome = {
  /** How an action ended. */
  readonly status: OutcomeStatus;
  /** Commitment to the result. */
  readonly result_commit?: string;
};

/** A permit without an outcome. */
export type ReceiptPermit = {
  /** The id of a call within its run, made by the connector. */
  readonly call: string;
  /** Id of the decision's receipt. */
  readonly ref: string;
};

/** What the policy in shadow mode would have decided. */
export type ReceiptShadow = {
  /** Which policy decided. */
  readonly policy: PolicyRef;
  /** The answer to an action, in rising order of weight. */
  readonly verdict: Verdict;
  /** Reason codes, sorted by stage and code. */
  readonly reasons: readonly string[];
};

/** What was turned. */
export type ReceiptStanding = {
  /** A part of what the kernel decides on. */
  readonly scope: Scope;
  /** Whether the scope is held from now on: nothing is allowed in it, nothing starts. */
  readonly held: boolean;
  /** A note of whoever turned it. */
  readonly why?: string;
};

/** Signed evidence of one step of one action (docs/spec/receipt.md). */
export type Receipt = {
  /** Contract and major version. */
  readonly typ: "talos.receipt/1";
  /** DID URL of the signing key. */
  readonly iss: string;
  /** Origin of the log that holds the receipt. */
  readonly log: string;
  /** Id of the chain: sixteen random bytes. */
  readonly chain: string;
  /** Place in the chain, from zero. */
  readonly seq: number;
  /** When the receipt was issued, in milliseconds since 1970; a claim of the issuer. */
  readonly iat: number;
  /** What the receipt is evidence of. */
  readonly kind: ReceiptKind;
  /** The run that the chain belongs to. */
  readonly run: string;
  /** The agent. */
  readonly actor: string;
  /** Who vouches for a receipt. */
  readonly sign: SignMode;
  /** Whether the action was released before its receipt was durable. */
  readonly dur: Durability;
  /** Sixteen random bytes that blind the leaf. */
  readonly salt: string;
  /** Id of the receipt before; absent at seq 0. */
  readonly prev?: string;
  /** Id of the writer's boot. */
  readonly boot?: string;
  /** Last durable receipt of the run's chain before. */
  readonly predecessor?: string;
  /** Whether the chain promises a heartbeat every 60 seconds. */
  readonly hb?: boolean;
  /** The id of a call within its run, made by the connector. */
  readonly call?: string;
  /** Id of the decision's receipt. */
  readonly ref?: string;
  /** On whose behalf the agent acts, as the host names it. */
  readonly principal?: string;
  /** What was decided on. */
  readonly action?: ReceiptAction;
  /** The answer to an action, in rising order of weight. */
  readonly verdict?: Verdict;
  /** Reason codes, sorted by stage and code. */
  readonly reasons?: readonly string[];
  /** The rules of the policy, budgets and rates that gave the reasons, in their order, each once. */
  readonly rules?: readonly string[];
  /** Ids of the capabilities that were used. */
  readonly caps?: readonly string[];
  /** Which policy decided. */
  readonly policy?: PolicyRef;
  /** Id of the request for approval that the decision is about: where it is allow, the one that it redeemed. */
  readonly approval?: string;
  /** The verdict that the policy, in mode observe, would have given. */
  readonly observed?: Verdict;
  /** What the policy in shadow mode would have decided. */
  readonly shadow?: ReceiptShadow;
  /** The session that carried the action. */
  readonly session?: SessionRef;
  /** How the action ended. */
  readonly outcome?: ReceiptOutcome;
  /** What was reserved or spent. */
  readonly budget?: ReceiptBudget;
  /** Whether the outcome came after the permit had expired. */
  readonly late?: boolean;
  /** seq of the last receipt of the chain. */
  readonly final_seq?: number;
  /** Permits without an outcome. */
  readonly permits?: readonly ReceiptPermit[];
  /** What was turned. */
  readonly standing?: ReceiptStanding;
  /** The policy that was in force before. */
  readonly replaces?: PolicyRef;
  /** Extensions: members that Talos carries and never interprets. */
  readonly ext?: JsonObject;
};

/**
 * What an agent does.
 *
 * - `bundle`: Makes a prekey bundle.
 * - `one_time_key`: Makes a one-time key.
 * - `begin`: Begins a session.
 * - `seal`: Seals a message.
 * - `close`: Seals a close.
 * - `reset`: Seals a reset notice.
 * - `receive`: Takes what came from the network.
 * - `export`: Gives a value of the exporter.
 * - `due`: Says what is due towards a peer.
 * - `sweep`: Erases what is over.
 * - `save`: Remembers its state, as a backup does.
 * - `restore`: Goes back to the state that was saved, as a backup does; failures are forgotten.
 */
export type SessionActKind =
  | "bundle"
  | "one_time_key"
  | "begin"
  | "seal"
  | "close"
  | "reset"
  | "receive"
  | "export"
  | "due"
  | "sweep"
  | "save"
  | "restore";

/**
 * Of begin: why it heals; absent: it does not.
 *
 * - `fork`: A fork.
 * - `reset`: A reset notice was opened.
 * - `failures`: Twenty frames failed in a row.
 * - `unanswered`: A renewal has waited an hour for its answer.
 */
export type SessionCause = "fork" | "reset" | "failures" | "unanswered";

/** One thing that an agent does. */
export type SessionAct = {
  /** What an agent does. */
  readonly act: SessionActKind;
  /** Who. */
  readonly agent: string;
  /** When. */
  readonly now_ms: number;
  /** The random bytes that it draws, in the order of section 12; absent: none. */
  readonly entropy?: string;
  /** Of bundle: the id of spk; of one_time_key: its id. */
  readonly id?: string;
  /** Of bundle: the id of pq, where suite 2 is offered. */
  readonly pq_id?: string;
  /** Of bundle: the suites, best first. */
  readonly suites?: readonly number[];
  /** Of one_time_key: whether it has an ML-KEM key; absent: false. */
  readonly hybrid?: boolean;
  /** Of bundle and one_time_key: from when it is valid. */
  readonly iat?: number;
  /** Of bundle and one_time_key: when it ends. */
  readonly exp?: number;
  /** Of begin: the bundle of the other side. */
  readonly bundle?: Envelope;
  /** Of begin: a one-time key of the other side; absent: none. */
  readonly one_time_key?: Envelope;
  /** Of begin and due: the other side. */
  readonly peer?: string;
  /** Of begin: why it heals; absent: it does not. */
  readonly cause?: SessionCause;
  /** Of begin with a cause: whether it names no old session; absent: false. */
  readonly afresh?: boolean;
  /** Of seal, close, reset and export: the session. */
  readonly sid?: string;
  /** Of seal: the message. */
  readonly data?: string;
  /** Of receive: a frame or a container. */
  readonly bytes?: string;
  /** Of export: the label. */
  readonly label?: string;
  /** Of export: how many bytes. */
  readonly length?: number;
};

/** What the policy of an agent says of sessions. */
export type SessionRules = {
  /** The suites that are allowed; absent: 2 and 1. */
  readonly suites?: readonly number[];
  /** Whether a peer with whom there is a session has to renew it; absent: false. */
  readonly continuity?: boolean;
  /** What plaintexts are padded to a multiple of; absent: 64. */
  readonly bucket?: number;
};

/** An agent, with all of its private keys: for tests. */
export type SessionAgent = {
  /** Its name in this play. */
  readonly name: string;
  /** The seed of its sign key. */
  readonly seed: string;
  /** Its private X25519 key. */
  readonly agree: string;
  /** From when its statement is valid. */
  readonly iat: number;
  /** When its statement ends. */
  readonly exp: number;
  /** What the policy of an agent says of sessions. */
  readonly rules?: SessionRules;
};

/** Agents and what they do, with time and randomness given: for tests of implementations (docs/spec/session.md). */
export type SessionPlay = {
  /** The agents, each name once. */
  readonly agents: readonly SessionAgent[];
  /** What they do, in order. */
  readonly acts: readonly SessionAct[];
};

/**
 * Of receive: what is in the frame.
 *
 * - `message`: Data.
 * - `close`: The sender is done.
 * - `reset`: The sender cannot read what is sent to it.
 */
export type SessionContent = "message" | "close" | "reset";

/**
 * Of due: what is due; absent: nothing.
 *
 * - `renewal`: The current session is to be renewed.
 * - `retry`: A renewal has waited an hour for its answer.
 */
export type SessionDue = "renewal" | "retry";

/**
 * Of a frame that began its session: what is known of the peer.
 *
 * - `first`: There was no answered session with it.
 * - `renewed`: It renewed one.
 * - `fresh`: There was one, and this does not follow from it.
 */
export type SessionKnown = "first" | "renewed" | "fresh";

/** What came of an act. */
export type SessionResult = {
  /** Whether it was done. */
  readonly ok: boolean;
  /** Why not. */
  readonly code?: ErrorCode;
  /** Of bundle and one_time_key: what is published. */
  readonly envelope?: Envelope;
  /** The session. */
  readonly sid?: string;
  /** Of begin: its suite. */
  readonly suite?: number;
  /** Of seal, close and reset: what goes out. */
  readonly bytes?: string;
  /** Of what was sealed or opened; with session.fork: of the frame that was refused. */
  readonly frame_hash?: string;
  /** With session.fork: of the frame that was opened with the key. */
  readonly before?: string;
  /** mk of what was sealed or opened. */
  readonly message_key?: string;
  /** Of receive: who sent it. */
  readonly peer?: string;
  /** Of receive: what is in the frame. */
  readonly content?: SessionContent;
  /** Of receive: the message. */
  readonly data?: string;
  /** Of receive of a close: how many messages have not come. */
  readonly missing?: number;
  /** Of a frame that began its session: what is known of the peer. */
  readonly known?: SessionKnown;
  /** Of a frame that began its session: whether a one-time key was used. */
  readonly one_time_key?: boolean;
  /** Of export: the value. */
  readonly value?: string;
  /** Of due: what is due; absent: nothing. */
  readonly due?: SessionDue;
  /** Of sweep: how many sessions, bundles and one-time keys were over. */
  readonly erased?: number;
};

/** A session at the end. */
export type SessionSeen = {
  /** Whose. */
  readonly agent: string;
  /** Its name. */
  readonly sid: string;
  /** The other side. */
  readonly peer: string;
  /** Its suite. */
  readonly suite: number;
  /** Whether this side began it. */
  readonly initiator: boolean;
  /** Whether the other side is known to have it. */
  readonly answered: boolean;
  /** Whether it seals no more. */
  readonly retired: boolean;
  /** Whether its agent sends on it. */
  readonly current: boolean;
  /** Messages that were passed over. */
  readonly missing: number;
  /** th. */
  readonly transcript_hash: string;
};

/** The X25519 key of an agent, said by its signing key (docs/spec/session.md). */
export type StaticKey = {
  /** Contract and major version. */
  readonly typ: "talos.static_key/1";
  /** DID URL of the owner's key that signs. */
  readonly iss: string;
  /** The X25519 key that agrees on sessions. */
  readonly agree: string;
  /** From when it is valid. */
  readonly iat: number;
  /** When it ends: at most 90 days after iat. */
  readonly exp: number;
};

/** Input of `approval.id`. */
export type ApprovalIdInput = {
  /** The request. */
  readonly request: Envelope;
};

/** Output of `approval.id`. */
export type ApprovalIdOutput = {
  /** The id. */
  readonly approval: string;
};

/** Input of `approval.sign`. */
export type ApprovalSignInput = {
  /** The seed of the person's key. */
  readonly seed: string;
  /** Id of the request. */
  readonly approval: string;
  /** The person, as the request names them. */
  readonly name: string;
  /** What the person says. */
  readonly response: ApprovalResponse;
  /** When: at least the request's own iat. */
  readonly iat: number;
  /** A sentence for the record. */
  readonly note?: string;
};

/** Output of `approval.sign`. */
export type ApprovalSignOutput = {
  /** The answer. */
  readonly grant: Envelope;
};

/** Input of `approval.verify`. */
export type ApprovalVerifyInput = {
  /** The request. */
  readonly request: Envelope;
  /** The kernel that is trusted to ask. */
  readonly issuer: string;
  /** The time. */
  readonly now_ms: number;
  /** The answers, in any order; absent: none. */
  readonly grants?: readonly Envelope[];
  /** What is about to run; absent: not compared. */
  readonly about?: ApprovalAbout;
};

/** An answer that does not count. */
export type ApprovalGrantFault = {
  /** Its place, from zero. */
  readonly index: number;
  /** A code of the error registry. */
  readonly code: ErrorCode;
};

/** Output of `approval.verify`. */
export type ApprovalVerifyOutput = {
  /** Whether request and answers verify, and the request is for what is about to run. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** Id of the request. */
  readonly approval?: string;
  /** Where the request stands by the answers that verify. */
  readonly state?: ApprovalState;
  /** What unfulfilled rules lack. */
  readonly missing?: readonly ApprovalMissing[];
  /** Who refused. */
  readonly denied_by?: string;
  /** The answers that do not count. */
  readonly errors?: readonly ApprovalGrantFault[];
};

/** Input of `approval.make_code`. */
export type ApprovalMakeCodeInput = {
  /** The seed of the kernel's key. */
  readonly seed: string;
  /** Id of the request. */
  readonly approval: string;
  /** The person. */
  readonly name: string;
  /** Five random bytes. */
  readonly entropy: string;
};

/** Output of `approval.make_code`. */
export type ApprovalMakeCodeOutput = {
  /** The code. A secret. */
  readonly code: string;
  /** What a store keeps. */
  readonly lock: string;
};

/** Input of `approval.check_code`. */
export type ApprovalCheckCodeInput = {
  /** The seed of the kernel's key. */
  readonly seed: string;
  /** The request, by the same key. */
  readonly request: Envelope;
  /** The person. */
  readonly name: string;
  /** The code as it was typed. A secret. */
  readonly code: string;
  /** What the store kept. */
  readonly lock: string;
  /** Attempts before this one. */
  readonly attempts: number;
  /** The time. */
  readonly now_ms: number;
};

/** Output of `approval.check_code`. */
export type ApprovalCheckCodeOutput = {
  /** Whether the code is right. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** Attempts with this one, which the store keeps before anything else happens. */
  readonly attempts?: number;
};

/** Input of `approval.render`. */
export type ApprovalRenderInput = {
  /** The action. */
  readonly action: Action;
  /** What the files hold now that the arguments name; absent: not known. */
  readonly files?: readonly ApprovalFile[];
};

/** Output of `approval.render`. */
export type ApprovalRenderOutput = {
  /** What would run, for people: every text in it is neutralised, bounded, and says where it was clipped. */
  readonly view: ApprovalView;
};

/** Input of `approval.list`. */
export type ApprovalListInput = {
  /** Only those in this state; absent: all. */
  readonly state?: ApprovalState;
  /** How many are listed, at most; absent: 1000. */
  readonly limit?: number;
};

/** Output of `approval.list`. */
export type ApprovalListOutput = {
  /** The requests. */
  readonly approvals: readonly ApprovalCase[];
  /** Whether there are more; absent: these are all. */
  readonly more?: boolean;
  /** Those looked at that are stored as requests and are none, whatever their state was; absent: nothing. */
  readonly damaged?: readonly ApprovalDamaged[];
};

/** Input of `approval.show`. */
export type ApprovalShowInput = {
  /** Id of the request. */
  readonly approval: string;
};

/** Output of `approval.show`. */
export type ApprovalShowOutput = {
  /** A request for approval with what has become of it. */
  readonly case: ApprovalCase;
};

/** Input of `approval.respond`. */
export type ApprovalRespondInput = {
  /** Id of the request. */
  readonly approval: string;
  /** The answer, as approval.sign makes it. */
  readonly grant: Envelope;
};

/** Output of `approval.respond`. */
export type ApprovalRespondOutput = {
  /** A request for approval with what has become of it. */
  readonly case: ApprovalCase;
};

/** Input of `approval.redeem_code`. */
export type ApprovalRedeemCodeInput = {
  /** Id of the request. */
  readonly approval: string;
  /** The person, as the request names them. */
  readonly name: string;
  /** The code, as it was typed. A secret. */
  readonly code: string;
  /** What the person says. */
  readonly response: ApprovalResponse;
  /** A sentence for the record. */
  readonly note?: string;
};

/** Output of `approval.redeem_code`. */
export type ApprovalRedeemCodeOutput = {
  /** A request for approval with what has become of it. */
  readonly case: ApprovalCase;
};

/** Input of `audit.leaf_hash`. */
export type AuditLeafHashInput = {
  /** The entry; either this or receipt_id. */
  readonly entry?: string;
  /** The id of the receipt, whose entry is 0x01 and the id. */
  readonly receipt_id?: string;
};

/** Output of `audit.leaf_hash`. */
export type AuditLeafHashOutput = {
  /** The leaf hash. */
  readonly leaf_hash: string;
};

/** Input of `audit.root`. */
export type AuditRootInput = {
  /** The leaf hashes in order. */
  readonly leaves: readonly string[];
};

/** Output of `audit.root`. */
export type AuditRootOutput = {
  /** The root. */
  readonly root: string;
  /** A number of leaves: an integer, or in decimal digits up to 2^64-1. */
  readonly size: Size;
};

/** Input of `audit.prove_inclusion`. */
export type AuditProveInclusionInput = {
  /** The leaf hashes in order. */
  readonly leaves: readonly string[];
  /** Index of the leaf, from zero. */
  readonly index: Size;
  /** Size of the tree to prove in; absent: all leaves. */
  readonly size?: Size;
};

/** Output of `audit.prove_inclusion`. */
export type AuditProveInclusionOutput = {
  /** The leaf hash. */
  readonly leaf_hash: string;
  /** The hashes from leaf to root. */
  readonly proof: readonly string[];
  /** The root. */
  readonly root: string;
  /** A number of leaves: an integer, or in decimal digits up to 2^64-1. */
  readonly size: Size;
};

/** Input of `audit.verify_inclusion`. */
export type AuditVerifyInclusionInput = {
  /** The leaf hash, 32 bytes. */
  readonly leaf_hash: string;
  /** Index of the leaf, from zero. */
  readonly index: Size;
  /** Size of the tree. */
  readonly size: Size;
  /** The hashes from leaf to root. */
  readonly proof: readonly string[];
  /** The root, 32 bytes. */
  readonly root: string;
};

/** Output of `audit.verify_inclusion`. */
export type AuditVerifyInclusionOutput = {
  /** Whether the leaf is in the tree. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
};

/** Input of `audit.verify_consistency`. */
export type AuditVerifyConsistencyInput = {
  /** Size of the smaller tree. */
  readonly size1: Size;
  /** Size of the larger tree. */
  readonly size2: Size;
  /** The hashes of the proof. */
  readonly proof: readonly string[];
  /** Root of the smaller tree, 32 bytes. */
  readonly root1: string;
  /** Root of the larger tree, 32 bytes. */
  readonly root2: string;
};

/** Output of `audit.verify_consistency`. */
export type AuditVerifyConsistencyOutput = {
  /** Whether the larger tree continues the smaller one. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
};

/** Input of `checkpoint.sign`. */
export type CheckpointSignInput = {
  /** The 32-byte seed of an Ed25519 key: base64url without padding. A secret. */
  readonly seed: string;
  /** The name of a log: the first line of its checkpoints. */
  readonly origin: string;
  /** A number of leaves: an integer, or in decimal digits up to 2^64-1. */
  readonly size: Size;
  /** The root of the tree of that size. */
  readonly root: string;
};

/** Output of `checkpoint.sign`. */
export type CheckpointSignOutput = {
  /** The signed note. */
  readonly note: string;
  /** Verifier key of a log (C2SP signed-note): name, key id and key. */
  readonly vkey: string;
};

/** Input of `checkpoint.verify`. */
export type CheckpointVerifyInput = {
  /** The signed note. */
  readonly note: string;
  /** The verifier key of the log. */
  readonly vkey: string;
};

/** Output of `checkpoint.verify`. */
export type CheckpointVerifyOutput = {
  /** Whether the checkpoint verifies. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** The name of a log: the first line of its checkpoints. */
  readonly origin?: string;
  /** A number of leaves: an integer, or in decimal digits up to 2^64-1. */
  readonly size?: Size;
  /** The root of the tree of that size. */
  readonly root?: string;
};

/** Input of `budget.gcra`. */
export type BudgetGcraInput = {
  /** So many calls */
  readonly calls: number;
  /** in so many seconds, */
  readonly per_seconds: number;
  /** so many at once. */
  readonly burst: number;
  /** The time of the call. */
  readonly now_ms: number;
  /** How many calls it counts for; absent: 1. */
  readonly cost?: number;
  /** The state: when the next call would be due, in microseconds since 1970; absent: a rate that was never used. */
  readonly tat_us?: number;
};

/** Output of `budget.gcra`. */
export type BudgetGcraOutput = {
  /** Whether the call keeps the rate. */
  readonly allowed: boolean;
  /** The next state; a denial leaves it, unless the clock has gone back since. */
  readonly tat_us: number;
  /** After so many milliseconds it would; absent on a denial: never. */
  readonly retry_after_ms?: number;
};

/** Input of `budget.simulate`. */
export type BudgetSimulateInput = {
  /** The budgets. */
  readonly budgets: readonly Budget[];
  /** The steps, in order. */
  readonly steps: readonly BudgetStep[];
  /** The time at the start; absent: 0. */
  readonly now_ms?: number;
};

/** Output of `budget.simulate`. */
export type BudgetSimulateOutput = {
  /** Whether every step was done. */
  readonly allowed: boolean;
  /** What came of each step. */
  readonly results: readonly BudgetResult[];
  /** Where the budgets stand in the end, by scope and unit. */
  readonly accounts: readonly BudgetAccount[];
};

/** Input of `budget.price`. */
export type BudgetPriceInput = {
  /** The name of a model. */
  readonly model: string;
  /** Input tokens, as they were counted. */
  readonly input_tokens: number;
  /** Output tokens that are asked for; absent: as many as the model gives. */
  readonly output_tokens?: number;
  /** Output tokens that the operator allows; absent: no limit of theirs. */
  readonly max_output_tokens?: number;
  /** The currency; absent: USD. */
  readonly currency?: string;
  /** Prices that go before those of this program. */
  readonly catalogue?: PriceCatalogue;
};

/** Output of `budget.price`. */
export type BudgetPriceOutput = {
  /** The worst case, rounded up. */
  readonly amount: Amount;
  /** Input and output together, at most. */
  readonly tokens: number;
  /** The price that was used. */
  readonly price: Price;
};

/** Input of `budget.count_tokens`. */
export type BudgetCountTokensInput = {
  /** The name of a model. */
  readonly model: string;
  /** The text. */
  readonly text: string;
  /** Prices that go before those of this program, with the vocabularies of their models. */
  readonly catalogue?: PriceCatalogue;
};

/** Output of `budget.count_tokens`. */
export type BudgetCountTokensOutput = {
  /** A number of model tokens. */
  readonly tokens: number;
  /** Whether the model's own vocabulary was used; else each byte counts as a token, which is never too few. */
  readonly exact: boolean;
};

/** Input of `budget.set`. */
export type BudgetSetInput = {
  /** How much a part of what the kernel decides on may use (docs/spec/budget.md). */
  readonly budget: Budget;
};

/** Output of `budget.set`. */
export type BudgetSetOutput = {
  /** The budget, with what was absent filled in. */
  readonly budget: Budget;
};

/** Input of `budget.remove`. */
export type BudgetRemoveInput = {
  /** A part of what the kernel decides on. */
  readonly scope: Scope;
  /** What is counted. */
  readonly unit: BudgetUnit;
  /** The currency; of money only. */
  readonly currency?: string;
  /** Its window; absent: for good. */
  readonly window?: BudgetWindow;
};

/** Output of `budget.remove`. */
export type BudgetRemoveOutput = Record<string, never>;

/** Input of `budget.show`. */
export type BudgetShowInput = {
  /** The budgets of this scope, or of this level if it has no name; absent: all. */
  readonly scope?: Scope;
};

/** Output of `budget.show`. */
export type BudgetShowOutput = {
  /** Where they stand, by scope and unit; at most 8192. */
  readonly accounts: readonly BudgetAccount[];
};

/** Input of `budget.top`. */
export type BudgetTopInput = {
  /** How many; absent: 10. */
  readonly limit?: number;
  /** Of this unit; absent: of any. */
  readonly unit?: BudgetUnit;
};

/** Output of `budget.top`. */
export type BudgetTopOutput = {
  /** Where they stand, the fullest first. */
  readonly accounts: readonly BudgetAccount[];
};

/** Input of `client.open`. */
export type ClientOpenInput = {
  /** The agent; its keys are made on first use. */
  readonly agent: string;
  /** The base URL of the mailbox; absent: of talos.toml or $TALOS_MAILBOX, else none, and the host carries the frames. */
  readonly mailbox?: string;
  /** What the policy of an agent says of sessions. */
  readonly rules?: SessionRules;
  /** For how many days the frame and the key of each message are kept, so that it can be disclosed: whoever has them can read it; absent: 0, neither is kept. */
  readonly keep_days?: number;
};

/** Output of `client.open`. */
export type ClientOpenOutput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** A did:key. */
  readonly did: string;
  /** Its prekey bundle, for peers that the mailbox does not serve. */
  readonly bundle: Envelope;
  /** The mailbox; absent: none. */
  readonly mailbox?: string;
};

/** Input of `client.establish`. */
export type ClientEstablishInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** The other side. */
  readonly peer: string;
  /** Its bundle; absent: asked of the mailbox. */
  readonly bundle?: Envelope;
  /** A one-time key of it; absent: none, or the mailbox's. */
  readonly one_time_key?: Envelope;
};

/** Output of `client.establish`. */
export type ClientEstablishOutput = {
  /** A session of a client, as it is shown (docs/spec/client.md). */
  readonly session: ClientSession;
};

/** Input of `client.send`. */
export type ClientSendInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** To whom. */
  readonly peer: string;
  /** The message. */
  readonly data: string;
  /** How long to wait while too much is on its way; absent: 30,000. */
  readonly wait_ms?: number;
};

/** Output of `client.send`. */
export type ClientSendOutput = {
  /** SHA-256 of the message. */
  readonly message_hash: string;
  /** The hash of its frame, which its receipt names. */
  readonly frame_hash: string;
  /** The session. */
  readonly sid: string;
  /** The receipt that names the frame. */
  readonly receipt_id: string;
};

/** Input of `client.receive`. */
export type ClientReceiveInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** How long to wait for the first; absent: 0. */
  readonly wait_ms?: number;
  /** How many at most; absent: 64. */
  readonly max?: number;
};

/** Output of `client.receive`. */
export type ClientReceiveOutput = {
  /** The messages, in the order in which they were opened. */
  readonly messages: readonly ClientMessage[];
};

/** Input of `client.unconfirmed`. */
export type ClientUnconfirmedInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
};

/** Output of `client.unconfirmed`. */
export type ClientUnconfirmedOutput = {
  /** The messages, in the order in which they were opened. */
  readonly messages: readonly ClientMessage[];
};

/** Input of `client.outgoing`. */
export type ClientOutgoingInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** How many at most; absent: 64. */
  readonly max?: number;
};

/** Output of `client.outgoing`. */
export type ClientOutgoingOutput = {
  /** The frames, oldest first. */
  readonly frames: readonly ClientFrame[];
};

/** Input of `client.carried`. */
export type ClientCarriedInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** Their ids. */
  readonly ids: readonly string[];
};

/** Output of `client.carried`. */
export type ClientCarriedOutput = {
  /** How many of them were there. */
  readonly erased: number;
};

/** Input of `client.incoming`. */
export type ClientIncomingInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** A frame or a container. */
  readonly bytes: string;
};

/** Output of `client.incoming`. */
export type ClientIncomingOutput = {
  /** The hash of the frame. */
  readonly frame_hash: string;
  /** Who sealed it. */
  readonly peer: string;
};

/** Input of `client.sessions`. */
export type ClientSessionsInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** Only those with this peer; absent: all. */
  readonly peer?: string;
};

/** Output of `client.sessions`. */
export type ClientSessionsOutput = {
  /** The sessions. */
  readonly sessions: readonly ClientSession[];
  /** Frames that wait to go out. */
  readonly outgoing: number;
  /** Messages that wait for the host. */
  readonly incoming: number;
};

/** Input of `client.end`. */
export type ClientEndInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** The other side. */
  readonly peer: string;
};

/** Output of `client.end`. */
export type ClientEndOutput = {
  /** The session. */
  readonly sid: string;
  /** The hash of the frame that says so. */
  readonly frame_hash: string;
};

/** Input of `client.prove`. */
export type ClientProveInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** message_hash, of which the newest counts, or frame_hash. */
  readonly hash: string;
};

/** Output of `client.prove`. */
export type ClientProveOutput = {
  /** A receipt with the proof that it is in a log; carries no trust of its own. */
  readonly bundle: Bundle;
};

/** Input of `client.delivery`. */
export type ClientDeliveryInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** The message. */
  readonly frame_hash: string;
};

/** Output of `client.delivery`. */
export type ClientDeliveryOutput = {
  /** The receipt, whose signature was verified; absent: it has not come. */
  readonly receipt?: Envelope;
};

/** Input of `client.verify_proof`. */
export type ClientVerifyProofInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** The bundle, as an object or as its text. */
  readonly bundle: JsonValue;
};

/** Output of `client.verify_proof`. */
export type ClientVerifyProofOutput = {
  /** Whether everything that it says is proven. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
};

/** Input of `client.disclose`. */
export type ClientDiscloseInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** The message. */
  readonly frame_hash: string;
};

/** Output of `client.disclose`. */
export type ClientDiscloseOutput = {
  /** What discloses one message of a session, and no other. */
  readonly opening: SessionOpening;
};

/** Input of `client.close`. */
export type ClientCloseInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly agent: string;
  /** How long to wait for the mailbox to take what waits; absent: 5,000. */
  readonly wait_ms?: number;
};

/** Output of `client.close`. */
export type ClientCloseOutput = {
  /** Frames that still wait. */
  readonly outgoing: number;
};

/** Input of `ed25519.sign`. */
export type Ed25519SignInput = {
  /** The 32-byte seed of an Ed25519 key: base64url without padding. A secret. */
  readonly seed: string;
  /** What is signed. */
  readonly message: string;
};

/** Output of `ed25519.sign`. */
export type Ed25519SignOutput = {
  /** The public key of the seed. */
  readonly public_key: string;
  /** Ed25519 signature: base64url of 64 bytes, without padding. */
  readonly signature: string;
};

/** Input of `ed25519.verify`. */
export type Ed25519VerifyInput = {
  /** The public key, 32 bytes. */
  readonly public_key: string;
  /** What was signed. */
  readonly message: string;
  /** The signature, 64 bytes. */
  readonly signature: string;
};

/** Output of `ed25519.verify`. */
export type Ed25519VerifyOutput = {
  /** Whether the signature verifies. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
};

/** Input of `envelope.sign`. */
export type EnvelopeSignInput = {
  /** The 32-byte seed of an Ed25519 key: base64url without padding. A secret. */
  readonly seed: string;
  /** Media type of the payload. */
  readonly payload_type: string;
  /** The payload: base64url without padding, up to 65,024 bytes. */
  readonly payload: string;
  /** Key id of the signature; absent: the DID URL of the seed's did:key. */
  readonly keyid?: string;
};

/** Output of `envelope.sign`. */
export type EnvelopeSignOutput = {
  /** The envelope. */
  readonly envelope: Envelope;
};

/** Input of `envelope.verify`. */
export type EnvelopeVerifyInput = {
  /** The envelope, as an object or as its text. */
  readonly envelope: JsonValue;
  /** The key, 32 bytes; absent: the one that keyid names. */
  readonly public_key?: string;
};

/** Output of `envelope.verify`. */
export type EnvelopeVerifyOutput = {
  /** Whether the signature verifies. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** The payload. */
  readonly payload?: string;
  /** Media type of the payload. */
  readonly payload_type?: string;
  /** Key id of the signature. */
  readonly keyid?: string;
};

/** Input of `did.key_encode`. */
export type DidKeyEncodeInput = {
  /** The public key, 32 bytes. */
  readonly public_key: string;
  /** The type of the key; absent: ed25519. */
  readonly key_type?: KeyType;
};

/** Output of `did.key_encode`. */
export type DidKeyEncodeOutput = {
  /** A did:key. */
  readonly did: string;
};

/** Input of `did.resolve`. */
export type DidResolveInput = {
  /** The DID. */
  readonly did: string;
};

/** Output of `did.resolve`. */
export type DidResolveOutput = {
  /** The type of a key in a did:key. */
  readonly key_type: KeyType;
  /** The public key. */
  readonly public_key: string;
  /** The DID document, in its own foreign names. */
  readonly document: JsonValue;
};

/** Input of `json.canonicalize`. */
export type JsonCanonicalizeInput = {
  /** Which rules a JSON text has to keep. */
  readonly profile: JsonProfile;
  /** The JSON text; either this or bytes. */
  readonly text?: string;
  /** The JSON text as bytes, so that bytes which are not UTF-8 can be sent. */
  readonly bytes?: string;
};

/** Output of `json.canonicalize`. */
export type JsonCanonicalizeOutput = {
  /** The canonical form. */
  readonly canonical: string;
};

/** Input of `json.parse_strict`. */
export type JsonParseStrictInput = {
  /** Which rules a JSON text has to keep. */
  readonly profile: JsonProfile;
  /** The JSON text; either this or bytes. */
  readonly text?: string;
  /** The JSON text as bytes, so that bytes which are not UTF-8 can be sent. */
  readonly bytes?: string;
};

/** Output of `json.parse_strict`. */
export type JsonParseStrictOutput = {
  /** The value. */
  readonly value: JsonValue;
};

/** Input of `kernel.open`. */
export type KernelOpenInput = {
  /** The directory with keys, policy and log, made if it is missing; absent: $TALOS_DIR, else the user's data directory. */
  readonly directory?: string;
  /** Keep everything in memory, with keys of its own: for tests; absent: false. */
  readonly memory?: boolean;
  /** The policy itself; absent: policy_path. */
  readonly policy?: string;
  /** The format of policy; absent: yaml. */
  readonly policy_format?: PolicyFormat;
  /** The policy's file; absent: the directory's own policy, else the built-in one. */
  readonly policy_path?: string;
  /** Files with Cedar policies, which have to allow, too; absent: the directory's own. */
  readonly cedar_paths?: readonly string[];
  /** The file with the tools' definitions that cedar_paths is validated against; absent: the one beside policy_path, if there is one. */
  readonly tools_path?: string;
  /** A policy that is decided on beside it and recorded, in policy_format; absent: none. */
  readonly shadow?: string;
};

/** Output of `kernel.open`. */
export type KernelOpenOutput = {
  /** The DID that issues the receipts. */
  readonly issuer: string;
  /** The name of a log: the first line of its checkpoints. */
  readonly origin: string;
  /** Verifier key of a log (C2SP signed-note): name, key id and key. */
  readonly log_key: string;
  /** Which policy decided. */
  readonly policy: PolicyRef;
  /** The directory; absent: in memory. */
  readonly directory?: string;
};

/** Input of `kernel.describe`. */
export type KernelDescribeInput = Record<string, never>;

/** Output of `kernel.describe`. */
export type KernelDescribeOutput = {
  /** The DID that issues the receipts. */
  readonly issuer: string;
  /** The name of a log: the first line of its checkpoints. */
  readonly origin: string;
  /** Verifier key of a log (C2SP signed-note): name, key id and key. */
  readonly log_key: string;
  /** Which policy decided. */
  readonly policy: PolicyRef;
  /** The directory; absent: in memory. */
  readonly directory?: string;
};

/** Input of `kernel.identity`. */
export type KernelIdentityInput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly name: string;
};

/** Output of `kernel.identity`. */
export type KernelIdentityOutput = {
  /** A name: lower-case letters, digits, - and _, the first a letter or digit. */
  readonly name: string;
  /** A did:key. */
  readonly did: string;
};

/** Input of `kernel.reload`. */
export type KernelReloadInput = {
  /** The policy itself; absent: policy_path. */
  readonly policy?: string;
  /** The format of policy; absent: yaml. */
  readonly policy_format?: PolicyFormat;
  /** The policy's file; absent: the directory's own policy, else the built-in one. */
  readonly policy_path?: string;
  /** A policy that is decided on beside it and recorded, in policy_format; absent: none. */
  readonly shadow?: string;
};

/** Output of `kernel.reload`. */
export type KernelReloadOutput = {
  /** Which policy decided. */
  readonly policy: PolicyRef;
};

/** Input of `kernel.close`. */
export type KernelCloseInput = Record<string, never>;

/** Output of `kernel.close`. */
export type KernelCloseOutput = Record<string, never>;

/** Input of `run.open`. */
export type RunOpenInput = {
  /** The run; absent: a new one. */
  readonly run?: string;
  /** The named agent that acts; absent: actor. */
  readonly agent?: string;
  /** The DID that acts; absent: the kernel's issuer. */
  readonly actor?: string;
  /** On whose behalf all actions of the run are, unless they say otherwise. */
  readonly principal?: string;
  /** The organisation of the agent; absent: the configuration's. */
  readonly organisation?: string;
  /** The team of the agent; absent: the configuration's. */
  readonly team?: string;
};

/** Output of `run.open`. */
export type RunOpenOutput = {
  /** The run. */
  readonly run: string;
  /** The DID that acts. */
  readonly actor: string;
};

/** Input of `run.decide`. */
export type RunDecideInput = {
  /** The action; its run is named. */
  readonly action: Action;
};

/** Output of `run.decide`. */
export type RunDecideOutput = {
  /** The answer to an action. */
  readonly decision: Decision;
};

/** Input of `run.authorize`. */
export type RunAuthorizeInput = {
  /** The action; its run is named. */
  readonly action: Action;
};

/** Output of `run.authorize`. */
export type RunAuthorizeOutput = {
  /** The answer to an action. */
  readonly decision: Decision;
};

/** Input of `run.refuse`. */
export type RunRefuseInput = {
  /** The run. */
  readonly run: string;
  /** What was attempted, as far as it is known. */
  readonly target: string;
  /** Why it was refused. */
  readonly code: ErrorCode;
  /** The id of the call; absent: the kernel makes one. */
  readonly call?: string;
};

/** Output of `run.refuse`. */
export type RunRefuseOutput = {
  /** The answer to an action. */
  readonly decision: Decision;
};

/** Input of `run.start`. */
export type RunStartInput = {
  /** The action that was decided on, with run and call. */
  readonly action: Action;
};

/** Output of `run.start`. */
export type RunStartOutput = {
  /** Where a permit is in its life. */
  readonly state: PermitState;
};

/** Input of `run.settle`. */
export type RunSettleInput = {
  /** The run. */
  readonly run: string;
  /** The id of a call within its run, made by the connector. */
  readonly call: string;
  /** How an action ended: the input of a settlement. */
  readonly outcome: Outcome;
};

/** Output of `run.settle`. */
export type RunSettleOutput = {
  /** Where a permit is in its life. */
  readonly state: PermitState;
  /** Id of the outcome's receipt, once it is durable. */
  readonly receipt_id?: string;
  /** Its leaf index, once it is durable. */
  readonly index?: Size;
};

/** Input of `run.release`. */
export type RunReleaseInput = {
  /** The run. */
  readonly run: string;
  /** The id of a call within its run, made by the connector. */
  readonly call: string;
};

/** Output of `run.release`. */
export type RunReleaseOutput = {
  /** Where a permit is in its life. */
  readonly state: PermitState;
  /** Id of the release's receipt, once it is durable. */
  readonly receipt_id?: string;
  /** Its leaf index, once it is durable. */
  readonly index?: Size;
};

/** Input of `run.permit`. */
export type RunPermitInput = {
  /** The run. */
  readonly run: string;
  /** The id of a call within its run, made by the connector. */
  readonly call: string;
};

/** Output of `run.permit`. */
export type RunPermitOutput = {
  /** The state; absent: the call has no permit. */
  readonly state?: PermitState;
};

/** Input of `run.counters`. */
export type RunCountersInput = {
  /** The run. */
  readonly run: string;
};

/** Output of `run.counters`. */
export type RunCountersOutput = {
  /** Calls that ended or expired. */
  readonly tool_calls_admitted: number;
  /** Calls whose permit is open. */
  readonly tool_calls_in_flight: number;
  /** Tokens that are reserved or used. */
  readonly tokens_reserved: number;
  /** Money that is reserved or spent. */
  readonly spent_micro: number;
};

/** Input of `run.close`. */
export type RunCloseInput = {
  /** The run. */
  readonly run: string;
};

/** Output of `run.close`. */
export type RunCloseOutput = {
  /** Id of the closing receipt. */
  readonly receipt_id: string;
  /** Its leaf index. */
  readonly index: Size;
};

/** Input of `receipt.get`. */
export type ReceiptGetInput = {
  /** The id. */
  readonly receipt_id?: string;
  /** The leaf index, from zero. */
  readonly index?: Size;
};

/** Output of `receipt.get`. */
export type ReceiptGetOutput = {
  /** The id. */
  readonly receipt_id: string;
  /** The leaf index. */
  readonly index: Size;
  /** The body. */
  readonly receipt: Receipt;
  /** The signed receipt as it was delivered. */
  readonly envelope: Envelope;
};

/** Input of `audit.prove`. */
export type AuditProveInput = {
  /** The receipt; this or index, else the last one. */
  readonly receipt_id?: string;
  /** The leaf index, from zero. */
  readonly index?: Size;
  /** Whether the bodies are in the bundle; absent: false. */
  readonly disclose?: boolean;
};

/** Output of `audit.prove`. */
export type AuditProveOutput = {
  /** A receipt with the proof that it is in a log; carries no trust of its own. */
  readonly bundle: Bundle;
};

/** Input of `audit.checkpoint`. */
export type AuditCheckpointInput = Record<string, never>;

/** Output of `audit.checkpoint`. */
export type AuditCheckpointOutput = {
  /** The signed note. */
  readonly note: string;
};

/** Input of `audit.verify_log`. */
export type AuditVerifyLogInput = Record<string, never>;

/** Output of `audit.verify_log`. */
export type AuditVerifyLogOutput = {
  /** A number of leaves: an integer, or in decimal digits up to 2^64-1. */
  readonly size: Size;
  /** The root over all leaves. */
  readonly root: string;
  /** Chains of receipts. */
  readonly chains: number;
  /** Chains that were closed. */
  readonly closed: number;
  /** Calls without an end. */
  readonly open: number;
};

/** Input of `mailbox.sign_request`. */
export type MailboxSignRequestInput = {
  /** The seed of the agent's sign key. */
  readonly seed: string;
  /** The base URL of the mailbox, without a slash at its end. */
  readonly mailbox: string;
  /** The method of an HTTP request. */
  readonly method: MailboxMethod;
  /** The path with its query. */
  readonly path: string;
  /** When. */
  readonly iat: number;
  /** Sixteen random bytes. */
  readonly nonce: string;
  /** The body; absent: none. */
  readonly body?: string;
};

/** Output of `mailbox.sign_request`. */
export type MailboxSignRequestOutput = {
  /** The signed request. */
  readonly request: Envelope;
  /** The value of the header. */
  readonly header: string;
};

/** Input of `mailbox.verify_request`. */
export type MailboxVerifyRequestInput = {
  /** The value of the header. */
  readonly header: string;
  /** The base URL of this mailbox, without a slash at its end. */
  readonly mailbox: string;
  /** The method of an HTTP request. */
  readonly method: MailboxMethod;
  /** The path with its query. */
  readonly path: string;
  /** The time. */
  readonly now_ms: number;
  /** The body; absent: none. */
  readonly body?: string;
};

/** Output of `mailbox.verify_request`. */
export type MailboxVerifyRequestOutput = {
  /** Whether the request is what somebody signed for this mailbox now. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** Who. */
  readonly agent?: string;
  /** Its nonce, to be remembered for 120 seconds after iat. */
  readonly nonce?: string;
};

/** Input of `policy.check`. */
export type PolicyCheckInput = {
  /** The policy. */
  readonly text: string;
  /** The format of the text; absent: yaml. */
  readonly format?: PolicyFormat;
  /** The files that the policy includes. */
  readonly files?: readonly PolicyFile[];
};

/** A mistake in a policy. */
export type PolicyMistake = {
  /** The included file that has it; absent: the policy itself. */
  readonly file?: string;
  /** A code of the error registry. */
  readonly code: ErrorCode;
  /** What was got and what was expected. */
  readonly message: string;
  /** The line, from one. */
  readonly line: number;
  /** The column, from one, in characters. */
  readonly column: number;
  /** The nearest thing that would have been accepted. */
  readonly suggestion?: string;
};

/** Output of `policy.check`. */
export type PolicyCheckOutput = {
  /** Whether the policy can be used. */
  readonly valid: boolean;
  /** The name of the policy. */
  readonly id?: string;
  /** Hash of the policy (docs/spec/policy.md). */
  readonly hash?: string;
  /** The tools that may be called. */
  readonly tools?: readonly string[];
  /** The mistakes, in the order of the text. */
  readonly errors?: readonly PolicyMistake[];
};

/** Input of `policy.decide`. */
export type PolicyDecideInput = {
  /** The policy. */
  readonly policy: string;
  /** The action. */
  readonly action: Action;
  /** The format of the policy; absent: yaml. */
  readonly format?: PolicyFormat;
  /** The files that the policy includes. */
  readonly files?: readonly PolicyFile[];
  /** What the run has used so far; absent: nothing. */
  readonly state?: PolicyState;
  /** Whose action it is; absent: not known. */
  readonly subject?: PolicySubject;
};

/** A rate that the action has to keep. */
export type PolicyRateKept = {
  /** The rule. */
  readonly rule: string;
  /** What is counted apart: rule, level and name. */
  readonly key: string;
  /** So many calls. */
  readonly calls: number;
  /** In so many seconds. */
  readonly per_seconds: number;
  /** So many at once. */
  readonly burst: number;
};

/** Output of `policy.decide`. */
export type PolicyDecideOutput = {
  /** The answer to an action, in rising order of weight. */
  readonly verdict: Verdict;
  /** The effect that was decided on. */
  readonly effect: Effect;
  /** Why, sorted by stage and code. */
  readonly reasons: readonly DecisionReason[];
  /** The rates that the action has to keep, sorted by rule. */
  readonly rates?: readonly PolicyRateKept[];
  /** The approvals that the action needs, sorted by rule. */
  readonly asks?: readonly ApprovalRule[];
  /** How long the request for them may wait. */
  readonly asks_expire_ms?: number;
};

/** Input of `policy.explain`. */
export type PolicyExplainInput = {
  /** The policy. */
  readonly policy: string;
  /** The format of the policy; absent: yaml. */
  readonly format?: PolicyFormat;
  /** The files that the policy includes. */
  readonly files?: readonly PolicyFile[];
  /** Only the rules that a call of this tool meets; absent: all. */
  readonly tool?: string;
};

/** One rule in words. */
export type PolicyExplanation = {
  /** The rule: the name of a tool, an id, a key. */
  readonly rule: string;
  /** What it matches and what follows. */
  readonly matches: string;
  /** What the author may not have meant. */
  readonly warnings: readonly string[];
};

/** Output of `policy.explain`. */
export type PolicyExplainOutput = {
  /** The rules. */
  readonly rules: readonly PolicyExplanation[];
};

/** Input of `policy.test`. */
export type PolicyTestInput = {
  /** The policy. */
  readonly policy: string;
  /** The cases. */
  readonly cases: readonly PolicyCase[];
  /** The format of the policy; absent: yaml. */
  readonly format?: PolicyFormat;
  /** The files that the policy includes. */
  readonly files?: readonly PolicyFile[];
};

/** What came of a case. */
export type PolicyCaseResult = {
  /** The case. */
  readonly name: string;
  /** Whether the policy says what was expected. */
  readonly passed: boolean;
  /** The answer to an action, in rising order of weight. */
  readonly verdict: Verdict;
  /** What was expected and what was found. */
  readonly problems: readonly string[];
  /** Why, sorted by stage and code. */
  readonly reasons: readonly DecisionReason[];
};

/** Output of `policy.test`. */
export type PolicyTestOutput = {
  /** How many cases passed. */
  readonly passed: number;
  /** How many did not. */
  readonly failed: number;
  /** What came of each case, in their order. */
  readonly results: readonly PolicyCaseResult[];
};

/** Input of `policy.diff`. */
export type PolicyDiffInput = {
  /** The one policy. */
  readonly before: string;
  /** The other. */
  readonly after: string;
  /** The format of before; absent: yaml. */
  readonly before_format?: PolicyFormat;
  /** The format of after; absent: yaml. */
  readonly after_format?: PolicyFormat;
  /** The files that the policy includes. */
  readonly before_files?: readonly PolicyFile[];
  /** The files that the policy includes. */
  readonly after_files?: readonly PolicyFile[];
};

/**
 * What became of the rule.
 *
 * - `added`: It is new.
 * - `removed`: It is gone.
 * - `changed`: It is another.
 */
export type PolicyChangeKind = "added" | "removed" | "changed";

/**
 * What that does to what is allowed.
 *
 * - `wider`: More may be allowed.
 * - `narrower`: Less is allowed.
 * - `neutral`: Nothing.
 * - `unclear`: More or less, depending on the action.
 */
export type PolicyDirection = "wider" | "narrower" | "neutral" | "unclear";

/** A rule that differs. */
export type PolicyChange = {
  /** The rule: its list, and its name or id. */
  readonly rule: string;
  /** What became of the rule. */
  readonly change: PolicyChangeKind;
  /** What that does to what is allowed. */
  readonly direction: PolicyDirection;
  /** What differs in it, as before -> after. */
  readonly detail: string;
};

/** Output of `policy.diff`. */
export type PolicyDiffOutput = {
  /** The differences, in the order of the members. */
  readonly changes: readonly PolicyChange[];
};

/** Input of `policy.format`. */
export type PolicyFormatInput = {
  /** The policy. */
  readonly text: string;
  /** The format of the text; absent: yaml. */
  readonly format?: PolicyFormat;
};

/** Output of `policy.format`. */
export type PolicyFormatOutput = {
  /** The policy in its layout. */
  readonly text: string;
  /** Whether that is another text. */
  readonly changed: boolean;
};

/** Input of `policy.schema`. */
export type PolicySchemaInput = Record<string, never>;

/** Output of `policy.schema`. */
export type PolicySchemaOutput = {
  /** The schema (JSON Schema 2020-12). */
  readonly schema: string;
};

/** Input of `session.verify_static_key`. */
export type SessionVerifyStaticKeyInput = {
  /** The statement. */
  readonly envelope: Envelope;
  /** Whose it should be. */
  readonly owner: string;
  /** The time. */
  readonly now_ms: number;
};

/** Output of `session.verify_static_key`. */
export type SessionVerifyStaticKeyOutput = {
  /** Whether it is theirs and valid now. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** The X25519 key. */
  readonly agree?: string;
};

/** Input of `session.verify_bundle`. */
export type SessionVerifyBundleInput = {
  /** The bundle. */
  readonly envelope: Envelope;
  /** Whose it should be. */
  readonly owner: string;
  /** The time. */
  readonly now_ms: number;
};

/** Output of `session.verify_bundle`. */
export type SessionVerifyBundleOutput = {
  /** Whether it is theirs and valid now. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** The hash of the message that is signed; a handshake names it. */
  readonly hash?: string;
  /** What the owner accepts, best first. */
  readonly suites?: readonly number[];
};

/** Input of `session.verify_one_time_key`. */
export type SessionVerifyOneTimeKeyInput = {
  /** The one-time key. */
  readonly envelope: Envelope;
  /** Whose it should be. */
  readonly owner: string;
  /** The time. */
  readonly now_ms: number;
};

/** Output of `session.verify_one_time_key`. */
export type SessionVerifyOneTimeKeyOutput = {
  /** Whether it is theirs and valid now. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** Its id. */
  readonly id?: string;
  /** Whether it has an ML-KEM key. */
  readonly hybrid?: boolean;
};

/** Input of `session.read_frame`. */
export type SessionReadFrameInput = {
  /** A frame or a container. */
  readonly bytes: string;
};

/**
 * What is said to be in it.
 *
 * - `message`: Data.
 * - `close`: The sender is done.
 * - `reset`: The sender cannot read what is sent to it.
 */
export type SessionFrameKind = "message" | "close" | "reset";

/** Output of `session.read_frame`. */
export type SessionReadFrameOutput = {
  /** What is said to be in it. */
  readonly kind: SessionFrameKind;
  /** The suite. */
  readonly suite: number;
  /** The session. */
  readonly sid: string;
  /** DHs, the sender's public ratchet key. */
  readonly ratchet_key: string;
  /** PN. */
  readonly previous: number;
  /** N. */
  readonly number: number;
  /** The hash of the frame. */
  readonly frame_hash: string;
  /** Of a container: who began the session. */
  readonly initiator?: string;
  /** Of a container: with whom. */
  readonly responder?: string;
};

/** Input of `session.open`. */
export type SessionOpenInput = {
  /** What is disclosed. */
  readonly opening: SessionOpening;
  /** The hash that the receipt names. */
  readonly frame_hash: string;
};

/** Output of `session.open`. */
export type SessionOpenOutput = {
  /** Whether what is disclosed is of the frame of the receipt. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** The message; of a close or a reset notice nothing. */
  readonly data?: string;
  /** The session. */
  readonly sid?: string;
};

/** Input of `session.play`. */
export type SessionPlayInput = {
  /** The agents and their acts. */
  readonly play: SessionPlay;
};

/** Output of `session.play`. */
export type SessionPlayOutput = {
  /** What came of each act, in order. */
  readonly results: readonly SessionResult[];
  /** Where the sessions stand in the end, by agent and name. */
  readonly sessions: readonly SessionSeen[];
};

/** Input of `standing.set`. */
export type StandingSetInput = {
  /** What it is about. */
  readonly scope: Scope;
  /** Whether it is held from now on. */
  readonly held: boolean;
  /** A note for the record. */
  readonly why?: string;
};

/** Output of `standing.set`. */
export type StandingSetOutput = {
  /** What is held now. */
  readonly holds: readonly StandingHold[];
  /** Id of the receipt; absent where a hold began and none could be written. */
  readonly receipt_id?: string;
  /** Its leaf index. */
  readonly index?: Size;
};

/** Input of `standing.show`. */
export type StandingShowInput = Record<string, never>;

/** Output of `standing.show`. */
export type StandingShowOutput = {
  /** What is held. */
  readonly holds: readonly StandingHold[];
};

/** Input of `receipt.verify`. */
export type ReceiptVerifyInput = {
  /** The receipt's envelope, as an object or as its text. */
  readonly envelope: JsonValue;
  /** The issuers that are trusted; absent: whoever signed. */
  readonly issuers?: readonly string[];
};

/** Output of `receipt.verify`. */
export type ReceiptVerifyOutput = {
  /** Whether the receipt verifies. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** Id of the receipt. */
  readonly receipt_id?: string;
  /** The body. */
  readonly receipt?: Receipt;
};

/** Input of `bundle.verify`. */
export type BundleVerifyInput = {
  /** The bundle, as an object or as its text. */
  readonly bundle: JsonValue;
  /** Verifier keys of the logs that are trusted; absent: none. */
  readonly log_keys?: readonly string[];
  /** The issuers that are trusted; absent: none. */
  readonly issuers?: readonly string[];
};

/** Output of `bundle.verify`. */
export type BundleVerifyOutput = {
  /** Whether everything verifies, trust included. */
  readonly valid: boolean;
  /** Why the answer is false. */
  readonly reason?: ErrorCode;
  /** Whether log and issuer are among those that are trusted. */
  readonly trusted?: boolean;
  /** Id of the receipt. */
  readonly receipt_id?: string;
  /** Leaf index of the receipt. */
  readonly index?: Size;
  /** Size of the tree of the checkpoint. */
  readonly size?: Size;
  /** The body. */
  readonly receipt?: Receipt;
};
