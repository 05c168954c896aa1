#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| devstore::fuzzing::form(data));
