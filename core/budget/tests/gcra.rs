//! Rates against a model that remembers every call (`docs/spec/budget.md`, section 2).

use proptest::prelude::*;
use talos_budget::Rate;
use talos_budget::gcra::Verdict;

fn allowed(rate: &Rate, tat: &mut u64, cost: u64, now: u64) -> bool {
    match rate.check(*tat, cost, now) {
        Verdict::Allow { tat_us } => {
            *tat = tat_us;
            true
        }
        Verdict::Deny { tat_us, .. } => {
            *tat = tat_us;
            false
        }
    }
}

/// A bucket of `burst` that gets one back each interval, by counting what is left of every call in microseconds.
struct Bucket {
    interval: u128,
    burst: u128,
    /// Microseconds of work that wait, and when that was so.
    backlog: u128,
    at: u128,
}

impl Bucket {
    fn take(&mut self, cost: u64, now_ms: u64) -> bool {
        let now = u128::from(now_ms) * 1_000;
        self.backlog = self.backlog.saturating_sub(now.saturating_sub(self.at));
        self.at = self.at.max(now);
        let more = self.backlog + u128::from(cost) * self.interval;
        let fits = more <= self.burst * self.interval;
        if fits {
            self.backlog = more;
        }
        fits
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rate_agrees_with_a_leaking_bucket(
        calls in 1_u64..200,
        per_seconds in 1_u64..100,
        burst in 1_u64..50,
        steps in proptest::collection::vec((0_u64..5_000, 0_u64..4), 1..200),
    ) {
        let rate = Rate::new(calls, per_seconds, burst);
        let interval = (u128::from(per_seconds) * 1_000_000).div_ceil(u128::from(calls));
        let mut bucket = Bucket { interval, burst: burst.into(), backlog: 0, at: 0 };
        let (mut tat, mut now) = (0, 1_000_000);
        for (wait, cost) in steps {
            now += wait;
            prop_assert_eq!(allowed(&rate, &mut tat, cost, now), bucket.take(cost, now));
        }
    }

    #[test]
    fn in_no_stretch_of_time_are_there_more_than_the_rate_and_the_burst(
        calls in 1_u64..100,
        burst in 1_u64..20,
        waits in proptest::collection::vec(0_u64..300, 1..200),
    ) {
        let rate = Rate::new(calls, 10, burst);
        let (mut tat, mut now, mut times) = (0, 0, Vec::new());
        for wait in waits {
            now += wait;
            if allowed(&rate, &mut tat, 1, now) {
                times.push(now);
            }
        }
        for (first, from) in times.iter().enumerate() {
            for (last, to) in times.iter().enumerate().skip(first) {
                let most = burst + (to - from) * calls / 10_000;
                prop_assert!((last - first + 1) as u64 <= most, "{} calls in {} ms", last - first + 1, to - from);
            }
        }
    }

    #[test]
    fn after_the_time_that_a_denial_names_the_call_is_allowed_and_a_moment_before_it_is_not(
        calls in 1_u64..100,
        burst in 1_u64..20,
        cost in 1_u64..20,
        used in 0_u64..40,
    ) {
        let rate = Rate::new(calls, 60, burst);
        let (mut tat, now) = (0, 77_000);
        for _ in 0..used {
            allowed(&rate, &mut tat, 1, now);
        }
        match rate.check(tat, cost, now) {
            Verdict::Allow { .. } => {}
            Verdict::Deny { retry_after_ms: None, .. } => prop_assert!(cost > burst),
            Verdict::Deny { retry_after_ms: Some(ms), .. } => {
                prop_assert!(cost <= burst && ms > 0);
                prop_assert!(allowed(&rate, &mut tat.clone(), cost, now + ms));
                prop_assert!(!allowed(&rate, &mut tat.clone(), cost, now + ms - 1));
            }
        }
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away_and_locks_nobody_out(
        burst in 1_u64..20,
        back in 0_u64..10_000_000,
    ) {
        let rate = Rate::new(10, 10, burst);
        let (mut tat, now) = (0, 10_000_000);
        for _ in 0..burst {
            prop_assert!(allowed(&rate, &mut tat, 1, now));
        }
        let then = now - back;
        prop_assert!(!allowed(&rate, &mut tat, 1, then));
        // The burst is at most as far ahead as it ever can be.
        prop_assert!(allowed(&rate, &mut tat, 1, then + 1_000));
    }

    #[test]
    fn no_figures_overflow(calls in any::<u64>(), per in any::<u64>(), burst in any::<u64>(), tat in any::<u64>(), cost in any::<u64>(), now in any::<u64>()) {
        let rate = Rate::new(calls, per, burst);
        match rate.check(tat, cost, now) {
            Verdict::Allow { tat_us } => prop_assert!(tat_us < 1 << 53),
            Verdict::Deny { retry_after_ms, .. } => prop_assert!(retry_after_ms.is_none_or(|ms| ms < 1 << 53)),
        }
    }
}
