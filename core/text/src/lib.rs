//! Text as Talos compares it: Unicode normalisation, case folding and the views that patterns are matched against.
//!
//! Two spellings that a person reads as one must not get two verdicts. Names are compared after [`nfc`]; patterns are
//! matched against the raw text and against [`nfkc`] or [`canonical`], so that a fullwidth letter, a ligature or a change of
//! case does not hide a word (`docs/spec/policy.md`, section 4).
//!
//! | function | view | used for |
//! |---|---|---|
//! | [`nfc`] | NFC(x) | names of tools and prompts |
//! | [`nfkc`] | NFKC(x) | case-sensitive patterns, regular expressions, globs |
//! | [`fold`] | casefold(x), no normalisation | the raw side of a case-insensitive pattern |
//! | [`canonical`] | NFKC(casefold(NFKC(x))) | the normalised side of a case-insensitive pattern |
//!
//! [`is_ignorable`] names the characters that show nothing.
//!
//! Folding is Unicode's full, default (not Turkic, not simple) case folding: `ß` becomes `ss`, `İ` becomes `i` with a dot
//! above. Every function returns its input borrowed when the view does not change it; text that is all ASCII is decided
//! by one scan.
//!
//! ```
//! assert_eq!(talos_text::canonical("ＤＲＯＰ Straße"), "drop strasse");
//! assert_eq!(talos_text::nfc("cafe\u{301}"), "café");
//! ```

mod views;

pub use views::{canonical, fold, is_ignorable, nfc, nfkc};
