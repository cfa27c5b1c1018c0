//! The PROXY protocol (versions 1 and 2, haproxy.org/download/2.9/doc/proxy-protocol.txt): a proxy in front of a listener
//! says whose connection it passes on, in a header before the first byte. TCP and WebSocket are the same to it.
//!
//! A header is required from the configured proxy, and read from no other address: a caller could send a forged one.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use futures::{AsyncRead, AsyncReadExt};
use thiserror::Error;

/// What version 2 begins with.
const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family, length.
const HEAD: usize = SIGNATURE.len() + 4;
/// Longest rest of a header of version 2: addresses, and what proxies add to them.
const REST_MAX: usize = 1_024;
/// What version 1 begins with.
const LINE: &[u8] = b"PROXY ";
/// Longest line of version 1, by its specification.
const LINE_MAX: usize = 107;

/// The proxy, or the network of proxies, whose word is taken for where its callers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustedProxy {
    network: IpAddr,
    prefix: u8,
}

/// Not an address or a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not an address or a network; write it like 127.0.0.2, 10.1.0.0/16 or fd00::/64")]
pub struct TrustedProxyError;

impl FromStr for TrustedProxy {
    type Err = TrustedProxyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let network: IpAddr = address.parse().map_err(|_| TrustedProxyError)?;
        // Callers are compared in this form: an IPv4 address that is written as IPv6 would never be met.
        if network.to_canonical() != network {
            return Err(TrustedProxyError);
        }
        let most = if network.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => most,
            Some(prefix) => prefix.parse().map_err(|_| TrustedProxyError)?,
        };
        // A network of everybody would let everybody choose a source.
        if prefix == 0 || prefix > most {
            return Err(TrustedProxyError);
        }
        Ok(Self { network, prefix })
    }
}

impl fmt::Display for TrustedProxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.network, self.prefix)
    }
}

impl TrustedProxy {
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            _ => false,
        }
    }
}

/// Reads a header and not a byte more. Nothing: the proxy speaks for itself, or names no address of the internet.
pub(crate) async fn read_header(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<SocketAddr>> {
    let mut head = [0; HEAD];
    let (begin, rest) = head.split_at_mut(SIGNATURE.len());
    stream.read_exact(begin).await?;
    if begin == SIGNATURE {
        stream.read_exact(rest).await?;
        let [command, family, high, low] = *rest else {
            return Err(invalid());
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if length > REST_MAX {
            return Err(invalid());
        }
        let mut rest = vec![0; length];
        stream.read_exact(&mut rest).await?;
        return version_2(command, family, &rest).ok_or_else(invalid);
    }
    if !begin.starts_with(LINE) {
        return Err(invalid());
    }
    let mut line = begin.to_vec();
    while !line.ends_with(b"\r\n") {
        if line.len() >= LINE_MAX {
            return Err(invalid());
        }
        // Byte by byte: what follows the line is not ours.
        let mut byte = [0];
        stream.read_exact(&mut byte).await?;
        line.extend_from_slice(&byte);
    }
    version_1(&line).ok_or_else(invalid)
}

fn invalid() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// The outer nothing: no header.
fn version_2(command: u8, family: u8, rest: &[u8]) -> Option<Option<SocketAddr>> {
    /// Version 2 with the commands "local" and "proxy", and the families of TCP.
    const LOCAL: u8 = 0x20;
    const PROXY: u8 = 0x21;
    const TCP4: u8 = 0x11;
    const TCP6: u8 = 0x21;
    match (command, family) {
        (LOCAL, _) => Some(None),
        (PROXY, TCP4) => {
            let (address, rest) = rest.split_first_chunk::<4>()?;
            let (port, _) = rest.get(4..)?.split_first_chunk()?;
            let address = Ipv4Addr::from(*address).into();
            Some(Some(SocketAddr::new(address, u16::from_be_bytes(*port))))
        }
        (PROXY, TCP6) => {
            let (address, rest) = rest.split_first_chunk::<16>()?;
            let (port, _) = rest.get(16..)?.split_first_chunk()?;
            let address = Ipv6Addr::from(*address).into();
            Some(Some(SocketAddr::new(address, u16::from_be_bytes(*port))))
        }
        (PROXY, _) => Some(None),
        _ => None,
    }
}

/// The outer nothing: no header.
fn version_1(line: &[u8]) -> Option<Option<SocketAddr>> {
    let line = std::str::from_utf8(line).ok()?.strip_suffix("\r\n")?;
    let mut words = line.split(' ').skip(1);
    let family = words.next()?;
    if family == "UNKNOWN" {
        return Some(None);
    }
    let (source, _, port) = (words.next()?, words.next()?, words.next()?);
    let address: IpAddr = source.parse().ok()?;
    if address.is_ipv4() != (family == "TCP4") || address.is_ipv6() != (family == "TCP6") {
        return None;
    }
    Some(Some(SocketAddr::new(address, port.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use futures::{executor::block_on, io::Cursor};

    use super::*;

    /// What a header says, and what is left after it.
    fn read(bytes: &[u8]) -> (io::Result<Option<SocketAddr>>, Vec<u8>) {
        let mut stream = Cursor::new(bytes);
        let named = block_on(read_header(&mut stream));
        let at = usize::try_from(stream.position()).unwrap();
        (named, bytes[at..].to_vec())
    }

    fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
        [SIGNATURE.as_slice(), &[command, family], &length, rest].concat()
    }

    const FOUR: [u8; 12] = [192, 0, 2, 1, 192, 0, 2, 2, 0x13, 0x88, 0x10, 0xd6];

    #[test]
    fn both_versions_name_the_caller() {
        let mut six = [0; 36];
        six[..2].copy_from_slice(&[0x20, 0x01]);
        six[15] = 7;
        six[33] = 9;
        let with_extras = [FOUR.as_slice(), &[4, 0, 1, 0]].concat();
        let cases = [
            (v2(0x21, 0x11, &FOUR), Some("192.0.2.1:5000")),
            (v2(0x21, 0x11, &with_extras), Some("192.0.2.1:5000")),
            (v2(0x21, 0x21, &six), Some("[2001::7]:9")),
            (v2(0x20, 0, &[]), None),
            (v2(0x20, 0x11, &FOUR), None),
            (v2(0x21, 0, &[]), None),
            (
                b"PROXY TCP4 192.0.2.1 192.0.2.2 5000 4310\r\n".to_vec(),
                Some("192.0.2.1:5000"),
            ),
            (b"PROXY TCP6 2001::7 ::1 9 1\r\n".to_vec(), Some("[2001::7]:9")),
            (b"PROXY UNKNOWN\r\n".to_vec(), None),
            (b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".to_vec(), None),
        ];
        for (header, named) in cases {
            let (told, left) = read(&[header.as_slice(), b"\x13/multistream"].concat());
            assert_eq!(told.unwrap(), named.map(|n| n.parse().unwrap()), "{header:?}");
            assert_eq!(left, b"\x13/multistream", "not a byte more is read");
        }
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let long = [b"PROXY TCP4 ".as_slice(), &[b'1'; 200]].concat();
        let cases = [
            b"\x13/multistream/1.0.0\n".to_vec(),
            b"GET / HTTP/1.1\r\n\r\n".to_vec(),
            b"PROXY ".to_vec(),
            b"PROXY TCP4 ::1 ::1 1 1\r\n".to_vec(),
            b"PROXY TCP4 192.0.2.1 192.0.2.2 70000 1\r\n".to_vec(),
            b"PROXY UDP4 192.0.2.1 192.0.2.2 1 1\r\n".to_vec(),
            long,
            v2(0x11, 0x11, &FOUR),
            v2(0x22, 0x11, &FOUR),
            v2(0x21, 0x11, &FOUR[..9]),
            v2(0x21, 0x21, &FOUR),
            v2(0x21, 0x11, &[0; REST_MAX + 1]),
            v2(0x21, 0x11, &FOUR)[..20].to_vec(),
            Vec::new(),
        ];
        for bytes in cases {
            assert!(read(&bytes).0.is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_proxy_is_an_address_or_a_network() {
        let proxy = |text: &str| text.parse::<TrustedProxy>();
        let contains = |text: &str, address: &str| proxy(text).unwrap().contains(address.parse().unwrap());
        assert!(contains("127.0.0.2", "127.0.0.2") && !contains("127.0.0.2", "127.0.0.3"));
        assert!(contains("10.1.0.0/16", "10.1.255.1") && !contains("10.1.0.0/16", "10.2.0.1"));
        assert!(contains("fd00::/64", "fd00::9") && !contains("fd00::/64", "fd00:0:0:1::9"));
        assert!(contains("127.0.0.2", "::ffff:127.0.0.2") && !contains("::1", "127.0.0.1"));
        for wrong in [
            "",
            "localhost",
            "10.0.0.0/0",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "10.0.0.1:80",
        ] {
            assert_eq!(proxy(wrong), Err(TrustedProxyError), "{wrong}");
        }
    }
}
