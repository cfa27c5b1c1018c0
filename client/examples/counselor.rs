//! A small face of a counselor: it goes on duty, takes who waits, and sends each line of standard input to the last chat.
//!
//!     cargo run -p hamsa-client --example counselor -- VAULT PASSPHRASE_FILE

use std::{env, error::Error, fs, path::Path};

use hamsa_client::{
    api::{CounselorCommand, CounselorEvent},
    driver::{CounselorHandle, start_counselor},
    today, vault,
};
use tokio::io::{AsyncBufReadExt, BufReader, stdin};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(path), Some(passphrase)) = (arguments.next(), arguments.next()) else {
        return Err("give a vault and a file with its passphrase".into());
    };
    let vault = vault::open(Path::new(&path), fs::read_to_string(passphrase)?.trim(), today())?;
    let CounselorHandle { commands, mut events } = start_counselor(vault);
    commands.send(CounselorCommand::OnDuty).await?;
    let mut lines = BufReader::new(stdin()).lines();
    let (mut last_chat, mut written) = (None, 0_u32);
    loop {
        tokio::select! {
            event = events.recv() => {
                let Some(event) = event else { return Ok(()) };
                if let Some(answer) = show(event, &mut last_chat) {
                    commands.send(answer).await?;
                }
            }
            line = lines.next_line() => {
                let command = match (line?, &last_chat) {
                    (None, _) => CounselorCommand::Exit,
                    (Some(_), None) => continue,
                    (Some(text), Some(chat)) if text.is_empty() => CounselorCommand::End { chat: chat.clone() },
                    (Some(text), Some(chat)) => {
                        written += 1;
                        let (chat, id) = (chat.clone(), written.to_string());
                        CounselorCommand::Say { chat, id, text: text.into() }
                    }
                };
                commands.send(command).await?;
            }
        }
    }
}

/// Prints an event and gives the command that answers it.
fn show(event: CounselorEvent, last_chat: &mut Option<String>) -> Option<CounselorCommand> {
    match event {
        CounselorEvent::OnDuty => println!("* on duty"),
        CounselorEvent::OffDuty { reason } => println!("* off duty: {reason:?}"),
        CounselorEvent::Desk { waiting, .. } if waiting > 0 && last_chat.is_none() => {
            return Some(CounselorCommand::TakeNext);
        }
        CounselorEvent::Chat {
            chat, text, number, ..
        } => {
            println!("* a chat began: {}", text.0.escape_debug());
            *last_chat = Some(chat);
            return number.map(|number| CounselorCommand::Shown { number });
        }
        CounselorEvent::Message { number, text, .. } => {
            // What the other person wrote may hold control characters of the terminal.
            println!("> {}", text.0.escape_debug());
            return Some(CounselorCommand::Shown { number });
        }
        CounselorEvent::Ended { reason, .. } => {
            println!("* the chat ended: {reason:?}");
            *last_chat = None;
        }
        CounselorEvent::Error(report) => eprintln!("! {} {}", report.message, report.advice),
        _ => {}
    }
    None
}
