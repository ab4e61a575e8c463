//! What agents publish: static key statements, prekey bundles, one-time keys (`docs/spec/session.md`, section 2).
//!
//! An [`Unverified`] envelope says nothing; the `Verified` types are made by verification alone.

use crate::keys::{KEM_KEY_BYTES, OurKem, OurKey, TheirKey};
use crate::limits::{BUNDLE_MS, ONE_TIME_KEY_MS, SKEW_MS, STATEMENT_BYTES, STATEMENT_MS};
use crate::suite::Suite;
use talos_contracts::scalar::{B64, Hash, is_agent};
use talos_contracts::{Error, ErrorCode, KemPrekey, OneTimeKey, PrekeyBundle, SignedPrekey, StaticKey};
use talos_crypto::dsse::{self, Unverified};
use talos_crypto::{SigningKey, hash};
use talos_identity::{Did, envelope};

/// From when to when something published is valid, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// When it was made.
    pub iat: u64,
    /// When it ends; at that time it is no longer valid.
    pub exp: u64,
}

impl Validity {
    /// `exp` after `iat`, by at most the longest life.
    fn check_life(self, longest: u64) -> Result<(), Error> {
        match self.exp.checked_sub(self.iat) {
            Some(life) if life > 0 && life <= longest => Ok(()),
            _ => Err(value("/exp", "ends before it begins, or lives too long")),
        }
    }

    /// Section 2.4, step 5.
    pub(crate) fn check_at(self, now: u64) -> Result<(), Error> {
        if self.iat <= now.saturating_add(SKEW_MS) && now < self.exp {
            return Ok(());
        }
        Err(Error::new(ErrorCode::SessionExpired, "not valid at this time"))
    }
}

/// Whether a text is the id of a prekey: a name of at most 64 characters.
pub(crate) fn is_id(text: &str) -> bool {
    is_agent(text)
}

/// A statement whose signature, owner and time have been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedStaticKey {
    owner: Did,
    agree: TheirKey,
}

impl VerifiedStaticKey {
    /// Whose key it is.
    pub fn owner(&self) -> &Did {
        &self.owner
    }

    /// The key.
    pub fn agree(&self) -> TheirKey {
        self.agree
    }
}

/// A bundle whose signature, owner and time have been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedBundle {
    owner: Did,
    hash: Hash,
    body: PrekeyBundle,
}

impl VerifiedBundle {
    /// Whose keys they are.
    pub fn owner(&self) -> &Did {
        &self.owner
    }

    /// H(M_B), by which a handshake names the bundle.
    pub fn hash(&self) -> &Hash {
        &self.hash
    }

    /// What it says.
    pub fn body(&self) -> &PrekeyBundle {
        &self.body
    }

    pub(crate) fn validity(&self) -> Validity {
        Validity { iat: self.body.iat, exp: self.body.exp }
    }
}

/// A one-time key whose signature, owner and time have been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedOneTimeKey {
    owner: Did,
    body: OneTimeKey,
}

impl VerifiedOneTimeKey {
    /// Whose key it is.
    pub fn owner(&self) -> &Did {
        &self.owner
    }

    /// What it says.
    pub fn body(&self) -> &OneTimeKey {
        &self.body
    }

    pub(crate) fn validity(&self) -> Validity {
        Validity { iat: self.body.iat, exp: self.body.exp }
    }
}

/// Verifies the statement of an agent (section 2.4).
pub fn verify_static_key(envelope: &Unverified, owner: &Did, now_ms: u64) -> Result<VerifiedStaticKey, Error> {
    let (statement, validity) = signed_static_key(envelope)?;
    owned(&statement.owner, owner)?;
    validity.check_at(now_ms)?;
    Ok(statement)
}

/// The same without owner and time: section 2.4, steps 1 to 3.
fn signed_static_key(envelope: &Unverified) -> Result<(VerifiedStaticKey, Validity), Error> {
    let body = StaticKey::read(&envelope::body(envelope, StaticKey::MEDIA_TYPE)?)?;
    let owner = issuer(&body.iss)?;
    let validity = Validity { iat: body.iat, exp: body.exp };
    validity.check_life(STATEMENT_MS)?;
    envelope::signed_by(envelope, &body.iss)?;
    Ok((VerifiedStaticKey { owner, agree: TheirKey(body.agree.0) }, validity))
}

/// An agent's own statement, as it goes out in containers.
pub(crate) struct OwnStatement {
    /// Its envelope, JSON text of at most 4,096 bytes.
    pub(crate) text: Vec<u8>,
    pub(crate) validity: Validity,
    key: VerifiedStaticKey,
}

impl OwnStatement {
    pub(crate) fn read(envelope: &Unverified) -> Result<Self, Error> {
        let text = envelope.to_envelope().canonical();
        if text.len() > STATEMENT_BYTES {
            return Err(Error::new(ErrorCode::MalformedSize, "the statement has more than 4,096 bytes"));
        }
        let (key, validity) = signed_static_key(envelope)?;
        Ok(OwnStatement { text, validity, key })
    }

    /// Section 3.1, step 1, for what the responder will check in section 3.5, step 5.
    pub(crate) fn check(&self, did: &Did, agree: TheirKey, now: u64) -> Result<(), Error> {
        owned(&self.key.owner, did)?;
        self.validity.check_at(now)?;
        if self.key.agree == agree {
            return Ok(());
        }
        Err(Error::new(ErrorCode::SessionPeer, "the own statement is of another agreement key"))
    }
}

/// Verifies the bundle of an agent (section 2.4).
pub fn verify_bundle(envelope: &Unverified, owner: &Did, now_ms: u64) -> Result<VerifiedBundle, Error> {
    let body = PrekeyBundle::read(&envelope::body(envelope, PrekeyBundle::MEDIA_TYPE)?)?;
    let signer = issuer(&body.iss)?;
    check_bundle(&body)?;
    envelope::signed_by(envelope, &body.iss)?;
    owned(&signer, owner)?;
    let verified = VerifiedBundle { owner: signer, hash: hash::sha256(&[&envelope.message()]), body };
    verified.validity().check_at(now_ms)?;
    Ok(verified)
}

/// Verifies a one-time key of an agent (section 2.4).
pub fn verify_one_time_key(envelope: &Unverified, owner: &Did, now_ms: u64) -> Result<VerifiedOneTimeKey, Error> {
    let body = OneTimeKey::read(&envelope::body(envelope, OneTimeKey::MEDIA_TYPE)?)?;
    let signer = issuer(&body.iss)?;
    Validity { iat: body.iat, exp: body.exp }.check_life(ONE_TIME_KEY_MS)?;
    envelope::signed_by(envelope, &body.iss)?;
    owned(&signer, owner)?;
    let verified = VerifiedOneTimeKey { owner: signer, body };
    verified.validity().check_at(now_ms)?;
    Ok(verified)
}

/// What the table of section 2.2 says of members together.
fn check_bundle(body: &PrekeyBundle) -> Result<(), Error> {
    Validity { iat: body.iat, exp: body.exp }.check_life(BUNDLE_MS)?;
    let twice = |(at, suite)| body.suites[..at].contains(suite);
    if body.suites.iter().enumerate().any(twice) {
        return Err(value("/suites", "one suite twice"));
    }
    let hybrid = body.suites.contains(&u64::from(Suite::Hybrid.number()));
    if hybrid != body.pq.is_some() {
        return Err(value("/pq", "present if and only if suite 2 is offered"));
    }
    Ok(())
}

/// Section 2.4, step 2, for `iss`.
fn issuer(iss: &str) -> Result<Did, Error> {
    Did::parse_url(iss).map_err(|error| value("/iss", &error.detail))
}

fn owned(signer: &Did, owner: &Did) -> Result<(), Error> {
    if signer == owner {
        return Ok(());
    }
    Err(Error::new(ErrorCode::SessionPeer, format!("this is published by {signer}, not by {owner}")))
}

fn value(pointer: &str, why: &str) -> Error {
    Error::new(ErrorCode::MalformedValue, format!("{pointer}: {why}"))
}

/// Signs a statement: this agreement key is mine.
pub fn sign_static_key(key: &SigningKey, agree: &OurKey, validity: Validity) -> Result<Unverified, Error> {
    validity.check_life(STATEMENT_MS)?;
    let iss = Did::of(&key.verifying_key()).url();
    let body = StaticKey { iss, agree: agree.public().to_contract(), iat: validity.iat, exp: validity.exp };
    Ok(dsse::sign(key, &body.iss, StaticKey::MEDIA_TYPE, &body.canonical()))
}

/// Private prekeys of a bundle, drawn in the order of section 12.
pub(crate) struct BundleKeys<'a> {
    pub(crate) spk: (&'a str, &'a OurKey),
    pub(crate) pq: Option<(&'a str, &'a OurKem)>,
}

/// Signs a bundle.
pub(crate) fn sign_bundle(
    key: &SigningKey,
    agree: &OurKey,
    suites: &[Suite],
    keys: &BundleKeys<'_>,
    validity: Validity,
) -> Result<Unverified, Error> {
    let body = PrekeyBundle {
        iss: Did::of(&key.verifying_key()).url(),
        agree: agree.public().to_contract(),
        suites: suites.iter().map(|suite| u64::from(suite.number())).collect(),
        spk: SignedPrekey { id: checked_id(keys.spk.0)?, key: keys.spk.1.public().to_contract() },
        pq: match keys.pq {
            Some((id, kem)) => Some(KemPrekey { id: checked_id(id)?, key: kem_key(kem.public()) }),
            None => None,
        },
        iat: validity.iat,
        exp: validity.exp,
    };
    if body.suites.is_empty() {
        return Err(value("/suites", "a bundle has 1 to 8 suites"));
    }
    check_bundle(&body)?;
    Ok(dsse::sign(key, &body.iss, PrekeyBundle::MEDIA_TYPE, &body.canonical()))
}

/// Signs a one-time key.
pub(crate) fn sign_one_time_key(
    key: &SigningKey,
    id: &str,
    x25519: &OurKey,
    kem: Option<&OurKem>,
    validity: Validity,
) -> Result<Unverified, Error> {
    validity.check_life(ONE_TIME_KEY_MS)?;
    let body = OneTimeKey {
        iss: Did::of(&key.verifying_key()).url(),
        id: checked_id(id)?,
        x25519: x25519.public().to_contract(),
        mlkem768: kem.map(|kem| kem_key(kem.public())),
        iat: validity.iat,
        exp: validity.exp,
    };
    Ok(dsse::sign(key, &body.iss, OneTimeKey::MEDIA_TYPE, &body.canonical()))
}

fn kem_key(bytes: &[u8; KEM_KEY_BYTES]) -> B64<KEM_KEY_BYTES> {
    B64(*bytes)
}

fn checked_id(id: &str) -> Result<String, Error> {
    if is_id(id) { Ok(id.to_owned()) } else { Err(value("/id", "1 to 64 characters of a-z, 0-9, _ and -")) }
}
