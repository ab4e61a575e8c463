//! Cedar policies as a stage of the pipeline (`docs/spec/cedar.md`).
//!
//! [`CedarPolicies::load`] reads policies in Cedar's language and validates them strictly against a schema that is
//! generated from the JSON Schemas of tools; everything that Cedar would warn of is an error. As a [`Stage`], they then
//! decide beside the policy of Talos itself: both have to allow.
//!
//! * A `forbid` wins over every `permit`, and what no `permit` matches is denied.
//! * Cedar skips a policy that fails, a `forbid` too. Here any failure is a denial.
//! * Only policies whose scope can match are evaluated, so that others cost nothing.
//! * Where the caller's stack is small, evaluation gets one of its own.

mod catalogue;
mod decide;
mod hierarchy;
mod index;
mod load;
mod nesting;
mod projection;
#[cfg(test)]
mod properties;
mod read;
mod request;
mod shape;
#[cfg(test)]
mod tests;

pub use catalogue::Tool;
pub use load::{Limits, Source};
pub use projection::project;
pub use shape::Loss;

use catalogue::Catalogue;
use hierarchy::Hierarchies;
use index::Index;
use load::Rule;
use read::Read;
use talos_contracts::scalar::Hash;
use talos_kernel::{Facts, Finding, Stage};
use talos_policy::PolicyError;

/// Policies, ready to decide.
#[derive(Debug)]
pub struct CedarPolicies {
    catalogue: Catalogue,
    hierarchies: Hierarchies,
    index: Index,
    rules: Vec<Rule>,
    read: Read,
    losses: Vec<Loss>,
    hash: Hash,
}

impl CedarPolicies {
    /// Reads policies and the tools that they are about. The error side has everything that was found wrong, with file,
    /// line and column.
    pub fn load(sources: &[Source<'_>], tools: &[Tool<'_>], limits: Limits) -> Result<CedarPolicies, Vec<PolicyError>> {
        load::load(sources, tools, limits)
    }

    /// How many policies there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether there are none: then everything is denied.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The parts of the tools' schemas that no policy can name.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// The schema that the policies were validated against, in Cedar's JSON form.
    pub fn schema(&self) -> String {
        self.catalogue.schema(&self.catalogue.actions)
    }
}

impl Stage for CedarPolicies {
    fn number(&self) -> u8 {
        7
    }

    fn check(&self, facts: &Facts<'_>) -> Finding {
        decide::check(self, facts)
    }

    fn hash(&self) -> Option<Hash> {
        Some(self.hash)
    }
}
