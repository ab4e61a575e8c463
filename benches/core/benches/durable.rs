//! Durable receipts a second: callers that each wait for their own receipt on disk.
//!
//! The disk's own commit is measured in the same run on the same disk; the batches of the writer
//! can only be judged against it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use talos_benches as b;
use talos_contracts::SignMode;
use talos_kernel::Action;
use talos_sqlite::SqliteStore;

const SECONDS: u64 = 4;

/// What one number of callers came to.
struct Measured {
    times: b::Times,
    elapsed: Duration,
    cpu: Duration,
}

fn measure(callers: usize) -> Measured {
    let scratch = b::Scratch::new(&format!("durable-{callers}"));
    let store = Arc::new(SqliteStore::open(scratch.path()).unwrap());
    let kernel = b::kernel(store, b::policy_with_tools(2), SignMode::Self_);
    let runs: Vec<_> = (0..callers).map(|_| b::open_run(&kernel)).collect();
    let args = b::arguments(&b::prose(200, true));
    let stop = AtomicBool::new(false);
    let (begun, cpu) = (Instant::now(), b::cpu_time());
    let times: Vec<Duration> = thread::scope(|scope| {
        let threads: Vec<_> = runs
            .iter()
            .map(|run| {
                let (args, stop) = (&args, &stop);
                scope.spawn(move || {
                    let mut times = Vec::with_capacity(16_384);
                    while !stop.load(Ordering::Relaxed) {
                        let call = format!("c{}", times.len());
                        let begun = Instant::now();
                        assert!(run.authorize(&Action::tool_call(&call, "tool_1", args)).allowed());
                        times.push(begun.elapsed());
                    }
                    times
                })
            })
            .collect();
        thread::sleep(Duration::from_secs(SECONDS));
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    Measured { times: b::Times::new(times), elapsed: begun.elapsed(), cpu: b::cpu_time() - cpu }
}

fn main() {
    // `cargo test` and `cargo clippy` also build and run benches; only `cargo bench` asks for numbers.
    if !std::env::args().any(|a| a == "--bench") {
        return;
    }
    println!("machine: {}", b::machine());
    println!(
        "store: SQLite, WAL, synchronous=FULL; effect write, self-signed, 3 stages, 2 tool rules, 256 B of arguments"
    );
    for callers in [1, 16, 256] {
        let scratch = b::Scratch::new("baseline");
        let disk = b::commit_baseline(scratch.path());
        let Measured { times, elapsed, cpu } = measure(callers);
        println!(
            "durable/{callers:3} callers: {:7.0} receipts/s  {}  {:.0} us of CPU each  (one 4 KiB append + fdatasync: {})",
            times.count() as f64 / elapsed.as_secs_f64(),
            times.summary(),
            cpu.as_secs_f64() * 1e6 / times.count() as f64,
            disk.summary()
        );
    }
}
