#![no_main]
//! See `hamsa_tests::fuzz::commands`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::commands(data));
