//! An open kernel.

use crate::door::bytes_of;
use crate::permit::outside;
use crate::value::{input, output};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use talos_shared::contracts::{AuditProveInput, Error, KernelOpenInput, ReceiptGetInput};
use talos_shared::sdk;

/// An open kernel. Its methods are the operations of the contracts, with their inputs and outputs.
#[pyclass(frozen, subclass, module = "talos._native")]
pub struct Kernel {
    pub inner: sdk::Kernel,
    door: sdk::Door,
}

impl Kernel {
    fn ask<'py>(
        &self,
        py: Python<'py>,
        work: impl FnOnce(&sdk::Kernel) -> Result<Vec<u8>, Error> + Send,
    ) -> PyResult<Bound<'py, PyAny>> {
        output(py, &outside(py, || work(&self.inner))?)
    }
}

#[pymethods]
impl Kernel {
    /// kernel.open
    #[new]
    #[pyo3(signature = (input: "dict[str, object]", /))]
    fn new(py: Python<'_>, #[pyo3(from_py_with = kernel_input)] input: KernelOpenInput) -> PyResult<Self> {
        let inner = outside(py, || sdk::Kernel::open(&input))?;
        Ok(Kernel { door: inner.clone().into(), inner })
    }

    /// kernel.describe
    #[pyo3(signature = () -> "dict[str, object]")]
    fn describe<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, |kernel| Ok(kernel.describe()?.canonical()))
    }

    /// kernel.identity: the DID of a named agent.
    #[pyo3(signature = (name, /))]
    fn did(&self, py: Python<'_>, name: &str) -> PyResult<String> {
        Ok(outside(py, || self.inner.identity(name))?.did)
    }

    /// receipt.get
    #[pyo3(signature = (input: "dict[str, object]", /) -> "dict[str, object]")]
    fn receipt<'py>(&self, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let wanted = crate::value::input(input, ReceiptGetInput::read)?;
        self.ask(input.py(), |kernel| Ok(kernel.receipt(&wanted)?.canonical()))
    }

    /// audit.prove: the text of the bundle.
    #[pyo3(signature = (input: "dict[str, object]", /))]
    fn prove<'py>(&self, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let wanted = crate::value::input(input, AuditProveInput::read)?;
        let py = input.py();
        Ok(PyBytes::new(py, &outside(py, || self.inner.prove(&wanted))?))
    }

    /// audit.checkpoint: the signed note.
    fn checkpoint(&self, py: Python<'_>) -> PyResult<String> {
        outside(py, || self.inner.checkpoint())
    }

    /// audit.verify_log
    #[pyo3(signature = () -> "dict[str, object]")]
    fn verify_log<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.ask(py, |kernel| Ok(kernel.verify_log()?.canonical()))
    }

    /// Any operation by its id, JSON in and JSON out, on this kernel. Runs that it opens stay behind this door.
    #[pyo3(signature = (operation: "str", input: "str | bytes | bytearray | memoryview", /))]
    fn call<'py>(&self, operation: &str, input: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyBytes>> {
        let (py, bytes) = (input.py(), bytes_of(input)?);
        Ok(PyBytes::new(py, &outside(py, || self.door.call(operation, &bytes))?))
    }

    /// Panics below, for tests: release builds do not have it.
    #[cfg(all(debug_assertions, not(feature = "stubs")))]
    fn _fault(&self, py: Python<'_>) -> PyResult<()> {
        outside(py, || self.inner.fault())
    }

    /// kernel.close: closes the runs that are still open, then the kernel. Blocks for their commits.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        outside(py, || self.inner.close())
    }
}

fn kernel_input(object: &Bound<'_, PyAny>) -> PyResult<KernelOpenInput> {
    input(object, KernelOpenInput::read)
}
