//! The walk through parsed SQL: which kinds of statements are in it, whatever stands around them, and whether all tables
//! and functions are allowed. What is not known to be harmless is refused.

use crate::sql_functions::is_harmless;
use crate::sql_names::{SqlNames, cte_name, idents};
use sqlparser::ast::*;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use talos_contracts::{PolicyArgumentDialect, SqlStatement};

/// Most common table expressions of one query.
const MAX_CTES: usize = 64;

/// What is wrong with SQL.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SqlFault {
    /// A statement of a kind that is not allowed.
    Kind(SqlStatement),
    /// Anything else.
    Other(&'static str),
}

type Flow = ControlFlow<SqlFault>;

fn fault(why: &'static str) -> Flow {
    ControlFlow::Break(SqlFault::Other(why))
}

fn require(condition: bool, why: &'static str) -> Flow {
    if condition { ControlFlow::Continue(()) } else { fault(why) }
}

/// What SQL may have.
#[derive(Debug)]
pub(crate) struct SqlLimits {
    pub dialect: PolicyArgumentDialect,
    pub statements: HashSet<SqlStatement>,
    /// Absent: any.
    pub tables: Option<SqlNames>,
    /// Beside the harmless ones.
    pub functions: SqlNames,
}

/// The walk through one statement.
pub(crate) struct Walk<'a> {
    limits: &'a SqlLimits,
    /// For each query that is being walked, the CTEs that are visible in it.
    visible: Vec<Vec<String>>,
    /// For each CTE that is yet to be walked, by its place in memory, what is visible in it.
    pending: HashMap<usize, Vec<String>>,
    /// Names of table functions, by their place in memory: the visitor calls them tables.
    functions: HashSet<usize>,
}

fn place<T>(of: &T) -> usize {
    std::ptr::from_ref(of).addr()
}

impl<'a> Walk<'a> {
    pub fn new(limits: &'a SqlLimits) -> Self {
        Walk { limits, visible: Vec::new(), pending: HashMap::new(), functions: HashSet::new() }
    }

    fn kind(&self, kind: SqlStatement) -> Flow {
        match self.limits.statements.contains(&kind) {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(SqlFault::Kind(kind)),
        }
    }

    fn kinds(&self, kinds: &[SqlStatement]) -> Flow {
        kinds.iter().try_for_each(|&kind| self.kind(kind))
    }

    /// A table that is really one, whatever CTE has its name.
    fn table(&self, name: &ObjectName) -> Flow {
        let Some(tables) = &self.limits.tables else { return ControlFlow::Continue(()) };
        require(tables.contains(name, self.limits.dialect), "a table is not in tables")
    }

    /// Where only a rule without tables can tell what a name is about.
    fn no_tables(&self) -> Flow {
        require(self.limits.tables.is_none(), "it names something of which it does not say the table")
    }

    fn function(&self, name: &ObjectName) -> Flow {
        let is_builtin = match idents(name).as_deref() {
            // In quotes case counts, and a schema makes it somebody's own.
            Some([ident]) if ident.quote_style.is_some() => is_harmless(&ident.value),
            Some([ident]) => is_harmless(&ident.value.to_ascii_lowercase()),
            _ => false,
        };
        let is_listed = self.limits.functions.contains(name, self.limits.dialect);
        require(is_builtin || is_listed, "a function is neither harmless nor in functions")
    }

    /// The table that a statement changes.
    fn target(&self, factor: &TableFactor) -> Flow {
        match factor {
            TableFactor::Table { name, args: None, .. } => self.table(name),
            TableFactor::NestedJoin { table_with_joins, .. } => self.targets(table_with_joins),
            _ => fault("it changes something that is no table"),
        }
    }

    fn targets(&self, tables: &TableWithJoins) -> Flow {
        self.target(&tables.relation)?;
        // A table that is joined may be changed as well; a query that is joined may not.
        tables.joins.iter().try_for_each(|join| match &join.relation {
            TableFactor::Derived { .. } => ControlFlow::Continue(()),
            factor => self.target(factor),
        })
    }

    fn insert(&self, insert: &Insert) -> Flow {
        self.kind(SqlStatement::Insert)?;
        match &insert.table {
            TableObject::TableName(name) => self.table(name)?,
            _ => return fault("it adds rows to something that is no table"),
        }
        if insert.replace_into || insert.overwrite || insert.or == Some(SqliteOnConflict::Replace) {
            self.kind(SqlStatement::Delete)?;
        }
        let updates = match &insert.on {
            None => false,
            Some(OnInsert::DuplicateKeyUpdate(_)) => true,
            Some(OnInsert::OnConflict(conflict)) => !matches!(conflict.action, OnConflictAction::DoNothing),
            Some(_) => return fault("it has a clause that no rule can allow"),
        };
        if updates {
            self.kind(SqlStatement::Update)?;
        }
        let is_plain = insert.multi_table_insert_type.is_none() && insert.settings.is_none();
        require(is_plain && insert.format_clause.is_none(), "it has a clause that no rule can allow")?;
        self.output(&insert.optimizer_hints, insert.returning.is_some(), insert.output.is_some())
    }

    fn update(&self, update: &Update) -> Flow {
        self.kind(SqlStatement::Update)?;
        self.targets(&update.table)?;
        if update.or == Some(SqliteOnConflict::Replace) {
            self.kind(SqlStatement::Delete)?;
        }
        require(update.settings.is_none() && update.on_cluster.is_none(), "it has a clause that no rule can allow")?;
        self.output(&update.optimizer_hints, update.returning.is_some(), update.output.is_some())
    }

    fn delete(&self, delete: &Delete) -> Flow {
        self.kind(SqlStatement::Delete)?;
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        from.iter().try_for_each(|tables| self.targets(tables))?;
        require(delete.settings.is_none() && delete.on_cluster.is_none(), "it has a clause that no rule can allow")?;
        self.output(&delete.optimizer_hints, delete.returning.is_some(), delete.output.is_some())
    }

    fn merge(&self, merge: &Merge) -> Flow {
        self.kinds(&[SqlStatement::Insert, SqlStatement::Update, SqlStatement::Delete])?;
        self.target(&merge.table)?;
        self.output(&merge.optimizer_hints, false, merge.output.is_some())
    }

    /// What a statement that changes answers with is read, and what it answers into is no rule's.
    fn output(&self, hints: &[OptimizerHint], returns: bool, puts_out: bool) -> Flow {
        require(hints.is_empty() && !puts_out, "it has a clause that no rule can allow")?;
        if returns { self.kind(SqlStatement::Select) } else { ControlFlow::Continue(()) }
    }

    fn create_table(&self, create: &CreateTable) -> Flow {
        self.kind(SqlStatement::Create)?;
        let is_elsewhere = create.external
            || create.location.is_some()
            || create.file_format.is_some()
            || create.external_volume.is_some()
            || create.base_location.is_some()
            || create.catalog.is_some()
            || create.with_connection.is_some()
            || create.on_cluster.is_some();
        // Some parsers take LIKE between columns for the name of one.
        let is_like = |ident: &Ident| ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case("like");
        let is_copy = create.clone.is_some()
            || create.like.is_some()
            || create.inherits.is_some()
            || create.columns.iter().any(|column| is_like(&column.name));
        let has_options = create.table_options != CreateTableOptions::None;
        require(!is_elsewhere && !is_copy && !has_options, "it makes a table with a clause that no rule can allow")
    }

    fn alter_table(&self, alter: &AlterTable) -> Flow {
        self.kind(SqlStatement::Alter)?;
        require(alter.location.is_none() && alter.on_cluster.is_none(), "it has a clause that no rule can allow")?;
        alter.operations.iter().try_for_each(|operation| match operation {
            AlterTableOperation::AddColumn { .. }
            | AlterTableOperation::DropColumn { .. }
            | AlterTableOperation::RenameColumn { .. }
            | AlterTableOperation::AlterColumn { .. }
            | AlterTableOperation::ModifyColumn { .. }
            | AlterTableOperation::ChangeColumn { .. }
            | AlterTableOperation::AddConstraint { .. }
            | AlterTableOperation::DropConstraint { .. }
            | AlterTableOperation::RenameConstraint { .. }
            | AlterTableOperation::ValidateConstraint { .. }
            | AlterTableOperation::DropPrimaryKey { .. }
            | AlterTableOperation::DropForeignKey { .. }
            | AlterTableOperation::DropIndex { .. } => ControlFlow::Continue(()),
            AlterTableOperation::RenameTable { .. } => self.no_tables(),
            _ => fault("it alters a table in a way that no rule can allow"),
        })
    }

    fn drop(&self, object: ObjectType, names: &[ObjectName]) -> Flow {
        self.kind(SqlStatement::Drop)?;
        match object {
            ObjectType::Table | ObjectType::View | ObjectType::MaterializedView => {
                names.iter().try_for_each(|name| self.table(name))
            }
            ObjectType::Index | ObjectType::Schema | ObjectType::Sequence => self.no_tables(),
            _ => fault("it drops something that no rule can allow"),
        }
    }

    fn truncate(&self, truncate: &Truncate) -> Flow {
        self.kinds(&[SqlStatement::Delete, SqlStatement::Drop])?;
        truncate.table_names.iter().try_for_each(|target| self.table(&target.name))
    }

    /// What a query does beside reading.
    fn query(&self, query: &Query) -> Flow {
        if !query.locks.is_empty() {
            self.kind(SqlStatement::Update)?;
        }
        let is_plain = query.for_clause.is_none() && query.settings.is_none() && query.format_clause.is_none();
        require(is_plain && query.pipe_operators.is_empty(), "it has a clause that no rule can allow")?;
        self.set_expr(&query.body)
    }

    fn set_expr(&self, body: &SetExpr) -> Flow {
        match body {
            SetExpr::Select(_) => self.kind(SqlStatement::Select),
            SetExpr::SetOperation { left, right, .. } => {
                self.set_expr(left)?;
                self.set_expr(right)
            }
            // The short form of a query of all rows: the visitor sees no table in it.
            SetExpr::Table(table) => {
                self.kind(SqlStatement::Select)?;
                let parts = [&table.schema_name, &table.table_name].into_iter().flatten().cloned();
                self.table(&ObjectName(parts.map(ObjectNamePart::Identifier).collect()))
            }
            // These are walked by themselves.
            SetExpr::Query(_) | SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                ControlFlow::Continue(())
            }
            SetExpr::Values(_) => ControlFlow::Continue(()),
        }
    }

    /// Notes which CTEs are visible in a query, and in each of its CTEs: one sees those before it, and itself where it
    /// is recursive. A name that is seen nowhere is a table's.
    fn enter(&mut self, query: &Query) -> Flow {
        let outer = self.pending.remove(&place(query)).or_else(|| self.visible.last().cloned()).unwrap_or_default();
        let mut names = outer;
        if let Some(with) = &query.with {
            require(with.cte_tables.len() <= MAX_CTES, "it has too many common table expressions")?;
            for cte in &with.cte_tables {
                let name = cte_name(&cte.alias.name, self.limits.dialect);
                let mut inner = names.clone();
                match with.recursive {
                    true => inner.push(name.clone()),
                    // It stands for a table in there, even if something around has its name.
                    false => inner.retain(|other| *other != name),
                }
                self.pending.insert(place(cte.query.as_ref()), inner);
                names.push(name);
            }
        }
        self.visible.push(names);
        ControlFlow::Continue(())
    }

    fn is_cte(&self, name: &ObjectName) -> bool {
        match idents(name).as_deref() {
            Some([ident]) => {
                let name = cte_name(ident, self.limits.dialect);
                self.visible.last().is_some_and(|names| names.contains(&name))
            }
            _ => false,
        }
    }
}

impl Visitor for Walk<'_> {
    type Break = SqlFault;

    fn pre_visit_statement(&mut self, statement: &Statement) -> Flow {
        match statement {
            Statement::Query(query) => match query.body.as_ref() {
                SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_) => {
                    ControlFlow::Continue(())
                }
                _ => self.kind(SqlStatement::Select),
            },
            Statement::Insert(insert) => self.insert(insert),
            Statement::Update(update) => self.update(update),
            Statement::Delete(delete) => self.delete(delete),
            Statement::Merge(merge) => self.merge(merge),
            Statement::Truncate(truncate) => self.truncate(truncate),
            Statement::CreateTable(create) => self.create_table(create),
            Statement::CreateView(create) => {
                self.kind(SqlStatement::Create)?;
                let is_plain = create.options == CreateTableOptions::None && create.to.is_none();
                require(is_plain && create.params.is_none(), "it makes a view with a clause that no rule can allow")
            }
            Statement::CreateIndex(create) => {
                self.kind(SqlStatement::Create)?;
                require(create.alter_options.is_empty(), "it has a clause that no rule can allow")
            }
            Statement::CreateSchema { clone: None, with: None, options: None, .. } => {
                self.kind(SqlStatement::Create)?;
                self.no_tables()
            }
            Statement::AlterTable(alter) => self.alter_table(alter),
            Statement::AlterView(_) => self.kind(SqlStatement::Alter),
            Statement::Drop { object_type, names, .. } => self.drop(*object_type, names),
            Statement::StartTransaction { statements, exception: None, has_end_keyword: false, .. }
                if statements.is_empty() =>
            {
                self.kind(SqlStatement::Transaction)
            }
            Statement::Commit { .. }
            | Statement::Rollback { .. }
            | Statement::Savepoint { .. }
            | Statement::ReleaseSavepoint { .. } => self.kind(SqlStatement::Transaction),
            // It may run what it explains, so that is checked for itself.
            Statement::Explain { .. } => ControlFlow::Continue(()),
            Statement::ExplainTable { .. } => self.kind(SqlStatement::Select),
            _ => fault("it has a statement that no rule can allow"),
        }
    }

    fn pre_visit_query(&mut self, query: &Query) -> Flow {
        self.query(query)?;
        self.enter(query)
    }

    fn post_visit_query(&mut self, _query: &Query) -> Flow {
        self.visible.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> Flow {
        if select.into.is_some() {
            self.kind(SqlStatement::Create)?;
        }
        let is_plain = select.optimizer_hints.is_empty() && select.lateral_views.is_empty();
        require(is_plain, "it has a clause that no rule can allow")?;
        // Where the rows go to is a table in one dialect, and a variable or a file in another.
        if select.into.is_some() { self.no_tables() } else { ControlFlow::Continue(()) }
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Flow {
        match factor {
            TableFactor::Table { name, args: Some(args), with_hints, .. } => {
                self.functions.insert(place(name));
                require(with_hints.is_empty() && args.settings.is_none(), "it has a clause that no rule can allow")?;
                self.function(name)
            }
            TableFactor::Table { with_hints, json_path, .. } => {
                require(with_hints.is_empty() && json_path.is_none(), "it has a clause that no rule can allow")
            }
            TableFactor::Function { name, .. } => self.function(name),
            TableFactor::Derived { .. }
            | TableFactor::NestedJoin { .. }
            | TableFactor::UNNEST { .. }
            | TableFactor::JsonTable { .. } => ControlFlow::Continue(()),
            _ => fault("it reads from something that no rule can allow"),
        }
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> Flow {
        if self.functions.contains(&place(name)) || self.is_cte(name) {
            return ControlFlow::Continue(());
        }
        self.table(name)
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        match expr {
            Expr::Function(function) => self.function(&function.name),
            Expr::BinaryOp { op, .. } => {
                let is_own = matches!(op, BinaryOperator::Custom(_) | BinaryOperator::PGCustomBinaryOperator(_));
                require(!is_own && *op != BinaryOperator::Assignment, "it has an operator that no rule can allow")
            }
            Expr::Identifier(ident) => require(is_column(ident), "it has a variable"),
            Expr::CompoundIdentifier(idents) => require(idents.iter().all(is_column), "it has a variable"),
            _ => ControlFlow::Continue(()),
        }
    }
}

/// Whether a name is not that of a variable.
fn is_column(ident: &Ident) -> bool {
    ident.quote_style.is_some() || !ident.value.starts_with('@')
}
