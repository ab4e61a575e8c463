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
        let first = text.lines().next().unwrap_or_default();
        assert!(first.contains("Generated from") && first.contains("cargo run -p talos-codegen"), "{path}: {first}");
    }
    let scratch = std::env::temp_dir().join(format!("talos-codegen-{}", std::process::id()));
    copy(&common::root(), &scratch, "contracts/schemas");
    copy(&common::root(), &scratch, "contracts/operations");
    std::fs::copy(common::root().join("contracts/errors.yaml"), scratch.join("contracts/errors.yaml")).unwrap();
    talos_codegen::write(&scratch).unwrap();
    assert!(talos_codegen::check(&scratch).unwrap().is_empty());

    let path = scratch.join("contracts/schemas/permit.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("The right to run one action once.", "Another sentence.")).unwrap();
    std::fs::write(scratch.join("core/contracts/src/generated/stale.rs"), "").unwrap();
    let differing = talos_codegen::check(&scratch).unwrap();
    std::fs::remove_dir_all(&scratch).unwrap();
    let expected =
        ["operations.rs", "permit.rs", "stale.rs"].map(|name| format!("core/contracts/src/generated/{name}"));
    assert_eq!(differing[..3], expected, "the manifest hash, the type, and the file that is no longer generated");
    assert_eq!(differing[3..], ["docs/reference/contracts.md"]);
}

fn copy(from: &std::path::Path, to: &std::path::Path, folder: &str) {
    std::fs::create_dir_all(to.join(folder)).unwrap();
    for entry in std::fs::read_dir(from.join(folder)).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, to.join(folder).join(path.file_name().unwrap())).unwrap();
    }
}
