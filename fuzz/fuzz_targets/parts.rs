#![no_main]
//! See `hamsa_tests::fuzz::parts`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::parts(data));
