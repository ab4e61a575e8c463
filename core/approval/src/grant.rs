//! Answers to requests: bytes, and whose they are.

use crate::VerifiedRequest;
use crate::envelope;
use talos_contracts::scalar::Hash;
use talos_contracts::{ApprovalGrant, ApprovalResponse, Error, ErrorCode};
use talos_crypto::SigningKey;
use talos_crypto::dsse::Unverified;
use talos_identity::Did;

/// What a person says.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// The request.
    pub approval: &'a Hash,
    /// The person, as the request names them.
    pub name: &'a str,
    /// Grant or deny.
    pub response: ApprovalResponse,
    /// When, in milliseconds since 1970. Who has seen the request does not answer before it: take at least its `iat`.
    pub iat: u64,
    /// A sentence for the record.
    pub note: Option<&'a str>,
}

/// Signs an answer: with the person's key, or with the kernel's where the person gave a one-time code.
pub fn sign(answer: &Answer<'_>, key: &SigningKey) -> Result<Unverified, Error> {
    let grant = ApprovalGrant {
        iss: Did::of(&key.verifying_key()).url(),
        approval: *answer.approval,
        name: answer.name.to_owned(),
        response: answer.response,
        iat: answer.iat,
        note: answer.note.map(str::to_owned),
    };
    let envelope = envelope::seal(key, &grant.iss, ApprovalGrant::MEDIA_TYPE, &grant.canonical())?;
    // Name and note came from outside: what would not read back is not signed.
    read(&envelope)?;
    Ok(envelope)
}

fn read(envelope: &Unverified) -> Result<ApprovalGrant, Error> {
    ApprovalGrant::read(&envelope::body(envelope, ApprovalGrant::MEDIA_TYPE)?)
}

/// How a person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By the key that the request names.
    Key,
    /// By a one-time code, for which the kernel signed.
    Code,
}

/// An answer by somebody whom the request names, in time. Only [`verify`] makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedGrant {
    grant: ApprovalGrant,
    channel: Channel,
}

impl VerifiedGrant {
    /// What it says.
    pub fn grant(&self) -> &ApprovalGrant {
        &self.grant
    }

    /// How the person answered.
    pub fn channel(&self) -> Channel {
        self.channel
    }
}

/// Checks an answer to this request (`docs/spec/approval.md`, section 4).
pub fn verify(envelope: &Unverified, request: &VerifiedRequest) -> Result<VerifiedGrant, Error> {
    let grant = read(envelope)?;
    let verified = envelope::signed_by(envelope, &grant.iss)?;
    let signer = verified.signers.first().ok_or(ErrorCode::SignatureMissing)?;
    if grant.approval != *request.id() {
        return Err(Error::new(ErrorCode::ApprovalMismatch, "the answer is to another request"));
    }
    let channel = channel(&grant.name, signer, request)?;
    let asked = request.request();
    if grant.iat < asked.iat || grant.iat >= asked.expires {
        return Err(Error::new(ErrorCode::ApprovalExpired, "the answer is dated outside the time of the request"));
    }
    Ok(VerifiedGrant { grant, channel })
}

/// Whether this key may answer as this person.
fn channel(name: &str, signer: &Did, request: &VerifiedRequest) -> Result<Channel, Error> {
    let person = request.person(name);
    if signer == request.issuer() {
        // INVARIANT: the kernel signs for those who have no key, and for nobody else.
        return match person {
            Some(None) => Ok(Channel::Code),
            _ => Err(Error::new(ErrorCode::ApprovalOwnRequest, "the kernel that asks does not approve")),
        };
    }
    if signer.as_str() == request.request().actor {
        return Err(Error::new(ErrorCode::ApprovalOwnRequest, "the agent that asks does not approve"));
    }
    match person {
        Some(Some(key)) if key == signer => Ok(Channel::Key),
        Some(_) => Err(Error::new(ErrorCode::ApprovalNotApprover, format!("the answer is not by the key of {name:?}"))),
        None => Err(Error::new(ErrorCode::ApprovalNotApprover, format!("the request does not name {name:?}"))),
    }
}
