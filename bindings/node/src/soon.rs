//! Answers that may have to wait, as values and promises.
//!
//! What waits for a receipt is a promise that the notifier of the façade resolves: no thread of
//! libuv's pool stands at the disk. What blocks (opening, closing, reading the log) runs on that pool.

use crate::error::problem;
use napi::bindgen_prelude::{AsyncTask, Either, Object, ToNapiValue, TypeName};
use napi::{Env, Task};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use talos_shared::contracts::{Error, ErrorCode};
use talos_shared::sdk::Soon;

/// The answer itself where nothing waits, else a promise of it.
pub fn answer<'env, T, J>(
    env: &'env Env,
    soon: Result<Soon<Result<T, Error>>, Error>,
    shape: impl FnOnce(T) -> J + Send + 'static,
) -> napi::Result<Either<J, Object<'env>>>
where
    T: Send + 'static,
    J: ToNapiValue + 'static,
{
    let later = match soon.map_err(|error| problem(&error))? {
        Soon::Now(result) => return result.map(|found| Either::A(shape(found))).map_err(|error| problem(&error)),
        later => later,
    };
    let (deferred, promise) = env.create_deferred()?;
    later.then(move |result| deferred.resolve(move |_| result.map(shape).map_err(|error| problem(&error))));
    Ok(Either::B(promise))
}

/// Does it on a thread of its own. A panic is `internal.panic`.
pub fn apart<'env, T>(
    env: &'env Env,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> napi::Result<Object<'env>>
where
    T: ToNapiValue + Send + 'static,
{
    let (deferred, promise) = env.create_deferred()?;
    let done = move || {
        let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(ErrorCode::InternalPanic.into()));
        deferred.resolve(move |_| done.map_err(|error| problem(&error)));
    };
    let failed = |error| problem(&Error::new(ErrorCode::InternalFault, format!("no thread: {error}")));
    thread::Builder::new().name("talos-apart".into()).spawn(done).map_err(failed)?;
    Ok(promise)
}

type Work<T> = Box<dyn FnOnce() -> Result<T, Error> + Send>;

/// Work that blocks, for the pool.
pub struct Pool<T>(Option<Work<T>>);

/// Has the pool do it.
pub fn on_pool<T>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> AsyncTask<Pool<T>>
where
    T: ToNapiValue + TypeName + Send + 'static,
{
    AsyncTask::new(Pool(Some(Box::new(work))))
}

impl<T: ToNapiValue + TypeName + Send + 'static> Task for Pool<T> {
    type Output = T;
    type JsValue = T;

    fn compute(&mut self) -> napi::Result<T> {
        // INVARIANT: computed once. A panic may not unwind into libuv.
        let Some(work) = self.0.take() else { return Err(problem(&ErrorCode::InternalFault.into())) };
        let done = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(ErrorCode::InternalPanic.into()));
        done.map_err(|error| problem(&error))
    }

    fn resolve(&mut self, _: Env, output: T) -> napi::Result<T> {
        Ok(output)
    }
}
