//! A helpline's address: what is printed on a poster or put into a message.
//!
//! `hamsa:1:` and then upper-case base32 (RFC 4648, no padding) of
//!
//! | bytes | what |
//! |---|---|
//! | 32 | root public key |
//! | 1 | number of routes, 1 to 4 |
//! | each: 1 + n | length and text of the entry's multiaddr, at most 128 |
//! | 32 | the entry's peer |
//! | 32 | the home's peer |
//! | 64 | the root's signature over `"HP1/routes\0"`, the helpline and all from the number of routes on |
//! | 4 | first bytes of SHA-256 over `"HP1/address"` and all before |
//!
//! The root signs the routes, without an end of validity: who exchanges one is noticed before anything is dialled.
//! They say where to begin, and nothing of who runs an entry. The checksum tells a slip of the pen from an exchange.

use core::{fmt, str::FromStr};

use data_encoding::BASE32_NOPAD;

use super::{carried, entries::ENTRY_ADDRESS_MAX};
use crate::{
    crypto::{
        hash,
        keys::{NodePeer, RootKey, SIGNATURE_LEN, SignKey, VerifyKey},
    },
    text::code,
};

/// Most routes in an address: it should still fit a QR code that a phone reads from a poster.
pub const ROUTES_MAX: usize = 4;
/// How every address begins.
const PREFIX: &str = "hamsa:1:";
/// How an address of any version begins.
const SCHEME: &str = "hamsa:";
/// Bytes of checksum.
const CHECKSUM_LEN: usize = 4;

/// One route to the helpline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Multiaddr of the entry, without the peer.
    pub entry_address: String,
    /// The entry.
    pub entry: NodePeer,
    /// The home behind it.
    pub home: NodePeer,
}

/// Where a helpline is, and the root key that proves it. The root has signed the routes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HelplineAddress {
    /// The root key.
    pub root: RootKey,
    /// Routes to it, 1 to 4; in the order in which the root wants them tried.
    pub routes: Vec<Route>,
    signature: [u8; SIGNATURE_LEN],
}

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It begins differently.
    #[error("a helpline's address begins with {PREFIX} — this text does not")]
    Prefix,
    /// Other words stand before the address.
    #[error("other words stand before the address; give only what begins with {PREFIX}")]
    WordsBefore,
    /// An unknown version.
    #[error("this address is of a newer kind than this program knows")]
    Version,
    /// A character is invalid, or the checksum differs.
    #[error("the address is damaged: a character is wrong or missing")]
    Damaged,
    /// Undamaged, but the content is invalid.
    #[error("the address is whole but holds something that is no address")]
    Content,
    /// The root of the address has not signed these routes.
    #[error(
        "the routes in this address were exchanged: the helpline has not signed them; take the address again, from the helpline itself"
    )]
    Exchanged,
}

impl FromStr for HelplineAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        // A poster, a mail program or a terminal may have broken the line.
        if let Some(result) = carried::read(PREFIX, text, &AddressError::Damaged, whole) {
            return result;
        }
        let text = code(text);
        let head = text.get(..SCHEME.len()).unwrap_or_default();
        Err(if head.eq_ignore_ascii_case(SCHEME) {
            AddressError::Version
        } else if text.to_ascii_lowercase().contains(PREFIX) {
            AddressError::WordsBefore
        } else {
            AddressError::Prefix
        })
    }
}

impl fmt::Display for HelplineAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut body = self.root.0.to_bytes().to_vec();
        body.extend(encode_routes(&self.routes));
        body.extend_from_slice(&self.signature);
        let sum = checksum(&body);
        body.extend_from_slice(&sum);
        write!(formatter, "{PREFIX}{}", BASE32_NOPAD.encode(&body))
    }
}

impl HelplineAddress {
    /// An address, its routes cut at the limit and signed. `None` when no route fits.
    #[must_use]
    pub fn sign(root: &SignKey, routes: Vec<Route>) -> Option<Self> {
        let fits =
            |route: &Route| !route.entry_address.is_empty() && route.entry_address.len() <= ENTRY_ADDRESS_MAX;
        let routes: Vec<_> = routes.into_iter().filter(fits).take(ROUTES_MAX).collect();
        let key = RootKey(root.public());
        let signature = root.sign(&to_sign(&key, &encode_routes(&routes)));
        (!routes.is_empty()).then_some(Self {
            root: key,
            routes,
            signature,
        })
    }

    /// Whether a text is meant as an address, of this version or another one. Then it is not a path of a file.
    #[must_use]
    pub fn is_meant_by(text: &str) -> bool {
        let text = code(text);
        text.get(..SCHEME.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(SCHEME))
    }

    /// The homes, each once, in the order of the address.
    #[must_use]
    pub fn homes(&self) -> Vec<NodePeer> {
        let mut homes = Vec::new();
        for route in &self.routes {
            if !homes.contains(&route.home) {
                homes.push(route.home);
            }
        }
        homes
    }
}

fn checksum(body: &[u8]) -> [u8; CHECKSUM_LEN] {
    let hash = hash::sha256(&[b"HP1/address", body]);
    let mut sum = [0; CHECKSUM_LEN];
    sum.copy_from_slice(hash.get(..CHECKSUM_LEN).unwrap_or(&[0; CHECKSUM_LEN]));
    sum
}

fn encode_routes(routes: &[Route]) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(routes.len()).unwrap_or(u8::MAX)];
    for route in routes {
        bytes.push(u8::try_from(route.entry_address.len()).unwrap_or(u8::MAX));
        bytes.extend_from_slice(route.entry_address.as_bytes());
        bytes.extend_from_slice(&route.entry.0);
        bytes.extend_from_slice(&route.home.0);
    }
    bytes
}

/// What the root signs of an address.
fn to_sign(root: &RootKey, routes: &[u8]) -> Vec<u8> {
    [b"HP1/routes\0", &root.helpline().0[..], routes].concat()
}

/// An address with its checksum.
fn whole(bytes: &[u8]) -> Result<HelplineAddress, AddressError> {
    let (body, sum) = bytes
        .split_last_chunk::<CHECKSUM_LEN>()
        .ok_or(AddressError::Damaged)?;
    if checksum(body) != *sum {
        return Err(AddressError::Damaged);
    }
    parse(body)
}

fn parse(body: &[u8]) -> Result<HelplineAddress, AddressError> {
    let content = AddressError::Content;
    let (root, rest) = body.split_first_chunk::<32>().ok_or(content)?;
    let root = RootKey(VerifyKey::from_bytes(root).map_err(|_| content)?);
    let (signed, signature) = rest.split_last_chunk::<SIGNATURE_LEN>().ok_or(content)?;
    let routes = parse_routes(signed).ok_or(content)?;
    let genuine = root.0.verify(&to_sign(&root, signed), signature);
    genuine.map_err(|_| AddressError::Exchanged)?;
    Ok(HelplineAddress {
        root,
        routes,
        signature: *signature,
    })
}

fn parse_routes(bytes: &[u8]) -> Option<Vec<Route>> {
    let (&count, mut rest) = bytes.split_first()?;
    let mut routes = Vec::new();
    for _ in 0..count {
        let (&length, after) = rest.split_first()?;
        let (address, after) = after.split_at_checked(usize::from(length))?;
        let (entry, after) = after.split_first_chunk::<32>()?;
        let (home, after) = after.split_first_chunk::<32>()?;
        if !(1..=ENTRY_ADDRESS_MAX).contains(&address.len()) {
            return None;
        }
        routes.push(Route {
            entry_address: core::str::from_utf8(address).ok()?.to_owned(),
            entry: NodePeer(*entry),
            home: NodePeer(*home),
        });
        rest = after;
    }
    (rest.is_empty() && (1..=ROUTES_MAX).contains(&routes.len())).then_some(routes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::seeded;

    fn route() -> Route {
        Route {
            entry_address: "/ip4/127.0.0.1/tcp/4310".into(),
            entry: NodePeer([1; 32]),
            home: NodePeer([2; 32]),
        }
    }

    fn address() -> HelplineAddress {
        HelplineAddress::sign(&SignKey::generate(&mut seeded(3)), vec![route()]).unwrap()
    }

    #[test]
    fn exchanged_routes_are_refused() {
        let genuine = address();
        let mut other = route();
        other.entry = NodePeer([9; 32]);
        for routes in [vec![other.clone()], vec![route(), other]] {
            // As an attacker writes it who has no root: with a checksum that is right.
            let exchanged = HelplineAddress {
                routes,
                ..genuine.clone()
            };
            let error = exchanged.to_string().parse::<HelplineAddress>();
            assert_eq!(error, Err(AddressError::Exchanged));
        }
        // Nor do the routes of one helpline count for another.
        let root = RootKey(SignKey::generate(&mut seeded(4)).public());
        let taken = HelplineAddress { root, ..genuine };
        let error = taken.to_string().parse::<HelplineAddress>();
        assert_eq!(error, Err(AddressError::Exchanged));
    }

    #[test]
    fn round_trips_also_broken_over_lines_and_in_small_letters() {
        let text = address().to_string();
        assert_eq!(text.parse(), Ok(address()));
        let (a, b) = text.split_at(40);
        assert_eq!(format!(" {a}\n  {b}\n").to_lowercase().parse(), Ok(address()));
    }

    #[test]
    fn what_other_systems_add_is_left_out() {
        let text = address().to_string();
        let (a, b) = text.split_at(40);
        for form in [
            format!("\u{feff}{text}\r\n"),
            format!("\u{200f}\u{202a}{text}\u{202c}"),
            format!("\u{2066}{text}\u{2069}"),
            format!("{a}\u{200b}{b}"),
            format!("{a}\u{ad}\r\n{b}"),
            text.replace(':', "："),
        ] {
            assert_eq!(form.parse(), Ok(address()), "{form:?}");
            assert!(HelplineAddress::is_meant_by(&form));
        }
        let words = format!("Notre ligne : {text}");
        assert_eq!(words.parse::<HelplineAddress>(), Err(AddressError::WordsBefore));
        assert!(!HelplineAddress::is_meant_by("helpline.address"));
    }

    #[test]
    fn a_text_begins_with_an_address_and_may_go_on() {
        let text = address().to_string();
        let wrapped: Vec<&str> = text
            .as_bytes()
            .chunks(40)
            .map(|piece| str::from_utf8(piece).unwrap())
            .collect();
        for form in [
            format!("\n\u{feff}\n{text}\nmore words\n"),
            format!("{}\n\ntwelve words\n", wrapped.join("\n")),
            text.replacen(':', ":\n", 1),
            text.replacen(':', " :\n", 2),
            format!("{text}."),
            format!("{text} (notre ligne)"),
            format!("{text} {text}"),
            format!("{text}, {text}"),
            format!("{text}\nabcdef"),
        ] {
            assert_eq!(form.parse(), Ok(address()), "{form:?}");
        }
        assert_eq!(text[..60].parse::<HelplineAddress>(), Err(AddressError::Damaged));
        assert_eq!("".parse::<HelplineAddress>(), Err(AddressError::Prefix));
        assert_eq!(
            "hamsa:2:AA".parse::<HelplineAddress>(),
            Err(AddressError::Version)
        );
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let text = address().to_string();
        for position in PREFIX.len()..text.len() {
            let mut chars: Vec<char> = text.chars().collect();
            chars[position] = if chars[position] == 'A' { 'B' } else { 'A' };
            let changed: String = chars.into_iter().collect();
            assert_eq!(
                changed.parse::<HelplineAddress>(),
                Err(AddressError::Damaged),
                "at {position}"
            );
        }
    }

    #[test]
    fn other_texts_are_told_apart() {
        assert_eq!("https://x".parse::<HelplineAddress>(), Err(AddressError::Prefix));
        assert_eq!(
            "hamsa:2:AAAA".parse::<HelplineAddress>(),
            Err(AddressError::Version)
        );
        assert_eq!("".parse::<HelplineAddress>(), Err(AddressError::Prefix));
    }
}
