//! Writes the other side of `talos-uniffi`, from the built library:
//! `talos-bindgen generate --language kotlin --out-dir DIRECTORY target/debug/libtalos_uniffi.so`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
