//! Arguments that are URLs: parsed by the WHATWG algorithm, and refused where another parser could see another host.

use crate::arguments::{Refusal, text_of};
use crate::mistakes::Mistakes;
use crate::origins::{Origins, Stated, default_port};
use crate::resources::{decode, has_dot_segment};
use crate::source::quote;
use crate::{glob, patterns, urls};
use regex::RegexSet;
use talos_contracts::PolicyArgument;
use talos_contracts::json::Value;
use talos_text::{is_ignorable, nfkc};
use url::Url;

/// Longest URL in bytes.
const MAX_BYTES: usize = 8 << 10;

/// What a URL has to be.
#[derive(Debug)]
pub(crate) struct UrlRule {
    origins: Origins,
    paths: Option<RegexSet>,
}

impl UrlRule {
    pub fn compile(argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<UrlRule> {
        let stated = Stated {
            hosts: argument.hosts.as_deref().unwrap_or_default(),
            schemes: argument.schemes.as_deref(),
            ports: argument.ports.as_deref(),
            allow_private: argument.allow_private,
        };
        let origins = Origins::compile(&stated, mistakes);
        let paths = match &argument.paths {
            Some(globs) => Some(compile_paths(globs, mistakes)?),
            None => None,
        };
        Some(UrlRule { origins, paths })
    }

    pub fn check(&self, value: &Value) -> Result<(), Refusal> {
        let text = text_of(value, "a URL", MAX_BYTES)?;
        let denied = |why: &str| Refusal::denied(format!("the URL is denied: {why}"));
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(denied("it has spaces, controls or backslashes"));
        }
        if nfkc(text) != text || text.chars().any(is_ignorable) {
            return Err(denied("it has letters that stand for others, or that nobody sees"));
        }
        let (scheme, rest) = text.split_once(':').ok_or_else(|| denied("it has no scheme"))?;
        let scheme = scheme.to_ascii_lowercase();
        let rest = rest.strip_prefix("//").filter(|rest| !rest.starts_with('/'));
        let rest = rest.ok_or_else(|| denied("its scheme is not followed by // and a host"))?;
        let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        self.origins.check(&scheme, authority).map_err(denied)?;
        let url = parse(text, &scheme, authority).ok_or_else(|| denied("parsers do not agree on its host"))?;
        urls::check(tail, &self.origins).map_err(|why| denied(&format!("{why}, of a URL inside it")))?;
        match &self.paths {
            Some(paths) if !matches(paths, tail, &url) => Err(denied("its path is not in paths")),
            _ => Ok(()),
        }
    }
}

/// The URL by the WHATWG algorithm, if its authority is the one that is written.
fn parse(text: &str, scheme: &str, authority: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = match authority.strip_prefix('[') {
        Some(rest) => &authority[..rest.find(']')? + 2],
        None => authority.split(':').next()?,
    };
    let written = match crate::hosts::parse(host)? {
        crate::hosts::Parsed::Domain(name) | crate::hosts::Parsed::Address(_, name) => name,
    };
    let has_user = !url.username().is_empty() || url.password().is_some();
    // Without a scheme that it knows the parser leaves the host as it is.
    let is_same = url.host_str()?.eq_ignore_ascii_case(if default_port(scheme).is_some() { &written } else { host });
    (url.scheme() == scheme && is_same && !has_user).then_some(url)
}

fn compile_paths(globs: &[String], mistakes: &mut Mistakes) -> Option<RegexSet> {
    let (mut sources, before) = (Vec::new(), mistakes.list.len());
    for (index, written) in globs.iter().enumerate() {
        let member = format!("paths/{index}");
        match glob::to_regex(written) {
            Ok(_) if !written.starts_with(['/', '*']) => {
                let detail = format!("path {}: the path of a URL begins with a slash", quote(written));
                mistakes.suggest(&member, detail, format!("/{written}"));
            }
            Ok(source) => sources.push(source),
            Err(error) => {
                mistakes.inside(&member, written, Some(error.at), format!("path {}: {}", quote(written), error.detail));
            }
        }
    }
    if mistakes.list.len() > before {
        return None;
    }
    let set = patterns::set(&sources);
    if set.is_err() {
        mistakes.add("paths", "the globs together are too large: there are too many");
    }
    set.ok()
}

/// Whether the path matches as it is written, as parsers leave it, and without its encoding; it goes straight.
fn matches(paths: &RegexSet, tail: &str, url: &Url) -> bool {
    let written = tail.split(['?', '#']).next().unwrap_or_default();
    let written = if written.is_empty() { "/" } else { written };
    let path = if url.path().is_empty() { "/" } else { url.path() };
    let Some(plain) = decode(written).filter(|plain| !has_dot_segment(plain)) else { return false };
    [written, path, &plain].iter().all(|path| paths.is_match(path))
}
