//! The web hook: a POST that is signed as Standard Webhooks say, to a public address, without redirects.

use crate::{TIMEOUT, is_public, notice};
use std::fs;
use std::net::IpAddr;
use std::path::Path;
use talos_contracts::scalar::{decode_base64, encode_base64};
use talos_contracts::{Error, ErrorCode, NotifyWebhook};
use talos_crypto::hash;
use talos_kernel::ports::Notice;
use ureq::Agent;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use zeroize::Zeroizing;

/// How a secret's text begins, by Standard Webhooks.
const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;
/// Bytes of the file that it is in.
const FILE_BYTES: u64 = 1024;

/// A web hook, checked.
pub(crate) struct Hook {
    agent: Agent,
    url: String,
    secret: Option<Zeroizing<Vec<u8>>>,
    codes: bool,
}

fn malformed(what: impl Into<String>) -> Error {
    Error::new(ErrorCode::ConfigMalformed, format!("notify.webhook: {}", what.into()))
}

impl Hook {
    pub(crate) fn new(settings: &NotifyWebhook, directory: &Path) -> Result<Self, Error> {
        let private = settings.allow_private.unwrap_or(false);
        let url: Uri = settings.url.parse().map_err(|_| malformed("url is no URL"))?;
        let host = url.host().filter(|host| !host.is_empty()).ok_or_else(|| malformed("url names no host"))?;
        let encrypted = match url.scheme_str() {
            Some("https") => true,
            Some("http") if private => false,
            _ => return Err(malformed("url is https, or http to a private address with allow_private")),
        };
        if url.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(malformed("url holds no user name: use secret_file"));
        }
        let codes = settings.codes.unwrap_or(false);
        let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if codes && !encrypted && !local {
            return Err(malformed("one-time codes go over https, or to this machine"));
        }
        let secret = settings.secret_file.as_deref().map(|file| secret(&directory.join(file))).transpose()?;
        let config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .max_redirects(0)
            // A proxy would resolve the name itself, past the check of addresses.
            .proxy(None)
            .max_idle_connections(0)
            .user_agent("talos")
            .build();
        let agent = Agent::with_parts(
            config,
            DefaultConnector::default(),
            Reachable { private, encrypted, inner: DefaultResolver::default() },
        );
        Ok(Hook { agent, url: settings.url.clone(), secret, codes })
    }

    /// Posts the notice. The answer's body is not read.
    pub(crate) fn tell(&self, told: &Notice, now_s: u64) -> Result<(), Error> {
        let body = notice::text(told, self.codes)?;
        let (id, time) = (told.id.to_string(), now_s.to_string());
        let mut request = self.agent.post(&self.url).header("content-type", "application/json");
        request = request.header("webhook-id", &id).header("webhook-timestamp", &time);
        if let Some(secret) = &self.secret {
            request = request.header("webhook-signature", &signature(secret, &id, &time, &body));
        }
        let failed = |why: String| Error::new(ErrorCode::NotifyFailed, format!("the web hook: {why}"));
        let answer = request.send(body.as_slice()).map_err(|e| failed(e.to_string()))?;
        // With no redirects to follow, one comes back as an answer.
        if answer.status().is_success() { Ok(()) } else { Err(failed(format!("http status: {}", answer.status()))) }
    }
}

/// "v1," and the base64 of HMAC-SHA-256(secret, id "." timestamp "." body).
fn signature(secret: &[u8], id: &str, time: &str, body: &[u8]) -> String {
    let mac = hash::mac(secret, &[id.as_bytes(), b".", time.as_bytes(), b".", body]);
    format!("v1,{}", encode_base64(&mac.0))
}

/// Reads a secret that only its owner may read.
fn secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, Error> {
    let refused = |why: &str| malformed(format!("{}: {why}", path.display()));
    let about = fs::metadata(path).map_err(|e| refused(&e.to_string()))?;
    if about.len() > FILE_BYTES {
        return Err(refused("too large for a secret"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0 {
        return Err(Error::new(
            ErrorCode::KeyPermissions,
            format!("{}: others may read this secret: run chmod 600 on it", path.display()),
        ));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(|e| refused(&e.to_string()))?);
    let encoded = text.trim();
    let bytes = decode_base64(encoded.strip_prefix(SECRET_PREFIX).unwrap_or(encoded)).map(Zeroizing::new);
    bytes
        .filter(|bytes| SECRET_BYTES.contains(&bytes.len()))
        .ok_or_else(|| refused("a secret is whsec_ and the base64 of 24 to 64 bytes"))
}

/// Resolves names to the addresses that the settings allow alone, and hands the connection those very addresses, so that a name
/// cannot change between the check and the use.
#[derive(Debug)]
struct Reachable {
    /// Whether addresses may be private.
    private: bool,
    /// Whether the way is encrypted; else no address may be public.
    encrypted: bool,
    inner: DefaultResolver,
}

impl Reachable {
    fn refuses(&self, address: IpAddr) -> Option<&'static str> {
        match is_public(address) {
            false if !self.private => {
                Some("the host has an address that is not public: set allow_private if that is meant")
            }
            true if !self.encrypted => {
                Some("the host has a public address, and http goes to private ones alone: use https")
            }
            _ => None,
        }
    }
}

impl Resolver for Reachable {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        match found.iter().find_map(|address| self.refuses(address.ip())) {
            None => Ok(found),
            Some(why) => Err(ureq::Error::Other(why.into())),
        }
    }
}
