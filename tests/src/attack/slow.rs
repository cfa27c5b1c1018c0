//! A disk that is slow, from outside.

use std::{process, time::Duration};

use tokio::process::Command;

/// The command, with each sync of a file taking so long; nothing where the system does not let us. The process keeps its
/// id: strace looks on from beside it.
#[must_use]
pub fn slow_disk(usual: Command, sync: Duration) -> Option<Command> {
    let slow = format!("inject=fsync,fdatasync:delay_enter={}", sync.as_micros());
    let options = ["-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null"];
    let mut probe = process::Command::new("strace");
    let _ = probe.args(options).args(["-e", "trace=fsync,fdatasync", "true"]);
    if !probe.output().is_ok_and(|output| output.status.success()) {
        return None;
    }
    let mut command = Command::new("strace");
    command
        .args(options)
        .args(["-e", "trace=fsync,fdatasync", "-e", &slow]);
    command
        .arg(usual.as_std().get_program())
        .args(usual.as_std().get_args());
    Some(command)
}
