//! One run: decisions on actions, and the permits of those that may go on.

use crate::sdk::guard::Owned;
use crate::sdk::kernel::{Kernel, lock};
use crate::sdk::permit::{Permit, PermitInner};
use crate::sdk::soon::Soon;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use talos_contracts::json::Value;
use talos_contracts::{Action, ActionKind, Decision, Error, ErrorCode, PermitState, RunCountersOutput};
use talos_identity::Did;
use talos_kernel::{Durable, Ticket};

/// A run: cheap to clone, and safe to use from any thread of its process.
///
/// Dropping the last handle without [`Run::close`] leaves the run open, as a crash would.
#[derive(Clone)]
pub struct Run(pub(crate) Arc<RunInner>);

pub(crate) struct RunInner {
    /// INVARIANT: before `kernel`, so that it is dropped first and never has the last hold of the kernel's core.
    run: Owned<talos_kernel::Run>,
    pub(crate) kernel: Kernel,
    /// Whether a thread begins the next chain.
    reviving: AtomicBool,
    id: String,
    actor: String,
    principal: Option<String>,
    /// Permits of calls whose ids the host chose, so that asking twice gives the same permit.
    permits: Mutex<HashMap<String, Weak<PermitInner>>>,
}

/// A decision, and the permit that goes with it if the host may go on to start.
pub struct Asked {
    /// The decision; receipt id and index are there once the receipt is on disk.
    pub decision: Decision,
    /// The permit, issued.
    pub permit: Option<Permit>,
}

/// A call that the host now executes, and settles.
pub struct Started {
    /// The decision.
    pub decision: Decision,
    /// The permit, started.
    pub permit: Permit,
}

/// What came of [`Run::begin`].
pub enum Begun {
    /// The host executes, then settles the permit.
    Started(Started),
    /// The host does not execute.
    Denied(Decision),
}

/// What [`Run::begin`] answers.
pub(crate) type Beginning = Soon<Result<Begun, Error>>;

/// An action with everything filled in, as the kernel borrows it.
pub(crate) struct Wish {
    pub(crate) call: String,
    action: Action,
    args: Value,
    /// Whether the host chose the call's id.
    named: bool,
}

impl Wish {
    pub(crate) fn new(run: &RunInner, mut action: Action) -> Result<Self, Error> {
        let named = action.call.is_some();
        let call = match action.call.take() {
            Some(call) => call,
            None => run.run()?.new_call()?,
        };
        if action.principal.is_none() {
            action.principal.clone_from(&run.principal);
        }
        let args = action.args.take().unwrap_or_else(|| Value::object::<&str>([]));
        Ok(Wish { call, action, args, named })
    }

    pub(crate) fn borrow(&self) -> talos_kernel::Action<'_> {
        let action = &self.action;
        talos_kernel::Action {
            call: &self.call,
            kind: action.kind,
            target: &action.target,
            effect: action.effect,
            tool_hash: action.tool_hash,
            args: &self.args,
            tokens: action.tokens,
            amount: action.amount.as_ref(),
            principal: action.principal.as_deref(),
            model: action.model.as_deref(),
            key_id: action.key_id.as_deref(),
            consent: action.consent,
            kyc: action.kyc,
            session: action.session.as_ref(),
        }
    }
}

/// A decision that is not released yet.
struct Decided {
    wish: Wish,
    decision: talos_kernel::Decision,
}

impl RunInner {
    pub(crate) fn new(kernel: Kernel, run: talos_kernel::Run, actor: &Did, principal: Option<String>) -> Self {
        let id = run.id().to_owned();
        // A host's loop decides, and must not wait for the disk there.
        run.reopen_apart();
        RunInner {
            run: Owned::new(run),
            kernel,
            reviving: AtomicBool::new(false),
            id,
            actor: actor.to_string(),
            principal,
            permits: Mutex::default(),
        }
    }

    /// The kernel's run, without the guard: for what has passed it.
    pub(crate) fn run(&self) -> Result<&talos_kernel::Run, Error> {
        self.run.get()
    }

    /// Runs the work behind the guard.
    pub(crate) fn with<T>(
        self: &Arc<Self>,
        work: impl FnOnce(&talos_kernel::Run) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let guard = &self.kernel.inner().guard;
        guard.run(|| work(self.run.get()?)).inspect_err(|error| self.saw(error.code)).map_err(|error| {
            match error.code {
                // The kernel closes before its runs do.
                ErrorCode::RunClosed if guard.is_closed() => ErrorCode::KernelClosed.into(),
                _ => error,
            }
        })
    }

    /// Has a thread of its own begin the next chain when the one there is dead.
    fn saw(self: &Arc<Self>, code: ErrorCode) {
        self.kernel.inner().guard.saw(code);
        if code != ErrorCode::RunDead || self.reviving.swap(true, Ordering::AcqRel) {
            return;
        }
        let run = Arc::clone(self);
        let revive = move || {
            // What it fails with the next call tries again.
            let _ = run.run().map(talos_kernel::Run::reopen);
            run.reviving.store(false, Ordering::Release);
        };
        if thread::Builder::new().name("talos-reopen".into()).spawn(revive).is_err() {
            self.reviving.store(false, Ordering::Release);
        }
    }

    /// Closes the run, unless it is closed.
    pub(crate) fn end(&self) -> Result<(), Error> {
        match self.run()?.close() {
            Err(error) if error.code == ErrorCode::RunClosed => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Forgets a permit that nobody holds any more; a newer one of the same call stays.
    pub(crate) fn forget(&self, call: &str) {
        let mut permits = lock(&self.permits);
        if permits.get(call).is_some_and(|permit| permit.strong_count() == 0) {
            permits.remove(call);
        }
    }
}

impl Run {
    /// A call of a tool, with nothing else declared.
    pub fn tool_call(target: &str) -> Action {
        Action {
            run: None,
            call: None,
            kind: ActionKind::ToolCall,
            target: target.to_owned(),
            effect: None,
            tool_hash: None,
            args: None,
            tokens: None,
            amount: None,
            principal: None,
            model: None,
            key_id: None,
            consent: None,
            kyc: None,
            session: None,
        }
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The DID that acts.
    pub fn actor(&self) -> &str {
        &self.0.actor
    }

    /// The kernel that opened it.
    pub fn kernel(&self) -> &Kernel {
        &self.0.kernel
    }

    /// Decides, and queues the receipt. Never waits for the disk.
    pub fn decide(&self, action: Action) -> Result<Asked, Error> {
        self.0.with(|run| self.asked(self.ask(run, action)?))
    }

    /// Decides, then waits for the disk where the effect demands it.
    pub fn authorize(&self, action: Action) -> Result<Soon<Result<Asked, Error>>, Error> {
        self.0.with(|run| {
            let decided = self.ask(run, action)?;
            Ok(self.when_durable(decided, |run, decided| Soon::Now(run.asked(decided))))
        })
    }

    /// [`Run::authorize`] and [`Permit::start`] in one go: what stands before a guarded function.
    pub fn begin(&self, action: Action) -> Result<Soon<Result<Begun, Error>>, Error> {
        Ok(self.begin_with_ticket(action)?.0)
    }

    /// [`Run::begin`], and the promise of the decision's receipt: a read starts before that is on disk.
    pub(crate) fn begin_with_ticket(&self, action: Action) -> Result<(Beginning, Option<Ticket>), Error> {
        self.0.with(|run| {
            let decided = self.ask(run, action)?;
            let ticket = decided.decision.ticket.clone();
            Ok((self.when_durable(decided, |run, decided| run.start(decided)), ticket))
        })
    }

    /// Records what a host refused before there was an action, with the code of the error: a
    /// denial like any other.
    pub fn refuse(&self, call: Option<&str>, target: &str, error: &Error) -> Result<Soon<Result<Asked, Error>>, Error> {
        self.refuse_to(None, call, target, error)
    }

    /// [`Run::refuse`] where it is known on whose behalf it was attempted.
    pub(crate) fn refuse_to(
        &self,
        principal: Option<&str>,
        call: Option<&str>,
        target: &str,
        error: &Error,
    ) -> Result<Soon<Result<Asked, Error>>, Error> {
        self.0.with(|run| {
            let mut action = Run::tool_call(target);
            action.call = call.map(str::to_owned);
            action.principal = principal.map(str::to_owned);
            let wish = Wish::new(&self.0, action)?;
            let decision = run.refuse_to(wish.borrow().principal, &wish.call, target, error);
            let decided = self.decided(wish, decision)?;
            Ok(self.when_durable(decided, |run, decided| Soon::Now(run.asked(decided))))
        })
    }

    /// What the run has used.
    pub fn counters(&self) -> Result<RunCountersOutput, Error> {
        self.0.with(|run| {
            let counters = run.counters();
            Ok(RunCountersOutput {
                tool_calls_admitted: counters.admitted,
                tool_calls_in_flight: counters.in_flight,
                tokens_reserved: counters.tokens,
                spent_micro: counters.spent_micro,
            })
        })
    }

    /// The state of a call's permit; none if it was denied or never decided, or if the kernel made
    /// its id and it has ended.
    pub fn permit(&self, call: &str) -> Result<Option<PermitState>, Error> {
        self.0.with(|run| Ok(run.permit(call)))
    }

    /// Whether the kernel made the id and its call is over.
    pub(crate) fn has_ended(&self, call: &str) -> bool {
        self.0.run().is_ok_and(|run| run.has_ended(call))
    }

    /// Ends the run. Blocks until all of it is on disk.
    pub fn close(&self) -> Result<Durable, Error> {
        self.0.with(talos_kernel::Run::close)
    }

    fn ask(&self, run: &talos_kernel::Run, action: Action) -> Result<Decided, Error> {
        if action.run.as_ref().is_some_and(|id| *id != self.0.id) {
            return Err(Error::new(ErrorCode::MalformedValue, "the action is of another run"));
        }
        let wish = Wish::new(&self.0, action)?;
        let decision = run.decide(&wish.borrow());
        self.decided(wish, decision)
    }

    /// What the kernel has decided. That there was no run to decide in is an error, not a denial.
    fn decided(&self, wish: Wish, decision: talos_kernel::Decision) -> Result<Decided, Error> {
        if let Some(code) = decision.code() {
            if code == ErrorCode::RunClosed && decision.ticket.is_none() {
                return Err(code.into());
            }
            self.0.saw(code);
        }
        Ok(Decided { wish, decision })
    }

    fn when_durable<T: 'static>(
        &self,
        mut decided: Decided,
        next: impl FnOnce(&Run, Decided) -> Soon<Result<T, Error>> + Send + 'static,
    ) -> Soon<Result<T, Error>> {
        let Some(ticket) = decided.decision.must_wait_for().cloned() else { return next(self, decided) };
        let run = self.clone();
        Soon::after(ticket, &self.0.kernel.inner().notifier, move |durable| {
            if let Err(error) = durable {
                decided.decision.deny(error);
            }
            next(&run, decided)
        })
    }

    fn asked(&self, decided: Decided) -> Result<Asked, Error> {
        let decision = self.told(&decided.decision)?;
        let issued = decided.decision.allowed() && decided.decision.permit == Some(PermitState::Issued);
        Ok(Asked { decision, permit: issued.then(|| self.keep(decided)) })
    }

    fn start(&self, decided: Decided) -> Soon<Result<Begun, Error>> {
        let asked = match self.asked(decided) {
            Err(error) => return Soon::Now(Err(error)),
            Ok(asked) => asked,
        };
        let (mut decision, permit) = match asked {
            Asked { decision, permit: Some(permit) } => (decision, permit),
            Asked { decision, permit: None } => return Soon::Now(Ok(Begun::Denied(decision))),
        };
        let started = match permit.start() {
            Err(error) => return Soon::Now(Err(error)),
            Ok(started) => started,
        };
        decision.permit = Some(PermitState::Started);
        started.map(move |result| result.map(|()| Begun::Started(Started { decision, permit })))
    }

    /// The permit of a call; the same one for the same call, as long as somebody holds it.
    fn keep(&self, decided: Decided) -> Permit {
        let effect = decided.decision.effect;
        if !decided.wish.named {
            return Permit::new(self.clone(), decided.wish, effect);
        }
        let mut permits = lock(&self.0.permits);
        if let Some(permit) = permits.get(&decided.wish.call).and_then(Weak::upgrade) {
            return Permit(permit);
        }
        let call = decided.wish.call.clone();
        let permit = Permit::new(self.clone(), decided.wish, effect);
        permits.insert(call, Arc::downgrade(&permit.0));
        permit
    }

    /// The decision as the contract has it.
    fn told(&self, decision: &talos_kernel::Decision) -> Result<Decision, Error> {
        let durable = decision.ticket.as_ref().and_then(Ticket::poll).and_then(Result::ok);
        Ok(Decision {
            decision_id: decision.id.clone(),
            call: decision.call.clone(),
            verdict: decision.verdict,
            effect: decision.effect,
            reasons: decision.reasons.clone(),
            warnings: (!decision.warnings.is_empty()).then(|| decision.warnings.clone()),
            policy: self.0.kernel.inner().kernel.get()?.policy_ref(),
            permit: decision.permit,
            approval: decision.approval,
            observed: decision.observed,
            shadow: decision.shadow.clone(),
            retry_after_ms: decision.retry_after_ms,
            receipt_id: durable.map(|d| d.receipt_id),
            index: durable.map(|d| d.index),
        })
    }
}
