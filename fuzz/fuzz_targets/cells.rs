#![no_main]
//! See `hamsa_tests::fuzz::cells`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::cells(data));
