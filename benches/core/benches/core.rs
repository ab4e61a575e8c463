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
use talos_contracts::{ActionKind, OutcomeStatus, Receipt, SignMode, Verdict};
use talos_crypto::dsse::pre_authentication_encoding;
use talos_kernel::ports::{Budgets, Standing};
use talos_kernel::{Action, Counters, Decision, Facts, Finding, Run, Settlement, Stage};
use talos_memory::MemoryStore;
use talos_policy::PolicyFacts;
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
fn on_runs(count: u64, open: &dyn Fn() -> Run, work: impl Fn(&Run, &str)) -> Duration {
    let mut total = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        let calls: Vec<String> = (0..left.min(CALLS)).map(|n| format!("c{n}")).collect();
        let run = open();
        let begun = Instant::now();
        calls.iter().for_each(|call| work(&run, call));
        total += begun.elapsed();
        left -= calls.len() as u64;
    }
    total
}

/// The parts of [`every_stage`]: a typed argument of each kind, and the two stages that read the arguments.
fn stages(c: &mut Criterion) {
    for (kind, rule, value) in [
        ("url", "hosts: [api.example.com], paths: ['/v1/**']", "https://api.example.com/v1/invoices/4711"),
        ("path", "under: [/srv/notes], links: lexical", "/srv/notes/2026/a.txt"),
        ("sql", "dialect: postgres, tables: [orders]", "select id, total from orders where customer = 4711"),
        ("shell", "commands: [git log]", "git log --oneline -n 20 -- src/lib.rs"),
        ("email", "domains: [example.com]", "ada.lovelace@example.com"),
        ("date", "earliest: '2026-01-01', latest: '2026-12-31'", "2026-07-01T12:00:00Z"),
        ("string", "max_chars: 100", "a text of some words"),
    ] {
        let text = format!(
            "id: bench\nallowed_tools: [{{name: tool_1, effect: read, args: [{{arg: /value, kind: {kind}, {rule}}}]}}]\n"
        );
        let (policy, args) = (b::load(&text), json::Value::object([("value", json::Value::from(value))]));
        assert_eq!(policy.decide(&facts("tool_1", &args)).verdict, Verdict::Allow, "{kind}");
        c.bench_function(&format!("policy/decide, one typed argument, {kind}, {} B", value.len()), |t| {
            t.iter(|| policy.decide(black_box(&facts("tool_1", &args))));
        });
    }
    let (args, subject) = (b::stages::arguments(), b::stages::subject());
    let (policy, cedar) = (b::stages::policy(), b::stages::cedar());
    let found = policy.decide(&b::stages::facts(b::stages::SPENDS, &args, &subject));
    assert_eq!(found.verdict, Verdict::Allow, "{:?}", found.reasons);
    c.bench_function("policy/decide, rules of every kind, 256 B", |t| {
        t.iter(|| policy.decide(black_box(&b::stages::facts(b::stages::SPENDS, &args, &subject))));
    });
    let action = b::stages::action("c", b::stages::SPENDS, &args);
    let earlier = Finding { effect: Some(found.effect), amount: found.amount.clone(), ..Finding::allow() };
    let facts = Facts {
        action: &action,
        subject: &subject,
        counters: Counters::default(),
        standing: &Standing::default(),
        now_ms: 0,
        files: None,
        drift: Verdict::Allow,
        earlier: &earlier,
    };
    assert_eq!(cedar.check(&facts).verdict, Verdict::Allow);
    c.bench_function("cedar/check, 102 policies, 256 B", |t| t.iter(|| cedar.check(black_box(&facts))));
}

/// `decide` or `authorize`.
type Decide = fn(&Run, &Action<'_>) -> Decision;

/// What the goals of 65 and 25 us are about: the rate and the budgets of four levels are reserved, the receipt is queued.
fn every_stage(c: &mut Criterion) {
    let args = b::stages::arguments();
    let rows: [(&str, SignMode, Decide, &str); 4] = [
        (b::stages::SPENDS, SignMode::Self_, Run::decide, "decide, spend, self-signed, before the commit"),
        (b::stages::SPENDS, SignMode::Self_, Run::authorize, "authorize, spend, self-signed, waits for the store"),
        (b::stages::READS, SignMode::Self_, Run::authorize, "authorize, read, self-signed"),
        (b::stages::READS, SignMode::Log, Run::authorize, "authorize, read, log-signed"),
    ];
    for (target, sign, decide, name) in rows {
        c.bench_function(&format!("run/every stage, 256 B, {name}"), |t| {
            t.iter_custom(|n| {
                on_runs(n, &|| b::stages::run(sign), |run, call| {
                    let decision = decide(run, &b::stages::action(call, target, &args));
                    assert!(decision.allowed(), "{:?}", decision.reasons);
                })
            });
        });
    }
}

fn runs(c: &mut Criterion) {
    let args = b::arguments(&b::prose(200, true));
    for tools in [1, 100, 1_000] {
        let target = format!("tool_{tools}");
        for (sign, name) in [(SignMode::Log, "not signed"), (SignMode::Self_, "self-signed")] {
            c.bench_function(&format!("run/decide, 3 stages, {tools} tool rules, 256 B, read, {name}"), |t| {
                t.iter_custom(|n| {
                    on_runs(n, &|| b::memory_run(b::policy_with_tools(tools), sign), |run, call| {
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
                on_runs(n, &|| b::memory_run(b::policy_with_tools(2), sign), |run, call| {
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

criterion_group! { name = all; config = config(); targets = receipts, policies, stages, runs, every_stage, budgets, trees, parsing, bundles }
criterion_main!(all);
