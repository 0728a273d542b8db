//! The bytes around an anchor, and the little that has to be known of tokens to read them.

use super::{AHEAD, BEHIND};

/// How deep brackets may nest between two that are matched.
const MAX_DEPTH: usize = 32;

/// The bytes that may decide about an anchor. Offsets are those of the text; what is outside is not seen.
#[derive(Clone, Copy)]
pub(super) struct Window<'t> {
    text: &'t [u8],
    start: usize,
}

impl<'t> Window<'t> {
    pub(super) fn around(text: &'t [u8], anchor: usize) -> Self {
        Self { text: &text[..text.len().min(anchor + AHEAD)], start: anchor.saturating_sub(BEHIND) }
    }

    /// The byte at an offset; 0 outside.
    pub(super) fn byte(self, at: usize) -> u8 {
        if at < self.start { 0 } else { self.text.get(at).copied().unwrap_or(0) }
    }

    /// The byte before an offset; 0 outside.
    pub(super) fn before(self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |at| self.byte(at))
    }

    pub(super) fn slice(self, from: usize, to: usize) -> &'t [u8] {
        self.text.get(from.max(self.start)..to).unwrap_or_default()
    }

    /// The bytes from an offset to the window's end.
    pub(super) fn rest(self, at: usize) -> &'t [u8] {
        self.text.get(at.max(self.start)..).unwrap_or_default()
    }

    /// The end of the name that begins at an offset; the offset itself when none does.
    pub(super) fn word_end(self, at: usize) -> usize {
        at + self.rest(at).iter().take_while(|byte| is_name(**byte)).count()
    }

    /// The name that begins at an offset.
    pub(super) fn word(self, at: usize) -> &'t [u8] {
        self.slice(at, self.word_end(at))
    }

    /// The start of the name that ends at an offset; the offset itself when none does.
    pub(super) fn word_start(self, end: usize) -> usize {
        end - self.slice(self.start, end).iter().rev().take_while(|byte| is_name(**byte)).count()
    }

    /// The name that ends at an offset.
    pub(super) fn word_before(self, end: usize) -> &'t [u8] {
        self.slice(self.word_start(end), end)
    }

    /// Whether a whole word stands at an offset that no `.` or `#` makes a member's name.
    pub(super) fn is_word(self, at: usize, word: &[u8]) -> bool {
        let before = self.before(at);
        self.rest(at).starts_with(word)
            && !is_name(self.byte(at + word.len()))
            && !is_name(before)
            && !matches!(before, b'.' | b'#' | b'@')
    }

    /// Skips blanks and tabs.
    pub(super) fn skip_blanks(self, at: usize) -> usize {
        at + self.rest(at).iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    /// Skips all white space and comments.
    pub(super) fn skip_space(self, mut at: usize) -> usize {
        loop {
            at += self.rest(at).iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            match self.skip_comment(at) {
                Some(end) => at = end,
                None => return at,
            }
        }
    }

    /// The end of the comment that begins at an offset; the window's end if it does not end before.
    fn skip_comment(self, at: usize) -> Option<usize> {
        let rest = self.rest(at);
        let len = if rest.starts_with(b"//") {
            memchr::memchr(b'\n', rest)
        } else if rest.starts_with(b"/*") {
            memchr::memmem::find(&rest[2..], b"*/").map(|end| end + 4)
        } else {
            return None;
        };
        Some(len.map_or(self.text.len(), |len| at + len))
    }

    /// Goes back over blanks and tabs.
    pub(super) fn back_blanks(self, end: usize) -> usize {
        let before = self.slice(self.start, end);
        end - before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
    }

    /// Goes back over all white space.
    pub(super) fn back_white(self, end: usize) -> usize {
        let before = self.slice(self.start, end);
        end - before.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count()
    }

    /// Goes back over all white space and comments.
    pub(super) fn back_space(self, mut end: usize) -> usize {
        loop {
            end = self.back_white(end);
            let before = self.slice(self.start, end);
            if before.ends_with(b"*/")
                && let Some(open) = memchr::memmem::rfind(before, b"/*")
            {
                end = self.start + open;
                continue;
            }
            let line = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
            match line_comment(&before[line..]) {
                Some(comment) => end = self.start + line + comment,
                None => return end,
            }
        }
    }

    /// The end of the string that begins at an offset, on the same line.
    pub(super) fn string_end(self, at: usize) -> Option<usize> {
        let quote = self.byte(at);
        if !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let mut at = at + 1;
        loop {
            match self.byte(at) {
                0 | b'\n' => return None,
                b'\\' => at += 2,
                byte if byte == quote => return Some(at + 1),
                _ => at += 1,
            }
        }
    }

    /// Where the bracket closes that opens at an offset. `<` counts as a bracket: for types only.
    pub(super) fn closing(self, open: usize) -> Option<usize> {
        let mut expected = [0_u8; MAX_DEPTH];
        let mut depth = 0_usize;
        let mut at = open;
        loop {
            let byte = self.byte(at);
            let closer = match byte {
                0 if at >= self.text.len() => return None,
                b'<' => b'>',
                b'(' => b')',
                b'[' => b']',
                b'{' => b'}',
                b'"' | b'\'' => {
                    at = self.string_end(at)?;
                    continue;
                }
                b'`' => {
                    at = at + 2 + memchr::memchr(b'`', self.rest(at + 1))?;
                    continue;
                }
                b'/' if matches!(self.byte(at + 1), b'/' | b'*') => {
                    at = self.skip_comment(at)?;
                    continue;
                }
                b'=' if self.byte(at + 1) == b'>' => {
                    at += 2;
                    continue;
                }
                b'>' | b')' | b']' | b'}' => {
                    depth = depth.checked_sub(1)?;
                    if expected[depth] != byte {
                        return None;
                    }
                    if depth == 0 {
                        return Some(at);
                    }
                    at += 1;
                    continue;
                }
                _ => {
                    at += 1;
                    continue;
                }
            };
            *expected.get_mut(depth)? = closer;
            depth += 1;
            at += 1;
        }
    }
}

/// Whether a byte may be part of a name.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

/// Whether a byte may begin a name.
pub(super) fn is_name_start(byte: u8) -> bool {
    is_name(byte) && !byte.is_ascii_digit()
}

/// Where a `//` comment begins on a line.
fn line_comment(line: &[u8]) -> Option<usize> {
    let mut quote = 0;
    let mut at = memchr::memmem::find(line, b"//").map(|_| 0)?;
    while at < line.len() {
        match line[at] {
            b'\\' => at += 1,
            b'/' if quote == 0 && line.get(at + 1) == Some(&b'/') => return Some(at),
            byte @ (b'"' | b'\'' | b'`') if quote == 0 => quote = byte,
            byte if byte == quote => quote = 0,
            _ => {}
        }
        at += 1;
    }
    None
}
