//! Publishing: private keys are stored before their public halves go out (`docs/spec/session.md`, sections 2.2 to 2.5).

use crate::agent::Agent;
use crate::keys::{OurKem, OurKey};
use crate::published::{self, BundleKeys, Validity};
use crate::random::Entropy;
use crate::state::{KeptBundle, KeptOneTimeKey};
use crate::step::{Delta, Step};
use crate::suite::Suite;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::dsse::Unverified;
use talos_crypto::{SigningKey, hash};

/// What a bundle is made of. An id is never given to two keys.
#[derive(Clone, Copy, Debug)]
pub struct BundleTerms<'a> {
    /// What the owner accepts, best first.
    pub suites: &'a [Suite],
    /// The id of the signed prekey.
    pub spk_id: &'a str,
    /// The id of the ML-KEM key of last resort; used where suite 0x0002 is offered.
    pub pq_id: &'a str,
    /// From when to when.
    pub validity: Validity,
}

/// What a one-time key is made of.
#[derive(Clone, Copy, Debug)]
pub struct OneTimeTerms<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whether it has an ML-KEM key beside the X25519 key.
    pub hybrid: bool,
    /// From when to when.
    pub validity: Validity,
}

impl Agent {
    /// Makes and signs a bundle with fresh prekeys. It may be published once it is committed.
    pub fn make_bundle(
        &mut self,
        key: &SigningKey,
        terms: BundleTerms<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Step<'_, Unverified>, Error> {
        self.check_signer(key)?;
        let hybrid = terms.suites.contains(&Suite::Hybrid);
        self.check_id(terms.spk_id)?;
        if hybrid {
            self.check_id(terms.pq_id)?;
            if terms.pq_id == terms.spk_id {
                return Err(used(terms.pq_id));
            }
        }
        let spk = OurKey::draw(entropy)?;
        let pq = if hybrid { Some(OurKem::draw(entropy)?) } else { None };
        let keys = BundleKeys { spk: (terms.spk_id, &spk), pq: pq.as_ref().map(|kem| (terms.pq_id, kem)) };
        let envelope = published::sign_bundle(key, &self.agree, terms.suites, &keys, terms.validity)?;
        let kept = KeptBundle {
            hash: hash::sha256(&[&envelope.message()]),
            agree: self.agree.public(),
            suites: terms.suites.to_vec(),
            spk: (terms.spk_id.to_owned(), spk),
            pq: pq.map(|kem| (terms.pq_id.to_owned(), kem)),
            exp: terms.validity.exp,
        };
        let mut delta = Delta::default();
        delta.bundles.insert(kept.hash, Some(kept));
        Ok(Step { agent: self, delta, released: envelope })
    }

    /// Makes and signs a one-time key. It may be published once it is committed.
    pub fn make_one_time_key(
        &mut self,
        key: &SigningKey,
        terms: OneTimeTerms<'_>,
        entropy: &mut dyn Entropy,
    ) -> Result<Step<'_, Unverified>, Error> {
        self.check_signer(key)?;
        self.check_id(terms.id)?;
        let x25519 = OurKey::draw(entropy)?;
        let kem = if terms.hybrid { Some(OurKem::draw(entropy)?) } else { None };
        let envelope = published::sign_one_time_key(key, terms.id, &x25519, kem.as_ref(), terms.validity)?;
        let kept = KeptOneTimeKey { id: terms.id.to_owned(), x25519, kem, exp: terms.validity.exp };
        let mut delta = Delta::default();
        delta.one_time_keys.insert(kept.id.clone(), Some(kept));
        Ok(Step { agent: self, delta, released: envelope })
    }

    fn check_signer(&self, key: &SigningKey) -> Result<(), Error> {
        if key.verifying_key() == *self.did.key() {
            return Ok(());
        }
        Err(Error::new(ErrorCode::SignatureKeyid, "the key is not the agent's"))
    }

    /// An owner never gives one id to two keys; of those that are erased, the host knows.
    fn check_id(&self, id: &str) -> Result<(), Error> {
        let of_bundle = |bundle: &KeptBundle| bundle.spk.0 == id || bundle.pq.as_ref().is_some_and(|(pq, _)| pq == id);
        let taken = self.one_time_keys.contains_key(id) || self.bundles.values().any(|kept| of_bundle(&kept.value));
        if taken { Err(used(id)) } else { Ok(()) }
    }
}

fn used(id: &str) -> Error {
    Error::new(ErrorCode::MalformedValue, format!("the id {id:?} is given to another key"))
}
