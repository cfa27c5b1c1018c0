//! A seeker and a counselor, at their json faces.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

use super::{Face, HAMSA, program};

/// A seeker: `hamsa seek ADDRESS --json`.
pub struct Seeker {
    /// Her face.
    pub face: Face,
}

impl Seeker {
    /// Starts her client with an empty home directory that does not even exist.
    #[must_use]
    pub fn start(name: &str, address: &str) -> Self {
        Self::by(name, Self::command(address))
    }

    /// The command of her client.
    #[must_use]
    pub fn command(address: &str) -> Command {
        let mut command = Command::new(program(HAMSA));
        command
            .args(["seek", address, "--json"])
            .env("HOME", "/nonexistent");
        command
    }

    /// Starts her client by another command.
    #[must_use]
    pub fn by(name: &str, command: Command) -> Self {
        Self {
            face: Face::start(name, command),
        }
    }

    /// Asks for a counselor.
    pub async fn ask(&self, text: &str) {
        self.face
            .send(json!({"cmd": "start", "language": "ar", "urgent": false, "text": text}))
            .await;
    }

    /// Asks, and waits until the ticket waits at a home.
    pub async fn wait_in_line(&self, text: &str) {
        self.ask(text).await;
        self.has_a_place().await;
    }

    /// Waits until her ticket waits at a home.
    pub async fn has_a_place(&self) {
        self.face
            .until("a place in the line", |event| {
                event["event"] == "waiting" && event["ahead"].is_u64()
            })
            .await;
    }

    /// Waits for the counselor; gives the event.
    pub async fn answered(&self) -> Value {
        self.face.event("answered").await
    }

    /// Says something.
    pub async fn say(&self, id: &str, text: &str) {
        self.face
            .send(json!({"cmd": "say", "id": id, "text": text}))
            .await;
    }
}

/// A counselor: `hamsa counsel --vault V --json`.
pub struct Counselor {
    /// Her face.
    pub face: Face,
}

impl Counselor {
    /// The command of her client.
    #[must_use]
    pub fn command(vault: &Path, passphrase: &Path) -> Command {
        let mut command = Command::new(program(HAMSA));
        command.args(["counsel", "--json", "--vault"]).arg(vault);
        command.arg("--passphrase-file").arg(passphrase);
        command
    }

    /// Starts her client.
    #[must_use]
    pub fn start(name: &str, vault: &Path, passphrase: &Path) -> Self {
        Self::by(name, Self::command(vault, passphrase))
    }

    /// Starts her client by another command.
    #[must_use]
    pub fn by(name: &str, command: Command) -> Self {
        Self {
            face: Face::start(name, command),
        }
    }

    /// Goes on duty, and waits until a home has her duty.
    pub async fn on_duty(&self) {
        self.face.event("unlocked").await;
        self.face.send(json!({"cmd": "on_duty"})).await;
        self.face.event("on_duty").await;
    }

    /// Waits until somebody waits.
    pub async fn somebody_waits(&self) {
        self.face
            .until("somebody who waits", |event| {
                event["event"] == "desk" && event["waiting"].as_u64() > Some(0)
            })
            .await;
    }

    /// Takes the next; gives the event of the chat, which is the first since the mark.
    pub async fn take(&self) -> Value {
        self.somebody_waits().await;
        self.face.mark();
        self.face.send(json!({"cmd": "take_next"})).await;
        self.face.event("chat").await
    }

    /// Says something in a chat.
    pub async fn say(&self, chat: &Value, id: &str, text: &str) {
        self.face
            .send(json!({"cmd": "say", "chat": chat["chat"], "id": id, "text": text}))
            .await;
    }
}

/// What a counselor has on her disk, and who she is to the association.
pub(super) struct Desk {
    pub(super) pseudonym: String,
    pub(super) serial: String,
    pub(super) vault: PathBuf,
}
