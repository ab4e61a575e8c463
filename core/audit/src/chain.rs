//! What a reader can recompute from delivered receipts: that no chain has a gap or a fork, and
//! that every allow has an outcome (`docs/spec/receipt.md`, sections 5 and 6).

use std::collections::HashMap;
use talos_contracts::scalar::{Hash, Salt};
use talos_contracts::{Error, ErrorCode, Receipt, ReceiptKind, Verdict};

/// A reader of receipts in the order of the log.
#[derive(Default)]
pub struct Auditor {
    chains: HashMap<Salt, Chain>,
    log: Option<String>,
    /// Allowed calls without an outcome, a release or a gap.
    open: HashMap<Hash, OpenCall>,
    receipts: u64,
}

/// An allowed call whose end is not in the receipts read so far.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenCall {
    /// The run.
    pub run: String,
    /// The call.
    pub call: String,
    /// The decision's receipt.
    pub decision: Hash,
    chain: Salt,
}

struct Chain {
    run: String,
    actor: String,
    iss: String,
    seq: u64,
    iat: u64,
    last: Hash,
    closed: bool,
    heartbeats: bool,
}

/// Where heartbeats are promised, the longest silence in milliseconds.
const HEARTBEAT_MS: u64 = 60_000;

/// What the receipts add up to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Receipts read.
    pub receipts: u64,
    /// Chains seen.
    pub chains: u64,
    /// Chains that ended with `close`.
    pub closed: u64,
    /// Calls without an end: still running, or a crash that no `gap` names yet.
    pub open: Vec<OpenCall>,
}

impl Auditor {
    /// Takes the next receipt, already valid alone.
    pub fn add(&mut self, id: Hash, receipt: &Receipt) -> Result<(), Error> {
        if self.log.get_or_insert_with(|| receipt.log.clone()) != &receipt.log {
            return Err(fail(ErrorCode::ReceiptLogMismatch, receipt, "names another log than the receipts before"));
        }
        self.link(id, receipt)?;
        self.pair(id, receipt)?;
        self.receipts += 1;
        Ok(())
    }

    /// Checks the place in the chain.
    fn link(&mut self, id: Hash, receipt: &Receipt) -> Result<(), Error> {
        let Some(chain) = self.chains.get_mut(&receipt.chain) else {
            if receipt.seq != 0 {
                return Err(fail(ErrorCode::ReceiptChainGap, receipt, "is the first of its chain that was delivered"));
            }
            self.chains.insert(receipt.chain, Chain::start(id, receipt));
            return Ok(());
        };
        chain.extend(id, receipt)
    }

    /// Pairs decisions with what became of them.
    fn pair(&mut self, id: Hash, receipt: &Receipt) -> Result<(), Error> {
        match receipt.kind {
            ReceiptKind::Decision if matches!(receipt.verdict, Some(Verdict::Allow | Verdict::Transform)) => {
                let call = receipt.call.clone().unwrap_or_default();
                let open = OpenCall { run: receipt.run.clone(), call, decision: id, chain: receipt.chain };
                self.open.insert(id, open);
            }
            ReceiptKind::Start => {
                self.opened(receipt)?;
            }
            ReceiptKind::Outcome | ReceiptKind::Release => {
                let decision = self.opened(receipt)?;
                self.open.remove(&decision);
            }
            ReceiptKind::Gap => {
                for permit in receipt.permits.iter().flatten() {
                    let named = self.open.remove(&permit.r#ref);
                    if named.is_none_or(|o| o.call != permit.call || o.chain == receipt.chain) {
                        return Err(fail(
                            ErrorCode::ReceiptIncomplete,
                            receipt,
                            "names a permit that is not open in another chain",
                        ));
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The open decision that this receipt refers to.
    fn opened(&self, receipt: &Receipt) -> Result<Hash, Error> {
        let open = receipt.r#ref.as_ref().and_then(|r| self.open.get(r));
        match open {
            Some(open) if Some(&open.call) == receipt.call.as_ref() && open.chain == receipt.chain => Ok(open.decision),
            _ => Err(fail(ErrorCode::ReceiptIncomplete, receipt, "refers to no open decision of its chain")),
        }
    }

    /// What all of it adds up to. A closed chain must have left no call open.
    pub fn finish(self) -> Result<Summary, Error> {
        let mut open: Vec<OpenCall> = self.open.into_values().collect();
        open.sort_by(|a, b| (&a.run, &a.call).cmp(&(&b.run, &b.call)));
        if let Some(call) = open.iter().find(|o| self.chains.get(&o.chain).is_some_and(|c| c.closed)) {
            return Err(Error::new(
                ErrorCode::ReceiptIncomplete,
                format!("run {}: call {} has no outcome, and its chain is closed", call.run, call.call),
            ));
        }
        Ok(Summary {
            receipts: self.receipts,
            chains: self.chains.len() as u64,
            closed: self.chains.values().filter(|c| c.closed).count() as u64,
            open,
        })
    }
}

impl Chain {
    fn start(id: Hash, receipt: &Receipt) -> Self {
        Chain {
            run: receipt.run.clone(),
            actor: receipt.actor.clone(),
            iss: receipt.iss.clone(),
            seq: 0,
            iat: receipt.iat,
            last: id,
            closed: false,
            heartbeats: receipt.hb == Some(true),
        }
    }

    fn extend(&mut self, id: Hash, receipt: &Receipt) -> Result<(), Error> {
        let fault = if receipt.run != self.run || receipt.actor != self.actor || receipt.iss != self.iss {
            Some((ErrorCode::ReceiptMalformed, "has another run, actor or issuer than its chain"))
        } else if receipt.seq <= self.seq {
            Some((ErrorCode::ReceiptChainFork, "has a seq that its chain has used"))
        } else if self.closed {
            Some((ErrorCode::ReceiptSeq, "follows the close of its chain"))
        } else if receipt.seq != self.seq + 1 {
            Some((ErrorCode::ReceiptChainGap, "does not follow the receipt before"))
        } else if receipt.prev != Some(self.last) {
            Some((ErrorCode::ReceiptPrevMismatch, "does not name the receipt before"))
        } else if receipt.iat < self.iat {
            Some((ErrorCode::ReceiptTimeReversed, "is older than the receipt before"))
        } else if self.heartbeats && receipt.iat - self.iat > HEARTBEAT_MS {
            Some((ErrorCode::ReceiptIncomplete, "comes later than the promised heartbeat"))
        } else {
            None
        };
        if let Some((code, why)) = fault {
            return Err(fail(code, receipt, why));
        }
        self.seq = receipt.seq;
        self.iat = receipt.iat;
        self.last = id;
        self.closed = receipt.kind == ReceiptKind::Close;
        Ok(())
    }
}

fn fail(code: ErrorCode, receipt: &Receipt, why: &str) -> Error {
    Error::new(code, format!("receipt {} of chain {} {why}", receipt.seq, receipt.chain))
}
