//! One message a line, of bounded length.

use crate::mcp::id::{Hint, Scan};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::time::Duration;
use talos_shared::contracts::json::DATA_BYTES;

/// Largest message, without its newline.
pub const MESSAGE_BYTES: usize = DATA_BYTES;
/// The end of a line: `\n`, or `\r\n`.
const LINE_END: usize = 2;
/// Read at once; as much as a pipe holds.
const BUFFER_BYTES: usize = 64 * 1024;
/// Pause before a descriptor that some other process made non-blocking is tried again.
const RETRY: Duration = Duration::from_millis(1);

/// One line.
pub enum Frame {
    /// With its newline, as it came.
    Message(Vec<u8>),
    /// Longer than [`MESSAGE_BYTES`], and thrown away.
    TooLarge(Hint),
}

/// The lines of a stream.
pub struct Frames<R> {
    reader: BufReader<R>,
}

impl<R: Read> Frames<R> {
    /// Lines from here on.
    pub fn new(stream: R) -> Self {
        Frames { reader: BufReader::with_capacity(BUFFER_BYTES, stream) }
    }

    /// The next line that is not blank; none at the end of the stream.
    pub fn read(&mut self) -> io::Result<Option<Frame>> {
        loop {
            match self.line()? {
                Some(Frame::Message(line)) if line.trim_ascii().is_empty() => {}
                frame => return Ok(frame),
            }
        }
    }

    fn line(&mut self) -> io::Result<Option<Frame>> {
        let mut line = Vec::new();
        let mut too_large: Option<Scan> = None;
        loop {
            let bytes = match self.reader.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(RETRY);
                    continue;
                }
                Err(error) => return Err(error),
            };
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let take = end.map_or(bytes.len(), |at| at + 1);
            let ended = end.is_some() || bytes.is_empty();
            match &mut too_large {
                Some(scan) => scan.feed(&bytes[..take]),
                None => line.extend_from_slice(&bytes[..take]),
            }
            self.reader.consume(take);
            if too_large.is_none() && line.len() > MESSAGE_BYTES + LINE_END {
                let mut scan = Scan::default();
                scan.feed(&line);
                line = Vec::new();
                too_large = Some(scan);
            }
            if ended {
                return Ok(finish(line, too_large, end.is_some()));
            }
        }
    }
}

fn finish(mut line: Vec<u8>, too_large: Option<Scan>, newline: bool) -> Option<Frame> {
    if let Some(scan) = too_large {
        return Some(Frame::TooLarge(scan.end()));
    }
    if !newline {
        if line.is_empty() {
            return None;
        }
        line.push(b'\n');
    }
    Some(Frame::Message(line))
}

/// Writes all of it, also to a descriptor that some other process made non-blocking.
pub fn write_all(stream: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(RETRY),
            Err(error) => return Err(error),
        }
    }
    stream.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mcp::id::Id;

    fn all(stream: &[u8]) -> Vec<Option<Vec<u8>>> {
        let mut frames = Frames::new(stream);
        let mut out = Vec::new();
        while let Some(frame) = frames.read().unwrap() {
            out.push(match frame {
                Frame::Message(line) => Some(line),
                Frame::TooLarge(_) => None,
            });
        }
        out
    }

    #[test]
    fn lines_keep_their_bytes_and_blank_ones_are_skipped() {
        let lines = all(b"{\"a\":1}\r\n\n  \n{}\nlast");
        assert_eq!(lines, [Some(b"{\"a\":1}\r\n".to_vec()), Some(b"{}\n".to_vec()), Some(b"last\n".to_vec())]);
    }

    #[test]
    fn a_line_over_the_limit_is_skipped_and_its_id_is_known() {
        let mut stream = br#"{"pad":""#.to_vec();
        stream.resize(MESSAGE_BYTES + 100, b'x');
        stream.extend_from_slice(b"\",\"id\":5}\n{}\n");
        let mut frames = Frames::new(stream.as_slice());
        match frames.read().unwrap() {
            Some(Frame::TooLarge(hint)) => assert_eq!(hint, Hint { id: Some(Id::Number(5)), method: false }),
            _ => panic!("not too large"),
        }
        assert!(matches!(frames.read().unwrap(), Some(Frame::Message(line)) if line == b"{}\n"));
        assert!(frames.read().unwrap().is_none());
    }

    #[test]
    fn a_line_at_the_limit_passes() {
        let mut stream = vec![b'x'; MESSAGE_BYTES];
        stream.extend_from_slice(b"\r\n");
        assert_eq!(all(&stream).len(), 1);
        assert!(all(&stream)[0].is_some());
    }
}
