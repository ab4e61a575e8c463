//! The RFC 6962 Merkle tree over log entries.
//!
//! A complete subtree is named by its level (2^level leaves) and its index at that level. Stores
//! keep complete subtrees only; everything at the right edge is computed.

use std::convert::Infallible;
use talos_contracts::scalar::Hash;
use talos_contracts::{Error, ErrorCode};
use talos_crypto::hash;

/// Sizes above this do not verify.
pub const SIZE_MAX: u64 = 1 << 63;

/// The first byte of a log entry that names a receipt.
const ENTRY_RECEIPT: u8 = 0x01;
const LEAF_PREFIX: u8 = 0x00;
const NODE_PREFIX: u8 = 0x01;

/// The log entry of a receipt: 0x01 || receipt_id.
pub fn entry(receipt_id: &Hash) -> [u8; 33] {
    let mut out = [ENTRY_RECEIPT; 33];
    out[1..].copy_from_slice(&receipt_id.0);
    out
}

/// H(0x00 || entry).
pub fn leaf_hash(entry: &[u8]) -> Hash {
    hash::sha256(&[&[LEAF_PREFIX], entry])
}

/// H(0x01 || left || right).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    hash::sha256(&[&[NODE_PREFIX], &left.0, &right.0])
}

/// The root of the tree without leaves.
pub fn empty_root() -> Hash {
    hash::sha256(&[])
}

/// The right edge of a tree: all that appending needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frontier {
    size: u64,
    /// INVARIANT: one root per set bit of `size`, the largest subtree first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A frontier from stored parts; refuses a wrong number of peaks.
    pub fn from_parts(size: u64, peaks: Vec<Hash>) -> Result<Self, Error> {
        if size > SIZE_MAX || peaks.len() != size.count_ones() as usize {
            return Err(Error::new(ErrorCode::StoreCorrupt, "the stored frontier does not fit the stored size"));
        }
        Ok(Frontier { size, peaks })
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Appends a leaf; `completed` is told of each subtree that it completes, with level and index.
    pub fn append(&mut self, leaf: Hash, mut completed: impl FnMut(u32, u64, Hash)) {
        let (mut hash, mut level, mut index) = (leaf, 0, self.size);
        completed(level, index, hash);
        while index & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node_hash(&left, &hash);
            level += 1;
            index >>= 1;
            completed(level, index, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root over all leaves.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        match peaks.next() {
            None => empty_root(),
            Some(last) => peaks.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}

/// Where complete subtrees are read from.
pub trait Nodes {
    /// What can go wrong.
    type Error;
    /// The root of the complete subtree of 2^level leaves at this index.
    fn node(&self, level: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// A whole tree in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryTree {
    levels: Vec<Vec<Hash>>,
    frontier: Frontier,
}

impl MemoryTree {
    /// The tree over these leaf hashes.
    pub fn from_leaves(leaves: impl IntoIterator<Item = Hash>) -> Self {
        let mut tree = Self::default();
        leaves.into_iter().for_each(|leaf| tree.append(leaf));
        tree
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: Hash) {
        let levels = &mut self.levels;
        self.frontier.append(leaf, |level, _, hash| {
            let level = level as usize;
            if levels.len() == level {
                levels.push(Vec::new());
            }
            levels[level].push(hash);
        });
    }

    /// The right edge.
    pub fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// The root of the first `size` leaves.
    pub fn root_at(&self, size: u64) -> Result<Hash, Error> {
        check_index(size, self.frontier.size())?;
        root_at(self, size).map_err(never)
    }

    /// The inclusion proof of a leaf in the tree of the first `size` leaves.
    pub fn prove_inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, Error> {
        check_index(size, self.frontier.size())?;
        if index >= size {
            return Err(Error::new(ErrorCode::ProofIndexOutOfRange, format!("index {index} in a tree of {size}")));
        }
        prove_inclusion(self, index, size).map_err(never)
    }

    /// The consistency proof between the trees of the first `size1` and `size2` leaves.
    pub fn prove_consistency(&self, size1: u64, size2: u64) -> Result<Vec<Hash>, Error> {
        check_index(size2, self.frontier.size())?;
        check_index(size1, size2)?;
        prove_consistency(self, size1, size2).map_err(never)
    }
}

fn never<T>(impossible: Infallible) -> T {
    match impossible {}
}

fn check_index(size: u64, have: u64) -> Result<(), Error> {
    if size > have {
        return Err(Error::new(ErrorCode::ProofSizeOutOfRange, format!("size {size} of a tree of {have}")));
    }
    Ok(())
}

impl Nodes for MemoryTree {
    type Error = Infallible;

    fn node(&self, level: u32, index: u64) -> Result<Hash, Infallible> {
        Ok(self.levels[level as usize][index as usize])
    }
}

/// The root of the first `size` leaves, from stored subtrees.
pub fn root_at<N: Nodes>(nodes: &N, size: u64) -> Result<Hash, N::Error> {
    if size == 0 { Ok(empty_root()) } else { range(nodes, 0, size) }
}

/// MTH(D[start..end]). `start` is a multiple of the largest power of two below the length.
fn range<N: Nodes>(nodes: &N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let length = end - start;
    if length.is_power_of_two() {
        let level = length.trailing_zeros();
        return nodes.node(level, start >> level);
    }
    let middle = start + split(length);
    Ok(node_hash(&range(nodes, start, middle)?, &range(nodes, middle, end)?))
}

/// The largest power of two smaller than `n`, for n > 1.
fn split(n: u64) -> u64 {
    1 << (63 - (n - 1).leading_zeros())
}

/// PATH(m, D[n]) of RFC 6962, section 2.1.1: from the leaf to the root.
pub fn prove_inclusion<N: Nodes>(nodes: &N, index: u64, size: u64) -> Result<Vec<Hash>, N::Error> {
    let (mut start, mut end) = (0, size);
    let mut path = Vec::with_capacity(64);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            path.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// PROOF(m, D[n]) of RFC 6962, section 2.1.2. Empty for equal sizes and for size 0.
pub fn prove_consistency<N: Nodes>(nodes: &N, size1: u64, size2: u64) -> Result<Vec<Hash>, N::Error> {
    if size1 == 0 || size1 == size2 {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, size2);
    let mut proof = Vec::with_capacity(64);
    while size1 != end {
        let middle = start + split(end - start);
        if size1 <= middle {
            proof.push(range(nodes, middle, end)?);
            end = middle;
        } else {
            proof.push(range(nodes, start, middle)?);
            start = middle;
        }
    }
    // The subtree that ends at size1: known to the verifier only if it is the whole old tree.
    if start != 0 {
        proof.push(range(nodes, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Verifies an inclusion proof (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), Error> {
    if size > SIZE_MAX {
        return Err(Error::new(ErrorCode::ProofSizeOutOfRange, "sizes above 2^63 do not verify"));
    }
    if index >= size {
        return Err(Error::new(ErrorCode::ProofIndexOutOfRange, format!("index {index} in a tree of {size}")));
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(Error::new(ErrorCode::ProofLength, "the proof has hashes left over"));
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(Error::new(ErrorCode::ProofLength, "the proof lacks hashes"));
    }
    same_root(&hash, root)
}

/// Verifies a consistency proof (RFC 9162, section 2.1.4.2). From size 0 nothing can be proven.
pub fn verify_consistency(size1: u64, size2: u64, proof: &[Hash], root1: &Hash, root2: &Hash) -> Result<(), Error> {
    if size2 > SIZE_MAX || size1 > size2 {
        return Err(Error::new(ErrorCode::ProofSizeOutOfRange, format!("from size {size1} to size {size2}")));
    }
    if size1 == 0 {
        return Err(Error::new(ErrorCode::ProofFromEmpty, "every tree extends the empty one; that proves nothing"));
    }
    let length = |why: &str| Err(Error::new(ErrorCode::ProofLength, why));
    if size1 == size2 {
        if !proof.is_empty() {
            return length("equal sizes need no hashes");
        }
        return same_root(root1, root2);
    }
    let (first, rest) = match proof {
        _ if size1.is_power_of_two() => (*root1, proof),
        [first, rest @ ..] => (*first, rest),
        [] => return length("the proof lacks hashes"),
    };
    let shift = (size1 - 1).trailing_ones();
    let (mut node, mut last) = ((size1 - 1) >> shift, (size2 - 1) >> shift);
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return length("the proof has hashes left over");
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return length("the proof lacks hashes");
    }
    same_root(&old, root1)?;
    same_root(&new, root2)
}

fn same_root(computed: &Hash, claimed: &Hash) -> Result<(), Error> {
    if hash::equal(computed, claimed) {
        Ok(())
    } else {
        Err(Error::new(ErrorCode::ProofRootMismatch, "the proof leads to another root"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// MTH by the recursion of RFC 6962, section 2.1, over the whole leaf list.
    fn reference_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => hash::sha256(&[]),
            [leaf] => *leaf,
            _ => {
                let mut k = 1;
                while k * 2 < leaves.len() {
                    k *= 2;
                }
                node_hash(&reference_root(&leaves[..k]), &reference_root(&leaves[k..]))
            }
        }
    }

    fn leaves(n: u64) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
    }

    #[test]
    fn roots_agree_with_the_recursive_definition() {
        for n in 0..=130 {
            let leaves = leaves(n);
            let tree = MemoryTree::from_leaves(leaves.clone());
            assert_eq!(tree.frontier().root(), reference_root(&leaves));
            for m in 0..=n {
                assert_eq!(tree.root_at(m).unwrap(), reference_root(&leaves[..m as usize]));
            }
        }
    }

    #[test]
    fn every_proof_verifies_and_every_altered_proof_does_not() {
        for n in 1..=40 {
            let leaves = leaves(n);
            let tree = MemoryTree::from_leaves(leaves.clone());
            let root = tree.frontier().root();
            for i in 0..n {
                let leaf = &leaves[i as usize];
                let proof = tree.prove_inclusion(i, n).unwrap();
                verify_inclusion(leaf, i, n, &proof, &root).unwrap();
                for k in 0..proof.len() {
                    let mut bad = proof.clone();
                    bad[k].0[k % 32] ^= 1;
                    assert_eq!(
                        verify_inclusion(leaf, i, n, &bad, &root).unwrap_err().code,
                        ErrorCode::ProofRootMismatch
                    );
                }
                let mut long = proof.clone();
                long.push(root);
                assert_eq!(verify_inclusion(leaf, i, n, &long, &root).unwrap_err().code, ErrorCode::ProofLength);
                if let Some((_, short)) = proof.split_last() {
                    assert_eq!(verify_inclusion(leaf, i, n, short, &root).unwrap_err().code, ErrorCode::ProofLength);
                }
            }
        }
    }

    #[test]
    fn consistency_holds_between_all_sizes() {
        let n = 40;
        let tree = MemoryTree::from_leaves(leaves(n));
        for a in 1..=n {
            for b in a..=n {
                let (ra, rb) = (tree.root_at(a).unwrap(), tree.root_at(b).unwrap());
                let proof = tree.prove_consistency(a, b).unwrap();
                verify_consistency(a, b, &proof, &ra, &rb).unwrap();
                for k in 0..proof.len() {
                    let mut bad = proof.clone();
                    bad[k].0[0] ^= 1;
                    verify_consistency(a, b, &bad, &ra, &rb).unwrap_err();
                    let mut short = proof.clone();
                    short.remove(k);
                    verify_consistency(a, b, &short, &ra, &rb).unwrap_err();
                }
                let mut long = proof.clone();
                long.push(ra);
                verify_consistency(a, b, &long, &ra, &rb).unwrap_err();
            }
        }
    }

    proptest! {
        #[test]
        fn a_proof_does_not_verify_at_another_index_or_size(n in 2u64..300, i in 0u64..300, j in 0u64..300) {
            let (i, j) = (i % n, j % n);
            let leaves = leaves(n);
            let tree = MemoryTree::from_leaves(leaves.clone());
            let root = tree.frontier().root();
            let proof = tree.prove_inclusion(i, n).unwrap();
            prop_assert_eq!(verify_inclusion(&leaves[i as usize], j, n, &proof, &root).is_ok(), i == j);
            prop_assert!(verify_inclusion(&leaves[j as usize], i, n, &proof, &root).is_ok() == (i == j));
        }
    }
}
