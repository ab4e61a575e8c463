//! Errors of the kernel as exceptions of the package.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use talos_shared::contracts::Error;

use crate::value::to_python;

/// The exception of the package for this error: `talos._generated.errors.error_of`.
pub fn exception(py: Python<'_>, error: &Error) -> PyErr {
    with_evidence(py, error, None, None)
}

/// The same, with the receipt and the decision that it came with.
pub fn with_evidence(py: Python<'_>, error: &Error, receipt_id: Option<String>, decision: Option<Py<PyAny>>) -> PyErr {
    make(py, error, receipt_id, decision).unwrap_or_else(|failure| failure)
}

fn make(py: Python<'_>, error: &Error, receipt_id: Option<String>, decision: Option<Py<PyAny>>) -> PyResult<PyErr> {
    static ERROR_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let error_of = ERROR_OF.import(py, "talos._generated.errors", "error_of")?;
    let exception = error_of.call1((to_python(py, &error.to_problem())?, receipt_id, decision))?;
    Ok(PyErr::from_value(exception))
}
