#![no_main]
//! See `hamsa_tests::fuzz::kem_key`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::kem_key(data));
