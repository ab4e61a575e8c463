//! What is held and used of one budget.

use crate::MAX;
use crate::terms::Terms;
use crate::window::Spent;
use std::borrow::Cow;

/// Why an account does not cover an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Short {
    Debt,
    Exceeded,
}

/// Where a budget stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the budget says.
    pub terms: Terms,
    /// Reserved by calls that have not ended, whenever they began.
    pub held: u64,
    /// What calls cost beyond their reservation, as far as the cap did not cover it.
    pub debt: u64,
    /// Used in the window.
    pub spent: Spent,
}

impl Account {
    /// A budget that nothing was used of.
    pub fn new(terms: Terms) -> Self {
        Account { terms, held: 0, debt: 0, spent: Spent::new(terms.span) }
    }

    /// Held and used together.
    pub fn used(&self) -> u64 {
        self.held.saturating_add(self.spent.total())
    }

    /// What can still be reserved.
    pub fn left(&self) -> u64 {
        if self.debt > 0 { 0 } else { self.terms.cap.saturating_sub(self.used()) }
    }

    /// Moves to this time. What has left the window repays the debt.
    pub fn advance(&mut self, now_ms: u64) {
        self.spent.advance(self.terms.span, now_ms);
        self.repay();
    }

    /// Where the account stands at this time. Asking changes nothing.
    pub(crate) fn at(&self, now_ms: u64) -> Cow<'_, Self> {
        if self.debt == 0 && self.spent.is_at(self.terms.span, now_ms) {
            return Cow::Borrowed(self);
        }
        let mut then = self.clone();
        then.advance(now_ms);
        Cow::Owned(then)
    }

    /// Whether the amount is covered.
    pub(crate) fn check(&self, amount: u64) -> Result<(), Short> {
        if self.debt > 0 {
            return Err(Short::Debt);
        }
        match self.used().checked_add(amount) {
            Some(used) if used <= self.terms.cap => Ok(()),
            _ => Err(Short::Exceeded),
        }
    }

    /// Whether the amount is beyond what can be counted at all, whatever the mode.
    pub(crate) fn overflows(&self, amount: u64) -> bool {
        self.used().checked_add(amount).is_none_or(|used| used > MAX)
    }

    pub(crate) fn hold(&mut self, now_ms: u64, amount: u64) {
        self.advance(now_ms);
        self.held = self.held.saturating_add(amount);
    }

    pub(crate) fn release(&mut self, now_ms: u64, held: u64) {
        self.held = self.held.saturating_sub(held);
        self.advance(now_ms);
    }

    /// What was used takes the place of what was held. The excess is a debt as far as the cap does
    /// not cover it.
    pub(crate) fn settle(&mut self, now_ms: u64, held: u64, used: u64) {
        self.held = self.held.saturating_sub(held);
        self.spent.advance(self.terms.span, now_ms);
        self.spent.add(used);
        self.debt = self.debt.saturating_add(used.saturating_sub(held));
        self.repay();
    }

    /// INVARIANT: a debt is never more than what is used beyond the cap.
    pub(crate) fn repay(&mut self) {
        self.debt = self.debt.min(self.used().saturating_sub(self.terms.cap));
    }

    /// Milliseconds until the window has let go of enough for this amount; absent: time alone does not help.
    pub(crate) fn retry_after(&self, now_ms: u64, amount: u64) -> Option<u64> {
        if amount > self.terms.cap {
            return None;
        }
        let over = self.used().saturating_add(amount).saturating_sub(self.terms.cap);
        self.spent.leaves_in(self.terms.span, now_ms, over)
    }
}
