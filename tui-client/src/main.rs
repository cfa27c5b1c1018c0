//! `hamsa`, as a program. Everything it does is in the library beside it, where tests and fuzzers reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    hamsa::main()
}
