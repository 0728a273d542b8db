//! Server-sent events, decoded as the bytes come.

use memchr::memchr2;

/// A line or event is longer than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {limit} bytes in one piece")]
pub struct TooLong {
    /// The limit, in bytes.
    pub limit: usize,
}

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// The last `event` field; empty if there is none.
    pub name: String,
    /// The `data` fields, joined by line feeds. Bytes that are no UTF-8 are replaced.
    pub data: String,
}

/// Decodes an event stream of the HTML standard, in time linear in the bytes however they are split.
///
/// One thing differs from the standard, for servers that do not end their last event: [`SseDecoder::finish`] gives
/// an event that is not ended by a blank line. `id` and `retry` are of no use here and skipped.
#[derive(Debug)]
pub struct SseDecoder {
    /// The line so far.
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was a carriage return: a line feed now belongs to it.
    after_return: bool,
    /// No line has ended yet: a byte order mark may stand here.
    at_start: bool,
    limit: usize,
}

impl SseDecoder {
    /// A decoder that refuses events and lines longer than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            line: Vec::new(),
            name: Vec::new(),
            data: Vec::new(),
            has_data: false,
            after_return: false,
            at_start: true,
            limit,
        }
    }

    /// Takes the next bytes and gives the events they end.
    ///
    /// # Errors
    /// A line or event is too long. The decoder is of no use after that.
    pub fn push(&mut self, mut bytes: &[u8], give: &mut impl FnMut(SseEvent)) -> Result<(), TooLong> {
        if self.after_return && !bytes.is_empty() {
            self.after_return = false;
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
        while let Some(at) = memchr2(b'\n', b'\r', bytes) {
            self.extend_line(&bytes[..at])?;
            self.end_line(give)?;
            let is_return = bytes[at] == b'\r';
            bytes = &bytes[at + 1..];
            if is_return {
                match bytes.first() {
                    Some(b'\n') => bytes = &bytes[1..],
                    Some(_) => {}
                    None => self.after_return = true,
                }
            }
        }
        self.extend_line(bytes)
    }

    /// Takes the end of the bytes and gives the event that was not ended, if there is one.
    ///
    /// # Errors
    /// As [`SseDecoder::push`].
    pub fn finish(&mut self, give: &mut impl FnMut(SseEvent)) -> Result<(), TooLong> {
        if !self.line.is_empty() {
            self.end_line(give)?;
        }
        self.dispatch(give);
        Ok(())
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + self.data.len() + bytes.len() > self.limit {
            return Err(TooLong { limit: self.limit });
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, give: &mut impl FnMut(SseEvent)) -> Result<(), TooLong> {
        let mut line = std::mem::take(&mut self.line);
        let mut text = &line[..];
        if std::mem::take(&mut self.at_start) {
            text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        }
        if text.is_empty() {
            self.dispatch(give);
        } else if let Some(value) = text.strip_prefix(b"data:").filter(|_| !self.has_data) {
            // Nearly every event is one such line, and some are long: it becomes the event without a copy.
            let value = value.strip_prefix(b" ").unwrap_or(value);
            let start = line.len() - value.len();
            line.drain(..start);
            self.data = line;
            self.has_data = true;
            return Ok(());
        } else {
            self.field(text)?;
        }
        line.clear();
        self.line = line;
        Ok(())
    }

    fn field(&mut self, line: &[u8]) -> Result<(), TooLong> {
        let (name, value) = match memchr::memchr(b':', line) {
            // A comment.
            Some(0) => return Ok(()),
            Some(colon) => {
                let value = &line[colon + 1..];
                (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match name {
            b"event" => {
                self.name.clear();
                self.name.extend_from_slice(value);
            }
            b"data" => {
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.has_data = true;
                if self.data.len() + value.len() > self.limit {
                    return Err(TooLong { limit: self.limit });
                }
                self.data.extend_from_slice(value);
            }
            _ => {}
        }
        Ok(())
    }

    fn dispatch(&mut self, give: &mut impl FnMut(SseEvent)) {
        if std::mem::take(&mut self.has_data) {
            let data = String::from_utf8(std::mem::take(&mut self.data));
            give(SseEvent {
                name: String::from_utf8_lossy(&self.name).into_owned(),
                data: data.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            });
        }
        self.name.clear();
    }
}
