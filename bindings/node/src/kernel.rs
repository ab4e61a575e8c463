//! An open kernel.

use crate::error::problem;
use crate::run::Run;
use crate::soon::{Pool, apart, on_pool};
use crate::{door, value};
use napi::Env;
use napi::bindgen_prelude::{AsyncTask, Object, Unknown};
use std::sync::Arc;
use talos_shared::contracts::json::Value;
use talos_shared::contracts::{AuditProveInput, Error, KernelOpenInput, ReceiptGetInput, RunOpenInput};
use talos_shared::sdk;

/// An open kernel. What it answers is JSON, as the operations of the same names give it.
#[napi]
pub struct Kernel {
    inner: sdk::Kernel,
}

impl From<sdk::Kernel> for Kernel {
    fn from(inner: sdk::Kernel) -> Self {
        Kernel { inner }
    }
}

fn read<T>(env: &Env, input: Unknown<'_>, read: fn(&Value) -> Result<T, Error>) -> napi::Result<T> {
    read(&value::input(env, input)?).map_err(|error| problem(&error))
}

fn text(canonical: Vec<u8>) -> String {
    String::from_utf8_lossy(&canonical).into_owned()
}

#[napi]
impl Kernel {
    /// Opens a kernel here and now. Reads the directory, and makes it if it is new.
    #[napi(factory)]
    pub fn open(env: &Env, input: Unknown<'_>) -> napi::Result<Self> {
        let input = read(env, input, KernelOpenInput::read)?;
        sdk::Kernel::open(&input).map(Kernel::from).map_err(|error| problem(&error))
    }

    /// Opens a kernel on the pool.
    #[napi(ts_return_type = "Promise<Kernel>")]
    pub fn open_on_pool(env: &Env, input: Unknown<'_>) -> napi::Result<AsyncTask<Pool<Kernel>>> {
        let input = read(env, input, KernelOpenInput::read)?;
        Ok(on_pool(move || sdk::Kernel::open(&input).map(Kernel::from)))
    }

    /// Issuer, log and policy.
    #[napi]
    pub fn describe(&self) -> napi::Result<String> {
        self.inner.describe().map(|about| text(about.canonical())).map_err(|error| problem(&error))
    }

    /// The DID of a named agent, whose key is made on first use.
    #[napi(ts_args_type = "name: string", ts_return_type = "Promise<string>")]
    pub fn identity(&self, name: Unknown<'_>) -> napi::Result<AsyncTask<Pool<String>>> {
        let (kernel, name) = (self.inner.clone(), value::text(name)?);
        Ok(on_pool(move || kernel.identity(&name).map(|identity| text(identity.canonical()))))
    }

    /// Opens a run.
    #[napi(ts_return_type = "Promise<Run>")]
    pub fn open_run(&self, env: &Env, input: Unknown<'_>) -> napi::Result<AsyncTask<Pool<Run>>> {
        let (kernel, input) = (self.inner.clone(), read(env, input, RunOpenInput::read)?);
        Ok(on_pool(move || kernel.open_run(&input).map(Run::new)))
    }

    /// A receipt of the log.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn receipt(&self, env: &Env, input: Unknown<'_>) -> napi::Result<AsyncTask<Pool<String>>> {
        let (kernel, input) = (self.inner.clone(), read(env, input, ReceiptGetInput::read)?);
        Ok(on_pool(move || kernel.receipt(&input).map(|receipt| text(receipt.canonical()))))
    }

    /// The bundle of a receipt.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn prove(&self, env: &Env, input: Unknown<'_>) -> napi::Result<AsyncTask<Pool<String>>> {
        let (kernel, input) = (self.inner.clone(), read(env, input, AuditProveInput::read)?);
        Ok(on_pool(move || kernel.prove(&input).map(text)))
    }

    /// The signed head of the log, a note.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn checkpoint(&self) -> AsyncTask<Pool<String>> {
        let kernel = self.inner.clone();
        on_pool(move || kernel.checkpoint())
    }

    /// Verifies the whole log.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn verify_log(&self) -> AsyncTask<Pool<String>> {
        let kernel = self.inner.clone();
        on_pool(move || kernel.verify_log().map(|report| text(report.canonical())))
    }

    /// Closes the runs that are open, then the kernel.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close(&self) -> AsyncTask<Pool<()>> {
        let kernel = self.inner.clone();
        on_pool(move || kernel.close())
    }

    /// A door over this kernel.
    #[napi]
    pub fn door(&self) -> Door {
        Door { inner: Arc::new(self.inner.clone().into()) }
    }

    /// Panics behind the guard, as a test asks for. In a release it does nothing.
    #[napi]
    pub fn fault(&self) -> napi::Result<()> {
        #[cfg(debug_assertions)]
        self.inner.fault().map_err(|error| problem(&error))?;
        Ok(())
    }
}

/// Every operation by its id. Keeps the runs that were opened through it.
#[napi]
pub struct Door {
    inner: Arc<sdk::Door>,
}

#[napi]
impl Door {
    /// With no kernel behind it yet: `kernel.open` opens one.
    #[napi(factory)]
    pub fn empty() -> Self {
        Door { inner: Arc::new(sdk::Door::new()) }
    }

    /// Runs an operation on the pool, on one JSON text; its output is canonical JSON.
    #[napi(ts_args_type = "operation: string, input: string | Uint8Array", ts_return_type = "Promise<string>")]
    pub fn call(&self, operation: String, input: Unknown<'_>) -> napi::Result<AsyncTask<Pool<String>>> {
        let (door, input) = (Arc::clone(&self.inner), door::bytes_of(input)?);
        Ok(on_pool(move || door.call(&operation, &input).map(text)))
    }

    /// The same on a thread of its own, for operations that wait long: the pool has few.
    #[napi(ts_args_type = "operation: string, input: string | Uint8Array", ts_return_type = "Promise<string>")]
    pub fn call_apart<'env>(
        &self,
        env: &'env Env,
        operation: String,
        input: Unknown<'_>,
    ) -> napi::Result<Object<'env>> {
        let (door, input) = (Arc::clone(&self.inner), door::bytes_of(input)?);
        apart(env, move || door.call(&operation, &input).map(text))
    }
}
