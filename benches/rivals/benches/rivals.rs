//! The same work by Talos and by a well-made crate that others would take, in one run.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;
use std::hint::black_box;
use std::time::Duration;
use talos_audit::tree::{self, MemoryTree};
use talos_benches as b;
use talos_contracts::json::{self, Profile};

fn canonical(c: &mut Criterion) {
    let ours = b::decision_receipt();
    let body = ours.canonical();
    let theirs: talos_rivals::Receipt = serde_json::from_slice(&body).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(serde_json_canonicalizer::to_vec(&theirs).unwrap(), body);
    let mut group = c.benchmark_group(format!("canonical receipt, {} B", body.len()));
    group.bench_function("talos, generated writer", |t| t.iter(|| black_box(&ours).canonical()));
    group.bench_function("serde_json_canonicalizer, derived struct", |t| {
        t.iter(|| serde_json_canonicalizer::to_vec(black_box(&theirs)).unwrap());
    });
    group.bench_function("serde_json_canonicalizer, value tree", |t| {
        t.iter(|| serde_json_canonicalizer::to_vec(black_box(&value)).unwrap());
    });
    group.finish();
}

fn parse(c: &mut Criterion) {
    for bytes in [1 << 10, 1 << 20] {
        let text = b::document(bytes);
        let mut group = c.benchmark_group(format!("parse {} B", text.len()));
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("talos, strict, talos-data", |t| {
            t.iter(|| json::parse(black_box(text.as_bytes()), Profile::Data).unwrap());
        });
        group.bench_function("serde_json, value tree, float_roundtrip", |t| {
            t.iter(|| serde_json::from_str::<serde_json::Value>(black_box(&text)).unwrap());
        });
        group.finish();
    }
}

fn trees(c: &mut Criterion) {
    let size = 10_000u64;
    let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    (0..size).for_each(|i| theirs.push(i.to_be_bytes().to_vec()));
    let ours = MemoryTree::from_leaves((0..size).map(|i| tree::leaf_hash(&i.to_be_bytes())));
    assert_eq!(theirs.root().as_bytes().as_slice(), ours.frontier().root().0);
    let mut group = c.benchmark_group(format!("inclusion proof, {size} leaves"));
    let mut at = 0;
    group.bench_function("talos", |t| {
        t.iter(|| {
            at = (at + 7_919) % size;
            ours.prove_inclusion(at, size).unwrap()
        });
    });
    group.bench_function("ct-merkle", |t| {
        t.iter(|| {
            at = (at + 7_919) % size;
            theirs.prove_inclusion(at as usize)
        });
    });
    group.finish();
    let mut group = c.benchmark_group("append 10,000 leaves");
    group.bench_function("talos", |t| {
        t.iter(|| MemoryTree::from_leaves((0..size).map(|i| tree::leaf_hash(&i.to_be_bytes()))));
    });
    group.bench_function("ct-merkle", |t| {
        t.iter(|| {
            let mut tree = MemoryBackedTree::<Sha256, Vec<u8>>::new();
            (0..size).for_each(|i| tree.push(i.to_be_bytes().to_vec()));
            tree
        });
    });
    group.finish();
}

fn config() -> Criterion {
    println!("machine: {}", b::machine());
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(30)
}

criterion_group! { name = all; config = config(); targets = canonical, parse, trees }
criterion_main!(all);
