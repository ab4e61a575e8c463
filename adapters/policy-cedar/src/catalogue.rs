//! The actions that there are, and the Cedar schema that is generated from them (`docs/spec/cedar.md`, sections 2 and 3).

use crate::shape::{self, Attribute, Loss, Shape};
use cedar_policy::{EntityId, EntityTypeName, EntityUid};
use std::collections::HashMap;
use std::str::FromStr;
use talos_contracts::json::{self, Value};
use talos_contracts::scalar::Hash;
use talos_contracts::{ActionKind, Error, ErrorCode};
use talos_text::nfc;

/// The action of tools that the tool list does not have.
pub(crate) const UNLISTED: &str = "unlisted_tool";

/// All kinds, in the order of the contract.
const KINDS: [ActionKind; 6] = [
    ActionKind::ToolCall,
    ActionKind::ResourceRead,
    ActionKind::PromptGet,
    ActionKind::Sampling,
    ActionKind::Message,
    ActionKind::Http,
];

/// A tool as the operator reviewed it.
#[derive(Clone, Debug)]
pub struct Tool<'a> {
    /// The exact name.
    pub name: &'a str,
    /// The JSON Schema of its arguments: MCP's `inputSchema`.
    pub schema: &'a Value,
    /// The hash of the definition that the schema is from.
    pub hash: Hash,
}

/// An action of Cedar.
#[derive(Debug)]
pub(crate) struct ActionType {
    pub uid: EntityUid,
    pub kind: ActionKind,
    /// The type of `context.args`; absent where the arguments are not known.
    pub args: Option<Vec<Attribute>>,
    /// The reviewed definition of a tool.
    pub tool_hash: Option<Hash>,
}

/// Everything that policies can name.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub types: Types,
    pub actions: Vec<ActionType>,
    tools: HashMap<String, usize>,
    /// Where the actions stand that are not of one tool.
    first: HashMap<ActionKind, usize>,
}

/// The entity types.
#[derive(Debug)]
pub(crate) struct Types {
    pub action: EntityTypeName,
    /// The group of all calls of tools.
    pub tool_calls: EntityUid,
    pub agent: EntityTypeName,
    pub team: EntityTypeName,
    pub organisation: EntityTypeName,
    pub tool: EntityTypeName,
    pub resource: EntityTypeName,
    pub prompt: EntityTypeName,
    pub target: EntityTypeName,
}

impl Types {
    fn new() -> Result<Types, Error> {
        let name = |name: &str| {
            EntityTypeName::from_str(name).map_err(|error| Error::new(ErrorCode::InternalFault, error.to_string()))
        };
        let action = name("Action")?;
        Ok(Types {
            tool_calls: entity(&action, ActionKind::ToolCall.as_str()),
            action,
            agent: name("Agent")?,
            team: name("Team")?,
            organisation: name("Organisation")?,
            tool: name("Tool")?,
            resource: name("Resource")?,
            prompt: name("Prompt")?,
            target: name("Target")?,
        })
    }

    /// The type of what an action of this kind is done to.
    pub(crate) fn of_target(&self, kind: ActionKind) -> &EntityTypeName {
        match kind {
            ActionKind::ToolCall => &self.tool,
            ActionKind::ResourceRead => &self.resource,
            ActionKind::PromptGet => &self.prompt,
            ActionKind::Sampling | ActionKind::Message | ActionKind::Http => &self.target,
        }
    }

    /// An action by its id.
    pub(crate) fn action(&self, id: &str) -> EntityUid {
        entity(&self.action, id)
    }
}

pub(crate) fn entity(name: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(name.clone(), EntityId::new(id))
}

impl Catalogue {
    /// The actions of these tools, and those that need no list. A name that stands twice is an error.
    pub(crate) fn new(tools: &[Tool<'_>], losses: &mut Vec<Loss>) -> Result<Catalogue, Error> {
        let types = Types::new()?;
        let of_kind = |kind: ActionKind| ActionType {
            uid: types.action(if kind == ActionKind::ToolCall { UNLISTED } else { kind.as_str() }),
            kind,
            args: None,
            tool_hash: None,
        };
        let mut actions: Vec<ActionType> = KINDS.map(of_kind).into();
        let first = KINDS.into_iter().zip(0..).collect();
        let mut names = HashMap::with_capacity(tools.len());
        for tool in tools {
            let name = nfc(tool.name).into_owned();
            actions.push(ActionType {
                uid: types.action(&format!("{}:{name}", ActionKind::ToolCall.as_str())),
                kind: ActionKind::ToolCall,
                args: Some(shape::of_arguments(&name, tool.schema, losses)),
                tool_hash: Some(tool.hash),
            });
            if names.insert(name, actions.len() - 1).is_some() {
                return Err(Error::new(ErrorCode::PolicyInvalid, format!("the tool list has {:?} twice", tool.name)));
            }
        }
        Ok(Catalogue { types, actions, tools: names, first })
    }

    /// The action of a kind on a target.
    pub(crate) fn find(&self, kind: ActionKind, target: &str) -> Option<&ActionType> {
        let tool = (kind == ActionKind::ToolCall).then(|| self.tools.get(nfc(target).as_ref())).flatten();
        self.actions.get(*tool.or_else(|| self.first.get(&kind))?)
    }

    /// The Cedar schema of these actions, in Cedar's JSON form.
    pub(crate) fn schema<'a>(&self, actions: impl IntoIterator<Item = &'a ActionType>) -> String {
        let plain = || Value::object::<&str>([]);
        let member_of = |types: &[&str]| Value::object([("memberOfTypes", names(types))]);
        let entities = [
            ("Organisation", plain()),
            ("Team", member_of(&["Organisation"])),
            ("Agent", member_of(&["Team", "Organisation"])),
            ("Tool", plain()),
            ("Resource", plain()),
            ("Prompt", plain()),
            ("Target", plain()),
        ];
        let group = (ActionKind::ToolCall.as_str(), plain());
        let actions = actions.into_iter().map(|action| (action.uid.id().unescaped(), self.action_type(action)));
        let namespace = Value::object([
            ("entityTypes", Value::object(entities)),
            ("actions", Value::object(std::iter::once(group).chain(actions))),
        ]);
        String::from_utf8_lossy(&json::canonical(&Value::object([("", namespace)]))).into_owned()
    }

    fn action_type(&self, action: &ActionType) -> Value {
        let target = self.types.of_target(action.kind).to_string();
        let applies_to = Value::object([
            ("principalTypes", names(&["Agent"])),
            ("resourceTypes", names(&[&target])),
            ("context", shape::record_type(&context_of(action))),
        ]);
        let mut members = vec![("appliesTo", applies_to)];
        if action.kind == ActionKind::ToolCall {
            let group = Value::object([("id", Value::from(ActionKind::ToolCall.as_str()))]);
            members.push(("memberOf", Value::from(vec![group])));
        }
        Value::object(members)
    }
}

fn names(names: &[&str]) -> Value {
    Value::from(names.iter().map(|name| Value::from(*name)).collect::<Vec<_>>())
}

/// The attributes of `context` for an action; [`crate::request`] fills them.
fn context_of(action: &ActionType) -> Vec<Attribute> {
    let attribute = |name: &str, shape: Shape, required: bool| Attribute {
        name: name.to_owned(),
        shape,
        required,
        nullable: false,
    };
    let mut attributes = vec![
        attribute("target", Shape::String, true),
        attribute("effect", Shape::String, true),
        attribute("run", Shape::String, true),
        attribute("actor", Shape::String, true),
        attribute("agent", Shape::String, false),
        attribute("team", Shape::String, false),
        attribute("organisation", Shape::String, false),
        attribute("principal", Shape::String, false),
        attribute("consent", Shape::Bool, true),
        attribute("kyc", Shape::Bool, true),
        attribute("amount_micro", Shape::Long, false),
        attribute("currency", Shape::String, false),
        attribute("calls_admitted", Shape::Long, true),
        attribute("calls_in_flight", Shape::Long, true),
        attribute("tokens_reserved", Shape::Long, true),
        attribute("tokens_requested", Shape::Long, true),
        attribute("spent_micro", Shape::Long, true),
        attribute("pattern_hit", Shape::Bool, true),
    ];
    if action.kind == ActionKind::ToolCall {
        attributes.push(attribute("tool", Shape::String, true));
        attributes.push(attribute("tool_hash", Shape::String, false));
        attributes.push(attribute("tool_hash_ok", Shape::Bool, true));
    }
    attributes.extend(action.args.clone().map(|args| attribute("args", Shape::Record(args), true)));
    attributes
}
