//! What the kernel needs of its host. Adapters implement these; tests inject faults here.

use std::sync::Arc;
use talos_approval::code::Code;
use talos_audit::receipt::Sealed;
use talos_audit::tree::Frontier;
use talos_budget::{Actual, Request, Span, Unit};
use talos_contracts::scalar::{Hash, Salt};
use talos_contracts::{ApprovalRequest, Budget, BudgetAccount, Error, ReceiptKind, Scope};

/// Time, from outside.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01T00:00:00Z. May jump.
    fn wall_ms(&self) -> Result<u64, Error>;
    /// Milliseconds since some moment. Never goes back.
    fn monotonic_ms(&self) -> Result<u64, Error>;
}

/// Randomness, from outside.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with bytes that nobody can predict, or fails.
    fn fill(&self, out: &mut [u8]) -> Result<(), Error>;
}

/// The log and the state that must survive a crash.
///
/// Every error carries a code of the family `store`. Writes are atomic and durable when the call
/// returns: after an `Ok`, no crash loses them; after an `Err`, the caller assumes nothing.
pub trait Store: Send + Sync {
    /// Takes the run for this writer and claims the calls that dead writers left open, in one
    /// transaction. A run that a live writer holds is `run.busy`.
    fn begin(&self, boot: Salt, run: &str) -> Result<Begun, Error>;

    /// Appends a batch. Size and frontier are read again inside the transaction, so that several
    /// processes can share a log and none can fork it.
    fn commit(&self, batch: &[&Entry]) -> Result<Committed, Error>;

    /// Gives the run back.
    fn end(&self, boot: Salt, run: &str) -> Result<(), Error>;

    /// Size and right edge of the tree.
    fn frontier(&self) -> Result<Frontier, Error>;

    /// The root of a complete subtree.
    fn node(&self, level: u32, index: u64) -> Result<Hash, Error>;

    /// The receipt at this index.
    fn record(&self, index: u64) -> Result<Option<Record>, Error>;

    /// The receipt of this id.
    fn find(&self, id: &Hash) -> Result<Option<Record>, Error>;

    /// What is held. Asked for at each decision and each start, so it is cheap where nothing changes.
    fn standing(&self) -> Result<Arc<Standing>, Error>;

    /// Turns a hold without a receipt, where none can be written any more. It outlives every restart.
    fn turn(&self, turn: &Turn) -> Result<(), Error>;

    /// Requests for approval, the newest first, at most `limit`; those of one run, if it is named. One that is damaged
    /// says so in its place and hides no other.
    fn approvals(&self, run: Option<&str>, limit: usize) -> Result<Vec<Result<Approval, Damaged>>, Error>;

    /// The request of this id.
    fn approval(&self, id: &Hash) -> Result<Option<Approval>, Error>;

    /// Keeps what a person answered. A second answer under a name is `approval.duplicate`, one to an
    /// unknown request `approval.unknown`.
    fn answer(&self, id: &Hash, answer: &Answer) -> Result<(), Error>;

    /// Erases the arguments of a request that is over, unless they are to stay.
    fn erase_args(&self, id: &Hash) -> Result<(), Error>;

    /// Counts an attempt at a person's one-time code, and gives the code's digest with the number of
    /// attempts before this one. Counted before anything is compared, so that no crash gives one back.
    fn try_code(&self, id: &Hash, name: &str) -> Result<Option<KeptCode>, Error>;

    /// The newest signed checkpoint and its size.
    fn checkpoint(&self) -> Result<Option<(u64, String)>, Error>;

    /// Keeps a signed checkpoint.
    fn set_checkpoint(&self, size: u64, note: &str) -> Result<(), Error>;
}

/// What may still be used: budgets, what is held of them, and rates (`docs/spec/budget.md`).
///
/// Each call is one step, alone among all writers; the arithmetic is that of
/// [`talos_budget::Ledger`]. After an `Err` the caller assumes nothing. A reservation need not be on
/// disk when the call returns, but it must be there before any receipt that is committed later is.
/// The time goes on by the clock of whoever calls, and may be behind another writer's.
pub trait Budgets: Send + Sync {
    /// Whether there is any budget: quick, because each decision asks.
    fn any(&self) -> Result<bool, Error>;

    /// Reserves for this writer what the action costs on every level of its path, and uses its
    /// rates; or does none of it.
    fn reserve(&self, boot: Salt, now_ms: u64, request: &Request<'_>) -> Result<talos_budget::Answer, Error>;

    /// Charges what the call did cost.
    fn settle(&self, now_ms: u64, id: &str, actual: &Actual) -> Result<(), Error>;

    /// Charges in full a call of which nobody knows what became. One that has ended stays as it
    /// is, and so does one that holds nothing.
    fn expire(&self, now_ms: u64, id: &str) -> Result<(), Error>;

    /// Charges in full what dead writers hold; says how many reservations that were.
    fn expire_dead(&self, now_ms: u64) -> Result<u64, Error>;

    /// Gives back what is held of a call that provably did not start.
    fn release(&self, now_ms: u64, id: &str) -> Result<(), Error>;

    /// Sets a budget, durably, and gives it with everything filled in.
    fn set(&self, budget: &Budget) -> Result<Budget, Error>;

    /// Removes a budget and what was counted against it, durably.
    fn remove(&self, scope: &Scope, unit: Unit, span: Span) -> Result<(), Error>;

    /// Where the budgets stand that are of this scope; of its level, if it has no name.
    fn accounts(&self, now_ms: u64, scope: Option<&Scope>) -> Result<Vec<BudgetAccount>, Error>;
}

/// What a writer learns when it takes a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Begun {
    /// The last durable receipt of this run.
    pub predecessor: Option<Hash>,
    /// Calls without an outcome whose writer is dead.
    pub orphans: Vec<Orphan>,
    /// Calls of this run that were allowed before, whatever became of them.
    pub known: Vec<KnownCall>,
    /// The newest time in the log, in milliseconds.
    pub newest_iat: u64,
}

/// An allowed call that its writer did not live to settle.
#[derive(Clone, Debug, PartialEq)]
pub struct Orphan {
    /// Its run, which may be another one than the one that is taken.
    pub run: String,
    /// The call.
    pub call: String,
    /// The decision's receipt.
    pub decision: Hash,
}

/// An allowed call of an earlier boot.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownCall {
    /// The call.
    pub opened: Opened,
    /// The decision's receipt.
    pub decision: Hash,
}

/// A call as its decision opened it.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The call.
    pub call: String,
    /// What the permit is bound to.
    pub binding: Hash,
    /// What it was reserved. After a restart it is charged in full, whatever was used.
    pub charge: Charge,
}

/// What a call counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Charge {
    /// Tool calls: 1, or 0 for what is none.
    pub tool_calls: u64,
    /// Tokens.
    pub tokens: u64,
    /// Micro-units of the policy's currency.
    pub micro: u64,
}

/// One receipt on its way into the log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The receipt.
    pub sealed: Sealed,
    /// Its run.
    pub run: String,
    /// Its chain.
    pub chain: Salt,
    /// Its kind.
    pub kind: ReceiptKind,
    /// Its time.
    pub iat: u64,
    /// The writer.
    pub boot: Salt,
    /// The call that it opens.
    pub opens: Option<Opened>,
    /// The decisions whose calls it closes.
    pub closes: Vec<Hash>,
    /// What they count for from now on, as far as that is more than they were opened with.
    pub used: Option<Charge>,
    /// The body that it commits to.
    pub body: Option<Body>,
    /// The request for approval that comes with it.
    pub asks: Option<Asked>,
    /// The approval that it redeems: once; a second time the batch fails. Its arguments are erased, unless they are to stay.
    pub redeems: Option<Hash>,
    /// The hold that it turns.
    pub turns: Option<Turn>,
}

/// A request for approval on its way into the store.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Its id.
    pub id: Hash,
    /// The signed request: canonical JSON of its envelope.
    pub request: Vec<u8>,
    /// The canonical arguments, for people to see.
    pub args: Vec<u8>,
    /// When the request is over: the first receipt from then on that opens a run or asks erases the arguments, and
    /// what redeems the request erases them at once. Absent: they stay.
    pub erase_at: Option<u64>,
    /// Digests of the one-time codes, by person.
    pub codes: Vec<(String, Hash)>,
}

/// A request for approval, with what has become of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// Its id.
    pub id: Hash,
    /// Its run.
    pub run: String,
    /// Whether a live writer holds the run.
    pub is_open: bool,
    /// The signed request: canonical JSON of its envelope.
    pub request: Vec<u8>,
    /// The canonical arguments, unless they were erased.
    pub args: Option<Vec<u8>>,
    /// The signed answers, in the order in which they came.
    pub answers: Vec<Answer>,
    /// Whether a call has run under it.
    pub redeemed: bool,
}

/// What is stored as a request for approval and is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Damaged {
    /// The id under which it is stored, where that can be read.
    pub id: Option<Hash>,
    /// What is wrong with it.
    pub error: Error,
}

/// What one person answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The person.
    pub name: String,
    /// The signed grant: canonical JSON of its envelope.
    pub grant: Vec<u8>,
}

/// A one-time code, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeptCode {
    /// Its digest.
    pub digest: Hash,
    /// Attempts before this one.
    pub attempts: u64,
}

/// What a commitment hides: erasable, and disclosed receipt by receipt.
#[derive(Clone)]
pub struct Body {
    /// The key of the commitment.
    pub key: [u8; 32],
    /// The canonical bytes; absent where the host does not keep bodies.
    pub value: Option<Vec<u8>>,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Body")
    }
}

/// Where a batch went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Committed {
    /// Index of the batch's first leaf; the others follow.
    pub first_index: u64,
    /// The newest time in the log, in milliseconds.
    pub newest_iat: u64,
}

/// One receipt as it lies in the log.
#[derive(Clone, Debug)]
pub struct Record {
    /// Index of its leaf.
    pub index: u64,
    /// The receipt.
    pub sealed: Sealed,
    /// The body that it commits to, unless erased.
    pub body: Option<Body>,
}

/// The switches above all runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// In each of these scopes nothing is decided in favour and nothing starts.
    pub holds: Vec<Hold>,
}

/// A scope that is held.
#[derive(Clone, Debug, PartialEq)]
pub struct Hold {
    /// The scope.
    pub scope: Scope,
    /// A note of whoever turned it.
    pub why: Option<String>,
}

/// A hold that begins or ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Whether the scope is held from now on.
    pub held: bool,
    /// What it is about.
    pub hold: Hold,
}

impl Standing {
    /// The standing after a turn.
    pub fn turn(&mut self, turn: &Turn) {
        self.holds.retain(|hold| hold.scope != turn.hold.scope);
        if turn.held {
            self.holds.push(turn.hold.clone());
        }
    }
}

/// A new request for approval, for the people who are asked. It leaves the kernel when it is on disk.
pub struct Notice {
    /// Its id.
    pub id: Hash,
    /// What it says.
    pub request: ApprovalRequest,
    /// The canonical arguments.
    pub args: Vec<u8>,
    /// The one-time code of each person who answers by one: for that person's eyes, and for nothing that is kept.
    pub codes: Vec<(String, Code)>,
}

/// Tells people of requests for approval.
pub trait Notify: Send + Sync {
    /// Takes the notice on. Called from the writer's thread: it neither waits nor fails, and what becomes of the message
    /// changes nothing in what is allowed.
    fn notify(&self, notice: Notice);
}

/// The last head that the log signed: kept beside its key, outside the database, so that an older
/// database cannot be signed over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KeptHead {
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
}

/// Gives the head to keep next, from the one that is kept.
pub type NextHead<'a> = dyn FnMut(Option<KeptHead>) -> Result<KeptHead, Error> + 'a;

/// The place where the head is kept.
pub trait HeadKeeper: Send + Sync {
    /// The head, if one was ever kept.
    fn load(&self) -> Result<Option<KeptHead>, Error>;
    /// Replaces the head, alone among all processes, durably when the call returns.
    fn exchange(&self, next: &mut NextHead<'_>) -> Result<(), Error>;
}
