#![no_main]
//! See `hamsa_tests::fuzz::config`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::config(data));
