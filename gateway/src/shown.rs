//! Text from outside, made safe to show: it moves no cursor, hides nothing, reorders nothing, and has an end.

use maud::{Markup, Render, html};
use std::fmt::{self, Write};

/// Characters of one text that are shown.
const TEXT_CHARS: usize = 512;

/// The only form in which text of the log reaches a terminal or a page. A page escapes it for HTML as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown(String);

impl Shown {
    /// Makes a text safe: what is not plain is written as its code point, what is too long is clipped with a note.
    pub fn new(text: &str) -> Shown {
        let mut shown = String::with_capacity(text.len().min(TEXT_CHARS));
        for c in text.chars().take(TEXT_CHARS) {
            if is_plain(c) {
                shown.push(c);
            } else {
                // Writing to a string does not fail.
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
        }
        let all = text.chars().count();
        if all > TEXT_CHARS {
            let _ = write!(shown, "[... clipped: {all} characters in all]");
        }
        Shown(shown)
    }

    /// What stands in the place of a text that a pattern of the policy matches.
    pub fn redacted(pattern: &str) -> Shown {
        Shown::new(&format!("[redacted: {pattern}]"))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Render for Shown {
    /// Isolated, so that a text of a right-to-left script reorders nothing around it.
    fn render(&self) -> Markup {
        html! { bdi { (self.0) } }
    }
}

/// Neither a control character nor one that hides or reorders text.
pub fn is_plain(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_hides_or_reorders_is_written_as_its_code_point() {
        let hostile = "a\u{1b}[2Jb\u{202e}c\u{9b}d\u{200b}e\u{2066}f\rg\nh\u{e0041}";
        let shown = Shown::new(hostile).to_string();
        assert_eq!(shown, r"a\u{1b}[2Jb\u{202e}c\u{9b}d\u{200b}e\u{2066}f\u{d}g\u{a}h\u{e0041}");
        assert!(shown.chars().all(is_plain));
    }

    #[test]
    fn people_still_read_their_own_script() {
        for text in ["Größe", "日本語", "שלום", "naïve ✅"] {
            assert_eq!(Shown::new(text).to_string(), text);
        }
    }

    #[test]
    fn a_long_text_is_clipped_and_says_so() {
        let shown = Shown::new(&"ä".repeat(TEXT_CHARS + 1)).to_string();
        assert!(shown.ends_with("[... clipped: 513 characters in all]"), "{shown}");
        assert_eq!(shown.chars().filter(|c| *c == 'ä').count(), TEXT_CHARS);
        assert_eq!(Shown::new(&"ä".repeat(TEXT_CHARS)).to_string().chars().count(), TEXT_CHARS);
    }

    #[test]
    fn a_page_gets_no_markup_from_a_text() {
        assert_eq!(Shown::new("<b>&\"'").render().into_string(), "<bdi>&lt;b&gt;&amp;&quot;'</bdi>");
    }
}
