//! Who is let in, how often, and each request once (`docs/spec/mailbox.md`, section 2.3).

use crate::limits::NONCE_MS;
use crate::request::Signed;
use std::collections::{BTreeMap, HashMap, HashSet};
use talos_budget::gcra::{Rate, Verdict};
use talos_contracts::scalar::Salt;
use talos_contracts::{Error, ErrorCode};

/// Rates of so many agents are kept before those that have rested are forgotten.
const RATES: usize = 65_536;

/// What a gate lets through.
#[derive(Clone, Debug)]
pub struct Rules {
    /// Public keys of the agents that are served; absent: all are.
    pub served: Option<HashSet<[u8; 32]>>,
    /// Requests of an agent in a second.
    pub requests_a_second: u64,
    /// Requests of an agent at once.
    pub burst: u64,
    /// Nonces that are remembered, of all agents together.
    pub nonces: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { served: None, requests_a_second: 50, burst: 200, nonces: 1_000_000 }
    }
}

/// A request that was made, as it is told from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Made {
    /// The agent's public key.
    pub agent: [u8; 32],
    /// The nonce.
    pub nonce: Salt,
    /// When it was signed.
    pub iat: u64,
}

impl Made {
    fn of(signed: &Signed) -> Self {
        Made { agent: *signed.agent().key().as_bytes(), nonce: signed.nonce(), iat: signed.iat() }
    }

    /// When it need not be remembered any longer.
    pub fn ends(&self) -> u64 {
        self.iat.saturating_add(NONCE_MS)
    }
}

/// Lets verified requests in.
#[derive(Debug)]
pub struct Gate {
    rules: Rules,
    /// What was signed before this may have been made before the restart, and is remembered by nobody.
    started: u64,
    rate: Rate,
    /// When the next request of an agent would be due (`docs/spec/budget.md`, section 2).
    rates: HashMap<[u8; 32], u64>,
    /// By the second in which they may be forgotten.
    made: BTreeMap<u64, HashSet<Made>>,
    count: usize,
}

impl Gate {
    /// A gate that opens now. `made` are the requests of the future that were let in before a restart.
    pub fn new(rules: Rules, now_ms: u64, made: impl IntoIterator<Item = Made>) -> Self {
        let rate = Rate::new(rules.requests_a_second, 1, rules.burst);
        let mut gate = Gate { rules, started: now_ms, rate, rates: HashMap::new(), made: BTreeMap::new(), count: 0 };
        made.into_iter().for_each(|made| gate.remember(made));
        gate
    }

    /// Lets a request in, once. If it is given back it is of the future by this clock, and has to be on disk before anything is
    /// done for it, since a gate that opens again would not refuse it by its time.
    pub fn admit(&mut self, signed: &Signed, now_ms: u64) -> Result<Option<Made>, Error> {
        let made = Made::of(signed);
        if self.rules.served.as_ref().is_some_and(|served| !served.contains(&made.agent)) {
            return Err(Error::new(ErrorCode::MailboxForbidden, "this agent is not served here"));
        }
        if made.iat < self.started {
            return Err(Error::new(ErrorCode::MailboxRequestExpired, "signed before the mailbox was started"));
        }
        self.forget(now_ms);
        if self.made.get(&second(&made)).is_some_and(|known| known.contains(&made)) {
            return Err(Error::new(ErrorCode::MailboxRequestReplayed, "this nonce was used before"));
        }
        self.spend(&made.agent, now_ms)?;
        if self.count >= self.rules.nonces {
            return Err(Error::new(ErrorCode::MailboxBusy, "too many requests in these two minutes"));
        }
        self.remember(made);
        Ok(Some(made).filter(|made| made.iat > now_ms))
    }

    fn remember(&mut self, made: Made) {
        self.count += usize::from(self.made.entry(second(&made)).or_default().insert(made));
    }

    fn forget(&mut self, now_ms: u64) {
        while let Some(entry) = self.made.first_entry().filter(|entry| *entry.key() < now_ms / 1_000) {
            self.count -= entry.remove().len();
        }
    }

    fn spend(&mut self, agent: &[u8; 32], now_ms: u64) -> Result<(), Error> {
        if self.rates.len() >= RATES {
            self.rates.retain(|_, tat_us| *tat_us > now_ms.saturating_mul(1_000));
        }
        let due = self.rates.get(agent).copied().unwrap_or(0);
        match self.rate.check(due, 1, now_ms) {
            Verdict::Allow { tat_us } => {
                self.rates.insert(*agent, tat_us);
                Ok(())
            }
            Verdict::Deny { .. } => Err(Error::new(ErrorCode::MailboxQuota, "too many requests of this agent at once")),
        }
    }
}

fn second(made: &Made) -> u64 {
    made.ends() / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::{self, Asked};
    use talos_contracts::MailboxMethod;
    use talos_contracts::scalar::B64;
    use talos_crypto::SigningKey;

    const NOW: u64 = 1_763_625_600_000;

    fn signed(seed: u8, nonce: u8, iat: u64, now: u64) -> Signed {
        let asked = Asked { mailbox: "http://m", method: MailboxMethod::Get, path: "/v1/status" };
        let key = SigningKey::from_seed(&[seed; 32]);
        let header = request::header(&request::make(&key, asked, b"", iat, B64([nonce; 16]))).unwrap();
        request::verify(&header, asked, now).unwrap()
    }

    fn code(gate: &mut Gate, signed: &Signed, now: u64) -> Option<ErrorCode> {
        gate.admit(signed, now).err().map(|error| error.code)
    }

    #[test]
    fn a_request_is_let_in_once_for_as_long_as_its_time_would_let_it_in() {
        let mut gate = Gate::new(Rules::default(), NOW, []);
        let now = NOW + 1_000;
        for iat in [NOW, NOW + 61_000] {
            let request = signed(1, 1, iat, now);
            assert_eq!(code(&mut gate, &request, now), None);
            for later in [now, iat + request::SKEW_MS, iat + NONCE_MS] {
                assert_eq!(code(&mut gate, &request, later), Some(ErrorCode::MailboxRequestReplayed), "{later}");
            }
        }
        assert_eq!(code(&mut gate, &signed(2, 1, NOW, now), now), None, "nonces of agents are apart");
        assert_eq!(code(&mut gate, &signed(1, 2, NOW, now), now), None);
    }

    #[test]
    fn after_a_restart_nothing_is_let_in_that_may_have_been_before() {
        let mut gate = Gate::new(Rules::default(), NOW - 10_000, []);
        let (past, ahead) = (signed(1, 1, NOW - 1, NOW), signed(1, 2, NOW + 5_000, NOW));
        assert_eq!(gate.admit(&past, NOW).unwrap(), None);
        let kept = gate.admit(&ahead, NOW).unwrap();
        assert!(kept.is_some(), "a request of the future is to be kept on disk");
        let mut again = Gate::new(Rules::default(), NOW, kept);
        assert_eq!(code(&mut again, &past, NOW), Some(ErrorCode::MailboxRequestExpired));
        assert_eq!(code(&mut again, &ahead, NOW), Some(ErrorCode::MailboxRequestReplayed));
    }

    #[test]
    fn agents_that_are_not_listed_are_refused() {
        let request = signed(1, 1, NOW, NOW);
        let served = Some(HashSet::from([*request.agent().key().as_bytes()]));
        let mut gate = Gate::new(Rules { served, ..Rules::default() }, NOW, []);
        assert_eq!(code(&mut gate, &request, NOW), None);
        assert_eq!(code(&mut gate, &signed(2, 1, NOW, NOW), NOW), Some(ErrorCode::MailboxForbidden));
    }

    #[test]
    fn an_agent_has_its_rate_and_no_other_pays_for_it() {
        let mut gate = Gate::new(Rules { requests_a_second: 2, burst: 3, ..Rules::default() }, NOW, []);
        for nonce in 0..3 {
            assert_eq!(code(&mut gate, &signed(1, nonce, NOW, NOW), NOW), None);
        }
        assert_eq!(code(&mut gate, &signed(1, 3, NOW, NOW), NOW), Some(ErrorCode::MailboxQuota));
        assert_eq!(code(&mut gate, &signed(2, 3, NOW, NOW), NOW), None);
        assert_eq!(code(&mut gate, &signed(1, 3, NOW, NOW), NOW + 500), None, "what is refused is not used up");
    }

    #[test]
    fn nonces_are_bounded_and_forgotten() {
        let mut gate = Gate::new(Rules { nonces: 2, ..Rules::default() }, NOW, []);
        for seed in [1, 2] {
            assert_eq!(code(&mut gate, &signed(seed, 1, NOW, NOW), NOW), None);
        }
        assert_eq!(code(&mut gate, &signed(3, 1, NOW, NOW), NOW), Some(ErrorCode::MailboxBusy));
        let later = NOW + NONCE_MS + 1_000;
        assert_eq!(code(&mut gate, &signed(3, 1, later, later), later), None);
        assert_eq!(gate.count, 1);
    }
}
