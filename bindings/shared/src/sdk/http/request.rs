//! The arguments of a request: what the kernel decides on, read so strictly that every framework
//! behind it reads the same.

use talos_contracts::json::{self, DATA_BYTES, DATA_DEPTH, Limits, Profile, Value};
use talos_contracts::{Error, ErrorCode};

/// Parameters of a query. Frameworks stop reading at their own bounds, which lie higher.
const QUERY_PARAMETERS: usize = 256;
/// Depth of a body: it stands inside of the arguments.
const BODY_LIMITS: Limits = Limits { depth: DATA_DEPTH - 1, bytes: DATA_BYTES };

/// The parts of a request that its arguments are made of.
pub struct Request<'a> {
    /// Parameters of the path, as the framework hands them to the route.
    pub path: Value,
    /// The query as it was sent, without `?`.
    pub query: &'a [u8],
    /// All values of `Content-Type`.
    pub content_types: Vec<&'a [u8]>,
    /// All values of `Content-Encoding`.
    pub content_codings: Vec<&'a [u8]>,
    /// The body as it was sent.
    pub body: &'a [u8],
}

impl Request<'_> {
    /// `{path, query, body}`, each where it is there.
    pub fn arguments(self) -> Result<Value, Error> {
        let mut members = Vec::new();
        if self.path.as_object().is_some_and(|path| !path.is_empty()) {
            members.push(("path", self.path.clone()));
        }
        if !self.query.is_empty() {
            members.push(("query", query(self.query)?));
        }
        if !self.body.is_empty() {
            self.check_media_type()?;
            members.push(("body", json::parse_with(self.body, Profile::Data, BODY_LIMITS)?));
        }
        Ok(Value::object(members))
    }

    fn check_media_type(&self) -> Result<(), Error> {
        match (self.content_types.as_slice(), self.content_codings.as_slice()) {
            ([media_type], []) if is_json(media_type) => Ok(()),
            _ => Err(ErrorCode::MalformedMediaType.into()),
        }
    }
}

/// Whether the type is JSON in UTF-8.
fn is_json(media_type: &[u8]) -> bool {
    let text = String::from_utf8_lossy(media_type).to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let is_json = |essence: &str| {
        let subtype = essence.strip_prefix("application/");
        subtype.is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
    };
    let is_utf8 =
        |parameter: &str| parameter.strip_prefix("charset=").is_none_or(|charset| charset.trim_matches('"') == "utf-8");
    parts.next().is_some_and(is_json) && parts.all(is_utf8)
}

/// The parameters of a query (application/x-www-form-urlencoded). A name that stands twice is
/// refused: some would read the first, some the last.
fn query(query: &[u8]) -> Result<Value, Error> {
    let mut members: Vec<(String, Value)> = Vec::new();
    for pair in query.split(|b| *b == b'&').filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|b| *b == b'=');
        let (name, value) = at.map_or((pair, &b""[..]), |at| (&pair[..at], &pair[at + 1..]));
        let name = decoded(name)?;
        if members.iter().any(|(known, _)| *known == name) {
            return Err(Error::new(ErrorCode::MalformedDuplicateName, "a parameter of the query stands twice"));
        }
        if members.len() == QUERY_PARAMETERS {
            let why = format!("a query has at most {QUERY_PARAMETERS} parameters");
            return Err(Error::new(ErrorCode::MalformedSize, why));
        }
        members.push((name, Value::from(decoded(value)?)));
    }
    Ok(Value::object(members))
}

fn decoded(text: &[u8]) -> Result<String, Error> {
    let digit = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
    let wrong = || Error::new(ErrorCode::MalformedSyntax, "the query is not percent-encoded");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => match (digit(rest.next()), digit(rest.next())) {
                (Some(high), Some(low)) => high << 4 | low,
                _ => return Err(wrong()),
            },
            byte if byte.is_ascii_graphic() => *byte,
            _ => return Err(wrong()),
        });
    }
    String::from_utf8(bytes).map_err(|_| Error::new(ErrorCode::MalformedUtf8, "the query is not UTF-8"))
}
