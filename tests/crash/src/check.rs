//! What must hold on whatever a crash leaves behind.

use crate::home::kernel_on;
use std::collections::HashSet;
use std::path::Path;
use talos_audit::receipt;
use talos_contracts::json::Value;
use talos_contracts::scalar::Hash;
use talos_contracts::{BudgetUnit, ErrorCode, OutcomeStatus, ReceiptKind, Scope, ScopeLevel, Verdict};
use talos_kernel::{Action, Kernel, Settlement};
use talos_shared::Home;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Leaves before anything was appended.
    pub size: u64,
    /// Calls that the crash left open, all of them named by the gap of the next run.
    pub open: usize,
}

/// Opens the directory with the real code: every acknowledged receipt is there, the log verifies from leaf 0, the next
/// run names the open calls and only them, and writing goes on.
pub fn check(directory: &Path, acknowledged: &[(Hash, u64)]) -> Result<Recovered, String> {
    let say = |what: &'static str| move |error: talos_contracts::Error| format!("{what}: {error}");
    let kernel = kernel_on(directory).map_err(say("the kernel does not open"))?;
    let log = kernel.log();
    for (id, index) in acknowledged {
        let record = log.find(id).map_err(say("an acknowledged receipt is lost"))?;
        if record.index != *index {
            return Err(format!("receipt {id} was acknowledged at {index} and is at {}", record.index));
        }
    }
    let before = log.verify().map_err(say("the log does not verify"))?;

    let home = Home::open(directory).map_err(say("no home"))?;
    let actor = home.did().map_err(say("no key"))?;
    let id = kernel.new_id().map_err(say("no run id"))?;
    let run = kernel.open_run(&id, &actor).map_err(say("no run opens"))?;
    let named = gaps(&kernel, before.size)?;
    let open: HashSet<Hash> = before.summary.open.iter().map(|o| o.decision).collect();
    if named != open {
        return Err(format!("{} calls were open, {} are named by the gap", open.len(), named.len()));
    }
    let args = Value::object([("path", Value::from("/after"))]);
    for target in ["read_file", "write_file"] {
        let action = Action::tool_call(target, target, &args);
        let decision = run.authorize(&action);
        if !decision.allowed() {
            return Err(format!("a call is denied: {:?}", decision.reasons));
        }
        run.start(target, &action).map_err(say("a call does not start"))?;
        let ticket = run.settle(target, &Settlement::new(OutcomeStatus::Ok, None)).map_err(say("no outcome"))?;
        ticket.wait().map_err(say("the outcome is not written"))?;
    }
    run.close().map_err(say("the run does not close"))?;
    log.checkpoint().map_err(say("the log does not sign"))?;
    let after = log.verify().map_err(say("the log does not verify after the next run"))?;
    if !after.summary.open.is_empty() {
        return Err(format!("still open: {:?}", after.summary.open));
    }
    is_paid_for(&kernel)?;
    Ok(Recovered { size: before.size, open: open.len() })
}

/// Where a budget counts all calls: each that a receipt allows was charged, and nothing is held. Nothing here releases.
fn is_paid_for(kernel: &Kernel) -> Result<(), String> {
    let all = Scope { level: ScopeLevel::All, name: None };
    let accounts = kernel.budgets(Some(&all)).map_err(|e| e.to_string())?;
    let Some(account) = accounts.iter().find(|account| account.budget.unit == BudgetUnit::Calls) else { return Ok(()) };
    let size = kernel.log().size().map_err(|e| e.to_string())?;
    let mut allowed = 0;
    for index in 0..size {
        let record = kernel.log().at(index).map_err(|e| e.to_string())?;
        let receipt = receipt::parse_body(&record.sealed.body).map_err(|e| e.to_string())?;
        allowed += u64::from(receipt.verdict == Some(Verdict::Allow));
    }
    if account.spent < allowed || account.held > 0 {
        return Err(format!("{allowed} calls were allowed, {} are charged and {} held", account.spent, account.held));
    }
    Ok(())
}

/// The decisions that gaps from this index on name.
fn gaps(kernel: &Kernel, from: u64) -> Result<HashSet<Hash>, String> {
    let mut named = HashSet::new();
    let size = kernel.log().size().map_err(|e| e.to_string())?;
    for index in from..size {
        let record = kernel.log().at(index).map_err(|e| e.to_string())?;
        let receipt = receipt::parse_body(&record.sealed.body).map_err(|e| e.to_string())?;
        if receipt.kind == ReceiptKind::Gap {
            named.extend(receipt.permits.unwrap_or_default().into_iter().map(|p| p.r#ref));
        }
    }
    Ok(named)
}

/// Whether a code says that the store is at fault.
pub fn is_of_the_store(code: ErrorCode) -> bool {
    code.as_str().starts_with("store.")
}
