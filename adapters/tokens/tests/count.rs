//! Counts that the makers of the vocabularies publish, and texts that are made to be slow.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};
use talos_contracts::TokenEncoding::{Cl100k, O200k};
use talos_tokens::count;

#[test]
fn published_counts() {
    // OpenAI's cookbook, "How to count tokens with tiktoken".
    for (text, cl100k, o200k) in [
        ("tiktoken is great!", 6, 6),
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
        ("お誕生日おめでとう", 9, 8),
        ("", 0, 0),
    ] {
        assert_eq!((count(Cl100k, text), count(O200k, text)), (Some(cl100k), Some(o200k)), "{text}");
    }
}

#[test]
fn a_control_word_in_a_text_is_text() {
    assert!(count(Cl100k, "<|endoftext|>").unwrap() > 1);
}

#[test]
fn there_are_never_more_tokens_than_bytes() {
    for text in ["a", "🤖", "\u{e000}\u{10ffff}", "aaaaaaaaaaaaaaaaaaaaaaaa", "\r\n\t \u{a0}", "\0\0\0", "ﷺ𒐫"] {
        for encoding in [Cl100k, O200k] {
            assert!(count(encoding, text).unwrap() <= text.len() as u64, "{text:?}");
        }
    }
}

#[test]
fn a_text_that_is_made_to_be_slow_is_not_counted_or_soon_counted() {
    count(O200k, "warm");
    for text in
        ["a".repeat(1 << 20), " ".repeat(1 << 20), "ab".repeat(1 << 15), "🤖".repeat(1 << 14), " \n".repeat(120)]
    {
        let start = Instant::now();
        count(O200k, &text);
        assert!(start.elapsed() < Duration::from_secs(5), "{} bytes", text.len());
    }
    assert_eq!(count(O200k, &"a".repeat(1 << 20)), None);
    assert_eq!(count(O200k, &" ".repeat(300)), None);
}
