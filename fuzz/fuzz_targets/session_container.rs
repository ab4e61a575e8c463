#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| talos_fuzz::session_container::target(data));
