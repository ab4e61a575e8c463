//! The generic door of the pure operations: an operation by its id, JSON in and JSON out.

use crate::error::problem;
use crate::value;
use napi::bindgen_prelude::{BufferSlice, FromNapiValue, Uint8ArraySlice, Unknown};
use napi::{Env, ValueType};
use talos_shared::contracts::scalar::{decode_b64url, encode_b64url};
use talos_shared::contracts::{ErrorCode, json};

/// The bytes of a string or a Uint8Array.
pub fn bytes_of(input: Unknown<'_>) -> napi::Result<Vec<u8>> {
    match input.get_type()? {
        ValueType::String => Ok(value::text(input)?.into_bytes()),
        _ => Ok(Uint8ArraySlice::from_unknown(input)?.to_vec()),
    }
}

/// Runs a pure operation on one JSON text and gives its output as canonical JSON.
#[napi(ts_args_type = "operation: string, input: string | Uint8Array", ts_return_type = "Buffer")]
pub fn call<'env>(env: &'env Env, operation: String, input: Unknown<'_>) -> napi::Result<BufferSlice<'env>> {
    let output = talos_shared::call(&operation, &bytes_of(input)?).map_err(|error| problem(&error))?;
    BufferSlice::from_data(env, output)
}

/// One answer for one line, whatever the line holds: the output, or the problem document.
#[napi(ts_return_type = "Buffer")]
pub fn call_line<'env>(
    env: &'env Env,
    operation: String,
    line: Uint8ArraySlice<'_>,
) -> napi::Result<BufferSlice<'env>> {
    BufferSlice::from_data(env, talos_shared::call_line(&operation, &line))
}

/// The canonical form of a value of JavaScript.
#[napi]
pub fn canonical(env: &Env, value: Unknown<'_>) -> napi::Result<String> {
    Ok(String::from_utf8_lossy(&json::canonical(&value::input(env, value)?)).into_owned())
}

/// Bytes as the contracts have them in JSON.
#[napi]
pub fn packed(data: Uint8ArraySlice<'_>) -> String {
    encode_b64url(&data)
}

/// Runs a pure operation on a value of JavaScript and gives its output as a JSON text.
#[napi]
pub fn invoke(env: &Env, operation: String, input: Unknown<'_>) -> napi::Result<String> {
    let input = json::canonical(&value::input(env, input)?);
    let output = talos_shared::call(&operation, &input).map_err(|error| problem(&error))?;
    Ok(String::from_utf8_lossy(&output).into_owned())
}

/// The bytes that a text of the contracts stands for.
#[napi(ts_return_type = "Buffer")]
pub fn unpacked<'env>(env: &'env Env, text: String) -> napi::Result<BufferSlice<'env>> {
    let bytes = decode_b64url(&text).ok_or_else(|| problem(&ErrorCode::MalformedBase64.into()))?;
    BufferSlice::from_data(env, bytes)
}
