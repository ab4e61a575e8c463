//! A kernel that has something to do in every stage: holds, a policy with all kinds of rules, Cedar policies, a rate, and
//! budgets on four levels. The calls of it are allowed, so no stage is skipped.

use crate::load;
use std::sync::Arc;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::{B64, Hash};
use talos_contracts::{ActionKind, Budget, BudgetUnit, Scope, ScopeLevel, SignMode};
use talos_kernel::ports::{Hold, Turn};
use talos_kernel::{Action, Belongs, Run, Stage};
use talos_memory::MemoryStore;
use talos_policy::{CompiledPolicy, PolicyFacts, Subject};
use talos_policy_cedar::{CedarPolicies, Limits, Source, Tool};

/// A tool that spends.
pub const SPENDS: &str = "pay_invoice";
/// A tool that reads, with the same arguments.
pub const READS: &str = "find_invoice";
/// Bytes of the arguments, as canonical JSON.
pub const ARGUMENT_BYTES: usize = 256;
/// Other tools, each with a rule in both languages.
const OTHERS: usize = 98;
const HASH: Hash = B64([1; 32]);
const PRINCIPAL: &str = "user:ada@example.org";
const CAP: u64 = 1 << 50;
/// What a call has to be, whichever of the two tools it is of.
const ARGUMENTS: &str = "
      - {arg: /callback, kind: url, hosts: [api.example.com, '*.partner.example.net'], paths: ['/v1/**']}
      - {arg: /file, kind: path, under: [/srv/invoices], links: lexical, extensions: [pdf, xml]}
      - {arg: /to, kind: email, domains: [example.com, partner.example.net]}
      - {arg: /due, kind: date, ahead_days: 36500, back_days: 36500}
      - {arg: /sum, kind: money, min_micro: 1, max_micro: 50000000}
      - {arg: /text, kind: string, max_chars: 500}
    no_other_args: true";

/// The policy: 100 tools, six typed arguments of the tool that is called, a pin, 50 patterns, egress, limits of calls,
/// tokens and money, preflight, a rate, and an approval rule that does not ask.
pub fn policy() -> CompiledPolicy {
    let hash = HASH.to_b64();
    let others = (0..OTHERS)
        .map(|n| format!("  - {{name: other_{n}, effect: write, args: [{{arg: /sum, kind: number, max: {n}}}]}}\n"));
    load(&format!(
        "id: bench
allowed_tools:
  - name: {SPENDS}
    effect: spend
    tool_hash: {hash}
    amount: {{amount_arg: /sum}}
    args:{ARGUMENTS}
  - name: {READS}
    effect: read
    tool_hash: {hash}
    args:{ARGUMENTS}
{}blocked_patterns:
{}egress: {{hosts: [api.example.com, '*.partner.example.net']}}
max_tool_calls_per_request: 1000000
max_tokens_per_request: {CAP}
max_amount: {{currency: EUR, per_call_micro: 100000000, per_run_micro: {CAP}}}
consent_required: true
kyc_required: true
rates:
  - {{id: all-calls, calls: 1000000000, per_seconds: 1, by: agent}}
approvers: [{{name: controller}}]
approvals:
  - {{id: large, effects: [spend, irreversible], above: {{micro: 100000000, currency: EUR}}}}
",
        others.collect::<String>(),
        crate::patterns(50)
    ))
}

/// The Cedar policies: one a tool, and two that every call has to pass.
pub fn cedar() -> CedarPolicies {
    let schema = json::parse(
        br#"{"properties":{"callback":{"type":"string"},"file":{"type":"string"},"to":{"type":"string"},"due":{"type":"string"},
            "sum":{"type":"integer"},"text":{"type":"string"}},"required":["callback","file","to","due","sum","text"]}"#,
        Profile::Data,
    )
    .unwrap();
    let others: Vec<String> = (0..OTHERS).map(|n| format!("other_{n}")).collect();
    let names = others.iter().map(String::as_str).chain([SPENDS, READS]);
    let tools: Vec<_> = names.map(|name| Tool { name, schema: &schema, hash: HASH }).collect();
    let permits: String = tools
        .iter()
        .map(|tool| {
            let name = tool.name;
            format!(
                "permit(principal in Team::\"sales\", action == Action::\"tool_call:{name}\", resource)
                    when {{ context.args.sum <= 50000000 && context.tool_hash_ok }};\n"
            )
        })
        .collect();
    let text = format!(
        "{permits}
        forbid(principal, action in Action::\"tool_call\", resource) when {{ context.pattern_hit }};
        forbid(principal, action in Action::\"tool_call\", resource) unless {{ context.spent_micro < 1000000000000000 }};"
    );
    let source = Source { file: "bench.cedar", text: &text };
    CedarPolicies::load(&[source], &tools, Limits::default()).unwrap()
}

/// A fresh run of a fresh kernel over a store in memory.
pub fn run(sign_reads: SignMode) -> Run {
    let stages: Vec<Box<dyn Stage>> = vec![Box::new(cedar())];
    let kernel = crate::kernel_with(Arc::new(MemoryStore::default()), policy(), sign_reads, stages);
    for level in [ScopeLevel::Run, ScopeLevel::Agent, ScopeLevel::Team, ScopeLevel::Organisation] {
        kernel.set_budget(&budget(level)).unwrap();
    }
    for (level, name) in [(ScopeLevel::Team, "interns"), (ScopeLevel::Tool, "delete_account")] {
        let scope = Scope { level, name: Some(name.to_owned()) };
        kernel.turn(Turn { held: true, hold: Hold { scope, why: None } }).unwrap().receipt.unwrap();
    }
    let subject = subject();
    let belongs = Belongs { organisation: subject.organisation, team: subject.team, agent: subject.agent };
    kernel.open_run_of(&kernel.new_id().unwrap(), &kernel.issuer(), belongs).unwrap()
}

/// Whose the calls are.
pub fn subject() -> Subject {
    Subject { agent: Some("ada".to_owned()), ..crate::rules::agent(true) }
}

/// Arguments of [`ARGUMENT_BYTES`].
pub fn arguments() -> Value {
    let with = |text: &str| {
        Value::object([
            ("callback", Value::from("https://api.example.com/v1/invoices/4711/done")),
            ("file", Value::from("/srv/invoices/2026/4711.pdf")),
            ("to", Value::from("accounts@partner.example.net")),
            ("due", Value::from("2026-12-24")),
            ("sum", Value::from(12_500_000_i64)),
            ("text", Value::from(text)),
        ])
    };
    let frame = json::canonical(&with("")).len();
    let all = with(&crate::prose(ARGUMENT_BYTES - frame, true));
    assert_eq!(json::canonical(&all).len(), ARGUMENT_BYTES);
    all
}

/// A call.
pub fn action<'a>(call: &'a str, target: &'a str, args: &'a Value) -> Action<'a> {
    Action {
        tool_hash: Some(HASH),
        tokens: Some(500),
        principal: Some(PRINCIPAL),
        consent: Some(true),
        kyc: Some(true),
        ..Action::tool_call(call, target, args)
    }
}

/// The same call as the policy alone sees it.
pub fn facts<'a>(target: &'a str, args: &'a Value, subject: &'a Subject) -> PolicyFacts<'a> {
    PolicyFacts {
        tool_hash: Some(HASH),
        tokens: Some(500),
        principal: Some(PRINCIPAL),
        consent: Some(true),
        kyc: Some(true),
        subject,
        now_ms: 1_796_000_000_000,
        ..PolicyFacts::new(ActionKind::ToolCall, target, args)
    }
}

fn budget(level: ScopeLevel) -> Budget {
    Budget {
        scope: Scope { level, name: Some("*".to_owned()) },
        unit: BudgetUnit::Calls,
        currency: None,
        cap: CAP,
        window: None,
        mode: None,
        default_cost: None,
    }
}
