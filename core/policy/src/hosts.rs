//! Sets of hosts: exact ones, `*.` and a domain for all below it, and `*` for every one (`docs/spec/policy.md`,
//! section 8).

use crate::addresses::is_public;
use crate::mistakes::Mistakes;
use crate::names::ANY;
use crate::source::quote;
use std::collections::HashSet;
use std::net::IpAddr;
use talos_text::{is_ignorable, nfkc};
use url::Host;

/// How a label of a domain begins that stands for one in other letters than ASCII.
const ENCODED: &str = "xn--";

/// A dot to those who look names up (UTS 46), and to nobody else.
const IDEOGRAPHIC_FULL_STOP: char = '\u{3002}';

/// The hosts that a rule allows.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    exact: HashSet<String>,
    /// Domains, everything below which is allowed.
    below: HashSet<String>,
    any: bool,
}

impl Hosts {
    /// Compiles a list of hosts, which is the member `key` of the rule.
    pub fn compile(key: &str, list: &[String], addresses: Addresses, mistakes: &mut Mistakes) -> Hosts {
        let mut hosts = Hosts::default();
        for (index, written) in list.iter().enumerate() {
            let member = format!("{key}/{index}");
            if written == ANY {
                hosts.any = true;
                continue;
            }
            let (domain, is_below) = match written.strip_prefix("*.") {
                Some(domain) => (domain, true),
                None => (written.as_str(), false),
            };
            match read(domain, is_below, addresses) {
                Ok(host) if is_below => drop(hosts.below.insert(host)),
                Ok(host) => drop(hosts.exact.insert(host)),
                Err(Fault { detail, suggestion }) => {
                    let detail = format!("host {}: {detail}", quote(written));
                    match suggestion {
                        Some(suggestion) => mistakes.suggest(&member, detail, suggestion),
                        None => mistakes.add(&member, detail),
                    }
                }
            }
        }
        hosts
    }

    /// Whether a host is one of them. `host` is as [`parse`] leaves it.
    pub fn contains(&self, host: &str) -> bool {
        if self.exact.contains(host) {
            return true;
        }
        // Letters that look like others make names that look like others: what is not named with them is not meant.
        let mut rest = host;
        while let Some((label, above)) = rest.split_once('.') {
            if label.is_empty() || label.starts_with(ENCODED) {
                return false;
            }
            if self.below.contains(above) {
                return true;
            }
            rest = above;
        }
        self.any && !rest.starts_with(ENCODED)
    }
}

/// Whether addresses may be hosts, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// No address is a host.
    None,
    /// Those of the public Internet.
    Public,
    /// All, and the names of this machine.
    All,
}

struct Fault {
    detail: String,
    suggestion: Option<String>,
}

fn fault<T>(detail: &str) -> Result<T, Fault> {
    Err(Fault { detail: detail.to_owned(), suggestion: None })
}

/// A host of a policy in the form that it is compared in.
fn read(written: &str, is_below: bool, addresses: Addresses) -> Result<String, Fault> {
    if let Some((_, rest)) = written.split_once("://") {
        let suggestion = rest.split(['/', '?', '#', ':']).next().unwrap_or_default().to_owned();
        return Err(Fault {
            detail: "a host stands alone, without scheme, port and path".to_owned(),
            suggestion: Some(suggestion),
        });
    }
    let is_v6 = written.starts_with('[') && written.ends_with(']');
    if !is_v6 && written.contains(['/', ':', '?', '#', '@', '%', '\\', '[', ']']) {
        return fault("a host stands alone, without scheme, user, port and path; an IPv6 address stands in brackets");
    }
    if written.contains(ANY) {
        return fault("only `*.` in front of a domain, or `*` alone, stands for others");
    }
    if written.ends_with('.') {
        return fault("a host has no dot at its end");
    }
    if has_odd_letters(written) {
        return fault("it has letters that stand for others, or that nobody sees");
    }
    match parse(written) {
        Some(Parsed::Domain(name)) if is_local(&name) && addresses != Addresses::All => {
            fault("it is this machine, which is denied without `allow_private: true`")
        }
        Some(Parsed::Domain(name)) => Ok(name),
        Some(Parsed::Address(..)) if is_below => fault("nothing is below an address"),
        Some(Parsed::Address(..)) if addresses == Addresses::None => fault("it is an address, and a name is expected"),
        Some(Parsed::Address(address, _)) if addresses == Addresses::Public && !is_public(address) => {
            fault("it is no public address, which is denied without `allow_private: true`")
        }
        Some(Parsed::Address(_, text)) if text != written => {
            Err(Fault { detail: "an address is written in its shortest form".to_owned(), suggestion: Some(text) })
        }
        Some(Parsed::Address(_, text)) => Ok(text),
        None => fault("it is no host"),
    }
}

/// A host as the WHATWG algorithm reads it.
pub(crate) enum Parsed {
    /// A domain in lower case, its labels encoded.
    Domain(String),
    /// An address, and how a URL writes it.
    Address(IpAddr, String),
}

/// Parses a host; one with an empty label, a dot at its end or characters that names do not have is none.
pub(crate) fn parse(text: &str) -> Option<Parsed> {
    match Host::parse(text).ok()? {
        Host::Domain(name) if name.split('.').any(str::is_empty) || !name.bytes().all(is_name_byte) => None,
        Host::Domain(name) => Some(Parsed::Domain(name)),
        Host::Ipv4(address) => Some(Parsed::Address(address.into(), address.to_string())),
        Host::Ipv6(address) => Some(Parsed::Address(address.into(), Host::<String>::Ipv6(address).to_string())),
    }
}

/// Whether a host has letters that parsers map to others, drop, or take for a dot.
pub(crate) fn has_odd_letters(host: &str) -> bool {
    nfkc(host) != host || host.contains(|c| is_ignorable(c) || c == IDEOGRAPHIC_FULL_STOP)
}

/// What encoded names are made of: letters, digits, hyphens, and the underscore that many have.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)
}

/// Whether a name is this machine (RFC 6761).
pub(crate) fn is_local(domain: &str) -> bool {
    domain == "localhost" || domain.ends_with(".localhost")
}
