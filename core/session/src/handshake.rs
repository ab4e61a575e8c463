//! The handshake: transcript and keys (`docs/spec/session.md`, sections 3.1 to 3.3).

use crate::container::lp;
use crate::kdf::{ExporterSecret, SessionKeys};
use crate::keys::{OurKem, OurKey, Secret, TheirKey};
use crate::suite::Suite;
use talos_contracts::Error;
use talos_contracts::scalar::{B64, Hash};
use talos_crypto::hash;
use talos_identity::Did;
use zeroize::Zeroizing;

/// Everything that a handshake binds. What is not used is empty.
pub(crate) struct Transcript<'a> {
    pub(crate) suite: Suite,
    pub(crate) initiator: &'a Did,
    pub(crate) responder: &'a Did,
    pub(crate) initiator_agree: TheirKey,
    pub(crate) responder_agree: TheirKey,
    pub(crate) ephemeral: TheirKey,
    pub(crate) spk_id: &'a str,
    pub(crate) spk: TheirKey,
    pub(crate) opk_id: &'a str,
    pub(crate) opk: Option<TheirKey>,
    pub(crate) pq_id: &'a str,
    pub(crate) pq: &'a [u8],
    pub(crate) ciphertext: &'a [u8],
    pub(crate) bundle: &'a Hash,
}

impl Transcript<'_> {
    /// th = H(T).
    pub(crate) fn hash(&self) -> [u8; 32] {
        let mut t = b"talos/session/1\0".to_vec();
        t.extend_from_slice(&self.suite.number().to_be_bytes());
        lp(self.initiator.as_str().as_bytes(), &mut t);
        lp(self.responder.as_str().as_bytes(), &mut t);
        t.extend_from_slice(self.initiator.key().as_bytes());
        t.extend_from_slice(self.responder.key().as_bytes());
        t.extend_from_slice(&self.initiator_agree.0);
        t.extend_from_slice(&self.responder_agree.0);
        t.extend_from_slice(&self.ephemeral.0);
        lp(self.spk_id.as_bytes(), &mut t);
        t.extend_from_slice(&self.spk.0);
        lp(self.opk_id.as_bytes(), &mut t);
        lp(self.opk.as_ref().map_or(&[][..], |key| &key.0), &mut t);
        lp(self.pq_id.as_bytes(), &mut t);
        lp(self.pq, &mut t);
        lp(self.ciphertext, &mut t);
        t.extend_from_slice(&self.bundle.0);
        let B64(th) = hash::sha256(&[&t]);
        th
    }
}

/// The secrets that go into a handshake, in their order. They are erased with it.
pub(crate) struct Agreement {
    /// DH1, DH2, DH3, and DH4 where there is a one-time key.
    pub(crate) dh: Vec<Secret>,
    /// ss, in suite 0x0002.
    pub(crate) kem: Option<Secret>,
}

impl Agreement {
    /// The DHs of the initiator.
    pub(crate) fn initiator(
        agree: &OurKey,
        ephemeral: &OurKey,
        their_agree: &TheirKey,
        spk: &TheirKey,
        opk: Option<&TheirKey>,
        kem: Option<Secret>,
    ) -> Result<Self, Error> {
        let mut dh = vec![agree.agree(spk)?, ephemeral.agree(their_agree)?, ephemeral.agree(spk)?];
        if let Some(opk) = opk {
            dh.push(ephemeral.agree(opk)?);
        }
        Ok(Agreement { dh, kem })
    }

    /// The same of the responder.
    pub(crate) fn responder(
        agree: &OurKey,
        spk: &OurKey,
        opk: Option<&OurKey>,
        their_agree: &TheirKey,
        ephemeral: &TheirKey,
        kem: Option<(&OurKem, &[u8])>,
    ) -> Result<Self, Error> {
        let mut dh = vec![spk.agree(their_agree)?, agree.agree(ephemeral)?, spk.agree(ephemeral)?];
        if let Some(opk) = opk {
            dh.push(opk.agree(ephemeral)?);
        }
        let kem = kem.map(|(key, ciphertext)| key.decapsulate(ciphertext)).transpose()?;
        Ok(Agreement { dh, kem })
    }

    /// SK, SID and EXP.
    pub(crate) fn keys(self, th: &[u8; 32], renewed: Option<&ExporterSecret>) -> SessionKeys {
        let renewal = renewed.map(ExporterSecret::renewal);
        // INVARIANT: at most seven parts of 32 bytes, so that the buffer never grows and leaves nothing behind.
        let mut ikm = Zeroizing::new(Vec::with_capacity(7 * 32));
        ikm.extend_from_slice(&[0xff; 32]);
        for secret in self.dh.iter().chain(&self.kem).chain(&renewal) {
            ikm.extend_from_slice(secret.expose());
        }
        SessionKeys::derive(&ikm, th)
    }
}
