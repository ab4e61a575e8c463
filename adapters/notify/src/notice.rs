//! What people are told.

use talos_approval::code::Code;
use talos_approval::render::{self, Shown};
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::scalar::Hash;
use talos_contracts::{ApprovalRequest, ApprovalView, Error};
use zeroize::Zeroizing;

/// A request that waits, for one delivery. It has no `Debug`: it may hold one-time codes.
pub struct Notice {
    /// Id of the request.
    pub id: Hash,
    /// The request.
    pub request: ApprovalRequest,
    /// The canonical arguments.
    pub args: Vec<u8>,
    /// The one-time codes, by name.
    pub codes: Vec<(String, Code)>,
}

impl Notice {
    /// What would run. Files are not looked at: a notice is read elsewhere.
    fn view(&self) -> Result<ApprovalView, Error> {
        let args = json::parse(&self.args, Profile::Data)?;
        let asked = &self.request;
        let (effect, amount) = (Some(asked.effect), asked.amount.as_ref());
        Ok(render::action(&Shown { kind: asked.kind, target: &asked.target, effect, amount, args: &args, files: &[] }))
    }

    /// The JSON that is sent: `approval`, `request`, `view`, and `codes` where the way is meant to carry them.
    pub(crate) fn json(&self, with_codes: bool) -> Result<Zeroizing<Vec<u8>>, Error> {
        let view = self.view()?;
        let mut out = Zeroizing::new(Vec::with_capacity(4096));
        out.extend_from_slice(b"{\"approval\":\"");
        self.id.write(&mut out);
        out.push(b'"');
        if with_codes && !self.codes.is_empty() {
            out.extend_from_slice(b",\"codes\":{");
            for (at, (name, code)) in self.codes.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                json::write_canonical(&Value::from(name.as_str()), &mut out);
                // A code is digits and letters: it needs no escapes, and no copy that nobody erases.
                out.extend_from_slice(b":\"");
                out.extend_from_slice(code.expose().as_bytes());
                out.push(b'"');
            }
            out.push(b'}');
        }
        out.extend_from_slice(b",\"request\":");
        self.request.write(&mut out);
        out.extend_from_slice(b",\"view\":");
        view.write(&mut out);
        out.push(b'}');
        Ok(out)
    }
}
