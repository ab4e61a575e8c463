//! Stage 10: what needs approval asks people, and runs once they have granted it (`docs/spec/approval.md`).

use crate::action::{Action, Decision, reason};
use crate::call::clip;
use crate::kernel::{CLOCK_BEHIND_MS, Core, Kernel};
use crate::ports::{Answer, Approval, Asked, Damaged, Notice};
use crate::rules::Rules;
use crate::run::{Run, State};
use crate::stage::{Finding, TARGET_MAX};
use crate::writer::{Ticket, guarded, lock};
use std::collections::HashMap;
use talos_approval::code::{self, Code, Lock};
use talos_approval::grant::{self, VerifiedGrant};
use talos_approval::request::{self, VerifiedRequest};
use talos_approval::{About, state};
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{
    ApprovalPerson, ApprovalRequest, ApprovalResponse, ApprovalRule, ApprovalStale, Effect, Envelope, Error, ErrorCode,
    PolicyRef, Verdict,
};
use talos_crypto::dsse::Unverified;
use talos_crypto::hash;
use talos_identity::Did;

/// How long a request waits where no rule says it, in milliseconds.
const EXPIRES_MS: u64 = 900_000;
/// Requests of one run that wait at a time; more are denied.
pub const REQUESTS_MAX: usize = 4_096;
/// Domain of what makes two requests ask for the same.
const SUBJECT_DOMAIN: &str = "talos/approval-subject/1";

/// The requests of a run that were not redeemed.
#[derive(Default)]
pub(crate) struct Requests {
    /// By what they ask for.
    waiting: HashMap<Hash, Waiting>,
    /// Stored ones that cannot be read, and so count for nothing.
    damaged: usize,
}

/// A request that waits for people.
pub(crate) struct Waiting {
    pub(crate) request: VerifiedRequest,
    /// Its way to the disk; absent where it was found there.
    pub(crate) ticket: Option<Ticket>,
}

/// What approval has to do with a decision.
#[derive(Default)]
pub(crate) struct Approved {
    /// The request that is waited for, or redeemed.
    pub(crate) id: Option<Hash>,
    /// What it asks for.
    pub(crate) subject: Option<Hash>,
    /// Whether that request is used up.
    pub(crate) is_over: bool,
    /// A new request.
    pub(crate) new: Option<VerifiedRequest>,
    /// A new request, for the store.
    pub(crate) asks: Option<Asked>,
    /// The request that this decision uses up.
    pub(crate) redeems: Option<Hash>,
    /// What people are told of a new request.
    pub(crate) notice: Option<Notice>,
}

/// A request with what has become of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The request.
    pub request: VerifiedRequest,
    /// Its envelope.
    pub envelope: Envelope,
    /// The arguments that would run, unless they were erased.
    pub args: Option<Value>,
    /// The answers that count, in the order in which they came.
    pub answers: Vec<VerifiedGrant>,
    /// Where it stands now.
    pub state: state::State,
    /// Whether a call has run under it.
    pub redeemed: bool,
    /// Whether its run is open, here or in another process.
    pub is_open: bool,
}

/// The requests of a store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cases {
    /// Those that verify, the newest first.
    pub sound: Vec<Case>,
    /// Those that do not. Nobody can answer them, and nothing runs under them.
    pub damaged: Vec<Damaged>,
}

impl Waiting {
    fn is_on_its_way(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| ticket.poll().is_none())
    }
}

impl Approved {
    /// Takes note of what a decision came to, once its receipt is on its way.
    pub(crate) fn keep(self, ticket: &Ticket, requests: &mut Requests) -> Option<Notice> {
        if let Some(subject) = self.subject {
            if self.is_over {
                requests.waiting.remove(&subject);
            }
            if let Some(request) = self.new {
                requests.waiting.insert(subject, Waiting { request, ticket: Some(ticket.clone()) });
            }
        }
        self.notice
    }
}

impl Run {
    /// Looks for the approval of an action that needs one: redeems it, waits for it, or asks for it. The finding becomes
    /// what that comes to.
    pub(crate) fn approve(
        &self,
        state: &mut State,
        action: &Action<'_>,
        args: &[u8],
        digest: &Hash,
        rules: &Rules,
        found: &mut Finding,
    ) -> Result<Approved, Error> {
        let asking = asking(rules, found);
        if asking.is_empty() {
            return Ok(Approved::default());
        }
        let now = self.core.clock.wall_ms()?;
        if self.core.iat()?.saturating_sub(now) > CLOCK_BEHIND_MS {
            *found = deny(found, ErrorCode::ClockBehind, "approvals expire by a clock that is behind");
            return Ok(Approved::default());
        }
        let draft = self.draft_request(action, digest, rules, found, asking, now)?;
        let subject = subject(&draft);
        let Some(known) = state.requests.waiting.get(&subject) else {
            return self.ask(state, subject, &draft, args, found, now);
        };
        let id = *known.request.id();
        let approved = Approved { id: Some(id), subject: Some(subject), ..Approved::default() };
        if known.is_on_its_way() {
            return Ok(approved);
        }
        let case = self.core.case(&id, now)?;
        case.request.matches(&about(&draft))?;
        match case.state {
            state::State::Pending { .. } => Ok(approved),
            state::State::Granted => {
                (found.verdict, found.reasons) = (Verdict::Allow, Vec::new());
                Ok(Approved { redeems: Some(id), is_over: true, ..approved })
            }
            state::State::Denied { .. } if now >= case.request.request().expires => {
                state.requests.waiting.remove(&subject);
                self.ask(state, subject, &draft, args, found, now)
            }
            state::State::Denied { by } => {
                *found = deny(found, ErrorCode::ApprovalRejected, &format!("{by:?} has refused this action"));
                Ok(approved)
            }
            state::State::Expired => {
                *found = deny(found, ErrorCode::ApprovalExpired, "nobody has answered in time");
                Ok(Approved { is_over: true, ..approved })
            }
        }
    }

    /// Whether a request that is waited for has come to something, or asks for less or more than the rules do now.
    pub(crate) fn is_answered(&self, decision: &Decision, id: &Hash, rules: &Rules) -> Result<bool, Error> {
        match decision.ticket.as_ref().and_then(Ticket::poll) {
            None => return Ok(false),
            Some(Err(_)) => return Ok(true),
            Some(Ok(_)) => {}
        }
        let case = self.core.case(id, self.core.clock.wall_ms()?)?;
        let waits = matches!(case.state, state::State::Pending { .. }) && !case.redeemed;
        Ok(!waits || case.request.request().policy != rules.reference)
    }

    fn draft_request(
        &self,
        action: &Action<'_>,
        digest: &Hash,
        rules: &Rules,
        found: &Finding,
        asking: Vec<ApprovalRule>,
        now: u64,
    ) -> Result<ApprovalRequest, Error> {
        let wait = found.asks_expire_ms.unwrap_or(EXPIRES_MS);
        Ok(ApprovalRequest {
            iss: self.core.keyid.clone(),
            run: self.subject.run.clone(),
            actor: self.subject.actor.clone(),
            principal: action.principal.map(|p| clip(p, TARGET_MAX)),
            kind: action.kind,
            target: action.target.to_owned(),
            effect: found.effect.or(action.effect).unwrap_or(Effect::Irreversible),
            tool_hash: action.tool_hash,
            args_digest: *digest,
            amount: found.amount.clone(),
            tokens: action.tokens,
            model: action.model.map(str::to_owned),
            key_id: action.key_id.map(str::to_owned),
            consent: action.consent,
            kyc: action.kyc,
            policy: rules.reference.clone(),
            rules: asking,
            iat: now,
            expires: now.saturating_add(wait),
            nonce: B64(self.core.random()?),
        })
    }

    fn ask(
        &self,
        state: &mut State,
        subject: Hash,
        draft: &ApprovalRequest,
        args: &[u8],
        found: &mut Finding,
        now: u64,
    ) -> Result<Approved, Error> {
        if state.requests.waiting.len() >= REQUESTS_MAX {
            state.requests.waiting.retain(|_, waiting| now < waiting.request.request().expires);
        }
        if state.requests.waiting.len() >= REQUESTS_MAX {
            *found = deny(found, ErrorCode::ApprovalLimit, "too many requests of this run wait for an answer");
            return Ok(Approved::default());
        }
        let sealed = match self.core.seal(draft) {
            Err(error) if error.code == ErrorCode::ApprovalUnavailable => {
                *found = deny(found, error.code, &error.detail);
                return Ok(Approved::default());
            }
            sealed => sealed?,
        };
        if state.requests.damaged > 0 {
            let (code, damaged) = (ErrorCode::StoreCorrupt, state.requests.damaged);
            found.warnings.push(format!("{code}: {damaged} requests of this run cannot be read and count for nothing"));
        }
        let request = request::verify(&sealed.envelope, &self.core.issuer())?;
        let (codes, locks) = self.core.codes(&request)?;
        let mut envelope = Vec::new();
        sealed.envelope.to_envelope().write(&mut envelope);
        let notice = Notice { id: sealed.id, request: draft.clone(), args: args.to_vec(), codes };
        Ok(Approved {
            id: Some(sealed.id),
            subject: Some(subject),
            is_over: false,
            new: Some(request),
            asks: Some(Asked {
                id: sealed.id,
                request: envelope,
                args: args.to_vec(),
                // Later by as much as a clock that counts may be behind.
                erase_at: (!self.core.config.store_bodies).then_some(draft.expires.saturating_add(CLOCK_BEHIND_MS)),
                codes: locks,
            }),
            redeems: None,
            notice: Some(notice),
        })
    }
}

impl Core {
    /// Signs a request, unless so few people can be reached that it could never be granted.
    fn seal(&self, draft: &ApprovalRequest) -> Result<request::Sealed, Error> {
        if self.notify.is_none() {
            for rule in &draft.rules {
                let able = rule.approvers.iter().filter(|person| person.key.is_some()).count() as u64;
                if able < rule.quorum {
                    let why =
                        format!("rule {:?} asks people who answer by code, and nothing sends codes here", rule.id);
                    return Err(Error::new(ErrorCode::ApprovalUnavailable, why));
                }
            }
        }
        request::seal(draft, &self.keys.sign)
    }

    /// A one-time code for each who answers by one, and what the store keeps of it.
    #[allow(clippy::type_complexity, reason = "two lists by person")]
    fn codes(&self, request: &VerifiedRequest) -> Result<(Vec<(String, Code)>, Vec<(String, Hash)>), Error> {
        let key = code::key(&self.keys.sign);
        let (mut codes, mut locks) = (Vec::new(), Vec::new());
        for name in request.by_code() {
            let code = Code::from_entropy(&self.random()?);
            locks.push((name.to_owned(), Lock::new(&key, request.id(), name, &code).hash));
            codes.push((name.to_owned(), code));
        }
        Ok((codes, locks))
    }

    /// What has become of a request.
    fn case(&self, id: &Hash, now: u64) -> Result<Case, Error> {
        let row = self.store.approval(id)?;
        let row = row.ok_or_else(|| Error::new(ErrorCode::ApprovalUnknown, format!("no request for approval {id}")))?;
        self.read_case(&row, now)
    }

    /// A stored request counts for nothing that its signatures do not say.
    fn read_case(&self, row: &Approval, now: u64) -> Result<Case, Error> {
        let (envelope, request) = read_request(row, &self.issuer())?;
        let answers = read_answers(row, &request);
        let state = state::evaluate(&request, &answers, now);
        let args = row.args.as_deref().map(|args| json::parse(args, Profile::Data)).transpose()?;
        let is_right = match &args {
            Some(args) => hash::equal(&talos_audit::receipt::args_digest(args), &request.request().args_digest),
            // Nobody approves what they cannot see.
            None => row.redeemed || matches!(state, state::State::Denied { .. } | state::State::Expired),
        };
        if !is_right {
            return Err(Error::new(ErrorCode::StoreCorrupt, "the stored arguments are not those of the request"));
        }
        let (redeemed, is_open) = (row.redeemed, row.is_open);
        Ok(Case { request, envelope: envelope.to_envelope(), args, answers, state, redeemed, is_open })
    }

    /// The policy that a run is decided by: of one that is open in another process, the one that it last asked under.
    fn policy_of(&self, run: &str) -> Result<Option<PolicyRef>, Error> {
        if lock(&self.open_runs).contains(run) {
            return Ok(Some(self.rules().reference.clone()));
        }
        // One that is damaged says nothing.
        let newest = self.store.approvals(Some(run), 1)?.pop().and_then(|row| self.read_case(&row.ok()?, 0).ok());
        Ok(newest.map(|case| case.request.request().policy.clone()))
    }

    /// The requests of a run that earlier openings of it have left. One that is damaged is never found, so what it was
    /// for is asked anew.
    pub(crate) fn requests_of(&self, run: &str) -> Result<Requests, Error> {
        let now = self.clock.wall_ms()?;
        let mut requests = Requests::default();
        for row in self.store.approvals(Some(run), REQUESTS_MAX)? {
            let Some(case) = row.ok().and_then(|row| self.read_case(&row, now).ok()) else {
                requests.damaged += 1;
                continue;
            };
            if !case.redeemed && now < case.request.request().expires {
                // The newest comes first, and is the one that counts.
                let waiting = Waiting { request: case.request, ticket: None };
                requests.waiting.entry(subject(waiting.request.request())).or_insert(waiting);
            }
        }
        Ok(requests)
    }
}

impl Kernel {
    /// Requests for approval: of the newest, at most `limit`.
    pub fn approvals(&self, limit: usize) -> Result<Cases, Error> {
        guarded(|| {
            let now = self.core.clock.wall_ms()?;
            let mut cases = Cases::default();
            for row in self.core.store.approvals(None, limit)? {
                let read =
                    |row: Approval| self.core.read_case(&row, now).map_err(|error| Damaged { id: Some(row.id), error });
                match row.and_then(read) {
                    Ok(case) => cases.sound.push(case),
                    Err(damaged) => cases.damaged.push(damaged),
                }
            }
            Ok(cases)
        })
    }

    /// The request of this id.
    pub fn approval(&self, id: &Hash) -> Result<Case, Error> {
        guarded(|| self.core.case(id, self.core.clock.wall_ms()?))
    }

    /// Why nothing waits for the answers of a request that looks as if: absent where something does, or it is over.
    pub fn stale(&self, case: &Case) -> Result<Option<ApprovalStale>, Error> {
        guarded(|| {
            if case.redeemed || !matches!(case.state, state::State::Pending { .. } | state::State::Granted) {
                return Ok(None);
            }
            if !case.is_open {
                return Ok(Some(ApprovalStale::RunEnded));
            }
            let asked = case.request.request();
            let is_replaced = self.core.policy_of(&asked.run)?.is_some_and(|policy| policy != asked.policy);
            Ok(is_replaced.then_some(ApprovalStale::RulesChanged))
        })
    }

    /// Keeps a person's signed answer.
    pub fn respond(&self, id: &Hash, grant: &Envelope) -> Result<Case, Error> {
        guarded(|| {
            let now = self.core.clock.wall_ms()?;
            let case = self.open_case(id, now)?;
            let verified = grant::verify(&Unverified::from_envelope(grant), &case.request)?;
            self.keep_answer(id, &verified.grant().name, grant, now)
        })
    }

    /// Answers for a person who has given the one-time code. Every attempt counts before the code is compared.
    pub fn redeem_code(
        &self,
        id: &Hash,
        name: &str,
        typed: &str,
        response: ApprovalResponse,
        note: Option<&str>,
    ) -> Result<Case, Error> {
        guarded(|| {
            let now = self.core.clock.wall_ms()?;
            let case = self.open_case(id, now)?;
            let not_by_code =
                || Error::new(ErrorCode::ApprovalNotApprover, format!("{name:?} does not answer by a code"));
            let code = self.core.store.try_code(id, name)?.ok_or_else(not_by_code)?;
            let mut lock = Lock { hash: code.digest, attempts: code.attempts };
            lock.attempt(&code::key(&self.core.keys.sign), &case.request, name, typed, now)?;
            let iat = now.max(case.request.request().iat);
            let answer = grant::Answer { approval: id, name, response, iat, note };
            let grant = grant::sign(&answer, &self.core.keys.sign)?.to_envelope();
            self.keep_answer(id, name, &grant, now)
        })
    }

    /// A request that can still be answered.
    fn open_case(&self, id: &Hash, now: u64) -> Result<Case, Error> {
        let case = self.core.case(id, now)?;
        if case.redeemed {
            return Err(ErrorCode::ApprovalRedeemed.into());
        }
        match &case.state {
            state::State::Expired => Err(ErrorCode::ApprovalExpired.into()),
            state::State::Denied { by } => {
                Err(Error::new(ErrorCode::ApprovalRejected, format!("{by:?} has refused it")))
            }
            _ => Ok(case),
        }
    }

    fn keep_answer(&self, id: &Hash, name: &str, grant: &Envelope, now: u64) -> Result<Case, Error> {
        let mut bytes = Vec::new();
        grant.write(&mut bytes);
        self.core.store.answer(id, &Answer { name: name.to_owned(), grant: bytes })?;
        let case = self.core.case(id, now)?;
        if !matches!(case.state, state::State::Denied { .. }) {
            return Ok(case);
        }
        // The answer counts whatever becomes of this: at the latest they are erased when the request ends.
        let _ = self.core.store.erase_args(id);
        self.core.case(id, now)
    }
}

/// The request of a row, by this issuer, and its envelope.
pub(crate) fn read_request(row: &Approval, issuer: &Did) -> Result<(Unverified, VerifiedRequest), Error> {
    let envelope = Unverified::parse(&row.request)?;
    let request = request::verify(&envelope, issuer)?;
    if request.id() != &row.id || request.request().run != row.run {
        return Err(Error::new(ErrorCode::StoreCorrupt, "a request for approval is stored under another id or run"));
    }
    Ok((envelope, request))
}

/// The answers of a row that count, in the order in which they came.
pub(crate) fn read_answers(row: &Approval, request: &VerifiedRequest) -> Vec<VerifiedGrant> {
    let verified = |answer: &Answer| grant::verify(&Unverified::parse(&answer.grant).ok()?, request).ok();
    row.answers.iter().filter_map(verified).collect()
}

/// The rules that ask. What needs approval for another reason is asked of all approvers of the policy.
fn asking(rules: &Rules, found: &Finding) -> Vec<ApprovalRule> {
    if !found.asks.is_empty() {
        return found.asks.clone();
    }
    let people = rules.policy.policy().approvers.iter().flatten();
    let approvers: Vec<ApprovalPerson> =
        people.map(|person| ApprovalPerson { name: person.name.clone(), key: person.key.clone() }).collect();
    match found.reasons.first() {
        Some(reason) if !approvers.is_empty() => {
            vec![ApprovalRule { id: reason.code.as_str().to_owned(), quorum: 1, approvers }]
        }
        _ => Vec::new(),
    }
}

/// A denial that keeps what is known of the action.
fn deny(found: &Finding, code: ErrorCode, message: &str) -> Finding {
    Finding { verdict: Verdict::Deny, reasons: vec![reason(code, message)], ..found.clone() }
}

/// What a request asks for, whenever it is asked.
fn subject(request: &ApprovalRequest) -> Hash {
    let timeless = ApprovalRequest { iat: 0, expires: 0, nonce: B64([0; 16]), ..request.clone() };
    hash::tagged(SUBJECT_DOMAIN, &[&timeless.canonical()])
}

fn about(draft: &ApprovalRequest) -> About<'_> {
    About {
        run: &draft.run,
        actor: &draft.actor,
        principal: draft.principal.as_deref(),
        kind: draft.kind,
        target: &draft.target,
        effect: draft.effect,
        tool_hash: draft.tool_hash.as_ref(),
        args_digest: &draft.args_digest,
        amount: draft.amount.as_ref(),
        tokens: draft.tokens,
        model: draft.model.as_deref(),
        key_id: draft.key_id.as_deref(),
        consent: draft.consent,
        kyc: draft.kyc,
        policy: &draft.policy,
        rules: &draft.rules,
    }
}
