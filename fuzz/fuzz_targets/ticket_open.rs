#![no_main]
//! See `hamsa_tests::fuzz::ticket_open`.

libfuzzer_sys::fuzz_target!(|data: &[u8]| hamsa_tests::fuzz::ticket_open(data));
