//! What a store is as a log: appended once, whole, in one order, for good.

use crate::Site;
use crate::entries::{binding, boot, closing, entry, opening, run_id};
use std::collections::HashSet;
use std::sync::Barrier;
use talos_audit::tree::{self, MemoryTree, Nodes};
use talos_contracts::ErrorCode;
use talos_contracts::scalar::Hash;
use talos_kernel::ports::{Body, Entry, Store};

pub(crate) fn leaf(id: &Hash) -> Hash {
    tree::leaf_hash(&tree::entry(id))
}

/// Takes a run, so that its receipts have somewhere to go.
pub(crate) fn begun(site: &impl Site, writer: u8, run: u8) -> Box<dyn Store> {
    let store = site.writer();
    store.begin(boot(writer), &run_id(run)).unwrap();
    store
}

pub(crate) fn assert_same_body(got: Option<&Body>, expected: Option<&Body>) {
    let parts = |b: &Body| (b.key, b.value.clone());
    assert_eq!(got.map(parts), expected.map(parts));
}

/// The store's tree is the tree of these ids: size, edge, and every complete subtree.
pub(crate) fn assert_tree(store: &dyn Store, ids: &[Hash]) {
    let expected = MemoryTree::from_leaves(ids.iter().map(leaf));
    assert_eq!(&store.frontier().unwrap(), expected.frontier());
    let size = ids.len() as u64;
    for level in 0..64 - size.leading_zeros() {
        for index in 0..size >> level {
            let Ok(node) = expected.node(level, index);
            assert_eq!(store.node(level, index).unwrap(), node, "node {index} of level {level} of {size} leaves");
        }
    }
}

/// Receipts come back by index and by id, byte for byte.
pub fn what_was_appended_reads_back(site: &impl Site) {
    let store = begun(site, 1, 1);
    let entries: Vec<Entry> = (0..5).map(|n| entry(1, 1, n)).collect();
    let committed = store.commit(&entries.iter().collect::<Vec<_>>()).unwrap();
    assert_eq!(committed.first_index, 0);
    assert_eq!(committed.newest_iat, entries[4].iat);
    for (index, expected) in (0..).zip(&entries) {
        for record in [store.record(index).unwrap().unwrap(), store.find(&expected.sealed.id).unwrap().unwrap()] {
            assert_eq!(record.index, index);
            assert_eq!(record.sealed, expected.sealed);
            assert_same_body(record.body.as_ref(), expected.body.as_ref());
        }
    }
    let next = entry(1, 1, 5);
    assert_eq!(store.commit(&[&next]).unwrap().first_index, 5);
}

/// What is absent stays absent: a signature, a body, the value of a body.
pub fn a_log_signed_receipt_and_a_body_without_value_read_back(site: &impl Site) {
    let store = begun(site, 1, 1);
    let mut unsigned = entry(1, 1, 0);
    unsigned.sealed.signature = None;
    unsigned.body = None;
    let mut key_only = entry(1, 1, 1);
    key_only.body = Some(Body { key: [7; 32], value: None });
    store.commit(&[&unsigned, &key_only]).unwrap();
    let first = store.record(0).unwrap().unwrap();
    assert_eq!(first.sealed.signature, None);
    assert_same_body(first.body.as_ref(), None);
    assert_same_body(store.record(1).unwrap().unwrap().body.as_ref(), key_only.body.as_ref());
}

/// An unknown id or index is an absence, not an error.
pub fn nothing_is_found_that_was_not_appended(site: &impl Site) {
    let store = begun(site, 1, 1);
    assert_eq!(store.frontier().unwrap(), *MemoryTree::default().frontier());
    store.commit(&[&entry(1, 1, 0)]).unwrap();
    assert!(store.find(&entry(1, 1, 1).sealed.id).unwrap().is_none());
    for index in [1, 2, u64::from(u32::MAX), i64::MAX as u64, u64::MAX] {
        assert!(store.record(index).unwrap().is_none(), "a record at {index}");
    }
}

/// The same receipt twice is refused, and nothing moves.
pub fn an_id_enters_the_log_once(site: &impl Site) {
    let store = begun(site, 1, 1);
    let once = entry(1, 1, 0);
    store.commit(&[&once]).unwrap();
    assert_eq!(store.commit(&[&once]).unwrap_err().code, ErrorCode::StoreCorrupt);
    assert_tree(store.as_ref(), &[once.sealed.id]);
}

/// Nor does it enter twice in one batch.
pub fn an_id_enters_a_batch_once(site: &impl Site) {
    let store = begun(site, 1, 1);
    let once = entry(1, 1, 0);
    assert_eq!(store.commit(&[&once, &once]).unwrap_err().code, ErrorCode::StoreCorrupt);
    assert_tree(store.as_ref(), &[]);
}

/// A batch is written whole or not at all: receipts, bodies, nodes, calls, the predecessor, the head.
pub fn a_batch_with_a_bad_entry_leaves_nothing_behind(site: &impl Site) {
    let store = begun(site, 1, 1);
    let first = opening(entry(1, 1, 0), "open");
    store.commit(&[&first]).unwrap();
    let good = opening(entry(1, 1, 1), "never");
    let outcome = closing(entry(1, 1, 2), &[first.sealed.id]);
    let unknown = closing(entry(1, 1, 3), &[binding("no decision has this id")]);
    for bad in [entry(1, 1, 0), unknown] {
        store.commit(&[&good, &outcome, &bad]).unwrap_err();
        assert_tree(store.as_ref(), &[first.sealed.id]);
        assert!(store.find(&good.sealed.id).unwrap().is_none());
        assert!(store.record(1).unwrap().is_none());
    }
    drop(store);
    let begun = site.writer().begin(boot(2), &run_id(1)).unwrap();
    assert_eq!(begun.predecessor, Some(first.sealed.id));
    assert_eq!(begun.newest_iat, first.iat);
    assert_eq!(begun.orphans.iter().map(|o| o.decision).collect::<Vec<_>>(), [first.sealed.id]);
    assert_eq!(begun.known.iter().map(|k| k.opened.call.as_str()).collect::<Vec<_>>(), ["open"]);
}

/// Whatever the batches, the stored subtrees and the edge are those of the tree over all leaves.
pub fn the_tree_is_that_of_rfc_6962_at_every_size(site: &impl Site) {
    let store = begun(site, 1, 1);
    let mut ids: Vec<Hash> = Vec::new();
    for batch in [1, 1, 2, 3, 5, 8, 1, 4] {
        let entries: Vec<Entry> = (0..batch).map(|n| entry(1, 1, ids.len() as u64 + n)).collect();
        store.commit(&entries.iter().collect::<Vec<_>>()).unwrap();
        ids.extend(entries.iter().map(|e| e.sealed.id));
        assert_tree(store.as_ref(), &ids);
    }
}

/// A subtree that is not complete, or far outside, is an error: never a hash, never a panic.
pub fn nodes_beyond_the_tree_are_refused(site: &impl Site) {
    let store = begun(site, 1, 1);
    let entries: Vec<Entry> = (0..3).map(|n| entry(1, 1, n)).collect();
    store.commit(&entries.iter().collect::<Vec<_>>()).unwrap();
    for (level, index) in
        [(0, 3), (1, 1), (2, 0), (63, 0), (64, 0), (u32::MAX, 0), (0, u64::MAX), (1, u64::MAX), (40, 1 << 40)]
    {
        let refused = store.node(level, index).unwrap_err();
        assert_eq!(refused.code, ErrorCode::StoreCorrupt, "node {index} of level {level}");
    }
}

/// Each batch starts where the log ends, whoever wrote it.
pub fn writers_share_one_log(site: &impl Site) {
    let (a, b) = (begun(site, 1, 1), begun(site, 2, 2));
    let mut ids = Vec::new();
    for n in 0..6 {
        let (writer, store) = if n % 2 == 0 { (1, &a) } else { (2, &b) };
        let entry = entry(writer, writer, n);
        assert_eq!(store.commit(&[&entry]).unwrap().first_index, n);
        ids.push(entry.sealed.id);
    }
    assert_tree(a.as_ref(), &ids);
    assert_tree(b.as_ref(), &ids);
}

/// Four writers at once: every index is given once, and the tree is that of the order they got.
pub fn writers_in_parallel_do_not_fork_the_log(site: &impl Site) {
    const WRITERS: u8 = 4;
    const BATCHES: u64 = 10;
    let stores: Vec<_> = (0..WRITERS).map(|w| begun(site, w, w)).collect();
    let barrier = Barrier::new(stores.len());
    let placed: Vec<(u64, Hash)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..WRITERS)
            .zip(&stores)
            .map(|(w, store)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    let mut placed = Vec::new();
                    for batch in 0..BATCHES {
                        let entries: Vec<Entry> =
                            (0..3).map(|n| entry(w, w, u64::from(w) << 32 | batch << 8 | n)).collect();
                        let first = store.commit(&entries.iter().collect::<Vec<_>>()).unwrap().first_index;
                        placed.extend((first..).zip(entries.iter().map(|e| e.sealed.id)));
                    }
                    placed
                })
            })
            .collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    let mut placed = placed;
    placed.sort_by_key(|(index, _)| *index);
    let ids: Vec<Hash> = placed.iter().map(|(_, id)| *id).collect();
    assert!(placed.iter().map(|(index, _)| *index).eq(0..u64::from(WRITERS) * BATCHES * 3));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    assert_tree(stores[0].as_ref(), &ids);
    for (index, id) in placed {
        assert_eq!(stores[1].record(index).unwrap().unwrap().sealed.id, id);
    }
}

/// A receipt from the past does not turn the log's time back.
pub fn the_newest_time_never_goes_back(site: &impl Site) {
    let store = begun(site, 1, 1);
    let new = entry(1, 1, 9);
    let old = entry(1, 1, 3);
    assert_eq!(store.commit(&[&new]).unwrap().newest_iat, new.iat);
    assert_eq!(store.commit(&[&old]).unwrap().newest_iat, new.iat);
    assert_eq!(site.writer().begin(boot(2), &run_id(2)).unwrap().newest_iat, new.iat);
}

/// What is in the log outlives those who wrote it.
pub fn the_log_survives_its_writers(site: &impl Site) {
    let store = begun(site, 1, 1);
    let entries: Vec<Entry> = (0..7).map(|n| entry(1, 1, n)).collect();
    store.commit(&entries.iter().collect::<Vec<_>>()).unwrap();
    drop(store);
    let ids: Vec<Hash> = entries.iter().map(|e| e.sealed.id).collect();
    assert_tree(site.writer().as_ref(), &ids);
}
