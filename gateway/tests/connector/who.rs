//! Whose calls they are: organisation, team, agent and principal, by talos.toml and by options.

use crate::session::{Place, Session, code};
use std::fs;
use talos_shared::Home;
use talos_shared::audit::receipt::parse_body;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Receipt, ReceiptKind};

const ALL: &str = "id: p\nallowed_tools: ['*']\n";

/// A directory whose agents belong to a team and an organisation.
fn place(policy: &str) -> Place {
    let place = Place::new(policy);
    Home::init(&place.state()).unwrap();
    let toml = place.state().join("talos.toml");
    let text = fs::read_to_string(&toml).unwrap() + "organisation = \"acme\"\nteam = \"research\"\n";
    fs::write(toml, text).unwrap();
    place
}

fn talos(place: &Place, words: &[&str]) {
    let output = place.talos().args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What three calls of a session come to.
fn three(mut session: Session) -> Vec<String> {
    let codes = (1..=3).map(|id| {
        session.call(id, "write", "{}");
        code(&session.receive()).to_owned()
    });
    codes.collect()
}

#[test]
fn a_budget_of_the_team_counts_what_its_connectors_call() {
    let place = place(ALL);
    talos(&place, &["budget", "set", "team:research", "2 calls"]);
    assert_eq!(three(place.connect()), ["none", "none", "budget.exceeded"]);
    let other = three(place.connect_with(&["--team", "finance"]));
    assert_eq!(other, ["none", "none", "none"], "an option goes before the configuration");
}

#[test]
fn a_suspension_holds_whoever_it_is_about() {
    for (scope, options) in [
        ("organisation:acme", &[][..]),
        ("team:research", &[]),
        ("team:finance", &["--team", "finance"]),
        ("agent:courier", &["--agent", "courier"]),
        ("principal:ada", &["--user", "ada"]),
    ] {
        let place = place(ALL);
        let mut session = place.connect_with(options);
        session.call(1, "write", "{}");
        assert_eq!(code(&session.receive()), "none", "{scope}");
        talos(&place, &["lockdown", "on", "--scope", scope]);
        session.call(2, "write", "{}");
        assert_eq!(code(&session.receive()), "standing.suspended", "{scope}");
        talos(&place, &["lockdown", "off", "--scope", scope]);
        talos(&place, &["lockdown", "on", "--scope", &format!("{scope}-other")]);
        session.call(3, "write", "{}");
        assert_eq!(code(&session.receive()), "none", "{scope}");
    }
}

#[test]
fn a_rule_that_is_for_a_team_allows_and_shows_its_tools_to_that_team() {
    let place = place("id: p\nallowed_tools: [{name: write, only_for: {teams: [research], principals: [ada]}}]\n");
    for (options, expected) in [
        (&["--user", "ada"][..], "none"),
        (&["--user", "eve"], "policy.tool_not_allowed"),
        (&[], "policy.tool_not_allowed"),
    ] {
        let mut session = place.connect_with(options);
        session.send(r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#);
        let answer = session.receive();
        let tools = answer.get("result").and_then(|r| r.get("tools")).and_then(Value::as_array).unwrap();
        assert_eq!(tools.len(), usize::from(expected == "none"), "{options:?}");
        session.call(2, "write", "{}");
        assert_eq!(code(&session.receive()), expected, "{options:?}");
    }
}

#[test]
fn receipts_name_the_agent_and_on_whose_behalf_it_acts() {
    let place = place(ALL);
    let mut session = place.connect_with(&["--agent", "courier", "--user", "ada"]);
    session.call(1, "write", "{}");
    assert_eq!(code(&session.receive()), "none");
    session.finish();
    let home = Home::open(&place.state()).unwrap();
    let store = home.store().unwrap();
    let read = |index| {
        let record = talos_shared::kernel::ports::Store::record(&store, index).unwrap()?;
        Some(parse_body(&record.sealed.body).unwrap())
    };
    let receipts: Vec<Receipt> = (0..).map_while(read).collect();
    let decision = receipts.iter().find(|receipt| receipt.kind == ReceiptKind::Decision).unwrap();
    assert_eq!(decision.principal.as_deref(), Some("ada"));
    assert_ne!(decision.actor, home.did().unwrap().to_string(), "a named agent has a key of its own");
}

#[test]
fn a_name_that_cannot_be_one_stops_the_start() {
    let place = place(ALL);
    for options in [["--agent", "../x"], ["--team", ""]] {
        let mut command = place.talos();
        let output = command.arg("mcp").args(options).arg("--").args(Place::server()).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(place.recorded().is_empty());
    }
}
