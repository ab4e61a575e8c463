//! What is checked in is what the generator writes.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod common;

#[test]
fn generated_files_are_up_to_date() {
    let differing = talos_codegen::check(&common::root()).unwrap();
    assert!(differing.is_empty(), "run `cargo run -p talos-codegen`; these differ: {differing:#?}");
}

#[test]
fn a_changed_source_changes_what_is_generated() {
    let files = talos_codegen::generate(&common::root()).unwrap();
    for (path, text) in &files {
        // JSON has no comments: its members say it.
        let first = if path.ends_with(".json") { text } else { text.lines().next().unwrap_or_default() };
        assert!(first.contains("Generated from") && first.contains("cargo run -p talos-codegen"), "{path}: {first}");
    }
    let scratch = scratch("drift");
    talos_codegen::write(&scratch).unwrap();
    assert!(talos_codegen::check(&scratch).unwrap().is_empty());

    let path = scratch.join("contracts/schemas/permit.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("The right to run one action once.", "Another sentence.")).unwrap();
    let stale =
        ["core/contracts/src/generated/s.rs", "node/src/generated/ops/s.ts", "python/talos/_generated/ops/s.py"];
    stale.iter().for_each(|path| std::fs::write(scratch.join(path), "").unwrap());
    let cache = scratch.join("python/talos/_generated/__pycache__");
    std::fs::create_dir(&cache).unwrap();
    std::fs::write(cache.join("types.pyc"), "").unwrap();
    // The manifest hash, the type, the page, and the files that are no longer generated.
    let expected = [
        "core/contracts/src/generated/operations.rs",
        "core/contracts/src/generated/permit.rs",
        stale[0],
        "docs/reference/contracts.md",
        "node/src/generated/operations.ts",
        stale[1],
        "node/src/generated/types.ts",
        "python/talos/_generated/operations.py",
        stale[2],
        "python/talos/_generated/types.py",
    ];
    assert_eq!(talos_codegen::check(&scratch).unwrap(), expected);
    assert_eq!(talos_codegen::write(&scratch).unwrap(), expected);
    assert!(talos_codegen::check(&scratch).unwrap().is_empty());
    assert!(stale.iter().all(|path| !scratch.join(path).exists()));
    assert!(cache.join("types.pyc").exists(), "what Python keeps beside its modules is nobody's drift");
    std::fs::remove_dir_all(&scratch).unwrap();
}

/// Each broken file is refused, with a sentence that names what is wrong.
#[test]
fn a_code_without_exactly_one_class_is_refused() {
    let scratch = scratch("classes");
    let path = scratch.join("contracts/exceptions.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to, why) in [
        ("codes: [limit, budget]", "codes: []", "BudgetExceeded: has no codes and does not say so in its doc"),
        ("codes: [mcp, operation]", "codes: [operation]", "no class has mcp.method_unknown or its family"),
        ("codes: [mcp, operation]", "codes: [mcp, operation, limit]", "BudgetExceeded: limit belongs to TalosError"),
        (
            "codes: [limit, budget]",
            "codes: [limit, budget, limit.nothing]",
            "limit.nothing is neither a code nor a family",
        ),
        ("codes: [policy, preflight]", "codes: []\n  more: 1", "PolicyDenied: \"more\" is not known"),
        (
            "base: Denied\n  doc: \"A limit",
            "base: Refused\n  doc: \"A limit",
            "its base Refused does not stand before it",
        ),
        ("BudgetExceeded:\n  base: Denied", "BudgetExceeded:\n  base: TalosError", "does not derive from Denied"),
        ("  base: TalosError\n  doc: \"A key", "  doc: \"A key", "ConfigError: only the first class has no base"),
        ("codes: [context]", "codes: context", "ContextMissing: codes is a list"),
    ] {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let error = talos_codegen::generate(&scratch).unwrap_err();
        assert!(error.starts_with("contracts/exceptions.yaml: ") && error.contains(why), "{error}");
    }
    std::fs::remove_dir_all(&scratch).unwrap();
}

/// A copy of the sources alone.
fn scratch(name: &str) -> std::path::PathBuf {
    let scratch = std::env::temp_dir().join(format!("talos-codegen-{name}-{}", std::process::id()));
    copy(&common::root(), &scratch, "contracts/schemas");
    copy(&common::root(), &scratch, "contracts/operations");
    for file in ["contracts/errors.yaml", "contracts/exceptions.yaml"] {
        std::fs::copy(common::root().join(file), scratch.join(file)).unwrap();
    }
    scratch
}

fn copy(from: &std::path::Path, to: &std::path::Path, folder: &str) {
    std::fs::create_dir_all(to.join(folder)).unwrap();
    for entry in std::fs::read_dir(from.join(folder)).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(folder).join(path.file_name().unwrap())).unwrap();
    }
}
