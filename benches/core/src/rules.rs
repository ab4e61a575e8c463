//! The same rules in several languages. A rule is a limit on one argument of one tool: a call is allowed if its tool is
//! listed and all of the tool's limits hold.

use talos_contracts::Verdict;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::B64;
use talos_kernel::ports::Standing;
use talos_kernel::{Action, Counters, Facts, Finding, Stage};
use talos_policy::{CompiledPolicy, PolicyFacts, Subject};
use talos_policy_cedar::{CedarPolicies, Limits, Source, Tool};

/// The numbers of rules that are compared.
pub const COUNTS: [usize; 5] = [1, 100, 1_000, TOOLS_MAX, 10_000];
/// The largest value that a rule allows.
pub const LIMIT: i64 = 10;
/// As many tools as a policy of Talos lists.
const TOOLS_MAX: usize = 4_096;
const ARGUMENTS: [&str; 4] = ["a", "b", "c", "d"];

/// So many tools, each with a rule for each of these arguments.
#[derive(Clone, Copy)]
pub struct Rules {
    /// How many tools.
    pub tools: usize,
    /// The arguments of each of them.
    pub arguments: &'static [&'static str],
}

impl Rules {
    /// One rule a tool, and four where there would be more tools than a policy of Talos lists.
    pub fn of(count: usize) -> Self {
        let arguments = if count <= TOOLS_MAX { &ARGUMENTS[..1] } else { &ARGUMENTS[..] };
        Rules { tools: count / arguments.len(), arguments }
    }

    /// The tool that is called: one in the middle.
    pub fn target(self) -> String {
        tool(self.tools / 2)
    }

    /// The values of a call, the last of them this one.
    pub fn values(self, last: i64) -> Vec<(&'static str, i64)> {
        let (end, before) = self.arguments.split_last().unwrap();
        before.iter().map(|name| (*name, LIMIT)).chain([(*end, last)]).collect()
    }

    /// They as arguments.
    pub fn call(self, last: i64) -> Value {
        Value::object(self.values(last).into_iter().map(|(name, value)| (name, Value::from(value))))
    }

    /// The rules as a policy of Talos.
    pub fn native(self) -> CompiledPolicy {
        let limits: Vec<String> =
            self.arguments.iter().map(|name| format!("{{arg: /{name}, kind: number, max: {LIMIT}}}")).collect();
        let limits = limits.join(", ");
        let tools = (0..self.tools).map(|n| format!("  - {{name: {}, effect: read, args: [{limits}]}}\n", tool(n)));
        crate::load(&format!("id: bench\nallowed_tools:\n{}", tools.collect::<String>()))
    }

    /// The rules as Cedar text: a tool is permitted by its first limit, and the others forbid.
    pub fn cedar_text(self) -> String {
        let (first, others) = self.arguments.split_first().unwrap();
        let policies = |n| {
            let scope = format!("(principal, action == Action::\"tool_call:{}\", resource)", tool(n));
            let forbid = |name| format!("forbid{scope} when {{ context.args.{name} > {LIMIT} }};\n");
            let forbids: String = others.iter().map(forbid).collect();
            format!("permit{scope} when {{ context.args.{first} <= {LIMIT} }};\n{forbids}")
        };
        (0..self.tools).map(policies).collect()
    }

    /// The rules as the Cedar stage.
    pub fn cedar(self) -> CedarPolicies {
        let types: Vec<String> =
            self.arguments.iter().map(|name| format!(r#""{name}":{{"type":"integer"}}"#)).collect();
        let schema =
            format!(r#"{{"properties":{{{}}},"required":["{}"]}}"#, types.join(","), self.arguments.join(r#"",""#));
        let schema = json::parse(schema.as_bytes(), Profile::Data).unwrap();
        let names: Vec<String> = (0..self.tools).map(tool).collect();
        let tools: Vec<_> = names.iter().map(|name| Tool { name, schema: &schema, hash: B64([1; 32]) }).collect();
        let source = Source { file: "bench.cedar", text: &self.cedar_text() };
        CedarPolicies::load(&[source], &tools, Limits::default()).unwrap()
    }
}

/// The name of a tool.
pub fn tool(number: usize) -> String {
    format!("t{number}")
}

/// Decides by the policy.
pub fn decide_native(policy: &CompiledPolicy, target: &str, args: &Value) -> bool {
    policy.decide(&PolicyFacts::new(talos_contracts::ActionKind::ToolCall, target, args)).verdict == Verdict::Allow
}

/// Decides by the Cedar stage, from the facts on.
pub fn decide_cedar(policies: &CedarPolicies, subject: &Subject, target: &str, args: &Value) -> bool {
    let facts = Facts {
        action: &Action::tool_call("c", target, args),
        subject,
        counters: Counters::default(),
        standing: &Standing::default(),
        now_ms: 0,
        files: None,
        drift: Verdict::Allow,
        earlier: &Finding::allow(),
    };
    policies.check(&facts).verdict == Verdict::Allow
}

/// An agent with a DID of the usual length.
pub fn agent(is_in_a_team: bool) -> Subject {
    Subject {
        organisation: is_in_a_team.then(|| "acme".to_owned()),
        team: is_in_a_team.then(|| "sales".to_owned()),
        agent: None,
        actor: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK".to_owned(),
        run: "01890a5d-ac96-774b-bcce-b302099a8057".to_owned(),
    }
}
