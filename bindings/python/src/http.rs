//! What stands before an HTTP application, for `talos.fastapi`.

use crate::door::bytes_of;
use crate::error::exception;
use crate::permit::{outside, place};
use crate::run::{Run, word};
use crate::soon::future;
use crate::value::{output, to_json, to_python};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{Effect, Error, ErrorCode, OutcomeStatus};
use talos_shared::kernel::Durable;
use talos_shared::sdk::Soon;
use talos_shared::sdk::http::{self, Admission, ApprovalsPath, Callers};

/// Admits the requests of one application, and refuses them.
#[pyclass(frozen, module = "talos._native")]
pub struct Front {
    inner: http::Front,
}

/// The arguments of a request, or why it has none.
#[pyclass(frozen, module = "talos._native")]
pub struct Request {
    arguments: Result<Value, Error>,
}

/// A request that was admitted.
#[pyclass(frozen, module = "talos._native")]
pub struct Entry {
    inner: http::Entry,
}

/// The answer to a request that was refused.
#[pyclass(frozen, module = "talos._native")]
pub struct Refusal {
    inner: http::Refusal,
}

/// `keys` are pairs of name and key. Without them the header names the caller; without both the host does.
fn callers(keys: Option<&Bound<'_, PyAny>>, header: Option<&str>) -> PyResult<Option<Callers>> {
    let Some(header) = header else { return Ok(None) };
    let Some(keys) = keys else { return Callers::behind_proxy(header).map(Some).map_err(|error| raise(&error)) };
    let pairs = keys.try_iter()?.map(|pair| pair?.extract::<(String, Bound<'_, PyAny>)>());
    let pairs = pairs.collect::<PyResult<Vec<_>>>()?;
    let named = pairs.iter().map(|(name, key)| Ok((name.as_str(), bytes_of(key)?))).collect::<PyResult<Vec<_>>>()?;
    let keys = named.iter().map(|(name, key)| (*name, key.as_ref()));
    Callers::with_keys(header, keys).map(Some).map_err(|error| raise(&error))
}

fn approvals_path(path: Option<&str>) -> PyResult<Option<ApprovalsPath>> {
    path.map(ApprovalsPath::new).transpose().map_err(|error| raise(&error))
}

fn raise(error: &Error) -> PyErr {
    Python::attach(|py| exception(py, error))
}

#[pymethods]
impl Front {
    /// Stands before an application whose requests are actions of this run.
    #[new]
    #[pyo3(signature = (run, keys: "object", header: "str | None", approvals: "str | None"))]
    fn new(
        run: &Bound<'_, Run>,
        keys: Option<&Bound<'_, PyAny>>,
        header: Option<&str>,
        approvals: Option<&str>,
    ) -> PyResult<Self> {
        let (callers, approvals) = (callers(keys, header)?, approvals_path(approvals)?);
        Ok(Front { inner: http::Front::new(run.get().inner.clone(), callers, approvals) })
    }

    /// Checks what it would be given beside the run.
    #[staticmethod]
    #[pyo3(signature = (keys: "object", header: "str | None", approvals: "str | None"))]
    fn check(keys: Option<&Bound<'_, PyAny>>, header: Option<&str>, approvals: Option<&str>) -> PyResult<()> {
        callers(keys, header)?;
        approvals_path(approvals).map(|_| ())
    }

    /// Where a caller's request for approval stands, as JSON, or why they are not told. Reads the store.
    #[pyo3(signature = (caller, approval, /) -> "bytes | Refusal")]
    fn approval<'py>(&self, py: Python<'py>, caller: Option<&str>, approval: &str) -> PyResult<Bound<'py, PyAny>> {
        match outside(py, || Ok(self.inner.approval(caller, approval)))? {
            Ok(found) => Ok(PyBytes::new(py, &found).into_any()),
            Err(inner) => Ok(Bound::new(py, Refusal { inner })?.into_any()),
        }
    }

    /// The caller, from all values of the header.
    #[pyo3(signature = (values: "list[bytes]", /))]
    fn identify(&self, values: Vec<Bound<'_, PyBytes>>) -> Option<String> {
        let values: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
        self.inner.callers()?.identify(&values).map(str::to_owned)
    }

    /// Decides on a request and starts it: a future of an Entry or a Refusal. `described` holds what the kernel is
    /// told in place of the arguments.
    #[pyo3(signature = (caller, tool, effect, request, described = None) -> "asyncio.Future[Entry | Refusal]")]
    fn admit_async<'py>(
        &self,
        py: Python<'py>,
        caller: &str,
        tool: &str,
        effect: Option<&str>,
        request: &Bound<'py, Request>,
        described: Option<(Bound<'py, PyAny>,)>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let effect = effect.map(|effect| word("effect", effect, Effect::parse)).transpose();
        let effect = effect.map_err(|error| exception(py, &error))?;
        let arguments = described.map_or_else(|| request.get().arguments.clone(), |(value,)| to_json(&value));
        let soon = outside(py, || Ok(self.inner.admit(caller, tool, effect, arguments)))?;
        future(py, soon.map(Ok), |py, admission| {
            Ok(match admission {
                Admission::Entered(inner) => Py::new(py, Entry { inner })?.into_any(),
                Admission::Refused(inner) => Py::new(py, Refusal { inner })?.into_any(),
            })
        })
    }

    /// Refuses a request by an error code: a future of the Refusal.
    #[pyo3(signature = (caller, tool, code, /) -> "asyncio.Future[Refusal]")]
    fn refuse_async<'py>(
        &self,
        py: Python<'py>,
        caller: Option<&str>,
        tool: &str,
        code: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let code = word("code", code, ErrorCode::parse).map_err(|error| exception(py, &error))?;
        let soon = outside(py, || Ok(self.inner.refuse(caller, tool, &code.into())))?;
        future(py, soon.map(Ok), |py, inner| Ok(Py::new(py, Refusal { inner })?.into_any()))
    }
}

#[pymethods]
impl Request {
    /// Reads the arguments of a request. What cannot be read is refused when the request is.
    #[new]
    #[pyo3(signature = (path: "dict[str, object]", query: "bytes", content_types: "list[bytes]", content_codings: "list[bytes]", body: "bytes | bytearray | memoryview"))]
    fn new(
        path: &Bound<'_, PyAny>,
        query: &[u8],
        content_types: Vec<Bound<'_, PyBytes>>,
        content_codings: Vec<Bound<'_, PyBytes>>,
        body: &Bound<'_, PyAny>,
    ) -> PyResult<Self> {
        let body = bytes_of(body)?;
        let bytes = |values: &[Bound<'_, PyBytes>]| values.iter().map(|value| value.as_bytes().to_vec()).collect();
        let (types, codings): (Vec<Vec<u8>>, Vec<Vec<u8>>) = (bytes(&content_types), bytes(&content_codings));
        let arguments = to_json(path).and_then(|path| {
            let content_types = types.iter().map(Vec::as_slice).collect();
            let content_codings = codings.iter().map(Vec::as_slice).collect();
            http::Request { path, query, content_types, content_codings, body: &body }.arguments()
        });
        Ok(Request { arguments })
    }

    /// The arguments; None where they cannot be read.
    #[getter]
    fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.arguments.as_ref().ok().map(|arguments| to_python(py, arguments)).transpose()
    }
}

fn told<'py, T: Send + 'static>(
    py: Python<'py>,
    soon: Soon<Result<T, http::Refusal>>,
    shape: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>> {
    future(py, soon.map(Ok), |py, result| match result {
        Ok(found) => shape(py, found),
        Err(inner) => Ok(Py::new(py, Refusal { inner })?.into_any()),
    })
}

fn placed(py: Python<'_>, durable: Option<Durable>) -> PyResult<Py<PyAny>> {
    durable.map_or_else(|| Ok(py.None()), |durable| Ok(place(py, &durable)?.into_any().unbind()))
}

#[pymethods]
impl Entry {
    /// The id of the call.
    #[getter]
    fn call(&self) -> &str {
        self.inner.call()
    }

    /// The effect that was decided on.
    #[getter]
    fn effect(&self) -> &'static str {
        self.inner.decision.effect.as_str()
    }

    /// The decision, as the contract has it.
    #[pyo3(signature = () -> "dict[str, object]")]
    fn decision<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        output(py, &self.inner.decision.canonical())
    }

    /// A future of the decision's receipt, or of the Refusal that leaves where there can be none.
    #[pyo3(signature = () -> "asyncio.Future[str | Refusal]")]
    fn receipt_async<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        told(py, self.inner.receipt(), |py, id| Ok(id.to_b64().into_pyobject(py)?.into_any().unbind()))
    }

    /// Records the status of the response: a future of the outcome's place in the log, of None where that is not known
    /// yet, or of the Refusal that leaves where the outcome cannot be recorded.
    #[pyo3(signature = (status, /) -> "asyncio.Future[dict[str, object] | None | Refusal]")]
    fn answered_async<'py>(&self, py: Python<'py>, status: u16) -> PyResult<Bound<'py, PyAny>> {
        let soon = outside(py, || Ok(self.inner.answered(status)))?;
        told(py, soon, placed)
    }

    /// Records that there was no whole response: error or cancelled. Waits for nothing.
    fn ended_now(&self, py: Python<'_>, status: &str) -> PyResult<()> {
        let status = word("status", status, OutcomeStatus::parse).map_err(|error| exception(py, &error))?;
        // If it cannot be recorded, there is nobody to tell: it is a gap at the worst.
        py.detach(|| drop(self.inner.ended(status)));
        Ok(())
    }
}

#[pymethods]
impl Refusal {
    /// Status of the response.
    #[getter]
    fn status(&self) -> u16 {
        self.inner.status
    }

    /// The problem document (RFC 9457).
    #[getter]
    fn problem(&self) -> &[u8] {
        &self.inner.problem
    }

    /// Id of the receipt, unless it could not be written.
    #[getter]
    fn receipt_id(&self) -> Option<String> {
        self.inner.receipt_id.map(|id| id.to_b64())
    }

    /// `WWW-Authenticate`
    #[getter]
    fn challenge(&self) -> Option<&str> {
        self.inner.challenge.as_deref()
    }

    /// `Location`, of what waits for people.
    #[getter]
    fn location(&self) -> Option<&str> {
        self.inner.location.as_deref()
    }
}
