//! Compiles the shim, where there is one: it is Linux's.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=shim/powerloss.c");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        println!("cargo:rustc-env=TALOS_POWERLOSS_SHIM=");
        return;
    }
    let library = format!("{}/libpowerloss.so", env::var("OUT_DIR").unwrap_or_default());
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let status = Command::new(&compiler)
        .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", &library, "shim/powerloss.c"])
        .status();
    match status {
        Ok(status) if status.success() => println!("cargo:rustc-env=TALOS_POWERLOSS_SHIM={library}"),
        other => println!("cargo:error={compiler} could not compile shim/powerloss.c: {other:?}"),
    }
}
