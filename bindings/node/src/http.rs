//! What stands before an HTTP application, for `talos-kernel/express`.

use crate::error::problem;
use crate::run::Run;
use crate::soon::{Pool, answer, on_pool};
use crate::value::{self, Unreadable};
use napi::bindgen_prelude::{AsyncTask, BufferSlice, Either, Object, Uint8ArraySlice, Unknown};
use napi::{Env, ValueType};
use std::sync::Arc;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::scalar::Hash;
use talos_shared::contracts::{Effect, Error, ErrorCode, OutcomeStatus};
use talos_shared::kernel::Durable;
use talos_shared::sdk::Soon;
use talos_shared::sdk::http::{self, Admission, ApprovalsPath, Callers};
use zeroize::Zeroizing;

/// Admits the requests of one application, and refuses them.
#[napi]
pub struct Front {
    inner: Arc<http::Front>,
}

/// The arguments of a request, or why it has none.
#[napi]
pub struct Request {
    arguments: Result<Value, Error>,
}

/// A request that was admitted.
#[napi]
pub struct Entry {
    inner: http::Entry,
}

/// The answer to a request that was refused.
#[napi]
pub struct Refusal {
    inner: http::Refusal,
}

/// `keys` are names and keys in turn. Without them the header names the caller; without both the host does.
fn callers(keys: Option<Vec<String>>, header: Option<String>) -> napi::Result<Option<Callers>> {
    let Some(header) = header else { return Ok(None) };
    let callers = match keys {
        None => Callers::behind_proxy(&header),
        Some(keys) => {
            let keys: Vec<_> = keys.into_iter().map(Zeroizing::new).collect();
            let pairs = keys.chunks_exact(2).map(|pair| (pair[0].as_str(), pair[1].as_bytes()));
            Callers::with_keys(&header, pairs)
        }
    };
    callers.map(Some).map_err(|error| problem(&error))
}

fn approvals_path(path: Option<String>) -> napi::Result<Option<ApprovalsPath>> {
    path.map(|path| ApprovalsPath::new(&path)).transpose().map_err(|error| problem(&error))
}

fn word<T>(what: &str, word: &str, parse: fn(&str) -> Option<T>) -> napi::Result<T> {
    let unknown = || problem(&Error::new(ErrorCode::MalformedValue, format!("no {what} is called {word:?}")));
    parse(word).ok_or_else(unknown)
}

fn base64(id: Hash) -> String {
    id.to_b64()
}

/// Header values as Node has them: each character is a byte.
fn latin1(values: &[String]) -> Vec<Vec<u8>> {
    let byte = |c: char| u8::try_from(c).unwrap_or(b'?');
    values.iter().map(|value| value.chars().map(byte).collect()).collect()
}

fn slices(values: &[Vec<u8>]) -> Vec<&[u8]> {
    values.iter().map(Vec::as_slice).collect()
}

#[napi]
impl Front {
    /// Stands before an application whose requests are actions of this run.
    #[napi(factory)]
    pub fn over(
        run: &Run,
        keys: Option<Vec<String>>,
        header: Option<String>,
        approvals: Option<String>,
    ) -> napi::Result<Self> {
        let (callers, approvals) = (callers(keys, header)?, approvals_path(approvals)?);
        Ok(Front { inner: Arc::new(http::Front::new(run.inner().clone(), callers, approvals)) })
    }

    /// Checks what it would be given beside the run.
    #[napi]
    pub fn check(keys: Option<Vec<String>>, header: Option<String>, approvals: Option<String>) -> napi::Result<()> {
        callers(keys, header)?;
        approvals_path(approvals).map(|_| ())
    }

    /// Where a caller's request for approval stands, as JSON, or why they are not told.
    #[napi(ts_return_type = "Promise<string | Refusal>")]
    pub fn approval(&self, caller: Option<String>, approval: String) -> AsyncTask<Pool<Either<String, Refusal>>> {
        let front = Arc::clone(&self.inner);
        on_pool(move || {
            Ok(match front.approval(caller.as_deref(), &approval) {
                Ok(found) => Either::A(String::from_utf8_lossy(&found).into_owned()),
                Err(inner) => Either::B(Refusal { inner }),
            })
        })
    }

    /// The caller, from all values of the header.
    #[napi]
    pub fn identify(&self, values: Vec<String>) -> Option<String> {
        let values = Zeroizing::new(latin1(&values));
        self.inner.callers()?.identify(&slices(&values)).map(str::to_owned)
    }

    /// Decides on a request and starts it. `described` is what the kernel is told in place of the arguments.
    #[napi(ts_return_type = "Entry | Refusal | Promise<Entry | Refusal>")]
    pub fn admit<'env>(
        &self,
        env: &'env Env,
        caller: String,
        tool: String,
        effect: Option<String>,
        request: &Request,
        described: Unknown<'_>,
    ) -> napi::Result<Either<Either<Entry, Refusal>, Object<'env>>> {
        let effect = effect.map(|effect| word("effect", &effect, Effect::parse)).transpose()?;
        let arguments = match described.get_type()? {
            ValueType::Undefined => request.arguments.clone(),
            _ => match value::data(env, described) {
                Ok(value) => Ok(value),
                Err(Unreadable::Malformed(error)) => Err(error),
                Err(Unreadable::Host(error)) => return Err(error),
            },
        };
        let admission = self.inner.admit(&caller, &tool, effect, arguments);
        answer(env, Ok(admission.map(Ok)), |admission| match admission {
            Admission::Entered(inner) => Either::A(Entry { inner }),
            Admission::Refused(inner) => Either::B(Refusal { inner }),
        })
    }

    /// Refuses a request by an error code.
    #[napi(ts_return_type = "Refusal | Promise<Refusal>")]
    pub fn refuse<'env>(
        &self,
        env: &'env Env,
        caller: Option<String>,
        tool: String,
        code: String,
    ) -> napi::Result<Either<Refusal, Object<'env>>> {
        let code = word("code", &code, ErrorCode::parse)?;
        let refusal = self.inner.refuse(caller.as_deref(), &tool, &code.into());
        answer(env, Ok(refusal.map(Ok)), |inner| Refusal { inner })
    }
}

#[napi]
impl Request {
    /// Reads the arguments of a request. What cannot be read is refused when the request is.
    #[napi(factory)]
    pub fn read(
        env: &Env,
        path: Unknown<'_>,
        query: String,
        content_types: Vec<String>,
        content_codings: Vec<String>,
        body: Uint8ArraySlice<'_>,
    ) -> napi::Result<Self> {
        let path = match value::data(env, path) {
            Ok(path) => path,
            Err(Unreadable::Malformed(error)) => return Ok(Request { arguments: Err(error) }),
            Err(Unreadable::Host(error)) => return Err(error),
        };
        let (types, codings) = (latin1(&content_types), latin1(&content_codings));
        let request = http::Request {
            path,
            query: query.as_bytes(),
            content_types: slices(&types),
            content_codings: slices(&codings),
            body: &body,
        };
        Ok(Request { arguments: request.arguments() })
    }

    /// The arguments as JSON; nothing where they cannot be read.
    #[napi]
    pub fn arguments(&self) -> Option<String> {
        let text = |value| String::from_utf8_lossy(&talos_shared::contracts::json::canonical(value)).into_owned();
        self.arguments.as_ref().ok().map(text)
    }
}

type Told<'env> = Either<Either<Option<String>, Refusal>, Object<'env>>;

fn told<'env, T: Send + 'static>(
    env: &'env Env,
    soon: Soon<Result<T, http::Refusal>>,
    shape: impl FnOnce(T) -> Option<String> + Send + 'static,
) -> napi::Result<Told<'env>> {
    answer(env, Ok(soon.map(Ok)), |result| match result {
        Ok(found) => Either::A(shape(found)),
        Err(inner) => Either::B(Refusal { inner }),
    })
}

#[napi]
impl Entry {
    /// The id of the call.
    #[napi(getter)]
    pub fn call(&self) -> &str {
        self.inner.call()
    }

    /// The decision's receipt, or the Refusal that leaves where there can be none.
    #[napi(ts_return_type = "string | Refusal | Promise<string | Refusal>")]
    pub fn receipt<'env>(&self, env: &'env Env) -> napi::Result<Told<'env>> {
        told(env, self.inner.receipt(), |id| Some(base64(id)))
    }

    /// Records the status of the response: the outcome's receipt, null where that is not known yet, or the Refusal that
    /// leaves where the outcome cannot be recorded.
    #[napi(ts_return_type = "string | null | Refusal | Promise<string | null | Refusal>")]
    pub fn answered<'env>(&self, env: &'env Env, status: u16) -> napi::Result<Told<'env>> {
        told(env, self.inner.answered(status), |durable: Option<Durable>| durable.map(|d| base64(d.receipt_id)))
    }

    /// Records that there was no whole response: error or cancelled. Waits for nothing.
    #[napi]
    pub fn ended(&self, status: String) -> napi::Result<()> {
        let status = word("status", &status, OutcomeStatus::parse)?;
        // If it cannot be recorded, there is nobody to tell: it is a gap at the worst.
        drop(self.inner.ended(status));
        Ok(())
    }
}

#[napi]
impl Refusal {
    /// Status of the response.
    #[napi(getter)]
    pub fn status(&self) -> u16 {
        self.inner.status
    }

    /// The problem document (RFC 9457).
    #[napi(ts_return_type = "Buffer")]
    pub fn problem<'env>(&self, env: &'env Env) -> napi::Result<BufferSlice<'env>> {
        BufferSlice::from_data(env, self.inner.problem.clone())
    }

    /// Id of the receipt, unless it could not be written.
    #[napi(getter)]
    pub fn receipt_id(&self) -> Option<String> {
        self.inner.receipt_id.map(base64)
    }

    /// `WWW-Authenticate`
    #[napi(getter)]
    pub fn challenge(&self) -> Option<&str> {
        self.inner.challenge.as_deref()
    }

    /// `Location`, of what waits for people.
    #[napi(getter)]
    pub fn location(&self) -> Option<&str> {
        self.inner.location.as_deref()
    }
}
