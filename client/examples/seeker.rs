//! A small face of a seeker: each line of standard input is a message, an empty line ends the chat.
//!
//!     cargo run -p hamsa-client --example seeker -- ADDRESS

use std::{env, error::Error};

use hamsa_client::{
    api::{SeekerCommand, SeekerEvent},
    driver::{SeekerHandle, start_seeker},
};
use hamsa_protocol::objects::HelplineAddress;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address: HelplineAddress = env::args().nth(1).ok_or("give a helpline address")?.parse()?;
    let SeekerHandle { commands, mut events } = start_seeker(address);
    let start = SeekerCommand::Start {
        language: "en".to_owned(),
        urgent: false,
        text: "".into(),
    };
    commands.send(start).await?;
    let mut lines = BufReader::new(stdin()).lines();
    let mut written = 0_u32;
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { return Ok(()) };
                if let Some(answer) = show(event) {
                    commands.send(answer).await?;
                }
            }
            line = lines.next_line() => {
                let command = match line? {
                    Some(text) if !text.is_empty() => {
                        written += 1;
                        SeekerCommand::Say { id: written.to_string(), text: text.into() }
                    }
                    _ => SeekerCommand::Exit,
                };
                commands.send(command).await?;
            }
        }
    }
}

/// Prints an event and gives the command that answers it.
fn show(event: SeekerEvent) -> Option<SeekerCommand> {
    match event {
        SeekerEvent::Verified {
            association,
            fingerprint,
            ..
        } => println!("* {association} proved its key: {fingerprint}"),
        SeekerEvent::Closed { .. } => println!("* nobody is on duty"),
        SeekerEvent::Waiting { ahead } => println!("* waiting, {} before you", ahead.unwrap_or(0)),
        SeekerEvent::Answered { pseudonym, .. } => println!("* {pseudonym} is here"),
        SeekerEvent::Message { number, text, .. } => {
            // What the other person wrote may hold control characters of the terminal.
            println!("> {}", text.0.escape_debug());
            return Some(SeekerCommand::Shown { number });
        }
        SeekerEvent::Ended { .. } => return Some(SeekerCommand::Exit),
        SeekerEvent::Error(report) => eprintln!("! {} {}", report.message, report.advice),
        _ => {}
    }
    None
}
