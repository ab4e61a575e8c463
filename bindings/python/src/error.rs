//! Errors of the kernel as exceptions of the package.

use crate::value::{output, to_python};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use talos_shared::contracts::{Decision, Error};

/// The exception of the package for this error: `talos._generated.errors.error_of`.
pub fn exception(py: Python<'_>, error: &Error) -> PyErr {
    make(py, error, None).unwrap_or_else(|failure| failure)
}

/// The same, with the decision that it stands for and its receipt.
pub fn denial(py: Python<'_>, error: &Error, decision: &Decision) -> PyErr {
    make(py, error, Some(decision)).unwrap_or_else(|failure| failure)
}

fn make(py: Python<'_>, error: &Error, decision: Option<&Decision>) -> PyResult<PyErr> {
    static ERROR_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let error_of = ERROR_OF.import(py, "talos._generated.errors", "error_of")?;
    let problem = to_python(py, &error.to_problem())?;
    let Some(decision) = decision else { return Ok(PyErr::from_value(error_of.call1((problem,))?)) };
    let named = PyDict::new(py);
    named.set_item("decision", output(py, &decision.canonical())?)?;
    Ok(PyErr::from_value(error_of.call((problem,), Some(&named))?))
}
