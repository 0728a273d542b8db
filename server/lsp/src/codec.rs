//! The base protocol's framing (LSP 3.17, "Base Protocol"): headers, a blank line, a body of so many bytes.
//!
//! Invariant: whatever comes, reading goes on. A header that makes no sense is reported once and skipped up to
//! the next `Content-Length`; a length that no message has allocates nothing.

use std::io::{self, Read};

/// The longest body taken: 256 MiB, far above any text an editor opens.
const MAX_BODY: usize = 256 << 20;
/// The longest header line taken.
const MAX_HEADER_LINE: usize = 4 << 10;
/// How much is read at once.
const CHUNK: usize = 64 << 10;

/// What came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// A message's body; whether it is JSON is not known yet.
    Body(Vec<u8>),
    /// A header that makes no sense; what was skipped is lost.
    Malformed(&'static str),
}

/// Takes frames out of a stream of bytes.
pub(crate) struct FrameReader<R> {
    source: R,
    /// Bytes read and not yet taken are those from `taken` to `filled`.
    buffer: Box<[u8]>,
    taken: usize,
    filled: usize,
    /// Looking for the next `Content-Length` after a header that made no sense.
    lost: bool,
}

const LENGTH: &[u8] = b"content-length";

impl<R: Read> FrameReader<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, buffer: vec![0; CHUNK].into(), taken: 0, filled: 0, lost: false }
    }

    /// The next frame; `None` at the end of the stream, also in the middle of a frame.
    pub(crate) fn next_frame(&mut self) -> io::Result<Option<Frame>> {
        if self.lost && !self.skip_to_length()? {
            return Ok(None);
        }
        self.lost = false;
        let length = match self.header()? {
            None => return Ok(None),
            Some(Ok(length)) => length,
            Some(Err(reason)) => {
                self.lost = true;
                return Ok(Some(Frame::Malformed(reason)));
            }
        };
        Ok(self.body(length)?.map(Frame::Body))
    }

    /// Reads header lines up to the blank one.
    fn header(&mut self) -> io::Result<Option<Result<usize, &'static str>>> {
        let mut length = None;
        loop {
            let Some(line) = self.line()? else { return Ok(None) };
            let Ok(line) = line else { return Ok(Some(Err("a header line is too long"))) };
            let line = line.trim_ascii();
            if line.is_empty() {
                // Blank lines before a header are harmless; a blank line after fields ends them.
                match length {
                    Some(length) => return Ok(Some(Ok(length))),
                    None => continue,
                }
            }
            let Some(colon) = line.iter().position(|byte| *byte == b':') else {
                return Ok(Some(Err("a header line has no colon")));
            };
            let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
            if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') {
                return Ok(Some(Err("a header line has no name")));
            }
            if name.eq_ignore_ascii_case(LENGTH) {
                let digits = std::str::from_utf8(value)
                    .ok()
                    .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
                match digits.map(str::parse::<usize>) {
                    Some(Ok(value)) if value <= MAX_BODY => length = Some(value),
                    Some(_) => return Ok(Some(Err("Content-Length is too large"))),
                    None => return Ok(Some(Err("Content-Length is not a number"))),
                }
            }
        }
    }

    /// The next line without its `\n`; an error when it is longer than any header's.
    fn line(&mut self) -> io::Result<Option<Result<Vec<u8>, ()>>> {
        let mut searched = 0;
        loop {
            let rest = &self.buffer[self.taken..self.filled];
            let end = rest[searched..].iter().position(|byte| *byte == b'\n').map(|end| searched + end);
            searched = rest.len();
            if end.unwrap_or(searched) > MAX_HEADER_LINE {
                return Ok(Some(Err(())));
            }
            if let Some(end) = end {
                let line = rest[..end].to_vec();
                self.taken += end + 1;
                return Ok(Some(Ok(line)));
            }
            if self.fill()? == 0 {
                return Ok(None);
            }
        }
    }

    fn body(&mut self, length: usize) -> io::Result<Option<Vec<u8>>> {
        let at_hand = (self.filled - self.taken).min(length);
        // Memory is taken as bytes come, whatever length was promised.
        let mut body = Vec::with_capacity(length.min(CHUNK).max(at_hand));
        body.extend_from_slice(&self.buffer[self.taken..self.taken + at_hand]);
        self.taken += at_hand;
        let missing = (length - at_hand) as u64;
        if missing > 0 && (&mut self.source).take(missing).read_to_end(&mut body)? < missing as usize {
            return Ok(None);
        }
        Ok(Some(body))
    }

    /// Skips to the next `Content-Length`; `false` at the end of the stream.
    fn skip_to_length(&mut self) -> io::Result<bool> {
        loop {
            let rest = &self.buffer[self.taken..self.filled];
            let found = rest.windows(LENGTH.len()).position(|window| window.eq_ignore_ascii_case(LENGTH));
            if let Some(at) = found {
                self.taken += at;
                return Ok(true);
            }
            self.taken += rest.len().saturating_sub(LENGTH.len() - 1);
            if self.fill()? == 0 {
                return Ok(false);
            }
        }
    }

    /// Reads more behind what is not yet taken, of which there is never a whole buffer: header lines are short.
    fn fill(&mut self) -> io::Result<usize> {
        self.buffer.copy_within(self.taken..self.filled, 0);
        self.filled -= std::mem::take(&mut self.taken);
        let read = loop {
            match self.source.read(&mut self.buffer[self.filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.filled += read;
        Ok(read)
    }
}

/// A body with its header.
pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    frame.extend_from_slice(body);
    frame
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives its bytes in pieces of one size.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let len = self.1.min(self.0.len()).min(into.len());
            into[..len].copy_from_slice(&self.0[..len]);
            self.0 = &self.0[len..];
            Ok(len)
        }
    }

    fn frames(bytes: &[u8], piece: usize) -> Vec<Frame> {
        let mut reader = FrameReader::new(Pieces(bytes, piece));
        std::iter::from_fn(|| reader.next_frame().unwrap()).collect()
    }

    fn body(text: &str) -> Frame {
        Frame::Body(text.into())
    }

    #[test]
    fn frames_are_read_however_they_arrive() {
        let bytes = b"Content-Length: 2\r\n\r\n{}content-LENGTH:3\nContent-Type: application/vscode-jsonrpc; charset=utf8\n\n[1]\r\nContent-Length: 0\r\n\r\n";
        for piece in [1, 2, 7, 1000] {
            assert_eq!(frames(bytes, piece), [body("{}"), body("[1]"), body("")], "pieces of {piece}");
        }
    }

    #[test]
    fn after_a_bad_header_the_next_good_one_is_found() {
        for bad in [
            "Content-Length: abc\r\n\r\n{}",
            "Content-Length: -5\r\n\r\n{}",
            "Content-Length: 9000000000000\r\n\r\n{{{{",
            "Content-Length: 99999999999999999999999999\r\n\r\n",
            "no colon here\r\n\r\n",
            "\u{0}\u{1}: x\r\n\r\n",
            &"x".repeat(5000),
        ] {
            for piece in [1, 1000] {
                let found = frames(format!("{bad}Content-Length: 2\r\n\r\n[]").as_bytes(), piece);
                assert!(matches!(found[..], [Frame::Malformed(_), Frame::Body(_)]), "{bad}: {found:?}");
            }
        }
    }

    #[test]
    fn a_line_is_too_long_however_it_arrives() {
        let bytes = format!("{}\nContent-Length: 2\r\n\r\n[]", "x".repeat(MAX_HEADER_LINE + 1));
        for piece in [1, 100, 100_000] {
            let found = frames(bytes.as_bytes(), piece);
            assert_eq!(
                found,
                [Frame::Malformed("a header line is too long"), body("[]")],
                "pieces of {piece}"
            );
        }
    }

    #[test]
    fn an_end_inside_a_frame_is_an_end() {
        assert_eq!(frames(b"Content-Length: 5\r\n\r\n{}", 3), []);
        assert_eq!(frames(b"Content-Len", 3), []);
    }

    proptest! {
        #[test]
        fn garbage_between_messages_loses_no_later_message(garbage in prop::collection::vec(any::<u8>(), 0..300), piece in 1usize..50) {
            let text: String = garbage.iter().map(|b| char::from(*b)).collect::<String>().to_ascii_lowercase();
            prop_assume!(!text.contains("content-length"));
            let mut bytes = garbage;
            bytes.extend_from_slice(b"\nContent-Length: 2\r\n\r\n{}Content-Length: 4\r\n\r\nnull");
            let found = frames(&bytes, piece);
            prop_assert_eq!(found.last(), Some(&body("null")));
        }
    }
}
