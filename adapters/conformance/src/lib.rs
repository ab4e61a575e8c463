//! One suite for every store: what the kernel relies on when it writes through
//! [`Store`](talos_kernel::ports::Store) (`docs/spec/pipeline.md`, section 5; `docs/spec/log.md`).
//!
//! An adapter implements [`Site`] for a place where its stores live, and runs the suite in its own tests:
//!
//! ```text
//! talos_conformance::suite!(MySite::new(), model cases: 50);
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a suite of tests: an assertion is how it speaks"
)]

pub mod budgets;
mod entries;
pub mod log;
pub mod mailbox;
mod model;
pub mod runs;
pub mod state;

pub use entries::{boot, entry, run_id};
pub use model::agrees_with_the_model;

use talos_kernel::ports::{Budgets, Store};

/// A store that keeps budgets, too.
pub trait Keeper: Store + Budgets {}

impl<T: Store + Budgets> Keeper for T {}

/// A place where stores live: a directory, a database, a piece of memory.
pub trait Site {
    /// One more writer on this place, as one more process would be. Dropping it is that process's death.
    fn writer(&self) -> Box<dyn Store> {
        self.keeper()
    }

    /// The same, for budgets as well.
    fn keeper(&self) -> Box<dyn Keeper>;
}

/// Writes one test for each behaviour; the argument makes a fresh, empty site each time. The
/// model is compared on that many random histories.
#[macro_export]
macro_rules! suite {
    ($site:expr, model cases: $cases:expr) => {
        $crate::suite!(@tests $site; log:
            what_was_appended_reads_back,
            a_log_signed_receipt_and_a_body_without_value_read_back,
            nothing_is_found_that_was_not_appended,
            an_id_enters_the_log_once,
            an_id_enters_a_batch_once,
            a_batch_with_a_bad_entry_leaves_nothing_behind,
            the_tree_is_that_of_rfc_6962_at_every_size,
            nodes_beyond_the_tree_are_refused,
            writers_share_one_log,
            writers_in_parallel_do_not_fork_the_log,
            the_newest_time_never_goes_back,
            the_log_survives_its_writers,
        );
        $crate::suite!(@tests $site; runs:
            a_new_run_knows_nothing,
            a_run_held_by_a_live_writer_is_busy,
            a_run_that_was_given_back_can_be_taken,
            only_its_holder_gives_a_run_back,
            the_run_of_a_dead_writer_can_be_taken,
            the_next_writer_learns_of_its_predecessor_and_of_known_calls,
            calls_of_dead_writers_are_claimed_once,
            calls_of_live_writers_are_not_claimed,
            a_claim_passes_on_when_the_claimer_dies,
            a_call_that_another_run_has_claimed_is_not_claimed_twice,
            a_writer_claims_what_its_own_dead_chain_left,
            a_call_is_closed_once,
            a_call_may_open_and_close_in_one_batch,
            a_claim_that_was_refused_changes_nothing,
        );
        $crate::suite!(@tests $site; state:
            the_kill_switch_is_a_latch_for_all_writers,
            holds_of_scopes_are_apart,
            a_hold_comes_with_its_receipt,
            requests_for_approval_read_back,
            a_person_answers_once,
            an_approval_is_redeemed_once,
            arguments_are_erased_with_their_request,
            a_request_says_whether_its_run_is_open,
            attempts_at_a_code_are_counted,
            the_kept_checkpoint_never_shrinks,
        );
        $crate::suite!(@tests $site; budgets:
            a_reservation_holds_on_all_levels_or_on_none,
            what_was_not_used_comes_back_once,
            an_overrun_is_a_debt_until_it_is_repaid,
            the_same_id_is_the_same_reservation,
            a_default_budget_holds_for_the_first_concurrent_use,
            a_name_has_one_budget_in_each_of_its_spellings,
            sixty_four_threads_never_overspend_and_lose_nothing,
            what_the_dead_hold_is_charged_in_full,
            a_rate_is_used_only_if_all_else_holds,
            what_is_only_observed_is_counted_beyond_the_cap,
            a_window_that_only_denies_follows_a_clock_that_went_back,
            budgets_outlive_their_writers,
            what_a_removed_budget_held_is_charged_to_no_other,
            a_removed_budget_of_each_leaves_no_account_behind,
            terms_of_each_reach_a_name_that_had_its_own,
        );
        #[test]
        fn agrees_with_the_ledger() {
            $crate::budgets::agrees_with_the_ledger($cases, || $site);
        }
        #[test]
        fn agrees_with_the_model() {
            $crate::agrees_with_the_model($cases, || $site);
        }
    };
    (@tests $site:expr; $module:ident: $($name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                $crate::$module::$name(&$site);
            }
        )*
    };
}
