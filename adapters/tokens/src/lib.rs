//! Tokens of a text, counted in its model's own vocabulary (`docs/spec/budget.md`, section 5).

use talos_contracts::TokenEncoding;
use tiktoken_rs::{CoreBPE, cl100k_base_singleton, o200k_base_singleton};

/// Bytes of a text that is counted exactly.
const TEXT_MAX: usize = 1 << 20;
/// Bytes without a space in it: longer ones take more than linear time to merge.
const WORD_MAX: usize = 1 << 16;
/// Spaces in a row: the vocabularies' expressions look ahead over them, and back.
const SPACES_MAX: usize = 256;

/// How many tokens the text has in this vocabulary; absent where that would take too long to
/// find out. Words that stand for control tokens count as the text that they are.
pub fn count(encoding: TokenEncoding, text: &str) -> Option<u64> {
    if text.len() > TEXT_MAX || !is_bounded(text) {
        return None;
    }
    Some(vocabulary(encoding).encode_ordinary(text).len() as u64)
}

fn vocabulary(encoding: TokenEncoding) -> &'static CoreBPE {
    match encoding {
        TokenEncoding::Cl100k => cl100k_base_singleton(),
        TokenEncoding::O200k => o200k_base_singleton(),
    }
}

fn is_bounded(text: &str) -> bool {
    let (mut word, mut spaces) = (0, 0);
    text.chars().all(|c| {
        (word, spaces) = if c.is_whitespace() { (0, spaces + 1) } else { (word + c.len_utf8(), 0) };
        word <= WORD_MAX && spaces <= SPACES_MAX
    })
}
