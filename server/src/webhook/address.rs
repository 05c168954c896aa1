//! Which addresses lead inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks that are no part of the public Internet (IANA IPv4 Special-Purpose Address Registry; multicast and what is
/// reserved: IANA IPv4 Address Space Registry), with the length of their prefix.
const INSIDE: [(Ipv4Addr, u32); 14] = [
    // "This network": on Linux, this machine.
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private (RFC 1918).
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    // Between a provider and its customers (RFC 6598).
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback.
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    // Link-local, with the metadata service of clouds at 169.254.169.254 (RFC 3927).
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    // For protocols, examples and measurements (RFC 6890, RFC 5737, RFC 2544).
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast; reserved, with broadcast.
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Whether an address is not one that anybody on the Internet can reach.
#[must_use]
pub fn is_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_inside_v4(address),
        IpAddr::V6(address) => is_inside_v6(address),
    }
}

fn is_inside_v4(address: Ipv4Addr) -> bool {
    INSIDE.iter().any(|(network, length)| {
        let mask = u32::MAX << (32 - length);
        address.to_bits() & mask == network.to_bits()
    })
}

/// Only what is given out for the Internet is outside (2000::/3, IANA IPv6 Address Space), without its parts for other
/// purposes. That leaves loopback, unique local (fc00::/7), link-local and multicast addresses inside.
fn is_inside_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded(address) {
        return is_inside_v4(inner);
    }
    match address.segments() {
        // Teredo and other protocols (2001::/23, RFC 2928), examples (RFC 3849, RFC 9637), 6to4 (RFC 3056).
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] | [0x2002, ..] => true,
        [first, ..] => first & 0xe000 != 0x2000,
    }
}

/// The IPv4 address that is really meant: mapped (`::ffff:0:0/96`, RFC 4291) or translated (`64:ff9b::/96`, RFC 6052,
/// which networks without IPv4 give for hosts of the Internet).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let translated = match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    };
    address.to_ipv4_mapped().or(translated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_outside() {
        let inside = |text: &str| text.parse().map(is_inside);
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.8.9.10",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
        ] {
            assert_eq!(inside(text), Ok(true), "{text}");
        }
        for text in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.169.0.0",
            "223.255.255.255",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00::1",
        ] {
            assert_eq!(inside(text), Ok(false), "{text}");
        }
    }
}
