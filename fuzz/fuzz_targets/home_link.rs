#![no_main]
//! See `hamsa_tests::fuzz::home_link`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::home_link(data));
