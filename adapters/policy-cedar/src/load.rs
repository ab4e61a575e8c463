//! Reading policies: strictly, with the place of every mistake (`docs/spec/cedar.md`, section 4).

use crate::CedarPolicies;
use crate::catalogue::{ActionType, Catalogue, Tool};
use crate::hierarchy::Hierarchies;
use crate::index::Index;
use crate::nesting::{NESTING_MAX, too_deep};
use cedar_policy::{
    ActionConstraint, EntityUid, Policy, PolicyId, PolicySet, ResourceConstraint, Schema, ValidationMode,
    ValidationWarning, Validator,
};
use miette::Diagnostic;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr;
use talos_contracts::json::Span;
use talos_contracts::scalar::Hash;
use talos_contracts::{ActionKind, Error, ErrorCode};
use talos_crypto::hash;
use talos_policy::{MAX_ERRORS, PolicyError};
use talos_text::nfc;

/// Domain of the hash of loaded policies.
const DOMAIN: &str = "talos/cedar/1";
/// Longest name of a policy in a reason, in characters.
const NAME_CHARS: usize = 128;
/// Stack for reading and validating: both recurse as deep as a text is nested.
const LOAD_STACK: usize = 64 << 20;

/// A text of policies.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// What errors and reasons call it.
    pub file: &'a str,
    /// The policies, in Cedar's syntax.
    pub text: &'a str,
}

/// Bounds on what is loaded.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of all texts together.
    pub bytes: usize,
    /// Policies in all texts together.
    pub policies: usize,
    /// Tools.
    pub tools: usize,
    /// Policies without an action of their own, times tools: each is validated for each.
    pub checks: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { bytes: 4 << 20, policies: 16_384, tools: 4096, checks: 1 << 18 }
    }
}

/// What reasons say of a policy.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub name: String,
}

/// A policy and where it stands.
struct Read {
    policy: Policy,
    source: usize,
    offset: usize,
}

pub(crate) fn load(
    sources: &[Source<'_>],
    tools: &[Tool<'_>],
    limits: Limits,
) -> Result<CedarPolicies, Vec<PolicyError>> {
    stacker::grow(LOAD_STACK, || load_here(sources, tools, limits))
}

fn load_here(sources: &[Source<'_>], tools: &[Tool<'_>], limits: Limits) -> Result<CedarPolicies, Vec<PolicyError>> {
    let mut mistakes = Mistakes { sources, found: Vec::new() };
    let mut losses = Vec::new();
    if tools.len() > limits.tools {
        return Err(mistakes.whole(format!("{} tools, at most {} are read", tools.len(), limits.tools)));
    }
    let bytes: usize = sources.iter().map(|source| source.text.len()).sum();
    if bytes > limits.bytes {
        return Err(mistakes.whole(format!("{bytes} bytes of policies, at most {} are read", limits.bytes)));
    }
    let catalogue = Catalogue::new(tools, &mut losses).map_err(|error| mistakes.whole(error.detail))?;
    let mut read = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        parse(number, source, &mut read, &mut mistakes);
    }
    if read.len() > limits.policies {
        return Err(mistakes.whole(format!("{} policies, at most {} are read", read.len(), limits.policies)));
    }
    let rules = name(&mut read, &mut mistakes);
    mistakes.stop_here()?;
    validate(&catalogue, &read, limits, &mut mistakes);
    for policy in &read {
        check_names(policy, &mut mistakes);
        check_resource(&catalogue, policy, &mut mistakes);
    }
    let (mut index, mut members) = (Index::default(), crate::read::Read::default());
    for policy in &read {
        members.add(&policy.policy);
        if !index.add(&policy.policy) {
            mistakes.add(policy, "this policy cannot be indexed");
        }
    }
    mistakes.stop_here()?;
    let hash = identity(sources, &catalogue);
    let hierarchies = Hierarchies::default();
    Ok(CedarPolicies { catalogue, hierarchies, index, rules, read: members, losses, hash })
}

/// The hash of the texts and of the schema that they were validated against.
fn identity(sources: &[Source<'_>], catalogue: &Catalogue) -> Hash {
    let mut bytes = Vec::new();
    let schema = catalogue.schema(&catalogue.actions);
    for text in sources.iter().map(|source| source.text).chain([schema.as_str()]) {
        bytes.extend_from_slice(&(text.len() as u64).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
    }
    hash::tagged(DOMAIN, &[&bytes])
}

fn parse(source: usize, Source { file: _, text }: &Source<'_>, read: &mut Vec<Read>, mistakes: &mut Mistakes<'_>) {
    if let Some(offset) = too_deep(text) {
        return mistakes.put(
            source,
            ErrorCode::PolicySyntax,
            offset,
            format!(
                "nested too deep: at most {NESTING_MAX} tokens may come without a comma or a semicolon between them"
            ),
        );
    }
    let set = match PolicySet::from_str(text) {
        Ok(set) => set,
        Err(errors) => {
            for error in errors.iter() {
                mistakes.diagnose(source, ErrorCode::PolicySyntax, error);
            }
            return;
        }
    };
    let template = set.templates().next().map(|template| template.to_string());
    if let Some(text) = template {
        mistakes.at(
            source,
            find(mistakes.sources[source].text, &text, 0),
            "a template has a slot that nothing fills: write the entity instead",
        );
    }
    let mut policies: Vec<&Policy> = set.policies().collect();
    // Cedar numbers policies in the order of the text.
    policies.sort_by_key(|policy| {
        AsRef::<str>::as_ref(policy.id()).trim_start_matches("policy").parse::<usize>().unwrap_or(usize::MAX)
    });
    let mut end = 0;
    for policy in policies {
        let written = policy.to_string();
        let offset = find(text, &written, end);
        end = offset + written.len();
        read.push(Read { policy: policy.clone(), source, offset });
    }
}

fn find(text: &str, part: &str, from: usize) -> usize {
    text.get(from..).and_then(|rest| rest.find(part)).map_or(from, |at| from + at)
}

/// Gives every policy its number as id, and the name that reasons call it by: what `@id` says, else where it stands.
fn name(read: &mut [Read], mistakes: &mut Mistakes<'_>) -> Vec<Rule> {
    let mut names = HashSet::new();
    let mut rules = Vec::with_capacity(read.len());
    for (number, policy) in read.iter_mut().enumerate() {
        let name = match policy.policy.annotation("id") {
            Some(id) if !(1..=NAME_CHARS).contains(&id.chars().count()) || !id.chars().all(is_plain) => {
                mistakes.add(policy, &format!("@id is a name of 1 to {NAME_CHARS} printable ASCII characters"));
                continue;
            }
            Some(id) => id.to_owned(),
            None => mistakes.place(policy),
        };
        if !names.insert(name.clone()) {
            mistakes.add(policy, &format!("@id({name:?}) is taken by another policy"));
        }
        rules.push(Rule { name });
        policy.policy = policy.policy.new_id(PolicyId::new(number.to_string()));
    }
    rules
}

/// Reasons show a name as it is.
fn is_plain(c: char) -> bool {
    c == ' ' || c.is_ascii_graphic()
}

/// Validates the policies, those of one scope together, against a schema of the actions that they can be about: the
/// whole schema for each policy would cost policies times tools.
fn validate(catalogue: &Catalogue, read: &[Read], limits: Limits, mistakes: &mut Mistakes<'_>) {
    let by_uid: HashMap<&EntityUid, usize> =
        catalogue.actions.iter().zip(0..).map(|(action, at)| (&action.uid, at)).collect();
    let mut groups: BTreeMap<Option<Vec<usize>>, Vec<&Read>> = BTreeMap::new();
    for policy in read {
        groups.entry(own_actions(&by_uid, &policy.policy)).or_default().push(policy);
    }
    let wide = groups.get(&None).map_or(0, Vec::len).saturating_mul(catalogue.actions.len());
    if wide > limits.checks {
        let detail = format!(
            "policies without an action of their own times tools is {wide}, at most {} are validated: name actions in the scopes",
            limits.checks
        );
        return mistakes.found.extend(Mistakes { sources: mistakes.sources, found: Vec::new() }.whole(detail));
    }
    for (actions, policies) in groups {
        let result = match actions {
            None => validate_group(catalogue.schema(&catalogue.actions), &policies, mistakes),
            Some(own) => validate_group(
                catalogue.schema(own.iter().filter_map(|at| catalogue.actions.get(*at))),
                &policies,
                mistakes,
            ),
        };
        if let Err(detail) = result {
            mistakes.found.extend(Mistakes { sources: mistakes.sources, found: Vec::new() }.whole(detail));
        }
    }
}

/// The actions in the scope of a policy, if all of them stand alone and are known.
fn own_actions(by_uid: &HashMap<&EntityUid, usize>, policy: &Policy) -> Option<Vec<usize>> {
    let uids = match policy.action_constraint() {
        ActionConstraint::Any => return None,
        ActionConstraint::Eq(uid) => vec![uid],
        ActionConstraint::In(uids) => uids,
    };
    let mut own = uids.iter().map(|uid| by_uid.get(uid).copied()).collect::<Option<Vec<_>>>()?;
    own.sort_unstable();
    own.dedup();
    Some(own)
}

fn validate_group(schema: String, policies: &[&Read], mistakes: &mut Mistakes<'_>) -> Result<(), String> {
    let schema = Schema::from_json_str(&schema).map_err(|error| format!("the schema of the tools: {error}"))?;
    let set =
        PolicySet::from_policies(policies.iter().map(|read| read.policy.clone())).map_err(|error| error.to_string())?;
    let result = Validator::new(schema).validate(&set, ValidationMode::Strict);
    let known: HashMap<&PolicyId, &Read> = policies.iter().map(|read| (read.policy.id(), *read)).collect();
    // A name that is not known makes a policy impossible, too, and Cedar says so as well: only the cause helps.
    let is_last = |warning: &ValidationWarning| matches!(warning, ValidationWarning::ImpossiblePolicy(_));
    let mut explained: HashSet<&PolicyId> = HashSet::new();
    for error in result.validation_errors() {
        explained.insert(error.policy_id());
        mistakes.diagnose_policy(known.get(error.policy_id()).copied(), error);
    }
    let (last, first): (Vec<_>, Vec<_>) = result.validation_warnings().partition(|warning| is_last(warning));
    for warning in first.into_iter().chain(last) {
        if explained.insert(warning.policy_id()) {
            mistakes.diagnose_policy(known.get(warning.policy_id()).copied(), warning);
        }
    }
    Ok(())
}

/// Requests have their names in NFC: another spelling never matches, and in a `forbid` that is a hole.
fn check_names(read: &Read, mistakes: &mut Mistakes<'_>) {
    for name in read.policy.entity_literals() {
        if nfc(name.id().unescaped()) != name.id().unescaped() {
            mistakes.add(read, &format!("the name of {name} is not in NFC, in which names are compared"));
        }
    }
}

/// A policy about one tool is about that tool's action, or it never matches: that is a mistake, and in a `forbid` a
/// hole.
fn check_resource(catalogue: &Catalogue, read: &Read, mistakes: &mut Mistakes<'_>) {
    let (ResourceConstraint::Eq(resource) | ResourceConstraint::In(resource) | ResourceConstraint::IsIn(_, resource)) =
        read.policy.resource_constraint()
    else {
        return;
    };
    let types = &catalogue.types;
    if resource.type_name() != &types.tool {
        return;
    }
    let own = catalogue.find(ActionKind::ToolCall, resource.id().unescaped());
    let Some(own) = own.map(|action: &ActionType| &action.uid) else { return };
    let covers = |uid: &EntityUid| uid == own || *uid == types.tool_calls;
    let is_covered = match read.policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(uid) => uid == *own,
        ActionConstraint::In(uids) => uids.iter().any(covers),
    };
    if !is_covered {
        mistakes.add(read, &format!("this never matches: calls of {resource} have the action {own}"));
    }
}

/// What is wrong, and where.
struct Mistakes<'a> {
    sources: &'a [Source<'a>],
    found: Vec<PolicyError>,
}

impl Mistakes<'_> {
    fn put(&mut self, source: usize, code: ErrorCode, offset: usize, detail: String) {
        let Some(Source { file, text }) = self.sources.get(source) else { return };
        let start = u32::try_from(offset.min(text.len())).unwrap_or(u32::MAX);
        let error = Error::new(code, detail).at(Span { start, end: start });
        self.found.push(PolicyError::new(error, text.as_bytes(), file));
    }

    fn at(&mut self, source: usize, offset: usize, detail: &str) {
        self.put(source, ErrorCode::PolicyInvalid, offset, detail.to_owned());
    }

    fn add(&mut self, read: &Read, detail: &str) {
        self.at(read.source, read.offset, detail);
    }

    /// What Cedar says, at its label.
    fn diagnose(&mut self, source: usize, code: ErrorCode, diagnostic: &(impl Diagnostic + ?Sized)) {
        self.put(source, code, label(diagnostic).unwrap_or(0), words(diagnostic));
    }

    fn diagnose_policy(&mut self, read: Option<&Read>, diagnostic: &(impl Diagnostic + ?Sized)) {
        let (source, start) = read.map_or((0, 0), |read| (read.source, read.offset));
        self.put(source, ErrorCode::PolicyInvalid, label(diagnostic).unwrap_or(start), words(diagnostic));
    }

    /// Where a policy stands, as the name of one that has no other.
    fn place(&self, read: &Read) -> String {
        let Some(Source { file, text }) = self.sources.get(read.source) else { return String::new() };
        let start = u32::try_from(read.offset).unwrap_or(u32::MAX);
        let at = PolicyError::new(
            Error::from(ErrorCode::PolicyInvalid).at(Span { start, end: start }),
            text.as_bytes(),
            file,
        );
        let name = format!("{}:{}:{}", at.file, at.line, at.column);
        let skip = name.chars().count().saturating_sub(NAME_CHARS);
        name.chars().skip(skip).collect()
    }

    /// The one mistake that is about everything.
    fn whole(&self, message: String) -> Vec<PolicyError> {
        let file = self.sources.first().map_or("", |source| source.file).to_owned();
        vec![PolicyError { file, line: 1, column: 1, code: ErrorCode::PolicyInvalid, message, suggestion: None }]
    }

    fn stop_here(&mut self) -> Result<(), Vec<PolicyError>> {
        if self.found.is_empty() {
            return Ok(());
        }
        let order: HashMap<&str, usize> = self.sources.iter().zip(0..).map(|(source, at)| (source.file, at)).collect();
        let mut found = std::mem::take(&mut self.found);
        let place = |error: &PolicyError| (order.get(error.file.as_str()).copied(), error.line, error.column);
        found.sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.message.cmp(&b.message)));
        // Cedar says the same of every action that a policy is about.
        found.dedup_by_key(|error| place(error));
        found.truncate(MAX_ERRORS);
        Err(found)
    }
}

/// Where the first label of a diagnostic stands, in bytes.
fn label(diagnostic: &(impl Diagnostic + ?Sized)) -> Option<usize> {
    diagnostic.labels()?.map(|label| label.offset()).next()
}

/// The diagnostic in one line.
fn words(diagnostic: &(impl Diagnostic + ?Sized)) -> String {
    let label = diagnostic.labels().and_then(|mut labels| labels.next()?.label().map(ToOwned::to_owned));
    let help = diagnostic.help().map(|help| help.to_string());
    let said = diagnostic.to_string();
    // The number that policies have here says nothing to people.
    let said = said.strip_prefix("for policy `").and_then(|rest| Some(rest.split_once("`, ")?.1)).unwrap_or(&said);
    let mut words = said.to_owned();
    for more in [label, help].into_iter().flatten() {
        words = format!("{words}; {more}");
    }
    words
}
