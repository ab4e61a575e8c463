//! One run: its calls, their permits, its counters, its chain.
//!
//! ```text
//! pending -> issued -> started -> settled | expired
//!            issued -> released
//! ```

use crate::action::{Action, Counters, Settlement};
use crate::approvals::Requests;
use crate::call::{Call, binding, budget, wrong_state};
use crate::calls::Calls;
use crate::chain::{ChainWriter, Effects};
use crate::kernel::Core;
use crate::ports::{Begun, Charge};
use crate::spending::Owed;
use crate::writer::{Durable, Ticket, guarded, lock};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use talos_audit::receipt;
use talos_contracts::json;
use talos_contracts::{
    Amount, Effect, Error, ErrorCode, OutcomeStatus, PermitState, PolicyOnDrift, PolicyRef, Receipt, ReceiptKind,
    ReceiptOutcome, ReceiptPermit, Verdict,
};
use talos_crypto::hash;
use talos_identity::Did;
use talos_policy::Subject;

/// Permits in one gap receipt.
const GAP_MAX: usize = 500;

/// A run, opened by [`crate::Kernel::open_run`]. Dropping it without [`Run::close`] is a crash:
/// the next writer names its open calls in a gap.
pub struct Run {
    pub(crate) core: Arc<Core>,
    id: String,
    actor: Did,
    pub(crate) subject: Subject,
    _claim: Claim,
    reopens_apart: AtomicBool,
    reopening: Mutex<()>,
    pub(crate) state: Mutex<State>,
}

/// What an agent belongs to, as far as the host knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Belongs {
    /// The organisation.
    pub organisation: Option<String>,
    /// The team.
    pub team: Option<String>,
    /// The name of the agent.
    pub agent: Option<String>,
}

/// A run is open once in a process, as long as this lives.
struct Claim {
    core: Arc<Core>,
    run: String,
}

impl Claim {
    fn new(core: &Arc<Core>, run: &str) -> Result<Self, Error> {
        if !lock(&core.open_runs).insert(run.to_owned()) {
            return Err(Error::new(ErrorCode::RunBusy, "the run is open in this process"));
        }
        Ok(Claim { core: Arc::clone(core), run: run.to_owned() })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        lock(&self.core.open_runs).remove(&self.run);
    }
}

pub(crate) struct State {
    pub(crate) chain: ChainWriter,
    pub(crate) calls: Calls,
    pub(crate) counters: Counters,
    pub(crate) drift: Verdict,
    /// Requests for approval that were not redeemed.
    pub(crate) requests: Requests,
    /// The policy that the chain has named last.
    pub(crate) policy: PolicyRef,
    /// Ends of reservations that the store has yet to hear of.
    pub(crate) owed: Vec<Owed>,
    closed: bool,
}

impl Run {
    pub(crate) fn open(core: &Arc<Core>, run: &str, actor: &Did, of: Belongs) -> Result<Self, Error> {
        if !talos_contracts::scalar::is_uuid(run) {
            return Err(Error::new(ErrorCode::MalformedValue, "a run id is a UUID in lower case"));
        }
        let subject = Subject {
            organisation: of.organisation,
            team: of.team,
            agent: of.agent,
            actor: actor.as_str().to_owned(),
            run: run.to_owned(),
        };
        let claim = Claim::new(core, run)?;
        let (chain, begun) = guarded(|| {
            let opened = open_chain(core, run, actor)?;
            // The head moves with every run, so that a database from before it is known to be older.
            core.log().checkpoint()?;
            Ok(opened)
        })?;
        let requests = core.requests_of(run)?;
        let policy = core.rules().reference.clone();
        let counters = Counters::of_the_past(&begun.known);
        let past = begun.known.into_iter().map(|k| (k.opened.call.clone(), Call::of_the_past(k)));
        let calls = Calls::new(chain.id(), past);
        Ok(Run {
            core: Arc::clone(core),
            id: run.to_owned(),
            actor: actor.clone(),
            subject,
            _claim: claim,
            reopens_apart: AtomicBool::new(false),
            reopening: Mutex::new(()),
            state: Mutex::new(State {
                chain,
                calls,
                counters,
                drift: Verdict::Allow,
                requests,
                policy,
                owed: Vec::new(),
                closed: false,
            }),
        })
    }

    /// The run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whose actions the run's are.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// What the run has used.
    pub fn counters(&self) -> Counters {
        lock(&self.state).counters
    }

    /// An id for the next call, which no call of this run has had. The run forgets a call of such
    /// an id at its end, so a host that runs for long asks for its ids here.
    pub fn new_call(&self) -> Result<String, Error> {
        lock(&self.state).calls.make_id()
    }

    /// The permit of a call, if there is one and the call is not forgotten.
    pub fn permit(&self, call: &str) -> Option<PermitState> {
        lock(&self.state).calls.get(call).and_then(|c| c.permit)
    }

    /// Whether the id is from [`Run::new_call`] and its call is over.
    pub fn has_ended(&self, call: &str) -> bool {
        lock(&self.state).calls.has_ended(call)
    }

    /// Starts the permit: one compare-and-swap that checks the kill switch, the arguments, expiry
    /// and the state. The host executes only after an `Ok`.
    ///
    /// Any effect but `read` needs its decision on disk; an irreversible one also gets a `start`
    /// receipt, on disk before this returns.
    pub fn start(&self, call: &str, action: &Action<'_>) -> Result<(), Error> {
        match self.start_soon(call, action)? {
            Some(ticket) => ticket.wait().map(|_| ()),
            None => Ok(()),
        }
    }

    /// [`Run::start`] for hosts that may not block: where there is a ticket, the call may be
    /// executed only after it has resolved to an `Ok`.
    pub fn start_soon(&self, call: &str, action: &Action<'_>) -> Result<Option<Ticket>, Error> {
        guarded(|| {
            let mut state = self.open_state()?;
            let now = self.core.clock.monotonic_ms()?;
            let standing = self.core.store.standing()?;
            let known = state.calls.find(call)?;
            known.check_start(&binding(action, &receipt::args_digest(action.args)))?;
            if now >= known.expires {
                return Err(self.expire(&mut state, call));
            }
            standing.check(action, &self.subject)?;
            known.permit = Some(PermitState::Started);
            if known.decision.effect != Effect::Irreversible {
                return Ok(None);
            }
            start_receipt(&mut state, call).map(Some)
        })
    }

    /// Settles a started call. The outcome goes to the log; the ticket says when it is on disk.
    pub fn settle(&self, call: &str, settlement: &Settlement<'_>) -> Result<Ticket, Error> {
        guarded(|| self.try_settle(call, settlement))
    }

    fn try_settle(&self, call: &str, settlement: &Settlement<'_>) -> Result<Ticket, Error> {
        let mut state = self.open_state()?;
        let now = self.core.clock.monotonic_ms()?;
        let known = state.calls.find(call)?;
        if known.permit != Some(PermitState::Started) {
            return Err(wrong_state("settle", known.permit));
        }
        let late = now >= known.expires;
        self.outcome(&mut state, call, settlement, late)
    }

    /// Gives an issued permit back: the call provably did not start, and nothing is charged.
    pub fn release(&self, call: &str) -> Result<Ticket, Error> {
        guarded(|| self.try_release(call))
    }

    fn try_release(&self, call: &str) -> Result<Ticket, Error> {
        let mut state = self.open_state()?;
        let now = self.core.clock.monotonic_ms()?;
        let known = state.calls.find(call)?;
        if known.permit == Some(PermitState::Pending)
            && let Some(ticket) = known.decision.ticket.clone()
        {
            // Nothing was allowed, so there is nothing to record: nobody waits for the answer any more.
            state.calls.end(call, PermitState::Released);
            return Ok(ticket);
        }
        if known.permit != Some(PermitState::Issued) {
            return Err(wrong_state("release", known.permit));
        }
        if now >= known.expires {
            return Err(self.expire(&mut state, call));
        }
        self.end_unstarted(&mut state, call, PermitState::Released)
    }

    /// Ends the run: permits that never started are released, calls that did are settled as
    /// unknown, and the chain is closed. Returns when all of it is on disk and the head is signed.
    pub fn close(&self) -> Result<Durable, Error> {
        self.reopen()?;
        guarded(|| self.try_close())
    }

    fn try_close(&self) -> Result<Durable, Error> {
        let ticket = {
            let mut state = self.open_state()?;
            let now = self.core.clock.monotonic_ms()?;
            let open: Vec<(String, PermitState, bool)> = state
                .calls
                .open()
                .filter_map(|(call, known)| Some((call.clone(), known.permit?, now >= known.expires)))
                .collect();
            for (call, permit, late) in open {
                match permit {
                    PermitState::Issued => self.end_unstarted(&mut state, &call, PermitState::Released).map(|_| ())?,
                    PermitState::Started => {
                        let unknown = Settlement::new(OutcomeStatus::Unknown, None);
                        self.outcome(&mut state, &call, &unknown, late).map(|_| ())?;
                    }
                    _ => {}
                }
            }
            self.pay_owed(&mut state);
            let mut draft = state.chain.draft(ReceiptKind::Close)?;
            draft.final_seq = Some(draft.seq);
            let ticket = state.chain.append(&draft, Effects::default())?;
            state.closed = true;
            ticket
        };
        // A close that was not written can be tried again, in a new chain.
        let durable = ticket.wait().inspect_err(|_| lock(&self.state).closed = false)?;
        self.core.log().checkpoint()?;
        self.core.store.end(self.core.boot, &self.id)?;
        Ok(durable)
    }

    /// From now on a dead chain is an error, `run.dead`, until [`Run::reopen`] has begun the next
    /// one: for hosts that may not wait where they decide.
    pub fn reopen_apart(&self) {
        self.reopens_apart.store(true, Ordering::Release);
    }

    /// Begins the next chain if the chain is dead, with a gap that names what the dead one left
    /// open. Waits for the disk; meanwhile the run answers `run.dead` at once.
    pub fn reopen(&self) -> Result<(), Error> {
        guarded(|| {
            let _alone = lock(&self.reopening);
            if !lock(&self.state).chain.is_dead() {
                return Ok(());
            }
            let (chain, _) = open_chain(&self.core, &self.id, &self.actor)?;
            let requests = self.core.requests_of(&self.id)?;
            lock(&self.state).go_on(chain, requests);
            Ok(())
        })
    }

    /// The state of a run that goes on. A dead chain is left behind: a new one begins.
    pub(crate) fn open_state(&self) -> Result<MutexGuard<'_, State>, Error> {
        let mut state = lock(&self.state);
        if state.closed {
            return Err(Error::new(ErrorCode::RunClosed, "the run is closed"));
        }
        if state.chain.is_dead() {
            if self.reopens_apart.load(Ordering::Acquire) {
                return Err(Error::new(
                    ErrorCode::RunDead,
                    "a receipt was not written; the run goes on in a new chain",
                ));
            }
            let (chain, _) = open_chain(&self.core, &self.id, &self.actor)?;
            let requests = self.core.requests_of(&self.id)?;
            state.go_on(chain, requests);
        }
        Ok(state)
    }

    fn outcome(&self, state: &mut State, call: &str, settlement: &Settlement<'_>, late: bool) -> Result<Ticket, Error> {
        let known = state.calls.find(call)?;
        let (decision_id, effect) = (known.decision_id, known.decision.effect);
        let used_tokens = settlement.tokens.or(known.tokens);
        let rules = self.core.rules();
        let used_amount = used_amount(known.amount.as_ref(), settlement.amount, rules.policy.limit_currency())?;
        let reserved = known.charge();
        let used = Charge {
            tokens: used_tokens.unwrap_or(0).max(reserved.tokens),
            micro: used_amount.as_ref().map_or(0, |amount| amount.micro).max(reserved.micro),
            ..reserved
        };
        self.settle_spending(known, settlement)?;
        let drift = if settlement.status == OutcomeStatus::Unknown {
            None
        } else {
            rules.policy.confidence(settlement.confidence_bp)
        };

        let mut draft = state.chain.draft(ReceiptKind::Outcome)?;
        let mut body = None;
        let result_commit = match settlement.result {
            None => None,
            Some(result) => {
                let key: [u8; 32] = self.core.random()?;
                let bytes = json::canonical(result);
                let digest = hash::tagged(receipt::RESULT_DOMAIN, &[&bytes]);
                body = Some(self.body(key, bytes));
                Some(receipt::result_commit(&key, &digest))
            }
        };
        draft.call = Some(call.to_owned());
        draft.r#ref = Some(decision_id);
        draft.outcome = Some(ReceiptOutcome { status: settlement.status, result_commit });
        draft.late = late.then_some(true);
        draft.session = settlement.session.cloned();
        draft.reasons = drift.as_ref().map(|d| vec![d.code.as_str().to_owned()]);
        draft.budget = budget(used_tokens, used_amount.as_ref());
        if effect == Effect::Read {
            draft.sign = self.core.config.sign_reads;
        }
        let used = (used != reserved).then_some(used);
        let effects = Effects { closes: vec![decision_id], used, body, ..Effects::default() };
        let ticket = state.chain.append(&draft, effects)?;

        if let Ok(known) = state.calls.find(call) {
            state.counters.correct(known, used_tokens, used_amount);
        }
        state.finish(call, PermitState::Settled);
        if drift.is_some() {
            state.drift = state.drift.max(match rules.policy.policy().on_drift {
                None | Some(PolicyOnDrift::Flag) => Verdict::Allow,
                Some(PolicyOnDrift::NeedsApproval) => Verdict::NeedsApproval,
                Some(PolicyOnDrift::Stop) => Verdict::Deny,
            });
        }
        Ok(ticket)
    }
}

impl Run {
    /// Ends a permit that was not started, and what it holds of the budgets.
    fn end_unstarted(&self, state: &mut State, call: &str, end: PermitState) -> Result<Ticket, Error> {
        let spending = state.calls.get(call).and_then(|known| known.spending.clone());
        let ticket = release(state, call, end)?;
        self.end_spending(state, spending, end);
        Ok(ticket)
    }

    /// A permit that was never started: released for the log, admitted for the counters, charged in full.
    fn expire(&self, state: &mut State, call: &str) -> Error {
        match self.end_unstarted(state, call, PermitState::Expired) {
            Ok(_) => Error::new(ErrorCode::CallExpired, "the permit expired before it was started"),
            Err(error) => error,
        }
    }
}

impl State {
    /// Moves a call to its end: what was in flight is admitted, whatever became of it.
    fn finish(&mut self, call: &str, permit: PermitState) {
        if let Some(known) = self.calls.get(call) {
            self.counters.end(known, permit);
            self.calls.end(call, permit);
        }
    }

    fn go_on(&mut self, chain: ChainWriter, requests: Requests) {
        self.chain = chain;
        self.requests = requests;
        self.forget_permits();
    }

    /// After a dead chain nothing is known of its open calls: they count as used.
    fn forget_permits(&mut self) {
        self.owe_open_calls();
        let open: Vec<String> = self.calls.open().map(|(call, _)| call.clone()).collect();
        open.iter().for_each(|call| self.finish(call, PermitState::Expired));
    }
}

/// Opens a chain: takes the run, writes `open`, and names what dead writers left. All of it is on
/// disk when this returns.
pub(crate) fn open_chain(core: &Arc<Core>, run: &str, actor: &Did) -> Result<(ChainWriter, Begun), Error> {
    let begun = core.store.begin(core.boot, run)?;
    core.saw_iat(begun.newest_iat);
    core.charge_dead(&begun)?;
    let mut chain = ChainWriter::new(core, run, actor.as_str())?;
    let mut draft = chain.draft(ReceiptKind::Open)?;
    draft.boot = Some(core.boot);
    draft.predecessor = begun.predecessor;
    let mut written = chain.append(&draft, Effects::default())?;
    for orphans in begun.orphans.chunks(GAP_MAX) {
        // One after the other, so that the store's own code is told and not that the chain is dead.
        written.wait()?;
        let mut draft = chain.draft(ReceiptKind::Gap)?;
        draft.permits =
            Some(orphans.iter().map(|o| ReceiptPermit { call: o.call.clone(), r#ref: o.decision }).collect());
        let closes = orphans.iter().map(|o| o.decision).collect();
        written = chain.append(&draft, Effects { closes, ..Effects::default() })?;
    }
    // A chain that cannot be written allows nothing, not even the reads that wait for no commit.
    written.wait()?;
    Ok((chain, begun))
}

fn start_receipt(state: &mut State, call: &str) -> Result<Ticket, Error> {
    let mut draft = state.chain.draft(ReceiptKind::Start)?;
    draft.call = Some(call.to_owned());
    draft.r#ref = state.calls.get(call).map(|c| c.decision_id);
    state.chain.append(&draft, Effects::default())
}

fn release(state: &mut State, call: &str, end: PermitState) -> Result<Ticket, Error> {
    let decision_id = state.calls.find(call)?.decision_id;
    let mut draft: Receipt = state.chain.draft(ReceiptKind::Release)?;
    draft.call = Some(call.to_owned());
    draft.r#ref = Some(decision_id);
    let ticket = state.chain.append(&draft, Effects { closes: vec![decision_id], ..Effects::default() })?;
    state.finish(call, end);
    Ok(ticket)
}

/// What was spent of what was reserved. Where nobody could say before how much that would be, it is known now; but a run is
/// counted in the currency of the limits, if there are any.
fn used_amount(
    reserved: Option<&Amount>,
    used: Option<&Amount>,
    limit_currency: Option<&str>,
) -> Result<Option<Amount>, Error> {
    let currency = reserved.map(|reserved| reserved.currency.as_str()).or(limit_currency);
    match used {
        None => Ok(reserved.cloned()),
        Some(used) if currency.is_none_or(|currency| currency == used.currency) => Ok(Some(used.clone())),
        _ => Err(Error::new(ErrorCode::LimitCurrency, "nothing was reserved in the currency that was spent")),
    }
}
