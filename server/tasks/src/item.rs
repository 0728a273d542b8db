//! What of a syntax tree is an item: something with a name that an edit can replace as a whole.

use autodao_syntax::tree_sitter::Node;
use autodao_syntax::{Language, OutlineKind, Span};

/// An item. Offsets are bytes of the text it was found in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Item {
    /// What it is. [`OutlineKind::Variant`] and [`OutlineKind::Field`] are no items: they belong to their type.
    pub kind: OutlineKind,
    /// The node kind of the node that has its name.
    pub node_kind: String,
    /// Its name as written; of an `impl`, its type; empty when it has none.
    pub name: String,
    /// Names from the outermost item to this one, as [`autodao_syntax::OutlineItem::path`] has them.
    pub symbol: String,
    /// All that goes with it: documentation, attributes and decorators before it, `export`, the `;` of a binding.
    pub whole: Span,
    /// The same without documentation and attributes.
    pub span: Span,
    /// The body, braces included.
    pub body: Option<Span>,
}

/// What kind of item a node is.
pub(crate) fn item_kind(node: Node<'_>, language: Language) -> Option<OutlineKind> {
    if !node.is_named() {
        return None;
    }
    if language == Language::Rust { rust_kind(node.kind()) } else { script_kind(node) }
}

fn rust_kind(kind: &str) -> Option<OutlineKind> {
    Some(match kind {
        "function_item" | "function_signature_item" => OutlineKind::Function,
        "struct_item" | "union_item" => OutlineKind::Struct,
        "enum_item" => OutlineKind::Enum,
        "trait_item" => OutlineKind::Interface,
        "impl_item" => OutlineKind::Impl,
        "mod_item" => OutlineKind::Module,
        "type_item" | "associated_type" => OutlineKind::Type,
        "const_item" | "static_item" => OutlineKind::Constant,
        "macro_definition" => OutlineKind::Macro,
        _ => return None,
    })
}

fn script_kind(node: Node<'_>) -> Option<OutlineKind> {
    Some(match node.kind() {
        "function_declaration" | "generator_function_declaration" | "function_signature" => {
            OutlineKind::Function
        }
        "method_definition" | "method_signature" | "abstract_method_signature" => OutlineKind::Method,
        "class_declaration" | "abstract_class_declaration" => OutlineKind::Class,
        "interface_declaration" => OutlineKind::Interface,
        "type_alias_declaration" => OutlineKind::Type,
        "enum_declaration" => OutlineKind::Enum,
        "internal_module" | "module" => OutlineKind::Module,
        "variable_declarator" | "public_field_definition" | "field_definition" => value_kind(node)?,
        _ => return None,
    })
}

/// A binding or field counts when a function or class is bound, or when it is a binding of the file.
fn value_kind(node: Node<'_>) -> Option<OutlineKind> {
    match node.child_by_field_name("value").map(|value| value.kind()) {
        Some("arrow_function" | "function_expression" | "generator_function") => {
            Some(if node.kind() == "variable_declarator" {
                OutlineKind::Function
            } else {
                OutlineKind::Method
            })
        }
        Some("class") => Some(OutlineKind::Class),
        _ => None,
    }
}

/// Whether items directly in it are its members, and functions among them methods.
pub(crate) fn is_type(kind: OutlineKind) -> bool {
    matches!(
        kind,
        OutlineKind::Struct
            | OutlineKind::Class
            | OutlineKind::Enum
            | OutlineKind::Interface
            | OutlineKind::Impl
    )
}

/// Whether it is made of items: what a task can be split along.
pub(crate) fn is_container(kind: OutlineKind) -> bool {
    matches!(kind, OutlineKind::Impl | OutlineKind::Module | OutlineKind::Class | OutlineKind::Interface)
}

/// Nodes around an item that go with it: `export`, `declare`, the statement of a binding.
pub(crate) fn is_wrapper(node: Node<'_>) -> bool {
    match node.kind() {
        "export_statement" | "ambient_declaration" => true,
        // Of several bindings each is an item, none has the statement.
        "lexical_declaration" | "variable_declaration" => node.named_child_count() == 1,
        "expression_statement" => node.child(0).is_some_and(|child| child.kind() == "internal_module"),
        _ => false,
    }
}

/// The node that holds an item's members or statements.
pub(crate) fn body_of<'t>(node: Node<'t>) -> Option<Node<'t>> {
    node.child_by_field_name("body")
        .or_else(|| node.child_by_field_name("value")?.child_by_field_name("body"))
}

/// An item's name and its part in symbol paths: an `impl Trait for Type` is `<Type as Trait>` in them.
pub(crate) fn names(node: Node<'_>, kind: OutlineKind, text: &str) -> (String, String) {
    let field = |name: &str| {
        let child = node.child_by_field_name(name)?;
        text.get(child.byte_range()).map(str::to_owned)
    };
    if kind == OutlineKind::Impl {
        let of = field("type").unwrap_or_default();
        let own = match field("trait") {
            Some(interface) => format!("<{of} as {interface}>"),
            None => of.clone(),
        };
        return (of, own);
    }
    let name = field("name").or_else(|| field("property")).unwrap_or_default();
    (name.clone(), name)
}

/// Whether a node before an item belongs to it: an attribute, a decorator, a documentation comment.
pub(crate) fn is_leading(node: Node<'_>, text: &str) -> bool {
    match node.kind() {
        "attribute_item" | "decorator" => true,
        _ => is_comment(node) && is_doc(text.get(node.byte_range()).unwrap_or("")),
    }
}

pub(crate) fn is_comment(node: Node<'_>) -> bool {
    matches!(node.kind(), "line_comment" | "block_comment" | "comment")
}

fn is_doc(comment: &str) -> bool {
    let triple = |prefix: &str, not: &str| comment.starts_with(prefix) && !comment.starts_with(not);
    triple("///", "////") || (triple("/**", "/***") && comment.len() > 4)
}
