//! The demo: two people and two associations in one process, over real sockets, so that anybody can see what
//! each node sees. It plays nothing back: every row on the screen is a record that passed.

mod cast;
mod ledger;
mod model;
mod plain;
mod run;
mod script;
mod tally;
mod view;
mod world;

use std::path::Path;

use anyhow::{Context, Result};
use hamsa::{DemoOptions, face::Strategy};

use crate::{
    cast::Cast,
    script::ScriptLine,
    world::{Stage, World},
};

/// A talk of a few lines for those who only look.
const BUILT_IN: &str = "seeker: Bonsoir. Il y a quelqu'un ?
counselor: Bonsoir, je suis là. Prenez votre temps.
seeker: kayn chi wa7d kayhddni…
counselor: شكرا حيت تقتي فينا. نتي ماشي بوحدك. 🌙
";
/// Most bytes of a script file.
const SCRIPT_MAX: u64 = 4 * 1_024 * 1_024;

/// Runs the demo to its end.
///
/// # Errors
/// What went wrong, or which promise was broken.
pub async fn run(options: DemoOptions, arabic: Strategy) -> Result<()> {
    // It speaks in three scripts, whatever is chosen.
    hamsa_system::output::mind_letters("ⵣ");
    // A mistake in the script is told before anything is founded.
    let script = options.script.as_deref().map(read_script).transpose()?;
    let (world, stage) = tokio::select! {
        built = World::build() => built?,
        () = stopped() => anyhow::bail!("stopped before the demo began"),
    };
    let shown = tokio::select! {
        shown = show(options, arabic, script, stage) => shown,
        // The guard of the screen restores it on the way out; here only the files are ours to remove.
        () = stopped() => Ok(()),
    };
    let closed = world.close().await;
    shown.and(closed)
}

fn read_script(path: &Path) -> Result<Vec<ScriptLine>> {
    let about = || format!("the script {} was not taken", path.display());
    let bytes = hamsa_system::read::given(path, SCRIPT_MAX).with_context(about)?;
    let text = hamsa_protocol::text::decode(&bytes).with_context(about)?;
    script::parse(&text).with_context(about)
}

async fn show(
    options: DemoOptions,
    arabic: Strategy,
    script: Option<Vec<ScriptLine>>,
    mut stage: Stage,
) -> Result<()> {
    let out = tokio::io::stdout();
    match script {
        Some(script) => {
            let mut cast = Cast::new(stage, out, options.language());
            cast.meet().await?;
            cast.play(&script).await?;
            cast.part().await?;
            cast.summary().await
        }
        None if options.plain => plain::run(Cast::new(stage, out, options.language())).await,
        None => run::run(&mut stage, options.language(), arabic).await,
    }
}

/// When the process is asked to stop: the temporary directory must not outlive it.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = |kind| async move {
        match signal(kind) {
            Ok(mut signal) => signal.recv().await,
            // Without a handler the system's own way of stopping stays.
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = wait(SignalKind::terminate()) => {}
        _ = wait(SignalKind::interrupt()) => {}
        _ = wait(SignalKind::hangup()) => {}
        _ = wait(SignalKind::quit()) => {}
        _ = wait(hamsa::face::ABORT) => {}
    }
}
