//! Values of JavaScript as JSON.
//!
//! Objects are taken apart by `entriesOf` of the package (node/src/entries.ts), in JavaScript, where
//! proxies, accessors and prototypes can be seen; here is what may be in them. Nothing is converted
//! in silence, as `JSON.stringify` does it: what is no JSON value is an error.

use crate::error::problem;
use napi::bindgen_prelude::{Array, BigInt, FnArgs, FromNapiValue, Function, FunctionRef, Unknown};
use napi::{Env, JsString, JsValue, ValueType};
use talos_shared::contracts::json::{DATA_DEPTH, Kind, Member, Span, Value};
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::sdk::Data;

/// The elements of an array, names and values of an object in turn, or why it is neither.
type EntriesOf = FunctionRef<FnArgs<(Unknown<'static>,)>, Unknown<'static>>;

/// What this addon keeps for one environment: the main thread, or a worker.
struct Helpers {
    entries_of: EntriesOf,
}

/// Why a value could not be read.
pub enum Unreadable {
    /// It is no JSON.
    Malformed(Error),
    /// JavaScript did not answer.
    Host(napi::Error),
}

impl From<Error> for Unreadable {
    fn from(error: Error) -> Self {
        Unreadable::Malformed(error)
    }
}

impl From<napi::Error> for Unreadable {
    fn from(error: napi::Error) -> Self {
        Unreadable::Host(error)
    }
}

impl From<Unreadable> for napi::Error {
    fn from(why: Unreadable) -> Self {
        match why {
            Unreadable::Malformed(error) => problem(&error),
            Unreadable::Host(error) => error,
        }
    }
}

/// Gives this environment the function that takes objects apart. Called once, when the package is loaded.
#[napi(ts_args_type = "entriesOf: (object: object) => unknown[] | string")]
pub fn prepare(env: Env, entries_of: Function<'_, FnArgs<(Unknown<'static>,)>, Unknown<'static>>) -> napi::Result<()> {
    env.set_instance_data(Helpers { entries_of: entries_of.create_ref()? }, (), |_| {})
}

/// A walk through one value.
pub struct Walk<'env> {
    entries_of: Function<'env, FnArgs<(Unknown<'static>,)>, Unknown<'static>>,
    bounds: Bounds,
}

enum Bounds {
    /// Arguments, results, actions: those of talos-data.
    Data(Data),
    /// The input of an operation: its own, which the door knows; here only an end of recursion.
    Input { depth: usize },
}

impl Bounds {
    fn leaf(&mut self, build: impl FnOnce(&mut Data) -> Result<Value, Error>) -> Result<Value, Error> {
        match self {
            Bounds::Data(data) => build(data),
            Bounds::Input { .. } => build(&mut Data::new()),
        }
    }

    fn enter(&mut self) -> Result<(), Error> {
        match self {
            Bounds::Data(data) => data.enter(),
            Bounds::Input { depth } if *depth > DATA_DEPTH + 1 => {
                Err(Error::new(ErrorCode::MalformedDepth, format!("nested deeper than {} levels", DATA_DEPTH + 2)))
            }
            Bounds::Input { depth } => {
                *depth += 1;
                Ok(())
            }
        }
    }

    fn leave(&mut self) {
        match self {
            Bounds::Data(data) => data.leave(),
            Bounds::Input { depth } => *depth -= 1,
        }
    }
}

/// A value under the limits of talos-data.
pub fn data(env: &Env, value: Unknown<'_>) -> Result<Value, Unreadable> {
    Walk::new(env, Bounds::Data(Data::new()))?.value(value)
}

/// A value as the input of an operation.
pub fn input(env: &Env, value: Unknown<'_>) -> Result<Value, Unreadable> {
    Walk::new(env, Bounds::Input { depth: 0 })?.value(value)
}

/// A string; a lone surrogate has no UTF-8.
pub fn text(value: Unknown<'_>) -> Result<String, Unreadable> {
    let string = String::from_unknown(value)?;
    // Node-API writes U+FFFD for a lone surrogate, so only such a string needs a second look.
    if string.contains('\u{fffd}') {
        let units = JsString::from_unknown(value)?.into_utf16()?;
        if char::decode_utf16(units.as_slice().iter().copied()).any(|unit| unit.is_err()) {
            return Err(Error::new(ErrorCode::MalformedSurrogate, "a string with a lone surrogate").into());
        }
    }
    Ok(string)
}

impl<'env> Walk<'env> {
    fn new(env: &'env Env, bounds: Bounds) -> napi::Result<Self> {
        let helpers = env.get_instance_data::<Helpers>()?;
        let helpers = helpers.ok_or_else(|| napi::Error::from_reason("the package has not prepared this addon"))?;
        Ok(Walk { entries_of: helpers.entries_of.borrow_back(env)?, bounds })
    }

    fn value(&mut self, value: Unknown<'_>) -> Result<Value, Unreadable> {
        let bounds = &mut self.bounds;
        Ok(match value.get_type()? {
            ValueType::Null => bounds.leaf(Data::null)?,
            ValueType::Boolean => {
                let truth = bool::from_unknown(value)?;
                bounds.leaf(|data| data.boolean(truth))?
            }
            ValueType::Number => {
                let number = f64::from_unknown(value)?;
                bounds.leaf(|data| data.number(number))?
            }
            ValueType::String => {
                let string = text(value)?;
                match bounds {
                    Bounds::Data(data) => data.text(&string)?,
                    Bounds::Input { .. } => Value::from(string),
                }
            }
            ValueType::BigInt => {
                // Lossy conversions keep the low bits; what they lose is beyond every limit.
                let (integer, lossless) = BigInt::from_unknown(value)?.get_i128();
                bounds.leaf(|data| data.integer(if lossless { integer } else { i128::MAX }))?
            }
            ValueType::Object => return self.object(value),
            other => return Err(unknown(&format!("{other}").to_lowercase()).into()),
        })
    }

    fn object(&mut self, value: Unknown<'_>) -> Result<Value, Unreadable> {
        self.bounds.enter()?;
        let is_array = value.is_array()?;
        let entries = self.entries(value)?;
        let value = if is_array { self.items(&entries)? } else { self.members(&entries)? };
        self.bounds.leave();
        Ok(value)
    }

    fn entries(&self, value: Unknown<'_>) -> Result<Array<'env>, Unreadable> {
        let answer = self.entries_of.call((value,).into())?;
        match answer.get_type()? {
            ValueType::String => Err(unknown(&String::from_unknown(answer)?).into()),
            _ => Ok(Array::from_unknown(answer)?),
        }
    }

    fn items(&mut self, entries: &Array<'_>) -> Result<Value, Unreadable> {
        let mut items = Vec::with_capacity(entries.len() as usize);
        for at in 0..entries.len() {
            items.push(self.value(element(entries, at)?)?);
        }
        Ok(Value::from(items))
    }

    fn members(&mut self, entries: &Array<'_>) -> Result<Value, Unreadable> {
        let mut members = Vec::with_capacity(entries.len() as usize / 2);
        for at in (0..entries.len()).step_by(2) {
            let name = text(element(entries, at)?)?;
            if let Bounds::Data(data) = &mut self.bounds {
                data.name(&name)?;
            }
            let value = self.value(element(entries, at + 1)?)?;
            members.push(Member { name, name_span: Span::default(), value });
        }
        Ok(Value { span: Span::default(), kind: Kind::Object(members) })
    }
}

fn element<'a>(entries: &Array<'a>, at: u32) -> Result<Unknown<'a>, Unreadable> {
    entries.get::<Unknown<'a>>(at)?.ok_or_else(|| unknown("undefined").into())
}

fn unknown(what: &str) -> Error {
    Data::new().unknown(what)
}
