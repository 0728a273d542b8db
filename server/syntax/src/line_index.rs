//! Where the lines of a text start, kept up to date edit by edit.

/// Byte offsets of the line starts of a text.
///
/// A line ends with `\n`, `\r\n` or a lone `\r`, as LSP 3.17 counts lines; U+2028 and U+2029 end none.
/// An edit costs the bytes it inserts plus one addition per following line; no other byte is read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    /// Ascending; the first is always 0.
    starts: Vec<u32>,
    /// How many of the breaks are a `\r` with no `\n`. tree-sitter counts rows by `\n` alone.
    lone_returns: u32,
}

impl LineIndex {
    /// Reads the whole text once.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let lone_returns = collect_starts(text.as_bytes(), 1, text.len(), &mut starts);
        Self { starts, lone_returns }
    }

    /// Number of lines, at least 1: a text that ends in a line break has an empty last line.
    pub fn count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The line (0-based) that holds the byte at `offset`.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset).saturating_sub(1) as u32
    }

    /// First byte of a line, or `None` past the last line.
    pub fn start(&self, line: u32) -> Option<u32> {
        self.starts.get(line as usize).copied()
    }

    /// Whether some line ends in a `\r` that no `\n` follows.
    pub fn has_lone_returns(&self) -> bool {
        self.lone_returns > 0
    }

    /// Brings the index up to date after bytes `start..old_end` of the text were replaced.
    ///
    /// `text` is the text *after* the edit, in which the new bytes are `start..new_end`.
    /// `old` is the replaced text with one byte of context on either side where there is one: whether a `\r`
    /// is a break of its own depends on its neighbour.
    pub(crate) fn edit(&mut self, text: &[u8], edit: Replaced, lone_returns_before: u32) {
        let Replaced { start, old_end, new_end } = edit;
        // A start s depends on the bytes s-1 and s: starts below `start` and above `old_end` keep their meaning.
        let first = self.starts.partition_point(|&s| s < start.max(1));
        let last = self.starts.partition_point(|&s| s <= old_end).max(first);
        let delta = i64::from(new_end) - i64::from(old_end);
        if delta != 0 {
            for s in &mut self.starts[last..] {
                *s = (i64::from(*s) + delta) as u32;
            }
        }
        let mut fresh = Vec::new();
        let lone = collect_starts(text, start.max(1) as usize, new_end as usize, &mut fresh);
        self.lone_returns = (self.lone_returns + lone).saturating_sub(lone_returns_before);
        if fresh.len() == last - first {
            self.starts[first..last].copy_from_slice(&fresh);
        } else {
            self.starts.splice(first..last, fresh);
        }
    }
}

/// The bounds of a replacement, in bytes: `start..old_end` before it, `start..new_end` after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Replaced {
    pub(crate) start: u32,
    pub(crate) old_end: u32,
    pub(crate) new_end: u32,
}

/// Appends the line starts in `first..=last` (each at least 1); returns how many follow a lone `\r`.
pub(crate) fn collect_starts(text: &[u8], first: usize, last: usize, starts: &mut Vec<u32>) -> u32 {
    let mut lone = 0;
    if first > last || first > text.len() {
        return 0;
    }
    let window = &text[first - 1..last.min(text.len())];
    for at in memchr::memchr2_iter(b'\n', b'\r', window) {
        let start = first + at;
        if text[start - 1] == b'\n' {
            starts.push(start as u32);
        } else if text.get(start) != Some(&b'\n') {
            starts.push(start as u32);
            lone += 1;
        }
    }
    lone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(text: &str) -> Vec<u32> {
        LineIndex::new(text).starts
    }

    #[test]
    fn every_kind_of_line_break_counts_once() {
        assert_eq!(starts(""), [0]);
        assert_eq!(starts("a"), [0]);
        assert_eq!(starts("a\n"), [0, 2]);
        assert_eq!(starts("a\r\nb\rc\n\nd"), [0, 3, 5, 7, 8]);
        assert_eq!(starts("\u{2028}\u{2029}x"), [0]);
        assert!(LineIndex::new("a\rb").has_lone_returns() && !LineIndex::new("a\r\nb").has_lone_returns());
    }

    #[test]
    fn line_of_an_offset() {
        let index = LineIndex::new("ab\r\nc");
        assert_eq!([0, 2, 3, 4, 5, 99].map(|o| index.line_of(o)), [0, 0, 0, 1, 1, 1]);
    }
}
