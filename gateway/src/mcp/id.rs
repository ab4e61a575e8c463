//! JSON-RPC ids, also of messages that do not parse.

use talos_shared::contracts::json::{self, Kind, Profile, Value};

/// Longest id in bytes.
const ID_BYTES: usize = 1024;

/// The id of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Id {
    Number(i64),
    Text(String),
}

impl Id {
    /// The id, if the value can be one.
    pub fn of(value: &Value) -> Option<Id> {
        match &value.kind {
            Kind::Integer(number) => Some(Id::Number(*number)),
            Kind::String(text) if text.len() <= ID_BYTES => Some(Id::Text(text.clone())),
            _ => None,
        }
    }

    /// The id as JSON.
    pub fn value(&self) -> Value {
        match self {
            Id::Number(number) => Value::from(*number),
            Id::Text(text) => Value::from(text.as_str()),
        }
    }
}

/// What can be said of a message that the strict parser refused.
#[derive(Debug, Default, PartialEq)]
pub struct Hint {
    /// The id, if there is exactly one at the top.
    pub id: Option<Id>,
    /// Whether there is a `method` at the top.
    pub method: bool,
}

impl Hint {
    /// Looks at a whole line.
    pub fn of(line: &[u8]) -> Hint {
        let mut scan = Scan::default();
        scan.feed(line);
        scan.end()
    }
}

/// Finds the top-level id of a text that may be malformed, of any length and any depth, without
/// a stack. Only answers depend on what it finds: nothing is forwarded or decided because of it.
#[derive(Default)]
pub struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    in_value: bool,
    token: Vec<u8>,
    is_id: bool,
    ids: Vec<Vec<u8>>,
    method: bool,
}

impl Scan {
    /// Reads on.
    pub fn feed(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.step(*byte));
    }

    fn step(&mut self, byte: u8) {
        if self.in_string {
            self.keep(byte);
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'{' | b'[' => {
                self.keep(byte);
                self.depth = self.depth.saturating_add(1);
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.member();
                } else {
                    self.keep(byte);
                }
            }
            b':' if self.depth == 1 && !self.in_value => {
                self.is_id = self.token == b"\"id\"";
                self.method |= self.token == b"\"method\"";
                self.in_value = true;
                self.token.clear();
            }
            b',' if self.depth == 1 => self.member(),
            b'"' => {
                self.keep(byte);
                self.in_string = true;
            }
            b' ' | b'\t' | b'\r' | b'\n' => {}
            _ => self.keep(byte),
        }
    }

    fn keep(&mut self, byte: u8) {
        // One byte more than an id with its quotes, so that a clipped id never parses.
        if self.depth == 1 && (!self.in_value || self.is_id) && self.token.len() < ID_BYTES + 3 {
            self.token.push(byte);
        }
    }

    /// The end of a top-level member.
    fn member(&mut self) {
        if self.is_id && self.ids.len() < 2 {
            self.ids.push(std::mem::take(&mut self.token));
        }
        self.token.clear();
        self.is_id = false;
        self.in_value = false;
    }

    /// What was found.
    pub fn end(self) -> Hint {
        let id = match self.ids.as_slice() {
            [one] => json::parse(one, Profile::Data).ok().and_then(|value| Id::of(&value)),
            _ => None,
        };
        Hint { id, method: self.method }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_found_wherever_it_stands() {
        let request = |id| Hint { id: Some(id), method: true };
        assert_eq!(Hint::of(br#"{"method":"x","a":[{"id":1}],"id": 7 }"#), request(Id::Number(7)));
        assert_eq!(Hint::of(br#"{"id":"a,\"}b","method":9"#), request(Id::Text("a,\"}b".into())));
        assert_eq!(
            Hint::of(br#"{"result":{"method":1,"n":99999999999999999999},"id":-1}"#),
            Hint { id: Some(Id::Number(-1)), method: false }
        );
        let mut deep = vec![b'['; 100_000];
        deep.splice(0..0, br#"{"id":3,"method":"#.iter().copied());
        assert_eq!(Hint::of(&deep), request(Id::Number(3)));
    }

    #[test]
    fn what_is_no_single_id_is_none() {
        for line in [
            r#"{"id":1,"id":1}"#,
            r#"{"id":null}"#,
            r#"{"id":1.5}"#,
            r#"{"id":{"id":1}}"#,
            r#"{"id":}"#,
            r#"[{"id":1}]"#,
            r#"{"a":{"id":1}}"#,
            r#"{"id""#,
            r#"}}}]]"#,
            "",
        ] {
            assert_eq!(Hint::of(line.as_bytes()).id, None, "{line}");
        }
        let long = format!("{{\"id\":\"{}\"}}", "x".repeat(ID_BYTES + 1));
        assert_eq!(Hint::of(long.as_bytes()).id, None);
    }
}
