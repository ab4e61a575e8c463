//! Answers that wait for the disk: for threads, which block without the lock of the interpreter,
//! and for asyncio, whose loop is never blocked.

use crate::error::exception;
use crate::tool::Call;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use talos_shared::contracts::Error;
use talos_shared::sdk::Soon;

/// Blocks until the answer is there.
pub fn wait<T: Send + 'static>(py: Python<'_>, soon: Soon<Result<T, Error>>) -> PyResult<T> {
    let answer = match soon {
        Soon::Now(answer) => answer,
        later => py.detach(|| later.wait()),
    };
    answer.map_err(|error| exception(py, &error))
}

/// A future of the running loop, which gets what `shape` makes of the answer.
pub fn future<'py, T: Send + 'static>(
    py: Python<'py>,
    soon: Soon<Result<T, Error>>,
    shape: impl FnOnce(Python<'_>, T) -> PyResult<Py<PyAny>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>> {
    static RUNNING_LOOP: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let running = RUNNING_LOOP.import(py, "asyncio", "get_running_loop")?.call0()?;
    let future = running.call_method0("create_future")?;
    let shaped = move |py: Python<'_>, answer: Result<T, Error>| {
        answer.map_err(|error| exception(py, &error)).and_then(|answer| shape(py, answer))
    };
    match soon {
        Soon::Now(answer) => resolve(&future, shaped(py, answer))?,
        later => {
            let (running, waiting) = (running.unbind(), future.clone().unbind());
            later.then(move |answer| {
                // Without an interpreter, or with its loop closed, nobody waits: what was answered
                // is dropped, and a permit in it ends by itself.
                Python::try_attach(|py| tell(py, &running, waiting, shaped(py, answer)).unwrap_or_default());
            });
        }
    }
    Ok(future)
}

/// Brings the answer from the notifier's thread to the loop's.
fn tell(py: Python<'_>, running: &Py<PyAny>, future: Py<PyAny>, answer: PyResult<Py<PyAny>>) -> PyResult<()> {
    let arrival = Py::new(py, Arrival { future, answer: Some(answer) })?;
    running.call_method1(py, "call_soon_threadsafe", (arrival,)).map(|_| ())
}

fn resolve(future: &Bound<'_, PyAny>, answer: PyResult<Py<PyAny>>) -> PyResult<()> {
    match answer {
        Ok(value) => future.call_method1("set_result", (value,)),
        Err(error) => future.call_method1("set_exception", (error.into_value(future.py()),)),
    }
    .map(|_| ())
}

/// An answer on its way into a future.
#[pyclass]
struct Arrival {
    future: Py<PyAny>,
    answer: Option<PyResult<Py<PyAny>>>,
}

#[pymethods]
impl Arrival {
    fn __call__(&mut self, py: Python<'_>) -> PyResult<()> {
        let Some(answer) = self.answer.take() else { return Ok(()) };
        let future = self.future.bind(py);
        if !future.call_method0("done")?.extract::<bool>()? {
            return resolve(future, answer);
        }
        // The task was cancelled while it waited: a call that was started meanwhile did not run.
        if let Some(call) = answer.ok().as_ref().and_then(|value| value.bind(py).cast::<Call>().ok()) {
            call.get().cancel();
        }
        Ok(())
    }
}
