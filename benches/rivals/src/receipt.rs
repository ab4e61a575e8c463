//! The decision receipt as another program would declare it, for `serde`.

use serde::{Deserialize, Serialize};

/// The members of a decision with principal, policy and budget.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[allow(missing_docs)]
pub struct Receipt {
    pub action: Action,
    pub actor: String,
    pub budget: Budget,
    pub call: String,
    pub caps: Vec<String>,
    pub chain: String,
    pub dur: String,
    pub iat: u64,
    pub iss: String,
    pub kind: String,
    pub log: String,
    pub policy: Policy,
    pub prev: String,
    pub principal: String,
    pub reasons: Vec<String>,
    pub run: String,
    pub salt: String,
    pub seq: u64,
    pub sign: String,
    pub typ: String,
    pub verdict: String,
}

/// What was decided on.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[allow(missing_docs)]
pub struct Action {
    pub args_commit: String,
    pub effect: String,
    pub kind: String,
    pub target: String,
    pub tool_hash: String,
}

/// What was reserved.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[allow(missing_docs)]
pub struct Budget {
    pub tokens: u64,
}

/// Which policy decided.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[allow(missing_docs)]
pub struct Policy {
    pub hash: String,
    pub id: String,
}
