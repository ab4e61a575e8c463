//! The policy: what an agent may do, read from a file and decided in microseconds.
//!
//! A policy file is YAML, TOML or JSON of contract `policy` (`docs/spec/policy.md`). [`CompiledPolicy::load`] reads it
//! strictly: an unknown key, a pattern that no linear-time engine runs, a limit that limits nothing are errors with file,
//! line, column and what was probably meant. [`CompiledPolicy::decide`] then answers for one action at a time:
//!
//! 1. the target has to be in `allowed_tools`, `allowed_resources`, `allowed_prompts` or `allowed_peers`, and a pinned tool has to be the
//!    one that was pinned;
//! 2. neither the target nor a string or member name of the arguments may match one of `blocked_patterns`, neither as it
//!    is written nor in its normalised views;
//! 3. the arguments have to be what the tool's rules say, and no URL in them may lead where egress does not;
//! 4. calls, tokens and money have to stay within their limits; equality passes, what is missing is denied.
//!
//! Every step is evaluated and reported, in an order that does not depend on the order of the file. Nothing is allowed
//! that the file does not name. Without a file, [`CompiledPolicy::builtin`] holds.
//!
//! ```
//! use talos_contracts::{ActionKind, ErrorCode, Verdict, json::Value};
//! use talos_policy::{CompiledPolicy, Format, PolicyFacts};
//!
//! let text = b"id: demo\nallowed_tools: [read_file]\nblocked_patterns: [{kind: substring, pattern: /etc/shadow}]\n";
//! let policy = CompiledPolicy::load(text, Format::Yaml, "policy.yaml").map_err(|errors| errors[0].clone())?;
//!
//! let args = Value::object([("path", Value::from("/ETC/shadow"))]);
//! let facts = PolicyFacts::new(ActionKind::ToolCall, "read_file", &args);
//! let finding = policy.decide(&facts);
//! assert_eq!(finding.verdict, Verdict::Deny);
//! assert_eq!(finding.reasons[0].code, ErrorCode::PolicyBlockedPattern);
//! assert!(finding.reasons[0].message.ends_with("matches the string at /path"));
//! # Ok::<(), talos_policy::PolicyError>(())
//! ```
//!
//! No clock, no randomness, no I/O: who loads a policy that includes other files reads them.

mod addresses;
mod amounts;
mod approvals;
mod arg_date;
mod arg_email;
mod arg_money;
mod arg_number;
mod arg_path;
mod arg_shell;
mod arg_sql;
mod arg_text;
mod arg_url;
mod arguments;
mod compile;
mod contract;
mod decide;
mod decimal;
mod diff;
mod egress;
mod error;
mod explain;
mod explain_args;
mod explain_people;
mod facts;
mod format;
mod glob;
mod hosts;
mod includes;
mod merge;
mod mistakes;
mod names;
mod origins;
mod patterns;
mod pointer;
mod preflight;
mod rates;
mod redact;
mod resources;
mod scan;
mod selector;
mod source;
mod sql_functions;
mod sql_names;
mod sql_text;
mod sql_walk;
mod subject;
mod toml;
mod urls;
mod yaml;

pub use compile::{BUILTIN_ID, CompiledPolicy};
pub use error::PolicyError;
pub use explain::Explanation;
pub use facts::{Finding, MAX_REASONS, PolicyFacts, Rate, RealPaths, RunState, Subject};
pub use format::format;
pub use includes::{MAX_INCLUDE_DEPTH, MAX_INCLUDES, ReadFile};
pub use names::same_name;
pub use redact::TextGlob;
pub use source::{Format, MAX_BYTES, MAX_DEPTH, MAX_ERRORS, position, read_document};
