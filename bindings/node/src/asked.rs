//! A decision, and the permit that goes with it.

use crate::error::problem;
use crate::run::same;
use crate::soon::answer;
use crate::value::{self, Unreadable};
use napi::bindgen_prelude::{Either, Object, Unknown};
use napi::{Env, ValueType};
use std::cell::{Cell, RefCell};
use talos_shared::contracts::json::{Member, Span, Value};
use talos_shared::contracts::{Decision, Error, ErrorCode, Outcome, PermitState, RunCloseOutput, Verdict};
use talos_shared::kernel::Durable;
use talos_shared::sdk::{self, Permit};

/// The kernel's answer to an action.
///
/// Collected as garbage while its permit is open, it leaves the call in no doubt: an issued permit
/// is released, a started one is settled as unknown.
#[napi]
pub struct Asked {
    verdict: Verdict,
    /// Taken out by `finish`: a loop that never rests keeps the collector from what it has found.
    decision: RefCell<Option<Box<Decision>>>,
    run: sdk::Run,
    /// Taken out at the end of the call, so that its memory does not wait for the collector.
    permit: RefCell<Option<Permit>>,
    /// How the permit ended here: the run forgets the calls that it named itself.
    ended: Cell<Option<PermitState>>,
    /// What was decided on, where there was time for it to change.
    decided: Option<Value>,
}

impl Asked {
    pub fn new(asked: sdk::Asked, run: &sdk::Run) -> Self {
        Asked {
            verdict: asked.decision.verdict,
            decision: RefCell::new(Some(Box::new(asked.decision))),
            run: run.clone(),
            permit: RefCell::new(asked.permit),
            ended: Cell::new(None),
            decided: None,
        }
    }

    pub fn of(self, decided: Option<Value>) -> Self {
        Asked { decided, ..self }
    }

    fn permit(&self) -> Result<Permit, Error> {
        self.permit.borrow().clone().ok_or_else(|| {
            let state = self.known_state().ok().flatten();
            let detail = state.map_or("the call has no permit".to_owned(), |s| format!("the permit is {}", s.as_str()));
            Error::new(ErrorCode::CallState, detail)
        })
    }

    fn known_state(&self) -> Result<Option<PermitState>, Error> {
        match (self.ended.get(), self.decision.borrow().as_ref()) {
            (None, Some(decision)) => self.run.permit(&decision.call),
            (state, _) => Ok(state),
        }
    }

    fn settled<'env>(&self, env: &'env Env, outcome: &Outcome) -> napi::Result<Either<Option<String>, Object<'env>>> {
        let settled = self.permit().and_then(|permit| permit.settle(outcome));
        if settled.is_ok() {
            self.end(PermitState::Settled);
        }
        answer(env, settled, place)
    }

    fn end(&self, state: PermitState) {
        self.ended.set(Some(state));
        // Dropped outside the borrow: the last handle of a permit calls the kernel.
        let permit = self.permit.borrow_mut().take();
        drop(permit);
    }
}

/// Where a receipt stands in the log, as JSON; nothing where that is not known yet.
fn place(durable: Option<Durable>) -> Option<String> {
    let place = |d: Durable| RunCloseOutput { receipt_id: d.receipt_id, index: d.index }.canonical();
    durable.map(|durable| String::from_utf8_lossy(&place(durable)).into_owned())
}

fn member(name: &str, value: Value) -> Member {
    Member { name: name.to_owned(), name_span: Span::default(), value }
}

/// An outcome. A result that is no JSON is left out; everything else is read strictly.
fn outcome(env: &Env, status: &str, result: Unknown<'_>, more: Option<Unknown<'_>>) -> napi::Result<Outcome> {
    let mut members = vec![member("status", Value::from(status))];
    if let Some(more) = more {
        let more = value::input(env, more)?;
        let names = more.as_object().unwrap_or_default().iter();
        members.extend(names.map(|m| member(&m.name, m.value.clone())));
    }
    if result.get_type()? != ValueType::Undefined
        && let Ok(result) = value::data(env, result)
    {
        members.push(member("result", result));
    }
    let outcome = Value::object(members.into_iter().map(|m| (m.name, m.value)));
    Outcome::read(&outcome).map_err(|error| problem(&error))
}

#[napi]
impl Asked {
    /// allow, transform, needs_approval or deny.
    #[napi(getter)]
    pub fn verdict(&self) -> &'static str {
        self.verdict.as_str()
    }

    /// Whether the verdict lets the action run.
    #[napi(getter)]
    pub fn allowed(&self) -> bool {
        matches!(self.verdict, Verdict::Allow | Verdict::Transform)
    }

    /// Whether there is a permit that has not ended.
    #[napi(getter)]
    pub fn open(&self) -> bool {
        self.permit.borrow().is_some()
    }

    /// The contract `decision`, as JSON. Not there any more after `finish`.
    #[napi]
    pub fn decision(&self) -> napi::Result<String> {
        let decision = self.decision.borrow();
        let decision = decision.as_ref().ok_or_else(|| problem(&ErrorCode::CallState.into()))?;
        Ok(String::from_utf8_lossy(&decision.canonical()).into_owned())
    }

    /// The state of the permit.
    #[napi]
    pub fn state(&self) -> napi::Result<Option<&'static str>> {
        let state = self.known_state().map_err(|error| problem(&error))?;
        Ok(state.map(PermitState::as_str))
    }

    /// Starts the call; the action may run only after this.
    #[napi(ts_return_type = "void | Promise<void>")]
    pub fn start<'env>(&self, env: &'env Env) -> napi::Result<Either<(), Object<'env>>> {
        answer(env, self.permit().and_then(|permit| permit.start()), |()| ())
    }

    /// Throws where the arguments are not those that were decided on.
    #[napi]
    pub fn same_arguments(&self, env: &Env, args: Unknown<'_>) -> napi::Result<()> {
        let Some(decided) = &self.decided else { return Ok(()) };
        match value::data(env, args) {
            Ok(now) if same(decided, &now) => Ok(()),
            Err(Unreadable::Host(error)) => Err(error),
            _ => {
                let why = "the arguments were changed after they were decided on";
                Err(problem(&Error::new(ErrorCode::CallArgsMismatch, why)))
            }
        }
    }

    /// Records how the call ended. `more` has tokens, amount and confidence_bp.
    #[napi(ts_return_type = "string | null | Promise<string | null>")]
    pub fn settle<'env>(
        &self,
        env: &'env Env,
        status: String,
        result: Unknown<'_>,
        more: Unknown<'_>,
    ) -> napi::Result<Either<Option<String>, Object<'env>>> {
        let outcome = outcome(env, &status, result, Some(more))?;
        self.settled(env, &outcome)
    }

    /// Settles what a guarded function came to, after which nobody asks for the decision.
    #[napi(ts_return_type = "string | null | Promise<string | null>")]
    pub fn finish<'env>(
        &self,
        env: &'env Env,
        status: String,
        result: Unknown<'_>,
    ) -> napi::Result<Either<Option<String>, Object<'env>>> {
        let outcome = outcome(env, &status, result, None)?;
        let recorded = self.settled(env, &outcome);
        self.decision.take();
        recorded
    }

    /// Gives the permit back: the call did not start.
    #[napi(ts_return_type = "string | null | Promise<string | null>")]
    pub fn release<'env>(&self, env: &'env Env) -> napi::Result<Either<Option<String>, Object<'env>>> {
        let released = self.permit().and_then(|permit| permit.release());
        if released.is_ok() {
            self.end(PermitState::Released);
        }
        answer(env, released, place)
    }
}
