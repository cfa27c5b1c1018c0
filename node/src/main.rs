//! The binary: see [`hamsa_node::commands`].

use std::process::ExitCode;

fn main() -> ExitCode {
    hamsa_node::commands::main()
}
