//! What each rule about arguments can match, and egress.

use crate::compile::{CompiledPolicy, Tool};
use crate::explain::Explanation;
use crate::names::ANY;
use crate::source::quote;
use talos_contracts::{PolicyArgument, PolicyArgumentKind, PolicyArgumentLinks, PolicyToolItem, SqlStatement};

/// Names that a list shows; the rest is a number.
const SHOWN: usize = 8;
/// Programs that run what they are given.
const RUNNERS: [&str; 33] = [
    ".", "awk", "bash", "builtin", "busybox", "command", "dash", "docker", "doas", "env", "eval", "exec", "find",
    "ksh", "make", "nice", "node", "nohup", "npx", "parallel", "perl", "php", "python", "python3", "ruby", "sh",
    "source", "ssh", "sudo", "timeout", "watch", "xargs", "zsh",
];

impl CompiledPolicy {
    /// The rules about the arguments of every tool, or of this one.
    pub(crate) fn explain_arguments(&self, tool: Option<&str>, rules: &mut Vec<Explanation>) {
        match tool {
            Some(name) => self.tools.find(name).iter().for_each(|tool| explain_tool(tool, rules)),
            None => {
                let listed = self.policy.allowed_tools.iter().flatten();
                let with_rules = listed.filter(|item| matches!(item, PolicyToolItem::Rule(_)));
                with_rules.for_each(|item| explain_tool(&Tool::from(item), rules));
            }
        }
    }

    pub(crate) fn explain_egress(&self, rules: &mut Vec<Explanation>) {
        let Some(egress) = &self.policy.egress else { return };
        let hosts = match egress.hosts.is_empty() {
            true => "no host".to_owned(),
            false => listed(&egress.hosts),
        };
        let matches = format!(
            "URLs in the arguments, also encoded or inside text, but no host alone: {} of {hosts}{}; others: denied",
            schemes(egress.schemes.as_deref()),
            ports(egress.ports.as_deref()),
        );
        let mut rule = Explanation::new("egress", matches);
        warn_about_hosts(&mut rule, &egress.hosts, egress.allow_private);
        rules.push(rule);
    }
}

fn explain_tool(tool: &Tool, rules: &mut Vec<Explanation>) {
    for argument in &tool.arguments.stated {
        rules.push(explain(&tool.name, argument));
    }
    if tool.arguments.no_others {
        let mut rule = Explanation::new(tool.name.as_str(), "arguments at the top level that no rule names: denied");
        rule.warn_if(tool.arguments.stated.is_empty(), "no rule names any: a call with arguments is denied");
        rules.push(rule);
    } else if !tool.arguments.stated.is_empty() {
        let matches = "arguments that no rule names: allowed";
        let mut rule = Explanation::new(tool.name.as_str(), matches);
        rule.warnings.push("one of them may matter: no_other_args denies what no rule names".to_owned());
        rules.push(rule);
    }
}

fn explain(tool: &str, argument: &PolicyArgument) -> Explanation {
    let name = argument.id.clone().unwrap_or_else(|| format!("{tool} {}", argument.arg));
    let what = match argument.kind {
        PolicyArgumentKind::Url => url(argument),
        PolicyArgumentKind::Path => path(argument),
        PolicyArgumentKind::Sql => sql(argument),
        PolicyArgumentKind::Shell => shell(argument),
        PolicyArgumentKind::Email => email(argument),
        PolicyArgumentKind::Money => money(argument),
        PolicyArgumentKind::Date => date(argument),
        PolicyArgumentKind::Number => number(argument),
        PolicyArgumentKind::String => string(argument),
        PolicyArgumentKind::Boolean => match argument.value {
            Some(value) => value.to_string(),
            None => "true or false".to_owned(),
        },
    };
    let absent = if argument.may_be_absent == Some(true) { ", or nothing" } else { ", and not missing" };
    let mut rule = Explanation::new(name, format!("argument {} is {what}{absent}; else: denied", quote(&argument.arg)));
    warn(&mut rule, argument);
    rule
}

fn url(argument: &PolicyArgument) -> String {
    let hosts = listed(argument.hosts.as_deref().unwrap_or_default());
    let paths = argument.paths.as_ref().map_or(String::new(), |paths| format!(", its path like {}", listed(paths)));
    let (schemes, ports) = (schemes(argument.schemes.as_deref()), ports(argument.ports.as_deref()));
    format!("a URL: {schemes} of {hosts}{ports}{paths}; URLs inside it, too")
}

fn path(argument: &PolicyArgument) -> String {
    let mut text = format!("a path in {}", listed(argument.under.as_deref().unwrap_or_default()));
    if argument.links != Some(PolicyArgumentLinks::Lexical) {
        text.push_str(" once links are followed");
    }
    if let Some(base) = &argument.base {
        text.push_str(&format!(", from {} where it is relative", quote(base)));
    }
    if let Some(denied) = &argument.denied {
        text.push_str(&format!(", not through {}", listed(denied)));
    }
    if let Some(extensions) = &argument.extensions {
        text.push_str(&format!(", with the extension {}", listed(extensions)));
    }
    text
}

fn sql(argument: &PolicyArgument) -> String {
    let kinds = argument.statements.as_deref().unwrap_or(&[SqlStatement::Select]);
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let tables = match &argument.tables {
        Some(tables) => format!("the tables {}", listed(tables)),
        None => "any table".to_owned(),
    };
    let dialect = argument.dialect.map_or("generic", |dialect| dialect.as_str());
    let most = argument.max_statements.unwrap_or(1);
    format!("at most {most} statements of {dialect} SQL, of {} and on {tables}", kinds.join(", "))
}

fn shell(argument: &PolicyArgument) -> String {
    let commands = listed(argument.commands.as_deref().unwrap_or_default());
    let what = if argument.as_array == Some(true) { "a list of words" } else { "a command" };
    let pipes = if argument.pipes == Some(true) { ", joined by pipes" } else { "" };
    let denied = argument.denied_words.as_ref();
    let denied = denied.map_or(String::new(), |words| format!(", without other words like {}", listed(words)));
    format!("{what} that begins with {commands}{pipes}{denied}")
}

fn email(argument: &PolicyArgument) -> String {
    match (&argument.addresses, &argument.domains) {
        (None, None) => "any one e-mail address".to_owned(),
        (addresses, domains) => {
            let all: Vec<String> = addresses.iter().chain(domains).flatten().cloned().collect();
            format!("an e-mail address out of {}", listed(&all))
        }
    }
}

fn money(argument: &PolicyArgument) -> String {
    let (least, most) = (argument.min_micro.unwrap_or(0), argument.max_micro.unwrap_or(0));
    let currency = argument.currency.as_deref().unwrap_or("units of any currency");
    let unit = argument.unit_micro.unwrap_or(1);
    format!("a sum from {least} to {most} micro-{currency}, one of it being {unit}")
}

fn date(argument: &PolicyArgument) -> String {
    let bounds = [
        argument.earliest.as_ref().map(|date| format!("from {date}")),
        argument.latest.as_ref().map(|date| format!("to {date}")),
        argument.ahead_days.map(|days| format!("at most {days} days ahead")),
        argument.back_days.map(|days| format!("at most {days} days back")),
    ];
    let bounds: Vec<String> = bounds.into_iter().flatten().collect();
    if bounds.is_empty() { "any date of RFC 3339".to_owned() } else { format!("a date {}", bounds.join(", ")) }
}

fn number(argument: &PolicyArgument) -> String {
    let what = if argument.fractions == Some(true) { "a number" } else { "a whole number" };
    let min = argument.min.map_or(String::new(), |min| format!(" from {min}"));
    let max = argument.max.map_or(String::new(), |max| format!(" to {max}"));
    let spelling = if argument.as_string == Some(true) { " written as a string" } else { "" };
    format!("{what}{min}{max}{spelling}")
}

fn string(argument: &PolicyArgument) -> String {
    let bounds = [
        argument.one_of.as_ref().map(|list| format!("one of {}", listed(list))),
        argument.glob.as_ref().map(|glob| format!("as a whole like {}", quote(glob))),
        argument.regex.as_ref().map(|regex| format!("as a whole matched by {}", quote(regex))),
        argument.max_chars.map(|most| format!("of at most {most} characters")),
    ];
    let bounds: Vec<String> = bounds.into_iter().flatten().collect();
    if bounds.is_empty() { "any string".to_owned() } else { format!("a string, {}", bounds.join(", ")) }
}

fn warn(rule: &mut Explanation, argument: &PolicyArgument) {
    match argument.kind {
        PolicyArgumentKind::Url => {
            let hosts = argument.hosts.as_deref().unwrap_or_default();
            rule.warn_if(hosts.is_empty(), "no host is listed: every URL is denied");
            warn_about_hosts(rule, hosts, argument.allow_private);
        }
        PolicyArgumentKind::Path => {
            let under = argument.under.as_deref().unwrap_or_default();
            rule.warn_if(under.iter().any(|under| under == "/"), "every path is under \"/\"");
            rule.warn_if(argument.base.is_none(), "relative paths are denied: base says where they start");
            let is_lexical = argument.links == Some(PolicyArgumentLinks::Lexical);
            rule.warn_if(is_lexical, "links are not followed: one in there leads wherever it leads");
        }
        PolicyArgumentKind::Sql => {
            rule.warn_if(argument.tables.is_none(), "every table can be meant, those of the system, too: list tables");
            let is_generic = argument.dialect.is_none();
            rule.warn_if(is_generic, "the dialect is generic: name the database's own, which is read more exactly");
        }
        PolicyArgumentKind::Shell => {
            let commands = argument.commands.iter().flatten();
            let mut runs = commands.filter(|command| RUNNERS.contains(&command.split(' ').next().unwrap_or_default()));
            let detail = "a command is listed that runs others: what it is given decides what happens";
            rule.warn_if(runs.any(|command| !command.contains(' ')), detail);
        }
        PolicyArgumentKind::Email => {
            rule.warn_if(argument.domains.iter().flatten().any(|domain| domain == ANY), "every domain is allowed");
        }
        PolicyArgumentKind::Money => {
            let is_stated = argument.currency.is_some() && argument.currency_arg.is_none();
            rule.warn_if(is_stated, "the currency is not read from the arguments: the tool has to know no other");
        }
        PolicyArgumentKind::String => {
            let is_open = argument.one_of.is_none() && argument.glob.is_none() && argument.regex.is_none();
            rule.warn_if(is_open && argument.max_chars.is_none(), "every string without controls is allowed");
        }
        PolicyArgumentKind::Number => {
            rule.warn_if(argument.min.is_none() && argument.max.is_none(), "every number is allowed: give min and max");
        }
        PolicyArgumentKind::Date | PolicyArgumentKind::Boolean => {}
    }
}

fn warn_about_hosts(rule: &mut Explanation, hosts: &[String], allow_private: Option<bool>) {
    rule.warn_if(
        hosts.iter().any(|host| host == ANY),
        "any host can match, except private addresses and encoded names",
    );
    let is_open = |host: &String| host.strip_prefix("*.").is_some_and(|domain| !domain.contains('.'));
    rule.warn_if(hosts.iter().any(is_open), "everybody can have a host below a domain of one label");
    let is_private = allow_private == Some(true);
    rule.warn_if(is_private, "addresses of this machine and network are allowed where they are listed");
    let mut names = hosts.iter().filter(|host| host.contains(|c: char| c.is_ascii_alphabetic()));
    let detail = "a name can be made to lead to a private address: only who connects can see that";
    rule.warn_if(!is_private && names.next().is_some(), detail);
}

fn schemes(schemes: Option<&[String]>) -> String {
    schemes.map_or("https".to_owned(), |schemes| schemes.join(", "))
}

fn ports(ports: Option<&[u64]>) -> String {
    let shown = |ports: &[u64]| ports.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    ports.map_or(String::new(), |ports| format!(" at port {}", shown(ports)))
}

/// The first of a list in quotes, and how many more there are.
fn listed(list: &[String]) -> String {
    let mut names: Vec<String> = list.iter().take(SHOWN).map(|name| quote(name)).collect();
    if list.len() > SHOWN {
        names.push(format!("{} more", list.len() - SHOWN));
    }
    names.join(", ")
}
