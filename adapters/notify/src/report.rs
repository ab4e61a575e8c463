//! What became of notices, for `talos doctor`.

use std::fs;
use std::path::Path;
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::{Error, ErrorCode};

/// The file in the directory.
pub const REPORT_FILE: &str = "notify.json";
/// Bytes of a failure that are kept, and of the file that is read.
const WHY_BYTES: usize = 2048;
const FILE_BYTES: u64 = 64 * 1024;

/// What became of the notices of the process that wrote last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Notices that arrived.
    pub delivered: u64,
    /// Notices that did not.
    pub failed: u64,
    /// When the last one arrived, in milliseconds since 1970.
    pub last_delivered: Option<u64>,
    /// When the last one failed, and why.
    pub last_failure: Option<(u64, String)>,
}

impl Report {
    pub(crate) fn delivered(&mut self, now_ms: u64) {
        self.delivered += 1;
        self.last_delivered = Some(now_ms);
    }

    pub(crate) fn failed(&mut self, now_ms: u64, why: &str) {
        let mut end = why.len().min(WHY_BYTES);
        while !why.is_char_boundary(end) {
            end -= 1;
        }
        self.failed += 1;
        self.last_failure = Some((now_ms, why[..end].to_owned()));
    }

    /// The failure that nothing has arrived after.
    pub fn trouble(&self) -> Option<&str> {
        let (when, why) = self.last_failure.as_ref()?;
        self.last_delivered.is_none_or(|delivered| delivered < *when).then_some(why.as_str())
    }

    /// Writes the file, whole or not at all.
    pub(crate) fn save(&self, directory: &Path) -> std::io::Result<()> {
        let number = |n: u64| Value::from(i64::try_from(n).unwrap_or(i64::MAX));
        let mut members = vec![("delivered", number(self.delivered)), ("failed", number(self.failed))];
        members.extend(self.last_delivered.map(|when| ("last_delivered", number(when))));
        if let Some((when, why)) = &self.last_failure {
            members.extend([("last_failed", number(*when)), ("why", Value::from(why.as_str()))]);
        }
        let fresh = directory.join(format!("{REPORT_FILE}.{}", std::process::id()));
        fs::write(&fresh, json::canonical(&Value::object(members)))?;
        fs::rename(&fresh, directory.join(REPORT_FILE))
    }

    /// Reads the file: nothing if there is none.
    pub fn load(directory: &Path) -> Result<Option<Self>, Error> {
        let path = directory.join(REPORT_FILE);
        let unreadable = |why: &str| Error::new(ErrorCode::NotifyFailed, format!("{}: {why}", path.display()));
        let Ok(about) = fs::metadata(&path) else { return Ok(None) };
        if about.len() > FILE_BYTES {
            return Err(unreadable("too large"));
        }
        let text = fs::read(&path).map_err(|e| unreadable(&e.to_string()))?;
        let value = json::parse(&text, Profile::Talos).map_err(|e| unreadable(&e.detail))?;
        let number = |name: &str| value.get(name).and_then(Value::as_i64).and_then(|n| u64::try_from(n).ok());
        let why = value.get("why").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Some(Report {
            delivered: number("delivered").unwrap_or(0),
            failed: number("failed").unwrap_or(0),
            last_delivered: number("last_delivered"),
            last_failure: number("last_failed").map(|when| (when, why)),
        }))
    }
}
