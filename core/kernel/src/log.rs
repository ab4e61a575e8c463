//! Checkpoints, proofs and bundles over what the runs have written.

use crate::approvals::{read_answers, read_request};
use crate::kernel::Keys;
use crate::ports::{HeadKeeper, KeptHead, Record, Store};
use talos_approval::grant::VerifiedGrant;
use talos_audit::chain::{Auditor, Summary};
use talos_audit::checkpoint::{self, Checkpoint, LogKey, SignedNote};
use talos_audit::tree::{self, Frontier, Nodes};
use talos_audit::{bundle, proof, receipt};
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::Hash;
use talos_contracts::{Bundle, BundleBodies, BundleBody, Error, ErrorCode, Receipt, ReceiptKind};
use talos_identity::Did;
use talos_verify::SoundReceipt;

/// The log of a kernel.
pub struct Log<'a> {
    store: &'a dyn Store,
    heads: &'a dyn HeadKeeper,
    keys: &'a Keys,
    origin: &'a str,
}

/// What verifying the whole log found.
#[derive(Clone, Debug, PartialEq)]
pub struct LogReport {
    /// Number of leaves.
    pub size: u64,
    /// The root over them.
    pub root: Hash,
    /// What the receipts add up to.
    pub summary: Summary,
}

struct StoreNodes<'a>(&'a dyn Store);

impl Nodes for StoreNodes<'_> {
    type Error = Error;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        self.0.node(level, index)
    }
}

/// The stored tree must extend the head that was last signed.
pub(crate) fn check_head(store: &dyn Store, heads: &dyn HeadKeeper) -> Result<Frontier, Error> {
    // A head is kept before its checkpoint is: who sees a checkpoint finds its head from then on,
    // whatever another process signs in between.
    let signed = store.checkpoint()?.is_some();
    check_kept_head(store, heads.load()?, signed)
}

fn check_kept_head(store: &dyn Store, kept: Option<KeptHead>, signed: bool) -> Result<Frontier, Error> {
    let frontier = store.frontier()?;
    match kept {
        None => {
            if signed {
                return Err(Error::new(
                    ErrorCode::LogHeadMissing,
                    "the log has signed checkpoints, but the head beside its key is gone",
                ));
            }
        }
        Some(kept) if kept.size > frontier.size() => {
            return Err(Error::new(
                ErrorCode::LogRolledBack,
                format!("the log has signed a head of size {}, but the store ends at {}", kept.size, frontier.size()),
            ));
        }
        Some(kept) => {
            if tree::root_at(&StoreNodes(store), kept.size)? != kept.root {
                return Err(Error::new(
                    ErrorCode::LogForked,
                    format!("at size {} the store has another root than the one that was signed", kept.size),
                ));
            }
        }
    }
    Ok(frontier)
}

impl<'a> Log<'a> {
    /// A log over a store; only its parts are needed, not a running kernel.
    pub fn new(store: &'a dyn Store, heads: &'a dyn HeadKeeper, keys: &'a Keys, origin: &'a str) -> Self {
        Log { store, heads, keys, origin }
    }

    /// The public key that strangers need.
    pub fn key(&self) -> Result<LogKey, Error> {
        LogKey::new(self.origin, self.keys.log.verifying_key())
    }

    /// The answers to the request for approval of this id, in the order in which they came, as far as they verify.
    pub fn answers(&self, approval: &Hash) -> Result<Vec<VerifiedGrant>, Error> {
        let Some(row) = self.store.approval(approval)? else { return Ok(Vec::new()) };
        let (_, request) = read_request(&row, &Did::of(&self.keys.sign.verifying_key()))?;
        Ok(read_answers(&row, &request))
    }

    /// Signs the head of the log, unless the store is older than, or differs from, the last head
    /// that was signed. The new head is kept before the signature leaves.
    pub fn checkpoint(&self) -> Result<String, Error> {
        let mut signed = None;
        self.heads.exchange(&mut |kept| {
            let frontier = check_kept_head(self.store, kept, self.store.checkpoint()?.is_some())?;
            let head = KeptHead { size: frontier.size(), root: frontier.root() };
            signed = Some(head);
            Ok(head)
        })?;
        let head = signed.ok_or_else(|| Error::new(ErrorCode::InternalFault, "the head was not exchanged"))?;
        let checkpoint = Checkpoint { origin: self.origin.to_owned(), size: head.size, root: head.root };
        let note = checkpoint::sign(&checkpoint, &self.keys.log)?;
        self.store.set_checkpoint(head.size, &note)?;
        Ok(note)
    }

    /// The newest signed checkpoint that covers the index, or a new one.
    fn checkpoint_over(&self, index: u64) -> Result<(u64, String), Error> {
        if let Some((size, note)) = self.store.checkpoint()?
            && size > index
        {
            let ours = SignedNote::parse(&note).and_then(|n| n.verify(&self.key()?).cloned());
            if ours.is_ok_and(|c| c.size == size) {
                return Ok((size, note));
            }
        }
        let note = self.checkpoint()?;
        Ok((SignedNote::parse(&note)?.unverified().size, note))
    }

    /// The receipt of this id.
    pub fn find(&self, id: &Hash) -> Result<Record, Error> {
        self.store
            .find(id)?
            .ok_or_else(|| Error::new(ErrorCode::ReceiptUnknown, format!("no receipt {id} in this log")))
    }

    /// The receipt at this index.
    pub fn at(&self, index: u64) -> Result<Record, Error> {
        self.store
            .record(index)?
            .ok_or_else(|| Error::new(ErrorCode::ProofIndexOutOfRange, format!("no receipt at index {index}")))
    }

    /// Number of leaves.
    pub fn size(&self) -> Result<u64, Error> {
        Ok(self.store.frontier()?.size())
    }

    /// The root over the first leaves.
    pub fn root_at(&self, size: u64) -> Result<Hash, Error> {
        if size > self.size()? {
            return Err(Error::new(ErrorCode::ProofSizeOutOfRange, format!("the log has no {size} leaves")));
        }
        tree::root_at(&StoreNodes(self.store), size)
    }

    /// The inclusion proof of an index in the tree of `size` leaves.
    pub fn prove(&self, index: u64, size: u64) -> Result<Vec<Hash>, Error> {
        if index >= size || size > self.size()? {
            return Err(Error::new(ErrorCode::ProofIndexOutOfRange, format!("index {index} in a tree of {size}")));
        }
        tree::prove_inclusion(&StoreNodes(self.store), index, size)
    }

    /// The bundle of a receipt: what a stranger needs, except trust. With `disclose`, the body that
    /// the receipt commits to goes along, if it is kept.
    pub fn bundle(&self, record: &Record, disclose: bool) -> Result<Vec<u8>, Error> {
        let receipt = receipt::parse_body(&record.sealed.body)?;
        let (size, note) = self.checkpoint_over(record.index)?;
        let path = self.prove(record.index, size)?;
        let bodies = if disclose { Some(disclosed(record, &receipt)?) } else { None };
        Ok(bundle::write(&Bundle {
            envelope: record.sealed.envelope(&receipt.iss).to_envelope(),
            tlog_proof: proof::write(record.index, &path, &note),
            bodies,
        }))
    }

    /// The newest checkpoint that this log has signed, verified: by the log's own key, and not beside a store that was
    /// rolled back or forked since. Signs nothing; `None` where nothing is signed yet.
    pub fn signed_head(&self) -> Result<Option<Checkpoint>, Error> {
        check_head(self.store, self.heads)?;
        let Some((size, note)) = self.store.checkpoint()? else { return Ok(None) };
        let checkpoint = SignedNote::parse(&note)?.verify(&self.key()?)?.clone();
        if checkpoint.size != size {
            return Err(corrupt(format!("a checkpoint of size {} is stored as one of {size}", checkpoint.size)));
        }
        Ok(Some(checkpoint))
    }

    /// The receipt of a record, verified by itself: canonical, signed as it says, stored under its own id, issued by
    /// this log's writer for this log.
    pub fn examine(&self, record: &Record) -> Result<SoundReceipt, Error> {
        let index = record.index;
        let body = receipt::parse_body(&record.sealed.body)?;
        let sound = talos_verify::receipt(record.sealed.envelope(&body.iss))?;
        if sound.id != record.sealed.id {
            return Err(corrupt(format!("the receipt at index {index} is stored under another id")));
        }
        if sound.issuer != Did::of(&self.keys.sign.verifying_key()) {
            let why = format!("the receipt at index {index} was issued by {}, not by this log's writer", sound.issuer);
            return Err(Error::new(ErrorCode::TrustIssuerUnknown, why));
        }
        if sound.receipt.log != self.origin {
            return Err(Error::new(ErrorCode::ReceiptLogMismatch, format!("receipt {index} names another log")));
        }
        Ok(sound)
    }

    /// Proves that the tree of a verified checkpoint has a receipt at an index below its size, and checks the proof.
    pub fn verify_inclusion(&self, id: &Hash, index: u64, checkpoint: &Checkpoint) -> Result<(), Error> {
        let path = self.prove(index, checkpoint.size)?;
        tree::verify_inclusion(&tree::leaf_hash(&tree::entry(id)), index, checkpoint.size, &path, &checkpoint.root)
    }

    /// Verifies the log from leaf 0: every receipt and its issuer, every chain, every leaf, the stored tree, and
    /// the head that was last signed.
    pub fn verify(&self) -> Result<LogReport, Error> {
        let frontier = check_head(self.store, self.heads)?;
        let mut auditor = Auditor::default();
        let mut computed = Frontier::default();
        for index in 0..frontier.size() {
            let sound = self.examine(&self.at(index)?)?;
            auditor.add(sound.id, &sound.receipt)?;
            let mut nodes = Vec::new();
            computed.append(tree::leaf_hash(&tree::entry(&sound.id)), |level, at, hash| nodes.push((level, at, hash)));
            for (level, at, hash) in nodes {
                if self.store.node(level, at)? != hash {
                    return Err(corrupt(format!(
                        "the stored node {at} of level {level} is not the hash of its leaves"
                    )));
                }
            }
        }
        if computed != frontier {
            return Err(corrupt("the stored head is not the root of the stored receipts".into()));
        }
        Ok(LogReport { size: computed.size(), root: computed.root(), summary: auditor.finish()? })
    }
}

fn corrupt(why: String) -> Error {
    Error::new(ErrorCode::StoreCorrupt, why)
}

fn disclosed(record: &Record, receipt: &Receipt) -> Result<BundleBodies, Error> {
    let missing = || Error::new(ErrorCode::ReceiptBodyMissing, "the body of this receipt is not kept, or was erased");
    let body = record.body.as_ref().ok_or_else(missing)?;
    let bytes = body.value.as_ref().ok_or_else(missing)?;
    let value: Value = json::parse(bytes, Profile::Data)?;
    let body = Some(BundleBody { key: talos_contracts::scalar::B64(body.key), value });
    Ok(match receipt.kind {
        ReceiptKind::Outcome => BundleBodies { args: None, result: body },
        _ => BundleBodies { args: body, result: None },
    })
}
