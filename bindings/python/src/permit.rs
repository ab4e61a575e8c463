//! The right to run one call, once.

use crate::decision::Decision;
use crate::error::exception;
use crate::soon::{future, wait};
use crate::value::{input, to_json};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;
use std::sync::Arc;
use talos_shared::contracts::{self, Amount, Error, ErrorCode, Outcome, OutcomeStatus, PermitState};
use talos_shared::kernel::Durable;
use talos_shared::sdk::{self, Soon};

/// A permit. Start it, run the action, settle it. Dropped before that, it is released, or settled as unknown.
#[pyclass(frozen, module = "talos")]
pub struct Permit {
    pub inner: sdk::Permit,
    pub told: Arc<contracts::Decision>,
}

/// Where an outcome stands in the log, if that is known yet.
pub type Recorded = Soon<Result<Option<Durable>, Error>>;

/// Gives up the lock of the interpreter for work of the kernel.
pub fn outside<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T, Error> + Send) -> PyResult<T> {
    py.detach(work).map_err(|error| exception(py, &error))
}

/// Where a receipt stands in the log.
pub fn place<'py>(py: Python<'py>, durable: &Durable) -> PyResult<Bound<'py, PyDict>> {
    let place = PyDict::new(py);
    place.set_item("receipt_id", durable.receipt_id.to_b64())?;
    place.set_item("index", durable.index)?;
    Ok(place)
}

fn placed(py: Python<'_>, durable: Option<Durable>) -> PyResult<Py<PyAny>> {
    durable.map_or_else(|| Ok(py.None()), |durable| Ok(place(py, &durable)?.into_any().unbind()))
}

/// How a call ended, by the arguments of `settle`. A result that is no JSON value is left out.
pub fn outcome(status: &str, result: Option<&Bound<'_, PyAny>>) -> Result<Outcome, Error> {
    let status = OutcomeStatus::parse(status).ok_or_else(|| {
        let words: Vec<_> = OutcomeStatus::ALL.iter().map(|status| status.as_str()).collect();
        Error::new(ErrorCode::MalformedValue, format!("status is {status:?}, not one of {}", words.join(", ")))
    })?;
    let result = result.and_then(|result| to_json(result).ok());
    Ok(Outcome { result, ..ended(status) })
}

/// An outcome of which nothing else is known.
pub fn ended(status: OutcomeStatus) -> Outcome {
    Outcome { status, result: None, tokens: None, amount: None, confidence_bp: None, session: None }
}

/// Which status an exception stands for: cancelled or error.
fn status_of<'py>(error: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    static STATUS_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    STATUS_OF.import(error.py(), "talos._context", "status_of")?.call1((error,))
}

impl Permit {
    fn settled(&self, py: Python<'_>, outcome: Outcome) -> PyResult<Recorded> {
        outside(py, || self.inner.settle(&outcome))
    }

    /// The outcome of a `with` block; none where the block has settled or released the permit.
    fn outcome_of_block(&self, error: &Bound<'_, PyAny>) -> PyResult<Option<Outcome>> {
        let py = error.py();
        if outside(py, || self.inner.state())? != PermitState::Started {
            return Ok(None);
        }
        let status = if error.is_none() { "ok".to_owned() } else { status_of(error)?.extract()? };
        outcome(&status, None).map(Some).map_err(|error| exception(py, &error))
    }

    fn begin_block(&self, py: Python<'_>) -> PyResult<Soon<Result<(), Error>>> {
        outside(py, || self.inner.start())
    }
}

#[pymethods]
impl Permit {
    /// The call that may be run.
    #[getter]
    fn call(&self) -> &str {
        self.inner.call()
    }

    /// The decision that gave the permit.
    #[getter]
    fn decision(&self) -> Decision {
        Decision { told: Arc::clone(&self.told), permit: Some(self.inner.clone()) }
    }

    /// issued, started, settled, released or expired.
    #[getter]
    fn state(&self, py: Python<'_>) -> PyResult<&'static str> {
        Ok(outside(py, || self.inner.state())?.as_str())
    }

    /// Starts the call; the action may run only after this. Blocks for the disk where the effect demands it.
    fn start(&self, py: Python<'_>) -> PyResult<()> {
        wait(py, self.begin_block(py)?)
    }

    /// `start` for asyncio.
    #[pyo3(signature = () -> "asyncio.Future[None]")]
    fn start_async<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        future(py, self.begin_block(py)?, |py, ()| Ok(py.None()))
    }

    /// Records how the call ended, and says where in the log that stands; None if that is not known yet.
    #[pyo3(signature = (status: "str" = "ok", *, result: "object" = None, tokens: "int | None" = None, amount: "dict[str, object] | None" = None, confidence_bp: "int | None" = None) -> "dict[str, object] | None")]
    fn settle<'py>(
        &self,
        py: Python<'py>,
        status: &str,
        result: Option<&Bound<'py, PyAny>>,
        tokens: Option<u64>,
        amount: Option<&Bound<'py, PyAny>>,
        confidence_bp: Option<u64>,
    ) -> PyResult<Py<PyAny>> {
        let outcome = full_outcome(py, status, result, tokens, amount, confidence_bp)?;
        placed(py, wait(py, self.settled(py, outcome)?)?)
    }

    /// `settle` for asyncio.
    #[pyo3(signature = (status: "str" = "ok", *, result: "object" = None, tokens: "int | None" = None, amount: "dict[str, object] | None" = None, confidence_bp: "int | None" = None) -> "asyncio.Future[dict[str, object] | None]")]
    fn settle_async<'py>(
        &self,
        py: Python<'py>,
        status: &str,
        result: Option<&Bound<'py, PyAny>>,
        tokens: Option<u64>,
        amount: Option<&Bound<'py, PyAny>>,
        confidence_bp: Option<u64>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let outcome = full_outcome(py, status, result, tokens, amount, confidence_bp)?;
        future(py, self.settled(py, outcome)?, placed)
    }

    /// Gives the permit back: the action did not run.
    #[pyo3(signature = () -> "dict[str, object] | None")]
    fn release<'py>(&self, py: Python<'py>) -> PyResult<Py<PyAny>> {
        placed(py, wait(py, outside(py, || self.inner.release())?)?)
    }

    /// `release` for asyncio.
    #[pyo3(signature = () -> "asyncio.Future[dict[str, object] | None]")]
    fn release_async<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        future(py, outside(py, || self.inner.release())?, placed)
    }

    fn __enter__(slf: Bound<'_, Self>) -> PyResult<Bound<'_, Self>> {
        slf.get().start(slf.py())?;
        Ok(slf)
    }

    #[pyo3(signature = (kind: "type[BaseException] | None", error: "BaseException | None", trace: "object"))]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: &Bound<'_, PyAny>,
        error: &Bound<'_, PyAny>,
        trace: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let _ = (kind, trace);
        match self.outcome_of_block(error)? {
            Some(outcome) => wait(py, self.settled(py, outcome)?).map(|_| ()),
            None => Ok(()),
        }
    }

    #[pyo3(signature = () -> "asyncio.Future[Permit]")]
    fn __aenter__<'py>(slf: Bound<'py, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let permit = slf.clone().unbind();
        future(py, slf.get().begin_block(py)?, |_, ()| Ok(permit.into_any()))
    }

    #[pyo3(signature = (kind: "type[BaseException] | None", error: "BaseException | None", trace: "object") -> "asyncio.Future[None]")]
    fn __aexit__<'py>(
        &self,
        py: Python<'py>,
        kind: &Bound<'py, PyAny>,
        error: &Bound<'py, PyAny>,
        trace: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let _ = (kind, trace);
        let recorded = match self.outcome_of_block(error)? {
            Some(outcome) => self.settled(py, outcome)?,
            None => Soon::Now(Ok(None)),
        };
        future(py, recorded, |py, _| Ok(py.None()))
    }

    fn __repr__(&self) -> String {
        format!("<talos.Permit call={}>", self.inner.call())
    }
}

fn full_outcome(
    py: Python<'_>,
    status: &str,
    result: Option<&Bound<'_, PyAny>>,
    tokens: Option<u64>,
    amount: Option<&Bound<'_, PyAny>>,
    confidence_bp: Option<u64>,
) -> PyResult<Outcome> {
    let amount = amount.map(|amount| input(amount, Amount::read)).transpose()?;
    let outcome = outcome(status, result).map_err(|error| exception(py, &error))?;
    Ok(Outcome { tokens, amount, confidence_bp, ..outcome })
}
