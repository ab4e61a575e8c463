//! Where a URL may lead: schemes, hosts and ports, for rules about URLs and for egress (`docs/spec/policy.md`,
//! section 8).

use crate::addresses::is_public;
use crate::hosts::{Addresses, Hosts, Parsed, has_odd_letters, is_local, parse};
use crate::mistakes::Mistakes;
use crate::source::quote;
use std::collections::HashSet;

/// The scheme where a rule names none.
const DEFAULT_SCHEME: &str = "https";

/// The schemes, hosts and ports that URLs may have.
#[derive(Debug)]
pub(crate) struct Origins {
    schemes: HashSet<String>,
    hosts: Hosts,
    /// Absent: the scheme's own.
    ports: Option<HashSet<u64>>,
    allow_private: bool,
}

/// The members of a rule that say where URLs may lead.
pub(crate) struct Stated<'a> {
    pub hosts: &'a [String],
    pub schemes: Option<&'a [String]>,
    pub ports: Option<&'a [u64]>,
    pub allow_private: Option<bool>,
}

/// The port of a scheme that has one (WHATWG URL, section 4.2).
pub(crate) fn default_port(scheme: &str) -> Option<u64> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

impl Origins {
    pub fn compile(stated: &Stated<'_>, mistakes: &mut Mistakes) -> Origins {
        let allow_private = stated.allow_private.unwrap_or(false);
        let addresses = if allow_private { Addresses::All } else { Addresses::Public };
        let mut schemes = HashSet::new();
        for (index, scheme) in stated.schemes.unwrap_or(&[DEFAULT_SCHEME.to_owned()]).iter().enumerate() {
            let plain = scheme.trim_end_matches([':', '/']).to_ascii_lowercase();
            if plain != *scheme {
                let detail = format!("scheme {}: a scheme is in lower case and without a colon", quote(scheme));
                mistakes.suggest(&format!("schemes/{index}"), detail, plain);
            } else if !is_scheme(scheme) {
                mistakes.add(&format!("schemes/{index}"), format!("{} is no scheme", quote(scheme)));
            }
            schemes.insert(scheme.clone());
        }
        Origins {
            schemes,
            hosts: Hosts::compile("hosts", stated.hosts, addresses, mistakes),
            ports: stated.ports.map(|ports| ports.iter().copied().collect()),
            allow_private,
        }
    }

    /// Whether URLs of this scheme, in lower case, are allowed at all.
    pub fn has_scheme(&self, scheme: &str) -> bool {
        self.schemes.contains(scheme)
    }

    /// Checks a scheme, in lower case, and the authority after it as it is written.
    pub fn check(&self, scheme: &str, authority: &str) -> Result<(), &'static str> {
        if !self.has_scheme(scheme) {
            return Err("its scheme is not in schemes");
        }
        let port = self.check_authority(authority)?;
        self.check_port(port, default_port(scheme))
    }

    /// Checks an authority that stands without a scheme, which is then that of whoever reads it.
    pub fn check_relative(&self, authority: &str) -> Result<(), &'static str> {
        let port = self.check_authority(authority)?;
        let defaults = self.schemes.iter().filter_map(|scheme| default_port(scheme));
        let allowed = |default| self.check_port(port, Some(default)).is_ok();
        if port.is_none() || defaults.into_iter().any(allowed) { Ok(()) } else { Err("its port is not in ports") }
    }

    fn check_port(&self, port: Option<u64>, default: Option<u64>) -> Result<(), &'static str> {
        let is_allowed = match &self.ports {
            Some(ports) => port.or(default).is_some_and(|port| ports.contains(&port)),
            None => port.is_none() || port == default,
        };
        if is_allowed { Ok(()) } else { Err("its port is not in ports") }
    }

    /// Checks the host and answers with the port, if there is one.
    fn check_authority(&self, authority: &str) -> Result<Option<u64>, &'static str> {
        if authority.is_empty() {
            return Err("it has no host");
        }
        if authority.contains('@') {
            return Err("it names a user");
        }
        if authority.contains('%') {
            return Err("its host is percent-encoded");
        }
        let (host, port) = split(authority).ok_or("its host and port cannot be read")?;
        self.check_host(host)?;
        Ok(port)
    }

    fn check_host(&self, host: &str) -> Result<(), &'static str> {
        if host.ends_with('.') {
            return Err("its host ends with a dot");
        }
        if has_odd_letters(host) {
            return Err("its host has letters that stand for others, or that nobody sees");
        }
        let name = match parse(host).ok_or("it has no host that can be read")? {
            Parsed::Address(_, text) if !text.eq_ignore_ascii_case(host) => {
                return Err("its address is not written in the shortest form");
            }
            Parsed::Address(address, _) if !self.allow_private && !is_public(address) => {
                return Err("its address is private or reserved");
            }
            Parsed::Domain(name) if !self.allow_private && is_local(&name) => {
                return Err("its host is this machine");
            }
            Parsed::Address(_, name) | Parsed::Domain(name) => name,
        };
        if self.hosts.contains(&name) { Ok(()) } else { Err("its host is not in hosts") }
    }
}

fn is_scheme(text: &str) -> bool {
    let is_rest = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-.".contains(&byte);
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(is_rest)
}

/// Host and port of an authority without a user; a port is written without zeros in front.
fn split(authority: &str) -> Option<(&str, Option<u64>)> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(end);
    if rest.is_empty() {
        return Some((host, None));
    }
    let digits = rest.strip_prefix(':')?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    let port = digits.parse().ok().filter(|port| is_plain && *port <= 65535)?;
    Some((host, Some(port)))
}
