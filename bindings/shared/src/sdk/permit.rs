//! The right to run one call, once.

use crate::sdk::run::{Run, Wish};
use crate::sdk::soon::Soon;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use talos_contracts::{Action, Effect, Error, Outcome, OutcomeStatus, PermitState};
use talos_kernel::{Durable, Settlement, Ticket};

/// A permit. When its last handle is dropped the call is left in no doubt: an issued permit is
/// released, a started one is settled as unknown. Neither waits for the disk.
#[derive(Clone)]
pub struct Permit(pub(crate) Arc<PermitInner>);

pub(crate) struct PermitInner {
    run: Run,
    wish: Wish,
    effect: Effect,
    /// How it ended, as far as that was done here: the kernel forgets ended calls.
    ended: OnceLock<PermitState>,
}

impl Permit {
    pub(crate) fn new(run: Run, wish: Wish, effect: Effect) -> Self {
        Permit(Arc::new(PermitInner { run, wish, effect, ended: OnceLock::new() }))
    }

    /// The call's id.
    pub fn call(&self) -> &str {
        &self.0.wish.call
    }

    /// The run of the call.
    pub fn run(&self) -> &Run {
        &self.0.run
    }

    /// The state. What the kernel has forgotten and was not ended here has expired.
    pub fn state(&self) -> Result<PermitState, Error> {
        let known = self.0.run.permit(self.call())?;
        Ok(known.or_else(|| self.0.ended.get().copied()).unwrap_or(PermitState::Expired))
    }

    /// Starts the call. The host executes only after an `Ok` of the answer.
    pub fn start(&self) -> Result<Soon<Result<(), Error>>, Error> {
        self.start_as(&self.0.wish.borrow())
    }

    /// [`Permit::start`] with the action as the host has it now: another one is refused.
    pub(crate) fn start_action(&self, action: Action) -> Result<Soon<Result<(), Error>>, Error> {
        let wish = Wish::new(&self.0.run.0, action)?;
        self.start_as(&wish.borrow())
    }

    fn start_as(&self, action: &talos_kernel::Action<'_>) -> Result<Soon<Result<(), Error>>, Error> {
        let run = &self.0.run.0;
        run.with(|kernel_run| {
            let Some(ticket) = kernel_run.start_soon(self.call(), action)? else { return Ok(Soon::Now(Ok(()))) };
            Ok(Soon::after(ticket, &run.kernel.inner().notifier, |durable| Soon::Now(durable.map(|_| ()))))
        })
    }

    /// Records how the call ended. Waits for the disk unless the effect is read.
    pub fn settle(&self, outcome: &Outcome) -> Result<Soon<Result<Option<Durable>, Error>>, Error> {
        self.settle_with_ticket(outcome).map(|ticket| self.recorded(PermitState::Settled, ticket))
    }

    /// [`Permit::settle`], and the promise of the outcome's receipt, whatever the effect.
    pub(crate) fn settle_with_ticket(&self, outcome: &Outcome) -> Result<Ticket, Error> {
        self.0.run.0.with(|run| {
            let settlement = Settlement {
                status: outcome.status,
                result: outcome.result.as_ref(),
                tokens: outcome.tokens,
                amount: outcome.amount.as_ref(),
                confidence_bp: outcome.confidence_bp.map(|bp| u32::try_from(bp).unwrap_or(u32::MAX)),
                session: outcome.session.as_ref(),
            };
            run.settle(self.call(), &settlement)
        })
    }

    /// Gives the permit back: the call did not start.
    pub fn release(&self) -> Result<Soon<Result<Option<Durable>, Error>>, Error> {
        self.0.run.0.with(|run| run.release(self.call()).map(|ticket| self.recorded(PermitState::Released, ticket)))
    }

    fn recorded(&self, end: PermitState, ticket: Ticket) -> Soon<Result<Option<Durable>, Error>> {
        // It is set already if the chain died meanwhile and the call was decided again.
        let _ = self.0.ended.set(end);
        if self.0.effect == Effect::Read {
            return Soon::Now(ticket.poll().transpose());
        }
        Soon::after(ticket, &self.0.run.0.kernel.inner().notifier, |durable| Soon::Now(durable.map(Some)))
    }
}

impl Drop for PermitInner {
    fn drop(&mut self) {
        let run = &self.run.0;
        if run.kernel.inner().guard.is_forked() {
            return;
        }
        run.forget(&self.wish.call);
        // There is nobody to tell: what cannot be written now is a gap of the next writer.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            let Ok(run) = run.run() else { return };
            let call = &self.wish.call;
            let _ = match run.permit(call) {
                Some(PermitState::Issued) => run.release(call).map(|_| ()),
                Some(PermitState::Started) => {
                    run.settle(call, &Settlement::new(OutcomeStatus::Unknown, None)).map(|_| ())
                }
                _ => Ok(()),
            };
        }));
    }
}
