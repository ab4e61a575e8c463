//! The answer to an action.

use crate::error::denial;
use crate::permit::Permit;
use crate::value::output;
use pyo3::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use talos_shared::contracts::{self, Error, ErrorCode, Verdict};
use talos_shared::sdk;

/// The answer to an action: a denial is a value like any other.
#[pyclass(frozen, module = "talos")]
pub struct Decision {
    pub told: Arc<contracts::Decision>,
    pub permit: Option<sdk::Permit>,
}

impl Decision {
    pub fn new(decision: contracts::Decision, permit: Option<sdk::Permit>) -> Self {
        Decision { told: Arc::new(decision), permit }
    }

    fn weightiest(&self) -> Option<&contracts::DecisionReason> {
        self.told.reasons.first()
    }

    /// The exception for an action that may not run.
    pub fn to_error(&self, py: Python<'_>) -> PyErr {
        let error = match self.weightiest() {
            Some(reason) => Error::new(reason.code, reason.message.clone()),
            // Allowed, but by a permit that was used up before.
            None => ErrorCode::CallState.into(),
        };
        denial(py, &error, &self.told)
    }
}

#[pymethods]
impl Decision {
    /// allow, transform, needs_approval or deny.
    #[getter]
    fn verdict(&self) -> &'static str {
        self.told.verdict.as_str()
    }

    /// Whether the action may run.
    #[getter]
    fn allowed(&self) -> bool {
        matches!(self.told.verdict, Verdict::Allow | Verdict::Transform)
    }

    /// The effect that was decided on.
    #[getter]
    fn effect(&self) -> &'static str {
        self.told.effect.as_str()
    }

    /// Why, sorted by stage and code.
    #[getter]
    fn reasons<'py>(&self, py: Python<'py>) -> PyResult<Vec<BTreeMap<String, Bound<'py, PyAny>>>> {
        self.to_dict(py)?.get_item("reasons")?.extract()
    }

    /// The code of the weightiest reason.
    #[getter]
    fn code(&self) -> Option<&'static str> {
        self.weightiest().map(|reason| reason.code.as_str())
    }

    /// The call that it is about.
    #[getter]
    fn call(&self) -> &str {
        &self.told.call
    }

    /// The id of the decision, valid before its receipt is on disk.
    #[getter]
    fn decision_id(&self) -> &str {
        &self.told.decision_id
    }

    /// Name and hash of the policy that decided.
    #[getter]
    fn policy(&self) -> BTreeMap<&'static str, String> {
        BTreeMap::from([("id", self.told.policy.id.clone()), ("hash", self.told.policy.hash.to_b64())])
    }

    /// The permit, if the action may be started.
    #[getter]
    pub fn permit(&self) -> Option<Permit> {
        self.permit.clone().map(|inner| Permit { inner, told: Arc::clone(&self.told) })
    }

    /// The id of the receipt, once it is on disk.
    #[getter]
    fn receipt_id(&self) -> Option<String> {
        self.told.receipt_id.map(|id| id.to_b64())
    }

    /// The place of the receipt in the log, once it is on disk.
    #[getter]
    fn index(&self) -> Option<u64> {
        self.told.index
    }

    /// The decision as the contract has it.
    #[pyo3(signature = () -> "dict[str, object]")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        output(py, &self.told.canonical())
    }

    fn __repr__(&self) -> String {
        let code = self.weightiest().map(|reason| format!(" {}", reason.code.as_str())).unwrap_or_default();
        format!("<talos.Decision {}{code} call={}>", self.told.verdict.as_str(), self.told.call)
    }

    /// Copies and pickles are the plain data: a permit belongs to the process that got it.
    #[pyo3(signature = () -> "tuple[object, ...]")]
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        Ok((py.get_type::<Decision>().getattr("from_dict")?, (self.to_dict(py)?,)))
    }

    /// A decision without its permit, from what `to_dict` gave.
    #[staticmethod]
    #[pyo3(signature = (decision: "dict[str, object]", /))]
    fn from_dict(decision: &Bound<'_, PyAny>) -> PyResult<Self> {
        crate::value::input(decision, contracts::Decision::read).map(|decision| Decision::new(decision, None))
    }
}
