//! Names in SQL, as a dialect compares them.

use crate::mistakes::Mistakes;
use crate::source::quote;
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};
use std::collections::{HashMap, HashSet};
use talos_contracts::PolicyArgumentDialect;

/// Most parts of a name: catalogue, schema, table.
const MAX_PARTS: usize = 3;

/// Names that a rule lists, by their parts in lower case.
#[derive(Debug, Default)]
pub(crate) struct SqlNames {
    listed: HashMap<Vec<String>, HashSet<Vec<String>>>,
}

impl SqlNames {
    /// Compiles a list of names, which is the member `key` of the rule.
    pub fn compile(key: &str, list: &[String], mistakes: &mut Mistakes) -> SqlNames {
        let mut names = SqlNames::default();
        for (index, written) in list.iter().enumerate() {
            let parts: Vec<String> = written.split('.').map(str::to_owned).collect();
            let is_odd = |c: char| c.is_whitespace() || c.is_control() || "\"'`[]();,*".contains(c);
            if parts.len() > MAX_PARTS || parts.iter().any(|part| part.is_empty() || part.contains(is_odd)) {
                let detail =
                    format!("name {}: a name stands as it is, in one to three parts, without quotes", quote(written));
                mistakes.add(&format!("{key}/{index}"), detail);
            }
            let lower = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
            names.listed.entry(lower).or_default().insert(parts);
        }
        names
    }

    /// Whether a name is one of them.
    pub fn contains(&self, name: &ObjectName, dialect: PolicyArgumentDialect) -> bool {
        let Some(idents) = idents(name) else { return false };
        let lower: Vec<String> = idents.iter().map(|ident| ident.value.to_ascii_lowercase()).collect();
        let same = |listed: &Vec<String>| idents.iter().zip(listed).all(|(ident, part)| is_same(ident, part, dialect));
        self.listed.get(&lower).is_some_and(|candidates| candidates.iter().any(same))
    }
}

/// The parts of a name, if all of them are names.
pub(crate) fn idents(name: &ObjectName) -> Option<Vec<&Ident>> {
    name.0.iter().map(ident).collect()
}

fn ident(part: &ObjectNamePart) -> Option<&Ident> {
    match part {
        ObjectNamePart::Identifier(ident) => Some(ident),
        ObjectNamePart::Function(_) => None,
    }
}

/// Whether a name in SQL is the one that a policy writes.
fn is_same(ident: &Ident, part: &str, dialect: PolicyArgumentDialect) -> bool {
    match (dialect, ident.quote_style) {
        (PolicyArgumentDialect::Sqlite, _) | (PolicyArgumentDialect::Generic, None) => {
            ident.value.eq_ignore_ascii_case(part)
        }
        (PolicyArgumentDialect::Postgres, None) => ident.value.to_ascii_lowercase() == part,
        (PolicyArgumentDialect::Mysql, _) | (_, Some(_)) => ident.value == part,
    }
}

/// The name that a CTE has, or that is looked for among CTEs.
pub(crate) fn cte_name(ident: &Ident, dialect: PolicyArgumentDialect) -> String {
    let folds = match dialect {
        PolicyArgumentDialect::Sqlite => true,
        PolicyArgumentDialect::Mysql => false,
        PolicyArgumentDialect::Generic | PolicyArgumentDialect::Postgres => ident.quote_style.is_none(),
    };
    if folds { ident.value.to_ascii_lowercase() } else { ident.value.clone() }
}
