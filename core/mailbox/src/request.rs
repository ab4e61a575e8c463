//! Who makes an HTTP request to a mailbox (`docs/spec/mailbox.md`, section 2).

use talos_contracts::scalar::{Hash, Salt, decode_b64url, encode_b64url};
use talos_contracts::{Error, ErrorCode, MailboxMethod, MailboxRequest};
use talos_crypto::dsse::{self, Unverified};
use talos_crypto::{SigningKey, hash};
use talos_identity::{Did, envelope};

/// The header that carries the signed request.
pub const HEADER: &str = "talos-request";
/// Characters of its value.
pub const HEADER_BYTES: usize = 8_192;
/// How far apart the clocks of an agent and of its mailbox may be, in milliseconds.
pub const SKEW_MS: u64 = 60_000;

/// The HTTP request that a header should be for, but for its body.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The base URL of the mailbox, without a slash at its end.
    pub mailbox: &'a str,
    /// The method.
    pub method: MailboxMethod,
    /// What follows the base URL: the path with its query.
    pub path: &'a str,
}

/// A request whose signature, destination and time have been checked.
#[derive(Clone, Debug)]
pub struct Signed {
    agent: Did,
    body: Hash,
    iat: u64,
    nonce: Salt,
}

impl Signed {
    /// Who makes it.
    pub fn agent(&self) -> &Did {
        &self.agent
    }

    /// When it was signed.
    pub fn iat(&self) -> u64 {
        self.iat
    }

    /// Its nonce. Whether it was seen before is for [`Gate`](crate::Gate) to know.
    pub fn nonce(&self) -> Salt {
        self.nonce
    }

    /// Whether this is the body that was signed: else `mailbox.request_mismatch`.
    pub fn check_body(&self, body: &[u8]) -> Result<(), Error> {
        if hash::equal(&self.body, &hash::sha256(&[body])) { Ok(()) } else { Err(mismatch("body")) }
    }
}

/// Signs a request: the value of the header. What does not fit into it is `malformed.size`.
pub fn sign(
    key: &SigningKey,
    mailbox: &str,
    method: MailboxMethod,
    path: &str,
    body: &[u8],
    iat: u64,
    nonce: Salt,
) -> Result<String, Error> {
    header(&make(key, Asked { mailbox, method, path }, body, iat, nonce))
}

/// Signs a request: the envelope.
pub fn make(key: &SigningKey, asked: Asked<'_>, body: &[u8], iat: u64, nonce: Salt) -> Unverified {
    let request = MailboxRequest {
        iss: Did::of(&key.verifying_key()).url(),
        mailbox: asked.mailbox.to_owned(),
        method: asked.method,
        path: asked.path.to_owned(),
        body: hash::sha256(&[body]),
        iat,
        nonce,
    };
    dsse::sign(key, &request.iss, MailboxRequest::MEDIA_TYPE, &request.canonical())
}

/// The value of the header for a signed request.
pub fn header(request: &Unverified) -> Result<String, Error> {
    let text = encode_b64url(&request.to_envelope().canonical());
    check_size(&text)?;
    Ok(text)
}

/// Verifies all of section 2.2 but the body, which [`Signed::check_body`] does: so a body is read only for somebody who is known.
pub fn verify(header: &str, asked: Asked<'_>, now_ms: u64) -> Result<Signed, Error> {
    check_size(header)?;
    let text = decode_b64url(header)
        .ok_or_else(|| Error::new(ErrorCode::MalformedBase64, format!("{HEADER}: not base64url without padding")))?;
    let envelope = Unverified::parse(&text)?;
    let request = MailboxRequest::read(&envelope::body(&envelope, MailboxRequest::MEDIA_TYPE)?)?;
    let agent = Did::parse_url(&request.iss)
        .map_err(|error| Error::new(ErrorCode::MalformedValue, format!("/iss: {}", error.detail)))?;
    envelope::signed_by(&envelope, &request.iss)?;
    check_destination(&request, asked)?;
    if request.iat.abs_diff(now_ms) > SKEW_MS {
        return Err(Error::new(ErrorCode::MailboxRequestExpired, "signed more than 60 seconds from now"));
    }
    Ok(Signed { agent, body: request.body, iat: request.iat, nonce: request.nonce })
}

fn check_size(header: &str) -> Result<(), Error> {
    if header.len() <= HEADER_BYTES {
        return Ok(());
    }
    Err(Error::new(ErrorCode::MalformedSize, format!("{HEADER}: more than {HEADER_BYTES} characters")))
}

fn check_destination(request: &MailboxRequest, asked: Asked<'_>) -> Result<(), Error> {
    if request.mailbox != asked.mailbox {
        return Err(mismatch("mailbox"));
    }
    if request.method != asked.method {
        return Err(mismatch("method"));
    }
    if request.path != asked.path {
        return Err(mismatch("path"));
    }
    Ok(())
}

fn mismatch(what: &str) -> Error {
    Error::new(ErrorCode::MailboxRequestMismatch, format!("signed for another {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use talos_contracts::scalar::B64;

    const NOW: u64 = 1_763_625_600_000;
    const ASKED: Asked<'static> =
        Asked { mailbox: "https://mailbox.example", method: MailboxMethod::Post, path: "/v1/frames/ack" };

    fn key() -> SigningKey {
        SigningKey::from_seed(&[1; 32])
    }

    fn signed() -> String {
        sign(&key(), ASKED.mailbox, ASKED.method, ASKED.path, b"body", NOW, B64([7; 16])).unwrap()
    }

    fn refused(header: &str, asked: Asked<'_>, now: u64) -> ErrorCode {
        verify(header, asked, now).unwrap_err().code
    }

    #[test]
    fn what_is_signed_verifies_and_says_who() {
        let request = verify(&signed(), ASKED, NOW).unwrap();
        assert_eq!(request.agent(), &Did::of(&key().verifying_key()));
        assert_eq!((request.iat(), request.nonce()), (NOW, B64([7; 16])));
        request.check_body(b"body").unwrap();
        assert_eq!(request.check_body(b"").unwrap_err().code, ErrorCode::MailboxRequestMismatch);
    }

    #[test]
    fn it_is_for_one_mailbox_method_and_path() {
        let others = [
            Asked { mailbox: "https://mailbox.example/", ..ASKED },
            Asked { method: MailboxMethod::Put, ..ASKED },
            Asked { path: "/v1/frames/ack?", ..ASKED },
        ];
        for asked in others {
            assert_eq!(refused(&signed(), asked, NOW), ErrorCode::MailboxRequestMismatch, "{asked:?}");
        }
    }

    #[test]
    fn it_holds_for_a_minute_before_and_after() {
        for now in [NOW - SKEW_MS, NOW + SKEW_MS] {
            verify(&signed(), ASKED, now).unwrap();
        }
        for now in [NOW - SKEW_MS - 1, NOW + SKEW_MS + 1, 0] {
            assert_eq!(refused(&signed(), ASKED, now), ErrorCode::MailboxRequestExpired, "{now}");
        }
    }

    #[test]
    fn what_is_no_signed_request_has_a_code() {
        let of = |text: &str| encode_b64url(text.as_bytes());
        for (header, code) in [
            ("", ErrorCode::MalformedSyntax),
            ("=", ErrorCode::MalformedBase64),
            (&of("{}"), ErrorCode::MalformedMemberMissing),
            (&"A".repeat(HEADER_BYTES + 1), ErrorCode::MalformedSize),
        ] {
            assert_eq!(refused(header, ASKED, NOW), code, "{header}");
        }
        let other = dsse::sign(&key(), &Did::of(&key().verifying_key()).url(), "text/plain", b"{}");
        assert_eq!(refused(&header(&other).unwrap(), ASKED, NOW), ErrorCode::SignaturePayloadType);
        let mut flipped = make(&key(), ASKED, b"body", NOW, B64([7; 16]));
        flipped.signatures[0].1[0] ^= 1;
        assert_eq!(refused(&header(&flipped).unwrap(), ASKED, NOW), ErrorCode::SignatureInvalid);
    }

    #[test]
    fn what_does_not_fit_into_the_header_is_not_signed() {
        let path = "\u{1}".repeat(2_048);
        let refused = sign(&key(), ASKED.mailbox, ASKED.method, &path, b"", NOW, B64([7; 16])).unwrap_err();
        assert_eq!(refused.code, ErrorCode::MalformedSize);
    }
}
