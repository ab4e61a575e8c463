//! One process of a comparison: `benches/rivals/python/serve.py` says how it is asked.

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

const LASTS: Duration = Duration::from_millis(50);
const WARM_UP: u64 = 20;

/// Says `ready NAME...`, then answers each line `NAME` with `NAME NANOSECONDS CALLS`: the time of one call, and how many
/// calls it is the mean of.
pub fn serve(cases: &[String], mut measure: impl FnMut(&str) -> (Duration, u64)) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "ready {}", cases.join(" "))?;
    out.flush()?;
    for line in io::stdin().lock().lines() {
        let case = line?.trim().to_owned();
        let (took, calls) = measure(&case);
        writeln!(out, "{case} {} {calls}", took.as_nanos() as f64 / calls as f64)?;
        out.flush()?;
    }
    Ok(())
}

/// How long so many calls took: as many as last long enough, from `first` to `most`.
pub fn grow(first: u64, most: u64, mut run: impl FnMut(u64) -> Duration) -> (Duration, u64) {
    let mut calls = first;
    loop {
        let took = run(calls);
        if took >= LASTS / 2 || calls == most {
            return (took, calls);
        }
        calls = calls.saturating_mul(4).min(most);
    }
}

/// How long so many calls take, after some that are not counted.
pub fn timed(calls: u64, mut once: impl FnMut()) -> Duration {
    (0..WARM_UP).for_each(|_| once());
    let begun = Instant::now();
    (0..calls).for_each(|_| once());
    begun.elapsed()
}
