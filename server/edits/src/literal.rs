//! Lines that begin inside a literal or a comment: what an indentation must not touch.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

use crate::walk::{is_comment, preorder};

/// What a line begins in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LineKind {
    /// Code: its indentation is layout.
    Code,
    /// A string or template literal: its blanks are content.
    Literal,
    /// A block comment that began so many lines above.
    Comment(usize),
}

/// Whether a node of this kind is a literal that can span lines.
pub(crate) fn is_literal(kind: &str) -> bool {
    matches!(kind, "string_literal" | "raw_string_literal" | "template_string" | "string" | "regex")
}

/// The kind of each line of a region, counted by `\n` from the region's start.
pub(crate) fn line_kinds(root: Node<'_>, text: &str, region: Span) -> Vec<LineKind> {
    let content = text.get(region.range()).unwrap_or("");
    let breaks: Vec<u32> =
        memchr::memchr_iter(b'\n', content.as_bytes()).map(|at| region.start + at as u32).collect();
    let mut kinds = vec![LineKind::Code; breaks.len() + 1];
    // The line of an offset in the region, the first line being 0.
    let line_of = |offset: u32| breaks.partition_point(|at| *at < offset);
    preorder(root, region, |way| {
        let Some(step) = way.last() else { return false };
        let span = Span::of(step.node);
        let (first, last) = (line_of(span.start), line_of(span.end));
        if first == last {
            return false;
        }
        let literal = is_literal(step.kind);
        if !literal && !is_comment(step.kind) {
            return true;
        }
        // A line comment of Rust's ends behind its line break.
        let ends_with_break = text.as_bytes().get((span.end as usize).wrapping_sub(1)) == Some(&b'\n');
        let last = if ends_with_break { last.saturating_sub(1) } else { last };
        for (line, kind) in kinds.iter_mut().enumerate().take(last + 1).skip(first + 1) {
            *kind = if literal { LineKind::Literal } else { LineKind::Comment(line - first) };
        }
        false
    });
    kinds
}

/// The literals of a region that span lines, as text.
pub(crate) fn multi_line_literals<'t>(root: Node<'_>, text: &'t str, region: Span) -> Vec<(Span, &'t str)> {
    let mut literals = Vec::new();
    preorder(root, region, |way| {
        let Some(step) = way.last() else { return false };
        let span = Span::of(step.node);
        let Some(content) = text.get(span.range()).filter(|content| content.contains('\n')) else {
            return false;
        };
        if is_literal(step.kind) && region.contains(span) {
            literals.push((span, content));
            return false;
        }
        true
    });
    literals
}
