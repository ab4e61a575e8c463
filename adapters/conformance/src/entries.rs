//! Receipts that are good enough for a store: it never looks inside.

use talos_audit::receipt::Sealed;
use talos_contracts::ReceiptKind;
use talos_contracts::scalar::{B64, Hash, Salt};
use talos_crypto::hash;
use talos_kernel::ports::{Body, Charge, Entry, Opened};

/// The writer of this number.
pub fn boot(n: u8) -> Salt {
    B64([n; 16])
}

/// The run of this number.
pub fn run_id(n: u8) -> String {
    format!("01890a5d-ac96-774b-bcce-0000000000{n:02x}")
}

/// An entry of this writer and run whose id is made from `n`; it opens and closes nothing.
pub fn entry(writer: u8, run: u8, n: u64) -> Entry {
    let id = hash::tagged("test/receipt", &[&n.to_be_bytes()]);
    Entry {
        sealed: Sealed { id, body: format!("{{\"n\":{n}}}").into_bytes(), signature: Some(B64([n as u8; 64])) },
        run: run_id(run),
        chain: boot(writer),
        kind: ReceiptKind::Decision,
        iat: 1_763_625_600_000 + n,
        boot: boot(writer),
        opens: None,
        closes: Vec::new(),
        used: None,
        body: Some(Body { key: [n as u8; 32], value: Some(n.to_be_bytes().to_vec()) }),
        asks: None,
        redeems: None,
        turns: None,
    }
}

/// A call, and what it was reserved.
pub(crate) fn opened(call: &str) -> Opened {
    let charge = Charge { tool_calls: 1, tokens: call.len() as u64, micro: 7 };
    Opened { call: call.to_owned(), binding: binding(call), charge }
}

/// The same entry, opening a call.
pub(crate) fn opening(entry: Entry, call: &str) -> Entry {
    Entry { opens: Some(opened(call)), ..entry }
}

/// The same entry, closing what these decisions opened.
pub(crate) fn closing(entry: Entry, decisions: &[Hash]) -> Entry {
    Entry { closes: decisions.to_vec(), ..entry }
}

pub(crate) fn binding(call: &str) -> Hash {
    hash::tagged("test/binding", &[call.as_bytes()])
}
