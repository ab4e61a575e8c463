#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| talos_fuzz::session_state::target(data));
