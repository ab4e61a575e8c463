//! The views, over the tables that `icu_normalizer` and `icu_casemap` carry.

use std::borrow::Cow;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::DefaultIgnorableCodePoint;
use icu_properties::{CodePointSetData, CodePointSetDataBorrowed};

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const IGNORABLE: CodePointSetDataBorrowed<'static> = CodePointSetData::new::<DefaultIgnorableCodePoint>();
const CASE: CaseMapperBorrowed<'static> = CaseMapper::new();

/// Whether a character shows nothing by itself (`Default_Ignorable_Code_Point`): joiners, soft hyphens, variation
/// selectors, tags.
pub fn is_ignorable(c: char) -> bool {
    !c.is_ascii() && IGNORABLE.contains(c)
}

/// Normalisation form C: the form in which names are compared.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    borrow_unchanged(text, NFC.normalize(text))
}

/// Normalisation form KC: compatibility characters (fullwidth, ligatures, circled) become the letters they stand for.
pub fn nfkc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    borrow_unchanged(text, NFKC.normalize(text))
}

/// Full default case folding and nothing else.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    borrow_unchanged(text, Cow::Owned(fold_runs(text)))
}

/// Folds runs of ASCII and of other characters apart: folding looks at one character at a time, and most text that is
/// not all ASCII is mostly ASCII.
fn fold_runs(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while !rest.is_empty() {
        let (ascii, tail) = rest.split_at(rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len()));
        let start = out.len();
        out.push_str(ascii);
        out[start..].make_ascii_lowercase();
        let (other, tail) = tail.split_at(tail.find(|c: char| c.is_ascii()).unwrap_or(tail.len()));
        out.push_str(&CASE.fold_string(other));
        rest = tail;
    }
    out
}

/// The canonical view: NFKC(casefold(NFKC(text))). Applying it twice changes nothing more.
pub fn canonical(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return fold_ascii(text);
    }
    let folded = fold_runs(&NFKC.normalize(text));
    borrow_unchanged(text, Cow::Owned(NFKC.normalize(&folded).into_owned()))
}

fn fold_ascii(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The tables may answer with an equal copy; callers use `Cow::Borrowed` to skip a second scan.
fn borrow_unchanged<'a>(text: &'a str, view: Cow<'a, str>) -> Cow<'a, str> {
    match view {
        Cow::Owned(owned) if owned == text => Cow::Borrowed(text),
        other => other,
    }
}
