#![no_main]
//! See `hamsa_tests::fuzz::mail`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::mail(data));
