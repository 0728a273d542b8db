//! How deep a parser that recurses may have to go for a text.

use autodao_syntax::tree_sitter::{Node, Tree};

/// A bound for the nesting of a text, from its tree.
///
/// Where the tree is whole it is the tree's depth: lists and chains included, as others may read them with one
/// level each. An error holds what was open when it came, without nesting: each of its parts counts, and each
/// byte that was not even a token.
pub(crate) fn of(tree: &Tree) -> usize {
    let mut cursor = tree.walk();
    let mut weights = vec![weight(cursor.node())];
    let (mut sum, mut deepest) = (weights[0], weights[0]);
    loop {
        if cursor.goto_first_child() {
            let weight = weight(cursor.node());
            sum += weight;
            weights.push(weight);
            deepest = deepest.max(sum);
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return deepest;
            }
            sum -= weights.pop().unwrap_or(0);
        }
        let weight = weight(cursor.node());
        sum += weight;
        if let Some(last) = weights.last_mut() {
            sum -= std::mem::replace(last, weight);
        }
        deepest = deepest.max(sum);
    }
}

fn weight(node: Node<'_>) -> usize {
    if !node.is_error() {
        return 1;
    }
    let mut cursor = node.walk();
    let (mut open, mut at) = (0, node.start_byte());
    let mut more = cursor.goto_first_child();
    while more {
        let child = cursor.node();
        let kind = child.kind();
        // A whole statement is not open.
        let whole = kind.ends_with("_statement") || kind.ends_with("_declaration") || kind.ends_with("_item");
        open += usize::from(!whole && !child.is_extra());
        at = child.end_byte();
        more = cursor.goto_next_sibling();
    }
    if open == 0 && at == node.start_byte() { 1 + node.end_byte() - at } else { 1 + open }
}
