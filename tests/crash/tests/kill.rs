//! A process dies at any moment, and the machine goes on.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::time::Duration;
use talos_crash_test::{Random, Template, Worker, check, kernel_on};

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");

#[test]
fn every_acknowledged_receipt_survives_a_killed_process() {
    let template = Template::new();
    let home = template.home("home");
    let mut random = Random::new(1);
    let (mut all, mut counted) = (Vec::new(), 0);
    for round in 0..40 {
        let seed = format!("seed={round}");
        let mut worker = Worker::start(Path::new(WORKER), &home, &["load", "calls=2000", &seed], None);
        assert!(worker.listen_for("ack"));
        std::thread::sleep(Duration::from_millis(random.below(40)));
        worker.kill();
        let told = worker.finish();
        assert!(told.was_killed());
        counted += u64::from(told.was_cut_off());
        all.extend(told.acknowledged);
        check(&home, &all).unwrap();
        if counted == 12 {
            return;
        }
    }
    panic!("only {counted} kills count");
}

#[test]
fn a_crash_between_allow_and_outcome_leaves_a_gap_in_the_next_chain() {
    let template = Template::new();
    let home = template.home("home");
    let mut worker = Worker::start(Path::new(WORKER), &home, &["hold"], None);
    assert!(worker.listen_for("held"));
    let kernel = kernel_on(&home).unwrap();
    let alive = check(&home, &[]);
    assert!(alive.is_err_and(|why| why == "1 calls were open, 0 are named by the gap"), "its writer lives");
    worker.kill();
    let told = worker.finish();
    let open = kernel.log().verify().unwrap().summary.open;
    assert_eq!(
        open.iter().map(|o| (o.call.as_str(), o.decision)).collect::<Vec<_>>(),
        [("held", told.acknowledged[0].0)]
    );
    assert_eq!(check(&home, &told.acknowledged).unwrap().open, 1);
    assert_eq!(check(&home, &told.acknowledged).unwrap().open, 0);
}
