//! Arguments that are command lines of a POSIX shell: only words and, where allowed, pipes. What a shell would expand,
//! substitute, redirect or join is refused, so that the words are the same in every shell. Where the rule says so, they
//! are the words themselves, which no shell reads.

use crate::arguments::Refusal;
use crate::mistakes::Mistakes;
use crate::source::quote;
use crate::{glob, patterns};
use regex::RegexSet;
use talos_contracts::PolicyArgument;
use talos_contracts::json::{Kind, Value};
use talos_text::is_ignorable;

/// Longest command line in bytes, with all its words where they are an array.
const MAX_BYTES: usize = 16 << 10;
/// Most words of a command line.
const MAX_WORDS: usize = 1024;
/// What stands for itself outside of quotes, beside letters and digits.
const PLAIN: &str = "_-./:,=+@%";
/// What a backslash takes its meaning from inside double quotes.
const ESCAPED_IN_QUOTES: [char; 4] = ['"', '\\', '$', '`'];
/// Words that begin something else than a command (POSIX, section 2.4, and what shells add).
pub(crate) const RESERVED: [&str; 22] = [
    "!", "{", "}", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if",
    "in", "select", "then", "time", "until", "while",
];

/// What a command line has to be.
#[derive(Debug)]
pub(crate) struct ShellRule {
    /// The words that a command begins with.
    commands: Vec<Vec<String>>,
    denied_words: RegexSet,
    pipes: bool,
    as_array: bool,
}

impl ShellRule {
    pub fn compile(argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<ShellRule> {
        let before = mistakes.list.len();
        let mut commands = Vec::new();
        for (index, written) in argument.commands.iter().flatten().enumerate() {
            match command(written) {
                Ok(words) => commands.push(words),
                Err(why) => mistakes.add(&format!("commands/{index}"), format!("command {}: {why}", quote(written))),
            }
        }
        let mut sources = Vec::new();
        for (index, written) in argument.denied_words.iter().flatten().enumerate() {
            match glob::to_word_regex(written) {
                Ok(source) => sources.push(source),
                Err(error) => {
                    let detail = format!("glob {}: {}", quote(written), error.detail);
                    mistakes.inside(&format!("denied_words/{index}"), written, Some(error.at), detail);
                }
            }
        }
        let denied_words = patterns::set(&sources);
        if denied_words.is_err() {
            mistakes.add("denied_words", "the globs together are too large: there are too many");
        }
        let (pipes, as_array) = (argument.pipes == Some(true), argument.as_array == Some(true));
        if pipes && as_array {
            mistakes.add("pipes", "an array of words has no pipes: they are a shell's");
        }
        let rule = ShellRule { commands, denied_words: denied_words.ok()?, pipes, as_array };
        (mistakes.list.len() == before).then_some(rule)
    }

    pub fn check(&self, value: &Value) -> Result<(), Refusal> {
        let denied = |why: &str| Refusal::denied(format!("the command is denied: {why}"));
        let line = match (&value.kind, self.as_array) {
            (Kind::String(text), false) => lex(text).map_err(denied)?,
            (Kind::Array(items), true) => vec![words(items)?],
            (_, false) => return Err(Refusal::kind("a command line is a string")),
            (_, true) => return Err(Refusal::kind("a command is a list of its words here")),
        };
        if line.len() > 1 && !self.pipes {
            return Err(denied("it has a pipe"));
        }
        for words in &line {
            let mut others =
                self.commands.iter().filter_map(|command| words.strip_prefix(command.as_slice())).peekable();
            if others.peek().is_none() {
                return Err(denied("it does not begin with the words of a command of the rule"));
            }
            if others.all(|words| words.iter().any(|word| self.denied_words.is_match(word))) {
                return Err(denied("one of its words is in denied_words"));
            }
        }
        Ok(())
    }
}

/// The words of a command of the policy.
fn command(written: &str) -> Result<Vec<String>, &'static str> {
    let mut line = lex(written)?;
    match (line.pop(), line.is_empty()) {
        (Some(words), true) if RESERVED.contains(&words[0].as_str()) => {
            Err("it begins with a word of the shell's language, not with a command")
        }
        (Some(words), true) => Ok(words),
        _ => Err("a command has no pipe: list both sides, and set pipes"),
    }
}

/// The words of a command that is given as an array: nothing splits or expands them.
fn words(items: &[Value]) -> Result<Vec<String>, Refusal> {
    let mut words = Vec::new();
    let mut bytes = 0usize;
    for item in items {
        let word = item.as_str().ok_or_else(|| Refusal::kind("each word of a command is a string"))?;
        if word.contains(is_forbidden) {
            return Err(Refusal::denied("the command is denied: a word has controls, or characters that nobody sees"));
        }
        bytes = bytes.saturating_add(word.len() + 1);
        words.push(word.to_owned());
    }
    if words.len() > MAX_WORDS || bytes > MAX_BYTES {
        return Err(Refusal::denied("the command is denied: it is too long"));
    }
    Ok(words)
}

/// What no word has, quoted or not.
fn is_forbidden(c: char) -> bool {
    c.is_control() || is_ignorable(c) || (!c.is_ascii() && c.is_whitespace())
}

/// The commands of a line, one unless there are pipes, each with its words as a shell would give them to it.
fn lex(text: &str) -> Result<Vec<Vec<String>>, &'static str> {
    if text.len() > MAX_BYTES {
        return Err("it is too long");
    }
    let mut lexer = Lexer { commands: vec![Vec::new()], word: None, words: 0 };
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => lexer.end_word()?,
            _ if is_forbidden(c) => return Err("it has line breaks, controls, or characters that nobody sees"),
            '|' => lexer.pipe()?,
            '\'' => lexer.single_quotes(&mut chars)?,
            '"' => lexer.double_quotes(&mut chars)?,
            '\\' => match chars.next() {
                Some(c) if !is_forbidden(c) => lexer.push(c),
                _ => return Err("a backslash stands before nothing that it could quote"),
            },
            '=' if lexer.word.is_none() => return Err("a word begins with =, which some shells expand"),
            '=' if lexer.is_assignment() => return Err("it begins with an assignment"),
            _ if c.is_alphanumeric() || PLAIN.contains(c) || !c.is_ascii() => lexer.push(c),
            _ => return Err("it has a sign that a shell does not take for itself, outside of quotes"),
        }
    }
    lexer.end_word()?;
    match lexer.commands.iter().all(|words| !words.is_empty()) {
        true => Ok(lexer.commands),
        false => Err("a command in it is empty"),
    }
}

struct Lexer {
    commands: Vec<Vec<String>>,
    /// The word that is being read, and whether a part of it was quoted.
    word: Option<(String, bool)>,
    words: usize,
}

impl Lexer {
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().0.push(c);
    }

    fn open(&mut self) -> &mut String {
        let word = self.word.get_or_insert_default();
        word.1 = true;
        &mut word.0
    }

    fn end_word(&mut self) -> Result<(), &'static str> {
        let Some((word, is_quoted)) = self.word.take() else { return Ok(()) };
        let Some(command) = self.commands.last_mut() else { return Ok(()) };
        if command.is_empty() && !is_quoted && RESERVED.contains(&word.as_str()) {
            return Err("it begins with a word of the shell's language");
        }
        command.push(word);
        self.words += 1;
        if self.words > MAX_WORDS { Err("it has too many words") } else { Ok(()) }
    }

    fn pipe(&mut self) -> Result<(), &'static str> {
        self.end_word()?;
        self.commands.push(Vec::new());
        Ok(())
    }

    /// Whether an equals sign here would make the word an assignment.
    fn is_assignment(&self) -> bool {
        let is_first = self.commands.last().is_none_or(Vec::is_empty);
        let is_name = |word: &str| {
            !word.is_empty()
                && !word.starts_with(|c: char| c.is_ascii_digit())
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'+')
        };
        is_first && self.word.as_ref().is_some_and(|(word, _)| is_name(word))
    }

    fn single_quotes(&mut self, chars: &mut std::str::Chars<'_>) -> Result<(), &'static str> {
        let word = self.open();
        loop {
            match chars.next() {
                Some('\'') => return Ok(()),
                Some(c) if !is_forbidden(c) => word.push(c),
                Some(_) => return Err("it has line breaks, controls, or characters that nobody sees"),
                None => return Err("a quote is not closed"),
            }
        }
    }

    fn double_quotes(&mut self, chars: &mut std::str::Chars<'_>) -> Result<(), &'static str> {
        let word = self.open();
        loop {
            match chars.next() {
                Some('"') => return Ok(()),
                Some('$' | '`') => return Err("it has a substitution"),
                Some('!') => return Err("it has an exclamation mark in double quotes, which some shells expand"),
                Some('\\') => match chars.next() {
                    Some(c) if ESCAPED_IN_QUOTES.contains(&c) => word.push(c),
                    _ => return Err("a backslash in double quotes stands before nothing that it could quote"),
                },
                Some(c) if !is_forbidden(c) => word.push(c),
                Some(_) => return Err("it has line breaks, controls, or characters that nobody sees"),
                None => return Err("a quote is not closed"),
            }
        }
    }
}
