//! The evidence notebook: what happened, kept on the seeker's side only, on request.
//!
//! One file, [sealed](hamsa_client::sealed) under a passphrase, holds entries (address, account, date, note) and the
//! original files byte for byte with their SHA-256. It can be exported as an open folder in BagIt form. Nothing here
//! opens the network or knows of a chat; nothing is sent to a counselor: counselors store no evidence.

mod bag;
mod book;
mod command;
pub(crate) mod date;
mod error;
pub(crate) mod keep;
mod words;

pub(crate) use book::NotebookEntry;
pub(crate) use command::{NotebookArgs, main};
pub(crate) use error::NotebookError;
pub(crate) use words::Sentences;
