//! A client's json face: commands in, events out.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::Value;
use tokio::process::Command;

use super::{PATIENCE, Process};

/// A client process with the json face.
pub struct Face {
    process: Process,
    /// Lines before this one are past.
    mark: AtomicUsize,
}

impl Face {
    /// Starts it.
    #[must_use]
    pub fn start(name: &str, command: Command) -> Self {
        Self {
            process: Process::start(name, command),
            mark: AtomicUsize::new(0),
        }
    }

    /// The process.
    #[must_use]
    pub const fn process(&self) -> &Process {
        &self.process
    }

    /// Sends a command.
    pub async fn send(&self, command: Value) {
        self.process.say(&command.to_string()).await;
    }

    /// From now on only what comes from now on counts.
    pub fn mark(&self) {
        self.mark.store(self.process.lines().len(), Ordering::Relaxed);
    }

    /// Waits for an event of this name since the mark.
    pub async fn event(&self, name: &str) -> Value {
        self.until(name, |event| event["event"] == name).await
    }

    /// Waits for an event since the mark.
    pub async fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        self.until_within(what, PATIENCE, is).await
    }

    /// Waits until there have been so many events of a name, since the beginning.
    pub async fn count(&self, name: &str, count: usize) {
        let mut seen = 0;
        let found = self.process.find(name, 0, PATIENCE, |line| {
            let event = line.json.as_ref().filter(|_| !line.error)?;
            seen += usize::from(event["event"] == name);
            (seen >= count).then_some(())
        });
        found.await;
    }

    /// As [`Self::until`], less patiently.
    pub async fn until_within(&self, what: &str, within: Duration, is: impl Fn(&Value) -> bool) -> Value {
        let mark = self.mark.load(Ordering::Relaxed);
        self.process
            .find(what, mark, within, |line| {
                let event = line.json.as_ref().filter(|_| !line.error)?;
                is(event).then(|| event.clone())
            })
            .await
    }

    /// All events so far, since the beginning.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        let lines = self.process.lines().into_iter().filter(|line| !line.error);
        let line = |line: super::process::Line| {
            line.json
                .unwrap_or_else(|| panic!("standard output is JSON only, not {:?}", line.text))
        };
        lines.map(line).collect()
    }

    /// All events of one name.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<Value> {
        let mut events = self.events();
        events.retain(|event| event["event"] == name);
        events
    }

    /// When the first event came that `is`, since the process started.
    #[must_use]
    pub fn when(&self, is: impl Fn(&Value) -> bool) -> Option<Duration> {
        let lines = self.process.lines();
        let found = lines.iter().find(|line| line.json.as_ref().is_some_and(&is))?;
        Some(found.at)
    }

    /// The messages shown, in order: id and words.
    #[must_use]
    pub fn messages(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let messages = self.all("message");
        messages
            .iter()
            .map(|event| (text(&event["id"]), text(&event["text"])))
            .collect()
    }

    /// Waits until all these messages of this side are `received`.
    pub async fn received<'a>(&self, ids: impl IntoIterator<Item = &'a String>) {
        for id in ids {
            let what = format!("`received` for {id}");
            let is = |event: &Value| {
                event["event"] == "state" && event["id"] == **id && event["state"] == "received"
            };
            self.until(&what, is).await;
        }
    }

    /// Asks it to leave, and waits until it has, in peace.
    ///
    /// # Panics
    /// When it fails or takes longer than a drain may.
    pub async fn exit(&self) {
        self.send(serde_json::json!({"cmd": "exit"})).await;
        let status = self.process.exit(Duration::from_secs(20)).await;
        assert!(status.success(), "{}", self.process.story());
    }
}
