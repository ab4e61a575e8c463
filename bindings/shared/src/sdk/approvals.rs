//! Requests for approval, behind the door and the classes of each language.

use crate::sdk::Kernel;
use crate::{SystemClock, approval_damaged, has_ended, missing_of, requests, state_of};
use talos_contracts::scalar::Hash;
use talos_contracts::*;
use talos_kernel::Case;
use talos_kernel::ports::Clock;

/// Requests of a list where no limit is named.
const LIMIT: u64 = 1_000;

impl Kernel {
    /// Requests for approval, the newest first.
    pub fn approvals(&self, input: &ApprovalListInput) -> Result<ApprovalListOutput, Error> {
        let limit = usize::try_from(input.limit.unwrap_or(LIMIT)).unwrap_or(usize::MAX);
        let is_wanted = |case: &Case| input.state.is_none_or(|state| state_of(case) == state);
        let is_open = matches!(input.state, Some(ApprovalState::Pending | ApprovalState::Granted));
        let now = SystemClock::default().wall_ms()?;
        let ends = |case: &Case| is_open && has_ended(case, now);
        self.with(|kernel| {
            let listed = requests(kernel, limit, is_wanted, ends)?;
            let approvals = listed.cases.into_iter().map(|case| told(kernel, case)).collect::<Result<_, _>>()?;
            let damaged: Vec<ApprovalDamaged> = listed.damaged.iter().take(limit).map(approval_damaged).collect();
            Ok(ApprovalListOutput {
                approvals,
                damaged: Some(damaged).filter(|damaged| !damaged.is_empty()),
                more: listed.more.then_some(true),
            })
        })
    }

    /// One request.
    pub fn approval(&self, id: &Hash) -> Result<ApprovalCase, Error> {
        self.with(|kernel| told(kernel, kernel.approval(id)?))
    }

    /// Keeps a person's signed answer. Blocks for the disk.
    pub fn respond(&self, input: &ApprovalRespondInput) -> Result<ApprovalCase, Error> {
        self.with(|kernel| told(kernel, kernel.respond(&input.approval, &input.grant)?))
    }

    /// Answers for a person who has given the one-time code. Blocks for the disk.
    pub fn redeem_code(&self, input: &ApprovalRedeemCodeInput) -> Result<ApprovalCase, Error> {
        let ApprovalRedeemCodeInput { approval, name, code, response, note } = input;
        self.with(|kernel| told(kernel, kernel.redeem_code(approval, name, code, *response, note.as_deref())?))
    }
}

fn told(kernel: &talos_kernel::Kernel, case: Case) -> Result<ApprovalCase, Error> {
    let (state, stale) = (state_of(&case), kernel.stale(&case)?);
    Ok(ApprovalCase {
        approval: *case.request.id(),
        state,
        stale,
        request: case.request.request().clone(),
        envelope: case.envelope,
        answers: case.answers.iter().map(|answer| answer.grant().clone()).collect(),
        missing: if case.redeemed { Vec::new() } else { missing_of(&case.state) },
        args: case.args,
    })
}
