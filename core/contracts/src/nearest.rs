//! What a mistyped word was probably meant to be.

/// The known word that a mistyped one was probably meant to be, if one is near: a letter in three may be wrong, and two
/// that changed places are one mistake.
pub fn nearest(word: &str, known: &[&str]) -> Option<String> {
    let allowed = word.chars().count().div_ceil(3);
    let ranked = known.iter().map(|candidate| (distance(word, candidate), candidate));
    ranked.filter(|(d, _)| *d <= allowed).min().map(|(_, candidate)| (*candidate).to_owned())
}

/// Edits between two words: letters that are missing, added, other, or have changed places with the next one.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = [vec![0; b.len() + 1], (0..=b.len()).collect(), Vec::new()];
    for i in 1..=a.len() {
        let [before, last, _] = &rows;
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let other = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j - 1] + other).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        rows[2] = row;
        rows.rotate_left(1);
    }
    rows[1][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_changed_places_are_one_mistake() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("pya", "pay"), 1);
        assert_eq!(distance("raed_fiel", "read_file"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn what_is_like_nothing_has_no_neighbour() {
        let known = ["allowed_tools", "allowed_prompts"];
        assert_eq!(nearest("allowed_tool", &known).as_deref(), Some("allowed_tools"));
        assert_eq!(nearest("firewall", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
