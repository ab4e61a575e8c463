//! The parts of one governed call, each by itself, and the whole of it.
//!
//! Names say the input sizes, the number of rules and who signs. Goals are in `docs/performance.md`.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use talos_audit::checkpoint::LogKey;
use talos_audit::receipt;
use talos_audit::tree::{self, MemoryTree};
use talos_benches as b;
use talos_budget::{Actual, Answer, Ledger};
use talos_contracts::json::{self, Profile};
use talos_contracts::scalar::B64;
use talos_contracts::{ActionKind, OutcomeStatus, Receipt, SignMode};
use talos_crypto::dsse::pre_authentication_encoding;
use talos_kernel::ports::Budgets;
use talos_kernel::{Action, Run, Settlement};
use talos_memory::MemoryStore;
use talos_policy::{CompiledPolicy, PolicyFacts};
use talos_verify::Trust;

/// Calls of one run in memory before the next run begins: fewer than may wait for the writer.
const CALLS: u64 = 2_048;

fn receipts(c: &mut Criterion) {
    let receipt = b::decision_receipt();
    let body = receipt.canonical();
    let value = json::parse(&body, Profile::Talos).unwrap();
    let key = b::sign_key();
    let public = key.verifying_key();
    let message = pre_authentication_encoding(Receipt::MEDIA_TYPE, &body);
    let signature = key.sign(&message);
    let log_signed = Receipt { sign: SignMode::Log, ..receipt.clone() };
    let size = body.len();

    let mut out = Vec::with_capacity(2048);
    c.bench_function(&format!("receipt/canonical, generated writer, {size} B"), |t| {
        t.iter(|| {
            out.clear();
            receipt.write(&mut out);
            black_box(&out);
        });
    });
    c.bench_function(&format!("receipt/canonical, value tree, {size} B"), |t| {
        t.iter(|| {
            out.clear();
            json::write_canonical(black_box(&value), &mut out);
            black_box(&out);
        });
    });
    c.bench_function(&format!("receipt/read, strict and canonical, {size} B"), |t| {
        t.iter(|| receipt::parse_body(black_box(&body)).unwrap());
    });
    c.bench_function(&format!("receipt/issue, self-signed, {size} B"), |t| {
        t.iter(|| receipt::seal(black_box(&receipt), &key).unwrap());
    });
    c.bench_function(&format!("receipt/issue, log-signed, {size} B"), |t| {
        t.iter(|| receipt::seal(black_box(&log_signed), &key).unwrap());
    });
    c.bench_function(&format!("ed25519/sign, {} B", message.len()), |t| t.iter(|| key.sign(black_box(&message))));
    c.bench_function(&format!("ed25519/verify strict, {} B", message.len()), |t| {
        t.iter(|| public.verify(black_box(&message), &signature.0).unwrap());
    });
}

fn facts<'a>(target: &'a str, args: &'a json::Value) -> PolicyFacts<'a> {
    PolicyFacts::new(ActionKind::ToolCall, target, args)
}

fn policies(c: &mut Criterion) {
    let args = b::arguments(&b::prose(200, true));
    for tools in [1, 100, 1_000] {
        let policy = b::policy_with_tools(tools);
        let target = format!("tool_{tools}");
        c.bench_function(&format!("policy/decide, {tools} tool rules, 256 B"), |t| {
            t.iter(|| policy.decide(black_box(&facts(&target, &args))));
        });
        c.bench_function(&format!("policy/decide, {tools} tool rules, denied"), |t| {
            t.iter(|| policy.decide(black_box(&facts("no_such_tool", &args))));
        });
    }
    let policy = b::policy_with_patterns(50);
    for (bytes, ascii) in [(256, true), (2_048, true), (256, false), (2_048, false)] {
        let args = b::arguments(&b::prose(bytes, ascii));
        let letters = if ascii { "ASCII" } else { "mixed letters" };
        c.bench_function(&format!("policy/decide, 50 patterns, {bytes} B of {letters}"), |t| {
            t.iter(|| policy.decide(black_box(&facts("tool_1", &args))));
        });
    }
}

/// Times `work` on fresh calls of fresh runs over a store in memory; making runs and calls is not measured.
fn on_runs(
    count: u64,
    policy: &dyn Fn() -> CompiledPolicy,
    sign_reads: SignMode,
    work: impl Fn(&Run, &str),
) -> Duration {
    let mut total = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        let calls: Vec<String> = (0..left.min(CALLS)).map(|n| format!("c{n}")).collect();
        let run = b::memory_run(policy(), sign_reads);
        let begun = Instant::now();
        calls.iter().for_each(|call| work(&run, call));
        total += begun.elapsed();
        left -= calls.len() as u64;
    }
    total
}

fn runs(c: &mut Criterion) {
    let args = b::arguments(&b::prose(200, true));
    for tools in [1, 100, 1_000] {
        let target = format!("tool_{tools}");
        for (sign, name) in [(SignMode::Log, "not signed"), (SignMode::Self_, "self-signed")] {
            c.bench_function(&format!("run/decide, 3 stages, {tools} tool rules, 256 B, read, {name}"), |t| {
                t.iter_custom(|n| {
                    on_runs(n, &|| b::policy_with_tools(tools), sign, |run, call| {
                        let decision = run.decide(&Action::tool_call(call, &target, &args));
                        assert!(decision.allowed());
                    })
                });
            });
        }
    }
    let settlement = Settlement::new(OutcomeStatus::Ok, Some(&args));
    for (target, sign, name) in [
        ("tool_2", SignMode::Log, "read, not signed"),
        ("tool_2", SignMode::Self_, "read, self-signed"),
        ("tool_1", SignMode::Self_, "write, self-signed, waits for the store"),
    ] {
        c.bench_function(&format!("run/authorize + start + settle, 256 B, {name}"), |t| {
            t.iter_custom(|n| {
                on_runs(n, &|| b::policy_with_tools(2), sign, |run, call| {
                    let action = Action::tool_call(call, target, &args);
                    assert!(run.authorize(&action).allowed());
                    run.start(call, &action).unwrap();
                    run.settle(call, &settlement).unwrap();
                })
            });
        });
    }
}

/// Times `work` on fresh reservations' ids; making the ids is not measured.
fn on_ids(count: u64, made: &mut u64, mut work: impl FnMut(&str)) -> Duration {
    let mut total = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        let ids: Vec<String> = (0..left.min(CALLS)).map(|n| format!("{}/c{}", b::RUN, *made + n)).collect();
        let begun = Instant::now();
        ids.iter().for_each(|id| work(id));
        total += begun.elapsed();
        *made += ids.len() as u64;
        left -= ids.len() as u64;
    }
    total
}

/// A reservation on four levels and its settlement, among as many ended ones as are ever remembered.
fn budgets(c: &mut Criterion) {
    let (actual, mut made) = (Actual { tokens: Some(40), money: None }, 0);
    let mut ledger = Ledger::default();
    b::four_budgets().iter().for_each(|budget| drop(ledger.set(budget).unwrap()));
    let mut in_ledger = |id: &str| {
        let answer = ledger.reserve(b::NOW, &b::reservation(id)).unwrap();
        assert!(matches!(answer, Answer::Held(_)));
        ledger.settle(b::NOW, id, &actual).unwrap();
    };
    on_ids(100_000, &mut made, &mut in_ledger);
    c.bench_function("budget/reserve + settle, 4 levels, ledger", |t| {
        t.iter_custom(|n| on_ids(n, &mut made, &mut in_ledger));
    });
    let store: Arc<dyn Budgets> = Arc::new(MemoryStore::default());
    b::four_budgets().iter().for_each(|budget| drop(store.set(budget).unwrap()));
    let in_store = |id: &str| {
        let answer = store.reserve(B64([1; 16]), b::NOW, &b::reservation(id)).unwrap();
        assert!(matches!(answer, Answer::Held(_)));
        store.settle(b::NOW, id, &actual).unwrap();
    };
    on_ids(100_000, &mut made, in_store);
    c.bench_function("budget/reserve + settle, 4 levels, store in memory", |t| {
        t.iter_custom(|n| on_ids(n, &mut made, in_store));
    });
}

fn trees(c: &mut Criterion) {
    let leaf = |i: u64| tree::leaf_hash(&i.to_be_bytes());
    c.bench_function("tree/append in memory, with leaf hash", |t| {
        let mut tree = MemoryTree::default();
        let mut i = 0u64;
        t.iter(|| {
            i += 1;
            tree.append(tree::leaf_hash(&i.to_be_bytes()));
            if i.is_multiple_of(1 << 20) {
                tree = MemoryTree::default();
            }
        });
    });
    for size in [10_000u64, 1_000_000] {
        let tree = MemoryTree::from_leaves((0..size).map(leaf));
        let root = tree.frontier().root();
        let mut at = 0;
        c.bench_function(&format!("tree/inclusion proof, {size} leaves, cached nodes"), |t| {
            t.iter(|| {
                at = (at + 7_919) % size;
                tree.prove_inclusion(black_box(at), size).unwrap()
            });
        });
        let proof = tree.prove_inclusion(4_321, size).unwrap();
        c.bench_function(&format!("tree/verify inclusion, {size} leaves"), |t| {
            t.iter(|| tree::verify_inclusion(&leaf(4_321), 4_321, size, black_box(&proof), &root).unwrap());
        });
    }
}

fn parsing(c: &mut Criterion) {
    for bytes in [1 << 10, 1 << 20] {
        let text = b::document(bytes);
        let mut group = c.benchmark_group("json");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(format!("strict parse, talos-data, {} B", text.len()), |t| {
            t.iter_batched(
                || (),
                |()| json::parse(black_box(text.as_bytes()), Profile::Data).unwrap(),
                BatchSize::LargeInput,
            );
        });
        group.finish();
    }
}

fn bundles(c: &mut Criterion) {
    let store = Arc::new(MemoryStore::default());
    let kernel = b::kernel(store, b::policy_with_tools(2), SignMode::Self_);
    let run = b::open_run(&kernel);
    let args = b::arguments(&b::prose(200, true));
    for n in 0..1_000 {
        let call = format!("c{n}");
        let decision = run.authorize(&Action::tool_call(&call, "tool_1", &args));
        assert!(decision.allowed());
    }
    run.close().unwrap();
    let log = kernel.log();
    let text = log.bundle(&log.at(500).unwrap(), true).unwrap();
    let key = LogKey::new(b::ORIGIN, b::log_key().verifying_key()).unwrap();
    let trust = Trust { log_keys: vec![key], issuers: vec![kernel.issuer()] };
    c.bench_function(&format!("bundle/verify, {} B, 2,002 leaves, two signatures", text.len()), |t| {
        t.iter(|| talos_verify::bundle(black_box(&text), &trust).unwrap());
    });
}

fn config() -> Criterion {
    println!("machine: {}", b::machine());
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30)
}

criterion_group! { name = all; config = config(); targets = receipts, policies, runs, budgets, trees, parsing, bundles }
criterion_main!(all);
