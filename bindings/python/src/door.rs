//! The generic door: an operation by its id, JSON in and JSON out.

use crate::error::exception;
use crate::permit::outside;
use crate::value::{input_text, output};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use std::borrow::Cow;
use talos_shared::contracts::scalar::{decode_b64url, encode_b64url};
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::sdk;

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

/// A generic door: every operation by its id, JSON in and JSON out. It opens one kernel at a time.
#[pyclass(frozen, module = "talos")]
#[derive(Default)]
pub struct Door {
    inner: sdk::Door,
}

#[pymethods]
impl Door {
    #[new]
    fn new() -> Self {
        Door::default()
    }

    /// Runs an operation on one JSON text and gives its output as canonical JSON. Blocks where the operation waits for the disk.
    #[pyo3(signature = (operation: "str", input: "str | bytes | bytearray | memoryview", /))]
    fn call<'py>(&self, operation: &str, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let (py, bytes) = (input.py(), bytes_of(input)?);
        let output = outside(py, || self.inner.call(operation, &bytes))?;
        Ok(PyBytes::new(py, &output))
    }

    /// The same with objects for JSON.
    #[pyo3(signature = (operation: "str", input: "object", /) -> "dict[str, object]")]
    fn invoke<'py>(&self, operation: &str, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let py = input.py();
        let input = input_text(input)?;
        output(py, &outside(py, || self.inner.call(operation, &input))?)
    }

    /// One answer for one line, whatever it holds: the output, or the problem document.
    #[pyo3(signature = (operation: "str", line: "str | bytes | bytearray | memoryview", /))]
    fn call_line<'py>(&self, operation: &str, line: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let (py, bytes) = (line.py(), bytes_of(line)?);
        Ok(PyBytes::new(py, &py.detach(|| self.inner.call_line(operation, &bytes))))
    }
}

/// The canonical JSON of an object.
#[pyfunction]
#[pyo3(signature = (value: "object", /))]
pub fn canonical<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(value.py(), &input_text(value)?))
}

/// Bytes as the contracts have them in JSON.
#[pyfunction]
#[pyo3(signature = (data: "bytes | bytearray | memoryview", /))]
pub fn packed(data: &Bound<'_, PyAny>) -> PyResult<String> {
    Ok(encode_b64url(&bytes_of(data)?))
}

/// The bytes that a text of the contracts stands for.
#[pyfunction]
#[pyo3(signature = (text, /))]
pub fn unpacked<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyBytes>> {
    let malformed = || exception(py, &Error::from(ErrorCode::MalformedBase64));
    decode_b64url(text).map(|bytes| PyBytes::new(py, &bytes)).ok_or_else(malformed)
}

/// Runs a pure operation on one JSON text and gives its output as canonical JSON.
#[pyfunction]
#[pyo3(signature = (operation: "str", input: "str | bytes | bytearray | memoryview", /))]
pub fn call<'py>(operation: &str, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let (py, bytes) = (input.py(), bytes_of(input)?);
    Ok(PyBytes::new(py, &pure(py, operation, &bytes)?))
}

/// The same with objects for JSON.
#[pyfunction]
#[pyo3(signature = (operation: "str", input: "object", /) -> "dict[str, object]")]
pub fn invoke<'py>(operation: &str, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = input.py();
    output(py, &pure(py, operation, &input_text(input)?)?)
}

/// One answer for one line, whatever it holds: the output, or the problem document.
#[pyfunction]
#[pyo3(signature = (operation: "str", line: "str | bytes | bytearray | memoryview", /))]
pub fn call_line<'py>(operation: &str, line: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
    let (py, bytes) = (line.py(), bytes_of(line)?);
    Ok(PyBytes::new(py, &py.detach(|| talos_shared::call_line(operation, &bytes))))
}

fn pure(py: Python<'_>, operation: &str, input: &[u8]) -> PyResult<Vec<u8>> {
    if input.len() > SHORT {
        return outside(py, || talos_shared::call(operation, input));
    }
    talos_shared::call(operation, input).map_err(|error| exception(py, &error))
}
