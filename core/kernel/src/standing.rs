//! Stage 4: the kill switch, suspensions, and what drift has made of a run
//! (`docs/spec/pipeline.md`, section 7).

use crate::action::Action;
use crate::chain::Effects;
use crate::kernel::Core;
use crate::ports::{Hold, Standing, Turn};
use crate::run::open_chain;
use crate::stage::{Facts, Finding, Stage};
use crate::writer::{Durable, guarded};
use std::sync::Arc;
use talos_contracts::{Error, ErrorCode, ReceiptKind, ReceiptStanding, Scope, ScopeLevel, Verdict};
use talos_identity::Did;
use talos_policy::{Subject, same_name};
use talos_text::nfc;

/// Characters of a scope's name, as the contract bounds it.
const NAME_MAX: usize = 512;
/// Characters of a note, as the contract bounds it.
const WHY_MAX: usize = 256;

/// What a turn of a hold has come to.
#[derive(Debug)]
pub struct Turned {
    /// The receipt, or why there is none. A hold that begins is in force without one.
    pub receipt: Result<Durable, Error>,
}

/// Stage 4.
pub(crate) struct StandingStage;

impl Stage for StandingStage {
    fn number(&self) -> u8 {
        4
    }

    fn check(&self, facts: &Facts<'_>) -> Finding {
        if let Err(error) = facts.standing.check(facts.action, facts.subject) {
            return Finding::deny(error.code, &error.detail);
        }
        match facts.drift {
            Verdict::Allow => Finding::allow(),
            Verdict::Deny => Finding::deny(ErrorCode::DriftStopped, "an earlier call of this run drifted"),
            verdict => Finding::with(verdict, ErrorCode::DriftDetected, "an earlier call of this run drifted"),
        }
    }
}

impl Standing {
    /// Whether anything of this action is held.
    pub(crate) fn check(&self, action: &Action<'_>, subject: &Subject) -> Result<(), Error> {
        match self.holds.iter().find(|hold| is_in(&hold.scope, action, subject)) {
            None => Ok(()),
            Some(Hold { scope: Scope { level: ScopeLevel::All, .. }, .. }) => {
                Err(Error::new(ErrorCode::StandingKilled, "the kill switch is on"))
            }
            Some(hold) => Err(Error::new(
                ErrorCode::StandingSuspended,
                format!(
                    "{} {:?} is suspended",
                    hold.scope.level.as_str(),
                    hold.scope.name.as_deref().unwrap_or_default()
                ),
            )),
        }
    }
}

/// Whether an action belongs to a scope. A scope holds what states its name: who states no team is in no team's.
fn is_in(scope: &Scope, action: &Action<'_>, subject: &Subject) -> bool {
    let Some(name) = scope.name.as_deref() else { return scope.level == ScopeLevel::All };
    let is = |stated: Option<&str>| stated.is_some_and(|stated| same_name(stated, name));
    match scope.level {
        ScopeLevel::All => true,
        ScopeLevel::Organisation => is(subject.organisation.as_deref()),
        ScopeLevel::Team => is(subject.team.as_deref()),
        ScopeLevel::Agent => is(subject.agent.as_deref()) || is(Some(&subject.actor)),
        ScopeLevel::Principal => is(action.principal),
        ScopeLevel::Run => is(Some(&subject.run)),
        ScopeLevel::Tool => is(Some(action.target)),
        ScopeLevel::Model => is(action.model),
        ScopeLevel::Key => is(action.key_id),
    }
}

/// Writes a chain of its own around the turn, so that the hold and its receipt come into force together.
pub(crate) fn turn(core: &Arc<Core>, issuer: &Did, mut turn: Turn) -> Result<Turned, Error> {
    check_turn(&turn)?;
    turn.hold.scope = scope_of(core, &turn)?;
    match guarded(|| write_turn(core, issuer, &turn)) {
        Err(error) if !turn.held => Err(error),
        Err(error) => {
            // Evidence may fail; a stop may not.
            core.store.turn(&turn)?;
            Ok(Turned { receipt: Err(error) })
        }
        receipt => Ok(Turned { receipt }),
    }
}

/// The scope as it is held already, however its name is spelled there; else in NFC. What is not held does not end.
fn scope_of(core: &Core, turn: &Turn) -> Result<Scope, Error> {
    let Scope { level, name } = &turn.hold.scope;
    let same = |held: &str| name.as_deref().is_some_and(|name| same_name(held, name));
    let is_it = |held: &Scope| held.level == *level && held.name.as_deref().is_none_or(same);
    match guarded(|| core.store.standing()) {
        Ok(standing) => match standing.holds.iter().find(|hold| is_it(&hold.scope)) {
            Some(hold) => return Ok(hold.scope.clone()),
            None if !turn.held => {
                let what = name.as_deref().unwrap_or("everything");
                return Err(Error::new(ErrorCode::StandingNotHeld, format!("{} {what:?} is not held", level.as_str())));
            }
            None => {}
        },
        // What cannot be read keeps no stop from beginning.
        Err(error) if !turn.held => return Err(error),
        Err(_) => {}
    }
    Ok(Scope { level: *level, name: name.as_deref().map(|name| nfc(name).into_owned()) })
}

fn check_turn(turn: &Turn) -> Result<(), Error> {
    let Hold { scope, why } = &turn.hold;
    let named = scope
        .name
        .as_ref()
        .is_some_and(|name| (1..=NAME_MAX).contains(&name.chars().count()) && !name.contains(char::is_control));
    if named == (scope.level == ScopeLevel::All) {
        let why = "a scope has a name of 1 to 512 characters, and only the scope of everything has none";
        return Err(Error::new(ErrorCode::MalformedValue, why));
    }
    if why.as_ref().is_some_and(|why| why.is_empty() || why.chars().count() > WHY_MAX || why.contains('\0')) {
        return Err(Error::new(ErrorCode::MalformedValue, "a note has 1 to 256 characters"));
    }
    Ok(())
}

fn write_turn(core: &Arc<Core>, issuer: &Did, turn: &Turn) -> Result<Durable, Error> {
    let run = core.uuid()?;
    // Like any run it names what dead writers left open.
    let (mut chain, _) = open_chain(core, &run, issuer)?;
    let mut draft = chain.draft(ReceiptKind::Standing)?;
    let Hold { scope, why } = turn.hold.clone();
    draft.standing = Some(ReceiptStanding { scope, held: turn.held, why });
    let turned = chain.append(&draft, Effects { turns: Some(turn.clone()), ..Effects::default() })?.wait()?;
    let mut close = chain.draft(ReceiptKind::Close)?;
    close.final_seq = Some(close.seq);
    chain.append(&close, Effects::default())?.wait()?;
    core.store.end(core.boot, &run)?;
    core.log().checkpoint()?;
    Ok(turned)
}
