//! The pure operations about mailboxes (`docs/spec/mailbox.md`).

use crate::operations::{Output, verdict};
use talos_contracts::*;
use talos_crypto::SigningKey;
use talos_mailbox::request::{self, Asked};

pub(crate) fn sign_request(input: &MailboxSignRequestInput) -> Output {
    let asked = Asked { mailbox: &input.mailbox, method: input.method, path: &input.path };
    let key = SigningKey::from_seed(input.seed.expose());
    let request = request::make(&key, asked, input.body.as_deref().unwrap_or_default(), input.iat, input.nonce);
    let header = request::header(&request)?;
    Ok(MailboxSignRequestOutput { request: request.to_envelope(), header }.canonical())
}

pub(crate) fn verify_request(input: &MailboxVerifyRequestInput) -> Output {
    let asked = Asked { mailbox: &input.mailbox, method: input.method, path: &input.path };
    let check = || {
        let signed = request::verify(&input.header, asked, input.now_ms)?;
        signed.check_body(input.body.as_deref().unwrap_or_default())?;
        let (agent, nonce) = (Some(signed.agent().as_str().to_owned()), Some(signed.nonce()));
        Ok(MailboxVerifyRequestOutput { valid: true, reason: None, agent, nonce }.canonical())
    };
    verdict(check())
}
