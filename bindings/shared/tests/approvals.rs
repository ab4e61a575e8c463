//! Requests for approval: lists say what they leave out, and hide nothing that waits.

#![allow(clippy::unwrap_used, reason = "tests")]

use talos_contracts::json::Value;
use talos_contracts::{Action, ApprovalListInput, ApprovalState, KernelOpenInput, RunOpenInput, Verdict};
use talos_shared::sdk::{Kernel, Run};

const POLICY: &str = "id: t
allowed_tools: [pay, look]
approvers: [{name: zoe, key: 'did:key:z6MkfDSNRs2i9S6LZ5vd4RbpZ6754H7R3btDqRTeHhamqvuJ'}]
approvals: [{id: short, tools: [look], expires_seconds: 1}, {id: money, tools: [pay]}]
";

fn ask(run: &Run, tool: &str, n: i64) {
    let action = Action { args: Some(Value::object([("n", Value::from(n))])), ..Run::tool_call(tool) };
    let asked = run.authorize(action).unwrap().wait().unwrap();
    assert_eq!(asked.decision.verdict, Verdict::NeedsApproval, "{:?}", asked.decision.reasons);
}

#[test]
fn what_waits_is_listed_whatever_came_after_it() {
    let input = KernelOpenInput { memory: Some(true), policy: Some(POLICY.to_owned()), ..Default::default() };
    let kernel = Kernel::open(&input).unwrap();
    let run = kernel.open_run(&RunOpenInput::default()).unwrap();
    ask(&run, "pay", 0);
    for n in 0..300 {
        ask(&run, "look", n);
    }
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let list = |state, limit| kernel.approvals(&ApprovalListInput { state, limit }).unwrap();
    let pending = list(Some(ApprovalState::Pending), Some(1));
    assert_eq!((pending.approvals[0].request.target.as_str(), pending.more), ("pay", None));
    let expired = list(Some(ApprovalState::Expired), None);
    assert_eq!((expired.approvals.len(), expired.more), (300, None));
    let cut = list(Some(ApprovalState::Expired), Some(299));
    assert_eq!((cut.approvals.len(), cut.more), (299, Some(true)));
    assert_eq!(list(None, None).approvals.len(), 301);
}
