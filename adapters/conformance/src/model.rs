//! Random operations against a model that is simple enough to be right.

use crate::Site;
use crate::entries::{boot, closing, entry, opened, opening, run_id};
use crate::log::{assert_same_body, assert_tree};
use crate::runs::sorted;
use crate::state::kill;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, BTreeSet};
use talos_contracts::ErrorCode;
use talos_contracts::scalar::{Hash, Salt};
use talos_kernel::ports::{Begun, Entry, KnownCall, Orphan, Store};

const WRITERS: usize = 3;
const RUNS: u8 = 3;

#[derive(Clone, Debug)]
enum Step {
    Begin {
        writer: usize,
        run: u8,
    },
    End {
        writer: usize,
        run: u8,
    },
    /// The writer dies, and a new process takes its place.
    Crash {
        writer: usize,
    },
    Commit {
        writer: usize,
        run: u8,
        receipts: Vec<Receipt>,
    },
    Kill(bool),
    Checkpoint(u64),
}

#[derive(Clone, Debug)]
enum Receipt {
    Plain,
    Opens,
    /// Closes one of the open calls of this writer's runs, or of any.
    Closes {
        pick: usize,
        anybodys: bool,
    },
    /// Has the id of a receipt that is in the log.
    Repeats {
        pick: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let writer = 0..WRITERS;
    let run = 0..RUNS;
    let receipt = prop_oneof![
        3 => Just(Receipt::Plain),
        4 => Just(Receipt::Opens),
        4 => (any::<usize>(), prop::bool::weighted(0.1)).prop_map(|(pick, anybodys)| Receipt::Closes { pick, anybodys }),
        1 => any::<usize>().prop_map(|pick| Receipt::Repeats { pick }),
    ];
    let step = prop_oneof![
        6 => (writer.clone(), run.clone()).prop_map(|(writer, run)| Step::Begin { writer, run }),
        1 => (writer.clone(), run.clone()).prop_map(|(writer, run)| Step::End { writer, run }),
        2 => writer.clone().prop_map(|writer| Step::Crash { writer }),
        8 => (writer, run, prop::collection::vec(receipt, 1..4))
            .prop_map(|(writer, run, receipts)| Step::Commit { writer, run, receipts }),
        1 => any::<bool>().prop_map(Step::Kill),
        1 => (0..40u64).prop_map(Step::Checkpoint),
    ];
    prop::collection::vec(step, 1..40)
}

struct Call {
    run: String,
    call: String,
    decision: Hash,
    boot: Salt,
    claimed_by: Option<String>,
    open: bool,
}

#[derive(Default)]
struct Model {
    log: Vec<Entry>,
    calls: Vec<Call>,
    holders: BTreeMap<String, Salt>,
    last: BTreeMap<String, Hash>,
    alive: BTreeSet<Salt>,
    killed: bool,
    checkpoint: Option<u64>,
}

impl Model {
    fn newest_iat(&self) -> u64 {
        self.log.iter().map(|e| e.iat).max().unwrap_or(0)
    }

    fn begin(&mut self, boot: Salt, run: &str) -> Result<Begun, ErrorCode> {
        if self.holders.get(run).is_some_and(|h| *h != boot && self.alive.contains(h)) {
            return Err(ErrorCode::RunBusy);
        }
        self.alive.insert(boot);
        self.holders.insert(run.to_owned(), boot);
        let mut begun =
            Begun { predecessor: self.last.get(run).copied(), newest_iat: self.newest_iat(), ..Begun::default() };
        for call in self.calls.iter_mut().filter(|c| c.open) {
            if !self.alive.contains(&call.boot) {
                (call.boot, call.claimed_by) = (boot, Some(run.to_owned()));
            }
            if call.boot == boot && call.claimed_by.as_deref().unwrap_or(&call.run) == run {
                begun.orphans.push(Orphan { run: call.run.clone(), call: call.call.clone(), decision: call.decision });
            }
        }
        for call in self.calls.iter().filter(|c| c.run == run) {
            let known = KnownCall { opened: opened(&call.call), decision: call.decision };
            begun.known.push(known);
        }
        Ok(sorted(begun))
    }

    fn end(&mut self, boot: Salt, run: &str) {
        if self.holders.get(run) == Some(&boot) {
            self.holders.remove(run);
        }
    }

    /// Whether a batch is sound as a whole.
    fn accepts(&self, batch: &[Entry]) -> bool {
        let mut ids: BTreeSet<Hash> = self.log.iter().map(|e| e.sealed.id).collect();
        let mut open: BTreeSet<Hash> = self.calls.iter().filter(|c| c.open).map(|c| c.decision).collect();
        batch.iter().all(|entry| {
            if entry.opens.is_some() {
                open.insert(entry.sealed.id);
            }
            ids.insert(entry.sealed.id) && entry.closes.iter().all(|decision| open.remove(decision))
        })
    }

    fn append(&mut self, entry: &Entry) {
        if let Some(opened) = &entry.opens {
            self.calls.push(Call {
                run: entry.run.clone(),
                call: opened.call.clone(),
                decision: entry.sealed.id,
                boot: entry.boot,
                claimed_by: None,
                open: true,
            });
        }
        for call in self.calls.iter_mut().filter(|c| entry.closes.contains(&c.decision)) {
            call.open = false;
        }
        self.last.insert(entry.run.clone(), entry.sealed.id);
        self.log.push(entry.clone());
    }
}

/// The store, its writers, and the model beside them.
struct Bench<'a, S> {
    site: &'a S,
    stores: Vec<Box<dyn Store>>,
    boots: Vec<u8>,
    model: Model,
    next: u64,
}

impl<'a, S: Site> Bench<'a, S> {
    fn new(site: &'a S) -> Self {
        let stores = (0..WRITERS).map(|_| site.writer()).collect();
        Bench { site, stores, boots: (0..WRITERS as u8).collect(), model: Model::default(), next: 0 }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Begin { writer, run } => {
                let (boot, run) = (boot(self.boots[*writer]), run_id(*run));
                let got = self.stores[*writer].begin(boot, &run).map(sorted).map_err(|e| e.code);
                assert_eq!(got, self.model.begin(boot, &run));
            }
            Step::End { writer, run } => {
                let (boot, run) = (boot(self.boots[*writer]), run_id(*run));
                self.stores[*writer].end(boot, &run).unwrap();
                self.model.end(boot, &run);
            }
            Step::Crash { writer } => {
                self.model.alive.remove(&boot(self.boots[*writer]));
                self.boots[*writer] += WRITERS as u8;
                self.stores[*writer] = self.site.writer();
            }
            Step::Commit { writer, run, receipts } => self.commit(*writer, *run, receipts),
            Step::Kill(killed) => {
                self.stores[0].turn(&kill(*killed)).unwrap();
                self.model.killed = *killed;
            }
            Step::Checkpoint(size) => {
                self.stores[0].set_checkpoint(*size, &size.to_string()).unwrap();
                self.model.checkpoint = self.model.checkpoint.max(Some(*size));
            }
        }
        for store in &self.stores {
            assert_eq!(!store.standing().unwrap().holds.is_empty(), self.model.killed);
            assert_eq!(store.checkpoint().unwrap(), self.model.checkpoint.map(|s| (s, s.to_string())));
            assert_eq!(store.frontier().unwrap().size(), self.model.log.len() as u64);
        }
    }

    fn commit(&mut self, writer: usize, run: u8, receipts: &[Receipt]) {
        let boot_number = self.boots[writer];
        if self.model.holders.get(&run_id(run)) != Some(&boot(boot_number)) {
            return;
        }
        let batch: Vec<Entry> = receipts.iter().map(|receipt| self.entry(boot_number, run, receipt)).collect();
        let accepted = self.model.accepts(&batch);
        let got = self.stores[writer].commit(&batch.iter().collect::<Vec<_>>());
        assert_eq!(got.is_ok(), accepted, "{got:?}");
        if accepted {
            assert_eq!(got.unwrap().first_index, self.model.log.len() as u64);
            batch.iter().for_each(|e| self.model.append(e));
        }
    }

    fn entry(&mut self, writer: u8, run: u8, receipt: &Receipt) -> Entry {
        self.next += 1;
        let plain = entry(writer, run, self.next);
        match receipt {
            Receipt::Plain => plain,
            Receipt::Opens => opening(plain, &format!("call {}", self.next)),
            Receipt::Closes { pick, anybodys } => {
                let ours = |c: &&Call| *anybodys || (c.open && c.boot == boot(writer));
                let open: Vec<Hash> = self.model.calls.iter().filter(ours).map(|c| c.decision).collect();
                if open.is_empty() { plain } else { closing(plain, &[open[pick % open.len()]]) }
            }
            Receipt::Repeats { pick } if !self.model.log.is_empty() => {
                Entry { sealed: self.model.log[pick % self.model.log.len()].sealed.clone(), ..plain }
            }
            Receipt::Repeats { .. } => plain,
        }
    }

    fn check_log(&self) {
        let ids: Vec<Hash> = self.model.log.iter().map(|e| e.sealed.id).collect();
        let fresh = self.site.writer();
        assert_tree(fresh.as_ref(), &ids);
        for (index, expected) in (0..).zip(&self.model.log) {
            let record = fresh.record(index).unwrap().unwrap();
            assert_eq!((record.index, &record.sealed), (index, &expected.sealed));
            assert_same_body(record.body.as_ref(), expected.body.as_ref());
            assert_eq!(fresh.find(&expected.sealed.id).unwrap().unwrap().index, index);
        }
    }
}

/// Whatever three writers do, and however they die, every answer is the model's.
pub fn agrees_with_the_model<S: Site>(cases: u32, site: impl Fn() -> S) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let site = site();
        let mut bench = Bench::new(&site);
        steps.iter().for_each(|step| bench.step(step));
        bench.check_log();
        Ok(())
    });
    outcome.unwrap();
}
