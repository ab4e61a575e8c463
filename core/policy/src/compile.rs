//! From a policy file to something that decides: everything that can be looked up or built once is.

use crate::approvals::AskRule;
use crate::arguments::Arguments;
use crate::contract::CutFrom;
use crate::egress::Egress;
use crate::error::PolicyError;
use crate::includes::{MAX_INCLUDES, ReadFile, Reading};
use crate::mistakes::{Mistake, Mistakes};
use crate::names::{ANY, Names};
use crate::patterns::{self, Patterns};
use crate::pointer::{is_pointer, resolve};
use crate::rates::RateRule;
use crate::resources::{Resources, Stated};
use crate::source::{Format, MAX_BYTES, MAX_DEPTH, MAX_ERRORS, quote};
use crate::subject::{Audience, DID};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use talos_contracts::json::{self, Limits, Profile, Span, Value};
use talos_contracts::scalar::{Hash, is_did_key};
use talos_contracts::{Effect, Error, ErrorCode, Policy, PolicyAmountArgs, PolicyMaxAmount, PolicyMode};
use talos_contracts::{PolicyOnlyFor, PolicyPattern, PolicyResourceItem, PolicyToolItem};
use talos_crypto::hash;
use talos_text::nfc;

/// The id of the policy that holds where there is no file; no file may take it.
pub const BUILTIN_ID: &str = "talos-builtin";

/// Domain of a policy hash.
const DOMAIN: &str = "talos/policy/1";

/// A policy, ready to decide.
#[derive(Debug)]
pub struct CompiledPolicy {
    pub(crate) policy: Policy,
    pub(crate) origin: Origin,
    pub(crate) tools: Names<Tool>,
    pub(crate) prompts: Names<()>,
    pub(crate) peers: Names<()>,
    pub(crate) resources: Resources,
    pub(crate) patterns: Patterns,
    pub(crate) redact: Patterns,
    pub(crate) rates: Vec<RateRule>,
    pub(crate) asks: Vec<AskRule>,
    /// The currency of an amount whose rule names no argument for it.
    pub(crate) currency: Option<String>,
    pub(crate) egress: Option<Egress>,
}

/// Where a policy comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// No file: what is not a declared read needs approval.
    Builtin,
    /// A file: what it does not allow is denied.
    File,
}

/// What the policy says about one tool.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tool {
    pub name: String,
    pub effect: Option<Effect>,
    pub tool_hash: Option<Hash>,
    pub audience: Option<Audience>,
    pub max_amount: Option<PolicyMaxAmount>,
    pub amount: Option<PolicyAmountArgs>,
    pub consent_required: bool,
    pub kyc_required: bool,
    pub arguments: Arguments,
}

impl CompiledPolicy {
    /// Reads and compiles a policy that is one file. The error side has everything that was found wrong, in the order of
    /// the file.
    pub fn load(text: &[u8], format: Format, file_name: &str) -> Result<CompiledPolicy, Vec<PolicyError>> {
        Ok(Reading::new(None).load(text, format, file_name)?.compiled)
    }

    /// The same of a policy that may include other files, which `read` reads. What is wrong in one of them carries its name.
    pub fn load_with(
        text: &[u8],
        format: Format,
        file_name: &str,
        read: ReadFile<'_>,
    ) -> Result<CompiledPolicy, Vec<PolicyError>> {
        Ok(Reading::new(Some(read)).load(text, format, file_name)?.compiled)
    }

    /// The policy that holds where there is no file: what the operator declared as a read is allowed, everything else
    /// needs approval.
    pub fn builtin() -> CompiledPolicy {
        let policy = Policy { id: BUILTIN_ID.to_owned(), ..Policy::default() };
        CompiledPolicy {
            policy,
            origin: Origin::Builtin,
            tools: Names::default(),
            prompts: Names::default(),
            peers: Names::default(),
            resources: Resources::default(),
            patterns: Patterns::default(),
            redact: Patterns::default(),
            rates: Vec::new(),
            asks: Vec::new(),
            currency: None,
            egress: None,
        }
    }

    /// The contract that was compiled.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What a denial leads to. [`CompiledPolicy::decide`] always decides as `enforce`; the kernel applies the mode.
    pub fn mode(&self) -> PolicyMode {
        self.policy.mode.unwrap_or(PolicyMode::Enforce)
    }

    /// The canonical JSON of the contract: what the policy's hash is over, whatever format the file was in.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.policy.write(&mut out);
        out
    }

    /// The hash of the policy, as receipts name it: H("talos/policy/1" || 0x00 || canonical JSON).
    pub fn hash(&self) -> Hash {
        hash::tagged(DOMAIN, &[&self.canonical_bytes()])
    }

    /// The names in `allowed_tools`, each once, in the order of the file; `*` stands for all.
    pub fn tool_names(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let names = self.policy.allowed_tools.iter().flatten().map(|item| Tool::from(item).name);
        names.filter(|name| seen.insert(name.clone())).collect()
    }

    /// The currency of the limits of money, in which a run is counted; absent: there are none.
    pub fn limit_currency(&self) -> Option<&str> {
        limits(&self.policy).next().map(|(_, limit)| limit.currency.as_str())
    }

    /// Whether this is the policy for the case that there is no file.
    pub fn is_builtin(&self) -> bool {
        self.origin == Origin::Builtin
    }
}

/// Compiles a policy whose includes have been joined. What is wrong goes to the checker.
pub(crate) fn compile(policy: Policy, checker: &mut Checker<'_>) -> CompiledPolicy {
    checker.check_id(&policy);
    checker.check_money(&policy);
    let patterns = policy.blocked_patterns.as_deref().unwrap_or_default();
    let redact = policy.redact.as_deref().unwrap_or_default();
    let tools = checker.tools(&policy);
    CompiledPolicy {
        origin: Origin::File,
        prompts: checker.names("prompt", "allowed_prompts", policy.allowed_prompts.as_deref()),
        peers: checker.names("peer", "allowed_peers", policy.allowed_peers.as_deref()),
        resources: checker.resources(&policy),
        patterns: checker.patterns(patterns, "/blocked_patterns"),
        redact: checker.redact(redact),
        rates: checker.rates(&policy, &tools),
        asks: checker.approvals(&policy, &tools),
        tools,
        currency: currency(&policy),
        egress: checker.egress(&policy),
        policy,
    }
}

/// The currency of the limits, else the one that all approval rules have in `above`.
fn currency(policy: &Policy) -> Option<String> {
    if let Some((_, limit)) = limits(policy).next() {
        return Some(limit.currency.clone());
    }
    let mut above = policy.approvals.iter().flatten().filter_map(|approval| Some(&approval.above.as_ref()?.currency));
    let first = above.next()?;
    above.all(|other| other == first).then(|| first.clone())
}

/// The limits of money of a policy, with the pointers to them.
fn limits(policy: &Policy) -> impl Iterator<Item = (String, &PolicyMaxAmount)> {
    let general = policy.max_amount.iter().map(|max| ("/max_amount".to_owned(), max));
    let own = policy.allowed_tools.iter().flatten().enumerate().filter_map(|(index, item)| match item {
        PolicyToolItem::Rule(rule) => Some((format!("/allowed_tools/{index}/max_amount"), rule.max_amount.as_ref()?)),
        PolicyToolItem::Name(_) => None,
    });
    general.chain(own)
}

/// Says what the contract's schema cannot: each error with the place it is about.
pub(crate) struct Checker<'a> {
    document: &'a Value,
    text: &'a [u8],
    file: &'a str,
    cut_from: CutFrom,
    errors: &'a mut Vec<Error>,
    joined: Vec<Joined>,
}

/// A piece of a list that another file has added.
struct Joined {
    list: &'static str,
    range: Range<usize>,
    /// The entry of `includes` that the file comes by, and its name.
    entry: usize,
    file: String,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(
        document: &'a Value,
        text: &'a [u8],
        file: &'a str,
        cut_from: CutFrom,
        errors: &'a mut Vec<Error>,
    ) -> Self {
        Checker { document, text, file, cut_from, errors, joined: Vec::new() }
    }

    /// Whether a list lost something that could not be read, so that what seems to be missing in it may not be.
    pub(crate) fn is_cut(&self, pointer: &str) -> bool {
        self.cut_from.contains(&resolve(self.document, pointer).unwrap_or(self.document).span.start)
    }

    /// The name of the file that is checked.
    pub(crate) fn file(&self) -> &str {
        self.file
    }

    /// Notes that these items of a list come from another file.
    pub(crate) fn joined(&mut self, list: &'static str, range: Range<usize>, entry: usize, file: &str) {
        self.joined.push(Joined { list, range, entry, file: file.to_owned() });
    }

    /// Where the document has what a pointer names; with the name of the file if it comes from another one.
    fn place(&self, pointer: &str) -> (Span, Option<&str>) {
        let mut steps = pointer.split('/').skip(1);
        let item = steps.next().zip(steps.next().and_then(|step| step.parse::<usize>().ok()));
        let is_in = |joined: &&Joined| item.is_some_and(|(list, at)| joined.list == list && joined.range.contains(&at));
        let (pointer, file) = match self.joined.iter().find(is_in) {
            Some(joined) => (Cow::Owned(format!("/includes/{}", joined.entry)), Some(joined.file.as_str())),
            None => (Cow::Borrowed(pointer), None),
        };
        (resolve(self.document, &pointer).map_or(self.document.span, |value| value.span), file)
    }
}

impl Checker<'_> {
    /// Reports an error at the value that a pointer names.
    pub(crate) fn refuse(&mut self, pointer: &str, detail: impl Into<String>) {
        self.refuse_as(ErrorCode::PolicyInvalid, pointer, detail);
    }

    pub(crate) fn refuse_as(&mut self, code: ErrorCode, pointer: &str, detail: impl Into<String>) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let (span, file) = self.place(pointer);
        // What was cut out here has been reported, and what it would have said is not known.
        if file.is_none() && span != self.document.span && self.cut_from.contains(&span.start) {
            return;
        }
        let mut detail = detail.into();
        if let Some(file) = file {
            detail = format!("{}: {detail}", quote(file));
        }
        self.errors.push(Error::new(code, detail).at(span));
    }

    /// What several files say together has to be within the bounds of the contract, too.
    pub(crate) fn check_bounds(&mut self, policy: &Policy) {
        let limits = Limits { depth: MAX_DEPTH, bytes: MAX_BYTES * (MAX_INCLUDES + 1) };
        let again = json::parse_with(&policy.canonical(), Profile::Data, limits).and_then(|value| Policy::read(&value));
        if let Err(error) = again {
            self.refuse("/includes", format!("all files together: {}", error.detail));
        }
    }

    /// Reports an error inside a string: at its own place where the file has the string as it is, else at the string.
    fn refuse_in(&mut self, pointer: &str, written: &str, at: Option<usize>, detail: &str) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let (mut span, file) = self.place(pointer);
        let mut detail = file.map_or(detail.to_owned(), |file| format!("{}: {detail}", quote(file)));
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

    /// Reports an error with what would have been accepted, if something like it would.
    pub(crate) fn suggest(
        &mut self,
        pointer: &str,
        detail: impl Into<String>,
        suggestion: impl FnOnce() -> Option<String>,
    ) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        self.refuse(pointer, detail);
        if let Some(error) = self.errors.last_mut() {
            error.suggestion = suggestion();
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
        let limits: Vec<(String, &PolicyMaxAmount)> = limits(policy).collect();
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
        // What was cut out may have said the currency.
        if currency(policy).is_none() && self.cut_from.is_empty() {
            self.check_currencies(policy);
        }
    }

    /// An amount in no currency could not be read, and every call would be denied.
    fn check_currencies(&mut self, policy: &Policy) {
        for (index, item) in policy.allowed_tools.iter().flatten().enumerate() {
            let PolicyToolItem::Rule(rule) = item else { continue };
            if rule.amount.as_ref().is_some_and(|amount| amount.currency_arg.is_none()) {
                let detail = "nothing says the currency of this amount: give currency_arg or a max_amount";
                self.refuse(&format!("/allowed_tools/{index}/amount"), detail);
            }
        }
    }

    fn tools(&mut self, policy: &Policy) -> Names<Tool> {
        let mut tools: Names<Tool> = Names::default();
        for (index, item) in policy.allowed_tools.iter().flatten().enumerate() {
            let pointer = format!("/allowed_tools/{index}");
            let at_name = match item {
                PolicyToolItem::Name(_) => pointer.clone(),
                PolicyToolItem::Rule(_) => format!("{pointer}/name"),
            };
            let mut tool = Tool::from(item);
            self.check_tool(&tool, item, &pointer);
            self.check_name("tool", &tool.name, &at_name);
            if tools.of(&tool.name).iter().any(|other| other.audience == tool.audience) {
                let whom = if tool.audience.is_some() { " with this only_for" } else { "" };
                self.refuse(&at_name, format!("tool {} is in the list already{whom}", quote(&tool.name)));
            }
            let mut mistakes = Mistakes::below(&pointer);
            tool.arguments.compile(&tool.name, &mut mistakes);
            self.refuse_all(mistakes);
            // Rules of one name are called by one name, however each of them is written.
            tool.name = nfc(&tool.name).into_owned();
            tools.insert(&tool.name.clone(), tool);
        }
        tools
    }

    fn refuse_all(&mut self, mistakes: Mistakes) {
        for Mistake { pointer, inside, detail, suggestion } in mistakes.list {
            match (inside, suggestion) {
                (Some((written, at)), _) => self.refuse_in(&pointer, &written, at, &detail),
                (None, Some(suggestion)) => self.suggest(&pointer, detail, || Some(suggestion)),
                (None, None) => self.refuse(&pointer, detail),
            }
        }
    }

    fn egress(&mut self, policy: &Policy) -> Option<Egress> {
        let mut mistakes = Mistakes::below("/egress");
        let egress = policy.egress.as_ref().map(|egress| Egress::compile(egress, &mut mistakes));
        self.refuse_all(mistakes);
        egress
    }

    fn check_tool(&mut self, tool: &Tool, item: &PolicyToolItem, pointer: &str) {
        if let PolicyToolItem::Rule(rule) = item {
            self.check_only_for(rule.only_for.as_ref(), pointer);
        }
        if tool.name == ANY && tool.tool_hash.is_some() {
            self.refuse(&format!("{pointer}/tool_hash"), "one hash cannot pin every tool: pin tools by name");
        }
        let Some(amount) = &tool.amount else { return };
        let arguments = [("amount_arg", Some(&amount.amount_arg)), ("currency_arg", amount.currency_arg.as_ref())];
        for (key, argument) in arguments {
            let Some(argument) = argument.filter(|argument| !is_pointer(argument)) else { continue };
            let suggestion = format!("/{}", argument.trim_start_matches(['/', '$', '.']));
            let detail = format!("{key} {} is no JSON pointer into the arguments", quote(argument));
            self.suggest(&format!("{pointer}/amount/{key}"), detail, || Some(suggestion));
        }
    }

    /// Names are exact; a star inside one would look like a pattern and match nothing.
    fn check_name(&mut self, what: &str, name: &str, pointer: &str) {
        if name != ANY && name.contains(ANY) {
            let detail = format!("{what} {}: names are exact, only \"*\" alone stands for all", quote(name));
            self.refuse(pointer, detail);
        }
    }

    /// A list of names and nothing more.
    fn names(&mut self, what: &str, member: &str, list: Option<&[String]>) -> Names<()> {
        let mut names = Names::default();
        for (index, name) in list.unwrap_or_default().iter().enumerate() {
            let pointer = format!("/{member}/{index}");
            self.check_name(what, name, &pointer);
            if !names.of(name).is_empty() {
                self.refuse(&pointer, format!("{what} {} is in the list already", quote(name)));
            }
            names.insert(name, ());
        }
        names
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

    /// The patterns of a list, which the pointer names.
    fn patterns(&mut self, list: &[PolicyPattern], at: &str) -> Patterns {
        let mut ids = HashSet::new();
        let mut meanings: HashMap<_, Vec<Option<Audience>>> = HashMap::new();
        for (index, pattern) in list.iter().enumerate() {
            let pointer = format!("{at}/{index}");
            self.check_only_for(pattern.only_for.as_ref(), &pointer);
            let audience = pattern.only_for.as_ref().map(Audience::from);
            let alike = (pattern.kind, &pattern.pattern, patterns::is_case_sensitive(pattern));
            let others = meanings.entry(alike).or_default();
            let is_again = others.contains(&audience);
            if !ids.insert(patterns::name(pattern)) {
                let key = if pattern.id.is_some() { "id" } else { "pattern" };
                let help = if is_again || pattern.id.is_some() { "" } else { ": give each an id of its own" };
                let detail = format!("{} is in the list already{help}", patterns::label(pattern));
                self.refuse(&format!("{pointer}/{key}"), detail);
            } else if is_again {
                let detail = "this pattern is in the list already, under another id";
                self.refuse(&format!("{pointer}/pattern"), detail);
            }
            others.push(audience);
        }
        match Patterns::compile(list) {
            Ok(patterns) => patterns,
            Err(errors) => {
                for error in errors {
                    let pattern = &list[error.index];
                    let pointer = format!("{at}/{}/pattern", error.index);
                    let detail = format!("{}: {}", patterns::label(pattern), error.detail);
                    self.refuse_in(&pointer, &pattern.pattern, error.at, &detail);
                }
                Patterns::default()
            }
        }
    }
}

impl Checker<'_> {
    /// A viewer shows a text to whoever looks, so what is hidden is hidden for all.
    fn redact(&mut self, list: &[PolicyPattern]) -> Patterns {
        for (index, _) in list.iter().enumerate().filter(|(_, pattern)| pattern.only_for.is_some()) {
            self.refuse(
                &format!("/redact/{index}/only_for"),
                "what is redacted is hidden whosever it is: drop only_for",
            );
        }
        self.patterns(list, "/redact")
    }

    /// A rule for nobody in particular is a mistake, and so is a DID that nobody has.
    pub(crate) fn check_only_for(&mut self, only_for: Option<&PolicyOnlyFor>, pointer: &str) {
        let Some(only_for) = only_for else { return };
        if *only_for == PolicyOnlyFor::default() {
            let detail = "only_for names nobody: give organisations, teams, agents, principals or runs, or drop it";
            self.refuse(&format!("{pointer}/only_for"), detail);
        }
        for (index, agent) in only_for.agents.iter().flatten().enumerate() {
            if agent.starts_with(DID) && !is_did_key(agent) {
                let detail = format!("{} is no did:key: talos prints an agent's", quote(agent));
                self.refuse(&format!("{pointer}/only_for/agents/{index}"), detail);
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
                audience: rule.only_for.as_ref().map(Audience::from),
                max_amount: rule.max_amount.clone(),
                amount: rule.amount.clone(),
                consent_required: rule.consent_required == Some(true),
                kyc_required: rule.kyc_required == Some(true),
                arguments: Arguments::of(rule),
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
