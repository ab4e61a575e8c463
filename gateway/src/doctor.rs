//! `talos doctor`: does this installation work?

use crate::output::Output;
use std::path::Path;
use talos_shared::audit::receipt::parse_body;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Error, ErrorCode, OPERATIONS};
use talos_shared::kernel::ports::Clock;
use talos_shared::kernel::{CLOCK_BEHIND_MS, Log};
use talos_shared::{Home, SystemClock, call};

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
            checks.push(Check { name: "notices", result: home.notices() });
            // Opening the kernel compares the store with the last signed head.
            match home.policy().and_then(|policy| home.kernel(policy)) {
                Err(error) => {
                    checks.push(Check { name: "log", result: Err(error.clone()) });
                    checks.push(Check { name: "clock", result: Err(error) });
                }
                Ok(kernel) => {
                    checks.push(Check { name: "log", result: try_log(&kernel.log()) });
                    checks.push(Check { name: "clock", result: try_clock(&kernel.log()) });
                }
            }
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

fn try_log(log: &Log<'_>) -> Result<String, Error> {
    Ok(format!("{} receipts in {}", log.size()?, log.key()?.name()))
}

fn try_clock(log: &Log<'_>) -> Result<String, Error> {
    let wall = SystemClock::default().wall_ms()?;
    let newest = match log.size()?.checked_sub(1) {
        Some(last) => parse_body(&log.at(last)?.sealed.body)?.iat,
        None => 0,
    };
    if newest > wall + CLOCK_BEHIND_MS {
        let why = format!("the newest receipt is {} s ahead of the clock", (newest - wall) / 1000);
        return Err(Error::new(ErrorCode::ClockBehind, why));
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
