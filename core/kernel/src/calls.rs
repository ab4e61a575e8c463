//! The calls of a run that may still be asked about.
//!
//! A call whose id the host chose is known as long as the run is open, so that it never gets a
//! second permit. A call whose id was made here is forgotten at its end: its id says by itself that
//! it was made, and an id that was made and is not known has ended.

use crate::call::{Call, unknown};
use std::collections::{HashMap, HashSet};
use talos_contracts::scalar::Salt;
use talos_contracts::{Error, ErrorCode, PermitState};

/// Calls of one run that are known at a time; more are denied, so that a run cannot eat the memory.
pub const CALLS_MAX: usize = 1_000_000;

pub(crate) struct Calls {
    known: HashMap<String, Call>,
    /// What the ids begin with that are made here; no other opening of the run has it.
    prefix: String,
    made: u64,
    /// Ids that were made and not decided on.
    fresh: HashSet<String>,
}

impl Calls {
    /// The calls of earlier openings.
    pub(crate) fn new(chain: Salt, past: impl Iterator<Item = (String, Call)>) -> Self {
        Calls { known: past.collect(), prefix: format!("{chain}."), made: 0, fresh: HashSet::new() }
    }

    /// An id that no call of this run has had.
    pub(crate) fn make_id(&mut self) -> Result<String, Error> {
        self.check_room()?;
        self.made += 1;
        let id = format!("{}{}", self.prefix, self.made);
        self.fresh.insert(id.clone());
        Ok(id)
    }

    pub(crate) fn check_room(&self) -> Result<(), Error> {
        if self.known.len() + self.fresh.len() >= CALLS_MAX {
            return Err(Error::new(
                ErrorCode::RunExhausted,
                format!("a run knows at most {CALLS_MAX} calls at a time"),
            ));
        }
        Ok(())
    }

    pub(crate) fn get(&self, call: &str) -> Option<&Call> {
        self.known.get(call)
    }

    /// Whether the id was made here and its call is over.
    pub(crate) fn has_ended(&self, call: &str) -> bool {
        self.was_made(call) && !self.known.contains_key(call) && !self.fresh.contains(call)
    }

    fn was_made(&self, call: &str) -> bool {
        call.starts_with(&self.prefix)
    }

    pub(crate) fn find(&mut self, call: &str) -> Result<&mut Call, Error> {
        if self.has_ended(call) {
            return Err(Error::new(ErrorCode::CallState, "the call has ended"));
        }
        self.known.get_mut(call).ok_or_else(|| unknown(call))
    }

    /// Keeps a call that was decided on, unless nothing can follow.
    pub(crate) fn keep(&mut self, id: &str, call: Call) {
        self.fresh.remove(id);
        self.known.remove(id);
        if call.permit.is_some() || !self.was_made(id) {
            self.known.insert(id.to_owned(), call);
        }
    }

    /// A decision was made that leaves no call behind.
    pub(crate) fn pass(&mut self, id: &str) {
        self.fresh.remove(id);
    }

    /// Moves a call to its end.
    pub(crate) fn end(&mut self, id: &str, permit: PermitState) {
        if self.was_made(id) {
            self.known.remove(id);
        } else if let Some(call) = self.known.get_mut(id) {
            call.permit = Some(permit);
        }
    }

    /// The calls whose permit has not come to its end.
    pub(crate) fn open(&self) -> impl Iterator<Item = (&String, &Call)> {
        self.known.iter().filter(|(_, call)| matches!(call.permit, Some(PermitState::Issued | PermitState::Started)))
    }
}
