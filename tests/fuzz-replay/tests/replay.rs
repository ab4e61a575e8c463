//! Every kept input of every fuzz target, once, on a stable compiler.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::{fs, io};
use talos_fuzz::TARGETS;

const FILES_MAX: usize = 200;
const BYTES_MAX: u64 = 1 << 20;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

fn inputs(target: &str) -> io::Result<Vec<PathBuf>> {
    let mut files =
        fs::read_dir(corpus().join(target))?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    files.sort();
    Ok(files)
}

#[test]
fn every_kept_input_keeps_every_invariant() {
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        for path in inputs(name).unwrap() {
            let data = fs::read(&path).unwrap();
            if catch_unwind(|| target(&data)).is_err() {
                broken.push(path);
            }
        }
    }
    assert!(broken.is_empty(), "invariants are broken by {broken:#?}");
}

#[test]
fn every_target_has_a_small_corpus_and_every_corpus_a_target() {
    let mut bytes = 0;
    for (name, _) in TARGETS {
        let files = inputs(name).unwrap();
        assert!((5..=FILES_MAX).contains(&files.len()), "{name} has {} inputs", files.len());
        bytes += files.iter().map(|f| fs::metadata(f).unwrap().len()).sum::<u64>();
    }
    assert!(bytes < BYTES_MAX, "the corpus has {bytes} bytes");
    let mut folders: Vec<String> =
        fs::read_dir(corpus()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    folders.sort();
    assert_eq!(folders, TARGETS.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>());
}

/// The seeds of sessions are made, and remade with TALOS_WRITE_SEEDS.
#[test]
fn the_seeds_of_sessions_are_those_of_their_world() {
    let seeds = talos_fuzz::session_world::seeds();
    assert!(seeds.len() >= 30);
    for (target, name, content) in seeds {
        let path = corpus().join(target).join(name);
        if std::env::var_os("TALOS_WRITE_SEEDS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &content).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), content, "{}", path.display());
    }
}

/// A corpus whose good inputs have gone stale would test refusals only.
#[test]
fn the_genuine_seeds_are_accepted() {
    let read = |path: &str| fs::read(corpus().join(path)).unwrap();
    let text = |path: &str| String::from_utf8(read(path)).unwrap();
    talos_audit::checkpoint::SignedNote::parse(&text("checkpoint/worked-note")).unwrap();
    talos_audit::checkpoint::LogKey::parse(&text("checkpoint/worked-vkey")).unwrap();
    talos_audit::proof::TlogProof::parse(&text("checkpoint/worked-proof")).unwrap();
    let (_, request) = talos_fuzz::approval::genuine().unwrap();
    talos_approval::grant::verify(&talos_crypto::dsse::Unverified::parse(&read("approval/grant")).unwrap(), &request)
        .unwrap();
    for n in 0..3 {
        talos_audit::receipt::parse_body(&read(&format!("bundle/worked-receipt-{n}"))).unwrap();
    }
    let envelope = talos_crypto::dsse::Unverified::parse(&read("envelope/worked-envelope")).unwrap();
    talos_verify::receipt(envelope).unwrap();
    let trust = talos_verify::Trust::parse(
        &["talos.example/log1+fb4ce4a3+AYE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"],
        &["did:key:z6Mkon3Necd6NkkyfoGoHxid2znGc59LU3K7mubaRcFbLfLX"],
    );
    talos_verify::bundle(&read("bundle/worked-bundle"), &trust.unwrap()).unwrap();
    for (path, format) in [("policy/full.yaml", "yaml"), ("policy/full.toml", "toml"), ("policy/full.json", "json")] {
        let format = talos_policy::Format::from_name(format).unwrap();
        talos_policy::CompiledPolicy::load(&read(path), format, path).unwrap();
    }
}
