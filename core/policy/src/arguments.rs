//! Typed argument rules: an argument is parsed for what it is, and then has to be what its rule allows
//! (`docs/spec/policy.md`, section 8).

use crate::arg_date::DateRule;
use crate::arg_email::EmailRule;
use crate::arg_money::MoneyRule;
use crate::arg_number::NumberRule;
use crate::arg_path::PathRule;
use crate::arg_shell::ShellRule;
use crate::arg_sql::SqlRule;
use crate::arg_text::{BooleanRule, TextRule};
use crate::arg_url::UrlRule;
use crate::facts::{MAX_REASONS, PolicyFacts, reason};
use crate::mistakes::Mistakes;
use crate::pointer::{has_twin, is_pointer};
use crate::source::{quote, shorten};
use std::collections::HashSet;
use talos_contracts::json::{Kind, Value};
use talos_contracts::{DecisionReason, ErrorCode, PolicyArgument, PolicyArgumentKind, PolicyTool};

/// The step of a pointer that stands for each item of an array.
const EACH: &str = "*";
/// Longest name of a rule in a reason, in characters.
const RULE_CHARS: usize = 256;

/// The argument rules of one tool.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    /// The rules as the policy states them, and whether there may be no other arguments.
    pub stated: Vec<PolicyArgument>,
    pub no_others: bool,
    rules: Vec<Rule>,
    /// The members at the top level that the rules know.
    known: HashSet<String>,
}

/// Rules are the same that are stated as the same.
impl PartialEq for Arguments {
    fn eq(&self, other: &Arguments) -> bool {
        (&self.stated, self.no_others) == (&other.stated, other.no_others)
    }
}

#[derive(Debug)]
struct Rule {
    /// What reasons call it.
    name: String,
    tool: String,
    steps: Steps,
    may_be_absent: bool,
    check: Check,
}

/// What an argument has to be.
#[derive(Debug)]
enum Check {
    Url(Box<UrlRule>),
    Path(Box<PathRule>),
    Sql(Box<SqlRule>),
    Shell(ShellRule),
    Email(EmailRule),
    Money(MoneyRule),
    Date(DateRule),
    Number(NumberRule),
    Text(TextRule),
    Boolean(BooleanRule),
}

/// Why an argument is denied. The sentence never repeats the argument.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub code: ErrorCode,
    pub why: String,
}

impl Refusal {
    pub fn denied(why: impl Into<String>) -> Refusal {
        Refusal { code: ErrorCode::PolicyArgumentDenied, why: why.into() }
    }

    pub fn kind(why: impl Into<String>) -> Refusal {
        Refusal { code: ErrorCode::PolicyArgumentType, why: why.into() }
    }

    fn missing(why: impl Into<String>) -> Refusal {
        Refusal { code: ErrorCode::PolicyArgumentMissing, why: why.into() }
    }
}

/// The text of an argument that has to be a string of at most so many bytes.
pub(crate) fn text_of<'a>(value: &'a Value, what: &str, most: usize) -> Result<&'a str, Refusal> {
    let text = value.as_str().ok_or_else(|| Refusal::kind(format!("{what} is a string")))?;
    if text.len() > most {
        return Err(Refusal::denied(format!("{what} may have {most} bytes at most")));
    }
    Ok(text)
}

/// What a rule sees beside its argument.
pub(crate) struct Context<'a> {
    pub facts: &'a PolicyFacts<'a>,
    /// For each `*` of the pointer the item that it stands for.
    pub items: &'a [usize],
}

/// A pointer of which a step may stand for each item of an array.
#[derive(Debug)]
pub(crate) struct Steps(Vec<String>);

impl Steps {
    /// The steps of a pointer, or a mistake at the member that holds it.
    pub fn compile(member: &str, pointer: &str, mistakes: &mut Mistakes) -> Option<Steps> {
        if !is_pointer(pointer) {
            let suggestion = format!("/{}", pointer.trim_start_matches(['/', '$', '.']).replace('.', "/"));
            let detail = format!("{member} {} is no JSON pointer into the arguments", quote(pointer));
            mistakes.suggest(member, detail, suggestion);
            return None;
        }
        let step = |step: &str| step.replace("~1", "/").replace("~0", "~");
        let steps: Vec<String> = pointer.split('/').skip(1).map(step).collect();
        if steps[0] == EACH {
            mistakes.add(member, "the arguments are an object: the first step is the name of a member, not *");
            return None;
        }
        if let Some(partial) = steps.iter().find(|step| step.contains(EACH) && *step != EACH) {
            let detail = format!("step {}: only * alone stands for each item of an array", quote(partial));
            mistakes.add(member, detail);
            return None;
        }
        Some(Steps(steps))
    }

    fn first(&self) -> &str {
        &self.0[0]
    }

    /// How many of the steps stand for each item.
    pub fn stars(&self) -> usize {
        self.0.iter().filter(|step| *step == EACH).count()
    }

    /// The one value that the pointer names when its stars are these items.
    pub fn resolve<'a>(&self, root: &'a Value, items: &[usize]) -> Option<&'a Value> {
        let mut items = items.iter();
        self.0.iter().try_fold(root, |value, step| match &value.kind {
            Kind::Array(list) if step == EACH => list.get(*items.next()?),
            Kind::Array(list) => list.get(index(step)?),
            Kind::Object(_) if step != EACH => value.get(step),
            _ => None,
        })
    }
}

fn index(step: &str) -> Option<usize> {
    let is_plain = step == "0" || !step.starts_with(['0', '+']);
    if is_plain { step.parse().ok() } else { None }
}

impl Arguments {
    /// What the policy states about the arguments of a tool.
    pub fn of(tool: &PolicyTool) -> Arguments {
        let (stated, no_others) = (tool.args.clone().unwrap_or_default(), tool.no_other_args == Some(true));
        Arguments { stated, no_others, ..Arguments::default() }
    }

    /// Whether any arguments will do.
    pub fn is_empty(&self) -> bool {
        self.stated.is_empty() && !self.no_others
    }

    /// Compiles the rules; what is wrong with them is added to `mistakes`.
    pub fn compile(&mut self, tool: &str, mistakes: &mut Mistakes) {
        let mut ids = HashSet::new();
        for (index, argument) in self.stated.iter().enumerate() {
            mistakes.enter(&format!("/args/{index}"));
            if let Some(id) = argument.id.as_ref().filter(|id| !ids.insert((*id).clone())) {
                mistakes.add("id", format!("argument rule {} is in the list already", quote(id)));
            }
            if let Some(rule) = Rule::compile(tool, argument, mistakes) {
                self.known.extend(rule.first_steps().map(str::to_owned));
                self.rules.push(rule);
            }
            mistakes.leave();
        }
    }

    /// Checks the arguments of a call against every rule.
    pub fn check(&self, tool: &str, facts: &PolicyFacts<'_>, reasons: &mut Vec<DecisionReason>) {
        for rule in &self.rules {
            let mut walk = Walk { rule, facts, items: Vec::new(), faults: 0, reasons };
            walk.follow(facts.args, &rule.steps.0, &mut String::new());
        }
        if !self.no_others {
            return;
        }
        let members = facts.args.as_object().unwrap_or_default();
        let others = members.iter().filter(|member| !self.known.contains(&member.name)).count();
        if others > 0 {
            let tool_name = quote(tool);
            let message = format!("tool {tool_name}: {others} of the arguments have no rule, and no_other_args is set");
            reasons.push(reason(ErrorCode::PolicyArgumentUnknown, tool, message));
        }
    }
}

impl Rule {
    fn compile(tool: &str, argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<Rule> {
        let name = argument.id.clone().unwrap_or_else(|| format!("{tool} {}", argument.arg));
        if name.chars().count() > RULE_CHARS {
            let detail = format!("tool and pointer have more than {RULE_CHARS} characters: give the rule an id");
            mistakes.add("arg", detail);
        }
        let steps = Steps::compile("arg", &argument.arg, mistakes)?;
        let check = Check::compile(argument, &steps, mistakes)?;
        let may_be_absent = argument.may_be_absent.unwrap_or(false);
        Some(Rule { name, tool: tool.to_owned(), steps, may_be_absent, check })
    }

    /// The members at the top level that the rule reads.
    fn first_steps(&self) -> impl Iterator<Item = &str> {
        let currency = match &self.check {
            Check::Money(rule) => rule.currency_arg.as_ref(),
            _ => None,
        };
        std::iter::once(&self.steps).chain(currency).map(Steps::first)
    }
}

/// The way of one rule through the arguments.
struct Walk<'a> {
    rule: &'a Rule,
    facts: &'a PolicyFacts<'a>,
    items: Vec<usize>,
    faults: usize,
    reasons: &'a mut Vec<DecisionReason>,
}

impl Walk<'_> {
    fn follow(&mut self, value: &Value, steps: &[String], place: &mut String) {
        // A list full of faults says no more than its first ones.
        if self.faults >= MAX_REASONS {
            return;
        }
        let Some((step, rest)) = steps.split_first() else { return self.check(value, place) };
        let length = place.len();
        match &value.kind {
            Kind::Array(items) if step == EACH => {
                if items.is_empty() {
                    self.absent(place, "the list is empty");
                }
                for (index, item) in items.iter().enumerate() {
                    place.push_str(&format!("/{index}"));
                    self.items.push(index);
                    self.follow(item, rest, place);
                    self.items.pop();
                    place.truncate(length);
                }
            }
            Kind::Array(items) if index(step).is_some() => {
                place.push_str(&format!("/{step}"));
                match index(step).and_then(|index| items.get(index)) {
                    Some(item) => self.follow(item, rest, place),
                    None => self.absent(place, "it is missing"),
                }
            }
            Kind::Object(members) if step != EACH => {
                place.push_str(&format!("/{}", shorten(step).replace('~', "~0").replace('/', "~1")));
                if has_twin(members, step) {
                    let why = "another argument has the same name in other letters";
                    self.refuse(place, Refusal { code: ErrorCode::PolicyArgumentUnknown, why: why.to_owned() });
                }
                match value.get(step) {
                    Some(inner) => self.follow(inner, rest, place),
                    None => self.absent(place, "it is missing"),
                }
            }
            _ if step == EACH => {
                self.refuse(place, Refusal::kind("the rule is about the items of a list, and it is none"))
            }
            _ => self.refuse(place, Refusal::kind("the rule is about a member of an object, and it is none")),
        }
        place.truncate(length);
    }

    fn check(&mut self, value: &Value, place: &str) {
        let context = Context { facts: self.facts, items: &self.items };
        if let Err(refusal) = self.rule.check.check(value, &context) {
            self.refuse(place, refusal);
        }
    }

    fn absent(&mut self, place: &str, why: &str) {
        if !self.rule.may_be_absent {
            self.refuse(place, Refusal::missing(why));
        }
    }

    fn refuse(&mut self, place: &str, refusal: Refusal) {
        self.faults += 1;
        let Refusal { code, why } = refusal;
        let message = format!("argument {} of tool {}: {why}", quote(place), quote(&self.rule.tool));
        self.reasons.push(reason(code, &self.rule.name, message));
    }
}

impl Check {
    /// INVARIANT: the members of the argument are those of its kind, because the contract's reader lets no others through.
    fn compile(argument: &PolicyArgument, steps: &Steps, mistakes: &mut Mistakes) -> Option<Check> {
        Some(match argument.kind {
            PolicyArgumentKind::Url => Check::Url(Box::new(UrlRule::compile(argument, mistakes)?)),
            PolicyArgumentKind::Path => Check::Path(Box::new(PathRule::compile(argument, mistakes)?)),
            PolicyArgumentKind::Sql => Check::Sql(Box::new(SqlRule::compile(argument, mistakes)?)),
            PolicyArgumentKind::Shell => Check::Shell(ShellRule::compile(argument, mistakes)?),
            PolicyArgumentKind::Email => Check::Email(EmailRule::compile(argument, mistakes)?),
            PolicyArgumentKind::Money => Check::Money(MoneyRule::compile(argument, steps, mistakes)?),
            PolicyArgumentKind::Date => Check::Date(DateRule::compile(argument, mistakes)?),
            PolicyArgumentKind::Number => Check::Number(NumberRule::compile(argument, mistakes)?),
            PolicyArgumentKind::String => Check::Text(TextRule::compile(argument, mistakes)?),
            PolicyArgumentKind::Boolean => Check::Boolean(BooleanRule { value: argument.value }),
        })
    }

    fn check(&self, value: &Value, context: &Context<'_>) -> Result<(), Refusal> {
        match self {
            Check::Url(rule) => rule.check(value),
            Check::Path(rule) => rule.check(value, context),
            Check::Sql(rule) => rule.check(value),
            Check::Shell(rule) => rule.check(value),
            Check::Email(rule) => rule.check(value),
            Check::Money(rule) => rule.check(value, context),
            Check::Date(rule) => rule.check(value, context),
            Check::Number(rule) => rule.check(value),
            Check::Text(rule) => rule.check(value),
            Check::Boolean(rule) => rule.check(value),
        }
    }
}
