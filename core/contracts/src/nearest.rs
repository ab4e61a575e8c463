//! What a mistyped word was probably meant to be.

/// The known word that a mistyped one was probably meant to be, if one is near: a letter in three may be wrong.
pub fn nearest(word: &str, known: &[&str]) -> Option<String> {
    let allowed = word.chars().count().div_ceil(3);
    let ranked = known.iter().map(|candidate| (distance(word, candidate), candidate));
    ranked.filter(|(d, _)| *d <= allowed).min().map(|(_, candidate)| (*candidate).to_owned())
}

/// Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
