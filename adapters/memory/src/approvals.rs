//! Requests for approval, in memory.

use std::collections::HashMap;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_kernel::ports::{Answer, Approval, Asked, KeptCode};

#[derive(Default)]
pub(crate) struct Approvals {
    rows: Vec<Approval>,
    by_id: HashMap<Hash, usize>,
    /// When the arguments are erased that are not to stay.
    erase_at: HashMap<Hash, u64>,
    codes: HashMap<(Hash, String), KeptCode>,
}

impl Approvals {
    pub(crate) fn ask(&mut self, run: &str, asked: &Asked) {
        self.by_id.insert(asked.id, self.rows.len());
        self.rows.push(Approval {
            id: asked.id,
            run: run.to_owned(),
            is_open: false,
            request: asked.request.clone(),
            args: Some(asked.args.clone()),
            answers: Vec::new(),
            redeemed: false,
        });
        self.erase_at.extend(asked.erase_at.map(|at| (asked.id, at)));
        for (name, digest) in &asked.codes {
            self.codes.insert((asked.id, name.clone()), KeptCode { digest: *digest, attempts: 0 });
        }
    }

    pub(crate) fn find(&self, id: &Hash) -> Option<&Approval> {
        self.rows.get(*self.by_id.get(id)?)
    }

    fn find_mut(&mut self, id: &Hash) -> Option<&mut Approval> {
        self.rows.get_mut(*self.by_id.get(id)?)
    }

    pub(crate) fn list(&self, run: Option<&str>, limit: usize) -> Vec<Approval> {
        let is_wanted = |row: &&Approval| run.is_none_or(|run| row.run == run);
        self.rows.iter().rev().filter(is_wanted).take(limit).cloned().collect()
    }

    pub(crate) fn redeem(&mut self, id: &Hash) {
        if let Some(row) = self.find_mut(id) {
            row.redeemed = true;
        }
        self.erase(id);
    }

    /// Erases the arguments of a request, unless they are to stay.
    pub(crate) fn erase(&mut self, id: &Hash) {
        if self.erase_at.remove(id).is_some()
            && let Some(row) = self.find_mut(id)
        {
            row.args = None;
        }
    }

    /// Erases the arguments of requests whose time is over.
    pub(crate) fn erase_until(&mut self, now_ms: u64) {
        let over: Vec<Hash> = self.erase_at.iter().filter(|(_, at)| **at <= now_ms).map(|(id, _)| *id).collect();
        over.iter().for_each(|id| self.erase(id));
    }

    pub(crate) fn answer(&mut self, id: &Hash, answer: &Answer) -> Result<(), Error> {
        let row =
            self.find_mut(id).ok_or_else(|| Error::new(ErrorCode::ApprovalUnknown, format!("no request {id}")))?;
        if row.answers.iter().any(|known| known.name == answer.name) {
            let why = format!("{:?} has answered this request before", answer.name);
            return Err(Error::new(ErrorCode::ApprovalDuplicate, why));
        }
        row.answers.push(answer.clone());
        Ok(())
    }

    pub(crate) fn try_code(&mut self, id: &Hash, name: &str) -> Option<KeptCode> {
        let code = self.codes.get_mut(&(*id, name.to_owned()))?;
        let before = *code;
        code.attempts += 1;
        Some(before)
    }
}
