//! From a policy file to something that decides: everything that can be looked up or built once is.

use crate::contract;
use crate::error::PolicyError;
use crate::names::{ANY, Names};
use crate::patterns::{self, Patterns};
use crate::pointer::{is_pointer, resolve};
use crate::resources::{Resources, Stated};
use crate::source::{self, Format, quote};
use std::collections::HashSet;
use talos_contracts::json::Value;
use talos_contracts::scalar::Hash;
use talos_contracts::{Effect, Error, ErrorCode, Policy, PolicyAmountArgs, PolicyMaxAmount};
use talos_contracts::{PolicyResourceItem, PolicyToolItem};

/// The id of the policy that holds where there is no file; no file may take it.
pub const BUILTIN_ID: &str = "talos-builtin";

/// A policy, ready to decide.
#[derive(Debug)]
pub struct CompiledPolicy {
    pub(crate) policy: Policy,
    pub(crate) mode: Mode,
    pub(crate) tools: Names<Tool>,
    pub(crate) prompts: Names<()>,
    pub(crate) resources: Resources,
    pub(crate) patterns: Patterns,
}

/// Where a policy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// No file: what is not a declared read needs approval.
    Builtin,
    /// A file: what it does not allow is denied.
    File,
}

/// What the policy says about one tool.
#[derive(Debug, Default)]
pub(crate) struct Tool {
    pub name: String,
    pub effect: Option<Effect>,
    pub tool_hash: Option<Hash>,
    pub max_amount: Option<PolicyMaxAmount>,
    pub amount: Option<PolicyAmountArgs>,
}

impl CompiledPolicy {
    /// Reads and compiles a policy file. The error side has everything that was found wrong, in the order of the file.
    pub fn load(text: &[u8], format: Format, file_name: &str) -> Result<CompiledPolicy, Vec<PolicyError>> {
        let mut document = source::read(text, format);
        let mut compiled = None;
        if let Some(value) = &mut document.value
            && let Some(policy) = contract::read(value, &mut document.errors)
        {
            compiled = Some(compile(policy, value, text, &mut document.errors));
        }
        match compiled {
            Some(compiled) if document.errors.is_empty() => Ok(compiled),
            _ => Err(PolicyError::list(document.errors, text, file_name)),
        }
    }

    /// The policy that holds where there is no file: what the operator declared as a read is allowed, everything else
    /// needs approval.
    pub fn builtin() -> CompiledPolicy {
        let policy = Policy { id: BUILTIN_ID.to_owned(), ..Policy::default() };
        CompiledPolicy {
            policy,
            mode: Mode::Builtin,
            tools: Names::default(),
            prompts: Names::default(),
            resources: Resources::default(),
            patterns: Patterns::default(),
        }
    }

    /// The contract that was compiled.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The canonical JSON of the contract: what the policy's hash is over, whatever format the file was in.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.policy.write(&mut out);
        out
    }

    /// The names in `allowed_tools`, in the order of the file; `*` stands for all.
    pub fn tool_names(&self) -> Vec<String> {
        self.policy.allowed_tools.iter().flatten().map(|item| Tool::from(item).name).collect()
    }

    /// Whether this is the policy for the case that there is no file.
    pub fn is_builtin(&self) -> bool {
        self.mode == Mode::Builtin
    }
}

fn compile(policy: Policy, document: &Value, text: &[u8], errors: &mut Vec<Error>) -> CompiledPolicy {
    let mut checker = Checker { document, text, errors };
    checker.check_id(&policy);
    checker.check_money(&policy);
    CompiledPolicy {
        mode: Mode::File,
        tools: checker.tools(&policy),
        prompts: checker.prompts(&policy),
        resources: checker.resources(&policy),
        patterns: checker.patterns(&policy),
        policy,
    }
}

/// Says what the contract's schema cannot: each error with the place it is about.
struct Checker<'a> {
    document: &'a Value,
    text: &'a [u8],
    errors: &'a mut Vec<Error>,
}

impl Checker<'_> {
    /// Reports an error at the value that a pointer names.
    fn refuse(&mut self, pointer: &str, detail: impl Into<String>) {
        let span = resolve(self.document, pointer).map_or(self.document.span, |value| value.span);
        self.errors.push(Error::new(ErrorCode::PolicyInvalid, detail).at(span));
    }

    /// Reports an error inside a string: at its own place where the file has the string as it is, else at the string.
    fn refuse_in(&mut self, pointer: &str, written: &str, at: Option<usize>, detail: &str) {
        let mut span = resolve(self.document, pointer).map_or(self.document.span, |value| value.span);
        let mut detail = detail.to_owned();
        if let Some(at) = at {
            let character = written.get(..at).map_or(0, |before| before.chars().count()) + 1;
            detail = format!("{detail}, at character {character}");
            let source = self.text.get(span.start as usize..span.end as usize).unwrap_or_default();
            if let Some(start) = source.windows(written.len()).position(|window| window == written.as_bytes()) {
                span.start += (start + at) as u32;
            }
        }
        self.errors.push(Error::new(ErrorCode::PolicyInvalid, detail).at(span));
    }

    fn suggest(&mut self, pointer: &str, detail: impl Into<String>, suggestion: String) {
        self.refuse(pointer, detail);
        if let Some(error) = self.errors.last_mut() {
            error.suggestion = Some(suggestion);
        }
    }

    fn check_id(&mut self, policy: &Policy) {
        if policy.id == BUILTIN_ID {
            self.refuse("/id", format!("id {BUILTIN_ID:?} is the built-in policy's: choose another"));
        }
        if policy.id.contains(char::is_control) {
            self.refuse("/id", "id has control characters: receipts show it");
        }
    }

    /// A run is counted in one currency, and a limit that limits nothing is a mistake.
    fn check_money(&mut self, policy: &Policy) {
        let general = policy.max_amount.iter().map(|max| ("/max_amount".to_owned(), max));
        let own = policy.allowed_tools.iter().flatten().enumerate().filter_map(|(index, item)| match item {
            PolicyToolItem::Rule(rule) => {
                Some((format!("/allowed_tools/{index}/max_amount"), rule.max_amount.as_ref()?))
            }
            PolicyToolItem::Name(_) => None,
        });
        let limits: Vec<(String, &PolicyMaxAmount)> = general.chain(own).collect();
        for (pointer, max) in &limits {
            if max.per_call_micro.is_none() && max.per_run_micro.is_none() {
                self.refuse(pointer, "max_amount limits nothing: give per_call_micro, per_run_micro or both");
            }
            let first = &limits[0].1.currency;
            if max.currency != *first {
                let detail =
                    format!("currency {} beside {first}: the money of a run is counted in one currency", max.currency);
                self.refuse(&format!("{pointer}/currency"), detail);
            }
        }
    }

    fn tools(&mut self, policy: &Policy) -> Names<Tool> {
        let mut tools = Names::default();
        for (index, item) in policy.allowed_tools.iter().flatten().enumerate() {
            let pointer = format!("/allowed_tools/{index}");
            let (tool, at_name) = match item {
                PolicyToolItem::Name(_) => (Tool::from(item), pointer.clone()),
                PolicyToolItem::Rule(_) => (Tool::from(item), format!("{pointer}/name")),
            };
            self.check_tool(&tool, &pointer);
            let name = tool.name.clone();
            self.check_name("tool", &name, &at_name);
            if !tools.insert(&name, tool) {
                self.refuse(&at_name, format!("tool {} is in the list already", quote(&name)));
            }
        }
        tools
    }

    fn check_tool(&mut self, tool: &Tool, pointer: &str) {
        if tool.name == ANY && tool.tool_hash.is_some() {
            self.refuse(&format!("{pointer}/tool_hash"), "one hash cannot pin every tool: pin tools by name");
        }
        let Some(amount) = &tool.amount else { return };
        let arguments = [("amount_arg", Some(&amount.amount_arg)), ("currency_arg", amount.currency_arg.as_ref())];
        for (key, argument) in arguments {
            let Some(argument) = argument.filter(|argument| !is_pointer(argument)) else { continue };
            let suggestion = format!("/{}", argument.trim_start_matches(['/', '$', '.']));
            let detail = format!("{key} {} is no JSON pointer into the arguments", quote(argument));
            self.suggest(&format!("{pointer}/amount/{key}"), detail, suggestion);
        }
    }

    /// Names are exact; a star inside one would look like a pattern and match nothing.
    fn check_name(&mut self, what: &str, name: &str, pointer: &str) {
        if name != ANY && name.contains(ANY) {
            let detail = format!("{what} {}: names are exact, only \"*\" alone stands for all", quote(name));
            self.refuse(pointer, detail);
        }
    }

    fn prompts(&mut self, policy: &Policy) -> Names<()> {
        let mut prompts = Names::default();
        for (index, name) in policy.allowed_prompts.iter().flatten().enumerate() {
            let pointer = format!("/allowed_prompts/{index}");
            self.check_name("prompt", name, &pointer);
            if !prompts.insert(name, ()) {
                self.refuse(&pointer, format!("prompt {} is in the list already", quote(name)));
            }
        }
        prompts
    }

    fn resources(&mut self, policy: &Policy) -> Resources {
        let items: Vec<(&str, Stated, &str)> = policy.allowed_resources.iter().flatten().map(resource).collect();
        let mut seen = HashSet::new();
        for (index, (uri, _, key)) in items.iter().enumerate() {
            if !seen.insert(*uri) {
                let detail = format!("resource {} is in the list already", quote(uri));
                self.refuse(&format!("/allowed_resources/{index}{key}"), detail);
            }
        }
        let pairs: Vec<(&str, Stated)> = items.iter().map(|&(uri, effect, _)| (uri, effect)).collect();
        match Resources::compile(&pairs) {
            Ok(resources) => resources,
            Err(errors) => {
                for error in errors {
                    let (uri, _, key) = items[error.index];
                    let pointer = format!("/allowed_resources/{}{key}", error.index);
                    self.refuse_in(&pointer, uri, error.at, &format!("glob {}: {}", quote(uri), error.detail));
                }
                Resources::default()
            }
        }
    }

    fn patterns(&mut self, policy: &Policy) -> Patterns {
        let list = policy.blocked_patterns.as_deref().unwrap_or_default();
        let (mut ids, mut meanings) = (HashSet::new(), HashSet::new());
        for (index, pattern) in list.iter().enumerate() {
            if !ids.insert(patterns::name(pattern)) {
                let key = if pattern.id.is_some() { "id" } else { "pattern" };
                let detail = format!("{} is in the list already", patterns::label(pattern));
                self.refuse(&format!("/blocked_patterns/{index}/{key}"), detail);
            } else if !meanings.insert((pattern.kind, &pattern.pattern, patterns::is_case_sensitive(pattern))) {
                let detail = "this pattern is in the list already, under another id";
                self.refuse(&format!("/blocked_patterns/{index}/pattern"), detail);
            }
        }
        match Patterns::compile(list) {
            Ok(patterns) => patterns,
            Err(errors) => {
                for error in errors {
                    let pattern = &list[error.index];
                    let pointer = format!("/blocked_patterns/{}/pattern", error.index);
                    let detail = format!("{}: {}", patterns::label(pattern), error.detail);
                    self.refuse_in(&pointer, &pattern.pattern, error.at, &detail);
                }
                Patterns::default()
            }
        }
    }
}

impl From<&PolicyToolItem> for Tool {
    fn from(item: &PolicyToolItem) -> Tool {
        match item {
            PolicyToolItem::Name(name) => Tool { name: name.clone(), ..Tool::default() },
            PolicyToolItem::Rule(rule) => Tool {
                name: rule.name.clone(),
                effect: rule.effect,
                tool_hash: rule.tool_hash,
                max_amount: rule.max_amount.clone(),
                amount: rule.amount.clone(),
            },
        }
    }
}

/// A resource with its effect, and the rest of the pointer to its glob.
fn resource(item: &PolicyResourceItem) -> (&str, Stated, &'static str) {
    match item {
        PolicyResourceItem::Uri(uri) => (uri, None, ""),
        PolicyResourceItem::Rule(rule) => (&rule.uri, rule.effect, "/uri"),
    }
}
