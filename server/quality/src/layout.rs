//! How code stands on its lines: what fixes that remove or move lines need to know.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use crate::search::{Outcome, Step};
use crate::visit::Visit;

/// A statement with its line, when nothing else is on it; else the statement alone.
pub(crate) fn line_of(visit: &Visit<'_, '_>, span: Span) -> Span {
    match (visit.margin(span.start), visit.line_break(span.end)) {
        (Some(margin), line_break @ 1..) => {
            Span::new(span.start - margin.len() as u32, span.end + line_break)
        }
        _ => span,
    }
}

/// Where a script's block ends. Its node may reach further: to a semicolon that is not written.
pub(crate) fn block_end(block: Node<'_>) -> u32 {
    let brace = block.children(&mut block.walk()).filter(|child| child.kind() == "}").last();
    brace.map_or(block.end_byte(), |brace| brace.end_byte()) as u32
}

/// The line break at an offset, empty when something else is there.
pub(crate) fn line_break_at(visit: &Visit<'_, '_>, offset: u32) -> &'static str {
    visit.line_break_text(offset)
}

/// The blanks before a node that is the first on its line; `None` when something else stands before it: that may
/// belong to another item.
pub(crate) fn indent<'t>(visit: &Visit<'t, '_>, node: Node<'_>) -> Option<&'t str> {
    visit.margin(node.start_byte() as u32)
}

/// A text of lines, each but the first moved out by what `from` is indented more than `to`. `None` when a line is
/// indented less than that, or when the node it is of holds a literal or a comment of several lines: moving its
/// lines would change what it says.
pub(crate) fn outdented(
    visit: &Visit<'_, '_>,
    text: &str,
    from: &str,
    to: &str,
    node: Node<'_>,
) -> Option<String> {
    let extra = from.strip_prefix(to)?;
    let mut moved = String::with_capacity(text.len());
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index == 0 || line.trim().is_empty() {
            moved.push_str(line);
        } else {
            moved.push_str(to);
            moved.push_str(line.strip_prefix(to)?.strip_prefix(extra)?);
        }
    }
    (!has_multiline_literal(visit, node)).then_some(moved)
}

fn has_multiline_literal(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    let outcome = visit.search(node, |at| {
        let is_text = matches!(
            at.kind(),
            "string_literal"
                | "raw_string_literal"
                | "template_string"
                | "string"
                | "block_comment"
                | "comment"
                | "jsx_text"
        );
        if is_text && at.start_position().row != at.end_position().row { Step::Stop } else { Step::Into }
    });
    outcome != Outcome::Nowhere
}
