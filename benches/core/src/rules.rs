//! The same rules in several languages: tool `t<i>` may be called with an `n` of at most 10. One rule a tool.

use talos_contracts::Verdict;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::B64;
use talos_kernel::ports::Standing;
use talos_kernel::{Action, Counters, Facts, Finding, Stage};
use talos_policy::{CompiledPolicy, PolicyFacts, Subject};
use talos_policy_cedar::{CedarPolicies, Limits, Source, Tool};

/// The name of a tool.
pub fn tool(rule: usize) -> String {
    format!("t{rule}")
}

/// The arguments of a call that is allowed.
pub fn arguments() -> Value {
    json::parse(br#"{"n":7}"#, Profile::Data).unwrap()
}

/// The rules as a policy of Talos: the amount is the argument.
pub fn native(rules: usize) -> CompiledPolicy {
    let rule = |rule| {
        let max = "{currency: EUR, per_call_micro: 10}";
        format!("  - {{name: {}, effect: spend, max_amount: {max}, amount: {{amount_arg: /n}}}}\n", tool(rule))
    };
    crate::load(&format!("id: bench\nallowed_tools:\n{}", (0..rules).map(rule).collect::<String>()))
}

/// The rules as Cedar text.
pub fn cedar_text(rules: usize) -> String {
    let rule = |rule| {
        let name = tool(rule);
        format!(
            "permit(principal, action == Action::\"tool_call:{name}\", resource) when {{ context.args.n <= 10 }};\n"
        )
    };
    (0..rules).map(rule).collect()
}

/// The rules as the Cedar stage.
pub fn cedar(rules: usize) -> CedarPolicies {
    let schema = json::parse(br#"{"properties":{"n":{"type":"integer"}},"required":["n"]}"#, Profile::Data).unwrap();
    let names: Vec<String> = (0..rules).map(tool).collect();
    let tools: Vec<_> = names.iter().map(|name| Tool { name, schema: &schema, hash: B64([1; 32]) }).collect();
    let text = cedar_text(rules);
    let limits = Limits { tools: rules, ..Limits::default() };
    CedarPolicies::load(&[Source { file: "bench.cedar", text: &text }], &tools, limits).unwrap()
}

/// Decides by the policy.
pub fn decide_native(policy: &CompiledPolicy, target: &str, args: &Value) -> Verdict {
    policy.decide(&PolicyFacts::new(talos_contracts::ActionKind::ToolCall, target, args)).verdict
}

/// Decides by the Cedar stage, from the facts on.
pub fn decide_cedar(policies: &CedarPolicies, subject: &Subject, target: &str, args: &Value) -> Verdict {
    policies
        .check(&Facts {
            action: &Action::tool_call("c", target, args),
            subject,
            counters: Counters::default(),
            standing: &Standing::default(),
            now_ms: 0,
            files: None,
            drift: Verdict::Allow,
            earlier: &Finding::allow(),
        })
        .verdict
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
