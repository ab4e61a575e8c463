//! Tells the linker that Node itself has the functions of Node-API, and the macros where to write the types.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    napi_build::setup();
    // OUT_DIR is PROFILE/build/NAME/out; what the macros write is wanted at a place that can be found again.
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let profile = Path::new(&out).ancestors().nth(3).unwrap_or(Path::new(&out));
    let types = profile.join("talos-node-types");
    fs::create_dir_all(&types)?;
    println!("cargo::rustc-env=NAPI_TYPE_DEF_TMP_FOLDER={}", types.display());
    Ok(())
}
