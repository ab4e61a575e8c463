//! What a store knows about runs, their writers and their open calls.

use crate::Site;
use crate::entries::{boot, closing, entry, opened, opening, run_id};
use crate::log::{assert_tree, begun};
use talos_contracts::ErrorCode;
use talos_contracts::scalar::Hash;
use talos_kernel::ports::{Begun, Charge, Entry, KnownCall, Orphan};

pub(crate) fn sorted(mut begun: Begun) -> Begun {
    begun.orphans.sort_by_key(|o| o.decision);
    begun.known.sort_by_key(|k| k.decision);
    begun
}

fn decisions(begun: &Begun) -> Vec<Hash> {
    begun.orphans.iter().map(|o| o.decision).collect()
}

/// A run that nobody had has no past.
pub fn a_new_run_knows_nothing(site: &impl Site) {
    assert_eq!(site.writer().begin(boot(1), &run_id(1)).unwrap(), Begun::default());
}

/// Two live writers never hold one run; the refused one has other runs all the same.
pub fn a_run_held_by_a_live_writer_is_busy(site: &impl Site) {
    let _holder = begun(site, 1, 1);
    let other = site.writer();
    assert_eq!(other.begin(boot(2), &run_id(1)).unwrap_err().code, ErrorCode::RunBusy);
    other.begin(boot(2), &run_id(2)).unwrap();
    assert_eq!(other.begin(boot(2), &run_id(1)).unwrap_err().code, ErrorCode::RunBusy);
}

/// `end` gives the run to whoever asks next, while its former holder lives on.
pub fn a_run_that_was_given_back_can_be_taken(site: &impl Site) {
    let holder = begun(site, 1, 1);
    holder.end(boot(1), &run_id(1)).unwrap();
    site.writer().begin(boot(2), &run_id(1)).unwrap();
}

/// A writer that does not hold a run cannot give it away.
pub fn only_its_holder_gives_a_run_back(site: &impl Site) {
    let _holder = begun(site, 1, 1);
    let other = begun(site, 2, 2);
    other.end(boot(2), &run_id(1)).unwrap();
    assert_eq!(other.begin(boot(2), &run_id(1)).unwrap_err().code, ErrorCode::RunBusy);
}

/// Death gives the run back.
pub fn the_run_of_a_dead_writer_can_be_taken(site: &impl Site) {
    drop(begun(site, 1, 1));
    site.writer().begin(boot(2), &run_id(1)).unwrap();
}

/// The last receipt of the run, every call that was ever allowed in it, and the log's time.
pub fn the_next_writer_learns_of_its_predecessor_and_of_known_calls(site: &impl Site) {
    let store = begun(site, 1, 1);
    store.begin(boot(1), &run_id(2)).unwrap();
    let (a, b) = (opening(entry(1, 1, 0), "a"), opening(entry(1, 1, 1), "b"));
    // Of what it has used, only that is kept which is more than it was reserved.
    let used = Some(Charge { tool_calls: 1, tokens: 0, micro: 9 });
    let end_of_a = Entry { used, ..closing(entry(1, 1, 2), &[a.sealed.id]) };
    let elsewhere = opening(entry(1, 2, 3), "elsewhere");
    store.commit(&[&a, &b]).unwrap();
    store.commit(&[&end_of_a, &elsewhere]).unwrap();
    drop(store);
    let begun = sorted(site.writer().begin(boot(2), &run_id(1)).unwrap());
    assert_eq!(begun.predecessor, Some(end_of_a.sealed.id));
    assert_eq!(begun.newest_iat, elsewhere.iat);
    let known = |call: &str, decision: Hash| KnownCall { opened: opened(call), decision };
    let mut expected = vec![known("a", a.sealed.id), known("b", b.sealed.id)];
    expected[0].opened.charge.micro = 9;
    expected.sort_by_key(|k| k.decision);
    assert_eq!(begun.known, expected);
}

/// Calls that were closed are nobody's; those left open go to one heir, whatever run they were of.
pub fn calls_of_dead_writers_are_claimed_once(site: &impl Site) {
    let store = begun(site, 1, 1);
    store.begin(boot(1), &run_id(2)).unwrap();
    let (a, b, c) = (opening(entry(1, 1, 0), "a"), opening(entry(1, 1, 1), "b"), opening(entry(1, 2, 2), "c"));
    store.commit(&[&a, &b, &c, &closing(entry(1, 1, 3), &[a.sealed.id])]).unwrap();
    drop(store);
    let heir = site.writer();
    let orphan = |run: u8, call: &str, decision: Hash| Orphan { run: run_id(run), call: call.into(), decision };
    let mut expected = vec![orphan(1, "b", b.sealed.id), orphan(2, "c", c.sealed.id)];
    expected.sort_by_key(|o| o.decision);
    assert_eq!(sorted(heir.begin(boot(2), &run_id(3)).unwrap()).orphans, expected);
    let second = site.writer();
    assert_eq!(second.begin(boot(3), &run_id(4)).unwrap().orphans, []);
    heir.commit(&[&closing(entry(2, 3, 4), &[b.sealed.id, c.sealed.id])]).unwrap();
    drop(heir);
    assert_eq!(second.begin(boot(3), &run_id(5)).unwrap().orphans, []);
}

/// A call whose writer lives is nobody else's business.
pub fn calls_of_live_writers_are_not_claimed(site: &impl Site) {
    let store = begun(site, 1, 1);
    let call = opening(entry(1, 1, 0), "a");
    store.commit(&[&call]).unwrap();
    assert_eq!(site.writer().begin(boot(2), &run_id(2)).unwrap().orphans, []);
    assert_eq!(store.begin(boot(1), &run_id(3)).unwrap().orphans, [], "nor by another run of the same writer");
    store.commit(&[&closing(entry(1, 1, 1), &[call.sealed.id])]).unwrap();
}

/// An heir that dies before it has named the calls leaves them to the next one.
pub fn a_claim_passes_on_when_the_claimer_dies(site: &impl Site) {
    let store = begun(site, 1, 1);
    let call = opening(entry(1, 1, 0), "a");
    store.commit(&[&call]).unwrap();
    drop(store);
    for (writer, run) in [(2, 2), (3, 3), (4, 1)] {
        let heir = site.writer();
        assert_eq!(decisions(&heir.begin(boot(writer), &run_id(run)).unwrap()), [call.sealed.id], "writer {writer}");
    }
}

/// One call, one gap: while the claimer lives, neither its other runs nor the call's own run get it too.
pub fn a_call_that_another_run_has_claimed_is_not_claimed_twice(site: &impl Site) {
    let store = begun(site, 1, 1);
    let call = opening(entry(1, 1, 0), "a");
    store.commit(&[&call]).unwrap();
    drop(store);
    let heir = site.writer();
    assert_eq!(decisions(&heir.begin(boot(2), &run_id(2)).unwrap()), [call.sealed.id]);
    assert_eq!(heir.begin(boot(2), &run_id(1)).unwrap().orphans, [], "the call's own run, same writer");
    heir.end(boot(2), &run_id(1)).unwrap();
    let other = site.writer();
    assert_eq!(other.begin(boot(3), &run_id(1)).unwrap().orphans, [], "the call's own run, another writer");
    assert_eq!(decisions(&heir.begin(boot(2), &run_id(2)).unwrap()), [call.sealed.id], "its claimer may ask again");
}

/// After a failed batch a writer begins its run again, and names what the dead chain left.
pub fn a_writer_claims_what_its_own_dead_chain_left(site: &impl Site) {
    let store = begun(site, 1, 1);
    let (a, b) = (opening(entry(1, 1, 0), "a"), opening(entry(1, 1, 1), "b"));
    store.commit(&[&a, &b, &closing(entry(1, 1, 2), &[b.sealed.id])]).unwrap();
    let again = store.begin(boot(1), &run_id(1)).unwrap();
    assert_eq!(decisions(&again), [a.sealed.id]);
    store.commit(&[&closing(entry(1, 1, 3), &[a.sealed.id])]).unwrap();
    assert_eq!(store.begin(boot(1), &run_id(1)).unwrap().orphans, []);
}

/// The second end of a call is refused: alone, in a batch of its own, and by another writer.
pub fn a_call_is_closed_once(site: &impl Site) {
    let store = begun(site, 1, 1);
    let (a, b) = (opening(entry(1, 1, 0), "a"), opening(entry(1, 1, 1), "b"));
    let closed = closing(entry(1, 1, 2), &[a.sealed.id]);
    store.commit(&[&a, &b, &closed]).unwrap();
    let ids = [a.sealed.id, b.sealed.id, closed.sealed.id];
    let twice = [closing(entry(1, 1, 3), &[b.sealed.id]), closing(entry(1, 1, 4), &[b.sealed.id])];
    assert_eq!(store.commit(&[&closing(entry(1, 1, 5), &[a.sealed.id])]).unwrap_err().code, ErrorCode::RunDead);
    assert_eq!(store.commit(&[&twice[0], &twice[1]]).unwrap_err().code, ErrorCode::RunDead);
    assert_eq!(
        store.commit(&[&closing(entry(1, 1, 6), &[b.sealed.id, b.sealed.id])]).unwrap_err().code,
        ErrorCode::RunDead
    );
    let other = begun(site, 2, 2);
    assert_eq!(other.commit(&[&closing(entry(2, 2, 7), &[a.sealed.id])]).unwrap_err().code, ErrorCode::RunDead);
    assert_tree(store.as_ref(), &ids);
}

/// Under load a decision and its outcome share a batch.
pub fn a_call_may_open_and_close_in_one_batch(site: &impl Site) {
    let store = begun(site, 1, 1);
    let call = opening(entry(1, 1, 0), "a");
    store.commit(&[&call, &closing(entry(1, 1, 1), &[call.sealed.id])]).unwrap();
    drop(store);
    assert_eq!(site.writer().begin(boot(2), &run_id(2)).unwrap().orphans, []);
}

/// Who is told `run.busy` has taken nothing over.
pub fn a_claim_that_was_refused_changes_nothing(site: &impl Site) {
    let dying = begun(site, 1, 1);
    let call = opening(entry(1, 1, 0), "a");
    dying.commit(&[&call]).unwrap();
    let _holder = begun(site, 2, 2);
    drop(dying);
    let refused = site.writer();
    assert_eq!(refused.begin(boot(3), &run_id(2)).unwrap_err().code, ErrorCode::RunBusy);
    let heir = site.writer();
    assert_eq!(decisions(&heir.begin(boot(4), &run_id(4)).unwrap()), [call.sealed.id]);
}
