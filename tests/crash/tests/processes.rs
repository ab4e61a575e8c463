//! Several processes on one directory: one log.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use talos_crash_test::{Template, Worker, kernel_on};

const WORKER: &str = env!("CARGO_BIN_EXE_talos-crash-worker");
const PROCESSES: u64 = 4;
const CALLS: usize = 500;
const THREADS: usize = 4;

#[test]
fn four_processes_write_one_log_and_none_forks_it() {
    let template = Template::new();
    let home = template.home("home");
    // The first process signs checkpoints while the others write.
    let workers: Vec<Worker> = (0..PROCESSES)
        .map(|process| {
            let seed = format!("seed={process}");
            let checkpoints = if process == 0 { "checkpoints=10" } else { "checkpoints=0" };
            Worker::start(Path::new(WORKER), &home, &["load", "calls=500", "threads=4", checkpoints, &seed], None)
        })
        .collect();
    let told: Vec<_> = std::thread::scope(|scope| {
        let ends: Vec<_> = workers.into_iter().map(|w| scope.spawn(|| w.finish())).collect();
        ends.into_iter().map(|e| e.join().unwrap()).collect()
    });
    for told in &told {
        assert!(told.is_done(), "{:?}", told.lines);
        assert_eq!(told.asked, told.acknowledged.len());
        assert!(told.acknowledged.len() > CALLS + THREADS);
    }

    let kernel = kernel_on(&home).unwrap();
    let report = kernel.log().verify().unwrap();
    let chains = PROCESSES * THREADS as u64;
    assert_eq!((report.summary.chains, report.summary.closed), (chains, chains));
    assert_eq!(report.summary.open, []);

    let mut indices: Vec<u64> = Vec::new();
    for (id, index) in told.iter().flat_map(|t| &t.acknowledged) {
        assert_eq!(kernel.log().find(id).unwrap().index, *index);
        indices.push(*index);
    }
    // Besides what was acknowledged there are the first receipt of each chain and the starts of irreversible calls.
    let others = report.size - indices.len() as u64;
    indices.sort_unstable();
    indices.dedup();
    assert_eq!(indices.len() as u64 + others, report.size, "an index was acknowledged twice");
    let starts = kinds(&kernel, report.size, |kind| kind == talos_contracts::ReceiptKind::Start);
    assert_eq!(others, chains + starts);
    kernel.log().checkpoint().unwrap();
}

fn kinds(kernel: &talos_kernel::Kernel, size: u64, which: impl Fn(talos_contracts::ReceiptKind) -> bool) -> u64 {
    let kind = |index| talos_audit::receipt::parse_body(&kernel.log().at(index).unwrap().sealed.body).unwrap().kind;
    (0..size).filter(|index| which(kind(*index))).count() as u64
}
