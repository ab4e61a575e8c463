//! What people are told.

use talos_approval::render::{self, Shown};
use talos_contracts::json::{self, Profile, Value};
use talos_contracts::{ApprovalView, Error};
use talos_kernel::ports::Notice;
use zeroize::Zeroizing;

/// What would run. Files are not looked at: a notice is read elsewhere.
fn view(notice: &Notice) -> Result<ApprovalView, Error> {
    let args = json::parse(&notice.args, Profile::Data)?;
    Ok(render::action(&Shown::of(&notice.request, &args, &[])))
}

/// The JSON that is sent: `approval`, `request`, `view`, and `codes` where the way is meant to carry them.
pub(crate) fn text(notice: &Notice, with_codes: bool) -> Result<Zeroizing<Vec<u8>>, Error> {
    let view = view(notice)?;
    let mut out = Zeroizing::new(Vec::with_capacity(4096));
    out.extend_from_slice(b"{\"approval\":\"");
    notice.id.write(&mut out);
    out.push(b'"');
    if with_codes && !notice.codes.is_empty() {
        out.extend_from_slice(b",\"codes\":{");
        for (at, (name, code)) in notice.codes.iter().enumerate() {
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
    notice.request.write(&mut out);
    out.extend_from_slice(b",\"view\":");
    view.write(&mut out);
    out.push(b'}');
    Ok(out)
}
