//! `cargo run -p talos-codegen`: see the library.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => talos_codegen::write(&root).map(|paths| report("wrote", &paths, ExitCode::SUCCESS)),
        ["--check"] => talos_codegen::check(&root).map(|paths| report("differs:", &paths, ExitCode::FAILURE)),
        _ => Err("usage: talos-codegen [--check]".to_owned()),
    };
    result.unwrap_or_else(|message| {
        eprintln!("talos-codegen: {message}");
        ExitCode::from(2)
    })
}

/// Prints the paths; `code` is the exit code if there are any.
fn report(what: &str, paths: &[String], code: ExitCode) -> ExitCode {
    paths.iter().for_each(|path| println!("{what} {path}"));
    if paths.is_empty() { ExitCode::SUCCESS } else { code }
}
