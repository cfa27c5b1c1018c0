#![no_main]
//! See `hamsa_tests::fuzz::phrase`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::phrase(data));
