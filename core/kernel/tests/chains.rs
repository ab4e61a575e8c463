//! Chains, the writer's queue, and what remains when the disk does not go along
//! (`docs/spec/pipeline.md`, sections 5 and 6; `docs/spec/receipt.md`).

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{EPOCH_MS, Mode, ORIGIN, OTHER_RUN, RUN, Rig, TOOLS, actor, code, denied, execute, json, settle, start};
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;
use talos_contracts::{ErrorCode, OutcomeStatus, PermitState, Receipt, ReceiptKind, SignMode};
use talos_kernel::{Action, Config, PERMIT_MS, Run, Settlement};

/// What the gaps of the log name.
fn gaps(rig: &Rig) -> Vec<String> {
    let gaps = rig.receipts().into_iter().filter_map(|r| r.permits);
    gaps.flatten().map(|p| p.call).collect()
}

fn last_chain(rig: &Rig) -> Vec<Receipt> {
    let receipts = rig.receipts();
    let chain = receipts.last().unwrap().chain;
    receipts.into_iter().filter(|r| r.chain == chain).collect()
}

#[test]
fn a_closed_run_answers_nothing_but_that_it_is_closed() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let action = Action::tool_call("c1", "write_file", &args);
    execute(&run, &action);
    run.close().unwrap();
    for call in ["c1", "c2"] {
        let decision = run.authorize(&Action { call, ..action });
        assert_eq!(denied(&decision), [ErrorCode::RunClosed]);
        assert!(decision.ticket.is_none());
        assert_eq!(code(run.start(call, &action)), ErrorCode::RunClosed);
        assert_eq!(code(run.settle(call, &Settlement::new(OutcomeStatus::Ok, None))), ErrorCode::RunClosed);
        assert_eq!(code(run.release(call)), ErrorCode::RunClosed);
    }
    assert_eq!(code(run.close()), ErrorCode::RunClosed);
    assert_eq!(rig.verify().summary.closed, 1);
}

#[test]
fn closing_releases_what_never_started_and_settles_the_rest_as_unknown() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    assert!(run.authorize(&Action::tool_call("issued", "write_file", &args)).allowed());
    start(&run, &Action::tool_call("started", "write_file", &args));
    run.close().unwrap();
    assert_eq!(rig.of_call("issued")[1].kind, ReceiptKind::Release);
    assert_eq!(rig.of_call("started")[1].outcome.as_ref().unwrap().status, OutcomeStatus::Unknown);
    let last = rig.receipts().pop().unwrap();
    assert_eq!((last.kind, last.final_seq), (ReceiptKind::Close, Some(last.seq)));
    assert_eq!(rig.verify().summary.open, []);
}

#[test]
fn a_close_that_was_not_written_can_be_tried_again() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action::tool_call("c1", "write_file", &args));
    rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
    // The outcome's batch may have failed before the close was queued.
    assert!(matches!(code(run.close()), ErrorCode::StoreFull | ErrorCode::RunDead));
    rig.switch.set(Mode::Works);
    run.close().unwrap();
    assert_eq!(gaps(&rig), ["c1"]);
    assert_eq!(rig.verify().summary.closed, 1);
}

#[test]
fn closing_after_expiry_settles_late() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action::tool_call("c1", "write_file", &args));
    rig.clock.advance(PERMIT_MS);
    run.close().unwrap();
    assert_eq!(rig.of_call("c1")[1].late, Some(true));
}

#[test]
fn a_run_is_open_once() {
    let rig = Rig::new();
    let run = rig.run();
    let other = rig.another_kernel();
    assert_eq!(code(rig.kernel().open_run(RUN, &actor()).map(|_| ())), ErrorCode::RunBusy);
    assert_eq!(code(other.open_run(RUN, &actor()).map(|_| ())), ErrorCode::RunBusy);
    assert_eq!(rig.kinds(), [ReceiptKind::Open], "who is refused writes nothing");
    run.close().unwrap();
    drop(run);
    other.open_run(RUN, &actor()).unwrap().close().unwrap();
}

#[test]
fn a_run_that_was_closed_can_be_opened_again_as_a_new_chain() {
    let rig = Rig::new();
    let run = rig.run();
    let closed = run.close().unwrap();
    drop(run);
    let _again = rig.run();
    let last = rig.receipts().pop().unwrap();
    assert_eq!((last.kind, last.predecessor), (ReceiptKind::Open, Some(closed.receipt_id)));
}

#[test]
fn a_run_id_is_a_uuid() {
    let rig = Rig::new();
    for bad in ["", "run", "01890A5D-AC96-774B-BCCE-B302099A8057", &format!("{RUN} ")] {
        assert_eq!(code(rig.kernel().open_run(bad, &actor()).map(|_| ())), ErrorCode::MalformedValue, "{bad:?}");
    }
    let ids: HashSet<String> = (0..100).map(|_| rig.kernel().new_id().unwrap()).collect();
    assert_eq!(ids.len(), 100);
    drop(rig.open(ids.iter().next().unwrap()));
}

#[test]
fn what_a_dead_process_left_open_is_named_in_the_next_chain_of_any_run() {
    let mut rig = Rig::new();
    let args = json("{}");
    let run = rig.run();
    assert!(run.authorize(&Action::tool_call("issued", "write_file", &args)).allowed());
    start(&run, &Action::tool_call("started", "write_file", &args));
    execute(&run, &Action::tool_call("settled", "write_file", &args));
    drop(run);
    rig.reopen();
    let run = rig.open(OTHER_RUN);
    let mut named = gaps(&rig);
    named.sort();
    assert_eq!(named, ["issued", "started"]);
    execute(&run, &Action::tool_call("c1", "write_file", &args));
    run.close().unwrap();
    assert_eq!(rig.verify().summary.open, []);
    let again = rig.run();
    again.close().unwrap();
    assert_eq!(gaps(&rig).len(), 2, "a gap is written once");
}

#[test]
fn many_open_calls_take_several_gaps() {
    let mut rig = Rig::new();
    let run = rig.run();
    let args = json("{}");
    let calls: Vec<String> = (0..1201).map(|n| format!("c{n}")).collect();
    let last = calls.iter().map(|c| run.decide(&Action::tool_call(c, "write_file", &args))).last().unwrap();
    last.ticket.unwrap().wait().unwrap();
    drop(run);
    rig.reopen();
    rig.run().close().unwrap();
    assert_eq!(gaps(&rig).into_iter().collect::<HashSet<_>>(), calls.into_iter().collect());
    assert_eq!(rig.verify().summary.open, []);
}

#[test]
fn a_failed_batch_kills_the_chain_and_the_next_one_names_its_open_calls() {
    for mode in [Mode::Fails(ErrorCode::StoreIo), Mode::WritesAndFails(ErrorCode::StoreIo)] {
        let rig = Rig::new();
        let (run, args) = (rig.run(), json("{}"));
        execute(&run, &Action::tool_call("settled", "write_file", &args));
        start(&run, &Action::tool_call("started", "write_file", &args));
        rig.switch.set(mode);
        assert_eq!(denied(&run.authorize(&Action::tool_call("lost", "write_file", &args))), [ErrorCode::StoreIo]);
        rig.switch.set(Mode::Works);
        let lost = Action::tool_call("lost", "write_file", &args);
        assert_eq!(code(run.start("lost", &lost)), ErrorCode::CallState);
        assert_eq!(run.permit("lost"), Some(PermitState::Expired));

        execute(&run, &Action::tool_call("next", "write_file", &args));
        let chain = last_chain(&rig);
        assert_eq!(chain[0].kind, ReceiptKind::Open);
        assert!(chain[0].predecessor.is_some());
        let mut named = gaps(&rig);
        named.sort();
        let written = matches!(mode, Mode::WritesAndFails(_));
        assert_eq!(named, if written { vec!["lost", "started"] } else { vec!["started"] });
        assert_eq!(code(run.settle("started", &Settlement::new(OutcomeStatus::Ok, None))), ErrorCode::CallState);
        run.close().unwrap();
        let summary = rig.verify().summary;
        assert_eq!((summary.chains, summary.closed), (2, 1));
        assert_eq!(summary.open, []);
    }
}

#[test]
fn a_settlement_that_cannot_be_written_ends_as_a_gap() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    start(&run, &Action::tool_call("c1", "write_file", &args));
    rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
    let ticket = run.settle("c1", &Settlement::new(OutcomeStatus::Ok, None)).unwrap();
    assert_eq!(code(ticket.wait()), ErrorCode::StoreFull);
    rig.switch.set(Mode::Works);
    run.close().unwrap();
    assert_eq!(gaps(&rig), ["c1"]);
}

#[test]
fn nothing_is_allowed_while_receipts_cannot_be_written() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    rig.switch.set(Mode::Fails(ErrorCode::StoreFull));
    assert_eq!(denied(&run.authorize(&Action::tool_call("w", "write_file", &args))), [ErrorCode::StoreFull]);
    for n in 0..3 {
        let call = format!("r{n}");
        let read = Action::tool_call(&call, "read_file", &args);
        assert_eq!(denied(&run.authorize(&read)), [ErrorCode::StoreFull], "reads wait for no commit, but need one");
        run.start(&call, &read).unwrap_err();
    }
    assert_eq!(code(rig.kernel().open_run(OTHER_RUN, &actor()).map(|_| ())), ErrorCode::StoreFull);
    rig.switch.set(Mode::Works);
    execute(&run, &Action::tool_call("c1", "read_file", &args));
}

#[test]
fn a_store_that_panics_is_a_denial() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    rig.switch.set(Mode::Panics);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c1", "write_file", &args))), [ErrorCode::InternalPanic]);
    rig.switch.set(Mode::Works);
    execute(&run, &Action::tool_call("c2", "write_file", &args));
    run.close().unwrap();
}

#[test]
fn a_panic_in_the_callers_thread_is_a_denial_and_leaves_the_run_whole() {
    let rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    let before = Action::tool_call("c1", "write_file", &args);
    assert!(run.authorize(&before).allowed());
    rig.switch.standing_panics.store(1, Ordering::SeqCst);
    assert_eq!(denied(&run.authorize(&Action::tool_call("c2", "write_file", &args))), [ErrorCode::InternalPanic]);
    assert_eq!(code(run.start("c1", &before)), ErrorCode::InternalPanic);
    rig.switch.standing_panics.store(0, Ordering::SeqCst);
    run.start("c1", &before).unwrap();
    settle(&run, "c1");
    run.close().unwrap();
}

/// Holds the disk back and decides until there is no room.
fn fill_the_queue(rig: &Rig, run: &Run) -> usize {
    let args = json("{}");
    rig.switch.set(Mode::Blocks);
    for n in 0..20_000 {
        let decision = run.decide(&Action::tool_call(&format!("fill{n}"), "read_file", &args));
        if !decision.allowed() {
            assert_eq!(denied(&decision), [ErrorCode::StoreBusy]);
            return n;
        }
    }
    usize::MAX
}

fn wait_for_room(run: &Run) {
    let args = json("{}");
    let full = |n| !run.decide(&Action::tool_call(&format!("room{n}"), "read_file", &args)).allowed();
    let tries = (0..5_000).take_while(|n| full(*n)).inspect(|_| std::thread::sleep(Duration::from_millis(1)));
    assert!(tries.count() < 5_000);
}

#[test]
fn a_queue_that_is_full_denies_until_there_is_room() {
    // Log-signed receipts, so that the test is over soon.
    let rig = Rig::with(TOOLS, Config { sign_reads: SignMode::Log, ..Config::new(ORIGIN) });
    let (run, idle) = (rig.run(), rig.open(OTHER_RUN));
    let taken = fill_the_queue(&rig, &run);
    assert!((16_384..=17_408).contains(&taken), "{taken}");
    assert_eq!(run.counters().in_flight, taken as u64, "what was denied is not counted");
    assert_eq!(code(run.release("fill0").map(|_| ())), ErrorCode::StoreBusy);
    assert_eq!(run.permit("fill0"), Some(PermitState::Issued));
    assert_eq!(code(idle.close()), ErrorCode::StoreBusy);
    rig.switch.set(Mode::Works);
    wait_for_room(&run);
    execute(&run, &Action::tool_call("c1", "write_file", &json("{}")));
    idle.close().unwrap();
}

#[test]
fn receipts_never_go_back_in_time() {
    let mut rig = Rig::new();
    let (run, args) = (rig.run(), json("{}"));
    rig.clock.advance(5_000);
    execute(&run, &Action::tool_call("c1", "write_file", &args));
    rig.clock.wall.store(EPOCH_MS - 86_400_000, Ordering::SeqCst);
    execute(&run, &Action::tool_call("c2", "write_file", &args));
    run.close().unwrap();
    drop(run);
    rig.reopen();
    let run = rig.run();
    execute(&run, &Action::tool_call("c3", "write_file", &args));
    run.close().unwrap();
    drop(run);
    let times: Vec<u64> = rig.receipts().iter().map(|r| r.iat).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(times.last(), Some(&(EPOCH_MS + 5_000)));
}

#[test]
fn a_kernel_takes_the_time_of_the_log_from_its_own_batches_too() {
    let rig = Rig::new();
    let other = rig.another_kernel();
    let (run, args) = (rig.run(), json("{}"));
    let elsewhere = other.open_run(OTHER_RUN, &actor()).unwrap();
    rig.clock.wall.store(EPOCH_MS + 9_000, Ordering::SeqCst);
    execute(&elsewhere, &Action::tool_call("c1", "write_file", &args));
    rig.clock.wall.store(EPOCH_MS, Ordering::SeqCst);
    execute(&run, &Action::tool_call("c2", "write_file", &args));
    execute(&run, &Action::tool_call("c3", "write_file", &args));
    let late: Vec<u64> = rig.of_call("c3").iter().map(|r| r.iat).collect();
    assert_eq!(late, [EPOCH_MS + 9_000; 2]);
    elsewhere.close().unwrap();
}

#[test]
fn runs_of_several_kernels_share_one_log() {
    let rig = Rig::new();
    let other = rig.another_kernel();
    let runs = [rig.open(RUN), other.open_run(OTHER_RUN, &actor()).unwrap()];
    std::thread::scope(|scope| {
        for run in &runs {
            scope.spawn(move || {
                let args = json("{}");
                (0..50).for_each(|n| execute(run, &Action::tool_call(&format!("c{n}"), "write_file", &args)));
                run.close().unwrap();
            });
        }
    });
    drop(runs);
    let report = rig.verify();
    assert_eq!((report.size, report.summary.chains, report.summary.closed), (204, 2, 2));
    rig.log().checkpoint().unwrap();
}
