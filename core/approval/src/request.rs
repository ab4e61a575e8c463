//! Requests for approval: bytes, ids, verification, and what a request is for.

use crate::envelope;
use std::collections::{BTreeMap, BTreeSet};
use talos_contracts::scalar::Hash;
use talos_contracts::{ActionKind, Amount, ApprovalRequest, ApprovalRule, Effect, Error, ErrorCode, PolicyRef};
use talos_crypto::dsse::Unverified;
use talos_crypto::{SigningKey, hash};
use talos_identity::Did;

/// Domain of the id of a request.
pub const APPROVAL_DOMAIN: &str = "talos/approval/1";

/// A request as it is stored and shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    /// Its id: H("talos/approval/1" || 0x00 || M).
    pub id: Hash,
    /// Its envelope, signed by the kernel that asks.
    pub envelope: Unverified,
}

/// A request whose signature, issuer and rules have been checked. Only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedRequest {
    id: Hash,
    request: ApprovalRequest,
    issuer: Did,
    people: BTreeMap<String, Option<Did>>,
}

impl VerifiedRequest {
    /// The id.
    pub fn id(&self) -> &Hash {
        &self.id
    }

    /// What it says.
    pub fn request(&self) -> &ApprovalRequest {
        &self.request
    }

    /// The kernel that asks.
    pub fn issuer(&self) -> &Did {
        &self.issuer
    }

    /// Everybody whom a rule names: the name, and the key or, for one-time codes, none.
    pub fn people(&self) -> impl Iterator<Item = (&str, Option<&Did>)> {
        self.people.iter().map(|(name, key)| (name.as_str(), key.as_ref()))
    }

    /// The names of those who answer by a one-time code: who needs one sent.
    pub fn by_code(&self) -> impl Iterator<Item = &str> {
        self.people().filter(|(_, key)| key.is_none()).map(|(name, _)| name)
    }

    /// Whether the person could answer: not where their key is the one that asks.
    pub(crate) fn may_approve(&self, name: &str) -> bool {
        self.person(name).is_some_and(|key| key.is_none_or(|key| !asked(&self.request, key.as_str())))
    }

    /// The key of a person: `None` where no rule names the person.
    pub(crate) fn person(&self, name: &str) -> Option<Option<&Did>> {
        self.people.get(name).map(Option::as_ref)
    }
}

/// Whether the key is the agent's or the kernel's own: neither approves what it asked for.
fn asked(request: &ApprovalRequest, key: &str) -> bool {
    key == request.actor || request.iss.split_once('#').is_some_and(|(issuer, _)| issuer == key)
}

/// Signs a request, or says `approval.unavailable` where too few people could ever grant it.
pub fn seal(request: &ApprovalRequest, key: &SigningKey) -> Result<Sealed, Error> {
    if request.iss != Did::of(&key.verifying_key()).url() {
        return Err(Error::new(ErrorCode::SignatureKeyid, "iss is not the key that signs the request"));
    }
    for rule in &request.rules {
        let able = rule.approvers.iter().filter(|p| p.key.as_ref().is_none_or(|key| !asked(request, key))).count();
        if (able as u64) < rule.quorum {
            let why = format!("rule {:?} asks for {} people, and {able} can approve", rule.id, rule.quorum);
            return Err(Error::new(ErrorCode::ApprovalUnavailable, why));
        }
    }
    let envelope = envelope::seal(key, &request.iss, ApprovalRequest::MEDIA_TYPE, &request.canonical())?;
    // What would not verify is not signed: strings that came from the host are checked here.
    people(&read(&envelope)?)?;
    Ok(Sealed { id: envelope::id(&envelope), envelope })
}

fn read(envelope: &Unverified) -> Result<ApprovalRequest, Error> {
    ApprovalRequest::read(&envelope::body(envelope, ApprovalRequest::MEDIA_TYPE)?)
}

/// The id of what an envelope holds, which must be a request by its payload type. Verifies nothing.
pub fn id(envelope: &Unverified) -> Result<Hash, Error> {
    envelope::body(envelope, ApprovalRequest::MEDIA_TYPE)?;
    Ok(envelope::id(envelope))
}

/// Checks a request of a known kernel (`docs/spec/approval.md`, section 3).
pub fn verify(envelope: &Unverified, issuer: &Did) -> Result<VerifiedRequest, Error> {
    let request = read(envelope)?;
    let people = people(&request)?;
    let verified = envelope::signed_by(envelope, &request.iss)?;
    if verified.signers.first() != Some(issuer) {
        return Err(Error::new(ErrorCode::TrustIssuerUnknown, format!("the request is not by {issuer}")));
    }
    Ok(VerifiedRequest { id: envelope::id(envelope), request, issuer: issuer.clone(), people })
}

/// The rules between members that the contract's schema cannot say; the people, each with one key or none.
fn people(request: &ApprovalRequest) -> Result<BTreeMap<String, Option<Did>>, Error> {
    let fail = |pointer: &str, why: &str| Err(Error::new(ErrorCode::MalformedValue, format!("{pointer}: {why}")));
    if request.expires <= request.iat {
        return fail("/expires", "a request ends after it begins");
    }
    // INVARIANT: the contract has checked that both are did:keys by their form; here the keys in them are.
    for (pointer, key) in [("/iss", Did::parse_url(&request.iss)), ("/actor", Did::parse(&request.actor))] {
        if let Err(error) = key {
            return fail(pointer, &error.detail);
        }
    }
    let ids: BTreeSet<&str> = request.rules.iter().map(|rule| rule.id.as_str()).collect();
    if ids.len() != request.rules.len() {
        return fail("/rules", "two rules of one name");
    }
    let mut people: BTreeMap<String, Option<Did>> = BTreeMap::new();
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for (at, rule) in request.rules.iter().enumerate() {
        let pointer = format!("/rules/{at}/approvers");
        let mut here = BTreeSet::new();
        for person in &rule.approvers {
            if !here.insert(person.name.as_str()) {
                return fail(&pointer, "one person twice");
            }
            let key = person.key.as_deref().map(Did::parse).transpose();
            let key = key.map_err(|e| Error::new(ErrorCode::MalformedValue, format!("{pointer}: {}", e.detail)))?;
            // INVARIANT: a name has one key and a key one name, so that counting names counts people.
            if people.get(&person.name).is_some_and(|other| *other != key) {
                return fail(&pointer, "one person with two keys");
            }
            if let Some(key) = &person.key
                && *names.entry(key).or_insert(&person.name) != person.name
            {
                return fail(&pointer, "one key for two people");
            }
            people.insert(person.name.clone(), key);
        }
    }
    Ok(people)
}

/// What is about to run, as the kernel that decides on it sees it.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The run.
    pub run: &'a str,
    /// The agent.
    pub actor: &'a str,
    /// On whose behalf.
    pub principal: Option<&'a str>,
    /// What kind of thing.
    pub kind: ActionKind,
    /// The tool, the resource, the prompt.
    pub target: &'a str,
    /// The effect that was decided on.
    pub effect: Effect,
    /// Hash of the tool's description and schema as it is now.
    pub tool_hash: Option<&'a Hash>,
    /// Digest of the arguments.
    pub args_digest: &'a Hash,
    /// Money that the action would spend.
    pub amount: Option<&'a Amount>,
    /// Tokens that the action asks for.
    pub tokens: Option<u64>,
    /// The model that is asked.
    pub model: Option<&'a str>,
    /// The public id of the caller's key.
    pub key_id: Option<&'a str>,
    /// Whether the principal consented, as far as the host knows.
    pub consent: Option<bool>,
    /// Whether the principal's identity was checked, as far as the host knows.
    pub kyc: Option<bool>,
    /// The policy that decides now.
    pub policy: &'a PolicyRef,
    /// The rules that ask for approval now, in any order.
    pub rules: &'a [ApprovalRule],
}

impl VerifiedRequest {
    /// Whether the request is for exactly this, or `approval.mismatch` with the first member that differs.
    pub fn matches(&self, about: &About<'_>) -> Result<(), Error> {
        let asked = &self.request;
        let same = [
            ("run", asked.run == about.run),
            ("actor", asked.actor == about.actor),
            ("principal", asked.principal.as_deref() == about.principal),
            ("kind", asked.kind == about.kind),
            ("target", asked.target == about.target),
            ("effect", asked.effect == about.effect),
            ("tool_hash", asked.tool_hash.as_ref() == about.tool_hash),
            // The digest of low-entropy arguments is as good as the arguments.
            ("args_digest", hash::equal(&asked.args_digest, about.args_digest)),
            ("amount", asked.amount.as_ref() == about.amount),
            ("tokens", asked.tokens == about.tokens),
            ("model", asked.model.as_deref() == about.model),
            ("key_id", asked.key_id.as_deref() == about.key_id),
            ("consent", asked.consent == about.consent),
            ("kyc", asked.kyc == about.kyc),
            ("policy", asked.policy == *about.policy),
            ("rules", sorted(&asked.rules) == sorted(about.rules)),
        ];
        match same.iter().find(|(_, same)| !same) {
            None => Ok(()),
            Some((member, _)) => {
                let why = format!("{member} is not what was asked for in approval {}", self.id);
                Err(Error::new(ErrorCode::ApprovalMismatch, why))
            }
        }
    }
}

/// Rules in an order of their own, so that the order of a policy's text does not matter.
fn sorted(rules: &[ApprovalRule]) -> Vec<ApprovalRule> {
    let mut rules = rules.to_vec();
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    for rule in &mut rules {
        rule.approvers.sort_by(|a, b| a.name.cmp(&b.name));
    }
    rules
}
