//! Values of Python as JSON, and back.
//!
//! Only what JSON has is taken: None, bool, int, float, str, list, tuple and dict with str keys.
//! A subclass counts as the value that it holds, so that no code of it runs here.

use crate::error::exception;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use talos_shared::contracts::json::{self, Kind, Limits, Profile, RFC8785_DEPTH, Value};
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::sdk::Data;

/// The JSON value of an object, under the limits of user data.
pub fn to_json(object: &Bound<'_, PyAny>) -> Result<Value, Error> {
    convert(&mut Data::new(), object)
}

fn convert(data: &mut Data, object: &Bound<'_, PyAny>) -> Result<Value, Error> {
    if object.is_none() {
        data.null()
    } else if let Ok(text) = object.cast::<PyString>() {
        data.text(text_of(text)?)
    } else if let Ok(truth) = object.cast::<PyBool>() {
        data.boolean(truth.is_true())
    } else if let Ok(integer) = object.cast::<PyInt>() {
        // Beyond 128 bits it is beyond every limit, and Data says so.
        data.integer(integer.extract::<i64>().map_or_else(|_| integer.extract().unwrap_or(i128::MAX), i128::from))
    } else if let Ok(number) = object.cast::<PyFloat>() {
        data.number(number.value())
    } else if let Ok(dict) = object.cast::<PyDict>() {
        object_of(data, dict)
    } else if let Ok(list) = object.cast::<PyList>() {
        array_of(data, list.iter())
    } else if let Ok(tuple) = object.cast::<PyTuple>() {
        array_of(data, tuple.iter())
    } else {
        let name = object.get_type().name().map_or_else(|_| "?".to_owned(), |name| name.to_string());
        Err(data.unknown(&format!("an object of type {name}")))
    }
}

fn text_of<'a>(text: &'a Bound<'_, PyString>) -> Result<&'a str, Error> {
    text.to_str().map_err(|_| Error::new(ErrorCode::MalformedSurrogate, "a string with a lone surrogate"))
}

fn array_of<'py>(data: &mut Data, items: impl Iterator<Item = Bound<'py, PyAny>>) -> Result<Value, Error> {
    data.enter()?;
    let items = items.map(|item| convert(data, &item)).collect::<Result<Vec<_>, _>>()?;
    data.leave();
    Ok(Kind::Array(items).into())
}

fn object_of(data: &mut Data, dict: &Bound<'_, PyDict>) -> Result<Value, Error> {
    data.enter()?;
    let mut members = Vec::with_capacity(dict.len());
    for (name, value) in dict.iter() {
        let name =
            name.cast::<PyString>().map_err(|_| data.unknown("an object with a member name that is no string"))?;
        members.push((data.name(text_of(name)?)?, convert(data, &value)?));
    }
    data.leave();
    Ok(Value::object(members))
}

/// The input of an operation, as canonical JSON.
pub fn input_text(object: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let value = convert(&mut Data::of_input(), object).map_err(|error| exception(object.py(), &error))?;
    Ok(json::canonical(&value))
}

/// The input of an operation, by its contract.
pub fn input<T>(object: &Bound<'_, PyAny>, read: fn(&Value) -> Result<T, Error>) -> PyResult<T> {
    to_json(object).and_then(|value| read(&value)).map_err(|error| exception(object.py(), &error))
}

/// The object of Python for a canonical text that the kernel wrote.
pub fn output<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let limits = Limits { depth: RFC8785_DEPTH, bytes: u32::MAX as usize };
    let value = json::parse_with(text, Profile::Rfc8785, limits).map_err(|error| exception(py, &error))?;
    to_python(py, &value)
}

/// The object of Python for a JSON value.
pub fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match &value.kind {
        Kind::Null => py.None().into_bound(py),
        Kind::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        Kind::Integer(integer) => integer.into_pyobject(py)?.into_any(),
        // What the canonical form writes as an integer is one to every reader of it.
        Kind::Float(number) if number.fract() == 0.0 && number.abs() < 1e21 => {
            (*number as i128).into_pyobject(py)?.into_any()
        }
        Kind::Float(number) => PyFloat::new(py, *number).into_any(),
        Kind::String(text) => PyString::new(py, text).into_any(),
        Kind::Array(items) => {
            let items = items.iter().map(|item| to_python(py, item)).collect::<PyResult<Vec<_>>>()?;
            PyList::new(py, items)?.into_any()
        }
        Kind::Object(members) => {
            let dict = PyDict::new(py);
            for member in members {
                dict.set_item(PyString::new(py, &member.name), to_python(py, &member.value)?)?;
            }
            dict.into_any()
        }
    })
}
