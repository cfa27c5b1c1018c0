//! Tests that mostly wait, waiting together: a test thread each would be as many threads as there are cores, and most
//! of them would sleep.

use std::{future::Future, pin::Pin};

/// A scenario and its name.
pub(crate) type Scenario = (&'static str, Pin<Box<dyn Future<Output = ()>>>);

/// A named scenario.
pub(crate) fn scenario(name: &'static str, what: impl Future<Output = ()> + 'static) -> Scenario {
    (name, Box::pin(what))
}

/// Runs all of them at once; all are run to their end, then the names of those that failed are told.
pub(crate) async fn together(scenarios: Vec<Scenario>) {
    let set = tokio::task::LocalSet::new();
    let run = |(name, what): Scenario| {
        let task = set.spawn_local(async move {
            let start = tokio::time::Instant::now();
            what.await;
            println!("{name}: {:.1} s", start.elapsed().as_secs_f64());
        });
        (name, task)
    };
    let tasks: Vec<_> = scenarios.into_iter().map(run).collect();
    let failed = set
        .run_until(async move {
            let mut failed = Vec::new();
            for (name, task) in tasks {
                if task.await.is_err() {
                    failed.push(name);
                }
            }
            failed
        })
        .await;
    assert!(failed.is_empty(), "failed: {failed:#?}");
}

/// How much of something: a little in every run of the tests, more when `HAMSA_LONG` is set.
pub(crate) fn long(short: u64, long: u64) -> u64 {
    if std::env::var_os("HAMSA_LONG").is_some() {
        long
    } else {
        short
    }
}

/// Says that something cannot be tested on this machine, where somebody sees it: the output of a test that passes is
/// not shown, so it is also written to the file that `HAMSA_SKIPPED` names.
pub(crate) fn skip(why: &str) {
    eprintln!("skipped: {why}");
    let Some(list) = std::env::var_os("HAMSA_SKIPPED") else {
        return;
    };
    let mut list = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(list)
        .unwrap();
    std::io::Write::write_all(&mut list, format!("{why}\n").as_bytes()).unwrap();
}
