//! Receipts of one chain, in order: each names the one before.

use crate::kernel::Core;
use crate::ports::{Asked, Body, Charge, Entry, Opened, Turn};
use crate::writer::{ChainHealth, Ticket};
use std::sync::Arc;
use talos_audit::receipt;
use talos_contracts::scalar::{B64, Hash, Salt};
use talos_contracts::{Durability, Error, ErrorCode, Receipt, ReceiptKind, SignMode};

/// What a receipt does besides being evidence.
#[derive(Default)]
pub(crate) struct Effects {
    pub(crate) opens: Option<Opened>,
    pub(crate) closes: Vec<Hash>,
    pub(crate) used: Option<Charge>,
    pub(crate) body: Option<Body>,
    pub(crate) asks: Option<Asked>,
    pub(crate) redeems: Option<Hash>,
    pub(crate) turns: Option<Turn>,
}

/// The growing end of a chain.
pub(crate) struct ChainWriter {
    core: Arc<Core>,
    run: String,
    actor: String,
    chain: Salt,
    seq: u64,
    prev: Option<Hash>,
    health: Arc<ChainHealth>,
}

impl ChainWriter {
    pub(crate) fn new(core: &Arc<Core>, run: &str, actor: &str) -> Result<Self, Error> {
        Ok(ChainWriter {
            core: Arc::clone(core),
            run: run.to_owned(),
            actor: actor.to_owned(),
            chain: B64(core.random()?),
            seq: 0,
            prev: None,
            health: Arc::default(),
        })
    }

    pub(crate) fn id(&self) -> Salt {
        self.chain
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.health.is_dead()
    }

    /// A receipt of this chain with the members that every kind has.
    pub(crate) fn draft(&self, kind: ReceiptKind) -> Result<Receipt, Error> {
        Ok(Receipt {
            iss: self.core.keyid.clone(),
            log: self.core.config.origin.clone(),
            chain: self.chain,
            seq: self.seq,
            iat: self.core.iat()?,
            kind,
            run: self.run.clone(),
            actor: self.actor.clone(),
            sign: SignMode::Self_,
            dur: Durability::BeforeRelease,
            salt: B64(self.core.random()?),
            prev: self.prev,
            ..receipt::blank()
        })
    }

    /// Seals a draft and queues it. The chain moves on only if both succeed.
    pub(crate) fn append(&mut self, draft: &Receipt, effects: Effects) -> Result<Ticket, Error> {
        if self.is_dead() {
            return Err(Error::new(ErrorCode::RunDead, "an earlier receipt of the chain was not written"));
        }
        self.core.writer.check_room()?;
        let sealed = receipt::seal(draft, &self.core.keys.sign)?;
        let entry = Entry {
            sealed,
            run: self.run.clone(),
            chain: self.chain,
            kind: draft.kind,
            iat: draft.iat,
            boot: self.core.boot,
            opens: effects.opens,
            closes: effects.closes,
            used: effects.used,
            body: effects.body,
            asks: effects.asks,
            redeems: effects.redeems,
            turns: effects.turns,
        };
        let ticket = self.core.writer.push(entry, &self.health);
        self.seq += 1;
        self.prev = Some(ticket.receipt_id());
        Ok(ticket)
    }
}
