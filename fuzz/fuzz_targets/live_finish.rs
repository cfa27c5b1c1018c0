#![no_main]
//! See `hamsa_tests::fuzz::live_finish`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::live_finish(data));
