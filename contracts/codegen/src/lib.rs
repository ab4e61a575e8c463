//! The generator of everything that follows from `contracts/`: Rust types with strict readers and canonical writers, types, errors and
//! functions for Python and TypeScript, registries, reference pages.
//!
//! `cargo run -p talos-codegen` writes; with `-- --check` it names each file that differs and ends with 1.

mod editor;
mod exceptions;
mod hosts;
pub mod load;
mod lower;
mod manifest;
mod markdown;
mod model;
mod profile;
mod python;
mod rust;
mod rust_read;
mod rust_registry;
mod rust_write;
mod typescript;

use std::fs;
use std::path::Path;

/// Everything that is generated: path from the repository's root, and text.
pub fn generate(root: &Path) -> Result<Vec<(String, String)>, String> {
    let sources = load::load(root)?;
    let model = lower::build(&sources)?;
    let manifest = manifest::hash(&sources)?;
    let mut files = rust::files(&model, &manifest, root)?;
    files.extend(python::files(&model, &manifest)?);
    files.extend(typescript::files(&model, &manifest));
    files.extend(markdown::files(&model));
    files.extend(editor::files(&sources)?);
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
    let found = [rust::FOLDER, python::FOLDER, typescript::FOLDER].into_iter().flat_map(|folder| below(root, folder));
    paths.extend(found.filter(|path| !files.iter().any(|(known, _)| known == path)));
    paths.sort();
    paths
}

/// The files below a folder that holds nothing but generated ones, and what Python keeps beside them.
fn below(root: &Path, folder: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(root.join(folder)).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{folder}/{name}");
        match entry.path().is_dir() {
            true if name == "__pycache__" => {}
            true => paths.extend(below(root, &path)),
            false => paths.push(path),
        }
    }
    paths
}
