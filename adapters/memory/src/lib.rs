//! A store that lives as long as the process: for tests, and for hosts that keep no evidence.
//!
//! Each [`MemoryStore`] handle is one writer, as a process is on a disk: dropping it is a crash,
//! and the next writer that begins a run finds what it left open.

mod approvals;
mod mailbox;

pub use crate::mailbox::MemoryMailbox;

use crate::approvals::Approvals;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use talos_audit::tree::{self, Frontier, MemoryTree, Nodes};
use talos_budget::{Actual, Ledger, Request, Span, Unit};
use talos_contracts::scalar::{B64, Hash, Salt};
use talos_contracts::{Budget, BudgetAccount, Error, ErrorCode, ReceiptKind, Scope};
use talos_kernel::ports::{
    Answer, Approval, Begun, Budgets, Committed, Damaged, Entry, HeadKeeper, KeptCode, KeptHead, KnownCall, NextHead,
    Opened, Orphan, Record, Standing, Store, Turn,
};

#[derive(Default)]
struct Inner {
    tree: MemoryTree,
    records: Vec<Record>,
    by_id: HashMap<Hash, u64>,
    runs: HashMap<String, RunRow>,
    calls: Vec<CallRow>,
    by_decision: HashMap<Hash, usize>,
    alive: HashSet<Salt>,
    newest_iat: u64,
    standing: Arc<Standing>,
    approvals: Approvals,
    checkpoint: Option<(u64, String)>,
}

#[derive(Clone)]
struct RunRow {
    boot: Option<Salt>,
    last: Option<Hash>,
}

struct CallRow {
    run: String,
    opened: Opened,
    decision: Hash,
    boot: Salt,
    claimed_by: Option<String>,
    open: bool,
}

/// One writer's handle on a store in memory.
#[derive(Default)]
pub struct MemoryStore {
    inner: Arc<Mutex<Inner>>,
    budgets: Arc<Shared>,
    boots: Mutex<HashSet<Salt>>,
}

/// Apart from the log, so that a reservation waits for no receipt.
#[derive(Default)]
struct Shared {
    /// Whether the ledger has any budget, to be read without its lock.
    any: AtomicBool,
    ledger: Mutex<Ledger>,
}

impl MemoryStore {
    /// Another writer on the same store.
    pub fn another(&self) -> Self {
        MemoryStore { inner: Arc::clone(&self.inner), budgets: Arc::clone(&self.budgets), boots: Mutex::default() }
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.budgets.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MemoryStore {
    fn drop(&mut self) {
        let boots = std::mem::take(&mut *self.boots.lock().unwrap_or_else(PoisonError::into_inner));
        let mut inner = self.lock();
        boots.iter().for_each(|boot| {
            inner.alive.remove(boot);
        });
    }
}

impl Store for MemoryStore {
    fn begin(&self, boot: Salt, run: &str) -> Result<Begun, Error> {
        let mut inner = self.lock();
        let holder = inner.runs.get(run).and_then(|r| r.boot);
        if holder.is_some_and(|h| h != boot && inner.alive.contains(&h)) {
            return Err(Error::new(ErrorCode::RunBusy, "another live writer holds this run"));
        }
        inner.alive.insert(boot);
        self.boots.lock().unwrap_or_else(PoisonError::into_inner).insert(boot);
        let Inner { calls, alive, .. } = &mut *inner;
        let mut orphans = Vec::new();
        for row in calls.iter_mut().filter(|row| row.open) {
            if !alive.contains(&row.boot) {
                (row.boot, row.claimed_by) = (boot, Some(run.to_owned()));
            }
            // What one run has claimed is in its gap already, or will be.
            if row.boot == boot && row.claimed_by.as_deref().unwrap_or(&row.run) == run {
                orphans.push(Orphan { run: row.run.clone(), call: row.opened.call.clone(), decision: row.decision });
            }
        }
        let known = calls
            .iter()
            .filter(|row| row.run == run)
            .map(|row| KnownCall { opened: row.opened.clone(), decision: row.decision });
        let known = known.collect();
        let row = inner.runs.entry(run.to_owned()).or_insert(RunRow { boot: None, last: None });
        row.boot = Some(boot);
        let predecessor = row.last;
        Ok(Begun { predecessor, orphans, known, newest_iat: inner.newest_iat })
    }

    fn commit(&self, batch: &[&Entry]) -> Result<Committed, Error> {
        let mut inner = self.lock();
        inner.check(batch)?;
        let first_index = inner.tree.frontier().size();
        for entry in batch {
            inner.append(entry);
        }
        Ok(Committed { first_index, newest_iat: inner.newest_iat })
    }

    fn end(&self, boot: Salt, run: &str) -> Result<(), Error> {
        if let Some(row) = self.lock().runs.get_mut(run).filter(|row| row.boot == Some(boot)) {
            row.boot = None;
        }
        Ok(())
    }

    fn frontier(&self) -> Result<Frontier, Error> {
        Ok(self.lock().tree.frontier().clone())
    }

    fn node(&self, level: u32, index: u64) -> Result<Hash, Error> {
        let inner = self.lock();
        let complete = inner.tree.frontier().size().checked_shr(level).unwrap_or(0);
        if index >= complete {
            return Err(Error::new(ErrorCode::StoreCorrupt, "no such subtree"));
        }
        inner.tree.node(level, index).map_err(|never| match never {})
    }

    fn record(&self, index: u64) -> Result<Option<Record>, Error> {
        Ok(usize::try_from(index).ok().and_then(|i| self.lock().records.get(i).cloned()))
    }

    fn find(&self, id: &Hash) -> Result<Option<Record>, Error> {
        let inner = self.lock();
        Ok(inner.by_id.get(id).and_then(|i| inner.records.get(*i as usize)).cloned())
    }

    fn standing(&self) -> Result<Arc<Standing>, Error> {
        Ok(Arc::clone(&self.lock().standing))
    }

    fn turn(&self, turn: &Turn) -> Result<(), Error> {
        Arc::make_mut(&mut self.lock().standing).turn(turn);
        Ok(())
    }

    fn approvals(&self, run: Option<&str>, limit: usize) -> Result<Vec<Result<Approval, Damaged>>, Error> {
        let inner = self.lock();
        Ok(inner.approvals.list(run, limit).into_iter().map(|row| Ok(inner.with_liveness(row))).collect())
    }

    fn approval(&self, id: &Hash) -> Result<Option<Approval>, Error> {
        let inner = self.lock();
        Ok(inner.approvals.find(id).cloned().map(|row| inner.with_liveness(row)))
    }

    fn answer(&self, id: &Hash, answer: &Answer) -> Result<(), Error> {
        self.lock().approvals.answer(id, answer)
    }

    fn erase_args(&self, id: &Hash) -> Result<(), Error> {
        self.lock().approvals.erase(id);
        Ok(())
    }

    fn try_code(&self, id: &Hash, name: &str) -> Result<Option<KeptCode>, Error> {
        Ok(self.lock().approvals.try_code(id, name))
    }

    fn checkpoint(&self) -> Result<Option<(u64, String)>, Error> {
        Ok(self.lock().checkpoint.clone())
    }

    fn set_checkpoint(&self, size: u64, note: &str) -> Result<(), Error> {
        let mut inner = self.lock();
        if inner.checkpoint.as_ref().is_none_or(|(kept, _)| *kept <= size) {
            inner.checkpoint = Some((size, note.to_owned()));
        }
        Ok(())
    }
}

impl Budgets for MemoryStore {
    fn any(&self) -> Result<bool, Error> {
        Ok(self.budgets.any.load(Ordering::Acquire))
    }

    fn reserve(&self, boot: Salt, now_ms: u64, request: &Request<'_>) -> Result<talos_budget::Answer, Error> {
        self.ledger().reserve_for(boot.0, now_ms, request)
    }

    fn settle(&self, now_ms: u64, id: &str, actual: &Actual) -> Result<(), Error> {
        self.ledger().settle(now_ms, id, actual).map(|_| ())
    }

    fn expire(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        let mut ledger = self.ledger();
        if ledger.reservation(id).is_none() { Ok(()) } else { ledger.expire(now_ms, id).map(|_| ()) }
    }

    fn expire_dead(&self, now_ms: u64) -> Result<u64, Error> {
        // Held, so that nobody comes alive meanwhile.
        let inner = self.lock();
        self.ledger().expire_of(now_ms, |owner| !inner.alive.contains(&B64(*owner)))
    }

    fn release(&self, now_ms: u64, id: &str) -> Result<(), Error> {
        self.ledger().release(now_ms, id).map(|_| ())
    }

    fn set(&self, budget: &Budget) -> Result<Budget, Error> {
        let mut ledger = self.ledger();
        let set = ledger.set(budget)?;
        self.budgets.any.store(true, Ordering::Release);
        Ok(set)
    }

    fn remove(&self, scope: &Scope, unit: Unit, span: Span) -> Result<(), Error> {
        let mut ledger = self.ledger();
        ledger.remove(scope, unit, span)?;
        self.budgets.any.store(!ledger.is_empty(), Ordering::Release);
        Ok(())
    }

    fn accounts(&self, now_ms: u64, scope: Option<&Scope>) -> Result<Vec<BudgetAccount>, Error> {
        Ok(self.ledger().accounts(now_ms, scope))
    }
}

impl Inner {
    fn with_liveness(&self, row: Approval) -> Approval {
        let boot = self.runs.get(&row.run).and_then(|run| run.boot);
        Approval { is_open: boot.is_some_and(|boot| self.alive.contains(&boot)), ..row }
    }

    /// A batch is taken whole or not at all.
    fn check(&self, batch: &[&Entry]) -> Result<(), Error> {
        let mut opened: HashSet<Hash> = HashSet::new();
        let mut closed: HashSet<Hash> = HashSet::new();
        let mut ids: HashSet<Hash> = HashSet::new();
        let mut redeemed: HashSet<Hash> = HashSet::new();
        for entry in batch {
            if self.by_id.contains_key(&entry.sealed.id) || !ids.insert(entry.sealed.id) {
                return Err(Error::new(ErrorCode::StoreCorrupt, "a receipt with this id is in the log"));
            }
            for decision in &entry.closes {
                let open = opened.contains(decision)
                    || self.by_decision.get(decision).is_some_and(|row| self.calls[*row].open);
                if !open || !closed.insert(*decision) {
                    return Err(Error::new(ErrorCode::RunDead, "another writer has closed this call"));
                }
            }
            if entry.opens.is_some() {
                opened.insert(entry.sealed.id);
            }
            if let Some(id) = &entry.redeems
                && (self.approvals.find(id).is_none_or(|a| a.redeemed) || !redeemed.insert(*id))
            {
                return Err(Error::new(ErrorCode::ApprovalRedeemed, "the approval was used before"));
            }
        }
        Ok(())
    }

    fn append(&mut self, entry: &Entry) {
        let index = self.tree.frontier().size();
        self.tree.append(tree::leaf_hash(&tree::entry(&entry.sealed.id)));
        self.records.push(Record { index, sealed: entry.sealed.clone(), body: entry.body.clone() });
        self.by_id.insert(entry.sealed.id, index);
        self.newest_iat = self.newest_iat.max(entry.iat);
        if let Some(opened) = &entry.opens {
            self.by_decision.insert(entry.sealed.id, self.calls.len());
            self.calls.push(CallRow {
                run: entry.run.clone(),
                opened: opened.clone(),
                decision: entry.sealed.id,
                boot: entry.boot,
                claimed_by: None,
                open: true,
            });
        }
        for decision in &entry.closes {
            if let Some(row) = self.by_decision.get(decision) {
                let row = &mut self.calls[*row];
                row.open = false;
                if let Some(used) = &entry.used {
                    let charge = &mut row.opened.charge;
                    (charge.tokens, charge.micro) = (charge.tokens.max(used.tokens), charge.micro.max(used.micro));
                }
            }
        }
        if entry.kind == ReceiptKind::Open || entry.asks.is_some() {
            self.approvals.erase_until(entry.iat);
        }
        if let Some(asked) = &entry.asks {
            self.approvals.ask(&entry.run, asked);
        }
        if let Some(id) = &entry.redeems {
            self.approvals.redeem(id);
        }
        if let Some(turn) = &entry.turns {
            Arc::make_mut(&mut self.standing).turn(turn);
        }
        if let Some(row) = self.runs.get_mut(&entry.run) {
            row.last = Some(entry.sealed.id);
        }
    }
}

/// A head that is kept in memory.
#[derive(Default)]
pub struct MemoryHead(Mutex<Option<KeptHead>>);

impl HeadKeeper for MemoryHead {
    fn load(&self) -> Result<Option<KeptHead>, Error> {
        Ok(*self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn exchange(&self, next: &mut NextHead<'_>) -> Result<(), Error> {
        let mut head = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *head = Some(next(*head)?);
        Ok(())
    }
}
