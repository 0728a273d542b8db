//! How code stands on its lines: what fixes that write, move or remove lines need to know.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

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

/// [`line_of`] for what stands in the text of a whole file: its lines, if nothing else is on them.
pub(crate) fn lines_of(text: &str, span: Span) -> Option<Span> {
    let before = text.get(..span.start as usize)?.trim_end_matches([' ', '\t']);
    let behind = text.get(span.end as usize..)?.trim_start_matches([' ', '\t']);
    let line_break =
        if behind.starts_with("\r\n") { 2 } else { usize::from(behind.starts_with(['\n', '\r'])) };
    let starts_line = before.is_empty() || before.ends_with(['\n', '\r']);
    let end = (text.len() - behind.len() + line_break) as u32;
    (starts_line && line_break > 0).then(|| Span::new(before.len() as u32, end))
}

/// Where a script's block ends. Its node may reach further: to a semicolon that is not written.
pub(crate) fn block_end(block: Node<'_>) -> u32 {
    let brace = block.children(&mut block.walk()).filter(|child| child.kind() == "}").last();
    brace.map_or(block.end_byte(), |brace| brace.end_byte()) as u32
}

/// The blanks at the start of the line a node starts on, as far as its item tells: `""` when another item begins
/// the line.
pub(crate) fn line_indent<'t>(visit: &Visit<'t, '_>, node: Node<'_>) -> &'t str {
    let before = visit.slice(Span::new(0, node.start_byte() as u32));
    let Some(at) = before.rfind(['\n', '\r']) else { return visit.item_margin().unwrap_or("") };
    let line = &before[at + 1..];
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

/// Whether a node is the first on its line.
pub(crate) fn starts_line(visit: &Visit<'_, '_>, node: Node<'_>) -> bool {
    visit.margin(node.start_byte() as u32).is_some()
}

/// The line break of a text: the first it has.
pub(crate) fn line_break(text: &str) -> &'static str {
    match text.find(['\n', '\r']).map(|at| &text.as_bytes()[at..]) {
        Some([b'\r', b'\n', ..]) => "\r\n",
        Some([b'\r', ..]) => "\r",
        _ => "\n",
    }
}

/// A text whose lines, but for the first, are moved from one indentation to another that is a part of it. `None`
/// when a line is indented less than that: a template string or a raw string starts at its margin.
pub(crate) fn reindented(text: &str, from: &str, to: &str) -> Option<String> {
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
    Some(moved)
}

/// [`reindented`], for the lines of a node. `None` also when it holds a text of several lines.
pub(crate) fn outdented(text: &str, from: &str, to: &str, node: Node<'_>) -> Option<String> {
    reindented(text, from, to).filter(|_| !has_multiline_literal(node))
}

/// Whether a node holds a text of several lines: moving its lines would change what it says.
pub(crate) fn has_multiline_literal(node: Node<'_>) -> bool {
    any_in(node, |at| {
        matches!(
            at.kind(),
            "string_literal"
                | "raw_string_literal"
                | "string"
                | "template_string"
                | "block_comment"
                | "comment"
                | "jsx_text"
        ) && at.start_position().row != at.end_position().row
    })
}

/// Whether a node holds a comment.
pub(crate) fn has_comment(node: Node<'_>) -> bool {
    any_in(node, |at| matches!(at.kind(), "comment" | "line_comment" | "block_comment" | "html_comment"))
}

/// Whether a node or one in it is as asked for. A walk of all of it: for what was found, not for looking.
pub(crate) fn any_in(node: Node<'_>, mut is: impl FnMut(Node<'_>) -> bool) -> bool {
    let mut cursor = node.walk();
    loop {
        if is(cursor.node()) {
            return true;
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return false;
            }
        }
    }
}

/// Whether two texts are the same but for the indentation of their lines.
pub(crate) fn same_lines(a: &str, b: &str) -> bool {
    a.as_bytes().first() == b.as_bytes().first()
        && (a == b || a.lines().map(str::trim).eq(b.lines().map(str::trim)))
}
