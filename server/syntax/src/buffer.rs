//! A text with its line index: what an edit changes and a snapshot shares.

use std::sync::Arc;

use tree_sitter::{InputEdit, Point};

use crate::Span;
use crate::line_index::{LineIndex, Replaced, collect_starts};

/// The largest text held, in bytes: 1 GiB, so that offsets fit `u32` with room to spare.
pub const MAX_TEXT_BYTES: usize = 1 << 30;

/// One version of a text: contiguous UTF-8, byte for byte as the editor sent it, and its line starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    text: String,
    lines: LineIndex,
}

impl Buffer {
    /// Takes a text. Line ends, a byte order mark and a missing last newline stay as they are.
    pub fn new(text: String) -> Self {
        let lines = LineIndex::new(&text);
        Self { text, lines }
    }

    /// A shared one, for where a snapshot is expected.
    pub fn shared(text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self::new(text.into()))
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its line starts.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }

    /// Number of bytes.
    pub fn len(&self) -> u32 {
        self.text.len() as u32
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text in a range, or `""` where the range is outside it or splits a character.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// The bytes of a line without its line break; `None` past the last line.
    pub fn line(&self, line: u32) -> Option<Span> {
        let start = self.lines.start(line)?;
        let end = self.lines.start(line + 1).unwrap_or(self.len());
        let content = self.slice(Span::new(start, end)).trim_end_matches(['\r', '\n']);
        Some(Span::new(start, start + content.len() as u32))
    }

    /// Replaces a range and says so in tree-sitter's terms. The range must lie on character bounds.
    pub(crate) fn replace(&mut self, span: Span, new: &str) -> InputEdit {
        let new_end = span.start + new.len() as u32;
        let start_position = self.point(span.start);
        let old_end_position = self.point(span.end);
        // Lone returns among the starts that the edit puts in doubt, counted before the text changes.
        let mut doubtful = Vec::new();
        let lone_before = collect_starts(
            self.text.as_bytes(),
            span.start.max(1) as usize,
            span.end as usize,
            &mut doubtful,
        );
        self.text.replace_range(span.range(), new);
        let replaced = Replaced { start: span.start, old_end: span.end, new_end };
        self.lines.edit(self.text.as_bytes(), replaced, lone_before);
        InputEdit {
            start_byte: span.start as usize,
            old_end_byte: span.end as usize,
            new_end_byte: new_end as usize,
            start_position,
            old_end_position,
            new_end_position: self.point(new_end),
        }
    }

    /// tree-sitter's point: a row counted by `\n` alone, a column in bytes.
    fn point(&self, offset: u32) -> Point {
        if self.lines.has_lone_returns() {
            let before = &self.text.as_bytes()[..offset as usize];
            let row = memchr::memchr_iter(b'\n', before).count();
            let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
            return Point { row, column: offset as usize - start };
        }
        let row = self.lines.line_of(offset);
        let start = self.lines.start(row).unwrap_or(0);
        Point { row: row as usize, column: (offset - start) as usize }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_leaves_its_break_out() {
        let buffer = Buffer::new("ab\r\n\rc".into());
        let line = |n| buffer.line(n).map(|span| buffer.slice(span));
        assert_eq!([line(0), line(1), line(2), line(3)], [Some("ab"), Some(""), Some("c"), None]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn an_edited_index_equals_a_fresh_one(
            text in "[a\n\ré😀]{0,24}",
            edits in prop::collection::vec((0usize..30, 0usize..6, "[b\n\ré]{0,4}"), 1..8),
        ) {
            let mut buffer = Buffer::new(text);
            for (at, len, new) in edits {
                let bounds: Vec<u32> = buffer.text.char_indices().map(|(i, _)| i as u32).chain([buffer.len()]).collect();
                let start = bounds[at.min(bounds.len() - 1)];
                let end = bounds[(at + len).min(bounds.len() - 1)].max(start);
                let edit = buffer.replace(Span::new(start, end), &new);
                prop_assert_eq!(&buffer.lines, &LineIndex::new(&buffer.text));
                let before = &buffer.text[..edit.new_end_byte];
                let row = before.matches('\n').count();
                prop_assert_eq!(edit.new_end_position, Point { row, column: before.len() - before.rfind('\n').map_or(0, |i| i + 1) });
            }
        }
    }
}
