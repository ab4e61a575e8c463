//! Which addresses are on the public Internet (IANA special-purpose registries).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks of IPv4 that are not: this network, private, shared, loopback, link-local, protocol assignments, documentation,
/// 6to4 relays, benchmarks, multicast, reserved.
const V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 3),
];

/// Whether an address is a public one. Of IPv6 only global unicast is, without what carries an IPv4 address inside.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !V4.iter().any(|(network, bits)| within(v4, Ipv4Addr::from(*network), *bits)),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => is_public_v6(v6),
        },
    }
}

fn within(address: Ipv4Addr, network: Ipv4Addr, bits: u32) -> bool {
    (u32::from(address) ^ u32::from(network)) >> (32 - bits) == 0
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // 2000::/3 without Teredo and other protocol assignments, documentation and 6to4.
    let special = match a {
        0x2001 => b < 0x0200 || b == 0x0db8,
        0x2002 => true,
        0x3fff => b < 0x1000,
        _ => false,
    };
    a & 0xe000 == 0x2000 && !special
}
