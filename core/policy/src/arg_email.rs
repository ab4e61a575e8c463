//! Arguments that are e-mail addresses: one bare address (RFC 5321, without quotes and address literals).

use crate::arguments::{Refusal, text_of};
use crate::hosts::{Addresses, Hosts, Parsed, has_odd_letters, parse};
use crate::mistakes::Mistakes;
use crate::source::quote;
use std::collections::HashSet;
use talos_contracts::PolicyArgument;
use talos_contracts::json::Value;

/// Longest address and longest local part, in bytes (RFC 5321, section 4.5.3.1).
const MAX_BYTES: usize = 254;
const MAX_LOCAL_BYTES: usize = 64;
/// What a local part may have beside letters and digits: atext without what routes, pipes or quotes.
const LOCAL: &str = "._+-'=~#&*/?^{}$";

/// What an address has to be.
#[derive(Debug)]
pub(crate) struct EmailRule {
    /// Local part as written, domain as [`parse`] leaves it; absent with `domains`: every address.
    addresses: HashSet<(String, String)>,
    domains: Hosts,
    is_open: bool,
}

impl EmailRule {
    pub fn compile(argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<EmailRule> {
        let mut addresses = HashSet::new();
        for (index, written) in argument.addresses.iter().flatten().enumerate() {
            match read(written) {
                Ok(address) => drop(addresses.insert(address)),
                Err(why) => mistakes.add(&format!("addresses/{index}"), format!("address {}: {why}", quote(written))),
            }
        }
        let domains = argument.domains.as_deref().unwrap_or_default();
        let domains = Hosts::compile("domains", domains, Addresses::None, mistakes);
        let is_open = argument.addresses.is_none() && argument.domains.is_none();
        Some(EmailRule { addresses, domains, is_open })
    }

    pub fn check(&self, value: &Value) -> Result<(), Refusal> {
        let text = text_of(value, "an e-mail address", MAX_BYTES)?;
        let denied = |why: &str| Refusal::denied(format!("the address is denied: {why}"));
        let address = read(text).map_err(denied)?;
        let is_allowed = self.is_open || self.domains.contains(&address.1) || self.addresses.contains(&address);
        if is_allowed { Ok(()) } else { Err(denied("neither it nor its domain is in the rule")) }
    }
}

/// The local part and the domain of an address.
fn read(text: &str) -> Result<(String, String), &'static str> {
    if text.len() > MAX_BYTES {
        return Err("it is too long");
    }
    let (local, domain) = text.split_once('@').ok_or("it has no @")?;
    if !local.bytes().all(|byte| byte.is_ascii_alphanumeric() || LOCAL.as_bytes().contains(&byte)) {
        return Err("its local part has more than letters, digits and plain signs: one bare address is expected");
    }
    if local.is_empty() || local.len() > MAX_LOCAL_BYTES || local.split('.').any(str::is_empty) {
        return Err("its local part is empty or too long, or a dot stands at an end or beside another");
    }
    if local.starts_with('-') {
        return Err("it begins with a hyphen, which programs take for an option");
    }
    if domain.contains(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-' && c != '.') {
        return Err("its domain has more than letters, digits, hyphens and dots: one bare address is expected");
    }
    if has_odd_letters(domain) {
        return Err("its domain has letters that stand for others, or that nobody sees");
    }
    match parse(domain) {
        Some(Parsed::Domain(domain)) if domain.contains('.') => Ok((local.to_owned(), domain)),
        _ => Err("its domain is no name with a dot inside"),
    }
}
