//! What stands before the routes of an HTTP application: who calls, what with, and whether they may.
//!
//! * [`Callers`]: tells callers apart by a header;
//! * [`Request`]: reads the arguments of a request;
//! * [`Front`]: admits a request or refuses it, with a receipt in any case;
//! * [`Entry`]: a request that was admitted, on its way to an outcome;
//! * [`Refusal`]: the answer to one that was not.
//!
//! What a caller is told of a refusal is the public sentence of its code and what to do about it:
//! nothing of the request, nothing of the policy.

mod callers;
mod request;

pub use callers::{Callers, is_name};
pub use request::Request;

use crate::sdk::kernel::lock;
use crate::sdk::run::Begun;
use crate::sdk::{Permit, Run, Soon};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use talos_contracts::json::{self, Value};
use talos_contracts::scalar::Hash;
use talos_contracts::{Action, ApprovalResource, Decision, Effect, Error, ErrorCode, Outcome, OutcomeStatus, Verdict};
use talos_kernel::{Durable, Ticket};

/// Receipts a minute for strangers: refusals cost nothing to whoever asks for them, and a disk is finite.
pub const STRANGERS_A_MINUTE: u32 = 60;

/// Admits the requests of one application, and refuses them.
pub struct Front {
    run: Run,
    callers: Option<Callers>,
    approvals: Option<ApprovalsPath>,
    strangers: Mutex<Strangers>,
}

/// How many strangers have a receipt in this minute.
struct Strangers {
    since: Instant,
    receipts: u32,
}

impl Strangers {
    fn none() -> Self {
        Strangers { since: Instant::now(), receipts: 0 }
    }

    fn may_have_a_receipt(&mut self) -> bool {
        if self.since.elapsed() >= Duration::from_secs(60) {
            *self = Strangers::none();
        }
        self.receipts = self.receipts.saturating_add(1);
        self.receipts <= STRANGERS_A_MINUTE
    }
}

/// What became of a request.
#[allow(clippy::large_enum_variant, reason = "one a request, and taken apart at once")]
pub enum Admission {
    /// The route runs, then the entry is settled.
    Entered(Entry),
    /// The route does not run.
    Refused(Refusal),
}

/// A request that was admitted: its call has started.
pub struct Entry {
    /// The decision.
    pub decision: Decision,
    permit: Permit,
    ticket: Option<Ticket>,
}

/// The answer to a request that was refused.
pub struct Refusal {
    /// Status of the response.
    pub status: u16,
    /// Body of the response: the problem document (RFC 9457).
    pub problem: Vec<u8>,
    /// The receipt, unless it could not be written, or too many strangers had one.
    pub receipt_id: Option<Hash>,
    /// `WWW-Authenticate`
    pub challenge: Option<String>,
    /// `Location`, of what waits for people: where it says how it stands.
    pub location: Option<String>,
}

/// Where an application serves the requests for approval of its callers: `PATH/ID`.
#[derive(Clone)]
pub struct ApprovalsPath(Arc<str>);

impl ApprovalsPath {
    /// An absolute path, without a slash at its end.
    pub fn new(path: &str) -> Result<Self, Error> {
        let is_path = |b: u8| b.is_ascii_alphanumeric() || b"/-._~".contains(&b);
        if path.len() < 2 || !path.starts_with('/') || path.ends_with('/') || !path.bytes().all(is_path) {
            let why = format!("{path:?} is no path for approvals: write one such as /approvals");
            return Err(Error::new(ErrorCode::ConfigMalformed, why));
        }
        Ok(ApprovalsPath(path.into()))
    }

    fn of(&self, approval: &Hash) -> String {
        format!("{}/{}", self.0, approval.to_b64())
    }
}

impl Front {
    /// Stands before an application whose requests are actions of this run. Without `callers` the
    /// host identifies them; with `approvals` it serves what [`Front::approval`] gives there.
    pub fn new(run: Run, callers: Option<Callers>, approvals: Option<ApprovalsPath>) -> Self {
        Front { run, callers, approvals, strangers: Mutex::new(Strangers::none()) }
    }

    /// How callers are told apart, unless the host does it.
    pub fn callers(&self) -> Option<&Callers> {
        self.callers.as_ref()
    }

    /// Decides on a request of a caller and starts it. Answers when the decision is on disk; for a
    /// read at once.
    pub fn admit(
        &self,
        caller: &str,
        tool: &str,
        effect: Option<Effect>,
        arguments: Result<Value, Error>,
    ) -> Soon<Admission> {
        if !is_name(caller) {
            return self.refuse(None, tool, &ErrorCode::CallerUnknown.into()).map(Admission::Refused);
        }
        let args = match arguments {
            Ok(args) => args,
            Err(error) => return self.refuse(Some(caller), tool, &error).map(Admission::Refused),
        };
        let principal = Some(caller.to_owned());
        let action = Action { effect, args: Some(args), principal, ..Run::tool_call(tool) };
        match self.run.begin_with_ticket(action) {
            Err(error) => Soon::Now(Admission::Refused(self.refusal(&error, None))),
            Ok((begun, ticket)) => {
                let (challenge, approvals) = (self.challenge(), self.approvals.clone());
                begun.map(move |begun| admission(begun, ticket, challenge, approvals.as_ref()))
            }
        }
    }

    /// Refuses what is not even an action: an unknown caller, a body that cannot be read. Of those
    /// who are not known, [`STRANGERS_A_MINUTE`] have a receipt; all are refused.
    pub fn refuse(&self, caller: Option<&str>, tool: &str, error: &Error) -> Soon<Refusal> {
        if caller.is_none() && !lock(&self.strangers).may_have_a_receipt() {
            return Soon::Now(self.refusal(error, None));
        }
        let (cause, challenge) = (error.clone(), self.challenge());
        match self.run.refuse_to(caller, None, tool, error) {
            Err(error) => Soon::Now(self.refusal(&error, None)),
            Ok(asked) => asked.map(move |asked| match asked {
                Err(error) => Refusal::new(&error, None, challenge),
                // A refusal that cannot be written has the code of that.
                Ok(asked) => match asked.decision.reasons.first() {
                    Some(reason) if reason.code != cause.code => Refusal::new(&reason.code.into(), None, challenge),
                    _ => Refusal::new(&cause, asked.decision.receipt_id, challenge),
                },
            }),
        }
    }

    /// Where a caller's request for approval stands: the contract `approval_resource`, canonical. Of anybody
    /// else's request a caller learns nothing. Reads the store; writes no receipt.
    pub fn approval(&self, caller: Option<&str>, id: &str) -> Result<Vec<u8>, Refusal> {
        let Some(caller) = caller.filter(|name| is_name(name)) else {
            return Err(self.refusal(&ErrorCode::CallerUnknown.into(), None));
        };
        let unknown = || Error::from(ErrorCode::ApprovalUnknown);
        let case = Hash::from_b64(id).ok_or_else(unknown).and_then(|id| self.run.kernel().approval(&id));
        let case = case.map_err(|error| self.refusal(&error, None))?;
        let request = case.request;
        if request.principal.as_deref() != Some(caller) {
            return Err(self.refusal(&unknown(), None));
        }
        let (approval, state, stale) = (case.approval, case.state, case.stale);
        let (target, iat, expires) = (request.target, request.iat, request.expires);
        Ok(ApprovalResource { approval, state, stale, target, iat, expires }.canonical())
    }

    fn challenge(&self) -> Option<String> {
        self.callers.as_ref().and_then(Callers::challenge)
    }

    fn refusal(&self, error: &Error, receipt_id: Option<Hash>) -> Refusal {
        Refusal::new(error, receipt_id, self.challenge())
    }
}

fn admission(
    begun: Result<Begun, Error>,
    ticket: Option<Ticket>,
    challenge: Option<String>,
    approvals: Option<&ApprovalsPath>,
) -> Admission {
    match begun {
        Ok(Begun::Started(started)) => {
            Admission::Entered(Entry { decision: started.decision, permit: started.permit, ticket })
        }
        Ok(Begun::Denied(decision)) => {
            let code = decision.reasons.first().map_or(ErrorCode::CallState, |reason| reason.code);
            let waits_for = decision.approval.filter(|_| decision.verdict == Verdict::NeedsApproval);
            Admission::Refused(match waits_for {
                Some(approval) => Refusal {
                    location: approvals.map(|path| path.of(&approval)),
                    ..Refusal::pending(&approval, &code.into(), decision.receipt_id)
                },
                None => Refusal::new(&code.into(), decision.receipt_id, challenge),
            })
        }
        Err(error) => Admission::Refused(Refusal::new(&error, None, challenge)),
    }
}

/// Status of what is accepted, and waits for people.
const ACCEPTED: u16 = 202;

impl Refusal {
    fn new(error: &Error, receipt_id: Option<Hash>, challenge: Option<String>) -> Self {
        let status = error.code.status();
        Refusal {
            status,
            problem: document(error, receipt_id, Vec::new()),
            receipt_id,
            challenge: challenge.filter(|_| status == 401),
            location: None,
        }
    }

    /// The answer to a request that waits for people: the same request again runs once they have granted it.
    fn pending(approval: &Hash, error: &Error, receipt_id: Option<Hash>) -> Self {
        let own = vec![("approval", approval.to_b64().into()), ("status", i64::from(ACCEPTED).into())];
        let problem = document(error, receipt_id, own);
        Refusal { status: ACCEPTED, problem, receipt_id, challenge: None, location: None }
    }
}

/// The problem document of a code, with members of its own before the problem's.
fn document(error: &Error, receipt_id: Option<Hash>, mut own: Vec<(&str, Value)>) -> Vec<u8> {
    own.extend(receipt_id.map(|id| ("receipt_id", Value::from(id.to_b64()))));
    let told = Error { span: error.span, ..Error::new(error.code, error.code.help()) };
    let problem = told.to_problem();
    let general = problem.as_object().unwrap_or_default().iter();
    let general: Vec<(&str, Value)> = general
        .filter(|member| own.iter().all(|(name, _)| *name != member.name))
        .map(|member| (member.name.as_str(), member.value.clone()))
        .collect();
    json::canonical(&Value::object(general.into_iter().chain(own)))
}

impl Entry {
    /// The call's id.
    pub fn call(&self) -> &str {
        self.permit.call()
    }

    /// The receipt of the decision, when it is on disk: a read runs meanwhile, and what it gives may
    /// leave only after that. The refusal is what leaves if there can be no receipt.
    pub fn receipt(&self) -> Soon<Result<Hash, Refusal>> {
        match (&self.ticket, self.decision.receipt_id) {
            (_, Some(id)) => Soon::Now(Ok(id)),
            (None, None) => Soon::Now(Err(unrecorded(&ErrorCode::CallState.into()))),
            (Some(ticket), None) => {
                let notifier = &self.permit.run().kernel().inner().notifier;
                let id =
                    |durable: Result<Durable, _>| durable.map(|d| d.receipt_id).map_err(|error| unrecorded(&error));
                Soon::after(ticket.clone(), notifier, move |durable| Soon::Now(id(durable)))
            }
        }
    }

    /// Records the response: from status 400 on the call has failed. Waits for the disk unless the
    /// effect is read. The refusal is what leaves if the outcome cannot be recorded.
    pub fn answered(&self, status: u16) -> Soon<Result<Option<Durable>, Refusal>> {
        let ended = if status >= 400 { OutcomeStatus::Error } else { OutcomeStatus::Ok };
        self.settle(ended, Some(Value::object([("http_status", Value::from(i64::from(status)))])))
    }

    /// Records that there was no whole response.
    pub fn ended(&self, status: OutcomeStatus) -> Soon<Result<Option<Durable>, Refusal>> {
        self.settle(status, None)
    }

    fn settle(&self, status: OutcomeStatus, result: Option<Value>) -> Soon<Result<Option<Durable>, Refusal>> {
        let outcome = Outcome { status, result, tokens: None, amount: None, confidence_bp: None, session: None };
        let settled = self.permit.settle(&outcome).unwrap_or_else(|error| Soon::Now(Err(error)));
        // Whether the outcome of a read is on disk by now is chance, and no host should see it.
        let is_read = self.decision.effect == Effect::Read;
        settled.map(move |durable| durable.map(|d| d.filter(|_| !is_read)).map_err(|error| unrecorded(&error)))
    }
}

fn unrecorded(error: &Error) -> Refusal {
    Refusal::new(error, None, None)
}
