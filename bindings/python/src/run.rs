//! One run: decisions on actions.

use crate::decision::Decision;
use crate::error::exception;
use crate::kernel::Kernel;
use crate::permit::{Permit, outside, place};
use crate::soon::{future, wait};
use crate::value::{input, output, to_json};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{Action, ActionKind, Amount, Effect, Error, ErrorCode, PermitState, RunOpenInput};
use talos_shared::sdk::{self, Asked};

/// A run of a kernel. Closing it writes its last receipt.
#[pyclass(frozen, subclass, module = "talos._native")]
pub struct Run {
    pub inner: sdk::Run,
}

/// A word of the contracts.
pub fn word<T>(what: &str, word: &str, parse: fn(&str) -> Option<T>) -> Result<T, Error> {
    parse(word).ok_or_else(|| Error::new(ErrorCode::MalformedValue, format!("no {what} is called {word:?}")))
}

fn hash(text: &str) -> Result<Hash, Error> {
    let malformed = || Error::new(ErrorCode::MalformedBase64, "a hash is 32 bytes in base64url without padding");
    Hash::from_b64(text).ok_or_else(malformed)
}

impl Run {
    /// The arguments, as JSON. If they are none, that is a denial with a receipt, which is queued here.
    fn args(&self, action: &mut Action, args: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
        let Some(args) = args else { return Ok(()) };
        let py = args.py();
        let refused = match to_json(args) {
            Ok(value) => {
                action.args = Some(value);
                return Ok(());
            }
            Err(error) => error,
        };
        let call = action.call.take();
        outside(py, || self.inner.refuse(call.as_deref(), &action.target, &refused))?;
        Err(exception(py, &refused))
    }
}

/// The permit, or the denial as an exception.
fn permit_of(py: Python<'_>, asked: Asked) -> PyResult<Permit> {
    let decision = Decision::new(asked.decision, asked.permit);
    match decision.permit() {
        Some(permit) => Ok(permit),
        None => Err(decision.to_error(py)),
    }
}

/// Everything but the arguments of the action.
#[allow(clippy::too_many_arguments, reason = "an action has so many members")]
fn action<'py>(
    py: Python<'py>,
    target: &str,
    kind: &str,
    effect: Option<&str>,
    call: Option<String>,
    tool_hash: Option<&str>,
    tokens: Option<u64>,
    amount: Option<&Bound<'py, PyAny>>,
    principal: Option<String>,
) -> PyResult<Action> {
    let amount = amount.map(|amount| input(amount, Amount::read)).transpose()?;
    let read = || {
        Ok(Action {
            kind: word("kind of action", kind, ActionKind::parse)?,
            effect: effect.map(|effect| word("effect", effect, Effect::parse)).transpose()?,
            tool_hash: tool_hash.map(hash).transpose()?,
            call,
            tokens,
            amount,
            principal,
            ..sdk::Run::tool_call(target)
        })
    };
    read().map_err(|error| exception(py, &error))
}

#[pymethods]
#[allow(clippy::too_many_arguments, reason = "an action has so many members")]
impl Run {
    /// Opens a run: `input` is the input of the operation run.open. Blocks for a commit.
    #[new]
    #[pyo3(signature = (kernel: "Kernel", input: "dict[str, object]", /))]
    fn new(
        py: Python<'_>,
        kernel: &Bound<'_, Kernel>,
        #[pyo3(from_py_with = run_input)] input: RunOpenInput,
    ) -> PyResult<Self> {
        let kernel = &kernel.get().inner;
        Ok(Run { inner: outside(py, || kernel.open_run(&input))? })
    }

    /// The id.
    #[getter]
    fn id(&self) -> &str {
        self.inner.id()
    }

    /// The DID that acts.
    #[getter]
    fn actor(&self) -> &str {
        self.inner.actor()
    }

    /// Decides, and queues the signed receipt. Never waits for the disk; a denial is a value.
    #[pyo3(signature = (target: "str", args: "object" = None, *, kind: "str" = "tool_call", effect: "str | None" = None, call: "str | None" = None, tool_hash: "str | None" = None, tokens: "int | None" = None, amount: "dict[str, object] | None" = None, principal: "str | None" = None))]
    fn decide<'py>(
        &self,
        py: Python<'py>,
        target: &str,
        args: Option<&Bound<'py, PyAny>>,
        kind: &str,
        effect: Option<&str>,
        call: Option<String>,
        tool_hash: Option<&str>,
        tokens: Option<u64>,
        amount: Option<&Bound<'py, PyAny>>,
        principal: Option<String>,
    ) -> PyResult<Decision> {
        let mut action = action(py, target, kind, effect, call, tool_hash, tokens, amount, principal)?;
        self.args(&mut action, args)?;
        let asked = outside(py, || self.inner.decide(action))?;
        Ok(Decision::new(asked.decision, asked.permit))
    }

    /// Decides, and waits for the disk where the effect demands it. Raises what denies.
    #[pyo3(signature = (target: "str", args: "object" = None, *, kind: "str" = "tool_call", effect: "str | None" = None, call: "str | None" = None, tool_hash: "str | None" = None, tokens: "int | None" = None, amount: "dict[str, object] | None" = None, principal: "str | None" = None))]
    fn authorize<'py>(
        &self,
        py: Python<'py>,
        target: &str,
        args: Option<&Bound<'py, PyAny>>,
        kind: &str,
        effect: Option<&str>,
        call: Option<String>,
        tool_hash: Option<&str>,
        tokens: Option<u64>,
        amount: Option<&Bound<'py, PyAny>>,
        principal: Option<String>,
    ) -> PyResult<Permit> {
        let mut action = action(py, target, kind, effect, call, tool_hash, tokens, amount, principal)?;
        self.args(&mut action, args)?;
        let answer = outside(py, || self.inner.authorize(action))?;
        permit_of(py, wait(py, answer)?)
    }

    /// `authorize` for asyncio.
    #[pyo3(signature = (target: "str", args: "object" = None, *, kind: "str" = "tool_call", effect: "str | None" = None, call: "str | None" = None, tool_hash: "str | None" = None, tokens: "int | None" = None, amount: "dict[str, object] | None" = None, principal: "str | None" = None) -> "asyncio.Future[Permit]")]
    fn authorize_async<'py>(
        &self,
        py: Python<'py>,
        target: &str,
        args: Option<&Bound<'py, PyAny>>,
        kind: &str,
        effect: Option<&str>,
        call: Option<String>,
        tool_hash: Option<&str>,
        tokens: Option<u64>,
        amount: Option<&Bound<'py, PyAny>>,
        principal: Option<String>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let mut action = action(py, target, kind, effect, call, tool_hash, tokens, amount, principal)?;
        self.args(&mut action, args)?;
        let answer = outside(py, || self.inner.authorize(action))?;
        future(py, answer, |py, asked| Ok(Py::new(py, permit_of(py, asked)?)?.into_any()))
    }

    /// Records what a host refused before there was an action, with the code of the error. Blocks for a commit.
    #[pyo3(signature = (target, code, *, call = None))]
    fn refuse(&self, py: Python<'_>, target: &str, code: &str, call: Option<&str>) -> PyResult<Decision> {
        let unknown = || Error::new(ErrorCode::MalformedValue, format!("{code:?} is no code of the registry"));
        let refused = code.parse::<ErrorCode>().map(Error::from);
        let refused = refused.map_err(|_| exception(py, &unknown()))?;
        let answer = outside(py, || self.inner.refuse(call, target, &refused))?;
        let asked = wait(py, answer)?;
        Ok(Decision::new(asked.decision, asked.permit))
    }

    /// The state of a call's permit; None if it was denied or never decided.
    #[pyo3(signature = (call, /))]
    fn permit(&self, py: Python<'_>, call: &str) -> PyResult<Option<&'static str>> {
        Ok(outside(py, || self.inner.permit(call))?.map(PermitState::as_str))
    }

    /// What the run has used.
    #[pyo3(signature = () -> "dict[str, int]")]
    fn counters<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        output(py, &outside(py, || self.inner.counters())?.canonical())
    }

    /// Ends the run, and says where its last receipt stands. Blocks for a commit.
    #[pyo3(signature = () -> "dict[str, object]")]
    fn close<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let durable = outside(py, || self.inner.close())?;
        place(py, &durable)
    }
}

fn run_input(object: &Bound<'_, PyAny>) -> PyResult<RunOpenInput> {
    input(object, RunOpenInput::read)
}
