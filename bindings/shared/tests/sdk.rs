//! The object model: what a host is promised about calls, waiting, panics and the end.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

/// A store that tests hold back or break.
#[path = "../../../core/kernel/tests/common/mod.rs"]
mod common;

use common::{Mode, Rig};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::{
    Action, AuditProveInput, Decision, Effect, ErrorCode, KernelOpenInput, Outcome, OutcomeStatus, PermitState,
    Receipt, ReceiptGetInput, ReceiptKind, RunOpenInput, Verdict,
};
use talos_shared::sdk::{Begun, Kernel, Permit, Run, Soon, Started};
use talos_verify::Trust;

const POLICY: &str = "id: t
allowed_tools:
  - {name: read_file, effect: read}
  - {name: write_file, effect: write}
  - {name: erase, effect: irreversible}
";
const OK: Outcome =
    Outcome { status: OutcomeStatus::Ok, result: None, tokens: None, amount: None, confidence_bp: None, session: None };
const LONG: Duration = Duration::from_secs(20);

fn in_memory() -> Kernel {
    let input = KernelOpenInput { memory: Some(true), policy: Some(POLICY.to_owned()), ..Default::default() };
    Kernel::open(&input).unwrap()
}

fn over(rig: &Rig) -> Kernel {
    Kernel::from_parts(rig.kernel().clone()).unwrap()
}

fn run_of(kernel: &Kernel) -> Run {
    kernel.open_run(&RunOpenInput::default()).unwrap()
}

fn begin(run: &Run, target: &str) -> Started {
    match run.begin(Run::tool_call(target)).unwrap().wait().unwrap() {
        Begun::Started(started) => started,
        Begun::Denied(decision) => panic!("{:?}", decision.reasons),
    }
}

fn named(target: &str, call: &str) -> Action {
    Action { call: Some(call.to_owned()), ..Run::tool_call(target) }
}

/// All receipts of the log, whose checks all hold.
fn receipts(kernel: &Kernel) -> Vec<Receipt> {
    let size = kernel.verify_log().unwrap().size;
    let at = |index| kernel.receipt(&ReceiptGetInput { receipt_id: None, index: Some(index) }).unwrap().receipt;
    (0..size).map(at).collect()
}

fn kinds(kernel: &Kernel) -> Vec<ReceiptKind> {
    receipts(kernel).iter().map(|receipt| receipt.kind).collect()
}

fn code<T>(result: Result<T, talos_contracts::Error>) -> ErrorCode {
    result.map(|_| ()).unwrap_err().code
}

#[test]
fn a_begun_call_is_on_disk_before_the_host_executes_and_after_it_settled() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let started = begin(&run, "write_file");
    assert_eq!((started.decision.verdict, started.decision.index), (Verdict::Allow, Some(1)));
    assert_eq!(started.permit.state().unwrap(), PermitState::Started);
    let settled = started.permit.settle(&OK).unwrap().wait().unwrap().unwrap();
    assert_eq!(settled.index, 2);
    let proof = kernel.prove(&AuditProveInput { index: Some(2), ..Default::default() }).unwrap();
    let about = kernel.describe().unwrap();
    let trust = Trust::parse(&[about.log_key], &[about.issuer]).unwrap();
    assert_eq!(talos_verify::bundle(&proof, &trust).unwrap().receipt_id, settled.receipt_id);
}

#[test]
fn a_denial_is_a_value_with_a_durable_receipt() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let Begun::Denied(decision) = run.begin(Run::tool_call("delete")).unwrap().wait().unwrap() else {
        panic!("started")
    };
    assert_eq!(decision.reasons[0].code, ErrorCode::PolicyToolNotAllowed);
    let receipt = kernel.receipt(&ReceiptGetInput { receipt_id: decision.receipt_id, index: None }).unwrap();
    assert_eq!(receipt.receipt.verdict, Some(Verdict::Deny));
}

#[test]
fn what_cannot_be_an_action_is_a_receipted_denial() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let error = talos_contracts::Error::new(ErrorCode::MalformedNumber, "NaN ".repeat(1000));
    let asked = run.refuse(None, "write_file", &error).unwrap().wait().unwrap();
    assert!(asked.permit.is_none());
    assert_eq!(asked.decision.reasons[0].code, ErrorCode::MalformedNumber);
    assert_eq!(asked.decision.index, Some(1));
    let read = Decision::read(&json::parse(&asked.decision.canonical(), Profile::Data).unwrap()).unwrap();
    assert!(read.reasons[0].message.starts_with("NaN NaN"), "what was wrong is told, within bounds");
}

#[test]
fn a_permit_that_is_dropped_leaves_its_call_in_no_doubt() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    drop(begin(&run, "write_file"));
    drop(run.authorize(Run::tool_call("write_file")).unwrap().wait().unwrap());
    // Not the end of the run: that would settle them, too. A denial waits until all before it is on disk.
    run.authorize(Run::tool_call("unlisted")).unwrap().wait().unwrap();
    assert_eq!(kernel.verify_log().unwrap().open, 0);
    let receipts = receipts(&kernel);
    let status = receipts.iter().find_map(|receipt| receipt.outcome.as_ref()).unwrap().status;
    assert_eq!(status, OutcomeStatus::Unknown);
    assert_eq!(receipts.iter().filter(|receipt| receipt.kind == ReceiptKind::Release).count(), 1);
}

#[test]
fn a_clone_of_a_permit_keeps_it_alive() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let permit: Permit = begin(&run, "write_file").permit.clone();
    assert_eq!(permit.state().unwrap(), PermitState::Started);
    permit.settle(&OK).unwrap().wait().unwrap();
    drop(permit);
    assert_eq!(kinds(&kernel), [ReceiptKind::Open, ReceiptKind::Decision, ReceiptKind::Outcome]);
}

#[test]
fn a_call_that_the_host_names_has_one_permit() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let first = run.authorize(named("write_file", "c1")).unwrap().wait().unwrap();
    let again = run.authorize(named("write_file", "c1")).unwrap().wait().unwrap();
    assert_eq!(again.decision.decision_id, first.decision.decision_id);
    drop(again);
    first.permit.as_ref().unwrap().start().unwrap().wait().unwrap();
    let late = run.authorize(named("write_file", "c1")).unwrap().wait().unwrap();
    assert!(late.permit.is_none(), "a started call mints no permit");
    first.permit.unwrap().settle(&OK).unwrap().wait().unwrap();
}

#[test]
fn decisions_and_begun_reads_wait_for_no_disk() {
    let rig = Rig::with_policy(POLICY);
    let kernel = over(&rig);
    let run = run_of(&kernel);
    rig.switch.set(Mode::Blocks);
    assert!(run.decide(Run::tool_call("write_file")).unwrap().permit.is_some());
    let Soon::Now(Ok(Begun::Started(started))) = run.begin(Run::tool_call("read_file")).unwrap() else {
        panic!("a read waited")
    };
    assert!(matches!(started.permit.settle(&OK).unwrap(), Soon::Now(Ok(None))));
    rig.switch.set(Mode::Works);
}

#[test]
fn nothing_but_a_read_begins_before_its_receipt_is_on_disk() {
    let rig = Rig::with_policy(POLICY);
    let kernel = over(&rig);
    let run = run_of(&kernel);
    for target in ["write_file", "erase", "unlisted"] {
        rig.switch.set(Mode::Blocks);
        let (tell, told) = mpsc::channel();
        run.begin(Run::tool_call(target)).unwrap().then(move |begun| tell.send(begun.unwrap()).unwrap());
        assert!(told.recv_timeout(Duration::from_millis(50)).is_err(), "{target} was begun too early");
        rig.switch.set(Mode::Works);
        match told.recv_timeout(LONG).unwrap() {
            Begun::Started(started) => drop(started.permit.settle(&OK).unwrap().wait().unwrap()),
            Begun::Denied(decision) => assert_eq!((target, decision.index.is_some()), ("unlisted", true)),
        }
    }
}

#[test]
fn a_receipt_that_cannot_be_written_denies() {
    let rig = Rig::with_policy(POLICY);
    let kernel = over(&rig);
    let run = run_of(&kernel);
    rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
    let Begun::Denied(decision) = run.begin(Run::tool_call("write_file")).unwrap().wait().unwrap() else {
        panic!("started without evidence")
    };
    assert_eq!((decision.verdict, decision.reasons[0].code), (Verdict::Deny, ErrorCode::StoreFull));
    assert!(decision.receipt_id.is_none());
}

#[test]
fn a_callback_may_call_the_kernel_and_may_panic() {
    let rig = Rig::with_policy(POLICY);
    let kernel = over(&rig);
    let run = run_of(&kernel);
    rig.switch.set(Mode::Blocks);
    let (tell, told) = mpsc::channel();
    run.authorize(Run::tool_call("write_file")).unwrap().then(|_| panic!("the host's own fault"));
    let again = run.clone();
    run.authorize(Run::tool_call("write_file")).unwrap().then(move |_| {
        let begun = again.begin(Run::tool_call("write_file")).unwrap().wait().unwrap();
        tell.send(matches!(begun, Begun::Started(_))).unwrap();
    });
    rig.switch.set(Mode::Works);
    assert!(told.recv_timeout(LONG).unwrap());
    assert!(kernel.describe().is_ok(), "a host's panic is not the kernel's");
}

#[test]
fn a_panic_poisons_and_later_calls_fail_closed() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let permit = run.authorize(Run::tool_call("write_file")).unwrap().wait().unwrap().permit.unwrap();
    assert_eq!(code(kernel.fault()), ErrorCode::InternalPanic);
    assert_eq!(code(run.decide(Run::tool_call("read_file"))), ErrorCode::KernelPoisoned);
    assert_eq!(code(run.begin(Run::tool_call("read_file"))), ErrorCode::KernelPoisoned);
    assert_eq!(code(permit.start()), ErrorCode::KernelPoisoned);
    assert_eq!(code(permit.settle(&OK)), ErrorCode::KernelPoisoned);
    assert_eq!(code(kernel.open_run(&RunOpenInput::default())), ErrorCode::KernelPoisoned);
    assert_eq!(code(kernel.checkpoint()), ErrorCode::KernelPoisoned);
    assert_eq!(code(kernel.close()), ErrorCode::KernelPoisoned);
}

#[test]
fn a_port_that_panics_poisons_too() {
    let rig = Rig::with_policy(POLICY);
    let kernel = over(&rig);
    let run = run_of(&kernel);
    rig.switch.standing_panics.store(1, Ordering::SeqCst);
    let asked = run.decide(Run::tool_call("read_file")).unwrap();
    assert_eq!(asked.decision.verdict, Verdict::Deny);
    assert!(asked.permit.is_none());
    assert_eq!(code(run.decide(Run::tool_call("read_file"))), ErrorCode::KernelPoisoned);
}

#[test]
fn closing_ends_the_runs_and_everything_after_it() {
    let kernel = in_memory();
    let (one, two) = (run_of(&kernel), run_of(&kernel));
    let started = begin(&one, "write_file");
    two.close().unwrap();
    kernel.close().unwrap();
    kernel.close().unwrap();
    assert_eq!(code(one.decide(Run::tool_call("read_file"))), ErrorCode::KernelClosed);
    assert_eq!(code(started.permit.settle(&OK)), ErrorCode::KernelClosed);
    assert_eq!(code(kernel.describe()), ErrorCode::KernelClosed);
}

#[test]
fn a_directory_is_made_used_again_and_keeps_its_agents() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("talos").display().to_string();
    let open = || Kernel::open(&KernelOpenInput { directory: Some(path.clone()), ..Default::default() }).unwrap();
    let first = open();
    let agent = first.identity("reader").unwrap().did;
    let run = first.open_run(&RunOpenInput { agent: Some("reader".to_owned()), ..Default::default() }).unwrap();
    assert_eq!(run.actor(), agent);
    let allowed = Action { effect: Some(Effect::Read), ..Run::tool_call("anything") };
    assert!(run.decide(allowed).unwrap().permit.is_some(), "the built-in policy lets declared reads pass");
    first.close().unwrap();
    let second = open();
    assert_eq!(second.identity("reader").unwrap().did, agent);
    assert_eq!(second.describe().unwrap().issuer, first_issuer(&path));
    assert!(second.verify_log().unwrap().size >= 4);
}

fn first_issuer(directory: &str) -> String {
    std::fs::read_to_string(format!("{directory}/identity.did")).unwrap().trim().to_owned()
}

#[test]
fn sixteen_threads_share_a_run_and_every_call_has_its_outcome() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let barrier = Arc::new(Barrier::new(16));
    let begun = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let (run, barrier, begun) = (run.clone(), Arc::clone(&barrier), Arc::clone(&begun));
            thread::spawn(move || {
                barrier.wait();
                for target in ["read_file", "write_file", "erase"].repeat(8) {
                    let started = begin(&run, target);
                    begun.fetch_add(1, Ordering::Relaxed);
                    started.permit.settle(&OK).unwrap().wait().unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    run.close().unwrap();
    let report = kernel.verify_log().unwrap();
    assert_eq!((begun.load(Ordering::Relaxed), report.open), (16 * 24, 0));
    let outcomes = kinds(&kernel).iter().filter(|kind| **kind == ReceiptKind::Outcome).count();
    assert_eq!(outcomes, 16 * 24);
}

#[test]
fn an_action_of_another_run_is_refused() {
    let kernel = in_memory();
    let (one, two) = (run_of(&kernel), run_of(&kernel));
    let action = Action { run: Some(two.id().to_owned()), ..Run::tool_call("read_file") };
    assert_eq!(code(one.decide(action)), ErrorCode::MalformedValue);
}

#[test]
fn results_are_committed_to() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let result: Value = json::parse(b"{\"rows\":[1,2]}", Profile::Data).unwrap();
    let started = begin(&run, "write_file");
    started.permit.settle(&Outcome { result: Some(result), ..OK }).unwrap().wait().unwrap();
    assert!(receipts(&kernel)[2].outcome.as_ref().unwrap().result_commit.is_some());
}

#[test]
fn a_permit_knows_its_end() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    let settled = begin(&run, "write_file").permit;
    settled.settle(&OK).unwrap().wait().unwrap();
    assert_eq!(settled.state().unwrap(), PermitState::Settled);
    assert_eq!(code(settled.settle(&OK)), ErrorCode::CallState);
    assert_eq!(code(settled.start()), ErrorCode::CallState);
    let released = run.decide(Run::tool_call("write_file")).unwrap().permit.unwrap();
    released.release().unwrap().wait().unwrap();
    assert_eq!(released.state().unwrap(), PermitState::Released);
}

/// Resident memory of this process in KiB.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A call that is remembered takes about a kilobyte.
#[test]
#[cfg(target_os = "linux")]
fn a_run_that_lives_for_long_does_not_grow() {
    let directory = tempfile::tempdir().unwrap();
    let input = KernelOpenInput {
        directory: Some(directory.path().join("talos").display().to_string()),
        policy: Some(POLICY.to_owned()),
        ..Default::default()
    };
    let kernel = Kernel::open(&input).unwrap();
    let run = run_of(&kernel);
    let work = |rounds: usize| {
        for _ in 0..rounds {
            // Reads do not wait, so the queue is given time by a denial, which does.
            for _ in 0..200 {
                let started = begin(&run, "read_file");
                started.permit.settle(&OK).unwrap().wait().unwrap();
                run.decide(Run::tool_call("delete")).unwrap();
            }
            run.authorize(Run::tool_call("delete")).unwrap().wait().unwrap();
        }
    };
    work(20);
    let before = resident();
    work(100);
    let grown = resident().saturating_sub(before);
    assert!(grown < 12 * 1024, "40,000 calls left {grown} KiB");
}

/// After a batch that failed, nothing waits for the disk where a host decides: the run goes on when
/// a thread has begun its next chain.
#[test]
fn a_dead_chain_is_answered_at_once_and_followed_by_another() {
    let rig = Rig::with_policy(POLICY);
    let kernel = over(&rig);
    let run = run_of(&kernel);
    let open = begin(&run, "write_file");
    rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
    let Begun::Denied(_) = run.begin(Run::tool_call("write_file")).unwrap().wait().unwrap() else { panic!("started") };
    rig.switch.set(Mode::Blocks);
    let asked = std::time::Instant::now();
    for _ in 0..100 {
        let decision = run.decide(Run::tool_call("read_file")).unwrap().decision;
        assert_eq!((decision.verdict, decision.reasons[0].code), (Verdict::Deny, ErrorCode::RunDead));
    }
    assert_eq!(code(open.permit.settle(&OK)), ErrorCode::RunDead);
    drop(open);
    assert!(asked.elapsed() < Duration::from_secs(2), "something waited for the disk");
    rig.switch.set(Mode::Works);
    let deadline = std::time::Instant::now() + LONG;
    while run.decide(Run::tool_call("read_file")).unwrap().permit.is_none() {
        assert!(std::time::Instant::now() < deadline, "the run does not go on");
        thread::sleep(Duration::from_millis(5));
    }
    run.close().unwrap();
    let gaps = kinds(&kernel).iter().filter(|kind| **kind == ReceiptKind::Gap).count();
    assert_eq!(gaps, 1, "the gap names the call that the dead chain left open");
}

#[test]
fn a_kernel_that_is_dropped_with_the_disk_at_a_stand_keeps_nobody_waiting() {
    let rig = Rig::with_policy(POLICY);
    let kernel = Kernel::from_parts(rig.another_kernel()).unwrap();
    let run = run_of(&kernel);
    rig.switch.set(Mode::Blocks);
    let begun = begin(&run, "read_file");
    let asked = std::time::Instant::now();
    drop((begun, run, kernel));
    assert!(asked.elapsed() < Duration::from_secs(2));
    rig.switch.set(Mode::Works);
}

#[test]
fn a_closed_run_is_an_error_and_not_a_denial() {
    let kernel = in_memory();
    let run = run_of(&kernel);
    run.close().unwrap();
    assert_eq!(code(run.decide(Run::tool_call("read_file"))), ErrorCode::RunClosed);
    assert_eq!(code(run.begin(Run::tool_call("read_file"))), ErrorCode::RunClosed);
    assert_eq!(code(run.refuse(None, "x", &ErrorCode::MalformedType.into())), ErrorCode::RunClosed);
    assert_eq!(code(run.close()), ErrorCode::RunClosed);
}

#[test]
fn the_name_of_an_agent_leads_out_of_no_folder() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("talos").display().to_string();
    let kernel = Kernel::open(&KernelOpenInput { directory: Some(path), ..Default::default() }).unwrap();
    for name in ["../sign", "", "a/b", "A", ".hidden", "-x", "a\0"] {
        assert_eq!(code(kernel.identity(name)), ErrorCode::MalformedValue, "{name:?}");
    }
}

#[test]
fn whoever_is_under_way_when_a_kernel_closes_hears_that_it_is_closed() {
    for _ in 0..20 {
        let kernel = in_memory();
        let run = run_of(&kernel);
        let asking: Vec<_> = (0..4)
            .map(|_| {
                let run = run.clone();
                thread::spawn(move || {
                    loop {
                        if let Err(error) = run.decide(Run::tool_call("read_file")) {
                            return error.code;
                        }
                    }
                })
            })
            .collect();
        kernel.close().unwrap();
        for thread in asking {
            assert_eq!(thread.join().unwrap(), ErrorCode::KernelClosed);
        }
    }
}
