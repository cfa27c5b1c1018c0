#![no_main]
//! See `hamsa_tests::fuzz::keys`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::keys(data));
