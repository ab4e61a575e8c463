//! Answers that wait for the disk: for threads, which block without the lock of the interpreter,
//! and for asyncio, whose loop is never blocked.

use crate::error::exception;
use crate::tool::Call;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};
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
        // The process ends, and no other thread may bring answers any more.
        later if LEAVING.load(Ordering::SeqCst) => resolve(&future, shaped(py, py.detach(|| later.wait())))?,
        later => {
            tell_until_exit(py)?;
            let (running, waiting) = (running.unbind(), future.clone().unbind());
            later.then(move |answer| {
                // At the end of the process, or with the loop closed, nobody waits: what was answered
                // is dropped, and a permit in it ends by itself.
                while_running(|py| tell(py, &running, waiting, shaped(py, answer)).unwrap_or_default());
            });
        }
    }
    Ok(future)
}

/// How many threads that are not Python's are in Python, or are on their way there. Not behind a lock,
/// which a fork could find taken for ever.
static INSIDE: AtomicUsize = AtomicUsize::new(0);
/// Whose threads those are: a fork leaves them behind.
static PROCESS: AtomicU32 = AtomicU32::new(0);
/// The process ends: they stay outside.
static LEAVING: AtomicBool = AtomicBool::new(false);
/// Longest wait for them at the end of the process.
const PATIENCE: Duration = Duration::from_secs(5);

/// Works in Python on a thread that is not Python's, unless the process ends.
fn while_running(work: impl FnOnce(Python<'_>)) {
    INSIDE.fetch_add(1, Ordering::SeqCst);
    if !LEAVING.load(Ordering::SeqCst) {
        Python::try_attach(work);
    }
    INSIDE.fetch_sub(1, Ordering::SeqCst);
}

/// Has the interpreter call [`leave`] before it begins to end. Once it has begun, it ends each thread that
/// comes back to it, in the middle of our frames, and that aborts the process.
fn tell_until_exit(py: Python<'_>) -> PyResult<()> {
    static REGISTERED: PyOnceLock<()> = PyOnceLock::new();
    if PROCESS.swap(std::process::id(), Ordering::SeqCst) != std::process::id() {
        INSIDE.store(0, Ordering::SeqCst);
    }
    REGISTERED
        .get_or_try_init(py, || {
            py.import("atexit")?.call_method1("register", (wrap_pyfunction!(leave, py)?,)).map(|_| ())
        })
        .copied()
}

/// From now on no answer comes from another thread; those that are on their way arrive.
#[pyfunction]
fn leave(py: Python<'_>) {
    LEAVING.store(true, Ordering::SeqCst);
    if PROCESS.load(Ordering::SeqCst) != std::process::id() {
        return;
    }
    py.detach(|| {
        let begun = Instant::now();
        while INSIDE.load(Ordering::SeqCst) > 0 && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(1));
        }
    });
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
