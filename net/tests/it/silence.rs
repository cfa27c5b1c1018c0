//! No log event tells an address.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use hamsa_net::QUIET;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

use crate::support::*;

/// Keeps every event, of every level and library, as its target and its text.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<Vec<(String, String)>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let target = event.metadata().target().to_owned();
        self.0.lock().unwrap().push((target, text.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

// One thread, so that every task of the nodes reports to this test.
#[tokio::test]
async fn no_event_tells_an_address() {
    let heard = Everything::default();
    let _guard = tracing::subscriber::set_default(heard.clone());
    let (entry, home) = pair().await;
    let dialer = dialer();
    let mut stream = dialer.home_stream(&address(&entry), &home.peer()).await.unwrap();
    call(&mut stream, b"hello").await.unwrap();
    let mut stream = dialer
        .home_stream(&address(&entry), &identity().peer())
        .await
        .unwrap();
    ends(&mut stream).await;
    let away = identity().peer();
    entry.add_partner(&nowhere(away)).unwrap();
    assert!(dialer.home_stream(&nowhere(away), &away).await.is_err());
    home.shutdown().await;
    soon(entry.partner_is(&home.peer(), false)).await;
    entry.shutdown().await;

    let heard = heard.0.lock().unwrap();
    assert!(
        heard.iter().any(|(target, _)| target.starts_with("hamsa_net")),
        "we say something"
    );
    let quiet = |target: &str| {
        let mut quiet = QUIET
            .iter()
            .filter_map(|directive| directive.strip_suffix("=off"));
        quiet.any(|name| target == name || target.starts_with(&format!("{name}::")))
    };
    for (target, text) in heard.iter() {
        let tells = text.contains("127.0.0.1") || text.contains("/ip4");
        assert!(!tells || quiet(target), "{target} tells an address:{text}");
    }
}
