//! How a file falls into units: which nodes are items, and which hold others.

use autodao_syntax::Language;
use autodao_syntax::tree_sitter::{Node, TreeCursor};

use crate::kinds::{Kind, Kinds};
use crate::unit::{Attributes, Context};
use crate::visit::{is_inert_attribute, is_test_attribute};

/// Moves a cursor from a container to its first member. Returns how many levels down that is, or `None`, with
/// the cursor where it was, when the node holds no members and is a unit as a whole.
pub(crate) fn enter_members(cursor: &mut TreeCursor<'_>, kinds: &Kinds) -> Option<u32> {
    let node = cursor.node();
    let kind = kinds.get(node);
    if is_transparent(node) {
        return cursor.goto_first_child().then_some(1);
    }
    if !kind.is(Kind::CONTAINER) || !cursor.goto_first_child() {
        return None;
    }
    loop {
        let child = cursor.node();
        let is_body =
            kinds.get(child).is(Kind::BODY) || (kind.is(Kind::MODULE) && child.kind() == "statement_block");
        if is_body && cursor.goto_first_child() {
            return Some(2);
        }
        if !cursor.goto_next_sibling() {
            cursor.goto_parent();
            return None;
        }
    }
}

/// Whether a child of a container is what its members are in.
pub(crate) fn is_body(kinds: &Kinds, container: Node<'_>, child: Node<'_>) -> bool {
    kinds.get(child).is(Kind::BODY)
        || (kinds.get(container).is(Kind::MODULE) && child.kind() == "statement_block")
}

/// Whether a node's children are themselves the members.
pub(crate) fn is_transparent(node: Node<'_>) -> bool {
    node.is_error()
        || match node.kind() {
            "export_statement" | "ambient_declaration" => true,
            "expression_statement" => node.child(0).is_some_and(|child| child.kind() == "internal_module"),
            _ => false,
        }
}

/// Whether a container's head, without its members, has an error.
pub(crate) fn is_head_broken(node: Node<'_>, kinds: &Kinds) -> bool {
    if node.is_error() || !node.has_error() {
        return node.is_error();
    }
    // A token that is missing among the members, the closing brace for one, is in none of them.
    let lacks_token =
        |body: Node<'_>| body.children(&mut body.walk()).any(|child| child.is_missing() && !child.is_named());
    if is_transparent(node) {
        return lacks_token(node);
    }
    node.children(&mut node.walk())
        .any(|child| child.has_error() && (!is_body(kinds, node, child) || lacks_token(child)))
}

/// Whether a child of a container is a unit. Punctuation is not; nor are the fragments in an ERROR node that are
/// no items by themselves.
pub(crate) fn is_unit(node: Node<'_>, in_error: bool) -> bool {
    node.is_named()
        && (!in_error || {
            let kind = node.kind();
            ["_item", "_declaration", "_statement", "_definition", "comment"]
                .iter()
                .any(|end| kind.ends_with(end))
                || node.is_error()
        })
}

/// The context a container gives its members.
pub(crate) fn member_context(node: Node<'_>, own: Context) -> Context {
    let own = Context { conditional: false, ..own };
    match node.kind() {
        "mod_item" | "internal_module" | "module" => Context { in_module: true, ..own },
        "impl_item" => Context { implements_trait: node.child_by_field_name("trait").is_some(), ..own },
        "export_statement" => Context { exported: true, ..own },
        _ => own,
    }
}

/// What an attribute gives the item after it.
pub(crate) fn attributes_of(node: Node<'_>, text: &str, language: Language) -> Attributes {
    if language != Language::Rust || node.kind() != "attribute_item" {
        return Attributes::default();
    }
    let attribute = text.get(node.byte_range()).unwrap_or("");
    Attributes { test: is_test_attribute(attribute), conditional: !is_inert_attribute(attribute) }
}
