//! JSON lines, decoded as the bytes come.

use memchr::memchr;

use crate::TooLong;

/// Splits bytes into lines that end with a line feed, as Ollama streams them. Blank lines are skipped.
#[derive(Debug)]
pub struct LineDecoder {
    line: Vec<u8>,
    limit: usize,
}

impl LineDecoder {
    /// A decoder that refuses lines longer than `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { line: Vec::new(), limit }
    }

    /// Takes the next bytes and gives the lines they end.
    ///
    /// # Errors
    /// A line is too long. The decoder is of no use after that.
    pub fn push(&mut self, mut bytes: &[u8], give: &mut impl FnMut(String)) -> Result<(), TooLong> {
        while let Some(at) = memchr(b'\n', bytes) {
            self.extend(&bytes[..at])?;
            self.finish(give);
            bytes = &bytes[at + 1..];
        }
        self.extend(bytes)
    }

    /// Takes the end of the bytes and gives the line that was not ended, if there is one.
    pub fn finish(&mut self, give: &mut impl FnMut(String)) {
        let line = self.line.trim_ascii();
        if !line.is_empty() {
            give(String::from_utf8_lossy(line).into_owned());
        }
        self.line.clear();
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > self.limit {
            return Err(TooLong { limit: self.limit });
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }
}
