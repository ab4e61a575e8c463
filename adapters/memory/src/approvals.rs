//! Requests for approval, in memory.

use std::collections::HashMap;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_kernel::ports::{Answer, Approval, Asked, KeptCode};

#[derive(Default)]
pub(crate) struct Approvals {
    rows: Vec<Approval>,
    by_id: HashMap<Hash, usize>,
    codes: HashMap<(Hash, String), KeptCode>,
}

impl Approvals {
    pub(crate) fn ask(&mut self, run: &str, asked: &Asked) {
        self.by_id.insert(asked.id, self.rows.len());
        self.rows.push(Approval {
            id: asked.id,
            run: run.to_owned(),
            request: asked.request.clone(),
            args: asked.args.clone(),
            answers: Vec::new(),
            redeemed: false,
        });
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
