//! The rules of several files as those of one: lists are joined, and of two limits the stricter holds
//! (`docs/spec/policy.md`, section 16).

use crate::compile::Checker;
use crate::source::quote;
use std::cmp;
use talos_contracts::scalar::Hash;
use talos_contracts::{Policy, PolicyApprover, PolicyEgress, PolicyMaxAmount, PolicyMode, PolicyOnDrift};

/// One file of a policy.
#[derive(Clone)]
pub(crate) struct Part {
    /// The hash of that file with all that it includes.
    pub hash: Hash,
    /// Its name.
    pub name: String,
    /// What it says itself.
    pub policy: Policy,
}

/// Adds the rules of an included file, which comes by this entry of `includes`.
pub(crate) fn join(policy: &mut Policy, part: &Part, entry: usize, checker: &mut Checker<'_>) {
    let from = &part.policy;
    let mut lists = Lists { part, entry, checker };
    lists.join("allowed_tools", &mut policy.allowed_tools, &from.allowed_tools);
    lists.join("allowed_resources", &mut policy.allowed_resources, &from.allowed_resources);
    lists.join("allowed_prompts", &mut policy.allowed_prompts, &from.allowed_prompts);
    lists.join("allowed_peers", &mut policy.allowed_peers, &from.allowed_peers);
    lists.join("blocked_patterns", &mut policy.blocked_patterns, &from.blocked_patterns);
    lists.join("redact", &mut policy.redact, &from.redact);
    lists.join("rates", &mut policy.rates, &from.rates);
    lists.join("approvals", &mut policy.approvals, &from.approvals);
    // One person in two files is one person.
    let others = from.approvers.as_ref().map(|people| {
        let known = policy.approvers.as_deref().unwrap_or_default();
        people.iter().filter(|person| !known.contains(person)).cloned().collect::<Vec<PolicyApprover>>()
    });
    lists.join("approvers", &mut policy.approvers, &others);
    stricter(&mut policy.max_tool_calls_per_request, from.max_tool_calls_per_request, cmp::min);
    stricter(&mut policy.max_tokens_per_request, from.max_tokens_per_request, cmp::min);
    stricter(&mut policy.confidence_threshold_bp, from.confidence_threshold_bp, cmp::max);
    stricter(&mut policy.consent_required, from.consent_required, |a, b| a || b);
    stricter(&mut policy.kyc_required, from.kyc_required, |a, b| a || b);
    let conflicts = [
        join_money(&mut policy.max_amount, from.max_amount.as_ref()),
        join_egress(&mut policy.egress, from.egress.as_ref()),
        join_mode(policy.mode, from.mode),
        join_drift(&mut policy.on_drift, from.on_drift),
    ];
    for detail in conflicts.into_iter().filter_map(Result::err) {
        checker.refuse(&format!("/includes/{entry}"), format!("{}: {detail}", quote(&part.name)));
    }
}

/// The lists of a policy while those of a file are added.
struct Lists<'a, 'c> {
    part: &'a Part,
    entry: usize,
    checker: &'a mut Checker<'c>,
}

impl Lists<'_, '_> {
    fn join<T: Clone>(&mut self, name: &'static str, own: &mut Option<Vec<T>>, other: &Option<Vec<T>>) {
        let Some(other) = other else { return };
        let list = own.get_or_insert_default();
        self.checker.joined(name, list.len()..list.len() + other.len(), self.entry, &self.part.name);
        list.extend(other.iter().cloned());
    }
}

fn stricter<T: Copy>(own: &mut Option<T>, other: Option<T>, of_two: impl Fn(T, T) -> T) {
    *own = match (*own, other) {
        (Some(a), Some(b)) => Some(of_two(a, b)),
        (a, b) => a.or(b),
    };
}

fn join_money(own: &mut Option<PolicyMaxAmount>, other: Option<&PolicyMaxAmount>) -> Result<(), String> {
    match (own, other) {
        (_, None) => {}
        (own @ None, Some(other)) => *own = Some(other.clone()),
        (Some(own), Some(other)) if own.currency != other.currency => {
            return Err(format!("max_amount is in {}, here it is in {}", other.currency, own.currency));
        }
        (Some(own), Some(other)) => {
            stricter(&mut own.per_call_micro, other.per_call_micro, cmp::min);
            stricter(&mut own.per_run_micro, other.per_run_micro, cmp::min);
        }
    }
    Ok(())
}

/// What is allowed to both: a host that both name, or that one names and a `*.` of the other covers.
fn join_egress(own: &mut Option<PolicyEgress>, other: Option<&PolicyEgress>) -> Result<(), String> {
    let (own, other) = match (own, other) {
        (_, None) => return Ok(()),
        (own @ None, Some(other)) => {
            *own = Some(other.clone());
            return Ok(());
        }
        (Some(own), Some(other)) => (own, other),
    };
    let covers = |hosts: &[String], host: &String| hosts.iter().any(|pattern| is_under(pattern, host));
    let mut hosts: Vec<String> = own.hosts.iter().filter(|host| covers(&other.hosts, host)).cloned().collect();
    let more = other.hosts.iter().filter(|host| covers(&own.hosts, host));
    hosts.extend(more.filter(|host| !own.hosts.contains(host)).cloned());
    own.hosts = hosts;
    own.allow_private = match (own.allow_private, other.allow_private) {
        (Some(true), Some(true)) => Some(true),
        (None, None) => None,
        _ => Some(false),
    };
    own.schemes = both("schemes", own.schemes.take(), other.schemes.as_ref())?;
    own.ports = both("ports", own.ports.take(), other.ports.as_ref())?;
    Ok(())
}

/// Whether a host, or all hosts of a pattern, are among those of a pattern.
fn is_under(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_ascii_lowercase(), host.to_ascii_lowercase());
    // `*.a.example` covers `x.a.example` and `*.x.a.example`, and not `a.example`.
    pattern == host
        || pattern.strip_prefix('*').is_some_and(|domain| {
            host.strip_prefix('*').unwrap_or(&host).len() > domain.len() && host.ends_with(domain)
        })
}

fn both<T: Clone + PartialEq>(
    name: &str,
    own: Option<Vec<T>>,
    other: Option<&Vec<T>>,
) -> Result<Option<Vec<T>>, String> {
    match (own, other) {
        (None, None) => Ok(None),
        (Some(own), Some(other)) => {
            let shared: Vec<T> = own.into_iter().filter(|item| other.contains(item)).collect();
            match shared.is_empty() {
                true => Err(format!("egress.{name} shares nothing with the {name} here")),
                false => Ok(Some(shared)),
            }
        }
        _ => Err(format!("egress.{name} is in one of the two files: state it in both")),
    }
}

/// A file that is included does not switch off what the policy enforces.
fn join_mode(own: Option<PolicyMode>, other: Option<PolicyMode>) -> Result<(), String> {
    let Some(other) = other else { return Ok(()) };
    match own.unwrap_or(PolicyMode::Enforce) {
        own if own == other => Ok(()),
        own => Err(format!("mode is {}, here it is {}", other.as_str(), own.as_str())),
    }
}

fn join_drift(own: &mut Option<PolicyOnDrift>, other: Option<PolicyOnDrift>) -> Result<(), String> {
    match (*own, other) {
        (Some(own), Some(other)) if own != other => {
            Err(format!("on_drift is {}, here it is {}", other.as_str(), own.as_str()))
        }
        (_, other) => {
            *own = own.or(other);
            Ok(())
        }
    }
}

/// Writes out who is meant by an approval that names nobody: those of its own file, whoever else comes to the policy.
pub(crate) fn name_approvers(policy: &mut Policy, people: &[PolicyApprover]) {
    for approval in policy.approvals.iter_mut().flatten() {
        approval.approvers.get_or_insert_with(|| people.iter().map(|person| person.name.clone()).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_covers_hosts_below_its_domain_and_narrower_stars() {
        for (pattern, host, expected) in [
            ("a.example", "A.example", true),
            ("*.a.example", "x.a.example", true),
            ("*.a.example", "*.a.example", true),
            ("*.a.example", "*.x.a.example", true),
            ("*.a.example", "a.example", false),
            ("*.a.example", "xa.example", false),
            ("*.x.a.example", "*.a.example", false),
            ("a.example", "*.a.example", false),
        ] {
            assert_eq!(is_under(pattern, host), expected, "{pattern} {host}");
        }
    }
}
