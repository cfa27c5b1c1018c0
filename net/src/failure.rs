//! Why a stream could not be had, in words for people, and how the libraries' nested errors become that.

use std::{error::Error as StdError, io};

use libp2p::{
    core::transport::TransportError,
    dns::{self, ResolveError},
    noise, swarm,
};
use thiserror::Error;

/// Why no stream to a home could be opened. It never names an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DialError {
    /// The address has a form that is not spoken.
    #[error("the entry's address is not one that can be dialled")]
    BadAddress,
    /// The name has no address.
    #[error("the entry's name was not found")]
    NameNotFound,
    /// No program listens there.
    #[error("the entry refused the connection")]
    Refused,
    /// No way to that network.
    #[error("there is no way to the entry from this network")]
    NoRoute,
    /// No answer in time.
    #[error("the entry did not answer within {} seconds", crate::limits::CONNECT_TIMEOUT.as_secs())]
    TimedOut,
    /// Another node answers there.
    #[error("another node answers at the entry's address")]
    WrongPeer,
    /// A web server answers there: most often that of a network that wants a login first.
    #[error("a web server answers at the entry's address")]
    LoginPage,
    /// The connection broke while it was made.
    #[error("the connection to the entry broke while it was made")]
    Broken,
    /// The dialer was stopped.
    #[error("the network part of this program has stopped")]
    Stopped,
}

impl DialError {
    /// A stable English key for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadAddress => "entry_address",
            Self::NameNotFound => "entry_name",
            Self::Refused => "entry_refused",
            Self::NoRoute => "no_route",
            Self::TimedOut => "entry_silent",
            Self::WrongPeer => "entry_impostor",
            Self::LoginPage => "login_page",
            Self::Broken => "entry_broken",
            Self::Stopped => "stopped",
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::BadAddress => "ask the association for a new helpline address",
            Self::NameNotFound => "check that this device is online, or try another entry",
            Self::Refused | Self::Broken => "try again in a moment, or try another entry",
            Self::NoRoute => "check that this device is online",
            Self::TimedOut => {
                "check that this device is online; the network here may block the entry, so try another entry or another network"
            }
            Self::WrongPeer => "do not go on through this entry; try another, and tell the association",
            Self::LoginPage => {
                "this network may ask for a login first: open any page in a browser, log in if it asks, then come back; it is tried again by itself"
            }
            Self::Stopped => "start the program again",
        }
    }
}

/// What lies at the bottom of a chain of errors, as one kind.
/// The transport keeps only this: the libraries' own texts contain addresses.
pub(crate) fn kind_of(error: &(dyn StdError + 'static)) -> io::ErrorKind {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<ResolveError>() {
            return io::ErrorKind::NotFound;
        }
        if let Some(several) = error.downcast_ref::<dns::Error<io::Error>>()
            && let Some(kind) = kind_of_dns(several)
        {
            return kind;
        }
        // Its display is that of the error inside, and so is its source: the error itself would be skipped.
        let inside = match error.downcast_ref::<noise::Error>() {
            Some(noise::Error::Io(inside)) => Some(inside),
            _ => error.downcast_ref::<io::Error>(),
        };
        if let Some(error) = inside {
            match error.get_ref() {
                Some(inner) if error.kind() == io::ErrorKind::Other => {
                    next = Some(inner);
                    continue;
                }
                _ => return error.kind(),
            }
        }
        next = error.source();
    }
    io::ErrorKind::Other
}

/// A name may have several addresses, each with its own failure: the last one counts, but its own source is skipped by the library.
fn kind_of_dns(error: &dns::Error<io::Error>) -> Option<io::ErrorKind> {
    match error {
        dns::Error::Transport(error) => Some(kind_of(error)),
        dns::Error::ResolveError(_) => Some(io::ErrorKind::NotFound),
        dns::Error::Dial(all) => all.iter().rev().find_map(kind_of_dns),
        _ => None,
    }
}

/// The swarm's error as ours.
pub(crate) fn dial_error(error: &swarm::DialError) -> DialError {
    match error {
        swarm::DialError::WrongPeerId { .. } | swarm::DialError::LocalPeerId { .. } => DialError::WrongPeer,
        swarm::DialError::NoAddresses => DialError::BadAddress,
        swarm::DialError::Aborted => DialError::Stopped,
        swarm::DialError::Transport(errors) => errors.last().map_or(DialError::Broken, |(_, e)| match e {
            TransportError::MultiaddrNotSupported(_) => DialError::BadAddress,
            TransportError::Other(error) => from_kind(kind_of(error)),
        }),
        _ => DialError::Broken,
    }
}

fn from_kind(kind: io::ErrorKind) -> DialError {
    match kind {
        io::ErrorKind::ConnectionRefused => DialError::Refused,
        io::ErrorKind::TimedOut => DialError::TimedOut,
        io::ErrorKind::NotFound => DialError::NameNotFound,
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => DialError::NoRoute,
        // Only a web server's bytes have this kind, see `answer`.
        io::ErrorKind::InvalidData => DialError::LoginPage,
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => DialError::BadAddress,
        _ => DialError::Broken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_is_found_through_wrappers() {
        let bottom = io::Error::from_raw_os_error(111);
        let wrapped = io::Error::other(io::Error::other(dns::Error::Dial(vec![dns::Error::Transport(
            bottom,
        )])));
        assert_eq!(kind_of(&wrapped), io::ErrorKind::ConnectionRefused);
        let timed = io::Error::other(io::Error::from(io::ErrorKind::TimedOut));
        assert_eq!(kind_of(&timed), io::ErrorKind::TimedOut);
        let text = io::Error::new(io::ErrorKind::InvalidData, "frame");
        assert_eq!(kind_of(&text), io::ErrorKind::InvalidData);
    }

    #[test]
    fn every_error_has_its_own_code() {
        let all = [
            DialError::BadAddress,
            DialError::NameNotFound,
            DialError::Refused,
            DialError::NoRoute,
            DialError::TimedOut,
            DialError::WrongPeer,
            DialError::LoginPage,
            DialError::Broken,
            DialError::Stopped,
        ];
        let codes: std::collections::HashSet<_> = all.iter().map(|e| e.code()).collect();
        assert_eq!(codes.len(), all.len());
        assert!(all.iter().all(|e| !e.advice().is_empty()));
    }
}
