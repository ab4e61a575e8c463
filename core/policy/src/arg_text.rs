//! Arguments that are strings or booleans.

use crate::arguments::Refusal;
use crate::mistakes::Mistakes;
use crate::source::quote;
use crate::{glob, patterns};
use regex::Regex;
use std::collections::HashSet;
use talos_contracts::PolicyArgument;
use talos_contracts::json::{Kind, Value};
use talos_text::{is_ignorable, nfc};

/// What a string has to be.
#[derive(Debug)]
pub(crate) struct TextRule {
    one_of: Option<HashSet<String>>,
    glob: Option<Regex>,
    regex: Option<Regex>,
    max_chars: Option<u64>,
}

impl TextRule {
    pub fn compile(argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<TextRule> {
        let one_of = argument.one_of.as_ref();
        let one_of = one_of.map(|list| list.iter().map(|one| nfc(one).into_owned()).collect());
        let glob = match &argument.glob {
            Some(written) => Some(compile_glob(written, mistakes)?),
            None => None,
        };
        let regex = match &argument.regex {
            Some(written) => Some(compile_regex(written, mistakes)?),
            None => None,
        };
        Some(TextRule { one_of, glob, regex, max_chars: argument.max_chars })
    }

    pub fn check(&self, value: &Value) -> Result<(), Refusal> {
        let text = value.as_str().ok_or_else(|| Refusal::kind("a string is expected"))?;
        // A regular expression says itself which characters there may be.
        if self.regex.is_none() && text.chars().any(|c| (c.is_control() && c != '\n' && c != '\t') || is_ignorable(c)) {
            return Err(Refusal::denied("the string has controls, or characters that nobody sees"));
        }
        if let Some(most) = self.max_chars.filter(|&most| text.chars().count() as u64 > most) {
            return Err(Refusal::denied(format!("the string has more than {most} characters")));
        }
        if self.one_of.as_ref().is_some_and(|list| !list.contains(nfc(text).as_ref())) {
            return Err(Refusal::denied("the string is not in one_of"));
        }
        if self.glob.as_ref().is_some_and(|glob| !glob.is_match(text)) {
            return Err(Refusal::denied("the string does not match the glob"));
        }
        if self.regex.as_ref().is_some_and(|regex| !regex.is_match(text)) {
            return Err(Refusal::denied("the string does not match the regular expression"));
        }
        Ok(())
    }
}

fn compile_glob(written: &str, mistakes: &mut Mistakes) -> Option<Regex> {
    let compiled = glob::to_regex(written).map_err(|error| (Some(error.at), error.detail.to_owned()));
    match compiled.and_then(|source| patterns::regex(&source)) {
        Ok(regex) => Some(regex),
        Err((at, detail)) => {
            mistakes.inside("glob", written, at, format!("glob {}: {detail}", quote(written)));
            None
        }
    }
}

fn compile_regex(written: &str, mistakes: &mut Mistakes) -> Option<Regex> {
    let whole = format!(r"\A(?:{written})\z");
    // What is whole by itself stays whole inside the anchors, except a comment at its end.
    let open = |_| (None, "a comment at its end does not close".to_owned());
    let compiled = patterns::check_regex(written).and_then(|()| patterns::check_regex(&whole).map_err(open));
    match compiled.and_then(|()| patterns::regex(&whole)) {
        Ok(regex) => Some(regex),
        Err((at, detail)) => {
            mistakes.inside("regex", written, at, format!("regular expression {}: {detail}", quote(written)));
            None
        }
    }
}

/// What a boolean has to be.
#[derive(Debug)]
pub(crate) struct BooleanRule {
    pub value: Option<bool>,
}

impl BooleanRule {
    pub fn check(&self, value: &Value) -> Result<(), Refusal> {
        let Kind::Bool(found) = value.kind else {
            return Err(Refusal::kind("true or false is expected, not a text or a number for it"));
        };
        match self.value {
            Some(allowed) if allowed != found => Err(Refusal::denied(format!("only {allowed} is allowed"))),
            _ => Ok(()),
        }
    }
}
