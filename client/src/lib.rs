//! The client of a seeker and of a counselor, without a face: commands go in, events come out.
//!
//! | Module | What |
//! |---|---|
//! | [`api`], [`names`] | commands and events of a face, as values and as JSON |
//! | [`session`] | what happens in between, without I/O: for a driver of your own |
//! | [`driver`] | runs a session on tokio, over `hamsa-net` |
//! | [`vault`], [`sealed`] | the files of a counselor, under a passphrase |
//!
//! It draws nothing. A seeker's client writes nothing.
//!
//! A face of a seeker in a few lines; `examples/` has one for each role that can be run:
//!
//! ```no_run
//! use hamsa_client::api::{SeekerCommand, SeekerEvent};
//! use hamsa_client::driver::{SeekerHandle, start_seeker};
//! use hamsa_protocol::objects::HelplineAddress;
//!
//! async fn visit(address: HelplineAddress) -> Result<(), Box<dyn std::error::Error>> {
//!     let SeekerHandle { commands, mut events } = start_seeker(address);
//!     let (language, text) = ("en".to_owned(), "I would like to talk.".into());
//!     commands.send(SeekerCommand::Start { language, urgent: false, text }).await?;
//!     // The events end when the session is over.
//!     while let Some(event) = events.recv().await {
//!         match event {
//!             SeekerEvent::Verified { association, .. } => println!("{association} proved its key"),
//!             SeekerEvent::Waiting { ahead } => println!("{ahead:?} before you"),
//!             SeekerEvent::Answered { pseudonym, .. } => {
//!                 println!("{pseudonym} is here");
//!                 let (id, text) = ("1".to_owned(), "Good evening.".into());
//!                 commands.send(SeekerCommand::Say { id, text }).await?;
//!             }
//!             SeekerEvent::Message { number, text, .. } => {
//!                 // The text may hold control characters of a terminal.
//!                 println!("{}", text.0.escape_debug());
//!                 // Only now the message counts as received.
//!                 commands.send(SeekerCommand::Shown { number }).await?;
//!             }
//!             SeekerEvent::Ended { .. } => commands.send(SeekerCommand::Exit).await?,
//!             SeekerEvent::Error(report) => eprintln!("{}: {}", report.message, report.advice),
//!             _ => {}
//!         }
//!     }
//!     Ok(())
//! }
//! ```

pub mod api;
mod date;
pub mod driver;
pub mod names;
mod report;
pub mod sealed;
pub mod session;
pub mod vault;

pub use driver::{system_random, today};
