//! `talos call`: the pure operations.

use std::io::{self, BufRead, Read, Write};
use talos_shared::contracts::json;
use talos_shared::contracts::{Error, ErrorCode, OPERATIONS};
use talos_shared::{INPUT_BYTES, call, call_line};

/// The end of the command's help.
pub const HELP: &str = "Operations, their members and errors: docs/reference/operations.md, or `talos call list`.

Example:
  echo '{\"text\":\"{ \\\"b\\\": 1.0 }\",\"profile\":\"talos-data\"}' | talos call json.canonicalize";

pub fn run(operation: &str, lines: bool) -> Result<i32, Error> {
    if operation == "list" {
        return list();
    }
    if lines {
        return each_line(operation);
    }
    let mut input = Vec::new();
    io::stdin().lock().take(INPUT_BYTES as u64 + 1).read_to_end(&mut input).map_err(broken)?;
    match call(operation, &input) {
        Ok(output) => print(&output).map(|()| 0),
        Err(error) => {
            print(&json::canonical(&error.to_problem()))?;
            Ok(1)
        }
    }
}

fn list() -> Result<i32, Error> {
    for operation in OPERATIONS.iter().filter(|operation| operation.pure) {
        print(format!("{:28}{}", operation.id, operation.summary).as_bytes())?;
    }
    Ok(0)
}

/// One answer for each line, in order; an empty line gets one too.
fn each_line(operation: &str) -> Result<i32, Error> {
    let mut input = io::stdin().lock();
    let mut output = io::BufWriter::new(io::stdout().lock());
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut input).take(INPUT_BYTES as u64 + 2).read_until(b'\n', &mut line).map_err(broken)?;
        if read == 0 {
            return output.flush().map(|()| 0).map_err(broken);
        }
        let whole = line.last() == Some(&b'\n');
        if whole {
            line.pop();
        } else if line.len() > INPUT_BYTES {
            skip_line(&mut input)?;
        }
        let mut answer = call_line(operation, &line);
        answer.push(b'\n');
        // A caller may wait for this answer before it writes the next line.
        output.write_all(&answer).and_then(|()| output.flush()).map_err(broken)?;
    }
}

fn skip_line(input: &mut impl BufRead) -> Result<(), Error> {
    loop {
        let buffer = input.fill_buf().map_err(broken)?;
        let Some(end) = buffer.iter().position(|b| *b == b'\n') else {
            let len = buffer.len();
            if len == 0 {
                return Ok(());
            }
            input.consume(len);
            continue;
        };
        input.consume(end + 1);
        return Ok(());
    }
}

fn print(bytes: &[u8]) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush()).map_err(broken)
}

fn broken(error: io::Error) -> Error {
    Error::new(ErrorCode::InternalFault, format!("standard input or output: {error}"))
}
