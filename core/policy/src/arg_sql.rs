//! Arguments that are SQL: parsed, and allowed statement by statement, table by table, function by function.

use crate::arguments::{Refusal, text_of};
use crate::mistakes::Mistakes;
use crate::sql_names::SqlNames;
use crate::sql_text::tokens;
use crate::sql_walk::{SqlFault, SqlLimits, Walk};
use sqlparser::ast::{Statement, Visit};
use sqlparser::dialect::{Dialect, GenericDialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::Parser;
use std::collections::HashSet;
use std::ops::ControlFlow;
use talos_contracts::json::Value;
use talos_contracts::{PolicyArgument, PolicyArgumentDialect, SqlStatement};

/// Longest SQL in bytes.
const MAX_BYTES: usize = 64 << 10;
/// How deep the parser goes.
const MAX_DEPTH: usize = 48;

/// What SQL has to be.
#[derive(Debug)]
pub(crate) struct SqlRule {
    limits: SqlLimits,
    max_statements: u64,
}

impl SqlRule {
    pub fn compile(argument: &PolicyArgument, mistakes: &mut Mistakes) -> Option<SqlRule> {
        let statements = argument.statements.as_deref().unwrap_or(&[SqlStatement::Select]);
        let tables = argument.tables.as_ref().map(|tables| SqlNames::compile("tables", tables, mistakes));
        let functions = argument.functions.as_deref().unwrap_or_default();
        let limits = SqlLimits {
            dialect: argument.dialect.unwrap_or(PolicyArgumentDialect::Generic),
            statements: statements.iter().copied().collect::<HashSet<_>>(),
            tables,
            functions: SqlNames::compile("functions", functions, mistakes),
        };
        Some(SqlRule { limits, max_statements: argument.max_statements.unwrap_or(1) })
    }

    pub fn check(&self, value: &Value) -> Result<(), Refusal> {
        let denied = |why: &str| Refusal::denied(format!("the SQL is denied: {why}"));
        let text = text_of(value, "SQL", MAX_BYTES)?;
        let statements = self.parse(text).map_err(denied)?;
        if statements.is_empty() {
            return Err(denied("it has no statement"));
        }
        if statements.len() as u64 > self.max_statements {
            return Err(denied("it has more statements than max_statements"));
        }
        match statements.visit(&mut Walk::new(&self.limits)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(SqlFault::Other(why)) => Err(denied(why)),
            ControlFlow::Break(SqlFault::Kind(kind)) => {
                Err(denied(&format!("it takes {}, which is not in statements", kind.as_str())))
            }
        }
    }

    fn parse(&self, text: &str) -> Result<Vec<Statement>, &'static str> {
        let dialect: &dyn Dialect = match self.limits.dialect {
            PolicyArgumentDialect::Generic => &GenericDialect {},
            PolicyArgumentDialect::Postgres => &PostgreSqlDialect {},
            PolicyArgumentDialect::Mysql => &MySqlDialect {},
            PolicyArgumentDialect::Sqlite => &SQLiteDialect {},
        };
        let tokens = tokens(text, dialect, self.limits.dialect)?;
        let mut parser = Parser::new(dialect).with_recursion_limit(MAX_DEPTH).with_tokens_with_locations(tokens);
        parser.parse_statements().map_err(|_| "it cannot be read as statements of its dialect")
    }
}
