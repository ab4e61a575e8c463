//! Values of Python as JSON, and back.
//!
//! Only what JSON has is taken: None, bool, int, float, str, list, tuple and dict with str keys.
//! A subclass counts as the value that it holds, so that no code of it runs here.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyList, PyString};
use talos_shared::contracts::json::{Kind, Value};

/// The object of Python for a JSON value.
pub fn to_python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match &value.kind {
        Kind::Null => py.None().into_bound(py),
        Kind::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        Kind::Integer(integer) => integer.into_pyobject(py)?.into_any(),
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
