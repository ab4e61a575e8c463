//! The generator of everything that follows from `contracts/`: Rust types with strict readers and canonical writers, registries, reference pages.
//!
//! `cargo run -p talos-codegen` writes; with `-- --check` it names each file that differs and ends with 1.

pub mod load;
mod lower;
mod manifest;
mod markdown;
mod model;
mod profile;
mod rust;
mod rust_read;
mod rust_registry;
mod rust_write;

use std::fs;
use std::path::Path;

/// Everything that is generated: path from the repository's root, and text.
pub fn generate(root: &Path) -> Result<Vec<(String, String)>, String> {
    let sources = load::load(root)?;
    let model = lower::build(&sources)?;
    let mut files = rust::files(&model, &manifest::hash(&sources)?, root)?;
    files.extend(markdown::files(&model));
    Ok(files)
}

/// Writes what differs, removes what is no longer generated, and returns both.
pub fn write(root: &Path) -> Result<Vec<String>, String> {
    let files = generate(root)?;
    let changed = differing(root, &files);
    for path in &changed {
        let target = root.join(path);
        let result = match files.iter().find(|(name, _)| name == path) {
            None => fs::remove_file(&target),
            Some((_, text)) => {
                let folder = target.parent().map_or(Ok(()), fs::create_dir_all);
                folder.and_then(|()| fs::write(&target, text))
            }
        };
        result.map_err(|e| format!("{path}: {e}"))?;
    }
    Ok(changed)
}

/// The generated files that are not what they should be, or should not be there.
pub fn check(root: &Path) -> Result<Vec<String>, String> {
    Ok(differing(root, &generate(root)?))
}

fn differing(root: &Path, files: &[(String, String)]) -> Vec<String> {
    let differs = |(path, text): &&(String, String)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(text);
    let mut paths: Vec<String> = files.iter().filter(differs).map(|(path, _)| path.clone()).collect();
    let stale = |name: String| {
        let path = format!("{}/{name}", rust::FOLDER);
        (!files.iter().any(|(known, _)| *known == path)).then_some(path)
    };
    for entry in fs::read_dir(root.join(rust::FOLDER)).into_iter().flatten().flatten() {
        paths.extend(entry.file_name().into_string().ok().and_then(stale));
    }
    paths.sort();
    paths
}
