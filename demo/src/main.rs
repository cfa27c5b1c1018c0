//! `hamsa-demo`: the whole command line of `hamsa`, with the demo in it.

use std::process::ExitCode;

fn main() -> ExitCode {
    hamsa::main_with_demo(|options, arabic| hamsa::block_on(hamsa_demo::run(options, arabic)))
}
