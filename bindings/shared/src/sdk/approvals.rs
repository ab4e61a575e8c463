//! Requests for approval, behind the door and the classes of each language.

use crate::approval_damaged;
use crate::sdk::Kernel;
use talos_approval::state::{Missing, State};
use talos_contracts::scalar::Hash;
use talos_contracts::*;
use talos_kernel::Case;

/// Requests that a list looks at where no limit is named.
const LIMIT: u64 = 1_000;

impl Kernel {
    /// Requests for approval, the newest first.
    pub fn approvals(&self, input: &ApprovalListInput) -> Result<ApprovalListOutput, Error> {
        let limit = usize::try_from(input.limit.unwrap_or(LIMIT)).unwrap_or(usize::MAX);
        let cases = self.with(|kernel| kernel.approvals(limit))?;
        let is_wanted = |case: &ApprovalCase| input.state.is_none_or(|state| case.state == state);
        let damaged: Vec<ApprovalDamaged> = cases.damaged.iter().map(approval_damaged).collect();
        Ok(ApprovalListOutput {
            approvals: cases.sound.into_iter().map(told).filter(is_wanted).collect(),
            damaged: Some(damaged).filter(|damaged| !damaged.is_empty()),
        })
    }

    /// One request.
    pub fn approval(&self, id: &Hash) -> Result<ApprovalCase, Error> {
        self.with(|kernel| kernel.approval(id)).map(told)
    }

    /// Keeps a person's signed answer. Blocks for the disk.
    pub fn respond(&self, input: &ApprovalRespondInput) -> Result<ApprovalCase, Error> {
        self.with(|kernel| kernel.respond(&input.approval, &input.grant)).map(told)
    }

    /// Answers for a person who has given the one-time code. Blocks for the disk.
    pub fn redeem_code(&self, input: &ApprovalRedeemCodeInput) -> Result<ApprovalCase, Error> {
        let ApprovalRedeemCodeInput { approval, name, code, response, note } = input;
        self.with(|kernel| kernel.redeem_code(approval, name, code, *response, note.as_deref())).map(told)
    }
}

fn told(case: Case) -> ApprovalCase {
    let (state, missing) = match case.state {
        _ if case.redeemed => (ApprovalState::Redeemed, Vec::new()),
        State::Pending { missing } => (ApprovalState::Pending, missing),
        State::Granted => (ApprovalState::Granted, Vec::new()),
        State::Denied { .. } => (ApprovalState::Denied, Vec::new()),
        State::Expired => (ApprovalState::Expired, Vec::new()),
    };
    ApprovalCase {
        approval: *case.request.id(),
        state,
        request: case.request.request().clone(),
        envelope: case.envelope,
        answers: case.answers.iter().map(|answer| answer.grant().clone()).collect(),
        missing: missing.into_iter().map(lack).collect(),
        args: case.args,
    }
}

fn lack(missing: Missing) -> ApprovalMissing {
    let Missing { rule, people, approvers } = missing;
    ApprovalMissing { rule, people, approvers }
}
