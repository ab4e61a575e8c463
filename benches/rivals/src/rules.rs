//! The rules of [`talos_benches::rules`] as `cedar-policy` and `regorus` take them.

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression};
use regorus::{Engine, Value};
use std::str::FromStr;
use talos_benches::rules::{LIMIT, Rules, tool};

/// `cedar-policy` as it comes: all policies in one set. The entities are made once.
pub struct Cedar {
    policies: PolicySet,
    entities: Entities,
    uids: [EntityUid; 3],
}

impl Cedar {
    /// Loads them for calls of one tool.
    pub fn new(rules: Rules, target: &str) -> Self {
        let uid = |text: &str| EntityUid::from_str(text).unwrap();
        Cedar {
            policies: PolicySet::from_str(&rules.cedar_text()).unwrap(),
            entities: Entities::empty(),
            uids: [
                uid("Agent::\"ada\""),
                uid(&format!("Action::\"tool_call:{target}\"")),
                uid(&format!("Tool::\"{target}\"")),
            ],
        }
    }

    /// Makes the request, and decides.
    pub fn decide(&self, values: &[(&'static str, i64)]) -> bool {
        let member = |(name, value): &(&str, i64)| ((*name).to_owned(), RestrictedExpression::new_long(*value));
        let args = RestrictedExpression::new_record(values.iter().map(member)).unwrap();
        let context = Context::from_pairs([("args".to_owned(), args)]).unwrap();
        let [principal, action, resource] = self.uids.clone();
        let request = Request::new(principal, action, resource, context, None).unwrap();
        Authorizer::new().is_authorized(&request, &self.policies, &self.entities).decision() == Decision::Allow
    }
}

/// `regorus`.
pub struct Rego(Engine);

impl Rego {
    /// A rule a limit, as in the other languages: a tool is allowed by its first limit, and the others deny.
    pub fn with_rules(rules: Rules) -> Self {
        let (first, others) = rules.arguments.split_first().unwrap();
        let of_tool = |n| {
            let name = tool(n);
            let deny = |other| format!("denied if {{ input.tool == \"{name}\"; input.args.{other} > {LIMIT} }}\n");
            let denials: String = others.iter().map(deny).collect();
            format!("permitted if {{ input.tool == \"{name}\"; input.args.{first} <= {LIMIT} }}\n{denials}")
        };
        let text: String = (0..rules.tools).map(of_tool).collect();
        Rego(engine(&format!("allow if {{ permitted; not denied }}\ndefault denied := false\n{text}")))
    }

    /// The limits as a table that one rule looks into.
    pub fn with_table(rules: Rules) -> Self {
        let limits: Vec<String> = rules.arguments.iter().map(|name| format!(r#""{name}":{LIMIT}"#)).collect();
        let rows: Vec<String> =
            (0..rules.tools).map(|n| format!(r#""{}":{{{}}}"#, tool(n), limits.join(","))).collect();
        let mut engine =
            engine("allow if { every name, limit in data.limits[input.tool] { input.args[name] <= limit } }\n");
        let table = format!(r#"{{"limits":{{{}}}}}"#, rows.join(","));
        engine.add_data(Value::from_json_str(&table).unwrap()).unwrap();
        Rego(engine)
    }

    /// A call as the policies read it.
    pub fn input(target: &str, values: &[(&'static str, i64)]) -> Value {
        let args: Vec<String> = values.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
        Value::from_json_str(&format!(r#"{{"tool":"{target}","args":{{{}}}}}"#, args.join(","))).unwrap()
    }

    /// Decides.
    pub fn decide(&mut self, input: &Value) -> bool {
        self.0.set_input(input.clone());
        self.0.eval_rule("data.talos.allow".into()).unwrap() == Value::from(true)
    }
}

fn engine(rules: &str) -> Engine {
    let mut engine = Engine::new();
    let text = format!("package talos\nimport rego.v1\ndefault allow := false\n{rules}");
    engine.add_policy("bench.rego".into(), text).unwrap();
    engine
}
