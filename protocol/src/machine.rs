//! The one contract of the three machines: [`Home`](crate::home::Home), [`Seeker`](crate::seeker::Seeker) and
//! [`Counselor`](crate::counselor::Counselor).
//!
//! A driver gives **one** input, by [`Machine::handle`] or by one of the machine's own commands. It then polls
//! outputs until [`Output::Sleep`], and waits for the next input or for the deadline that it named. A machine reads
//! no clock: `now` comes with each input and never goes back.

use crate::{
    time::{Now, Tick},
    wire::Record,
};

/// What a driver tells a machine.
pub enum Input<P, L> {
    /// A link to `peer` is up.
    Connected {
        /// The other end.
        peer: P,
        /// What its handshake proved.
        link: L,
    },
    /// The link to `peer` is down.
    Disconnected {
        /// The other end.
        peer: P,
    },
    /// A record came from `peer`.
    Record {
        /// The other end.
        peer: P,
        /// The record.
        record: Record,
    },
    /// The deadline that [`Output::Sleep`] named has come.
    Timeout,
}

/// What a machine asks of its driver.
#[derive(Debug)]
pub enum Output<P, E> {
    /// Send this record.
    Send {
        /// To this peer.
        peer: P,
        /// The record.
        record: Record,
    },
    /// An answer of this peer was missed, or it has no room for what comes by this entry. Make another link beside this
    /// one, and close this one when the other is up. Given once for each silence. Any record from the peer over this link ends the silence.
    Suspect {
        /// The peer.
        peer: P,
    },
    /// Close the link with this peer, after what was sent.
    Disconnect {
        /// The peer.
        peer: P,
    },
    /// An event for the face.
    Event(E),
    /// Nothing more until the next input. With a time, the input [`Input::Timeout`] is due then. Always the last
    /// output.
    Sleep(Option<Tick>),
}

/// A state machine without input or output of its own.
pub trait Machine {
    /// Names the other end of a link.
    type Peer: Copy + Ord;
    /// What the handshake of a new link proved.
    type Link;
    /// An event for the face.
    type Event;

    /// Takes one input.
    fn handle(&mut self, input: Input<Self::Peer, Self::Link>, now: Now);

    /// Gives the next output; [`Output::Sleep`] when there is none.
    fn poll_output(&mut self) -> Output<Self::Peer, Self::Event>;

    /// [`Input::Connected`].
    fn handle_connected(&mut self, peer: Self::Peer, link: Self::Link, now: Now) {
        self.handle(Input::Connected { peer, link }, now);
    }

    /// [`Input::Disconnected`].
    fn handle_disconnected(&mut self, peer: Self::Peer, now: Now) {
        self.handle(Input::Disconnected { peer }, now);
    }

    /// [`Input::Record`].
    fn handle_record(&mut self, peer: Self::Peer, record: Record, now: Now) {
        self.handle(Input::Record { peer, record }, now);
    }

    /// [`Input::Timeout`].
    fn handle_timeout(&mut self, now: Now) {
        self.handle(Input::Timeout, now);
    }

    /// Polls until the machine sleeps.
    fn drain(&mut self) -> Drained<Self::Peer, Self::Event> {
        let mut drained = Drained {
            links: Vec::new(),
            events: Vec::new(),
            wake: None,
        };
        loop {
            match self.poll_output() {
                Output::Event(event) => drained.events.push(event),
                Output::Sleep(wake) => return Drained { wake, ..drained },
                output => drained.links.push(output),
            }
        }
    }
}

/// Everything that a machine gave until it slept.
pub struct Drained<P, E> {
    /// What to do with links, in order.
    pub links: Vec<Output<P, E>>,
    /// Events for the face, in order.
    pub events: Vec<E>,
    /// When [`Input::Timeout`] is due.
    pub wake: Option<Tick>,
}

impl<P, E> Drained<P, E> {
    /// Takes the records that are to be sent, and drops all other orders to links.
    pub fn records(&mut self) -> impl Iterator<Item = (P, Record)> {
        self.links.drain(..).filter_map(|output| match output {
            Output::Send { peer, record } => Some((peer, record)),
            _ => None,
        })
    }
}
