//! The pure operations about approvals (`docs/spec/approval.md`).

use crate::operations::{Output, verdict};
use talos_approval::code::{self, Code, Lock};
use talos_approval::render::{self, Shown};
use talos_approval::{About, Answer, Missing, State, evaluate, grant, request};
use talos_contracts::json::Value;
use talos_contracts::*;
use talos_crypto::SigningKey;
use talos_crypto::dsse::Unverified;
use talos_identity::Did;
use talos_kernel::ports::Damaged;

/// Characters of a detail, as the contract bounds it.
const DETAIL_MAX: usize = 4_096;

pub(crate) fn id(input: &ApprovalIdInput) -> Output {
    let approval = request::id(&Unverified::from_envelope(&input.request))?;
    Ok(ApprovalIdOutput { approval }.canonical())
}

pub(crate) fn sign(input: &ApprovalSignInput) -> Output {
    let answer = Answer {
        approval: &input.approval,
        name: &input.name,
        response: input.response,
        iat: input.iat,
        note: input.note.as_deref(),
    };
    let grant = grant::sign(&answer, &SigningKey::from_seed(input.seed.expose()))?.to_envelope();
    Ok(ApprovalSignOutput { grant }.canonical())
}

/// The contract's name for a state.
pub(crate) fn state_name(state: &State) -> ApprovalState {
    match state {
        State::Pending { .. } => ApprovalState::Pending,
        State::Granted => ApprovalState::Granted,
        State::Denied { .. } => ApprovalState::Denied,
        State::Expired => ApprovalState::Expired,
    }
}

/// What a state lacks, as contracts have it.
pub fn missing_of(state: &State) -> Vec<ApprovalMissing> {
    let State::Pending { missing } = state else { return Vec::new() };
    let of = |Missing { rule, people, approvers }| ApprovalMissing { rule, people, approvers };
    missing.iter().cloned().map(of).collect()
}

/// The contract of what is stored as a request and is none.
pub fn approval_damaged(damaged: &Damaged) -> ApprovalDamaged {
    let detail = damaged.error.detail.chars().take(DETAIL_MAX).collect();
    ApprovalDamaged { approval: damaged.id, code: damaged.error.code, detail }
}

pub(crate) fn verify(input: &ApprovalVerifyInput) -> Output {
    let check = || {
        let request = request::verify(&Unverified::from_envelope(&input.request), &Did::parse(&input.issuer)?)?;
        let (mut grants, mut errors) = (Vec::new(), Vec::new());
        for (index, envelope) in input.grants.iter().flatten().enumerate() {
            match grant::verify(&Unverified::from_envelope(envelope), &request) {
                Ok(grant) => grants.push(grant),
                Err(error) => errors.push(ApprovalGrantFault { index: index as u64, code: error.code }),
            }
        }
        let differs = input.about.as_ref().and_then(|about| request.matches(&compared(about)).err());
        let reason = differs.map(|error| error.code).or(errors.first().map(|fault| fault.code));
        let state = evaluate(&request, &grants, input.now_ms);
        Ok(ApprovalVerifyOutput {
            valid: reason.is_none(),
            reason,
            approval: Some(*request.id()),
            state: Some(state_name(&state)),
            missing: Some(missing_of(&state)).filter(|missing| !missing.is_empty()),
            denied_by: if let State::Denied { by } = state { Some(by) } else { None },
            errors: Some(errors).filter(|errors| !errors.is_empty()),
        }
        .canonical())
    };
    verdict(check())
}

fn compared(about: &ApprovalAbout) -> About<'_> {
    About {
        run: &about.run,
        actor: &about.actor,
        principal: about.principal.as_deref(),
        kind: about.kind,
        target: &about.target,
        effect: about.effect,
        tool_hash: about.tool_hash.as_ref(),
        args_digest: &about.args_digest,
        amount: about.amount.as_ref(),
        tokens: about.tokens,
        model: about.model.as_deref(),
        key_id: about.key_id.as_deref(),
        consent: about.consent,
        kyc: about.kyc,
        policy: &about.policy,
        rules: &about.rules,
    }
}

pub(crate) fn make_code(input: &ApprovalMakeCodeInput) -> Output {
    let entropy = input.entropy.as_slice().try_into();
    let entropy = entropy.map_err(|_| Error::new(ErrorCode::MalformedBase64, "/entropy: a code has five bytes"))?;
    let code = Code::from_entropy(entropy);
    let key = code::key(&SigningKey::from_seed(input.seed.expose()));
    let lock = Lock::new(&key, &input.approval, &input.name, &code).hash;
    Ok(ApprovalMakeCodeOutput { code: code.expose().to_owned(), lock }.canonical())
}

pub(crate) fn check_code(input: &ApprovalCheckCodeInput) -> Output {
    let check = || {
        let key = SigningKey::from_seed(input.seed.expose());
        let issuer = Did::of(&key.verifying_key());
        let request = request::verify(&Unverified::from_envelope(&input.request), &issuer)?;
        let mut lock = Lock { hash: input.lock, attempts: input.attempts };
        let tried = lock.attempt(&code::key(&key), &request, &input.name, &input.code, input.now_ms);
        let reason = tried.err().map(|error| error.code);
        Ok(ApprovalCheckCodeOutput { valid: reason.is_none(), reason, attempts: Some(lock.attempts) }.canonical())
    };
    verdict(check())
}

pub(crate) fn render(input: &ApprovalRenderInput) -> Output {
    let action = &input.action;
    let no_args = Value::object::<&str>([]);
    let view = render::action(&Shown {
        kind: action.kind,
        target: &action.target,
        effect: action.effect,
        amount: action.amount.as_ref(),
        tokens: action.tokens,
        model: action.model.as_deref(),
        args: action.args.as_ref().unwrap_or(&no_args),
        files: input.files.as_deref().unwrap_or_default(),
    });
    Ok(ApprovalRenderOutput { view }.canonical())
}
