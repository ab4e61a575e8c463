//! One run: decisions on actions.

use crate::asked::Asked;
use crate::error::problem;
use crate::soon::{Pool, answer, on_pool};
use crate::value::{self, Unreadable};
use napi::bindgen_prelude::{AsyncTask, Either, Object, Unknown};
use napi::{Env, ValueType};
use talos_shared::contracts::json::{self, Value};
use talos_shared::contracts::{Action, Error, ErrorCode, PermitState, RunCloseOutput};
use talos_shared::sdk::{self, Begun, Soon};

/// An open run.
#[napi]
pub struct Run {
    inner: sdk::Run,
}

/// An action without its arguments, read once for all calls of a tool.
#[napi]
pub struct Template {
    action: Action,
}

#[napi]
impl Template {
    /// From the contract `action`.
    #[napi(factory)]
    pub fn of(env: &Env, action: Unknown<'_>) -> napi::Result<Self> {
        let action = value::input(env, action)?;
        Action::read(&action).map(|action| Template { action }).map_err(|error| problem(&error))
    }

    /// A call of a tool of which nothing else is declared.
    #[napi(factory, ts_args_type = "target: string")]
    pub fn tool(target: Unknown<'_>) -> napi::Result<Self> {
        let action = Value::object([("kind", Value::from("tool_call")), ("target", Value::from(value::text(target)?))]);
        Action::read(&action).map(|action| Template { action }).map_err(|error| problem(&error))
    }
}

/// What the kernel is asked, or why the arguments cannot be shown to it.
#[allow(clippy::large_enum_variant, reason = "on the stack for one call")]
enum Wish {
    Action(Action),
    Refused(Error),
}

/// `undefined` means no arguments.
fn wish(env: &Env, template: &Template, args: Unknown<'_>) -> napi::Result<Wish> {
    let args = match arguments(env, args) {
        Ok(args) => args,
        Err(Unreadable::Malformed(error)) => return Ok(Wish::Refused(error)),
        Err(Unreadable::Host(error)) => return Err(error),
    };
    Ok(Wish::Action(Action { args, ..template.action.clone() }))
}

fn arguments(env: &Env, args: Unknown<'_>) -> Result<Option<Value>, Unreadable> {
    if args.get_type()? == ValueType::Undefined { Ok(None) } else { value::data(env, args).map(Some) }
}

impl Run {
    pub fn new(inner: sdk::Run) -> Self {
        Run { inner }
    }

    /// The run of the façade.
    pub fn inner(&self) -> &sdk::Run {
        &self.inner
    }

    /// A denial like any other, with a receipt.
    fn refused(&self, action: &Action, why: &Error) -> Result<Soon<Result<sdk::Asked, Error>>, Error> {
        self.inner.refuse(action.call.as_deref(), &action.target, why)
    }
}

fn asked_of(begun: Begun) -> sdk::Asked {
    match begun {
        Begun::Started(started) => sdk::Asked { decision: started.decision, permit: Some(started.permit) },
        Begun::Denied(decision) => sdk::Asked { decision, permit: None },
    }
}

#[napi]
impl Run {
    /// The id.
    #[napi(getter)]
    pub fn id(&self) -> &str {
        self.inner.id()
    }

    /// The DID that acts.
    #[napi(getter)]
    pub fn actor(&self) -> &str {
        self.inner.actor()
    }

    /// Decides, and queues the receipt. Never waits. Arguments that are no JSON are refused, with a receipt, and thrown.
    #[napi]
    pub fn decide(&self, env: &Env, template: &Template, args: Unknown<'_>) -> napi::Result<Asked> {
        let asked = match wish(env, template, args)? {
            Wish::Action(action) => self.inner.decide(action),
            Wish::Refused(why) => self.refused(&template.action, &why).and(Err(why)),
        };
        asked.map(|asked| Asked::new(asked, &self.inner)).map_err(|error| problem(&error))
    }

    /// Decides, and waits for the disk where the effect demands it.
    #[napi(ts_return_type = "Asked | Promise<Asked>")]
    pub fn authorize<'env>(
        &self,
        env: &'env Env,
        template: &Template,
        args: Unknown<'_>,
    ) -> napi::Result<Either<Asked, Object<'env>>> {
        let run = self.inner.clone();
        let asked = match wish(env, template, args)? {
            Wish::Action(action) => self.inner.authorize(action),
            Wish::Refused(why) => self.refused(&template.action, &why),
        };
        answer(env, asked, move |asked| Asked::new(asked, &run))
    }

    /// `authorize`, and the start of the permit, in one go.
    #[napi(ts_return_type = "Asked | Promise<Asked>")]
    pub fn begin<'env>(
        &self,
        env: &'env Env,
        template: &Template,
        args: Unknown<'_>,
    ) -> napi::Result<Either<Asked, Object<'env>>> {
        let run = self.inner.clone();
        let action = match wish(env, template, args)? {
            Wish::Action(action) => action,
            Wish::Refused(why) => {
                return answer(env, self.refused(&template.action, &why), move |asked| Asked::new(asked, &run));
            }
        };
        let begun = self.inner.begin(action).map_err(|error| problem(&error))?;
        // Nothing has run since the arguments were read, so a second reading finds the same; it is
        // made only where there is time for them to change.
        let decided = match begun {
            Soon::Now(_) => None,
            Soon::Later(_) => arguments(env, args)?,
        };
        answer(env, Ok(begun), move |begun| Asked::new(asked_of(begun), &run).of(decided))
    }

    /// Records what a host refused before there was an action to decide on.
    #[napi(
        ts_args_type = "target: string, code: string, call: string | undefined",
        ts_return_type = "Asked | Promise<Asked>"
    )]
    pub fn refuse<'env>(
        &self,
        env: &'env Env,
        target: Unknown<'_>,
        code: String,
        call: Option<String>,
    ) -> napi::Result<Either<Asked, Object<'env>>> {
        let (run, target) = (self.inner.clone(), value::text(target)?);
        let unknown = || Error::new(ErrorCode::MalformedValue, format!("no code is called {code:?}"));
        let why = ErrorCode::parse(&code).ok_or_else(unknown).map_err(|error| problem(&error))?;
        let why = Error::new(why, "refused by the host");
        answer(env, self.inner.refuse(call.as_deref(), &target, &why), move |asked| Asked::new(asked, &run))
    }

    /// The state of a call's permit.
    #[napi]
    pub fn permit(&self, call: String) -> napi::Result<Option<&'static str>> {
        let state = self.inner.permit(&call).map_err(|error| problem(&error))?;
        Ok(state.map(PermitState::as_str))
    }

    /// What the run has used, as JSON.
    #[napi]
    pub fn counters(&self) -> napi::Result<String> {
        let counters = self.inner.counters().map_err(|error| problem(&error))?;
        Ok(String::from_utf8_lossy(&counters.canonical()).into_owned())
    }

    /// Ends the run, and says where its last receipt stands.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn close(&self) -> AsyncTask<Pool<String>> {
        let run = self.inner.clone();
        on_pool(move || {
            let durable = run.close()?;
            let output = RunCloseOutput { receipt_id: durable.receipt_id, index: durable.index };
            Ok(String::from_utf8_lossy(&output.canonical()).into_owned())
        })
    }
}

/// Whether two values are the same JSON.
pub fn same(one: &Value, other: &Value) -> bool {
    json::canonical(one) == json::canonical(other)
}
