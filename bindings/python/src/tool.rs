//! A function behind the kernel.
//!
//! Whoever holds a [`Tool`] can have it begin a call; the function runs only inside a [`Call`], and a
//! call exists only when the kernel has authorised and started it.

use crate::decision::Decision;
use crate::error::{denial, exception};
use crate::permit::{Recorded, ended, outcome, outside};
use crate::run::{Run, word};
use crate::soon::{future, wait};
use crate::value::to_json;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use pyo3::{PyTraverseError, PyVisit};
use std::sync::atomic::{AtomicBool, Ordering};
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{self, Action, Effect, Error, ErrorCode, OutcomeStatus};
use talos_shared::sdk::{self, Asked, Begun, Soon, Started};

/// A function that runs only inside a call which the kernel has begun.
#[pyclass(frozen, module = "talos._native")]
pub struct Tool {
    function: Py<PyAny>,
    /// What the kernel is told of a call: maps its arguments to JSON.
    describe: Py<PyAny>,
    name: String,
    effect: Option<Effect>,
}

/// A call that was begun: run it once, then settle it.
#[pyclass(frozen, module = "talos._native")]
pub struct Call {
    tool: Py<Tool>,
    args: Py<PyTuple>,
    kwargs: Option<Py<PyDict>>,
    /// What was decided on.
    decided: Value,
    permit: sdk::Permit,
    decision: contracts::Decision,
    ran: AtomicBool,
    cancelled: AtomicBool,
}

/// Arguments of a call, on their way to it.
struct Asking {
    tool: Py<Tool>,
    args: Py<PyTuple>,
    kwargs: Option<Py<PyDict>>,
}

/// The kernel's answer, and the value that it was given.
enum Answer {
    Begun(Soon<Result<Begun, Error>>, Value),
    Refused(Soon<Result<Asked, Error>>),
}

impl Tool {
    fn described(
        &self,
        py: Python<'_>,
        args: &Py<PyTuple>,
        kwargs: Option<&Py<PyDict>>,
    ) -> PyResult<Result<Value, Error>> {
        let described = self.describe.bind(py).call(args.bind(py), kwargs.map(|kwargs| kwargs.bind(py)))?;
        Ok(to_json(&described))
    }

    /// Asks the kernel. Arguments that are no JSON are refused there, with a receipt.
    fn ask(&self, py: Python<'_>, run: &Run, args: &Py<PyTuple>, kwargs: Option<&Py<PyDict>>) -> PyResult<Answer> {
        let described = self.described(py, args, kwargs)?;
        let run = &run.inner;
        outside(py, || {
            let value = match described {
                Ok(value) => value,
                Err(error) => return run.refuse(None, &self.name, &error).map(Answer::Refused),
            };
            let decided = value.clone();
            let action = Action { effect: self.effect, args: Some(value), ..sdk::Run::tool_call(&self.name) };
            run.begin(action).map(|begun| Answer::Begun(begun, decided))
        })
    }
}

/// The call, or the denial as an exception.
fn call_of(py: Python<'_>, asking: Asking, begun: Begun, decided: Value) -> PyResult<Call> {
    let Asking { tool, args, kwargs } = asking;
    match begun {
        Begun::Started(Started { decision, permit }) => {
            let [ran, cancelled] = [AtomicBool::new(false), AtomicBool::new(false)];
            Ok(Call { tool, args, kwargs, decided, permit, decision, ran, cancelled })
        }
        Begun::Denied(decision) => Err(Decision::new(decision, None).to_error(py)),
    }
}

fn refused(py: Python<'_>, asked: Asked) -> PyErr {
    Decision::new(asked.decision, None).to_error(py)
}

#[pymethods]
impl Tool {
    /// `describe` is called as the function is, and says what the kernel is told of the arguments.
    #[new]
    #[pyo3(signature = (function: "object", describe: "object", name: "str", effect: "str | None"))]
    fn new(
        py: Python<'_>,
        function: Py<PyAny>,
        describe: Py<PyAny>,
        name: String,
        effect: Option<&str>,
    ) -> PyResult<Self> {
        let effect = effect.map(|effect| word("effect", effect, Effect::parse)).transpose();
        let effect = effect.map_err(|error| exception(py, &error))?;
        Ok(Tool { function, describe, name, effect })
    }

    /// Has the kernel authorise and start a call. Blocks for the disk where the effect demands it; raises what denies.
    #[pyo3(signature = (run: "Run", args: "tuple[object, ...]", kwargs: "dict[str, object] | None", /))]
    fn begin(
        slf: Bound<'_, Self>,
        run: &Bound<'_, Run>,
        args: Py<PyTuple>,
        kwargs: Option<Py<PyDict>>,
    ) -> PyResult<Call> {
        let py = slf.py();
        match slf.get().ask(py, run.get(), &args, kwargs.as_ref())? {
            Answer::Refused(soon) => Err(refused(py, wait(py, soon)?)),
            Answer::Begun(soon, decided) => {
                let begun = wait(py, soon)?;
                call_of(py, Asking { tool: slf.unbind(), args, kwargs }, begun, decided)
            }
        }
    }

    /// `begin` for asyncio: a future of the call.
    #[pyo3(signature = (run: "Run", args: "tuple[object, ...]", kwargs: "dict[str, object] | None", /) -> "asyncio.Future[Call]")]
    fn begin_async<'py>(
        slf: Bound<'py, Self>,
        run: &Bound<'py, Run>,
        args: Py<PyTuple>,
        kwargs: Option<Py<PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        match slf.get().ask(py, run.get(), &args, kwargs.as_ref())? {
            Answer::Refused(soon) => future(py, soon, |py, asked| Err(refused(py, asked))),
            Answer::Begun(soon, decided) => {
                let asking = Asking { tool: slf.unbind(), args, kwargs };
                future(py, soon, move |py, begun| Ok(Py::new(py, call_of(py, asking, begun, decided)?)?.into_any()))
            }
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.function)?;
        visit.call(&self.describe)
    }
}

impl Call {
    fn same_arguments(&self, py: Python<'_>) -> PyResult<bool> {
        // The lock of the interpreter was given up since, and a disk may have been waited for.
        let now = self.tool.get().described(py, &self.args, self.kwargs.as_ref())?;
        Ok(now.is_ok_and(|now| now == self.decided))
    }

    fn settled(&self, py: Python<'_>, status: &str, result: &Bound<'_, PyTuple>) -> PyResult<Recorded> {
        let result = result.get_item(0).ok();
        let outcome = outcome(status, result.as_ref()).map_err(|error| exception(py, &error))?;
        if self.cancelled.load(Ordering::Acquire) {
            return Ok(Soon::Now(Ok(None)));
        }
        outside(py, || self.permit.settle(&outcome))
    }

    /// Ends a call whose function will not run. Waits for nothing, and nothing else settles it.
    pub fn cancel(&self) {
        self.ran.store(true, Ordering::Release);
        self.cancelled.store(true, Ordering::Release);
        // If it cannot be recorded, the permit ends as unknown, and at the worst in a gap.
        let _ = self.permit.settle(&ended(OutcomeStatus::Cancelled));
    }
}

#[pymethods]
impl Call {
    /// Runs the function, once.
    #[pyo3(signature = () -> "Any")]
    fn run<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.ran.swap(true, Ordering::AcqRel) {
            return Err(exception(py, &Error::new(ErrorCode::CallState, "the call has run")));
        }
        if !self.same_arguments(py)? {
            self.cancel();
            let changed = "the arguments were changed after they were decided on";
            return Err(denial(py, &Error::new(ErrorCode::CallArgsMismatch, changed), &self.decision));
        }
        self.tool.get().function.bind(py).call(self.args.bind(py), self.kwargs.as_ref().map(|kwargs| kwargs.bind(py)))
    }

    /// Records how the call ended. Blocks for the disk unless the effect is read.
    #[pyo3(signature = (status: "str", *result: "object") -> "None")]
    fn settle<'py>(&self, py: Python<'py>, status: &str, result: &Bound<'py, PyTuple>) -> PyResult<()> {
        wait(py, self.settled(py, status, result)?).map(|_| ())
    }

    /// `settle` for asyncio.
    #[pyo3(signature = (status: "str", *result: "object") -> "asyncio.Future[None]")]
    fn settle_async<'py>(
        &self,
        py: Python<'py>,
        status: &str,
        result: &Bound<'py, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        future(py, self.settled(py, status, result)?, |py, _| Ok(py.None()))
    }

    /// Records how the call ended, without waiting for anything: for generators that nobody reads to their end.
    fn settle_now(&self, py: Python<'_>, status: &str) -> PyResult<()> {
        self.settled(py, status, &PyTuple::empty(py)).map(|_| ())
    }
}
