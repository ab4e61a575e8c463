//! From the JSON Schema of a tool's arguments to a type that Cedar has (`docs/spec/cedar.md`, section 3).

use cedar_policy::RestrictedExpression;
use talos_contracts::json::{Kind, Member, Span, Value};

/// Nesting of types; what is deeper is a loss.
const DEPTH_MAX: usize = 16;
/// Members and item types of one tool; what is beyond is a loss.
const PARTS_MAX: usize = 1024;
/// Bytes of arguments, as they are in memory, that policies are evaluated on.
pub(crate) const ARGS_BYTES: usize = 1 << 20;
/// References that are followed one after the other.
const REFERENCES_MAX: usize = 8;

/// A type of arguments.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Bool,
    Long,
    String,
    Set(Box<Shape>),
    Record(Vec<Attribute>),
}

/// A member of a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Attribute {
    pub name: String,
    pub shape: Shape,
    pub required: bool,
    /// Whether `null` stands for its absence.
    pub nullable: bool,
}

/// A part of a tool's schema that Cedar has no type for: policies cannot name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The tool.
    pub tool: String,
    /// The argument, as a JSON pointer; `*` stands for the items of an array.
    pub argument: String,
    /// Why.
    pub why: String,
}

/// Reads the schema of a tool's arguments. The answer is always a record: without a schema an empty one.
pub(crate) fn of_arguments(tool: &str, schema: &Value, losses: &mut Vec<Loss>) -> Vec<Attribute> {
    let mut reader = Reader { root: schema, tool, parts: 0, losses };
    reader.record(schema, "", 0)
}

/// Why a part of a schema has no type.
type Lost = &'static str;

struct Reader<'a> {
    root: &'a Value,
    tool: &'a str,
    parts: usize,
    losses: &'a mut Vec<Loss>,
}

impl<'a> Reader<'a> {
    fn record(&mut self, schema: &'a Value, at: &str, depth: usize) -> Vec<Attribute> {
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .unwrap_or_default()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut attributes = Vec::new();
        for member in schema.get("properties").and_then(Value::as_object).unwrap_or_default() {
            let place = format!("{at}/{}", escape(&member.name));
            match self.read(&member.value, &place, depth + 1) {
                Ok((shape, nullable)) => attributes.push(Attribute {
                    name: member.name.clone(),
                    shape,
                    required: required.contains(&member.name.as_str()) && !nullable,
                    nullable,
                }),
                Err(why) => self.lose(place, why),
            }
        }
        attributes
    }

    fn lose(&mut self, argument: String, why: Lost) {
        self.losses.push(Loss { tool: self.tool.to_owned(), argument, why: why.to_owned() });
    }

    /// The type of a schema, and whether `null` is allowed beside it.
    fn read(&mut self, schema: &'a Value, at: &str, depth: usize) -> Result<(Shape, bool), Lost> {
        self.parts += 1;
        if depth > DEPTH_MAX {
            return Err("nested too deep");
        }
        if self.parts > PARTS_MAX {
            return Err("the tool has too many arguments");
        }
        let (schema, mut nullable) = self.resolve(schema)?;
        if ["oneOf", "anyOf", "allOf", "not", "if", "$ref", "patternProperties"]
            .iter()
            .any(|key| schema.get(key).is_some())
        {
            return Err("the schema combines others");
        }
        let mut types = match schema.get("type").map(|types| &types.kind) {
            Some(Kind::String(name)) => vec![name.as_str()],
            Some(Kind::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            _ => vec![type_of_values(schema).ok_or("the schema states no type")?],
        };
        nullable |= types.contains(&"null");
        types.retain(|name| *name != "null");
        let shape = match types[..] {
            ["boolean"] => Shape::Bool,
            ["integer"] => Shape::Long,
            ["string"] => Shape::String,
            ["array"] => self.set(schema, at, depth)?,
            ["object"] if schema.get("properties").is_some() => Shape::Record(self.record(schema, at, depth)),
            ["object"] => return Err("the object has no named members"),
            ["number"] => return Err("Cedar has no fractions"),
            _ => return Err("the value is of no single type that Cedar has"),
        };
        Ok((shape, nullable))
    }

    fn set(&mut self, schema: &'a Value, at: &str, depth: usize) -> Result<Shape, Lost> {
        if schema.get("prefixItems").is_some() {
            return Err("the items of the array are of several types");
        }
        let items = schema.get("items").ok_or("the items of the array are of no stated type")?;
        match self.read(items, &format!("{at}/*"), depth + 1)? {
            (_, true) => Err("items of the array may be null"),
            (shape, false) => Ok(Shape::Set(Box::new(shape))),
        }
    }

    /// Follows local references and the usual way to say "or null".
    fn resolve(&self, mut schema: &'a Value) -> Result<(&'a Value, bool), Lost> {
        let mut nullable = false;
        for _ in 0..REFERENCES_MAX {
            if let Some(reference) = schema.get("$ref") {
                schema =
                    reference.as_str().and_then(|name| self.definition(name)).ok_or("the reference leads nowhere")?;
            } else if let Some(choices) = ["anyOf", "oneOf", "allOf"].iter().find_map(|key| schema.get(key)?.as_array())
            {
                let is_null = |choice: &&Value| choice.get("type").and_then(Value::as_str) == Some("null");
                let [only] = choices.iter().filter(|choice| !is_null(choice)).collect::<Vec<_>>()[..] else {
                    return Err("the value is of one of several types");
                };
                nullable |= choices.iter().any(|choice| is_null(&choice));
                schema = only;
            } else {
                return Ok((schema, nullable));
            }
        }
        Err("too many references")
    }

    fn definition(&self, reference: &str) -> Option<&'a Value> {
        let mut at = self.root;
        for step in reference.strip_prefix("#/")?.split('/') {
            at = at.get(&step.replace("~1", "/").replace("~0", "~"))?;
        }
        Some(at)
    }
}

/// The type of a schema that only lists values.
fn type_of_values(schema: &Value) -> Option<&'static str> {
    let one = schema.get("const").map(std::slice::from_ref);
    let values = one.or_else(|| schema.get("enum")?.as_array()).filter(|values| !values.is_empty())?;
    let all = |is: fn(&Value) -> bool| values.iter().all(is);
    if all(|value| value.as_str().is_some()) {
        Some("string")
    } else if all(|value| value.as_i64().is_some()) {
        Some("integer")
    } else if all(|value| value.as_bool().is_some()) {
        Some("boolean")
    } else {
        None
    }
}

impl Shape {
    /// The type in Cedar's JSON form of a schema.
    pub(crate) fn as_type(&self) -> Value {
        let named = |name: &str| Value::object([("type", Value::from(name))]);
        match self {
            Shape::Bool => named("Boolean"),
            Shape::Long => named("Long"),
            Shape::String => named("String"),
            Shape::Set(items) => Value::object([("type", Value::from("Set")), ("element", items.as_type())]),
            Shape::Record(attributes) => record_type(attributes),
        }
    }
}

/// The type of a record in Cedar's JSON form of a schema.
pub(crate) fn record_type(attributes: &[Attribute]) -> Value {
    let attributes = attributes.iter().map(|attribute| {
        let mut shape = attribute.shape.as_type();
        if let Kind::Object(members) = &mut shape.kind
            && !attribute.required
        {
            members.push(Member { name: "required".to_owned(), name_span: Span::default(), value: Value::from(false) });
        }
        (attribute.name.as_str(), shape)
    });
    Value::object([("type", Value::from("Record")), ("attributes", Value::object(attributes))])
}

/// The arguments as Cedar sees them: the members that have a type. The error says what is missing or not of its type,
/// and names no value.
pub(crate) fn express(attributes: &[Attribute], arguments: &Value) -> Result<RestrictedExpression, String> {
    let mut writer = Writer { at: Vec::new(), left: ARGS_BYTES };
    writer.record(attributes, arguments).ok_or_else(|| {
        if writer.left == 0 {
            return format!("policies are evaluated on at most {ARGS_BYTES} bytes of arguments");
        }
        let place: String = writer.at.iter().map(|step| format!("/{}", escape(step))).collect();
        format!("argument {place} is missing or not of the type in the tool's schema")
    })
}

/// A step of a JSON pointer.
fn escape(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}

struct Writer<'a> {
    /// Where it is; at the end, where it stopped.
    at: Vec<&'a str>,
    /// Bytes that may still come.
    left: usize,
}

impl<'a> Writer<'a> {
    fn record(&mut self, attributes: &'a [Attribute], value: &Value) -> Option<RestrictedExpression> {
        value.as_object()?;
        let mut fields = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            self.at.push(&attribute.name);
            match value.get(&attribute.name) {
                None if attribute.required => return None,
                Some(value) if !(attribute.nullable && value.kind == Kind::Null) => {
                    fields.push((attribute.name.clone(), self.value(&attribute.shape, value)?));
                }
                _ => {}
            }
            self.at.pop();
        }
        RestrictedExpression::new_record(fields).ok()
    }

    fn value(&mut self, shape: &'a Shape, value: &Value) -> Option<RestrictedExpression> {
        let bytes = size_of::<Value>() + value.as_str().map_or(0, str::len);
        self.left = self.left.saturating_sub(bytes);
        if self.left == 0 {
            return None;
        }
        Some(match (shape, &value.kind) {
            (Shape::Bool, Kind::Bool(value)) => RestrictedExpression::new_bool(*value),
            (Shape::Long, Kind::Integer(value)) => RestrictedExpression::new_long(*value),
            (Shape::String, Kind::String(value)) => RestrictedExpression::new_string(value.clone()),
            (Shape::Set(shape), Kind::Array(items)) => {
                self.at.push("*");
                let items: Option<Vec<_>> = items.iter().map(|item| self.value(shape, item)).collect();
                let items = items?;
                self.at.pop();
                RestrictedExpression::new_set(items)
            }
            (Shape::Record(attributes), _) => self.record(attributes, value)?,
            _ => return None,
        })
    }
}
