//! The views against two other implementations of Unicode.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use caseless::Caseless;
use proptest::prelude::*;
use talos_text::{canonical, fold, nfc, nfkc};
use unicode_normalization::UnicodeNormalization;

/// Whether both oracles know the letter: `caseless` has the tables of Unicode 16, the others are newer.
fn is_known(c: char) -> bool {
    let later = CASED_AFTER_16.iter().any(|range| range.contains(&c));
    unicode_normalization::char::is_public_assigned(c) && !later
}

/// Cased letters that arrived after Unicode 16.
const CASED_AFTER_16: &[RangeInclusive<char>] = &[
    '\u{a7ce}'..='\u{a7cf}',
    '\u{a7d2}'..='\u{a7d5}',
    '\u{a7dd}'..='\u{a7e2}',
    '\u{ab6c}'..='\u{ab6d}',
    '\u{16ea0}'..='\u{16ed3}',
    '\u{1df2b}'..='\u{1df95}',
];

fn oracle_fold(text: &str) -> String {
    text.chars().default_case_fold().collect()
}

fn oracle_canonical(text: &str) -> String {
    let compatible: String = text.nfkc().collect();
    oracle_fold(&compatible).nfkc().collect()
}

#[test]
fn every_character_agrees_with_the_oracles() {
    let mut differences = Vec::new();
    for c in ('\0'..=char::MAX).filter(|&c| is_known(c)) {
        let mut buffer = [0; 4];
        let text: &str = c.encode_utf8(&mut buffer);
        let agrees = nfc(text) == text.nfc().collect::<String>()
            && nfkc(text) == text.nfkc().collect::<String>()
            && fold(text) == oracle_fold(text)
            && canonical(text) == oracle_canonical(text);
        if !agrees {
            differences.push(c);
        }
    }
    assert_eq!(differences, Vec::<char>::new());
}

#[test]
fn the_canonical_view_of_every_character_is_its_own_view() {
    for c in '\0'..=char::MAX {
        let mut buffer = [0; 4];
        let text: &str = c.encode_utf8(&mut buffer);
        let once = canonical(text);
        assert_eq!(canonical(&once), once, "U+{:04X}", c as u32);
    }
}

#[test]
fn unchanged_text_is_borrowed() {
    for text in ["", "plain ascii", "déjà vu", "straat", "数据", "привет"] {
        for view in [nfc, nfkc, fold, canonical] {
            assert!(matches!(view(text), Cow::Borrowed(_)), "{text:?}");
        }
    }
}

/// Strings made mostly of letters that views change, so that marks meet the letters they compose with.
fn interesting() -> impl Strategy<Value = String> {
    let letters = prop_oneof![
        prop::char::range('a', 'z'),
        prop::char::range('A', 'Z'),
        prop::char::range('\u{c0}', '\u{24f}'),
        prop::char::range('\u{300}', '\u{36f}'),
        prop::char::range('\u{370}', '\u{52f}'),
        prop::char::range('\u{1100}', '\u{11ff}'),
        prop::char::range('\u{1e00}', '\u{1fff}'),
        prop::char::range('\u{2100}', '\u{214f}'),
        prop::char::range('\u{fb00}', '\u{fb06}'),
        prop::char::range('\u{ff01}', '\u{ff5e}'),
        any::<char>(),
    ];
    prop::collection::vec(letters.prop_filter("assigned", |&c| is_known(c)), 0..24)
        .prop_map(|letters| letters.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn strings_agree_with_the_oracles(text in interesting()) {
        prop_assert_eq!(nfc(&text), text.nfc().collect::<String>());
        prop_assert_eq!(nfkc(&text), text.nfkc().collect::<String>());
        prop_assert_eq!(fold(&text), oracle_fold(&text));
        prop_assert_eq!(canonical(&text), oracle_canonical(&text));
    }

    #[test]
    fn the_canonical_view_is_its_own_view(text in interesting()) {
        let once = canonical(&text);
        prop_assert_eq!(canonical(&once), once.as_ref());
    }

    #[test]
    fn equivalent_spellings_have_one_canonical_view(text in interesting()) {
        let decomposed: String = text.nfd().collect();
        let compatible: String = text.nfkd().collect();
        prop_assert_eq!(canonical(&decomposed), canonical(&text));
        prop_assert_eq!(canonical(&compatible), canonical(&text));
    }

    #[test]
    fn ascii_takes_the_same_path_as_everything_else(text in "[ -~]{0,40}") {
        prop_assert_eq!(canonical(&text), oracle_canonical(&text));
        prop_assert_eq!(nfc(&text), text.as_str());
    }
}
