//! One way through a part of a tree, without recursion.

use autodao_syntax::Span;
use autodao_syntax::tree_sitter::Node;

/// A node on the way from the root, with the field it fills in its parent.
#[derive(Clone, Copy)]
pub(crate) struct Step<'t> {
    pub(crate) node: Node<'t>,
    pub(crate) kind: &'t str,
    pub(crate) field: Option<&'t str>,
}

/// Visits the nodes that share a byte with `region`, outer before inner. The visitor gets the way from the root,
/// the node itself last, and says whether to go into it.
pub(crate) fn preorder<'t>(root: Node<'t>, region: Span, mut visit: impl FnMut(&[Step<'t>]) -> bool) {
    let mut cursor = root.walk();
    let mut way: Vec<Step<'t>> = Vec::new();
    loop {
        let node = cursor.node();
        let here = Span::of(node);
        if here.overlaps(region) || (here.is_empty() && region.contains(here)) {
            way.push(Step { node, kind: node.kind(), field: cursor.field_name() });
            if visit(&way) && cursor.goto_first_child_for_byte(region.start as usize).is_some() {
                continue;
            }
            way.pop();
        }
        loop {
            let past = cursor.node().start_byte() >= region.end as usize;
            if !past && cursor.goto_next_sibling() {
                break;
            }
            if !cursor.goto_parent() {
                return;
            }
            way.pop();
        }
    }
}

/// Where the ERROR and MISSING nodes of a tree are, with their kind.
pub(crate) fn errors<'t>(root: Node<'t>) -> Vec<(Span, &'t str)> {
    let mut found = Vec::new();
    if !root.has_error() {
        return found;
    }
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            found.push((Span::of(node), if node.is_missing() { node.kind() } else { "ERROR" }));
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return found;
            }
        }
    }
}

/// Whether a node of this kind is a comment.
pub(crate) fn is_comment(kind: &str) -> bool {
    matches!(kind, "comment" | "line_comment" | "block_comment")
}

/// Whether a node of this kind stands before an item and says something about it.
pub(crate) fn is_attribute(kind: &str) -> bool {
    matches!(kind, "attribute_item" | "decorator")
}

/// The range without blanks at its ends.
pub(crate) fn trimmed(text: &str, span: Span) -> Span {
    let content = text.get(span.range()).unwrap_or("");
    let start = span.start + (content.len() - content.trim_start().len()) as u32;
    Span::new(start, start + content.trim().len() as u32)
}

/// What stands around a range.
pub(crate) struct Place<'t> {
    /// The kinds of the nodes around it, the root first; none has exactly that range except the root.
    pub(crate) chain: Vec<&'t str>,
    /// The outermost nodes in it, or across its border.
    pub(crate) nodes: Vec<Node<'t>>,
    /// Whether one of them reaches out of the range.
    pub(crate) crosses: bool,
}

/// A node's range; a comment of Rust's that says something about an item has its line's end in it, which is left
/// out.
fn extent(node: Node<'_>, text: &str) -> Span {
    let span = Span::of(node);
    if is_comment(node.kind()) { trimmed(text, span) } else { span }
}

/// Finds what stands around a range that is not empty.
pub(crate) fn place<'t>(root: Node<'t>, text: &str, region: Span) -> Place<'t> {
    let mut cursor = root.walk();
    let mut chain = Vec::new();
    loop {
        chain.push(cursor.node().kind());
        if cursor.goto_first_child_for_byte(region.start as usize).is_none() {
            return Place { chain, nodes: vec![cursor.node()], crosses: true };
        }
        let span = extent(cursor.node(), text);
        if span == region {
            return Place { chain, nodes: vec![cursor.node()], crosses: false };
        }
        if !span.contains(region) {
            break;
        }
    }
    let mut nodes = Vec::new();
    let mut crosses = false;
    loop {
        let span = extent(cursor.node(), text);
        if span.start >= region.end {
            break;
        }
        if span.overlaps(region) {
            crosses |= !region.contains(span);
            nodes.push(cursor.node());
        }
        if !cursor.goto_next_sibling() {
            break;
        }
    }
    Place { chain, nodes, crosses }
}
