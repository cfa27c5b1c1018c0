#![no_main]
//! See `hamsa_tests::fuzz::seeker`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::seeker(data));
