//! What a store keeps besides the log.

use crate::Site;
use talos_kernel::ports::Standing;

/// One switch for all writers: seen at once, and by those who come later.
pub fn the_kill_switch_is_a_latch_for_all_writers(site: &impl Site) {
    let (a, b) = (site.writer(), site.writer());
    assert_eq!(b.standing().unwrap(), Standing::default());
    for killed in [true, true, false, true] {
        a.set_standing(Standing { killed }).unwrap();
        for store in [&a, &b, &a] {
            assert_eq!(store.standing().unwrap(), Standing { killed });
        }
    }
    drop((a, b));
    assert_eq!(site.writer().standing().unwrap(), Standing { killed: true });
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
