// Generated from contracts/schemas/price_catalogue.json by `cargo run -p talos-codegen`; do not edit.
//! What models cost, as their makers publish it (docs/spec/budget.md).

use super::reader::Path;
use super::{reader, writer};
use crate::json::Value;
use crate::{Error, json, scalar};

/// What models cost, as their makers publish it (docs/spec/budget.md).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PriceCatalogue {
    /// One entry a model and currency; a later one replaces an earlier one.
    pub prices: Vec<Price>,
}

impl PriceCatalogue {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [prices] = reader::members(this, here, &["prices"])?;
        Ok(Self {
            prices: reader::required(this, prices, here, "prices", |value, path| {
                reader::list(value, path, 0, 4096, Price::read_at)
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(64);
        out.extend_from_slice(br#"{"prices":"#);
        writer::list(&self.prices, out, |x, out| {
            x.write(out);
        });
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What a model costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Price {
    /// The model, as actions name it.
    pub model: String,
    /// ISO 4217 code of a currency.
    pub currency: String,
    /// Micro-units for a million input tokens, at the dearest tier.
    pub input_micro: u64,
    /// Micro-units for a million output tokens, at the dearest tier.
    pub output_micro: u64,
    /// Output tokens of one answer at most, as the maker says; absent: not known.
    pub max_output: Option<u64>,
    /// The vocabulary that its tokens are counted in; absent: not public, so bytes are counted.
    pub encoding: Option<TokenEncoding>,
    /// Where the price is published.
    pub source: String,
    /// The day for which the price is known to have been so.
    pub date: String,
}

impl Price {
    /// Reads the value strictly: closed objects, exact types, bounds.
    pub fn read(this: &Value) -> Result<Self, Error> {
        Self::read_at(this, &Path::ROOT)
    }

    pub(super) fn read_at(this: &Value, here: &Path<'_>) -> Result<Self, Error> {
        let [currency, date, encoding, input_micro, max_output, model, output_micro, source] = reader::members(
            this,
            here,
            &["currency", "date", "encoding", "input_micro", "max_output", "model", "output_micro", "source"],
        )?;
        Ok(Self {
            model: reader::required(this, model, here, "model", |value, path| reader::text(value, path, 1, 128))?,
            currency: reader::required(this, currency, here, "currency", |value, path| {
                reader::checked(value, path, scalar::is_currency, "ISO 4217 code of a currency.")
            })?,
            input_micro: reader::required(this, input_micro, here, "input_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            output_micro: reader::required(this, output_micro, here, "output_micro", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            max_output: reader::optional(max_output, here, "max_output", |value, path| {
                reader::unsigned(value, path, 0, 9007199254740991)
            })?,
            encoding: reader::optional(encoding, here, "encoding", TokenEncoding::read_at)?,
            source: reader::required(this, source, here, "source", |value, path| reader::text(value, path, 1, 512))?,
            date: reader::required(this, date, here, "date", |value, path| {
                reader::checked(value, path, scalar::is_date, "The day for which the price is known to have been so.")
            })?,
        })
    }

    /// Appends the canonical form (RFC 8785).
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(256);
        out.extend_from_slice(br#"{"currency":"#);
        json::write_string(&self.currency, out);
        out.extend_from_slice(br#","date":"#);
        json::write_string(&self.date, out);
        if let Some(x) = self.encoding {
            out.extend_from_slice(br#","encoding":""#);
            out.extend_from_slice(x.as_str().as_bytes());
            out.push(b'"');
        }
        out.extend_from_slice(br#","input_micro":"#);
        writer::unsigned(self.input_micro, out);
        if let Some(x) = self.max_output {
            out.extend_from_slice(br#","max_output":"#);
            writer::unsigned(x, out);
        }
        out.extend_from_slice(br#","model":"#);
        json::write_string(&self.model, out);
        out.extend_from_slice(br#","output_micro":"#);
        writer::unsigned(self.output_micro, out);
        out.extend_from_slice(br#","source":"#);
        json::write_string(&self.source, out);
        out.push(b'}');
    }

    /// The canonical form (RFC 8785).
    pub fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// The vocabulary that its tokens are counted in; absent: not public, so bytes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenEncoding {
    /// cl100k_base.
    Cl100k,
    /// o200k_base.
    O200k,
}

impl TokenEncoding {
    /// Every value, in order.
    pub const ALL: &'static [TokenEncoding] = &[TokenEncoding::Cl100k, TokenEncoding::O200k];

    const WORDS: &'static [&'static str] = &["cl100k", "o200k"];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            TokenEncoding::Cl100k => "cl100k",
            TokenEncoding::O200k => "o200k",
        }
    }

    /// The value of a word on the wire.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "cl100k" => Some(TokenEncoding::Cl100k),
            "o200k" => Some(TokenEncoding::O200k),
            _ => None,
        }
    }

    pub(super) fn read_at(value: &Value, path: &Path<'_>) -> Result<Self, Error> {
        reader::choice(value, path, Self::parse, Self::WORDS)
    }
}

impl std::fmt::Display for TokenEncoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
