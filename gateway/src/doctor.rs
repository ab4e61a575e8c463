//! `talos doctor`: does this installation work?

use crate::output::Output;
use std::path::Path;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, OPERATIONS};
use talos_shared::{Home, call};

/// One thing that was tried.
struct Check {
    name: &'static str,
    result: Result<String, Error>,
}

/// Tries each part for real. A part that depends on a broken one is broken too.
pub fn run(directory: &Path, output: &Output) -> Result<i32, Error> {
    let mut checks = vec![Check { name: "operations", result: try_operations() }];
    match Home::open(directory) {
        Err(error) => checks.push(Check { name: "directory", result: Err(error) }),
        Ok(home) => {
            checks.push(Check { name: "directory", result: Ok(home.directory().display().to_string()) });
            checks.push(Check { name: "keys", result: home.did().map(|did| did.to_string()) });
            checks.push(Check { name: "policy", result: try_policy(&home) });
            checks.push(Check { name: "log", result: try_log(&home) });
            checks.push(Check { name: "clock", result: try_clock(&home) });
        }
    }
    let failed = checks.iter().any(|c| c.result.is_err());
    let text: String = checks.iter().map(in_words).collect();
    output.print(&text, || {
        Value::object([
            ("ok", Value::from(!failed)),
            ("checks", Value::from(checks.iter().map(as_value).collect::<Vec<_>>())),
        ])
    });
    Ok(i32::from(failed))
}

fn try_operations() -> Result<String, Error> {
    let seed = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    call("ed25519.sign", format!("{{\"seed\":\"{seed}\",\"message\":\"\"}}").as_bytes())?;
    Ok(format!("{} operations", OPERATIONS.len()))
}

fn try_policy(home: &Home) -> Result<String, Error> {
    let policy = home.policy()?;
    if policy.is_builtin() {
        return Ok(format!(
            "no {}: everything but declared reads needs approval; write one with `talos init -- COMMAND`",
            home.policy_path().display()
        ));
    }
    Ok(format!("{:?} allows {} tools", policy.policy().id, policy.tool_names().len()))
}

/// Opening the kernel compares the store with the last signed head.
fn try_log(home: &Home) -> Result<String, Error> {
    let kernel = home.kernel(home.policy()?)?;
    Ok(format!("{} receipts in {}", kernel.log().size()?, home.log_key()?.name()))
}

fn try_clock(home: &Home) -> Result<String, Error> {
    use talos_shared::kernel::ports::Clock;
    let kernel = home.kernel(home.policy()?)?;
    let wall = talos_shared::SystemClock::default().wall_ms()?;
    let newest = match kernel.log().size()?.checked_sub(1) {
        Some(last) => talos_shared::audit::receipt::parse_body(&kernel.log().at(last)?.sealed.body)?.iat,
        None => 0,
    };
    if newest > wall + talos_shared::kernel::CLOCK_BEHIND_MS {
        return Err(Error::new(
            talos_shared::contracts::ErrorCode::ClockBehind,
            format!("the newest receipt is {} s ahead of the clock", (newest - wall) / 1000),
        ));
    }
    Ok("not behind the newest receipt".to_owned())
}

fn in_words(check: &Check) -> String {
    match &check.result {
        Ok(detail) => format!("ok    {:12}{detail}\n", check.name),
        Err(error) => format!("FAIL  {:12}{error}\n        {}\n", check.name, error.code.help()),
    }
}

fn as_value(check: &Check) -> Value {
    let (ok, detail) = match &check.result {
        Ok(detail) => (true, detail.clone()),
        Err(error) => (false, error.to_string()),
    };
    Value::object([("name", Value::from(check.name)), ("ok", Value::from(ok)), ("detail", Value::from(detail))])
}
