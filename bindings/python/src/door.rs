//! The generic door: an operation by its id, JSON in and JSON out.

use crate::error::exception;
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::borrow::Cow;
use talos_shared::contracts::{Error, ErrorCode};

/// Below this many bytes of input the lock of the interpreter is kept: giving it up costs more than the work.
const SHORT: usize = 256;

/// The bytes of a str, or of anything with the buffer protocol, whatever its memory looks like.
pub fn bytes_of<'a>(input: &'a Bound<'_, PyAny>) -> PyResult<Cow<'a, [u8]>> {
    if let Ok(bytes) = input.cast::<PyBytes>() {
        return Ok(Cow::Borrowed(bytes.as_bytes()));
    }
    if let Ok(text) = input.cast::<PyString>() {
        let lone =
            |_| exception(input.py(), &Error::new(ErrorCode::MalformedSurrogate, "a text with a lone surrogate"));
        return text.to_str().map(|text| Cow::Borrowed(text.as_bytes())).map_err(lone);
    }
    let wrong = |_| PyTypeError::new_err("a str or a buffer of bytes is needed");
    let buffer = PyBuffer::<u8>::get(input).map_err(wrong)?;
    buffer.to_vec(input.py()).map(Cow::Owned)
}

/// Runs a pure operation on one JSON text and gives its output as canonical JSON.
#[pyfunction]
#[pyo3(signature = (operation: "str", input: "str | collections.abc.Buffer", /) -> "bytes")]
pub fn call<'py>(operation: &str, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let py = input.py();
    let bytes = bytes_of(input)?;
    let output = if bytes.len() <= SHORT {
        talos_shared::call(operation, &bytes)
    } else {
        py.detach(|| talos_shared::call(operation, &bytes))
    };
    output.map(|output| PyBytes::new(py, &output)).map_err(|error| exception(py, &error))
}
