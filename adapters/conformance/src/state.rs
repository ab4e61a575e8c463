//! What a store keeps besides the log.

use crate::Site;
use crate::entries::{boot, closing, entry, run_id};
use talos_contracts::scalar::Hash;
use talos_contracts::{ErrorCode, ReceiptKind, Scope, ScopeLevel};
use talos_kernel::ports::{Answer, Asked, Entry, Hold, KeptCode, Standing, Turn};

/// A turn of the kill switch.
pub(crate) fn kill(held: bool) -> Turn {
    Turn { held, hold: Hold { scope: Scope { level: ScopeLevel::All, name: None }, why: None } }
}

fn team(name: &str, held: bool) -> Turn {
    let scope = Scope { level: ScopeLevel::Team, name: Some(name.to_owned()) };
    Turn { held, hold: Hold { scope, why: Some(format!("because of {name}")) } }
}

/// One switch for all writers: seen at once, and by those who come later.
pub fn the_kill_switch_is_a_latch_for_all_writers(site: &impl Site) {
    let (a, b) = (site.writer(), site.writer());
    assert_eq!(*b.standing().unwrap(), Standing::default());
    for killed in [true, true, false, false, true] {
        a.turn(&kill(killed)).unwrap();
        for store in [&a, &b, &a] {
            assert_eq!(store.standing().unwrap().holds.len(), usize::from(killed));
        }
    }
    drop((a, b));
    assert_eq!(site.writer().standing().unwrap().holds, [kill(true).hold]);
}

/// Scopes are held and let go one by one.
pub fn holds_of_scopes_are_apart(site: &impl Site) {
    let store = site.writer();
    for turn in [team("a", true), team("b", true), kill(true), team("a", false), team("c", false)] {
        store.turn(&turn).unwrap();
    }
    let mut holds = site.writer().standing().unwrap().holds.clone();
    holds.sort_by_key(|hold| hold.scope.name.clone());
    assert_eq!(holds, [kill(true).hold, team("b", true).hold]);
}

/// A hold that a receipt turns comes into force with it, and not if the batch is refused.
pub fn a_hold_comes_with_its_receipt(site: &impl Site) {
    let store = site.writer();
    store.begin(boot(1), &run_id(1)).unwrap();
    let turning = Entry { turns: Some(team("a", true)), ..entry(1, 1, 1) };
    let bad = closing(entry(1, 1, 2), &[turning.sealed.id]);
    assert!(store.commit(&[&turning, &bad]).is_err());
    assert_eq!(*store.standing().unwrap(), Standing::default());
    store.commit(&[&turning]).unwrap();
    assert_eq!(site.writer().standing().unwrap().holds, [team("a", true).hold]);
}

fn asking(run: u8, n: u64) -> Entry {
    let asked = Asked {
        id: entry(1, run, n + 1000).sealed.id,
        request: format!("request {n}").into_bytes(),
        args: format!("args {n}").into_bytes(),
        erase_at: None,
        codes: vec![("ada".to_owned(), entry(1, run, n + 2000).sealed.id)],
    };
    Entry { asks: Some(asked), ..entry(1, run, n) }
}

fn id_of(entry: &Entry) -> Hash {
    entry.asks.as_ref().unwrap().id
}

fn answer(name: &str) -> Answer {
    Answer { name: name.to_owned(), grant: format!("by {name}").into_bytes() }
}

/// What was asked reads back, the newest first, for all runs or one.
pub fn requests_for_approval_read_back(site: &impl Site) {
    let store = site.writer();
    store.begin(boot(1), &run_id(1)).unwrap();
    store.begin(boot(1), &run_id(2)).unwrap();
    let entries = [asking(1, 1), asking(2, 2), asking(1, 3)];
    store.commit(&entries.iter().collect::<Vec<_>>()).unwrap();
    let other = site.writer();
    let ids = |run: Option<&str>, limit| -> Vec<Hash> {
        other.approvals(run, limit).unwrap().into_iter().map(|row| row.unwrap().id).collect()
    };
    let [a, b, c] = entries.each_ref().map(id_of);
    assert_eq!(ids(None, 10), [c, b, a]);
    assert_eq!(ids(None, 2), [c, b]);
    assert_eq!(ids(Some(&run_id(1)), 10), [c, a]);
    let found = other.approval(&a).unwrap().unwrap();
    assert_eq!((found.run, found.request, found.args), (run_id(1), b"request 1".to_vec(), Some(b"args 1".to_vec())));
    assert_eq!((found.answers, found.redeemed), (vec![], false));
    assert_eq!(other.approval(&entry(1, 1, 9).sealed.id).unwrap(), None);
}

/// Answers keep their order; one name answers once.
pub fn a_person_answers_once(site: &impl Site) {
    let store = site.writer();
    store.begin(boot(1), &run_id(1)).unwrap();
    let asked = asking(1, 1);
    store.commit(&[&asked]).unwrap();
    let other = site.writer();
    other.answer(&id_of(&asked), &answer("zoe")).unwrap();
    other.answer(&id_of(&asked), &answer("ada")).unwrap();
    let again = other.answer(&id_of(&asked), &answer("zoe")).unwrap_err();
    assert_eq!(again.code, ErrorCode::ApprovalDuplicate);
    assert_eq!(store.approval(&id_of(&asked)).unwrap().unwrap().answers, [answer("zoe"), answer("ada")]);
    let unknown = other.answer(&entry(1, 1, 9).sealed.id, &answer("ada")).unwrap_err();
    assert_eq!(unknown.code, ErrorCode::ApprovalUnknown);
}

/// An approval is redeemed once, by whomever; a batch that redeems it again leaves nothing behind.
pub fn an_approval_is_redeemed_once(site: &impl Site) {
    let store = site.writer();
    store.begin(boot(1), &run_id(1)).unwrap();
    let asked = asking(1, 1);
    store.commit(&[&asked]).unwrap();
    let redeeming = |n| Entry { redeems: Some(id_of(&asked)), ..entry(1, 1, n) };
    let twice = store.commit(&[&redeeming(2), &redeeming(3)]).unwrap_err();
    assert_eq!(twice.code, ErrorCode::ApprovalRedeemed);
    assert!(!store.approval(&id_of(&asked)).unwrap().unwrap().redeemed);
    store.commit(&[&redeeming(4)]).unwrap();
    let other = site.writer();
    assert!(other.approval(&id_of(&asked)).unwrap().unwrap().redeemed);
    assert_eq!(other.commit(&[&redeeming(5)]).unwrap_err().code, ErrorCode::ApprovalRedeemed);
    let unknown = Entry { redeems: Some(entry(1, 1, 9).sealed.id), ..entry(1, 1, 6) };
    assert_eq!(other.commit(&[&unknown]).unwrap_err().code, ErrorCode::ApprovalRedeemed);
    assert_eq!(store.frontier().unwrap().size(), 2);
}

/// The arguments go when a request is redeemed, erased or over; what was asked and answered stays.
pub fn arguments_are_erased_with_their_request(site: &impl Site) {
    let store = site.writer();
    store.begin(boot(1), &run_id(1)).unwrap();
    let until = |n, erase_at: u64| {
        let mut entry = asking(1, n);
        entry.asks.as_mut().unwrap().erase_at = Some(erase_at);
        entry
    };
    let (late, over) = (u64::MAX, entry(1, 1, 20).iat);
    let entries = [asking(1, 1), until(2, late), until(3, late), until(4, over), until(5, over + 1)];
    store.commit(&entries.iter().collect::<Vec<_>>()).unwrap();
    let [kept, redeemed, erased, expired, waiting] = entries.each_ref().map(id_of);
    store.answer(&erased, &answer("ada")).unwrap();
    for (n, id) in [(10, kept), (11, redeemed)] {
        store.commit(&[&Entry { redeems: Some(id), ..entry(1, 1, n) }]).unwrap();
    }
    store.erase_args(&kept).unwrap();
    store.erase_args(&erased).unwrap();
    store.commit(&[&entry(1, 1, 19)]).unwrap();
    store.commit(&[&Entry { kind: ReceiptKind::Open, ..entry(1, 1, 20) }]).unwrap();
    let other = site.writer();
    let args = |id: &Hash| other.approval(id).unwrap().unwrap().args.is_some();
    assert_eq!([kept, redeemed, erased, expired, waiting].each_ref().map(args), [true, false, false, false, true]);
    let row = other.approval(&erased).unwrap().unwrap();
    assert_eq!((row.request, row.answers), (b"request 3".to_vec(), vec![answer("ada")]));
}

/// A request says whether a live writer holds its run.
pub fn a_request_says_whether_its_run_is_open(site: &impl Site) {
    let (store, other) = (site.writer(), site.writer());
    store.begin(boot(1), &run_id(1)).unwrap();
    let asked = asking(1, 1);
    store.commit(&[&asked]).unwrap();
    let is_open = || {
        let listed = other.approvals(Some(&run_id(1)), 1).unwrap()[0].as_ref().unwrap().is_open;
        assert_eq!(other.approval(&id_of(&asked)).unwrap().unwrap().is_open, listed);
        listed
    };
    assert!(is_open());
    store.end(boot(1), &run_id(1)).unwrap();
    assert!(!is_open(), "given back");
    store.begin(boot(1), &run_id(1)).unwrap();
    assert!(is_open(), "opened again");
    drop(store);
    assert!(!is_open(), "its writer is dead");
}

/// Attempts at a code are counted for all writers.
pub fn attempts_at_a_code_are_counted(site: &impl Site) {
    let store = site.writer();
    store.begin(boot(1), &run_id(1)).unwrap();
    let asked = asking(1, 1);
    store.commit(&[&asked]).unwrap();
    let other = site.writer();
    let digest = entry(1, 1, 2001).sealed.id;
    for (store, attempts) in [(&store, 0), (&other, 1), (&store, 2)] {
        assert_eq!(store.try_code(&id_of(&asked), "ada").unwrap(), Some(KeptCode { digest, attempts }));
    }
    assert_eq!(other.try_code(&id_of(&asked), "zoe").unwrap(), None);
    assert_eq!(other.try_code(&digest, "ada").unwrap(), None);
}

/// The newest checkpoint is the largest one; of equal size, the last.
pub fn the_kept_checkpoint_never_shrinks(site: &impl Site) {
    let store = site.writer();
    assert_eq!(store.checkpoint().unwrap(), None);
    for (size, note, kept) in
        [(0, "empty", (0, "empty")), (5, "five", (5, "five")), (3, "three", (5, "five")), (5, "again", (5, "again"))]
    {
        store.set_checkpoint(size, note).unwrap();
        assert_eq!(store.checkpoint().unwrap(), Some((kept.0, kept.1.to_owned())));
    }
    drop(store);
    assert_eq!(site.writer().checkpoint().unwrap(), Some((5, "again".to_owned())));
}
