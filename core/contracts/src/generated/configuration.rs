// Generated from contracts/schemas/configuration.json by `cargo run -p talos-codegen`; do not edit.
//! The file talos.toml.

use super::reader::Path;
use super::{SignMode, reader, writer};
use crate::json::Value;
use crate::{Error, json, scalar};

/// The file talos.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// The name of a log: the first line of its checkpoints.
    pub origin: String,
    /// Path of the policy file, relative to this one.
    pub policy: Option<String>,
    /// Paths of files with Cedar policies, relative to this one; they have to allow, too.
    pub cedar: Option<Vec<String>>,
    /// Path of the file with the tools' definitions that the Cedar policies are validated against; absent: the policy's with the extension tools.json, if there is one.
    pub tools: Option<String>,
    /// Who vouches for receipts of reads; absent: self.
    pub sign_reads: Option<SignMode>,
    /// How long a permit may wait for its start, in seconds; absent: 60.
    pub permit_seconds: Option<u64>,
    /// Whether arguments and results are kept, so that they can be disclosed; absent: false.
    pub store_bodies: Option<bool>,
    /// The base URL of the mailbox by which the agents of this directory reach others; absent: none.
    pub mailbox: Option<String>,
    /// The organisation that the agents of this directory belong to.
    pub organisation: Option<String>,
    /// The team that the agents of this directory belong to.
    pub team: Option<String>,
    /// Who is told of a new request for approval (docs/spec/approval.md, section 8); absent: nobody.
    pub notify: Option<ConfigurationNotify>,
}

impl Configuration {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [
            cedar,
            mailbox,
            notify,
            organisation,
            origin,
            permit_seconds,
            policy,
            sign_reads,
            store_bodies,
            team,
            tools,
        ] = reader::members(
            this,
            here,
            &[
                "cedar",
                "mailbox",
                "notify",
                "organisation",
                "origin",
                "permit_seconds",
                "policy",
                "sign_reads",
                "store_bodies",
                "team",
                "tools",
            ],
        )?;
        Ok(Self {
            origin: reader::required(this, origin, here, "origin", |value, path| {
                reader::checked(value, path, scalar::is_origin, "The name of a log: the first line of its checkpoints.")
            })?,
            policy: reader::optional(policy, here, "policy", |value, path| reader::text(value, path, 1, 4096))?,
            cedar: reader::optional(cedar, here, "cedar", |value, path| {
                reader::list(value, path, 0, 64, |value, path| reader::text(value, path, 1, 4096))
            })?,
            tools: reader::optional(tools, here, "tools", |value, path| reader::text(value, path, 1, 4096))?,
            sign_reads: reader::optional(sign_reads, here, "sign_reads", SignMode::read_at)?,
            permit_seconds: reader::optional(permit_seconds, here, "permit_seconds", |value, path| {
                reader::unsigned(value, path, 1, 86400)
            })?,
            store_bodies: reader::optional(store_bodies, here, "store_bodies", reader::boolean)?,
            mailbox: reader::optional(mailbox, here, "mailbox", |value, path| reader::text(value, path, 1, 512))?,
            organisation: reader::optional(organisation, here, "organisation", |value, path| {
                reader::text(value, path, 1, 128)
            })?,
            team: reader::optional(team, here, "team", |value, path| reader::text(value, path, 1, 128))?,
            notify: reader::optional(notify, here, "notify", ConfigurationNotify::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(480);
        out.push(b'{');
        if let Some(x) = &self.cedar {
            out.extend_from_slice(br#""cedar":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
            out.push(b',');
        }
        if let Some(x) = &self.mailbox {
            out.extend_from_slice(br#""mailbox":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.notify {
            out.extend_from_slice(br#""notify":"#);
            x.write(out);
            out.push(b',');
        }
        if let Some(x) = &self.organisation {
            out.extend_from_slice(br#""organisation":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""origin":"#);
        json::write_string(&self.origin, out);
        if let Some(x) = self.permit_seconds {
            out.extend_from_slice(br#","permit_seconds":"#);
            writer::unsigned(x, out);
        }
        if let Some(x) = &self.policy {
            out.extend_from_slice(br#","policy":"#);
            json::write_string(x, out);
        }
        if let Some(x) = self.sign_reads {
            out.extend_from_slice(br#","sign_reads":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        if let Some(x) = self.store_bodies {
            out.extend_from_slice(br#","store_bodies":"#);
            writer::boolean(x, out);
        }
        if let Some(x) = &self.team {
            out.extend_from_slice(br#","team":"#);
            json::write_string(x, out);
        }
        if let Some(x) = &self.tools {
            out.extend_from_slice(br#","tools":"#);
            json::write_string(x, out);
        }
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// Who is told of a new request for approval (docs/spec/approval.md, section 8); absent: nobody.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfigurationNotify {
    /// A program and its arguments, run without a shell with the notice on its standard input.
    pub command: Option<Vec<String>>,
    /// A URL that the notice is posted to.
    pub webhook: Option<NotifyWebhook>,
}

impl ConfigurationNotify {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [command, webhook] = reader::members(this, here, &["command", "webhook"])?;
        Ok(Self {
            command: reader::optional(command, here, "command", |value, path| {
                reader::list(value, path, 1, 64, |value, path| reader::text(value, path, 0, 4096))
            })?,
            webhook: reader::optional(webhook, here, "webhook", NotifyWebhook::read_at)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(96);
        let start = out.len();
        if let Some(x) = &self.command {
            out.extend_from_slice(br#","command":"#);
            writer::list(x, out, |x, out| {
                json::write_string(x, out);
            });
        }
        if let Some(x) = &self.webhook {
            out.extend_from_slice(br#","webhook":"#);
            x.write(out);
        }
        writer::open(start, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// A URL that the notice is posted to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotifyWebhook {
    /// The URL: https, or http with allow_private.
    pub url: String,
    /// File, relative to this one, with the secret that signs notices (Standard Webhooks): whsec_ and base64; absent: not signed.
    pub secret_file: Option<String>,
    /// Whether the host may have an address that is not public; absent: false.
    pub allow_private: Option<bool>,
    /// Whether one-time codes go with it; absent: false.
    pub codes: Option<bool>,
}

impl NotifyWebhook {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [allow_private, codes, secret_file, url] =
            reader::members(this, here, &["allow_private", "codes", "secret_file", "url"])?;
        Ok(Self {
            url: reader::required(this, url, here, "url", |value, path| reader::text(value, path, 1, 2048))?,
            secret_file: reader::optional(secret_file, here, "secret_file", |value, path| {
                reader::text(value, path, 1, 4096)
            })?,
            allow_private: reader::optional(allow_private, here, "allow_private", reader::boolean)?,
            codes: reader::optional(codes, here, "codes", reader::boolean)?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(160);
        out.push(b'{');
        if let Some(x) = self.allow_private {
            out.extend_from_slice(br#""allow_private":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        if let Some(x) = self.codes {
            out.extend_from_slice(br#""codes":"#);
            writer::boolean(x, out);
            out.push(b',');
        }
        if let Some(x) = &self.secret_file {
            out.extend_from_slice(br#""secret_file":"#);
            json::write_string(x, out);
            out.push(b',');
        }
        out.extend_from_slice(br#""url":"#);
        json::write_string(&self.url, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}
