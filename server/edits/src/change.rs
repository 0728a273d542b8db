//! A text before and after some edits, both with their trees.

use autodao_quality::TextEdit;
use autodao_syntax::tree_sitter::{InputEdit, Point};
use autodao_syntax::{Buffer, Span, SyntaxParser, SyntaxTree};

use crate::diff::{apply, edits_between, growth};
use crate::site::Site;
use crate::walk::trimmed;

/// Edits of a site's text and what they make of it.
pub(crate) struct Change {
    /// Ascending, in bytes of the text before.
    pub(crate) edits: Vec<TextEdit>,
    /// The text after.
    pub(crate) buffer: Buffer,
    /// Its tree.
    pub(crate) tree: SyntaxTree,
    /// What may have changed, in the text before, without blanks at its ends.
    pub(crate) before: Span,
    /// The same in the text after.
    pub(crate) after: Span,
    /// The edits in tree-sitter's terms, the last one of the text first: so each holds when its turn comes.
    pub(crate) inputs: Vec<InputEdit>,
}

impl Change {
    /// Replaces a part of the site's text. `None` where it does not lie in the text.
    pub(crate) fn replace(parser: &mut SyntaxParser, site: &Site, span: Span, new: &str) -> Option<Self> {
        let old = site.buffer().text().get(span.range())?;
        Self::new(parser, site, span, edits_between(old, new, span.start))
    }

    /// Applies edits that lie in `span`.
    pub(crate) fn new(
        parser: &mut SyntaxParser,
        site: &Site,
        span: Span,
        edits: Vec<TextEdit>,
    ) -> Option<Self> {
        let old = site.buffer();
        let text = apply(old.text(), &edits)?;
        if text.len() > autodao_syntax::MAX_TEXT_BYTES {
            return None;
        }
        let inputs: Vec<_> = edits.iter().rev().map(|edit| input(old, edit)).collect();
        let mut tree = site.tree().clone();
        for input in &inputs {
            tree.edit(input);
        }
        let tree =
            parser.parse(site.language(), &text, Some(&tree), &mut || std::ops::ControlFlow::Continue(()))?;
        let after = Span::new(span.start, Span::at(span.end).moved(growth(&edits)).start);
        let after = trimmed(&text, after);
        let before = trimmed(old.text(), span);
        Some(Self { edits, buffer: Buffer::new(text), tree, before, after, inputs })
    }

    /// The text after.
    pub(crate) fn text(&self) -> &str {
        self.buffer.text()
    }

    /// The new text of what may have changed.
    pub(crate) fn new_text(&self) -> &str {
        self.buffer.slice(self.after)
    }

    /// The edits that take it back, in tree-sitter's terms, in the order they hold.
    pub(crate) fn inverse_inputs(&self) -> Vec<InputEdit> {
        let back = |input: &InputEdit| InputEdit {
            start_byte: input.start_byte,
            old_end_byte: input.new_end_byte,
            new_end_byte: input.old_end_byte,
            start_position: input.start_position,
            old_end_position: input.new_end_position,
            new_end_position: input.old_end_position,
        };
        self.inputs.iter().rev().map(back).collect()
    }
}

/// An edit in tree-sitter's terms, at its place in the text before.
fn input(buffer: &Buffer, edit: &TextEdit) -> InputEdit {
    let start_position = point(buffer, edit.span.start);
    let inserted = edit.text.as_bytes();
    let rows = memchr::memchr_iter(b'\n', inserted).count();
    let column = match memchr::memrchr(b'\n', inserted) {
        Some(at) => inserted.len() - at - 1,
        None => start_position.column + inserted.len(),
    };
    InputEdit {
        start_byte: edit.span.start as usize,
        old_end_byte: edit.span.end as usize,
        new_end_byte: edit.span.start as usize + inserted.len(),
        start_position,
        old_end_position: point(buffer, edit.span.end),
        new_end_position: Point { row: start_position.row + rows, column },
    }
}

/// tree-sitter's point: rows counted by `\n` alone, columns in bytes.
fn point(buffer: &Buffer, offset: u32) -> Point {
    if buffer.lines().has_lone_returns() {
        let before = &buffer.text().as_bytes()[..offset as usize];
        let row = memchr::memchr_iter(b'\n', before).count();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        return Point { row, column: offset as usize - start };
    }
    let row = buffer.lines().line_of(offset);
    let start = buffer.lines().start(row).unwrap_or(0);
    Point { row: row as usize, column: (offset - start) as usize }
}
